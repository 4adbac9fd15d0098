/**
 * The transformer of Power et al. 2022 (arXiv 2201.02177; `transformer.py` of openai/grok) on a table of equations: post
 * layer norm, sinusoidal positions, no biases in linear layers, an unembedding of its own.
 */
import type { Arm } from '../../shared/study.ts';
import { buildDataset } from '../datasets/index.ts';
import {
  add,
  constant,
  contract,
  div,
  gather,
  mul,
  reduceMean,
  relu,
  softmax,
  sqrt,
  sub,
  take,
  type FloatType,
  type Tensor,
} from '../engine/trace.ts';
import {
  normal,
  parameter,
  uniform,
  zero,
  type Network,
  type Parameter,
  type Parameters,
} from '../models/network.ts';
import { neuralTask, type NeuralTask } from '../training/neural-task.ts';

const [d, heads, dMlp, layers] = [128, 4, 512, 2];

/** The examples of the arm's dataset, and the network of the paper in the place of the arm's. */
export function powerTask(arm: Arm, seed: number, dtype: FloatType): NeuralTask {
  const dataset = buildDataset(arm.dataset, seed);
  if (dataset.kind !== 'tokens') throw new Error('The transformer reads tokens.');
  return {
    ...neuralTask(arm.model, dataset, dtype),
    network: powerTransformer(dataset.vocabulary, dataset.length),
  };
}

function powerTransformer(vocabulary: number, length: number): Network {
  const linear = (fanIn: number): Parameter['initial'] => uniform(1 / Math.sqrt(fanIn));
  const matrix = (name: string, shape: number[], fanIn: number): Parameter => {
    return { name, shape, role: 'hidden', initial: linear(fanIn) };
  };
  const norm = (name: string): Parameter[] => [
    { name: `gain.${name}`, shape: [d], role: 'hidden', initial: () => 1 },
    { name: `shift.${name}`, shape: [d], role: 'bias', initial: zero },
  ];
  const blocks = Array.from({ length: layers }, (_, i) => [
    ...['K', 'Q', 'V', 'O'].map((letter) => matrix(`W_${letter}.${i}`, [heads, d / heads, d], d)),
    ...norm(`attention.${i}`),
    matrix(`W_in.${i}`, [dMlp, d], d),
    matrix(`W_out.${i}`, [dMlp, d], dMlp),
    ...norm(`mlp.${i}`),
  ]);
  const parameters: Parameter[] = [
    { name: 'W_E', shape: [vocabulary, d], role: 'embedding', initial: normal(1) },
    ...blocks.flat(),
    { name: 'W_U', shape: [d, vocabulary], role: 'readout', initial: linear(d) },
  ];
  const logits = (weights: Parameters, tokens: Tensor): Tensor => {
    const embeddings = parameter(weights, 'W_E');
    let x = add(gather(embeddings, tokens), sinusoids(length, embeddings.dtype));
    for (let i = 0; i < layers; i++) {
      x = normalized(weights, `attention.${i}`, add(x, attention(weights, i, x)));
      const hidden = relu(contract('bpd,md->bpm', x, parameter(weights, `W_in.${i}`)));
      const out = contract('bpm,md->bpd', hidden, parameter(weights, `W_out.${i}`));
      x = normalized(weights, `mlp.${i}`, add(x, out));
    }
    return contract('bd,dv->bv', take(x, 1, -1), parameter(weights, 'W_U'));
  };
  return { parameters, logits };
}

/** Layer normalization with gain and shift: Ba et al. 2016, equation 3, with PyTorch's ε. */
function normalized(weights: Parameters, name: string, x: Tensor): Tensor {
  const axis = x.shape.length - 1;
  const centred = sub(x, reduceMean(x, [axis], true));
  const variance = reduceMean(mul(centred, centred), [axis], true);
  const unit = div(centred, sqrt(add(variance, 1e-5)));
  return add(mul(unit, parameter(weights, `gain.${name}`)), parameter(weights, `shift.${name}`));
}

/** Causal. Labels: b batch, p key position, q query position, i head, h within the head, d model. */
function attention(weights: Parameters, layer: number, x: Tensor): Tensor {
  const project = (letter: string): Tensor =>
    contract('bpd,ihd->bpih', x, parameter(weights, `W_${letter}.${layer}`));
  const [queries, keys, values] = [project('Q'), project('K'), project('V')];
  const scores = contract('bqih,bpih->bqpi', mul(queries, 1 / Math.sqrt(d / heads)), keys);
  const length = x.shape[1] as number;
  const later = Array.from({ length: length * length }, (_, i) =>
    i % length > Math.floor(i / length) ? -1e10 : 0,
  );
  const pattern = softmax(add(scores, constant(later, [length, length, 1], x.dtype)), 2);
  const mixed = contract('bqpi,bpih->bqih', pattern, values);
  return contract('bqih,ihd->bqd', mixed, parameter(weights, `W_O.${layer}`));
}

/** Sines in the even and cosines in the odd dimensions: Vaswani et al. 2017, §3.5. */
function sinusoids(length: number, dtype: Tensor['dtype']): Tensor {
  const values = Array.from({ length: length * d }, (_, at) => {
    const [position, i] = [Math.floor(at / d), at % d];
    const angle = position / 10_000 ** ((i - (i % 2)) / d);
    return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
  return constant(values, [length, d], dtype);
}
