"""Golden values for GP regression: scikit-learn's GaussianProcessRegressor (log marginal likelihood, its gradient, predictions)
and GPyTorch 1.8.1 in float64 (training by torch.optim.Adam in the setting of Miller et al. 2023, initialisation B).

GPyTorch 1.8.1 is the last release before linear_operator; a source tree on PYTHONPATH is enough:
    git clone --branch v1.8.1 https://github.com/cornellius-gp/gpytorch
    PYTHONPATH=gpytorch python3 .../gp_regression.py > .../gp_regression.json
Made with torch 1.13, scikit-learn 1.2.1, NumPy 1.24, Python 3.11.
"""

import json
import sys

import gpytorch
import numpy as np
import torch
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

torch.set_default_dtype(torch.float64)


def by_sklearn(rng, n, d, length_scales, output_scale, noise, constant):
    x, test = rng.uniform(-1.5, 1.5, (n, d)), rng.uniform(-2, 2, (5, d))
    y = np.sin(2 * x[:, 0]) + 0.1 * rng.standard_normal(n)
    kernel = ConstantKernel(output_scale) * RBF(length_scales) + WhiteKernel(noise)
    model = GaussianProcessRegressor(kernel, alpha=0.0, optimizer=None).fit(x, y - constant)
    value, gradient = model.log_marginal_likelihood(model.kernel_.theta, eval_gradient=True)
    # theta: log output scale, log length scales, log noise. log p(y) depends on the mean through y - c.
    mean, deviation = model.predict(test, return_std=True)
    return {"inputs": x.reshape(-1).tolist(), "targets": y.tolist(), "dimensions": d, "testInputs": test.reshape(-1).tolist(),
            "lengthScales": length_scales, "outputScale": output_scale, "noise": noise, "meanConstant": constant,
            "logMarginalLikelihood": float(value), "byLogOutputScale": float(gradient[0]),
            "byLogLengthScales": gradient[1:-1].tolist(), "byLogNoise": float(gradient[-1]),
            "byMean": float(np.sum(model.alpha_)), "mean": (mean + constant).tolist(),
            # WhiteKernel adds the noise to the variance of a prediction.
            "variance": (deviation**2 - noise).tolist()}


class Model(gpytorch.models.ExactGP):
    """The authors' ExactGPModel: exp in place of softplus for length scale and output scale."""

    def __init__(self, x, y, likelihood):
        super().__init__(x, y, likelihood)
        positive = gpytorch.constraints.Positive(torch.exp, torch.log)
        self.mean_module = gpytorch.means.ConstantMean()
        self.covar_module = gpytorch.kernels.ScaleKernel(
            gpytorch.kernels.RBFKernel(ard_num_dims=1, lengthscale_constraint=positive),
            outputscale_constraint=gpytorch.constraints.Positive(torch.exp, torch.log))

    def forward(self, x):
        return gpytorch.distributions.MultivariateNormal(self.mean_module(x), self.covar_module(x))


def by_gpytorch(rng, steps):
    x, test = rng.uniform(-1.5, 1.5, (20, 1)), rng.uniform(-1.5, 1.5, (8, 1))
    y = np.sin(2 * x[:, 0]) + 0.1 * rng.standard_normal(20)
    test_y = np.sin(2 * test[:, 0]) + 0.1 * rng.standard_normal(8)
    likelihood = gpytorch.likelihoods.GaussianLikelihood()
    tensors = [torch.tensor(values) for values in (x, y, test, test_y)]
    model = Model(tensors[0], tensors[1], likelihood)
    model.covar_module.base_kernel.lengthscale = float(np.exp(-6))
    model.covar_module.outputscale = float(np.exp(4))
    likelihood.train(), model.train()
    objective = gpytorch.mlls.ExactMarginalLogLikelihood(likelihood, model)
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-2)
    rows = []
    for step in range(max(steps) + 1):
        optimizer.zero_grad()
        loss = -objective(model(tensors[0]), tensors[1])
        loss.backward()
        if step in steps:
            model.eval(), likelihood.eval()
            with torch.no_grad():
                on_train, on_test = model(tensors[0]), model(tensors[2])
                density = likelihood(on_test)
                nlpd = -torch.distributions.Normal(density.mean, density.variance.sqrt()).log_prob(tensors[3]).mean()
                rows.append({"effort": step, "loss": loss.item(),
                             "trainLoss": (on_train.mean - tensors[1]).square().mean().item(),
                             "testLoss": (on_test.mean - tensors[3]).square().mean().item(), "testNlpd": nlpd.item(),
                             "lengthScale": model.covar_module.base_kernel.lengthscale.item(),
                             "outputScale": model.covar_module.outputscale.item(), "noise": likelihood.noise.item(),
                             "meanConstant": model.mean_module.constant.item()})
            model.train(), likelihood.train()
        optimizer.step()
    return {"inputs": x.reshape(-1).tolist(), "targets": y.tolist(), "testInputs": test.reshape(-1).tolist(),
            "testTargets": test_y.tolist(), "steps": rows}


rng = np.random.default_rng(17)
with gpytorch.settings.fast_computations(False, False, False):
    json.dump({"gpytorch": gpytorch.__version__, "torch": torch.__version__,
               "one": by_sklearn(rng, 12, 1, [0.4], 1.3, 0.02, 0.2),
               "shortScale": by_sklearn(rng, 15, 1, [0.0025], 54.6, 0.693, 0.0),
               "ard": by_sklearn(rng, 10, 3, [0.5, 1.2, 3.0], 0.8, 0.05, -0.4),
               "many": by_sklearn(rng, 40, 9, [0.7, 1, 2, 3, 1.5, 2.5, 4, 5, 6], 1.1, 0.01, 0.1),
               "training": by_gpytorch(rng, [0, 1, 10, 100, 400, 1000])}, sys.stdout)
