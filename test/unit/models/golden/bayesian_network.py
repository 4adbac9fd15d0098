"""Golden values for the Bayesian network (Miller et al. 2023, arXiv 2310.17247, src/vbnn_layers.py at 9bf15d5).

    python3 bayesian_network.py > bayesian_network.json
The local reparameterization with given standard normals, the free energy by torch.distributions.kl_divergence and
F.cross_entropy, its gradient by autograd, one update by torch.optim.SGD; posterior-predictive metrics for given weight
samples. All in float64. Made with torch 1.13, Python 3.11.
"""

import json
import sys

import torch
import torch.nn.functional as F
from torch.distributions import Independent, Normal, kl_divergence

torch.set_default_dtype(torch.float64)
torch.manual_seed(5)
SIZES, N, N_TRAIN, PRIOR = [(4, 5), (6, 3), (4, 2)], 7, 20, 1.3  # [fan in + 1, fan out] of each layer

means = [torch.randn(s) * 0.5 for s in SIZES]
logs = [torch.randn(s) * 0.3 - 1.5 for s in SIZES]
x = torch.randn(N, 3)
labels = torch.randint(0, 2, (N,))
noise = [torch.randn(N, s[1]) for s in SIZES]
for t in means + logs:
    t.requires_grad_()


def forward(x):
    for i, (mean, log, eps) in enumerate(zip(means, logs, noise)):
        x = torch.cat([x, torch.ones(len(x), 1)], 1)
        z = eps * (torch.einsum("ni,io->no", x**2, torch.exp(log) ** 2)).sqrt() + torch.einsum("ni,io->no", x, mean)
        x = torch.relu(z) if i < len(SIZES) - 1 else z
    return x


def kl():
    return sum(
        kl_divergence(Independent(Normal(m, torch.exp(s)), 2), Independent(Normal(torch.zeros_like(m), PRIOR * torch.ones_like(m)), 2)).sum()
        for m, s in zip(means, logs)
    )


optimizer = torch.optim.SGD(means + logs, lr=0.1)
flat = lambda ts: torch.cat([t.detach().ravel() for t in ts]).tolist()
start = flat(means + logs)
logits = forward(x)
loss = F.cross_entropy(logits, labels) + kl() / N_TRAIN
value, divergence = loss.item(), kl().item()
loss.backward()
gradient = torch.cat([t.grad.ravel() for t in means + logs]).tolist()
optimizer.step()

# Posterior predictive of three weight samples, at the start.
normals = torch.randn(3, sum(a * b for a, b in SIZES))
parameters = torch.tensor(start)
count = parameters.numel() // 2
probabilities, errors = torch.zeros(N, 2), []
for row in normals:
    w, h, at = parameters[:count] + row * torch.exp(parameters[count:]), x, 0
    for i, (a, b) in enumerate(SIZES):
        h = torch.cat([h, torch.ones(len(h), 1)], 1) @ w[at : at + a * b].reshape(a, b)
        at += a * b
        h = torch.relu(h) if i < len(SIZES) - 1 else h
    probabilities += torch.softmax(h, 1) / 3
    errors.append(F.cross_entropy(h[:4], labels[:4]).item())
nll = F.nll_loss(torch.log(probabilities), labels, reduction="none")
hits = (probabilities.argmax(1) == labels).double()

json.dump({
    "hidden": [5, 3], "priorDeviation": PRIOR, "trainSize": N_TRAIN, "inputs": x.ravel().tolist(), "labels": labels.tolist(),
    "noise": [eps.ravel().tolist() for eps in noise], "parameters": start, "logits": logits.detach().ravel().tolist(),
    "loss": value, "kl": divergence, "gradient": gradient, "learningRate": 0.1, "updated": flat(means + logs),
    "predictive": {"normals": normals.tolist(), "trainSize": 4, "trainLoss": nll[:4].mean().item(),
                   "testLoss": nll[4:].mean().item(), "trainAccuracy": hits[:4].mean().item(),
                   "testAccuracy": hits[4:].mean().item(), "meanTrainLoss": sum(errors) / 3},
}, sys.stdout)
