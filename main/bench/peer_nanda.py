"""Job N as the paper's code writes it, on PyTorch: prints steps per second.

One full-batch AdamW step of the one-layer transformer of Nanda et al. 2023 (p = 113, batch 3830, d 128, 4 heads,
MLP 512, float32), all positions, eager. Argument: seconds to measure.
"""
import sys
import time

import torch

torch.manual_seed(0)
P, D, HEADS, MLP, BATCH = 113, 128, 4, 512, 3830
pairs = torch.tensor([(a, b, P) for a in range(P) for b in range(P)])
chosen = pairs[torch.randperm(P * P)[:BATCH]]
labels = (chosen[:, 0] + chosen[:, 1]) % P


def parameter(*shape, scale):
    return torch.nn.Parameter(torch.randn(*shape) * scale)


W_E, W_pos = parameter(D, P + 1, scale=D**-0.5), parameter(3, D, scale=D**-0.5)
W_Q, W_K, W_V = (parameter(HEADS, D // HEADS, D, scale=D**-0.5) for _ in range(3))
W_O = parameter(D, D, scale=D**-0.5)
W_in, b_in = parameter(MLP, D, scale=D**-0.5), torch.nn.Parameter(torch.zeros(MLP))
W_out, b_out = parameter(D, MLP, scale=D**-0.5), torch.nn.Parameter(torch.zeros(D))
W_U = parameter(D, P + 1, scale=(P + 1) ** -0.5)
parameters = [W_E, W_pos, W_Q, W_K, W_V, W_O, W_in, b_in, W_out, b_out, W_U]
mask = torch.tril(torch.ones(3, 3))
optimizer = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=1.0, betas=(0.9, 0.98))


def step():
    x = torch.einsum("dbp->bpd", W_E[:, chosen]) + W_pos
    q, k, v = (torch.einsum("ihd,bpd->biph", w, x) for w in (W_Q, W_K, W_V))
    scores = torch.einsum("biph,biqh->biqp", k, q)
    scores = scores * mask - 1e10 * (1 - mask)
    attention = torch.softmax(scores / (D // HEADS) ** 0.5, dim=-1)
    z = torch.einsum("biph,biqp->biqh", v, attention)
    z = torch.einsum("biqh->bqih", z).reshape(BATCH, 3, D)
    x = x + torch.einsum("df,bqf->bqd", W_O, z)
    hidden = torch.relu(torch.einsum("md,bpd->bpm", W_in, x) + b_in)
    x = x + torch.einsum("dm,bpm->bpd", W_out, hidden) + b_out
    logits = (x @ W_U)[:, -1]
    loss = torch.nn.functional.cross_entropy(logits, labels)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


for _ in range(3):
    step()
seconds, steps, started = float(sys.argv[1]), 0, time.perf_counter()
while time.perf_counter() - started < seconds:
    step()
    steps += 1
print(steps / (time.perf_counter() - started))
