"""Golden values for decision trees, by scikit-learn's DecisionTreeClassifier and DecisionTreeRegressor.

    /usr/bin/python3 decision_tree.py > decision_tree.json
Made with scikit-learn 1.2.1, NumPy 1.24, Python 3.11 (Debian's python3-sklearn).

Inputs and regression targets are whole numbers, exact in scikit-learn's float32, and sums of them are exact. A tree goes
into the file only where twenty random states give the same one: scikit-learn breaks ties between features at random.
Nodes are listed in preorder, the left child first; the feature is -1 in a leaf.
"""

import json
import sys

import numpy as np
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor


def nodes(tree, is_classifier):
    t, listed = tree.tree_, {"features": [], "thresholds": [], "sizes": [], "values": []}

    def visit(i):
        is_leaf = t.feature[i] < 0
        value = t.value[i, 0] if is_classifier else t.value[i, :, 0]
        listed["features"].append(-1 if is_leaf else int(t.feature[i]))
        listed["thresholds"].append(None if is_leaf else float(t.threshold[i]))
        listed["sizes"].append(int(t.n_node_samples[i]))
        listed["values"].append((value / value.sum() if is_classifier else value).tolist())
        if not is_leaf:
            visit(t.children_left[i])
            visit(t.children_right[i])

    visit(0)
    return listed


def grown(x, y, xt, max_leaf_nodes):
    """The tree, or None where chance decides what it is."""
    is_classifier = y.ndim == 1
    kind = DecisionTreeClassifier if is_classifier else DecisionTreeRegressor
    trees = [kind(max_leaf_nodes=max_leaf_nodes, random_state=state).fit(x, y) for state in range(20)]
    listed = [nodes(tree, is_classifier) for tree in trees]
    if any(one != listed[0] for one in listed):
        return None
    predict = trees[0].predict_proba if is_classifier else trees[0].predict
    return {"maxLeaves": max_leaf_nodes, **listed[0],
            "predictions": predict(xt).reshape(len(xt), -1).ravel().tolist()}


def case(name, leaves, draw):
    """The first seed whose trees do not depend on chance. draw: rng -> x, y, xt[, the examples that the tree is given]."""
    for seed in range(1000):
        rng = np.random.default_rng(seed)
        x, y, xt, *sample = draw(rng)
        examples = sample[0] if sample else np.arange(len(x))
        trees = [grown(x[examples], y[examples], xt, most) for most in leaves]
        if all(tree is not None for tree in trees):
            return {"name": name, "n": len(x), "dimensions": x.shape[1], "x": x.ravel().tolist(),
                    "xt": xt.ravel().tolist(), "outputs": int(y.max()) + 1 if y.ndim == 1 else y.shape[1],
                    "labels": y.tolist() if y.ndim == 1 else None,
                    "targets": None if y.ndim == 1 else y.ravel().tolist(),
                    "examples": examples.tolist(), "trees": trees}
    raise SystemExit(f"{name}: chance decides")


def numbers(rng, n, d):
    return np.round(1000 * rng.normal(size=(n, d))).astype(int)


def noisy_classes(rng):
    x = numbers(rng, 150, 4)
    score = x[:, 0] + 0.7 * x[:, 1] + 500 * rng.normal(size=150)
    return x, np.digitize(score, [-600, 500]), numbers(rng, 40, 4)


def bootstrap_sample(rng):
    return *noisy_classes(rng), rng.integers(0, 150, size=150)


def checkerboard(rng):
    x = rng.integers(-2000, 2000, size=(150, 3))
    return x, (x[:, 0] // 1000 + x[:, 1] // 1000) % 2, rng.integers(-2000, 2000, size=(40, 3))


def bits(rng):
    x = rng.integers(0, 2, size=(200, 12))
    y = (x[:, 2] + x[:, 5] + x[:, 9] >= 2) ^ (rng.uniform(size=200) < 0.1)
    return x, y.astype(int), rng.integers(0, 2, size=(40, 12))


def two_targets(rng):
    x = numbers(rng, 90, 3)
    y = np.stack([x[:, 0] + 0.5 * x[:, 2], abs(x[:, 1])], axis=1) + 200 * rng.normal(size=(90, 2))
    return x, np.round(y).astype(int), numbers(rng, 40, 3)


def one_feature(rng):
    return numbers(rng, 70, 1), rng.integers(0, 3, size=70), numbers(rng, 40, 1)


def one_feature_regression(rng):
    return numbers(rng, 50, 1), rng.integers(-9, 9, size=(50, 1)), numbers(rng, 40, 1)


json.dump([
    case("three noisy classes", [2, 3, 6, 12], noisy_classes),
    case("a bootstrap sample", [2, 5, 8], bootstrap_sample),
    case("a checkerboard, unbounded", [2, 6, None], checkerboard),
    case("one feature, unbounded", [4, None], one_feature),
    case("bits", [2, 5, 12], bits),
    case("regression of two targets", [2, 7, 12], two_targets),
    case("regression on one feature, unbounded", [5, None], one_feature_regression),
], sys.stdout)
