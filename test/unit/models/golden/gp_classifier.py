"""Golden values for the GP classifier, from GPyTorch 1.8.1 in float64 (autograd and torch.optim.Adam) and scikit-learn.

GPyTorch 1.8.1 is the last release before linear_operator; a source tree on PYTHONPATH is enough:
    git clone --branch v1.8.1 https://github.com/cornellius-gp/gpytorch && cd gpytorch
    PYTHONPATH=. python3 .../gp_classifier.py > .../gp_classifier.json
Made with torch 1.13, scikit-learn 1.2.1, Python 3.11.

GPyTorch's own log_normal_cdf is off by up to 0.0019 below z = -1 (where it jumps): torch.special.log_ndtr, exact to
rounding, takes its place here.
"""

import json
import sys

import gpytorch
import numpy as np
import torch
from sklearn.gaussian_process.kernels import RBF

torch.set_default_dtype(torch.float64)


class Model(gpytorch.models.ApproximateGP):
    """The model of the paper's experiment, as GPyTorch's documentation builds it: full posterior at the data."""

    def __init__(self, inputs):
        distribution = gpytorch.variational.CholeskyVariationalDistribution(len(inputs))
        strategy = gpytorch.variational.UnwhitenedVariationalStrategy(
            self, inputs, distribution, learn_inducing_locations=False
        )
        super().__init__(strategy)
        self.mean_module = gpytorch.means.ConstantMean()
        kernel = gpytorch.kernels.RBFKernel(ard_num_dims=inputs.shape[1])
        self.covar_module = gpytorch.kernels.ScaleKernel(kernel)

    def forward(self, x):
        return gpytorch.distributions.MultivariateNormal(self.mean_module(x), self.covar_module(x))


def parts(model):
    q = model.variational_strategy._variational_distribution
    kernel = model.covar_module
    return {
        "mean": q.variational_mean,
        "factor": q.chol_variational_covar,
        "rawLengthScales": kernel.base_kernel.raw_lengthscale,
        "rawOutputScale": kernel.raw_outputscale,
        "meanConstant": model.mean_module.constant,
    }


def flat(values):
    """The layout of main/models/gp-elbo.ts: m, lower triangle of L by rows, raw length scales, raw output scale, c."""
    factor = values["factor"].detach().numpy()
    rows, columns = np.tril_indices(len(factor))
    rest = [values[name].detach().numpy().reshape(-1) for name in ("rawLengthScales", "rawOutputScale", "meanConstant")]
    return np.concatenate([values["mean"].detach().numpy(), factor[rows, columns], *rest]).tolist()


def case(inputs, labels, test_inputs, length_scales, output_scale, constant, mean, factor, steps):
    x, y = torch.tensor(inputs), torch.tensor(labels, dtype=torch.float64)
    model, likelihood = Model(x), gpytorch.likelihoods.BernoulliLikelihood()
    model.covar_module.base_kernel.lengthscale = torch.tensor([length_scales])
    model.covar_module.outputscale = output_scale
    model.mean_module.initialize(constant=torch.tensor(constant).reshape(model.mean_module.constant.shape))
    values = parts(model)
    model.variational_strategy.variational_params_initialized.fill_(1)
    if factor is None:
        prior = model.covar_module(x).evaluate() + 1e-3 * torch.eye(len(x))
        factor = torch.linalg.cholesky(prior).detach().numpy()
    values["mean"].data.copy_(torch.tensor(mean))
    values["factor"].data.copy_(torch.tensor(factor))

    result = {"inputs": np.array(inputs).reshape(-1).tolist(), "labels": list(labels), "jitter": 1e-3,
              "dimensions": x.shape[1], "testInputs": np.array(test_inputs).reshape(-1).tolist(),
              "lengthScales": length_scales, "outputScale": output_scale,
              "parameters": flat(values)}

    scaled = np.array(inputs) / np.array(length_scales)
    result["kernelBySklearn"] = (output_scale * RBF(1.0)(scaled)).reshape(-1).tolist()

    model.eval()
    for name, points in (("train", x), ("test", torch.tensor(test_inputs))):
        latent = model(points)
        result[name] = {"mean": latent.mean.tolist(), "variance": latent.variance.tolist(),
                        "probability": likelihood(latent).mean.tolist()}
    model.train()

    elbo = gpytorch.mlls.VariationalELBO(likelihood, model, len(y))
    terms = gpytorch.mlls.VariationalELBO(likelihood, model, len(y), combine_terms=False)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    result["steps"] = []
    for step in range(max(steps) + 1):
        optimizer.zero_grad()
        output = model(x)
        data_fit, kl = terms(output, y)[:2]
        loss = -elbo(output, y)
        loss.backward()
        if step in steps:
            gradients = {name: value.grad for name, value in values.items()}
            result["steps"].append({"effort": step, "expectedLogLikelihood": data_fit.item() * len(y),
                                    "kl": kl.item() * len(y), "loss": loss.item(),
                                    "parameters": flat(values), "gradient": flat(gradients)})
        optimizer.step()
    return result


def main():
    gpytorch.likelihoods.bernoulli_likelihood.log_normal_cdf = torch.special.log_ndtr
    rng = np.random.default_rng(2023)
    n, d = 6, 3
    factor = np.tril(0.3 * rng.standard_normal((n, n)))
    factor[np.diag_indices(n)] = [0.7, 0.4, 1.1, 0.2, 0.9, 0.5]
    general = case(rng.standard_normal((n, d)).tolist(), [1, 0, 0, 1, 1, 0], rng.standard_normal((4, d)).tolist(),
                   [0.5, 1.2, 2.0], 1.7, 0.3, rng.standard_normal(n).tolist(), factor.tolist(), [0, 1, 2, 5])
    x = rng.uniform(-0.5, 0.5, (20, 1))
    zero_one = case(x.tolist(), (x[:, 0] > 0).astype(int).tolist(), rng.uniform(-0.5, 0.5, (5, 1)).tolist(),
                    [0.005], float(np.log(2)), 0.0, (1e-3 * rng.standard_normal(20)).tolist(), None, [0, 1, 10, 100, 300])
    json.dump({"gpytorch": gpytorch.__version__, "torch": torch.__version__, "general": general, "zeroOne": zero_one},
              sys.stdout)


main()
