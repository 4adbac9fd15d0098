/** The two graphs of a neural learner: one update (forward, backward, optimizer), and the metrics of given examples. */
import { gradients } from '../engine/gradients.ts';
import { inputByName, simplify, substitute } from '../engine/simplify.ts';
import {
  argMax,
  cast,
  concat,
  equal,
  gather,
  input,
  logSoftmax,
  mul,
  neg,
  oneHot,
  reduceSum,
  reshape,
  slice,
  type FloatType,
  type Outputs,
  type Tensor,
} from '../engine/trace.ts';
import { sizeOf, type Shape } from '../engine/graph.ts';
import type { Network, Parameters } from '../models/network.ts';
import type { Optimizer } from './optimizers.ts';

/** Examples as tensors: inputs [n, …], labels int32 [n], and weights [n] in the loss (null: 1/n each). */
export interface Examples {
  inputs: Tensor;
  labels: Tensor;
  weights: Tensor | null;
}

export function parameterCount(network: Network): number {
  return network.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/**
 * One update. State: `parameters` and the optimizer's moments, flat; their next values are `next:…`. Other inputs:
 * the optimizer's scalars and what `examples` reads. Other output: `loss`, before the update.
 */
export function updateGraph(
  network: Network,
  rule: Optimizer,
  examples: Examples,
  dtype: FloatType,
): Outputs {
  const weights = parameterInputs(network, dtype);
  const logits = network.logits(weights, examples.inputs);
  const { loss } = simplify({ loss: crossEntropy(logits, examples) }) as { loss: Tensor };
  const reached = inputByName([loss]);
  const slopes = gradients(
    loss,
    network.parameters.map(({ name }) => reached.get(parameterName(name)) ?? (weights[name] as Tensor)),
  );
  const size = parameterCount(network);
  const flat = (name: string): Tensor => input(name, [size], dtype);
  const parameters = flat('parameters');
  const updated = rule.update({
    parameters,
    gradient: concat(
      slopes.map((slope) => reshape(slope, [sizeOf(slope.shape)])),
      0,
    ),
    moments: rule.moments.map(flat),
    scalars: rule.scalars.map((name) => input(name, [], dtype)),
  });
  const outputs = { loss, 'next:parameters': updated.parameters, ...nextMoments(rule, updated.moments) };
  return simplify(substitute(outputs, slices(network, parameters)));
}

/**
 * Per example: `losses` (cross-entropy in nats, computed in float64 from the logits) and `hits` (1 where the largest
 * logit is the label's). Input: `parameters`.
 */
export function evaluationGraph(
  network: Network,
  { inputs, labels }: Omit<Examples, 'weights'>,
  dtype: FloatType,
): Outputs {
  const logits = network.logits(parameterInputs(network, dtype), inputs);
  const [, classes = 1] = logits.shape;
  const outputs = {
    losses: pickedLoss(cast(logits, 'float64'), labels, classes, 'float64'),
    hits: cast(equal(argMax(logits), labels), 'int32'),
  };
  const flat = input('parameters', [parameterCount(network)], dtype);
  return simplify(substitute(simplify(outputs), slices(network, flat)));
}

/** The examples of a data set at row numbers known only at the run: input `rows`, int32 [batch]. */
export function batchOf(
  inputs: Tensor,
  labels: Tensor,
  batch: number,
  weighted: boolean,
  dtype: FloatType,
): Examples {
  const rows = input('rows', [batch], 'int32');
  const weights = weighted ? input('weights', [batch], dtype) : null;
  return { inputs: gather(inputs, rows), labels: gather(labels, rows), weights };
}

function crossEntropy(logits: Tensor, { labels, weights }: Examples): Tensor {
  const [n = 1, classes = 1] = logits.shape;
  const losses = pickedLoss(logits, labels, classes, logits.dtype as FloatType);
  return reduceSum(mul(losses, weights ?? 1 / n), [0], false);
}

/** −log softmax(logits)[label], [n]. */
function pickedLoss(logits: Tensor, labels: Tensor, classes: number, dtype: FloatType): Tensor {
  return neg(reduceSum(mul(oneHot(labels, classes, dtype), logSoftmax(logits)), [1], false));
}

function parameterName(name: string): string {
  return `parameter:${name}`;
}

function parameterInputs(network: Network, dtype: FloatType): Parameters {
  return Object.fromEntries(
    network.parameters.map(({ name, shape }) => [name, input(parameterName(name), shape, dtype)]),
  );
}

/** Every parameter as its part of the flat vector, by the name of the input that it replaces. */
function slices(network: Network, flat: Tensor): Map<string, Tensor> {
  const parts = new Map<string, Tensor>();
  let start = 0;
  for (const { name, shape } of network.parameters) {
    const size = sizeOf(shape);
    parts.set(parameterName(name), part(flat, start, size, shape));
    start += size;
  }
  return parts;
}

function part(flat: Tensor, start: number, size: number, shape: Shape): Tensor {
  return reshape(slice(flat, [start], [size]), shape);
}

function nextMoments(rule: Optimizer, moments: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(moments.map((moment, i) => [`next:${rule.moments[i]}`, moment]));
}
