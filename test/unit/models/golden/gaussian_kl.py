"""Golden values for the KL divergence of two Gaussians, from its dense closed form in NumPy (inverse, slogdet), and a
Monte Carlo estimate with scipy.stats.multivariate_normal that bounds an error in the form itself.

    python3 gaussian_kl.py > gaussian_kl.json
Made with SciPy 1.10, NumPy 1.24, Python 3.11.
"""

import json
import sys

import numpy as np
from scipy import stats

rng = np.random.default_rng(5)
n, jitter, constant, length_scale, output_scale = 4, 1e-3, -0.4, 0.6, 1.3
x = rng.uniform(-1, 1, n)
prior = output_scale * np.exp(-0.5 * (x[:, None] - x[None, :]) ** 2 / length_scale**2) + jitter * np.eye(n)
mean = rng.standard_normal(n)
factor = np.tril(0.4 * rng.standard_normal((n, n)))
factor[np.diag_indices(n)] = [0.5, -0.8, 0.3, 0.6]
covariance = factor @ factor.T
difference = mean - constant
kl = 0.5 * (np.trace(np.linalg.inv(prior) @ covariance) + difference @ np.linalg.inv(prior) @ difference - n
            + np.linalg.slogdet(prior)[1] - np.linalg.slogdet(covariance)[1])

samples = stats.multivariate_normal.rvs(mean, covariance, 200_000, random_state=1)
ratios = stats.multivariate_normal.logpdf(samples, mean, covariance) - stats.multivariate_normal.logpdf(
    samples, np.full(n, constant), prior)
error = ratios.std() / np.sqrt(len(ratios))
assert abs(ratios.mean() - kl) < 4 * error, (ratios.mean(), kl, error)

json.dump({"inputs": x.tolist(), "jitter": jitter, "lengthScale": length_scale, "outputScale": output_scale,
           "meanConstant": constant, "mean": mean.tolist(), "factor": factor[np.tril_indices(n)].tolist(),
           "kl": float(kl)}, sys.stdout)
