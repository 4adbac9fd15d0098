"""Golden training run of a mixture-of-experts decoder in float64, with PyTorch's topk, scatter and attention.

    /usr/bin/python3 moe.py > moe.json
Made with PyTorch 1.13, Python 3.11. Router and experts as in OLMoE (Muennighoff et al. 2024): a softmax over all experts,
the largest two kept as they are. The load-balance loss is that of Fedus et al. 2022, equations 4 to 6, with the choices of
all tokens of the batch counted by bincount. Tokens are sent to experts one by one.
"""

import json
import math
import sys

import torch
from torch import nn
from torch.nn import functional

torch.set_default_dtype(torch.float64)
torch.manual_seed(7)
STEPS, BALANCE = 20, 0.3
D, HEADS, WIDTH, LAYERS, EXPERTS, CHOSEN, p = 6, 2, 5, 2, 4, 2, 5

pairs = torch.cartesian_prod(torch.arange(p), torch.arange(p))
pairs = pairs[torch.randperm(len(pairs))]
tokens = torch.cat([pairs, torch.full((len(pairs), 1), p)], 1)
sums = pairs.sum(1) % p
train_set, test_set = (tokens[:14], sums[:14]), (tokens[14:], sums[14:])
later = torch.triu(torch.ones(3, 3, dtype=torch.bool), 1)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(D, HEADS, bias=False, batch_first=True)
        self.first, self.second = nn.LayerNorm(D), nn.LayerNorm(D)
        self.router = nn.Linear(D, EXPERTS, bias=False)
        self.router.weight.data *= 3
        self.up = nn.ModuleList(nn.Linear(D, WIDTH) for _ in range(EXPERTS))
        self.down = nn.ModuleList(nn.Linear(WIDTH, D) for _ in range(EXPERTS))

    def experts(self, x):
        flat = x.reshape(-1, D)
        probabilities = self.router(flat).softmax(-1)
        gates, choices = probabilities.topk(CHOSEN)
        rows = []
        for token, gate, choice in zip(flat, gates, choices):
            rows.append(sum(g * self.down[e](self.up[e](token).relu()) for g, e in zip(gate, choice.tolist())))
        shares = torch.bincount(choices.flatten(), minlength=EXPERTS).double() / choices.numel()
        balance = EXPERTS * (shares * probabilities.mean(0)).sum()
        return torch.stack(rows).reshape(x.shape), balance, probabilities.reshape(*x.shape[:2], EXPERTS)

    def forward(self, x):
        h = self.first(x)
        x = x + self.attention(h, h, h, attn_mask=later, need_weights=False)[0]
        out, balance, probabilities = self.experts(self.second(x))
        return x + out, balance, probabilities


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.positions = nn.Embedding(p + 1, D), nn.Parameter(torch.randn(3, D))
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.end, self.head = nn.LayerNorm(D), nn.Linear(D, p + 1, bias=False)

    def forward(self, x):
        h, balance, routing = self.embedding(x) + self.positions, 0.0, []
        for layer in self.layers:
            h, one, probabilities = layer(h)
            balance = balance + one
            routing.append(probabilities)
        return self.head(self.end(h))[:, -1], balance, routing

    def weights(self):
        w = {"W_E": self.embedding.weight, "W_pos": self.positions}
        for i, layer in enumerate(self.layers):
            for letter, projection in zip("QKV", layer.attention.in_proj_weight.reshape(3, HEADS, D // HEADS, D)):
                w[f"W_{letter}.{i}"] = projection
            w[f"W_O.{i}"] = layer.attention.out_proj.weight.T
            for ours, norm in (("attention", layer.first), ("mlp", layer.second)):
                w[f"gain_{ours}.{i}"], w[f"shift_{ours}.{i}"] = norm.weight, norm.bias
            w[f"W_R.{i}"] = layer.router.weight
            w[f"W_in.{i}"] = torch.stack([up.weight for up in layer.up])
            w[f"b_in.{i}"] = torch.stack([up.bias for up in layer.up])
            w[f"W_out.{i}"] = torch.stack([down.weight.T for down in layer.down])
            w[f"b_out.{i}"] = torch.stack([down.bias for down in layer.down])
        w["gain_end"], w["shift_end"] = self.end.weight, self.end.bias
        w["W_U"] = self.head.weight.T
        return w


model = Model()
weights = {name: w.detach().flatten().tolist() for name, w in model.weights().items()}
routing = [r.detach().flatten().tolist() for r in model(train_set[0])[2]]
balance = model(train_set[0])[1].item()
rule = torch.optim.AdamW(model.parameters(), lr=0.01, betas=(0.9, 0.98), eps=1e-8, weight_decay=1.0)
rows = {}
for step in range(STEPS + 1):
    with torch.no_grad():
        outputs = [(model(x)[0], y) for x, y in (train_set, test_set)]
        row = [functional.cross_entropy(f, y).item() for f, y in outputs]
        row += [(f.argmax(-1) == y).double().mean().item() for f, y in outputs]
        row.append(math.sqrt(sum((q**2).sum().item() for q in model.parameters())))
    if step % 4 == 0:
        rows[str(step)] = row
    rule.zero_grad()
    logits, penalty, _ = model(train_set[0])
    (functional.cross_entropy(logits, train_set[1]) + BALANCE * penalty).backward()
    rule.step()

split = lambda part: {"inputs": part[0].flatten().tolist(), "labels": part[1].tolist()}
json.dump(
    {"weights": weights, "train": split(train_set), "test": split(test_set), "rows": rows, "routing": routing,
     "balance": balance},
    sys.stdout,
)
