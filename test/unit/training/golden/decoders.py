"""Golden training runs of the transformer's and the MLP's options in float64, built from PyTorch's own modules.

    /usr/bin/python3 decoders.py > decoders.json
Made with PyTorch 1.13, Python 3.11. Blocks after openai/grok (Power et al. 2022: post-norm, no linear biases, sinusoidal
positions), after the code of Grokfast (Lee et al. 2024: nn.MultiheadAttention with biases, the stream itself normalized),
pre-norm with a tied unembedding, MLPs without hidden biases, with one output for two classes, and centred, and the
diagonal network of Lyu et al. 2023 with the logistic loss.
"""

import json
import math
import sys

import torch
from torch import nn
from torch.nn import functional

torch.set_default_dtype(torch.float64)
torch.manual_seed(5)
STEPS = 20

p = 5
pairs = torch.cartesian_prod(torch.arange(p), torch.arange(p))
pairs = pairs[torch.randperm(len(pairs))]
tokens = torch.cat([pairs, torch.full((len(pairs), 1), p)], 1)
sums = pairs.sum(1) % p
token_sets = [(tokens[:14], sums[:14]), (tokens[14:], sums[14:])]
points = torch.randn(30, 4)
classes = (points[:, 0] * points[:, 1] > 0).long()
point_sets = [(points[:20], classes[:20]), (points[20:], classes[20:])]

D, HEADS, WIDTH, LAYERS = 6, 2, 8, 2
later = torch.triu(torch.ones(3, 3, dtype=torch.bool), 1)


def sinusoids():
    rows = [[math.sin(t / 10000 ** (i / D)) if i % 2 == 0 else math.cos(t / 10000 ** ((i - 1) / D)) for i in range(D)]
            for t in range(3)]
    return torch.tensor(rows)


class Decoder(nn.Module):
    def __init__(self, norm, bias, positions, activation, tied, output_scale):
        super().__init__()
        self.norm, self.activation, self.output_scale = norm, activation, output_scale
        self.embedding = nn.Embedding(p + 1, D)
        self.positions = nn.Parameter(torch.randn(3, D)) if positions == "learned" else sinusoids()
        self.blocks = nn.ModuleList(
            nn.ModuleDict({
                "attention": nn.MultiheadAttention(D, HEADS, bias=bias, batch_first=True),
                "first": nn.LayerNorm(D), "second": nn.LayerNorm(D),
                "up": nn.Linear(D, WIDTH, bias=bias), "down": nn.Linear(WIDTH, D, bias=bias),
            }) for _ in range(LAYERS))
        self.end = None if norm == "post" else nn.LayerNorm(D)
        self.head = None if tied else nn.Linear(D, p + 1, bias=False)
        for name, parameter in self.named_parameters():
            # Gains, shifts and biases that start at 1 or 0 would hide what they do.
            if parameter.dim() == 1:
                parameter.data += 0.3 * torch.randn_like(parameter)

    def forward(self, x):
        h = self.embedding(x) + self.positions
        for block in self.blocks:
            attend = lambda y: block["attention"](y, y, y, attn_mask=later, need_weights=False)[0]
            feed = lambda y: block["down"](self.activation(block["up"](y)))
            first, second = block["first"], block["second"]
            if self.norm == "post":
                h = first(h + attend(h))
                h = second(h + feed(h))
            elif self.norm == "pre":
                h = h + attend(first(h))
                h = h + feed(second(h))
            else:
                h = first(h)
                h = h + attend(h)
                h = h + feed(second(h))
        if self.end is not None:
            h = self.end(h)
        logits = self.head(h) if self.head is not None else h @ self.embedding.weight.T
        return self.output_scale * logits[:, -1]

    def weights(self):
        """By the names of the program."""
        w = {"W_E": self.embedding.weight}
        if isinstance(self.positions, nn.Parameter):
            w["W_pos"] = self.positions
        for i, block in enumerate(self.blocks):
            attention = block["attention"]
            projections = attention.in_proj_weight.reshape(3, HEADS, D // HEADS, D)
            for letter, projection in zip("QKV", projections):
                w[f"W_{letter}.{i}"] = projection
            w[f"W_O.{i}"] = attention.out_proj.weight.T
            if attention.in_proj_bias is not None:
                for letter, bias in zip("QKV", attention.in_proj_bias.reshape(3, D)):
                    w[f"b_{letter}.{i}"] = bias
                w[f"b_O.{i}"] = attention.out_proj.bias
            w[f"W_in.{i}"], w[f"W_out.{i}"] = block["up"].weight, block["down"].weight.T
            if block["up"].bias is not None:
                w[f"b_in.{i}"], w[f"b_out.{i}"] = block["up"].bias, block["down"].bias
            for ours, norm in (("attention", block["first"]), ("mlp", block["second"])):
                w[f"gain_{ours}.{i}"], w[f"shift_{ours}.{i}"] = norm.weight, norm.bias
        if self.end is not None:
            w["gain_end"], w["shift_end"] = self.end.weight, self.end.bias
        if self.head is not None:
            w["W_U"] = self.head.weight.T
        return w


class Mlp(nn.Module):
    """Two hidden ReLU layers without biases; one output f for two classes: logits (0, scale · f)."""

    def __init__(self, scale):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b, bias=False) for a, b in ((4, 7), (7, 6), (6, 1)))
        self.scale = scale

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = layer(x).relu()
        f = self.scale * self.layers[-1](x)
        return torch.cat([torch.zeros_like(f), f], 1)

    def weights(self):
        return {f"W.{i}": layer.weight.T for i, layer in enumerate(self.layers)}


