"""Golden values for random forests, by scikit-learn's RandomForestClassifier: means over many forests.

    /usr/bin/python3 random_forest.py > random_forest.json
Made with scikit-learn 1.2.1, NumPy 1.24, Python 3.11 (Debian's python3-sklearn).

The two programs draw different samples and features, so that single forests differ; their means over chance must not.
Some of the bits are rarely 1: within a node they are constant, which tests how features are drawn.
"""

import json
import sys

import numpy as np
from sklearn.ensemble import RandomForestClassifier

FORESTS, TREES = 400, 10
rng = np.random.default_rng(3)
share = np.r_[[0.5] * 6, [0.04] * 10]


def draw(n):
    x = (rng.uniform(size=(n, 16)) < share).astype(int)
    return x, ((x[:, 0] + x[:, 1] + x[:, 2] >= 2) ^ (rng.uniform(size=n) < 0.15)).astype(int)


x, y = draw(120)
xt, yt = draw(150)


def case(bootstrap, max_features, max_leaf_nodes):
    losses, leaves = [], []
    for state in range(FORESTS):
        forest = RandomForestClassifier(TREES, bootstrap=bootstrap, max_features=max_features,
                                        max_leaf_nodes=max_leaf_nodes, random_state=state).fit(x, y)
        losses.append(((forest.predict_proba(xt) - np.eye(2)[yt]) ** 2).mean())
        leaves.append(np.mean([tree.get_n_leaves() for tree in forest.estimators_]))
    summary = lambda values: {"mean": float(np.mean(values)), "deviation": float(np.std(values, ddof=1))}
    return {"bootstrap": bootstrap, "featuresPerSplit": max_features or "all", "maxLeaves": max_leaf_nodes,
            "testLoss": summary(losses), "leavesPerTree": summary(leaves)}


json.dump({"forests": FORESTS, "trees": TREES, "dimensions": 16, "x": x.ravel().tolist(), "y": y.tolist(),
           "xt": xt.ravel().tolist(), "yt": yt.tolist(),
           "cases": [case(False, "sqrt", None), case(True, "sqrt", None), case(False, 1, None), case(True, None, None),
                     case(False, "sqrt", 12)]}, sys.stdout)
