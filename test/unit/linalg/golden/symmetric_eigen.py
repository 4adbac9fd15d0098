"""Golden eigenvalues of symmetric matrices, by LAPACK through numpy.linalg.eigh.

    python3 symmetric_eigen.py > symmetric_eigen.json
Made with NumPy 1.24, Python 3.11.
"""

import json
import sys

import numpy as np

rng = np.random.default_rng(3)
a = rng.normal(size=(9, 9))
low = rng.normal(size=(8, 3))
cases = {
    "dense": a + a.T,
    "rank 3 of 8": low @ low.T,
    "graded": np.diag(10.0 ** -np.arange(7)) + 1e-9 * np.ones((7, 7)),
    "Hilbert": 1 / (np.arange(6)[:, None] + np.arange(6)[None, :] + 1.0),
    "diagonal with a repeated value": np.diag([3.0, -1.0, 3.0, 0.0]),
    "one": np.array([[-2.5]]),
}
json.dump({name: {"n": len(m), "matrix": m.ravel().tolist(), "values": np.linalg.eigh(m)[0].tolist()}
           for name, m in cases.items()}, sys.stdout)
