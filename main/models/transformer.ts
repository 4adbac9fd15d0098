/**
 * The decoder-only transformer of Nanda et al. 2023 (arXiv 2301.05217, appendix A; `transformers.py` of their code):
 * learned positions, no layer norm, attention without biases, MLP with biases that start at 0, untied unembedding.
 * Logits run over the whole vocabulary (p + 1 tokens for modular addition, "=" included), as in their code, and are
 * read at the last position.
 */
import type { TransformerSpec } from '../../shared/model-spec.ts';
import {
  add,
  constant,
  contract,
  gather,
  gelu,
  mul,
  relu,
  softmax,
  take,
  type Tensor,
} from '../engine/trace.ts';
import {
  normal,
  parameter,
  zero,
  type Forward,
  type Network,
  type Parameter,
  type Parameters,
} from './network.ts';

/** Added to the scores of later positions before the softmax, as the authors do. */
const maskedScore = -1e10;

/** @param vocabulary Number of tokens. @param length Positions of a sequence. Inputs: int32 tokens [batch, length]. */
export function transformer(spec: TransformerSpec, vocabulary: number, length: number): Network {
  const { layers, dModel: d, heads, dMlp } = spec;
  const dHead = d / heads;
  const byModel = normal(1 / Math.sqrt(d));
  const blocks = Array.from({ length: layers }, (_, i): Parameter[] => [
    { name: `W_K.${i}`, shape: [heads, dHead, d], role: 'hidden', initial: byModel },
    { name: `W_Q.${i}`, shape: [heads, dHead, d], role: 'hidden', initial: byModel },
    { name: `W_V.${i}`, shape: [heads, dHead, d], role: 'hidden', initial: byModel },
    { name: `W_O.${i}`, shape: [heads, dHead, d], role: 'hidden', initial: byModel },
    { name: `W_in.${i}`, shape: [dMlp, d], role: 'hidden', initial: byModel },
    { name: `b_in.${i}`, shape: [dMlp], role: 'bias', initial: zero },
    { name: `W_out.${i}`, shape: [dMlp, d], role: 'hidden', initial: byModel },
    { name: `b_out.${i}`, shape: [d], role: 'bias', initial: zero },
  ]);
  const parameters: Parameter[] = [
    { name: 'W_E', shape: [vocabulary, d], role: 'embedding', initial: byModel },
    { name: 'W_pos', shape: [length, d], role: 'embedding', initial: byModel },
    ...blocks.flat(),
    { name: 'W_U', shape: [d, vocabulary], role: 'readout', initial: normal(1 / Math.sqrt(vocabulary)) },
  ];
  const forward = (weights: Parameters, tokens: Tensor): Forward => {
    let x = add(gather(parameter(weights, 'W_E'), tokens), parameter(weights, 'W_pos'));
    const hidden: Tensor[] = [];
    for (let layer = 0; layer < layers; layer++) {
      x = add(x, attention(weights, layer, x));
      const active = neurons(weights, layer, x, spec.activation);
      hidden.push(take(active, 1, -1));
      x = add(x, outOfNeurons(weights, layer, active));
    }
    return { logits: take(contract('bpd,dv->bpv', x, parameter(weights, 'W_U')), 1, -1), hidden };
  };
  return { parameters, forward, logits: (weights, tokens) => forward(weights, tokens).logits };
}

/** Labels: b batch, p key position, q query position, i head, h within the head, d model. */
function attention(weights: Parameters, layer: number, x: Tensor): Tensor {
  const project = (name: string): Tensor =>
    contract('bpd,ihd->bpih', x, parameter(weights, `${name}.${layer}`));
  const [queries, keys, values] = [project('W_Q'), project('W_K'), project('W_V')];
  const dHead = queries.shape[3] as number;
  const scores = contract('bqih,bpih->bqpi', mul(queries, 1 / Math.sqrt(dHead)), keys);
  const pattern = softmax(add(scores, causalMask(x)), 2);
  const mixed = contract('bqpi,bpih->bqih', pattern, values);
  return contract('bqih,ihd->bqd', mixed, parameter(weights, `W_O.${layer}`));
}

/** [q, p, 1]: 0 where position q may look at p, else a score that the softmax turns to 0. */
function causalMask(x: Tensor): Tensor {
  const length = x.shape[1] as number;
  const entries = Array.from({ length: length * length }, (_, i) =>
    i % length > Math.floor(i / length) ? maskedScore : 0,
  );
  return constant(entries, [length, length, 1], x.dtype);
}

/** The MLP's activations, [batch, position, neuron]. */
function neurons(
  weights: Parameters,
  layer: number,
  x: Tensor,
  activation: TransformerSpec['activation'],
): Tensor {
  const before = add(
    contract('bpd,md->bpm', x, parameter(weights, `W_in.${layer}`)),
    parameter(weights, `b_in.${layer}`),
  );
  return activation === 'relu' ? relu(before) : gelu(before);
}

function outOfNeurons(weights: Parameters, layer: number, active: Tensor): Tensor {
  return add(
    contract('bpm,md->bpd', active, parameter(weights, `W_out.${layer}`)),
    parameter(weights, `b_out.${layer}`),
  );
}
