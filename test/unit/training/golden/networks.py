"""Golden training runs of small networks in float64: the same weights and data, losses and weight norm step by step.

    /usr/bin/python3 networks.py > networks.json
Made with PyTorch 1.13, Python 3.11. The transformer follows Nanda et al. 2023, appendix A (no layer norm, learned
positions, causal attention without biases), read at the last position.
"""

import json
import math
import sys

import torch
from torch.nn import functional

torch.set_default_dtype(torch.float64)
torch.manual_seed(1)
STEPS = 40


def train(weights, forward, train_set, test_set, make, loss=functional.cross_entropy):
    parameters = {name: torch.nn.Parameter(w.clone()) for name, w in weights.items()}
    rule = make(list(parameters.values()))
    rows = []
    for step in range(STEPS + 1):
        with torch.no_grad():
            row = [loss(forward(parameters, x), y).item() for x, y in (train_set, test_set)]
            row += [(forward(parameters, x).argmax(-1) == y).double().mean().item() for x, y in (train_set, test_set)]
            row.append(math.sqrt(sum((p**2).sum().item() for p in parameters.values())))
        rows.append(row)
        rule.zero_grad()
        loss(forward(parameters, train_set[0]), train_set[1]).backward()
        rule.step()
    return {
        "weights": {name: w.flatten().tolist() for name, w in weights.items()},
        "train": {"inputs": train_set[0].flatten().tolist(), "labels": train_set[1].tolist()},
        "test": {"inputs": test_set[0].flatten().tolist(), "labels": test_set[1].tolist()},
        # Every fourth step: train loss, test loss, train accuracy, test accuracy, weight norm.
        "rows": {str(step): row for step, row in enumerate(rows) if step % 4 == 0},
    }


def mlp_forward(activation):
    def forward(p, x):
        for i in range(2):
            x = activation(x @ p[f"W.{i}"] + p[f"b.{i}"])
        return x @ p["W.2"] + p["b.2"]

    return forward


def mlp_weights(widths):
    weights = {}
    for i, (fan_in, fan_out) in enumerate(zip(widths, widths[1:])):
        weights[f"W.{i}"] = torch.randn(fan_in, fan_out) / math.sqrt(fan_in)
        weights[f"b.{i}"] = 0.3 * torch.randn(fan_out)
    return weights


def one_hot_mse(logits, labels):
    return functional.mse_loss(logits, functional.one_hot(labels, logits.shape[-1]).double())


p = 5
pairs = torch.cartesian_prod(torch.arange(p), torch.arange(p))
pairs = pairs[torch.randperm(len(pairs))]
tokens = torch.cat([pairs, torch.full((len(pairs), 1), p)], 1)
sums = pairs.sum(1) % p
token_sets = [(tokens[:14], sums[:14]), (tokens[14:], sums[14:])]


def transformer_forward(q, x):
    h = q["W_E"][x] + q["W_pos"]
    keys, queries, values = (torch.einsum("bpd,ihd->bpih", h, q[f"{name}.0"]) for name in ("W_K", "W_Q", "W_V"))
    scores = torch.einsum("bqih,bpih->biqp", queries, keys) / math.sqrt(queries.shape[-1])
    later = torch.triu(torch.ones(3, 3, dtype=torch.bool), 1)
    pattern = scores.masked_fill(later, float("-inf")).softmax(-1)
    mixed = torch.einsum("biqp,bpih->bqih", pattern, values)
    h = h + torch.einsum("bqih,ihd->bqd", mixed, q["W_O.0"])
    active = functional.gelu(torch.einsum("bpd,md->bpm", h, q["W_in.0"]) + q["b_in.0"])
    h = h + torch.einsum("bpm,md->bpd", active, q["W_out.0"]) + q["b_out.0"]
    return (h @ q["W_U"])[:, -1]


d, heads, width = 6, 2, 8
transformer_weights = {
    "W_E": torch.randn(p + 1, d),
    "W_pos": torch.randn(3, d),
    **{f"{name}.0": torch.randn(heads, d // heads, d) / math.sqrt(d) for name in ("W_K", "W_Q", "W_V", "W_O")},
    "W_in.0": torch.randn(width, d) / math.sqrt(d),
    "b_in.0": 0.2 * torch.randn(width),
    "W_out.0": torch.randn(width, d) / math.sqrt(d),
    "b_out.0": 0.2 * torch.randn(d),
    "W_U": torch.randn(d, p + 1) / math.sqrt(d),
}

points = torch.randn(30, 4)
classes = ((points[:, 0] * points[:, 1] > 0).long() + (points[:, 2] > 0.5).long())
point_sets = [(points[:20], classes[:20]), (points[20:], classes[20:])]
token_one_hot = [(functional.one_hot(x[:, :2], p).flatten(1).double(), y) for x, y in token_sets]
quadratic = train(
    mlp_weights([2 * p, 7, 6, p]), mlp_forward(torch.square), *token_one_hot,
    lambda q: torch.optim.SGD(q, lr=0.02, momentum=0.5), one_hot_mse,
)
# The network reads the tokens themselves.
for split, (x, _) in zip(("train", "test"), token_sets):
    quadratic[split]["inputs"] = x.flatten().tolist()

json.dump(
    {
        "steps": STEPS,
        "mlp": train(
            mlp_weights([4, 7, 6, 3]), mlp_forward(torch.relu), *point_sets,
            lambda q: torch.optim.AdamW(q, lr=0.02, betas=(0.9, 0.98), eps=1e-8, weight_decay=0.5),
        ),
        "quadratic": quadratic,
        "embedding-decoder": train(
            {"E": torch.randn(4, 2), **mlp_weights([2, 7, 6, 3])},
            lambda q, x: mlp_forward(torch.tanh)(q, x @ q["E"]), *point_sets,
            # The embeddings are the first parameter, and have a rate of their own and no decay.
            lambda q: torch.optim.AdamW(
                [{"params": q[:1], "lr": 0.1, "weight_decay": 0.0}, {"params": q[1:]}],
                lr=0.02, betas=(0.9, 0.98), eps=1e-8, weight_decay=0.5,
            ),
        ),
        "transformer": train(
            transformer_weights, transformer_forward, *token_sets,
            lambda q: torch.optim.AdamW(q, lr=0.01, betas=(0.9, 0.98), eps=1e-8, weight_decay=1.0),
        ),
    },
    sys.stdout,
)
