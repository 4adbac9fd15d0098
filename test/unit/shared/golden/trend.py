"""Golden values for rank correlation and the log-linear fit, from SciPy: stats.spearmanr, stats.pearsonr and
stats.linregress of log y, where a y of 0 or less counts as log = 0 or is left out.

    /usr/bin/python3 trend.py > trend.json
"""

import json
import sys

import numpy as np
import scipy
from scipy import stats

rng = np.random.default_rng(11)


def fit(x, log_y):
    line = stats.linregress(x, log_y)
    correlation = stats.pearsonr(x, log_y)[0]
    return {"slope": float(line.slope), "intercept": float(line.intercept), "correlation": float(correlation),
            "n": len(x)}


def case(name, x, y):
    x, y = np.asarray(x, float), np.asarray(y, float)
    positive = y > 0
    zeroed = np.where(positive, np.log(np.where(positive, y, 1.0)), 0.0)
    return {"name": name, "x": x.tolist(), "y": y.tolist(),
            "spearman": float(stats.spearmanr(x, y)[0]),
            "pearson": float(stats.pearsonr(x, y)[0]),
            "logZero": fit(x, zeroed), "leftOut": fit(x[positive], np.log(y[positive]))}


# As in Miller et al. 2023, concealment: six tasks, five lengths, three seeds; some gaps are 0 or negative.
lengths = np.repeat([0, 10, 20, 30, 40], 18)
gaps = np.round(np.exp(0.09 * lengths + 0.8 + 0.5 * rng.standard_normal(90)))
gaps[rng.choice(18, 6, replace=False)] = [0, 0, -1, 0, -3, 0]
cases = [
    case("six points", [1, 2, 4, 8, 16, 32], [3.1, 2.9, 7.5, 7.5, 90, 400]),
    case("ties on both sides", [1, 1, 2, 2, 3, 3, 3], [5, 6, 6, 6, 9, 8, 8]),
    case("falls", [0.1, 0.2, 0.4, 0.8], [1e6, 3e4, 900, 20]),
    case("far from the origin", 1e6 + np.arange(7), 1e-3 * np.exp(rng.standard_normal(7))),
    case("concealment", lengths, gaps),
]
json.dump({"scipy": scipy.__version__, "cases": cases}, sys.stdout)
