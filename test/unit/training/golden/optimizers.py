"""Golden trajectories of update rules, in float64: torch.optim where it has the rule; what it lacks (Grokfast, the
perpendicular gradient, decay toward the initial weights) written here from the papers around torch.optim.

    /usr/bin/python3 optimizers.py > optimizers.json
Made with PyTorch 1.13, Python 3.11.

The loss is sum(a/2 (w - c)^2 + w^4/10) over two parameter tensors, "hidden" with 4 entries and "bias" with 2.
"""

import json
import sys
from collections import deque

import torch

torch.set_default_dtype(torch.float64)
a = [torch.tensor([1.0, 0.3, 2.0, 0.05]), torch.tensor([0.7, 1.5])]
c = [torch.tensor([0.5, -1.0, 0.2, 3.0]), torch.tensor([-0.4, 0.9])]
start = [torch.tensor([1.0, -2.0, 0.5, 0.1]), torch.tensor([0.3, -0.6])]
STEPS = 80


class Ema:
    """Lee et al. 2024, algorithm 2."""

    def __init__(self, alpha, lamb):
        self.alpha, self.lamb, self.slow = alpha, lamb, None

    def __call__(self, parameters):
        gradients = [p.grad.clone() for p in parameters]
        if self.slow is None:
            self.slow = gradients
        self.slow = [h * self.alpha + g * (1 - self.alpha) for h, g in zip(self.slow, gradients)]
        for p, h in zip(parameters, self.slow):
            p.grad = p.grad + self.lamb * h


class Window:
    """Lee et al. 2024, algorithm 1."""

    def __init__(self, window, lamb, warmup):
        self.past, self.lamb, self.warmup = deque(maxlen=window), lamb, warmup

    def __call__(self, parameters):
        self.past.append([p.grad.clone() for p in parameters])
        if self.warmup and len(self.past) < self.past.maxlen:
            return
        for i, p in enumerate(parameters):
            p.grad = p.grad + self.lamb * torch.stack([gradients[i] for gradients in self.past]).mean(0)


def perpendicular(parameters):
    """Prieto et al. 2025: at right angles to each tensor, with the norm that the gradient had."""
    for p in parameters:
        w, g = p.detach(), p.grad
        across = g - (w @ g) / (w @ w) * w
        p.grad = across * g.norm() / across.norm()


class TowardInitial:
    """Power et al. 2022: the decay of AdamW pulls to the weights at the start."""

    def __init__(self, learning_rate, decay):
        self.factor = learning_rate * decay

    def __call__(self, parameters):
        with torch.no_grad():
            for p, first in zip(parameters, start):
                p.add_((first - p) * self.factor)


def factors(make, steps, warmup):
    """Factors on the learning rate, from torch's own schedule, which counts from the end of warmup and stays at its end."""
    rule = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = make(rule)
    values = [step / warmup for step in range(warmup)]
    for step in range(steps + 1):
        values.append(rule.param_groups[0]["lr"])
        rule.step()
        if step < steps:
            schedule.step()
    return values + [values[-1]] * STEPS


def linear(steps, floor):
    return lambda rule: torch.optim.lr_scheduler.LinearLR(rule, 1.0, floor, steps)


def cosine(steps, floor):
    return lambda rule: torch.optim.lr_scheduler.CosineAnnealingLR(rule, steps, floor)


def run(make, change=None, warmup=0, schedule=None):
    parameters = [torch.nn.Parameter(p.clone()) for p in start]
    rule = make(parameters)
    rates = [group["lr"] for group in rule.param_groups]
    trajectory = []
    for step in range(STEPS):
        for group, rate in zip(rule.param_groups, rates):
            factor = min(step / warmup, 1) if warmup else 1
            group["lr"] = rate * (factor if schedule is None else schedule[step])
        rule.zero_grad()
        loss = sum((ai / 2 * (p - ci) ** 2 + p**4 / 10).sum() for p, ai, ci in zip(parameters, a, c))
        loss.backward()
        if change is not None:
            change(parameters)
        rule.step()
        trajectory.append(torch.cat([p.detach() for p in parameters]).tolist())
    return trajectory


def sgd(**settings):
    return lambda p: torch.optim.SGD(p, **settings)


def adam(**settings):
    return lambda p: torch.optim.Adam(p, betas=(0.9, 0.98), eps=1e-8, **settings)


def adamw(**settings):
    return lambda p: torch.optim.AdamW(p, betas=(0.9, 0.98), eps=1e-8, **settings)


def grouped(rule, **settings):
    return lambda p: rule(
        [{"params": [p[0]], "lr": 0.05, "weight_decay": 0.4}, {"params": [p[1]], "lr": 0.01, "weight_decay": 0.0}],
        **settings,
    )


trajectories = {
    "sgd": run(sgd(lr=0.05)),
    "sgd, L2": run(sgd(lr=0.05, weight_decay=0.3)),
    "sgd, momentum": run(sgd(lr=0.02, momentum=0.9, weight_decay=0.1)),
    "sgd, Nesterov": run(sgd(lr=0.02, momentum=0.9, weight_decay=0.1, nesterov=True)),
    "sgd, linear decay": run(sgd(lr=0.05, momentum=0.5), schedule=factors(linear(50, 0.0), 50, warmup=0)),
    "sgd, groups": run(grouped(torch.optim.SGD, momentum=0.8)),
    "adam": run(adam(lr=0.05)),
    "adam, L2": run(adam(lr=0.05, weight_decay=0.3)),
    "adamw": run(adamw(lr=0.05, weight_decay=0.5)),
    "adamw, warmup": run(adamw(lr=0.05, weight_decay=0.5), warmup=10),
    "adamw, warmup and cosine": run(
        adamw(lr=0.05, weight_decay=0.5), schedule=factors(cosine(40, 0.1), 40, warmup=10)
    ),
    "adamw, groups": run(grouped(torch.optim.AdamW, betas=(0.9, 0.98), eps=1e-8)),
    "adamw, toward initial weights": run(adamw(lr=0.05, weight_decay=0.0), TowardInitial(0.05, 0.5)),
    "adam, Grokfast-EMA": run(adam(lr=0.05, weight_decay=0.1), Ema(0.9, 2.0)),
    "sgd, Grokfast-EMA": run(sgd(lr=0.02, momentum=0.9), Ema(0.8, 0.5)),
    "adam, Grokfast-MA": run(adam(lr=0.05), Window(7, 5.0, True)),
    "sgd, Grokfast-MA without warmup": run(sgd(lr=0.02), Window(5, 2.0, False)),
    "sgd, perpendicular": run(sgd(lr=0.02, momentum=0.5), perpendicular),
    "adamw, perpendicular": run(adamw(lr=0.02, weight_decay=0.0), perpendicular),
}
json.dump(
    {
        "a": torch.cat(a).tolist(),
        "c": torch.cat(c).tolist(),
        "start": torch.cat(start).tolist(),
        "steps": STEPS,
        # Every tenth step and the first three.
        "trajectories": {
            name: {str(i + 1): values for i, values in enumerate(rows) if i < 3 or (i + 1) % 10 == 0}
            for name, rows in trajectories.items()
        },
    },
    sys.stdout,
)
