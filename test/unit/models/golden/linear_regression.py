"""Golden values for linear regression with decoy features: gradient descent in NumPy, torch.optim.SGD with autograd.

    python3 linear_regression.py > linear_regression.json
Made with torch 1.13, NumPy 1.24, Python 3.11.
"""

import json
import sys

import numpy as np
import torch

NOISE, PRIOR, SLOPE = 0.002, 0.5, 0.3


def features(x):
    return np.stack([x, x**2, x**3, np.sin(100 * x)], axis=1)


def numpy_descent(x, start, rate, steps):
    """The objective's gradient written out: 2 Phi^T (Phi w - y) / (noise n) + 2 w / (prior n)."""
    design, y, w, n = features(x), SLOPE * x, np.array(start), len(x)
    rows = []
    for step in range(max(steps) + 1):
        if step in steps:
            residual = design @ w - y
            rows.append({"effort": step, "weights": w.tolist(), "dataFit": float(residual @ residual / NOISE / n),
                         "complexity": float(w @ w / PRIOR / n)})
        w = w - rate * (2 * design.T @ (design @ w - y) / NOISE + 2 * w / PRIOR) / n
    return rows


def torch_descent(x, start, rate, momentum, weight_decay, steps):
    design, y, n = torch.tensor(features(x)), torch.tensor(SLOPE * x), len(x)
    w = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=rate, momentum=momentum, weight_decay=weight_decay)
    for _ in range(steps):
        optimizer.zero_grad()
        (((design @ w - y) ** 2).sum() / NOISE / n + (w**2).sum() / PRIOR / n).backward()
        optimizer.step()
    return w.tolist()


x = np.random.default_rng(7).uniform(-0.5, 0.5, 2)
start = [5e-4, 0.9, 0.9, 0.9]
design = features(x)
json.dump({
    "x": x.tolist(),
    "trajectory": numpy_descent(x, start, 1e-3, [0, 1, 2, 10, 100, 1000]),
    "sgd": {"learningRate": 5e-4, "momentum": 0.9, "weightDecay": 0.02, "steps": 25,
            "weights": torch_descent(x, start, 5e-4, 0.9, 0.02, 25)},
    "minimum": np.linalg.lstsq(
        np.vstack([design / np.sqrt(NOISE), np.eye(4) / np.sqrt(PRIOR)]),
        np.concatenate([SLOPE * x / np.sqrt(NOISE), np.zeros(4)]), rcond=None)[0].tolist(),
}, sys.stdout)
