"""The benchmark jobs on PyTorch, eager, as the papers' code writes them: prints steps per second.

Arguments: the job (N, P, G, M, K or T), seconds to measure, and `identical` for the same maths with the operations that
Latebloom's compiler leaves out left out by hand (N: last position, one row per distinct token; P: three
tokens, and the second layer at the last position; G: rows in the place of
products with one-hot vectors).
"""
import sys
import time

import torch

torch.manual_seed(0)
mse = torch.nn.functional.mse_loss


def parameter(*shape, scale, dtype=torch.float32):
    return torch.nn.Parameter(torch.randn(*shape, dtype=dtype) * scale)


def training(parameters, loss, rule):
    """One step: loss, gradients, update, and the loss as a number, as training loops log it."""
    optimizer = rule(parameters)

    def step():
        value = loss()
        value.backward()
        optimizer.step()
        optimizer.zero_grad()
        return value.item()

    return step


def nanda(identical):
    p, d, heads, mlp, batch = 113, 128, 4, 512, 3830
    pairs = torch.tensor([(a, b, p) for a in range(p) for b in range(p)])
    chosen = pairs[torch.randperm(p * p)[:batch]]
    labels = (chosen[:, 0] + chosen[:, 1]) % p
    w_e, w_pos = parameter(d, p + 1, scale=d**-0.5), parameter(3, d, scale=d**-0.5)
    w_q, w_k, w_v = (parameter(heads, d // heads, d, scale=d**-0.5) for _ in range(3))
    w_o = parameter(d, d, scale=d**-0.5)
    w_in, b_in = parameter(mlp, d, scale=d**-0.5), torch.nn.Parameter(torch.zeros(mlp))
    w_out, b_out = parameter(d, mlp, scale=d**-0.5), torch.nn.Parameter(torch.zeros(d))
    w_u = parameter(d, p + 1, scale=(p + 1) ** -0.5)
    parameters = [w_e, w_pos, w_q, w_k, w_v, w_o, w_in, b_in, w_out, b_out, w_u]
    mask = torch.tril(torch.ones(3, 3))
    root = (d // heads) ** 0.5

    def all_positions():
        x = torch.einsum("dbp->bpd", w_e[:, chosen]) + w_pos
        q, k, v = (torch.einsum("ihd,bpd->biph", w, x) for w in (w_q, w_k, w_v))
        scores = torch.einsum("biph,biqh->biqp", k, q)
        scores = scores * mask - 1e10 * (1 - mask)
        attention = torch.softmax(scores / root, dim=-1)
        z = torch.einsum("biph,biqp->biqh", v, attention)
        z = torch.einsum("biqh->bqih", z).reshape(batch, 3, d)
        x = x + torch.einsum("df,bqf->bqd", w_o, z)
        hidden = torch.relu(torch.einsum("md,bpd->bpm", w_in, x) + b_in)
        x = x + torch.einsum("dm,bpm->bpd", w_out, hidden) + b_out
        return (x @ w_u)[:, -1]

    a, b = chosen[:, 0], chosen[:, 1]

    def token_tables():
        # Rows of the residual stream: symbols at positions 0 and 1, and "=" at position 2, the same in every example.
        first, second = (w_e[:, :p].T + w_pos[i] for i in (0, 1))
        last = w_e[:, p] + w_pos[2]
        q = torch.einsum("ihd,d->ih", w_q, last) / root
        k0, k1 = (torch.einsum("ihd,td,ih->ti", w_k, x, q) for x in (first, second))
        k2 = torch.einsum("ihd,d,ih->i", w_k, last, q)
        v0, v1 = (torch.einsum("ihd,td->tih", w_v, x) for x in (first, second))
        v2 = torch.einsum("ihd,d->ih", w_v, last)
        scores = torch.stack([k0[a], k1[b], k2.expand(batch, heads)], -1)
        weights = torch.softmax(scores, -1)
        z = weights[..., 0:1] * v0[a] + weights[..., 1:2] * v1[b] + weights[..., 2:3] * v2
        x = last + z.reshape(batch, d) @ w_o.T
        hidden = torch.relu(x @ w_in.T + b_in)
        x = x + hidden @ w_out.T + b_out
        return x @ w_u

    logits = token_tables if identical else all_positions
    return training(
        parameters,
        lambda: torch.nn.functional.cross_entropy(logits(), labels),
        lambda q: torch.optim.AdamW(q, lr=1e-3, weight_decay=1.0, betas=(0.9, 0.98)),
    )


class Head(torch.nn.Module):
    """As openai/grok has it: every head projects by itself."""

    def __init__(self, d, d_head):
        super().__init__()
        self.q, self.k, self.v = (torch.nn.Linear(d, d_head, bias=False) for _ in range(3))
        self.root = d_head**0.5

    def forward(self, query, x, mask):
        scores = self.q(query) @ self.k(x).transpose(-2, -1) / self.root
        if mask is not None:
            scores = scores.masked_fill(mask == 0, float("-inf"))
        return torch.softmax(scores, dim=-1) @ self.v(x)


class Block(torch.nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = torch.nn.ModuleList([Head(d, d // heads) for _ in range(heads)])
        self.out = torch.nn.Linear(d, d, bias=False)
        self.first, self.second = torch.nn.LayerNorm(d), torch.nn.LayerNorm(d)
        self.mlp = torch.nn.Sequential(
            torch.nn.Linear(d, 4 * d, bias=False), torch.nn.ReLU(), torch.nn.Linear(4 * d, d, bias=False)
        )

    def forward(self, x, mask, last=False):
        query = x[:, -1:] if last else x
        mixed = torch.cat([head(query, x, mask) for head in self.heads], dim=-1)
        x = self.first(query + self.out(mixed))
        return self.second(x + self.mlp(x))


def power(identical):
    p, d, batch = 97, 128, 512
    # (a, b, c) with a / b = c. The vocabulary of the paper's code holds the tokens of all its tasks.
    equations = torch.tensor([((b * c) % p, b, c) for b in range(1, p) for c in range(p)])
    chosen = equations[torch.randperm(len(equations))[: len(equations) // 2]]
    end, divide, equal, tokens = p, p + 1, p + 2, 98 if identical else 232
    a, b, c = chosen.T
    mark = lambda token: torch.full_like(a, token)
    if identical:
        inputs, targets = torch.stack([a, b, mark(97)], 1), c[:, None]
    else:
        inputs = torch.stack([mark(end), a, mark(divide), b, mark(equal), c], 1)
        targets = torch.stack([c, mark(end)], 1)
    n, length = inputs.shape
    angles = torch.arange(length)[:, None] / 10000 ** (torch.arange(0, d, 2) / d)
    positions = torch.stack([angles.sin(), angles.cos()], -1).reshape(length, d)
    mask = torch.tril(torch.ones(length, length))
    embedding, unembedding = torch.nn.Embedding(tokens, d), torch.nn.Linear(d, tokens, bias=False)
    blocks = torch.nn.ModuleList([Block(d, 4) for _ in range(2)])
    parameters = [q for module in (embedding, unembedding, blocks) for q in module.parameters()]
    state = {"order": None, "next": n}

    def loss():
        if state["next"] >= n:
            state.update(order=torch.randperm(n), next=0)
        rows = state["order"][state["next"] : state["next"] + batch]
        state["next"] += batch
        x = embedding(inputs[rows]) + positions
        x = blocks[0](x, mask)
        x = blocks[1](x, None if identical else mask, last=identical)
        logits = unembedding(x)[:, -targets.shape[1] :]
        return torch.nn.functional.cross_entropy(logits.transpose(-2, -1), targets[rows])

    return training(parameters, loss, lambda q: torch.optim.AdamW(q, lr=1e-3, weight_decay=1.0, betas=(0.9, 0.98)))


def gromov(identical):
    p, width = 97, 500
    pairs = torch.cartesian_prod(torch.arange(p), torch.arange(p))
    chosen = pairs[torch.randperm(p * p)[: p * p // 2]]
    targets = torch.nn.functional.one_hot(chosen.sum(1) % p, p).float()
    inputs = torch.nn.functional.one_hot(chosen, p).flatten(1).float()
    w, b = parameter(2 * p, width, scale=(2 * p) ** -0.5), torch.nn.Parameter(torch.zeros(width))
    v = parameter(width, p, scale=width**-0.5)
    a, c = chosen[:, 0], chosen[:, 1] + p

    def loss():
        h = (w[a] + w[c] if identical else inputs @ w) + b
        return mse((h * h) @ v, targets)

    return training([w, b, v], loss, lambda q: torch.optim.SGD(q, lr=10.0))


def linear_layers(widths, scale=1.0, dtype=torch.float32):
    layers = [torch.nn.Linear(i, o, dtype=dtype) for i, o in zip(widths, widths[1:])]
    with torch.no_grad():
        for layer in layers:
            for q in layer.parameters():
                q *= scale
    return layers


def omnigrok():
    dtype = torch.float64
    images, labels = torch.rand(1000, 784, dtype=dtype), torch.randint(0, 10, (1000,))
    targets = torch.nn.functional.one_hot(labels, 10).to(dtype)
    first, second, third = linear_layers([784, 200, 200, 10], 8.0, dtype)
    model = torch.nn.Sequential(first, torch.nn.ReLU(), second, torch.nn.ReLU(), third)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)
    state = {"order": None, "next": 5}

    def step():
        if state["next"] == 5:
            state.update(order=torch.randperm(1000), next=0)
        rows = state["order"][200 * state["next"] : 200 * (state["next"] + 1)]
        state["next"] += 1
        optimizer.zero_grad()
        loss = mse(model(images[rows]), targets[rows])
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def kumar():
    d, n, width, epsilon = 100, 550, 500, 0.25
    x = torch.randn(n, d) / d**0.5
    y = 0.5 * (x @ torch.randn(d)) ** 2
    w = parameter(d, width, scale=1.0)

    def loss():
        h = x @ w
        return mse((h + epsilon * h**2 / 2).sum(1) / width, y)

    return training([w], loss, lambda q: torch.optim.SGD(q, lr=100.0))


def liu():
    pairs = torch.tensor([(i, j) for i in range(10) for j in range(i, 10)])
    chosen = pairs[torch.randperm(55)[:45]]
    targets = torch.randn(19, 30)[chosen.sum(1)]
    latent = torch.nn.Parameter(torch.rand(10, 1) - 0.5)
    first, second, third = linear_layers([1, 200, 200, 30])
    decoder = torch.nn.Sequential(first, torch.nn.Tanh(), second, torch.nn.Tanh(), third)
    rules = [
        torch.optim.AdamW([latent], lr=1e-3, weight_decay=0.0),
        torch.optim.AdamW(decoder.parameters(), lr=1e-3, weight_decay=5.0),
    ]

    def step():
        for rule in rules:
            rule.zero_grad()
        loss = torch.mean((decoder(latent[chosen[:, 0]] + latent[chosen[:, 1]]) - targets) ** 2)
        loss.backward()
        for rule in rules:
            rule.step()
        return loss.item()

    return step


job, seconds, identical = sys.argv[1], float(sys.argv[2]), sys.argv[3:] == ["identical"]
step = {
    "N": lambda: nanda(identical),
    "P": lambda: power(identical),
    "G": lambda: gromov(identical),
    "M": omnigrok,
    "K": kumar,
    "T": liu,
}[job]()
for _ in range(5):
    step()
steps, started = 0, time.perf_counter()
while time.perf_counter() - started < seconds:
    step()
    steps += 1
print(steps / (time.perf_counter() - started))
