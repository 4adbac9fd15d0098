"""Golden values for the GP classifier with inducing points, from PyTorch in float64: the ELBO written as dense algebra of the
definition (no Cholesky factor of ours, no gradient of ours), differentiated by torch autograd.

    python3 gp_sparse.py > gp_sparse.json
Made with torch 1.13, numpy 1.24, Python 3.11 (Debian's python3-torch).
"""

import json
import sys

import numpy as np
import torch

torch.set_default_dtype(torch.float64)


def kernel(a, b, length_scales, output_scale):
    difference = (a[:, None, :] - b[None, :, :]) / length_scales
    return output_scale * torch.exp(-0.5 * (difference**2).sum(-1))


def terms(z, x, y, jitter, m, factor, raw_length_scales, raw_output_scale, c):
    length_scales = torch.nn.functional.softplus(raw_length_scales)
    output_scale = torch.nn.functional.softplus(raw_output_scale)
    k = kernel(z, z, length_scales, output_scale) + jitter * torch.eye(len(z))
    inverse = torch.linalg.inv(k)
    cross = kernel(z, x, length_scales, output_scale)
    w = inverse @ cross
    s = factor @ factor.T
    mean = c + cross.T @ inverse @ (m - c)
    variance = output_scale - (cross * w).sum(0) + (w * (s @ w)).sum(0)
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)
    nodes, weights = torch.tensor(nodes), torch.tensor(weights / np.sqrt(2 * np.pi))
    sign = 2 * y - 1
    f = mean[:, None] + torch.sqrt(variance)[:, None] * nodes
    expected = (weights * torch.special.log_ndtr(sign[:, None] * f)).sum()
    q = torch.distributions.MultivariateNormal(m, s)
    prior = torch.distributions.MultivariateNormal(c * torch.ones(len(z)), k)
    return expected, torch.distributions.kl_divergence(q, prior)


def main():
    rng = np.random.default_rng(3)
    n, inducing, d, jitter = 9, 4, 3, 1e-3
    x = torch.tensor(rng.standard_normal((n, d)))
    rows = [0, 2, 5, 8]
    y = torch.tensor([1.0, 0, 0, 1, 1, 0, 1, 0, 1])
    factor = np.tril(0.3 * rng.standard_normal((inducing, inducing)))
    factor[np.diag_indices(inducing)] = [0.7, 0.4, 1.1, 0.5]
    i, j = np.tril_indices(inducing)
    packed = torch.tensor(factor[i, j], requires_grad=True)
    m = torch.tensor(rng.standard_normal(inducing), requires_grad=True)
    scales = torch.tensor([0.2, 1.0, 1.8], requires_grad=True)
    output = torch.tensor(1.3, requires_grad=True)
    c = torch.tensor(0.3, requires_grad=True)
    lower = torch.zeros(inducing, inducing).index_put((torch.tensor(i), torch.tensor(j)), packed)
    expected, kl = terms(x[rows], x, y, jitter, m, lower, scales, output, c)
    (-(expected - kl) / n).backward()
    values = [m, packed, scales, output.reshape(1), c.reshape(1)]
    slopes = [m.grad, packed.grad, scales.grad, output.grad.reshape(1), c.grad.reshape(1)]
    json.dump({"torch": torch.__version__, "n": n, "dimensions": d, "jitter": jitter, "rows": rows,
               "inputs": x.reshape(-1).tolist(), "labels": y.int().tolist(),
               "parameters": torch.cat(values).tolist(), "gradient": torch.cat(slopes).tolist(),
               "expectedLogLikelihood": expected.item(), "kl": kl.item()}, sys.stdout)


main()
