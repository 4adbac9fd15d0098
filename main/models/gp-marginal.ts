/**
 * The exact marginal likelihood of Gaussian process regression, its gradient and predictions, in float64.
 *
 * Model, for n training inputs X [n, d] with targets y, with k as in `gp-kernel.ts`:
 *   f ~ GP(c, k),  yᵢ = fᵢ + εᵢ,  εᵢ ~ N(0, σ²).
 * With K = k(X, X) + (σ² + jitter)·I = C Cᵀ and α = K⁻¹(y − c·1) (Rasmussen & Williams 2006, eqs. 2.30, 5.9 and 2.25 f.):
 *   log p(y) = −½ (y − c)ᵀα − ½ log |K| − (n/2) log 2π,
 * which is data fit minus complexity minus a constant;
 *   ∂(−log p)/∂K = G = ½(K⁻¹ − ααᵀ), ∂/∂σ² = tr G, ∂/∂c = −Σα; jitter counts as a constant;
 *   f(x) | y ~ N(c + k(x, X)α, k(x, x) − ‖C⁻¹k(X, x)‖²).
 */
import type { Algebra } from '../linalg/algebra.ts';
import { factorizeWithJitter, type JitteredFactor } from '../linalg/jitter.ts';
import { lowerTimesVector, lowerTransposedTimes, lowerTransposedTimesVector } from '../linalg/structured.ts';
import type { LatentMarginals } from './gp-elbo.ts';
import {
  kernelGradient,
  rbfGram,
  rbfKernel,
  softplus,
  type KernelHyperparameters,
  type PositiveTransform,
} from './gp-kernel.ts';

/** Training data and constants: inputs [n, dimensions] row-major, targets [n]. */
export interface RegressionProblem {
  n: number;
  dimensions: number;
  inputs: Float64Array;
  targets: Float64Array;
  jitter: number;
  /** Of the raw length scales and the raw output scale. */
  transform: PositiveTransform;
}

/** The noise variance stays above this: GPyTorch's constraint `GreaterThan(1e-4)`. */
export const leastNoise = 1e-4;

/** σ² = 10⁻⁴ + softplus(raw). */
export const noiseTransform: PositiveTransform = {
  value: (raw) => leastNoise + softplus.value(raw),
  raw: (value) => softplus.raw(value - leastNoise),
  derivative: softplus.derivative,
};

/** All trained numbers in one vector: raw length scales [d], raw output scale, raw noise variance, constant mean. */
export const regressionLayout = (dimensions: number) => ({
  rawOutputScale: dimensions,
  rawNoise: dimensions + 1,
  meanConstant: dimensions + 2,
  length: dimensions + 3,
});

export interface RegressionHyperparameters extends KernelHyperparameters {
  /** σ² */
  noise: number;
  meanConstant: number;
}

export function regressionHyperparameters(
  problem: RegressionProblem,
  parameters: Float64Array,
): RegressionHyperparameters {
  const layout = regressionLayout(problem.dimensions);
  return {
    lengthScales: parameters.slice(0, problem.dimensions).map(problem.transform.value),
    outputScale: problem.transform.value(parameters[layout.rawOutputScale] as number),
    noise: noiseTransform.value(parameters[layout.rawNoise] as number),
    meanConstant: parameters[layout.meanConstant] as number,
  };
}

export interface RegressionFactors {
  hyper: RegressionHyperparameters;
  /** k(X, X) without noise. */
  kernel: Float64Array;
  /** Of K: its `jitter` counts without the noise. */
  prior: JitteredFactor;
  /** C⁻¹(y − c·1) */
  whitenedTargets: Float64Array;
}

/** @throws NotPositiveDefiniteError as `factorizeWithJitter` does. */
export async function factorizeRegression(
  problem: RegressionProblem,
  parameters: Float64Array,
  algebra: Algebra,
): Promise<RegressionFactors> {
  const hyper = regressionHyperparameters(problem, parameters);
  const kernel = rbfGram(hyper, problem.inputs);
  const { jitter, ...factor } = await factorizeWithJitter(
    algebra,
    kernel,
    problem.n,
    hyper.noise + problem.jitter,
  );
  // The difference of two sums would leave rounding where there was no jitter.
  const extra = jitter === hyper.noise + problem.jitter ? problem.jitter : jitter - hyper.noise;
  const centred = problem.targets.map((y) => y - hyper.meanConstant);
  return {
    hyper,
    kernel,
    prior: { ...factor, jitter: extra },
    whitenedTargets: lowerTimesVector(factor.inverse, centred),
  };
}

