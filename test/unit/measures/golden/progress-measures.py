"""Progress measures of Nanda et al. 2023 on a small transformer, in NumPy float64, after the formulas of their
`transformers.py` and `helpers.py`: prints JSON. Weights are a formula, so that the test can make the same ones.

    /usr/bin/python3 progress-measures.py > progress-measures.json
"""
import json

import numpy as np

P, D, HEADS, MLP = 11, 8, 2, 16
V, H = P + 1, D // HEADS
TRAIN = [i for i in range(P * P) if i % 3 != 1]

shapes = [(V, D), (3, D), (HEADS, H, D), (HEADS, H, D), (HEADS, H, D), (HEADS, H, D), (MLP, D), (MLP,), (MLP, D), (D,), (D, V)]
count = sum(int(np.prod(s)) for s in shapes)
flat = np.array([0.6 * np.sin(1.7 * i + 0.1 * (i % 13)) for i in range(count)])
parts, at = [], 0
for shape in shapes:
    n = int(np.prod(shape))
    parts.append(flat[at : at + n].reshape(shape))
    at += n
W_E, W_pos, W_K, W_Q, W_V, W_O, W_in, b_in, W_out, b_out, W_U = parts

tokens = np.array([(a, b, P) for a in range(P) for b in range(P)])
x = W_E[tokens] + W_pos
k, q, v = (np.einsum("bpd,ihd->biph", x, w) for w in (W_K, W_Q, W_V))
scores = np.einsum("biqh,biph->biqp", q, k) / np.sqrt(H)
scores = np.where(np.tril(np.ones((3, 3))) > 0, scores, -1e10)
attention = np.exp(scores - scores.max(-1, keepdims=True))
attention /= attention.sum(-1, keepdims=True)
x = x + np.einsum("biqp,biph,ihd->bqd", attention, v, W_O)
neurons = np.maximum(x @ W_in.T + b_in, 0)
x = x + neurons @ W_out + b_out
logits = (x @ W_U)[:, -1, :P]
neurons = neurons[:, -1]

basis = [np.ones(P) / np.sqrt(P)]
for i in range(1, P // 2 + 1):
    for wave in (np.cos, np.sin):
        row = wave(2 * np.pi * np.arange(P) * i / P)
        basis.append(row / np.linalg.norm(row))
basis = np.stack(basis)

centred = (neurons - neurons.mean(0)).reshape(P, P, MLP)
squares = np.einsum("xyz,fx,Fy->fFz", centred, basis, basis) ** 2
best = []
for n in range(MLP):
    shares = []
    for freq in range(1, P // 2):
        index = [0, 2 * freq - 1, 2 * freq]
        shares.append(squares[np.ix_(index, index)][:, :, n].sum() / squares[:, :, n].sum() if squares[:, :, n].sum() > 0 else 0)
    if max(shares) > 0:
        best.append(1 + int(np.argmax(shares)))
keys = sorted(set(best))


def term(i, j):
    return (basis[i][:, None] * basis[j][None, :]).flatten()


def component(freq):
    cos = (term(2 * freq - 1, 2 * freq - 1) - term(2 * freq, 2 * freq)) / np.sqrt(2)
    sin = (term(2 * freq, 2 * freq - 1) + term(2 * freq - 1, 2 * freq)) / np.sqrt(2)
    return np.outer(cos, cos @ logits) + np.outer(sin, sin @ logits)


labels = np.array([(a + b) % P for a in range(P) for b in range(P)])


def loss(values, rows):
    values = values[rows]
    top = values.max(-1, keepdims=True)
    logprobs = values - top - np.log(np.exp(values - top).sum(-1, keepdims=True))
    return -logprobs[np.arange(len(rows)), labels[rows]].mean()


trig = sum(component(f) for f in keys)
restricted = trig + (logits - trig).mean(0)


def gini(values):
    """Mean absolute difference over twice the mean: the definition by pairs, not the sorted formula."""
    return np.abs(values[:, None] - values[None, :]).sum() / (2 * len(values) ** 2 * values.mean())


def norms(matrix):
    rows = np.linalg.norm(basis @ matrix, axis=1) ** 2
    return np.sqrt(np.concatenate([rows[:1], rows[1:].reshape(-1, 2).sum(1)]))


embedding = norms(W_E[:P])
print(
    json.dumps(
        {
            "p": P,
            "train": TRAIN,
            "parameters": count,
            "keys": keys,
            "restrictedLoss": loss(restricted, np.arange(P * P)),
            "excludedLoss": loss(logits - trig, np.array(TRAIN)),
            "logitNorms": [float(np.linalg.norm(component(f))) for f in range(1, P // 2 + 1)],
            "trigShare": (trig**2).sum() / ((logits - logits.mean(0)) ** 2).sum(),
            "embeddingNorms": embedding.tolist(),
            "giniEmbedding": gini(embedding),
            "giniNeuronLogit": gini(norms((W_out @ W_U)[:, :P].T)),
        },
        indent=2,
    )
)
