"""Golden data for paired.test.ts: `python3 paired.py > paired.json`.

Intervals for a median from order statistics, by scipy's quantile test (Conover 1999, section 3.2), and the coverage of
each rank by scipy's binomial distribution.
"""

import json
import sys

import numpy as np
import scipy
from scipy import stats

rng = np.random.default_rng(20241125)

ranks = []
for n in range(1, 61):
    best = 1
    for k in range(1, n // 2 + 1):
        if 1 - 2 * stats.binom.cdf(k - 1, n, 0.5) >= 0.95:
            best = k
    ranks.append({"n": n, "rank": best, "coverage": 1 - 2 * stats.binom.cdf(best - 1, n, 0.5)})

cases = []
for n in (6, 7, 9, 12, 20, 35):
    arm = rng.integers(100, 5000, n)
    baseline = rng.integers(100, 5000, n)
    for effect, values in (("ratio", arm / baseline), ("difference", arm - baseline)):
        test = stats.quantile_test(values, q=0, p=0.5).confidence_interval(0.95)
        cases.append(
            {
                "effect": effect,
                "arm": arm.tolist(),
                "baseline": baseline.tolist(),
                "median": float(np.median(values)),
                "low": float(test.low),
                "high": float(test.high),
            }
        )

json.dump({"scipy": scipy.__version__, "ranks": ranks, "cases": cases}, sys.stdout)