/** Totals over the training data, in nats: log p(y) = fit − complexity − (n/2) log 2π. */
export interface MarginalTerms {
  logMarginalLikelihood: number;
  /** −½ (y − c)ᵀK⁻¹(y − c) */
  fit: number;
  /** ½ log |K| */
  complexity: number;
}

export function marginalTerms(factors: RegressionFactors): MarginalTerms {
  const { prior, whitenedTargets } = factors;
  const fit = -whitenedTargets.reduce((sum, value) => sum + value * value, 0) / 2;
  const complexity = prior.diagonal.reduce((sum, value) => sum + Math.log(value), 0);
  const constant = (whitenedTargets.length / 2) * Math.log(2 * Math.PI);
  return { logMarginalLikelihood: fit - complexity - constant, fit, complexity };
}

/**
 * The terms and the jitter; fills `gradient` (of the layout's length) with ∂(−log p(y) / n)/∂parameters, GPyTorch's loss.
 * @throws NotPositiveDefiniteError as `factorizeRegression` does.
 */
export async function marginalAndGradient(
  problem: RegressionProblem,
  parameters: Float64Array,
  gradient: Float64Array,
  algebra: Algebra,
): Promise<MarginalTerms & { jitter: number }> {
  const { n, dimensions, transform } = problem;
  const layout = regressionLayout(dimensions);
  const factors = await factorizeRegression(problem, parameters, algebra);
  const { inverse, jitter } = factors.prior;
  const alpha = lowerTransposedTimesVector(inverse, factors.whitenedTargets);
  const [byKernel] = (await lowerTransposedTimes(algebra, inverse, [inverse], n, n)) as [Float64Array];
  let trace = 0;
  for (let i = 0; i < n; i++) {
    const a = alpha[i] as number;
    for (let at = i * n, j = 0; j <= i; at++, j++) {
      byKernel[at] = ((byKernel[at] as number) - a * (alpha[j] as number)) / 2;
    }
    trace += byKernel[i * n + i] as number;
  }
  const byHyper = await kernelGradient(factors.hyper, problem.inputs, factors.kernel, byKernel, algebra);
  byHyper.byLengthScales.forEach((value, k) => {
    gradient[k] = (value * transform.derivative(parameters[k] as number)) / n;
  });
  const { rawOutputScale, rawNoise, meanConstant } = layout;
  gradient[rawOutputScale] =
    (byHyper.byOutputScale * transform.derivative(parameters[rawOutputScale] as number)) / n;
  gradient[rawNoise] = (trace * noiseTransform.derivative(parameters[rawNoise] as number)) / n;
  gradient[meanConstant] = -alpha.reduce((sum, value) => sum + value, 0) / n;
  return { ...marginalTerms(factors), jitter };
}

/** The latent function given the training data, at inputs Z [t, d]. */
export async function predictRegression(
  problem: RegressionProblem,
  factors: RegressionFactors,
  inputs: Float64Array,
  algebra: Algebra,
): Promise<LatentMarginals> {
  const { n, dimensions } = problem;
  const { hyper, prior, whitenedTargets } = factors;
  const points = inputs.length / dimensions;
  const cross = rbfKernel(hyper, inputs, problem.inputs);
  // (C⁻¹k(X, Z))ᵀ [t, n]
  const v = await algebra.multiplyTransposed(cross, prior.inverse, points, n, n);
  const mean = new Float64Array(points);
  const variance = new Float64Array(points);
  for (let t = 0; t < points; t++) {
    let shift = hyper.meanConstant;
    let explained = 0;
    for (let i = 0; i < n; i++) {
      const value = v[t * n + i] as number;
      shift += value * (whitenedTargets[i] as number);
      explained += value * value;
    }
    mean[t] = shift;
    // A variance: rounding may leave it a little below 0.
    variance[t] = Math.max(hyper.outputScale - explained, 0);
  }
  return { mean, variance };
}
