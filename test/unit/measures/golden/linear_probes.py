"""Ridge classifier with a centred intercept, in NumPy float64, by the normal equations: prints JSON.
Inputs are a formula, so that the test can make the same ones. As `sklearn.linear_model.Ridge(alpha)` on one-hot classes.

    python3 linear_probes.py > linear_probes.json
"""
import json

import numpy as np

cases = []
for n, m, width, classes in [(30, 40, 5, 3), (12, 40, 20, 4)]:
    x = np.array([np.sin(1.7 * i + 0.3 * (i % 11) ** 2) for i in range(n * width)]).reshape(n, width)
    z = np.array([np.cos(0.9 * i + 0.2 * (i % 7) ** 2) for i in range(m * width)]).reshape(m, width)
    labels = np.array([(i * i + i // 3) % classes for i in range(n)])
    y = np.eye(classes)[labels]
    mean, offset = x.mean(0), y.mean(0)
    xc = x - mean
    alpha = 1e-3 * (xc**2).sum() / n
    w = np.linalg.solve(xc.T @ xc + alpha * np.eye(width), xc.T @ (y - offset))
    scores = (z - mean) @ w + offset
    gap = np.sort(scores, 1)
    assert (gap[:, -1] - gap[:, -2]).min() > 1e-6
    cases.append({"n": n, "m": m, "width": width, "classes": classes, "answers": scores.argmax(1).tolist()})
print(json.dumps(cases))
