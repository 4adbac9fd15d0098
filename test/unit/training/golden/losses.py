"""Golden losses and their gradients by the logits, in float64, from PyTorch's own cross-entropy and MSE, StableMax
(Prieto et al. 2025) and the hinge loss (Crammer & Singer 2001) written from their definitions with torch's automatic differentiation.

    /usr/bin/python3 losses.py > losses.json
Made with PyTorch 1.13, Python 3.11.
"""

import json
import sys

import torch
from torch.nn import functional

torch.set_default_dtype(torch.float64)
torch.manual_seed(4)
logits = torch.cat([3 * torch.randn(4, 5), torch.tensor([[0.0, 0.0, 0, 0, 0], [1.0, -1, 1, 0, 40], [-60.0, 80, 1e-9, -1e-9, 2]])])
labels = torch.tensor([0, 3, 4, 1, 2, 0, 1])


def stablemax(x, y):
    s = torch.where(x < 0, 1 / (1 - torch.where(x < 0, x, torch.zeros_like(x))), x + 1)
    return -torch.log(s / s.sum(-1, keepdim=True))[torch.arange(len(y)), y]


def hinge(x, y):
    own = x.gather(1, y[:, None])[:, 0]
    others = torch.stack([torch.cat([row[:label], row[label + 1 :]]) for row, label in zip(x, y)])
    return torch.clamp(1 + others.amax(-1) - own, min=0)


losses = {
    "cross-entropy": lambda x, y: functional.cross_entropy(x, y, reduction="none"),
    "mse": lambda x, y: functional.mse_loss(x, functional.one_hot(y, 5).double(), reduction="none").mean(-1),
    "stablemax": stablemax,
    "hinge": hinge,
}
result = {}
for name, loss in losses.items():
    x = logits.clone().requires_grad_()
    values = loss(x, labels)
    values.mean().backward()
    result[name] = {"values": values.tolist(), "gradient": x.grad.flatten().tolist()}
json.dump({"logits": logits.flatten().tolist(), "labels": labels.tolist(), "classes": 5, "losses": result}, sys.stdout)
