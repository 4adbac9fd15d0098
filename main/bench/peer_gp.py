"""One ELBO value and gradient of the Gaussian process classifier with NumPy and SciPy, beside main/bench/gaussian-process.ts.

The operations of main/models/gp-elbo.ts as they are best written here: LAPACK's Cholesky, triangular solves and
inverse (dpotri), matrix products for the length scales. Argument: a file of float64 numbers: n, d, jitter, inputs,
labels, m, L (full), length scales, output scale, constant mean. For every line on stdin it computes once and prints seconds, ELBO and
the norm of the gradient by the hyperparameters.
"""
import sys
import time

import numpy as np
from numpy.polynomial.hermite import hermgauss
from scipy.linalg import cholesky, lapack, solve_triangular
from scipy.spatial.distance import cdist
from scipy.special import log_ndtr

values = np.fromfile(sys.argv[1])
n, d, jitter = int(values[0]), int(values[1]), values[2]
sizes = [n * d, n, n, n * n, d, 1, 1]
x, y, m, factor, length, scale, constant = np.split(values[3:], np.cumsum(sizes)[:-1])
x, factor, scale, constant = x.reshape(n, d), factor.reshape(n, n), scale[0], constant[0]
signs = 2 * y - 1
nodes, weights = hermgauss(20)
nodes, weights = nodes * np.sqrt(2), weights / np.sqrt(np.pi)


def log_pdf(z):
    return -0.5 * z * z - 0.5 * np.log(2 * np.pi)


def elbo_and_gradient():
    scaled = x / length
    kernel = scale * np.exp(-0.5 * cdist(scaled, scaled, "sqeuclidean"))
    prior = kernel.copy()
    prior[np.diag_indices(n)] += jitter
    c = cholesky(prior, lower=True, overwrite_a=True, check_finite=False)
    whitened = solve_triangular(c, factor, lower=True, check_finite=False)
    a = solve_triangular(c, m - constant, lower=True, check_finite=False)
    diagonal = np.diag(factor)
    kl = 0.5 * (np.sum(whitened**2) + a @ a - n) + np.sum(np.log(np.diag(c) / np.abs(diagonal)))

    deviation = np.sqrt(np.sum(factor**2, axis=1))
    z = signs[:, None] * (m[:, None] + deviation[:, None] * nodes)
    log_cdf = log_ndtr(z)
    hazard = np.exp(log_pdf(z) - log_cdf) * signs[:, None]
    ell = np.sum(log_cdf @ weights)
    by_mean, by_deviation = hazard @ weights, hazard @ (weights * nodes)

    alpha = solve_triangular(c, a, lower=True, trans=1, check_finite=False)
    b = solve_triangular(c, whitened, lower=True, trans=1, check_finite=False)
    by_factor = np.tril(b) - (by_deviation / deviation)[:, None] * factor
    by_factor[np.diag_indices(n)] -= 1 / diagonal
    precision, _ = lapack.dpotri(c, lower=1)
    precision = np.tril(precision) + np.tril(precision, -1).T
    by_kernel = 0.5 * (precision - b @ b.T - np.outer(alpha, alpha))
    weighted = by_kernel * kernel
    by_scale = weighted.sum() / scale
    rows = weighted.sum(axis=1)
    by_length = 2 * (rows @ scaled**2 - np.sum(scaled * (weighted @ scaled), axis=0)) / length
    by_constant = -alpha.sum()
    by_m = alpha - by_mean
    # By the raw values: the derivative of softplus is 1 - exp(-value).
    by_length *= -np.expm1(-length)
    by_scale *= -np.expm1(-scale)
    return ell - kl, np.sqrt(np.sum(by_length**2) + by_scale**2 + by_constant**2) / n, by_m, by_factor


for _ in sys.stdin:
    started = time.perf_counter()
    elbo, norm = elbo_and_gradient()[:2]
    print(time.perf_counter() - started, repr(float(elbo)), repr(float(norm)), flush=True)
