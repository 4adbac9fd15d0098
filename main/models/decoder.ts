/**
 * What the decoder-only transformers have in common: embeddings, causal attention, layer norms and the unembedding.
 * What stands between the attentions (one MLP, or several experts) is the caller's. Logits run over the whole
 * vocabulary and are read at the last position.
 *
 * Where the blocks are normalized (Ba et al. 2016, with PyTorch's ε of 1e-5 and biased variance), for the stream x:
 *   none          x ← x + A(x); x ← x + F(x)                             Nanda et al. 2023
 *   post          x ← N(x + A(x)); x ← N(x + F(x))                       Power et al. 2022; Vaswani et al. 2017
 *   pre           x ← x + A(N(x)); x ← x + F(N(x)); N at the end         Xiong et al. 2020
 *   pre-in-place  x ← N(x); x ← x + A(x); x ← x + F(N(x)); N at the end  the code of Lee et al. 2024 (Grokfast)
 */
import type { DecoderFields } from '../../shared/model-spec.ts';
import {
  add,
  constant,
  contract,
  div,
  gather,
  mul,
  reduceMean,
  softmax,
  sqrt,
  sub,
  take,
  type FloatType,
  type Tensor,
} from '../engine/trace.ts';
import { normal, parameter, uniform, zero, type Drop, type Parameter, type Parameters } from './network.ts';

type Initial = Parameter['initial'];

/** Initial distributions: of tables, of weights that read so many numbers, and of biases. */
export interface DecoderInitials {
  embedding: Initial;
  unembedding: Initial;
  /** Queries, keys and values. */
  attention: Initial;
  weight: (fanIn: number) => Initial;
  /** Beside weights that read so many numbers. */
  bias: (fanIn: number) => Initial;
  attentionBias: Initial;
}

/** What a layer has between its attentions. `stream`: what is added to x. */
export interface FeedForward<T extends { stream: Tensor }> {
  parameters: (layer: number, initials: DecoderInitials) => Parameter[];
  apply: (weights: Parameters, layer: number, x: Tensor) => T;
}

export interface Decoder<T> {
  parameters: readonly Parameter[];
  /** Logits [batch, vocabulary], and what each layer's feed-forward part gave. */
  run: (weights: Parameters, tokens: Tensor, drop?: Drop) => { logits: Tensor; layers: readonly T[] };
}

/** @param vocabulary Number of tokens. @param length Positions of a sequence. Inputs: int32 tokens [batch, length]. */
export function decoder<T extends { stream: Tensor }>(
  spec: DecoderFields,
  vocabulary: number,
  length: number,
  feedForward: FeedForward<T>,
): Decoder<T> {
  const { layers, dModel: d, heads } = spec;
  const { layerNorm = 'none', positions = 'learned', biases = 'mlp', tiedEmbedding = false } = spec;
  const initials = initialsOf(spec, vocabulary);
  const dHead = d / heads;
  const norm = (name: string): Parameter[] => [
    { name: `gain_${name}`, shape: [d], role: 'hidden', initial: () => spec.initScale ?? 1 },
    { name: `shift_${name}`, shape: [d], role: 'bias', initial: zero },
  ];
  const attentionParameters = (i: number): Parameter[] => {
    const { attention, weight, attentionBias } = initials;
    const projections = (['W_K', 'W_Q', 'W_V'] as const).map((name): Parameter => {
      return { name: `${name}.${i}`, shape: [heads, dHead, d], role: 'hidden', initial: attention };
    });
    const out: Parameter = {
      name: `W_O.${i}`,
      shape: [heads, dHead, d],
      role: 'hidden',
      initial: weight(d),
    };
    const bias = (name: string, shape: number[]): Parameter => {
      return { name: `${name}.${i}`, shape, role: 'bias', initial: attentionBias };
    };
    const inner = ['b_K', 'b_Q', 'b_V'].map((name) => bias(name, [heads, dHead]));
    return [...projections, out, ...(biases === 'all' ? [...inner, bias('b_O', [d])] : [])];
  };
  const blocks = Array.from({ length: layers }, (_, i) => [
    ...(layerNorm === 'none' ? [] : norm(`attention.${i}`)),
    ...attentionParameters(i),
    ...(layerNorm === 'none' ? [] : norm(`mlp.${i}`)),
    ...feedForward.parameters(i, initials),
  ]);
  const normsEnd = layerNorm === 'pre' || layerNorm === 'pre-in-place';
  const { embedding, unembedding } = initials;
  const table = (name: string, rows: number): Parameter => {
    return { name, shape: [rows, d], role: 'embedding', initial: embedding };
  };
  const parameters: Parameter[] = [
    table('W_E', vocabulary),
    ...(positions === 'learned' ? [table('W_pos', length)] : []),
    ...blocks.flat(),
    ...(normsEnd ? norm('end') : []),
    ...(tiedEmbedding
      ? []
      : [{ name: 'W_U', shape: [d, vocabulary], role: 'readout', initial: unembedding } as const]),
  ];

  const run: Decoder<T>['run'] = (weights, tokens, drop = (x) => x) => {
    const dropElsewhere: Drop = spec.dropoutAt === 'mlp' ? (x) => x : drop;
    const normalized = (name: string, x: Tensor): Tensor =>
      normalize(x, parameter(weights, `gain_${name}`), parameter(weights, `shift_${name}`));
    const embeddings = parameter(weights, 'W_E');
    const places =
      positions === 'learned' ? parameter(weights, 'W_pos') : sinusoids(length, d, embeddings.dtype);
    let x = dropElsewhere(add(gather(embeddings, tokens), places));
    const results: T[] = [];
    for (let i = 0; i < layers; i++) {
      const attend = (read: Tensor): Tensor => dropElsewhere(attention(weights, i, read, biases === 'all'));
      const feed = (read: Tensor): Tensor => {
        const result = feedForward.apply(weights, i, read);
        results.push(result);
        return drop(result.stream);
      };
      const [first, second] = [`attention.${i}`, `mlp.${i}`];
      switch (layerNorm) {
        case 'none':
          x = add(x, attend(x));
          x = add(x, feed(x));
          break;
        case 'post':
          x = normalized(first, add(x, attend(x)));
          x = normalized(second, add(x, feed(x)));
          break;
        case 'pre':
          x = add(x, attend(normalized(first, x)));
          x = add(x, feed(normalized(second, x)));
          break;
        case 'pre-in-place':
          x = normalized(first, x);
          x = add(x, attend(x));
          x = add(x, feed(normalized(second, x)));
          break;
      }
    }
    if (normsEnd) x = normalized('end', x);
    const logits = tiedEmbedding
      ? contract('bpd,vd->bpv', x, embeddings)
      : contract('bpd,dv->bpv', x, parameter(weights, 'W_U'));
    const { outputScale = 1 } = spec;
    const last = take(logits, 1, -1);
    return { logits: outputScale === 1 ? last : mul(last, outputScale), layers: results };
  };
  return { parameters, run };
}

