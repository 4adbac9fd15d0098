/**
 * A Bayesian neural network with a mean-field Gaussian posterior: every weight is N(μ, σ²) on its own, σ = exp(ℓ). The
 * `TinyBayes` of Miller, O'Neill, Bui 2023 (arXiv 2310.17247; `src/model.py`, `src/vbnn_layers.py` of their code at
 * 9bf15d5).
 *
 * Layers: x ← [x, 1] W with W [fanIn, fanOut], the bias as the last row of W; ReLU between layers, none after the last.
 * Training samples not the weights but each layer's sums, one sample per example (local reparameterization; Kingma,
 * Salimans & Welling 2015, equation 6): with ε ~ N(0, 1) per example and unit,
 *   z = [x, 1] μ + ε √([x², 1] σ²).
 * Objective (variational free energy per example): cross-entropy of a batch + KL / n, n training examples, where
 *   KL = Σ ln(s/σ) + (σ² + μ²) / (2s²) − ½ over all weights, for the prior N(0, s²).
 */
import type { BayesianNetworkSpec } from '../../shared/model-spec.ts';
import type { Random } from '../../shared/random.ts';
import {
  add,
  contract,
  exp,
  input,
  mul,
  reduceSum,
  relu,
  reshape,
  slice,
  sqrt,
  sub,
  type FloatType,
  type Tensor,
} from '../engine/trace.ts';

/** One layer's weight matrix: [fanIn, fanOut], the last row of which is the bias. */
export interface BayesianLayer {
  fanIn: number;
  fanOut: number;
}

export function bayesianLayers(
  spec: BayesianNetworkSpec,
  dimensions: number,
  classes: number,
): BayesianLayer[] {
  const widths = [dimensions, ...spec.hidden, classes];
  return widths.slice(1).map((fanOut, i) => ({ fanIn: (widths[i] as number) + 1, fanOut }));
}

/** Weights of all layers; the flat parameters are that many means, layer by layer, and then as many ℓ. */
export function weightCount(layers: readonly BayesianLayer[]): number {
  return layers.reduce((sum, { fanIn, fanOut }) => sum + fanIn * fanOut, 0);
}

/** μ ~ N(0, initialMeanDeviation²), σ = initialDeviation. */
export function initialParameters(
  spec: BayesianNetworkSpec,
  layers: readonly BayesianLayer[],
  random: Random,
): Float32Array {
  const weights = weightCount(layers);
  const parameters = new Float32Array(2 * weights).fill(Math.log(spec.initialDeviation), weights);
  for (let i = 0; i < weights; i++) parameters[i] = spec.initialMeanDeviation * random.normal();
  return parameters;
}

/** μ and ℓ of one layer, each [fanIn, fanOut]. */
export interface Posterior {
  mean: Tensor;
  logDeviation: Tensor;
}

/** Every layer's part of the flat parameters [2 · weights]. */
export function posteriors(layers: readonly BayesianLayer[], flat: Tensor): Posterior[] {
  const total = weightCount(layers);
  return split(layers, flat).map((mean, i) => ({
    mean,
    logDeviation: split(layers, flat, total)[i] as Tensor,
  }));
}

function split(layers: readonly BayesianLayer[], flat: Tensor, from = 0): Tensor[] {
  let start = from;
  return layers.map(({ fanIn, fanOut }) => {
    const part = reshape(slice(flat, [start], [fanIn * fanOut]), [fanIn, fanOut]);
    start += fanIn * fanOut;
    return part;
  });
}

/** Inputs of a graph that hold a layer's ε, [batch, fanOut], by layer. */
export function noiseInputs(layers: readonly BayesianLayer[], batch: number, dtype: FloatType): Tensor[] {
  return layers.map(({ fanOut }, i) => input(noiseName(i), [batch, fanOut], dtype));
}

export const noiseName = (layer: number): string => `noise:${layer}`;

/** One sample of the logits per example: inputs [batch, dimensions] → [batch, classes]. */
export function sampledLogits(
  layers: readonly Posterior[],
  inputs: Tensor,
  noise: readonly Tensor[],
): Tensor {
  return layers.reduce((x, { mean, logDeviation }, i) => {
    const variance = affine(mul(x, x), exp(mul(logDeviation, 2)));
    const z = add(affine(x, mean), mul(noise[i] as Tensor, sqrt(variance)));
    return i === layers.length - 1 ? z : relu(z);
  }, inputs);
}

/** Logits of one network, whose weights are given as one flat vector [weights]. */
export function logitsOf(layers: readonly BayesianLayer[], weights: Tensor, inputs: Tensor): Tensor {
  return split(layers, weights).reduce((x, matrix, i) => {
    const z = affine(x, matrix);
    return i === layers.length - 1 ? z : relu(z);
  }, inputs);
}

/** [x, 1] W. */
function affine(x: Tensor, weights: Tensor): Tensor {
  const [fanIn = 1, fanOut = 1] = weights.shape;
  const product = contract('bi,ij->bj', x, slice(weights, [0, 0], [fanIn - 1, fanOut]));
  return add(product, slice(weights, [fanIn - 1, 0], [1, fanOut]));
}

/** KL of the posterior from the prior N(0, s²), in nats, as a scalar. */
export function klDivergence(layers: readonly Posterior[], priorDeviation: number): Tensor {
  return layers
    .map(({ mean, logDeviation }) => {
      const squares = add(mul(mean, mean), exp(mul(logDeviation, 2)));
      const perWeight = sub(mul(squares, 1 / (2 * priorDeviation ** 2)), logDeviation);
      return reduceSum(add(perWeight, Math.log(priorDeviation) - 0.5), [0, 1], false);
    })
    .reduce((sum, term) => add(sum, term));
}

/** The same in float64, from the flat parameters. */
export function klOf(parameters: ArrayLike<number>, priorDeviation: number): number {
  const weights = parameters.length / 2;
  let sum = 0;
  for (let i = 0; i < weights; i++) {
    const mean = parameters[i] as number;
    const logDeviation = parameters[weights + i] as number;
    const squares = mean ** 2 + Math.exp(2 * logDeviation);
    sum += Math.log(priorDeviation) - logDeviation + squares / (2 * priorDeviation ** 2) - 0.5;
  }
  return sum;
}
