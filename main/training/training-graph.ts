/** The two graphs of a neural learner: one update (forward, backward, optimizer), and the metrics of given examples. */
import type { LossKind, TrainingNoiseSpec } from '../../shared/trainer-spec.ts';
import { gradients } from '../engine/gradients.ts';
import { inputByName, simplify, substitute } from '../engine/simplify.ts';
import {
  add,
  argMax,
  cast,
  concat,
  contract,
  equal,
  gather,
  input,
  less,
  mul,
  reduceSum,
  reshape,
  slice,
  sub,
  type FloatType,
  type Outputs,
  type Tensor,
} from '../engine/trace.ts';
import { sizeOf, type Shape } from '../engine/graph.ts';
import type { Drop, Network, Parameters } from '../models/network.ts';
import { exampleLosses } from './losses.ts';
import type { Optimizer } from './optimizers.ts';

/**
 * Examples as tensors: inputs [n, …]; targets, which are labels, int32 [n], or real, floats [n, outputs]; and weights
 * [n] in the loss (null: 1/n each).
 */
export interface Examples {
  inputs: Tensor;
  targets: Tensor;
  weights: Tensor | null;
}

/**
 * What makes a prediction right, where accuracy is defined: that it names the example's answer, int32 [n], being the
 * largest logit's class, or with templates, floats [k, outputs], the nearest of them; or that its mean squared error is
 * below a tolerance.
 */
export type Answers = { labels: Tensor; templates: Tensor | null } | { tolerance: number };

/** Examples to be scored; without answers by their loss alone. */
export interface ScoredExamples {
  inputs: Tensor;
  targets: Tensor;
  answers: Answers | null;
}

