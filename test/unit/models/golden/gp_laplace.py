"""Golden values for Laplace's approximation of the GP classifier, in 40-digit arithmetic with mpmath.

Independent of the algorithms of Rasmussen & Williams: the mode is a root of the gradient of the log posterior with a dense K^-1; W comes
from numerical differentiation of log Phi; log q(y) is the value of the Gaussian integral around the mode,
    log p(y | f) + log N(f; c, K) + n/2 log 2 pi - 1/2 log |K^-1 + W|;
gradients by hyperparameters are numerical derivatives of that; predictive probabilities are integrals by quadrature.

    python3 gp_laplace.py > gp_laplace.json
Made with mpmath 1.2.1, NumPy 1.24, Python 3.11.
"""

import json
import sys

import mpmath as mp
import numpy as np

mp.mp.dps = 40


def log_cdf(z):
    return mp.log(mp.erfc(-z / mp.sqrt(2)) / 2)


def kernel(x, z, length, scale):
    return mp.matrix([[scale * mp.exp(-sum(((a - b) / l) ** 2 for a, b, l in zip(p, q, length)) / 2) for q in z] for p in x])


def approximation(x, signs, length, scale, constant, jitter):
    n = len(x)
    prior = kernel(x, x, length, scale) + jitter * mp.eye(n)
    precision = prior**-1

    def gradient(*f):
        pull = precision * mp.matrix([fi - constant for fi in f])
        return [mp.diff(lambda t: log_cdf(s * t), fi) - p for s, fi, p in zip(signs, f, pull)]

    mode = mp.findroot(gradient, [constant] * n, tol=1e-60, maxsteps=60)
    curvature = mp.diag([-mp.diff(lambda t: log_cdf(s * t), fi, 2) for s, fi in zip(signs, mode)])
    difference = mp.matrix([fi - constant for fi in mode])
    fit = sum(log_cdf(s * fi) for s, fi in zip(signs, mode))
    log_q = (fit - (difference.T * precision * difference)[0] / 2 - mp.log(mp.det(prior)) / 2
             - mp.log(mp.det(precision + curvature)) / 2)
    return {"value": log_q, "fit": fit, "mode": mode, "prior": prior, "precision": precision, "curvature": curvature}


def case(x, labels, test, length, scale, constant, jitter):
    signs = [2 * y - 1 for y in labels]
    found = approximation(x, signs, length, scale, constant, jitter)

    def value(*hyper):
        return approximation(x, signs, hyper[:-2], hyper[-2], hyper[-1], jitter)["value"]

    hyper, step, gradient = [mp.mpf(v) for v in [*length, scale, constant]], mp.mpf(10) ** -10, []
    for k in range(len(hyper)):
        moved = [[h + (sign * step if i == k else 0) for i, h in enumerate(hyper)] for sign in (1, -1)]
        gradient.append((value(*moved[0]) - value(*moved[1])) / (2 * step))

    covariance = (found["precision"] + found["curvature"]) ** -1
    cross = kernel(test, x, length, scale)
    difference = mp.matrix([fi - constant for fi in found["mode"]])
    shrink = (found["prior"] + found["curvature"] ** -1) ** -1
    means = [constant + m for m in cross * (found["precision"] * difference)]
    variances = [scale - (cross[i, :] * shrink * cross[i, :].T)[0] for i in range(len(test))]
    probabilities = [mp.quad(lambda f: mp.erfc(-f / mp.sqrt(2)) / 2 * mp.npdf(f, m, mp.sqrt(v)),
                             [m - 15 * mp.sqrt(v), m - 4 * mp.sqrt(v), m, m + 4 * mp.sqrt(v), m + 15 * mp.sqrt(v)])
                     for m, v in zip(means, variances)]
    numbers = lambda values: [float(v) for v in values]
    return {"inputs": numbers(np.ravel(x)), "labels": labels, "testInputs": numbers(np.ravel(test)), "dimensions": len(length),
            "lengthScales": length, "outputScale": scale, "meanConstant": constant, "jitter": jitter,
            "logMarginalLikelihood": float(found["value"]), "fit": float(found["fit"]), "mode": numbers(found["mode"]),
            "trainVariance": numbers(covariance[i, i] for i in range(len(x))), "gradient": numbers(gradient),
            "test": {"mean": numbers(means), "variance": numbers(variances), "probability": numbers(probabilities)}}


rng = np.random.default_rng(31)
draw = lambda n, d: [[float(v) for v in row] for row in rng.uniform(-1.5, 1.5, (n, d))]
one, ard = draw(7, 1), draw(6, 2)
json.dump({"one": case(one, [1 if row[0] > 0.2 else 0 for row in one], draw(3, 1), [0.6], 2.5, 0.3, 1e-3),
           "ard": case(ard, [1, 0, 0, 1, 0, 1], draw(3, 2), [0.8, 1.7], 9.0, -0.5, 1e-2)}, sys.stdout)