class Diagonal(nn.Module):
    """f(x) = sum (u^2 - v^2) x; logits (0, f)."""

    def __init__(self):
        super().__init__()
        self.u, self.v = nn.Parameter(torch.rand(4) + 0.5), nn.Parameter(torch.rand(4) + 0.5)

    def forward(self, x):
        f = x @ (self.u**2 - self.v**2)
        return torch.stack([torch.zeros_like(f), f], 1)

    def weights(self):
        return {"u": self.u, "v": self.v}


def logistic(logits, labels):
    return functional.softplus(-(2 * labels - 1) * (logits[:, 1] - logits[:, 0])).mean()


def train(model, sets, make, centred=False, loss=functional.cross_entropy):
    weights = {name: w.detach().flatten().tolist() for name, w in model.weights().items()}
    with torch.no_grad():
        start = {id(x): model(x) if centred else 0 for x, _ in sets}
    rule = make(model.parameters())
    rows = {}
    for step in range(STEPS + 1):
        with torch.no_grad():
            outputs = [(model(x) - start[id(x)], y) for x, y in sets]
            row = [loss(f, y).item() for f, y in outputs]
            row += [(f.argmax(-1) == y).double().mean().item() for f, y in outputs]
            row.append(math.sqrt(sum((q**2).sum().item() for q in model.parameters())))
        if step % 4 == 0:
            rows[str(step)] = row
        rule.zero_grad()
        x, y = sets[0]
        loss(model(x) - start[id(x)], y).backward()
        rule.step()
    split = lambda part: {"inputs": part[0].flatten().tolist(), "labels": part[1].tolist()}
    return {"weights": weights, "train": split(sets[0]), "test": split(sets[1]), "rows": rows}


adamw = lambda q: torch.optim.AdamW(q, lr=0.01, betas=(0.9, 0.98), eps=1e-8, weight_decay=1.0)
adam = lambda q: torch.optim.Adam(q, lr=0.01, betas=(0.9, 0.98), eps=1e-8, weight_decay=0.0)

json.dump(
    {
        "power": train(Decoder("post", False, "sinusoidal", functional.relu, False, 1.0), token_sets, adamw),
        "grokfast": train(Decoder("pre-in-place", True, "learned", functional.gelu, False, 1.0), token_sets, adam),
        "pre-tied": train(Decoder("pre", True, "learned", functional.relu, True, 0.5), token_sets, adamw, centred=True),
        "mlp": train(Mlp(3.0), point_sets, adamw),
        "mlp-centred": train(Mlp(3.0), point_sets, lambda q: torch.optim.SGD(q, lr=0.05), centred=True),
        "diagonal": train(
            Diagonal(), point_sets, lambda q: torch.optim.SGD(q, lr=0.05, weight_decay=0.01), loss=logistic),
    },
    sys.stdout,
)