export function parameterCount(network: Network): number {
  return network.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** How a trainer's loss is taken. */
export interface Objective {
  loss: LossKind;
  /** The type in which the loss is computed from the logits. */
  lossPrecision: FloatType;
  noise: TrainingNoiseSpec['kind'] | null;
}

/**
 * One update. State: `parameters` and the optimizer's moments, flat; their next values are `next:…`. Other inputs:
 * the optimizer's scalars, what `examples` reads, and with noise `noise` (standard normal, one per parameter) and
 * `noiseDeviation`, and what `drop` reads. Other output: `loss` with the network's penalty, before the update.
 */
export function updateGraph(
  network: Network,
  rule: Optimizer,
  examples: Examples,
  dtype: FloatType,
  objective: Objective,
  drop?: Drop,
): Outputs {
  const { loss, gradient } = lossAndGradient(network, examples, dtype, objective, drop);
  const size = parameterCount(network);
  const flat = (name: string): Tensor => input(name, [size], dtype);
  const parameters = flat('parameters');
  const noise = objective.noise === null ? null : mul(flat('noise'), input('noiseDeviation', [], dtype));
  const updated = rule.update({
    parameters,
    gradient: noise !== null && objective.noise === 'gradient' ? add(gradient, noise) : gradient,
    moments: rule.moments.map(flat),
    scalars: rule.scalars.map((name) => input(name, [], dtype)),
    ...(noise !== null && objective.noise === 'update' ? { disturbance: noise } : {}),
  });
  const outputs = { loss, 'next:parameters': updated.parameters, ...nextMoments(rule, updated.moments) };
  const used = noise !== null && objective.noise === 'weights' ? add(parameters, noise) : parameters;
  return simplify(substitute(outputs, slices(network, used)));
}

/**
 * The loss that training descends, a network's penalty included, and its gradient, flat, as functions of one input per
 * parameter, `parameter:<name>`. @param drop of training with dropout
 */
export function lossAndGradient(
  network: Network,
  examples: Examples,
  dtype: FloatType,
  objective: Pick<Objective, 'loss' | 'lossPrecision'>,
  drop?: Drop,
): { loss: Tensor; gradient: Tensor } {
  const weights = parameterInputs(network, dtype);
  const fit = meanLoss(objective, network.logits(weights, examples.inputs, drop), examples);
  const penalty = network.penalty?.(weights, examples.inputs, examples.weights);
  const { loss } = simplify({
    loss: penalty === undefined ? fit : add(fit, cast(penalty, objective.lossPrecision)),
  }) as { loss: Tensor };
  return { loss, gradient: flatGradient(network, loss, dtype) };
}

/** Gradient of a scalar function of the inputs `parameter:<name>`, flat, in the network's order. */
export function flatGradient(network: Network, scalar: Tensor, dtype: FloatType): Tensor {
  const reached = inputByName([scalar]);
  const slopes = gradients(
    scalar,
    network.parameters.map(({ name, shape }) => {
      const own = parameterName(name);
      return reached.get(own) ?? input(own, shape, dtype);
    }),
  );
  return concat(
    slopes.map((slope) => reshape(slope, [sizeOf(slope.shape)])),
    0,
  );
}

/**
 * Per example: `losses` (computed in float64 from the outputs) and, where there are answers, `hits` (1 where the network
 * gives it). Input: `parameters`.
 */
export function evaluationGraph(
  network: Network,
  examples: ScoredExamples,
  dtype: FloatType,
  loss: LossKind,
): Outputs {
  const logits = network.logits(parameterInputs(network, dtype), examples.inputs);
  return fromFlat(network, metrics(logits, examples, loss), dtype);
}

/** The first half of `evaluationGraph`: `logits`. Input: `parameters`. */
export function logitsGraph(network: Network, inputs: Tensor, dtype: FloatType): Outputs {
  return fromFlat(network, { logits: network.logits(parameterInputs(network, dtype), inputs) }, dtype);
}

/** The second half: `losses` and perhaps `hits`. Input: `logits`. */
export function metricsGraph(
  network: Network,
  examples: ScoredExamples,
  dtype: FloatType,
  loss: LossKind,
): Outputs {
  const { shape } = network.logits(parameterInputs(network, dtype), examples.inputs);
  return simplify(metrics(input('logits', shape, dtype), examples, loss));
}

function metrics(
  outputs: Tensor,
  { targets, answers }: Omit<ScoredExamples, 'inputs'>,
  loss: LossKind,
): Outputs {
  const losses = exampleLosses(loss, cast(outputs, 'float64'), targets);
  if (answers === null) return { losses };
  if ('tolerance' in answers) {
    const errors = exampleLosses('mse', cast(outputs, 'float64'), targets);
    return { losses, hits: cast(less(errors, answers.tolerance), 'int32') };
  }
  const { labels, templates } = answers;
  const scores = templates === null ? outputs : closeness(outputs, templates);
  return { losses, hits: cast(equal(argMax(scores), labels), 'int32') };
}

/** o · t − ½|t|² for outputs [n, d] and templates [k, d]: [n, k], largest for the template at the least distance. */
function closeness(outputs: Tensor, templates: Tensor): Tensor {
  const squares = reduceSum(mul(templates, templates), [1], false);
  return sub(contract('nd,kd->nk', outputs, templates), mul(squares, 0.5));
}

/** Simplified, with every parameter read from the one input `parameters`. */
export function fromFlat(network: Network, outputs: Outputs, dtype: FloatType): Outputs {
  const flat = input('parameters', [parameterCount(network)], dtype);
  return simplify(substitute(simplify(outputs), slices(network, flat)));
}

/** The examples of a data set at row numbers known only at the run: input `rows`, int32 [batch]. */
export function batchOf(
  inputs: Tensor,
  targets: Tensor,
  batch: number,
  weighted: boolean,
  dtype: FloatType,
): Examples {
  const rows = input('rows', [batch], 'int32');
  const weights = weighted ? input('weights', [batch], dtype) : null;
  return { inputs: gather(inputs, rows), targets: gather(targets, rows), weights };
}

/** The weighted sum of the examples' losses. */
function meanLoss(
  { loss, lossPrecision }: Pick<Objective, 'loss' | 'lossPrecision'>,
  logits: Tensor,
  { targets, weights }: Examples,
): Tensor {
  const [n = 1] = logits.shape;
  const losses = exampleLosses(loss, cast(logits, lossPrecision), targets);
  return reduceSum(mul(losses, weights === null ? 1 / n : cast(weights, lossPrecision)), [0], false);
}

function parameterName(name: string): string {
  return `parameter:${name}`;
}

/** Every parameter as an input of its own, `parameter:<name>`; `fromFlat` reads them from one vector. */
export function parameterInputs(network: Network, dtype: FloatType): Parameters {
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
