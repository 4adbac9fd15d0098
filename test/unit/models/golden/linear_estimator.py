"""Golden values for the linear estimator (Levi et al. 2023, arXiv 2310.16441).

    python3 linear_estimator.py > linear_estimator.json
Expectations over the Marchenko-Pastur density by adaptive quadrature in the eigenvalue (scipy.integrate.quad with the
algebraic weight of its edges), the closed form of equation 9 by scipy.special.hyp0f1, crossings by scipy.optimize.brentq,
and gradient descent by torch.optim.SGD with autograd.
Made with SciPy 1.10, torch 1.13, NumPy 1.24, Python 3.11.
"""

import json
import sys

import numpy as np
import torch
from scipy import integrate, optimize, special


def expectation(lam, f):
    lower, upper = (1 - np.sqrt(lam)) ** 2, (1 + np.sqrt(lam)) ** 2
    middle = lower + (upper - lower) / 50
    density = lambda v: np.sqrt((upper - v) * (v - lower)) / (2 * np.pi * lam * v) * f(v)
    total = sum(
        integrate.quad(density, a, b, epsabs=1e-16, epsrel=1e-12, limit=500)[0]
        for a, b in [(lower, middle), (middle, (lower + upper) / 2), ((lower + upper) / 2, upper)]
    )
    return total + (max(0.0, 1 - 1 / lam) * f(0.0) if lam > 1 else 0.0)


def loss(lam, eta, gamma, alpha, t, kind, time):
    def f(v):
        rate = 2 * eta * (v + gamma / 2)
        a = np.exp(-rate * t) if time == "gradient-flow" else (1 - rate) ** t
        teacher = 1.0 if v + gamma == 0 else (a * v + gamma / 2) / (v + gamma / 2)
        return 0.5 * (alpha**2 * a**2 + teacher**2) * (v if kind == "train" else 1.0)

    return expectation(lam, f)


cases = []
for lam, eta, gamma, alpha, t, time in [
    (0.1, 0.01, 0.0, 1.0, 0, "gradient-flow"),
    (0.1, 0.01, 0.0, 1.0, 50, "gradient-flow"),
    (0.5, 0.01, 0.0, 1.0, 700, "gradient-flow"),
    (0.8, 0.01, 0.0, 2.0, 3000, "gradient-flow"),
    (0.9, 0.01, 0.0, 1.0, 20000, "gradient-flow"),
    (0.9, 0.01, 1e-3, 1.0, 20000, "gradient-flow"),
    (0.9, 0.01, 1e-2, 1.0, 400, "gradient-flow"),
    (1.5, 0.01, 0.0, 1.0, 5000, "gradient-flow"),
    (1.5, 0.01, 1e-3, 0.5, 5000, "gradient-flow"),
    (0.5, 0.05, 0.0, 1.0, 10, "gradient-descent"),
    (0.9, 0.2, 1e-2, 1.0, 301, "gradient-descent"),
    (1.5, 0.15, 0.0, 1.5, 40, "gradient-descent"),
]:
    cases.append({
        "lambda": lam, "learningRate": eta, "weightDecay": gamma, "initialScale": alpha, "steps": t, "time": time,
        "train": loss(lam, eta, gamma, alpha, t, "train", time),
        "test": loss(lam, eta, gamma, alpha, t, "test", time),
    })

closed = []
for lam, t in [(0.1, 10), (0.5, 300), (0.8, 1000), (0.9, 500), (1.5, 300)]:
    z = 16 * 0.01**2 * t**2 * lam
    # Equation 9; scipy's hyp0f1 is 0F1, and the regularized function is 0F1 / Gamma(2) = 0F1.
    closed.append({"lambda": lam, "steps": t, "train": float(np.exp(-4 * 0.01 * (lam + 1) * t) * special.hyp0f1(2, z))})

crossings = []
for lam in (0.5, 0.8, 0.9):
    at = {
        kind: optimize.brentq(lambda t: loss(lam, 0.01, 0.0, 1.0, t, kind, "gradient-flow") - 1e-3 / 4, 1, 1e6, xtol=1e-6)
        for kind in ("train", "test")
    }
    crossings.append({"lambda": lam, **at})

rng = np.random.default_rng(11)
x, teacher, start = rng.normal(size=(7, 5)), rng.normal(size=5), rng.normal(size=5)
inputs, targets = torch.tensor(x), torch.tensor(x @ teacher)
weights = torch.tensor(start, requires_grad=True)
optimizer = torch.optim.SGD([weights], lr=0.05, weight_decay=0.03)
for _ in range(60):
    optimizer.zero_grad()
    ((inputs @ weights - targets) ** 2).mean().backward()
    optimizer.step()

json.dump({
    "losses": cases,
    "closed": closed,
    "crossings": crossings,
    "accuracies": [
        {"loss": l, "errorTolerance": e, "accuracy": float(special.erf(np.sqrt(e / (2 * l))))}
        for l, e in [(1.0, 1e-3), (1e-3 / 4, 1e-3), (1e-5, 1e-3), (0.3, 2.0)]
    ],
    "sgd": {"x": x.ravel().tolist(), "targets": targets.tolist(), "start": start.tolist(), "learningRate": 0.05,
            "weightDecay": 0.03, "steps": 60, "weights": weights.tolist()},
}, sys.stdout)
