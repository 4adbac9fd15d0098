"""Golden values for the ridge path, by scikit-learn's Ridge (Cholesky for the well-posed points, SVD for the weak end).

    python3 ridge_path.py > ridge_path.json
Made with scikit-learn 1.2, NumPy 1.24, Python 3.11.
"""

import json
import sys

import numpy as np
from sklearn.linear_model import LinearRegression, Ridge

rng = np.random.default_rng(21)


def case(n, m, p):
    mix = rng.normal(size=(p, p))
    x, y = rng.normal(size=(n, p)) @ mix + 3, rng.normal(size=(n, 2)) - 1
    xt, yt = rng.normal(size=(m, p)) @ mix + 3, rng.normal(size=(m, 2)) - 1
    mse = lambda a, b: float(((a - b) ** 2).mean())
    squares = np.linalg.svd(x - x.mean(0), compute_uv=False) ** 2
    points = []
    for effort in (0, 2, 5, 9):
        penalty = 100.0 * 10 ** (-effort / 2)
        model = Ridge(alpha=penalty, solver="svd").fit(x, y)
        points.append({"effort": effort, "penalty": penalty, "trainLoss": mse(model.predict(x), y),
                       "testLoss": mse(model.predict(xt), yt), "weightNorm": float(np.linalg.norm(model.coef_)),
                       "degreesOfFreedom": float((squares / (squares + penalty)).sum())})
    end = LinearRegression().fit(x, y)
    return {"n": n, "m": m, "p": p, "x": x.ravel().tolist(), "y": y.ravel().tolist(), "xt": xt.ravel().tolist(),
            "yt": yt.ravel().tolist(), "points": points,
            "end": {"trainLoss": mse(end.predict(x), y), "testLoss": mse(end.predict(xt), yt)}}


json.dump({"tall": case(12, 6, 4), "wide": case(5, 4, 9)}, sys.stdout)
