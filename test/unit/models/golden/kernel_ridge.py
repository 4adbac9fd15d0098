"""Golden values for the neural tangent kernel and kernel ridge regression.

    python3 kernel_ridge.py > kernel_ridge.json
Gaussian expectations by scipy.integrate.dblquad, the recursion on top of them; the empirical kernel of wide random
networks by torch autograd, mean and standard error over networks; kernel ridge by scikit-learn's KernelRidge, and
gradient descent on kernel coefficients step by step in NumPy.
Made with SciPy 1.10, torch 1.13, scikit-learn 1.2, NumPy 1.24, Python 3.11. Takes two minutes.
"""

import json
import sys

import numpy as np
import torch
from scipy import integrate
from sklearn.kernel_ridge import KernelRidge

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def expectations(a, b, c):
    """E[relu(u) relu(v)] and P(u > 0, v > 0) for normal u, v: u = sqrt(a) x, v = c / sqrt(a) x + rest y."""
    rest, slope = np.sqrt(max(b - c * c / a, 0)), c / np.sqrt(a)
    phi = lambda y, x: np.exp(-(x * x + y * y) / 2) / (2 * np.pi)
    low = lambda x: -slope * x / rest
    product = integrate.dblquad(lambda y, x: np.sqrt(a) * x * (slope * x + rest * y) * phi(y, x), 0, 12, low, lambda x: 12 + abs(slope * x / rest), epsabs=1e-12)[0]
    both = integrate.dblquad(phi, 0, 12, low, lambda x: 12 + abs(slope * x / rest), epsabs=1e-12)[0]
    return product, both


def tangent_kernel(x, y, layers):
    """layers: (fan in, weight variance, bias variance, has bias)."""
    def covariances(u, v):
        out, s = [], layers[0][1] * u @ v + layers[0][2]
        for fan, w, b, _ in layers[1:]:
            out.append(s)
            if np.array_equal(u, v):
                e = s / 2
            else:
                e = expectations(covariances(u, u)[len(out) - 1], covariances(v, v)[len(out) - 1], s)[0]
            s = w * fan * e + b
        return out
    xx, yy, xy = covariances(x, x), covariances(y, y), covariances(x, y)
    theta = x @ y + layers[0][3]
    for (fan, w, _, bias), a, b, c in zip(layers[1:], xx, yy, xy):
        e, both = (a / 2, 0.5) if np.array_equal(x, y) else expectations(a, b, c)
        theta = fan * e + bias + w * fan * both * theta
    return theta


def layers_of(widths, init, scale, output_bias):
    out = []
    for i, (fan_in, fan_out) in enumerate(zip(widths, widths[1:])):
        bias = i < len(widths) - 2 or output_bias
        weight = 2 / (fan_in + fan_out) if init == "xavier-uniform" else 1 / (3 * fan_in)
        out.append((fan_in, scale**2 * weight, scale**2 / (3 * fan_in) if bias else 0.0, float(bias)))
    return out


def empirical(x, y, widths, init, scale, output_bias, networks):
    """Mean over random networks of the product of the gradients of one output, weights as nn.Linear or Xavier gives."""
    values = []
    for seed in range(networks):
        torch.manual_seed(seed)
        modules = []
        for i, (a, b) in enumerate(zip(widths, widths[1:])):
            layer = torch.nn.Linear(a, b, bias=i < len(widths) - 2 or output_bias)
            if init == "xavier-uniform":
                torch.nn.init.xavier_uniform_(layer.weight)
            modules += [layer, torch.nn.ReLU()]
        net = torch.nn.Sequential(*modules[:-1])
        with torch.no_grad():
            for p in net.parameters():
                p *= scale
        grads = []
        for point in (x, y):
            net.zero_grad()
            net(torch.tensor(point))[0].backward()
            grads.append(torch.cat([p.grad.ravel().clone() for p in net.parameters()]))
        values.append((grads[0] @ grads[1]).item())
    return {"mean": float(np.mean(values)), "error": float(np.std(values, ddof=1) / np.sqrt(networks))}


rng = np.random.default_rng(9)
kernels = []
for widths, init, scale, output_bias in [
    ([12, 50, 2], "torch-default", 1.0, True),
    ([12, 1000, 2], "xavier-uniform", 1.0, False),
    ([12, 700, 500, 3], "torch-default", 1.7, True),
]:
    x, y = rng.normal(size=12), rng.normal(size=12)
    layers = layers_of(widths, init, scale, output_bias)
    wide = max(widths) >= 700
    kernels.append({
        "hidden": widths[1:-1], "outputs": widths[-1], "init": init, "initScale": scale, "outputBias": output_bias,
        "x": x.tolist(), "y": y.tolist(),
        "xy": tangent_kernel(x, y, layers), "xx": tangent_kernel(x, x, layers),
        "empirical": empirical(x, y, widths, init, scale, output_bias, 200) if wide else None,
    })

n, m, d = 8, 5, 3
train, test, targets = rng.normal(size=(n, d)), rng.normal(size=(m, d)), rng.normal(size=(n, 2))
layers = layers_of([d, 64, 2], "torch-default", 1.0, True)
kernel = lambda p, q: np.array([[tangent_kernel(u, v, layers) for v in q] for u in p])
K, between = kernel(train, train), kernel(test, train)
eta, gamma, steps = 0.05, 0.02, 40
A = np.zeros((n, 2))
for _ in range(steps):
    A = A - eta * (2 / (n * 2) * (K @ A - targets) + gamma * A)
ridge = KernelRidge(kernel="precomputed", alpha=n * 2 * gamma / 2).fit(K, targets)
mse = lambda p, t: float(((p - t) ** 2).mean())
held = rng.normal(size=(m, 2))
json.dump({
    "pairs": [{"a": a, "b": b, "c": c, "activations": e, "slopes": p} for a, b, c in
              [(1.0, 1.0, 0.3), (2.0, 0.5, -0.9), (1.5, 4.0, 2.2), (0.1, 3.0, 0.0)]
              for e, p in [expectations(a, b, c)]],
    "kernels": kernels,
    "descent": {"train": train.ravel().tolist(), "test": test.ravel().tolist(), "targets": targets.ravel().tolist(),
                "held": held.ravel().tolist(), "learningRate": eta, "weightDecay": gamma, "steps": steps,
                "trainLoss": mse(K @ A, targets), "testLoss": mse(between @ A, held),
                "movement": float(np.sqrt(np.trace(A.T @ K @ A)))},
    "ridge": {"trainLoss": mse(ridge.predict(K), targets), "testLoss": mse(ridge.predict(between), held)},
}, sys.stdout)
