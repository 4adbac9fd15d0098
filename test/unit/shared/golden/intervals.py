"""Golden values for intervals.

Proportions: scipy.stats.binomtest(k, n).proportion_ci(method="exact"), Clopper and Pearson's.
Bootstrap: with NumPy, the exact percentile interval over all n^n equally likely resamples of small samples, and
np.percentile of given replicates. A seeded bootstrap has to come near the former, and its last step has to be the latter.

    /usr/bin/python3 intervals.py > intervals.json
"""

import itertools
import json
import sys

import numpy as np
import scipy
from scipy import stats


def exact(values, statistic):
    values = np.asarray(values, float)
    n = len(values)
    resamples = values[np.array(list(itertools.product(range(n), repeat=n)))]
    replicates = statistic(resamples, axis=1)
    low, high = np.percentile(replicates, [2.5, 97.5], method="inverted_cdf")
    return {"low": float(low), "high": float(high), "error": float(replicates.std() / np.sqrt(2000))}


def ratio(a, b):
    """Of two medians, both resampled: every pair of resamples."""
    def medians(values):
        values = np.asarray(values, float)
        n = len(values)
        return np.median(values[np.array(list(itertools.product(range(n), repeat=n)))], axis=1)
    replicates = (medians(a)[:, None] / medians(b)[None, :]).ravel()
    low, high = np.percentile(replicates, [2.5, 97.5], method="inverted_cdf")
    return {"a": a, "b": b, "low": float(low), "high": float(high)}


shares = []
for n in (1, 2, 3, 5, 10, 37, 200):
    for k in sorted({0, 1, n // 3, n // 2, n - 1, n}):
        ci = stats.binomtest(int(k), n).proportion_ci(confidence_level=0.95, method="exact")
        shares.append({"k": int(k), "n": n, "low": float(ci.low), "high": float(ci.high)})

samples = [[120, 135, 150, 410, 980], [0.1, 0.2, 0.35, 0.4, 0.41, 0.9], [3.0, 3.0, 7.0]]
bootstrap = [{"values": values, "mean": exact(values, np.mean), "median": exact(values, np.median)} for values in samples]

rng = np.random.default_rng(5)
replicates = np.round(rng.standard_normal(201), 6)
low, high = np.percentile(replicates, [2.5, 97.5])

json.dump({"scipy": scipy.__version__, "numpy": np.__version__, "shares": shares, "bootstrap": bootstrap,
           "ratio": ratio([4000, 5200, 6100, 9000], [350, 400, 420, 610]),
           "percentiles": {"replicates": replicates.tolist(), "low": float(low), "high": float(high)}}, sys.stdout)
