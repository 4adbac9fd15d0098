"""Golden values for main/linalg: scipy.special, numpy.linalg, and adaptive integration in place of quadrature.

    python3 linalg.py > linalg.json
Made with SciPy 1.10, NumPy 1.24, Python 3.11.
"""

import json
import sys

import numpy as np
from scipy import integrate, special, stats

rng = np.random.default_rng(11)
z = np.concatenate([-np.logspace(2, -8, 31), [0.0], np.logspace(-8, 1.5, 21),
                    [-5.65685424949238, -5.656854249492381, -0.67448975, -0.6744898, 0.67448975, 0.6744898]])


def hazard(value):
    """phi(z) / Phi(z) without underflow: exp of a difference of logarithms."""
    return float(np.exp(stats.norm.logpdf(value) - special.log_ndtr(value)))


def expected(mean, deviation):
    value, error = integrate.quad(lambda u: special.log_ndtr(mean + deviation * u) * stats.norm.pdf(u), -12, 12,
                                  epsabs=1e-13, epsrel=1e-13, limit=400)
    assert error < 1e-11
    return {"mean": mean, "deviation": deviation, "value": value}


n = 5
root = rng.standard_normal((n, n))
matrix = root @ root.T + 0.1 * np.eye(n)
right = rng.standard_normal((n, 3))
factor = np.linalg.cholesky(matrix)
json.dump({
    "logNormalCdf": [{"z": float(v), "value": float(special.log_ndtr(v)), "derivative": hazard(v)} for v in z],
    "expectedLogCdf": [expected(m, s) for m in (-3.0, -0.5, 0.0, 1.0, 4.0) for s in (0.01, 0.3, 0.83, 1.5)],
    "cholesky": {"n": n, "matrix": matrix.reshape(-1).tolist(), "factor": factor.reshape(-1).tolist(),
                 "right": right.reshape(-1).tolist(), "columns": 3,
                 "lower": np.linalg.solve(factor, right).reshape(-1).tolist(),
                 "transposed": np.linalg.solve(factor.T, right).reshape(-1).tolist()},
}, sys.stdout)