/**
 * `nanda`: N(0, 1/dModel), the unembedding N(0, 1/vocabulary), biases 0. `torch-linear`: as PyTorch's `Linear` and
 * `Embedding` start, U(±1/√fanIn) and N(0, 1). `torch-multihead`: the same with the attention of PyTorch's
 * `MultiheadAttention`, whose projections start as one Glorot-uniform matrix from d to 3d and whose biases start at 0.
 */
function initialsOf(spec: DecoderFields, vocabulary: number): DecoderInitials {
  const { dModel: d, init = 'nanda', initScale = 1 } = spec;
  if (init === 'nanda') {
    const byModel = normal(initScale / Math.sqrt(d));
    return {
      embedding: byModel,
      unembedding: normal(initScale / Math.sqrt(vocabulary)),
      attention: byModel,
      weight: () => byModel,
      bias: () => zero,
      attentionBias: zero,
    };
  }
  const linear = (fanIn: number): Initial => uniform(initScale / Math.sqrt(fanIn));
  return {
    embedding: normal(initScale),
    unembedding: linear(d),
    attention: init === 'torch-linear' ? linear(d) : uniform(initScale * Math.sqrt(6 / (4 * d))),
    weight: linear,
    bias: linear,
    attentionBias: init === 'torch-linear' ? linear(d) : zero,
  };
}

/** Over the last axis, to mean 0 and variance 1, then gain and shift. */
function normalize(x: Tensor, gain: Tensor, shift: Tensor): Tensor {
  const axis = x.shape.length - 1;
  const centred = sub(x, reduceMean(x, [axis], true));
  const variance = reduceMean(mul(centred, centred), [axis], true);
  return add(mul(div(centred, sqrt(add(variance, 1e-5))), gain), shift);
}

/** Sines in the even and cosines in the odd dimensions, [length, d]: Vaswani et al. 2017, §3.5. */
function sinusoids(length: number, d: number, dtype: Tensor['dtype']): Tensor {
  const values = Array.from({ length: length * d }, (_, at) => {
    const [position, i] = [Math.floor(at / d), at % d];
    const angle = position / 10_000 ** ((i - (i % 2)) / d);
    return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
  return constant(values, [length, d], dtype);
}

/** Labels: b batch, p key position, q query position, i head, h within the head, d model. */
function attention(weights: Parameters, layer: number, x: Tensor, hasBiases: boolean): Tensor {
  const withBias = (name: string, y: Tensor): Tensor =>
    hasBiases ? add(y, parameter(weights, `${name}.${layer}`)) : y;
  const project = (letter: 'K' | 'Q' | 'V'): Tensor =>
    withBias(`b_${letter}`, contract('bpd,ihd->bpih', x, parameter(weights, `W_${letter}.${layer}`)));
  const [queries, keys, values] = [project('Q'), project('K'), project('V')];
  const dHead = queries.shape[3] as number;
  const scores = contract('bqih,bpih->bqpi', mul(queries, 1 / Math.sqrt(dHead)), keys);
  const pattern = softmax(add(scores, causalMask(x)), 2);
  const mixed = contract('bqpi,bpih->bqih', pattern, values);
  return withBias('b_O', contract('bqih,ihd->bqd', mixed, parameter(weights, `W_O.${layer}`)));
}

/** Added to the scores of later positions before the softmax, as Nanda et al. do. */
const maskedScore = -1e10;

/** [q, p, 1]: 0 where position q may look at p, else a score that the softmax turns to 0. */
function causalMask(x: Tensor): Tensor {
  const length = x.shape[1] as number;
  const entries = Array.from({ length: length * length }, (_, i) =>
    i % length > Math.floor(i / length) ? maskedScore : 0,
  );
  return constant(entries, [length, length, 1], x.dtype as FloatType);
}
