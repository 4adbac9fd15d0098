/**
 * The variational objective of a Gaussian process classifier and its gradient, as plain functions in float64.
 *
 * Model, for n training inputs X [n, d] with labels yᵢ ∈ {0, 1} and signs sᵢ = 2yᵢ − 1, with k as in `gp-kernel.ts`:
 *   f ~ GP(c, k),  p(yᵢ | fᵢ) = Φ(sᵢ fᵢ).
 * Posterior over u = f(X), without whitening: q(u) = N(m, L Lᵀ), L lower triangular with a diagonal of any sign.
 * With K = k(X, X) + jitter·I = C Cᵀ, A = C⁻¹L and a = C⁻¹(m − c·1) (Hensman, Matthews & Ghahramani 2015, eq. 19):
 *   ELBO = Σᵢ E_{N(mᵢ, σᵢ²)}[log Φ(sᵢ f)] − KL,   σᵢ² = Σⱼ Lᵢⱼ²,
 *   KL = KL(q(u) ‖ N(c·1, K)) = ½(‖A‖² + ‖a‖² − n) + Σᵢ log Cᵢᵢ − Σᵢ log |Lᵢᵢ|.
 * The expectation is 20-point Gauss–Hermite quadrature.
 *
 * Gradient, by reverse mode, with B = C⁻ᵀA = K⁻¹L and α = C⁻ᵀa = K⁻¹(m − c·1): ∂KL/∂m = α, ∂KL/∂c = −Σα,
 * ∂KL/∂L = tril(B) − diag(1/Lᵢᵢ), and
 *   ∂KL/∂K = G = ½(K⁻¹ − K⁻¹LLᵀK⁻¹ − ααᵀ) = ½(C⁻ᵀC⁻¹ − BBᵀ − ααᵀ),
 * which `kernelGradient` turns into derivatives by the length scales and the output scale; jitter counts as a constant.
 * The expected log likelihood depends on m and σ only: the training inputs are the inducing inputs. With fewer of those
 * it is `gp-sparse-elbo.ts`.
 */
import type { Algebra } from '../linalg/algebra.ts';
import { factorizeWithJitter, type JitteredFactor } from '../linalg/jitter.ts';
import { gaussHermite20, logNormalCdf, logNormalCdfDerivative } from '../linalg/normal.ts';
import {
  lowerOfProductWithTranspose,
  lowerTimes,
  lowerTimesVector,
  lowerTransposedTimes,
  lowerTransposedTimesVector,
} from '../linalg/structured.ts';
import {
  kernelGradient,
  rbfGram,
  rbfKernel,
  softplus,
  type KernelGradient,
  type KernelHyperparameters,
} from './gp-kernel.ts';

/** Training data and constants: inputs [n, dimensions] row-major, labels [n] in {0, 1}. */
export interface GpProblem {
  n: number;
  dimensions: number;
  inputs: Float64Array;
  labels: Int32Array;
  jitter: number;
}

/**
 * All trained numbers in one vector: m [n], L's lower triangle by rows [n(n+1)/2], raw length scales [d], raw output
 * scale, constant mean. A raw value r stands for softplus(r).
 */
export interface GpLayout {
  factor: number;
  rawLengthScales: number;
  rawOutputScale: number;
  meanConstant: number;
  length: number;
}

export function gpLayout(n: number, dimensions: number): GpLayout {
  const rawLengthScales = n + (n * (n + 1)) / 2;
  const rawOutputScale = rawLengthScales + dimensions;
  return {
    factor: n,
    rawLengthScales,
    rawOutputScale,
    meanConstant: rawOutputScale + 1,
    length: rawOutputScale + 2,
  };
}

export interface GpHyperparameters extends KernelHyperparameters {
  meanConstant: number;
}

export function hyperparametersOf(problem: GpProblem, parameters: Float64Array): GpHyperparameters {
  const layout = gpLayout(problem.n, problem.dimensions);
  return {
    lengthScales: parameters.slice(layout.rawLengthScales, layout.rawOutputScale).map(softplus.value),
    outputScale: softplus.value(parameters[layout.rawOutputScale] as number),
    meanConstant: parameters[layout.meanConstant] as number,
  };
}

/** L [n, n], with zeros above the diagonal. */
export function posteriorFactor(n: number, parameters: Float64Array): Float64Array {
  const factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const packed = n + (i * (i + 1)) / 2;
    factor.set(parameters.subarray(packed, packed + i + 1), i * n);
  }
  return factor;
}

/** What the objective, its gradient and predictions share: C⁻¹, A = C⁻¹L and a = C⁻¹(m − c·1). */
export interface GpFactors {
  hyper: GpHyperparameters;
  /** k(X, X) without jitter. */
  kernel: Float64Array;
  prior: JitteredFactor;
  whitenedFactor: Float64Array;
  whitenedMean: Float64Array;
}

/** @throws NotPositiveDefiniteError as `factorizeWithJitter` does. */
export async function factorize(
  problem: GpProblem,
  parameters: Float64Array,
  algebra: Algebra,
): Promise<GpFactors> {
  const { n, inputs, jitter } = problem;
  const hyper = hyperparametersOf(problem, parameters);
  const kernel = rbfGram(hyper, inputs);
  const prior = await factorizeWithJitter(algebra, kernel, n, jitter);
  const factor = posteriorFactor(n, parameters);
  const whitenedFactor = await lowerTimes(algebra, prior.inverse, factor, n, n);
  const centred = parameters.slice(0, n).map((value) => value - hyper.meanConstant);
  return { hyper, kernel, prior, whitenedFactor, whitenedMean: lowerTimesVector(prior.inverse, centred) };
}

/** Totals over the training data, in nats: ELBO = expectedLogLikelihood − kl. */
export interface ElboTerms {
  expectedLogLikelihood: number;
  kl: number;
}

/** The terms of the ELBO, from the factors of the same parameters. */
export function elbo(problem: GpProblem, parameters: Float64Array, factors: GpFactors): ElboTerms {
  return {
    expectedLogLikelihood: expectedLogLikelihood(problem, parameters),
    kl: klDivergence(problem, parameters, factors),
  };
}

/**
 * The terms of the ELBO and the jitter; fills `gradient` (of the layout's length) with ∂(−ELBO/n)/∂parameters: the loss
 * that GPyTorch's VariationalELBO minimises.
 * @throws NotPositiveDefiniteError as `factorize` does.
 */
export async function elboAndGradient(
  problem: GpProblem,
  parameters: Float64Array,
  gradient: Float64Array,
  algebra: Algebra,
): Promise<ElboTerms & { jitter: number }> {
  const factors = await factorize(problem, parameters, algebra);
  gradient.fill(0);
  const ell = expectedLogLikelihood(problem, parameters, gradient);
  const kl = klDivergence(problem, parameters, factors);
  await addKlGradient(problem, parameters, factors, gradient, algebra);
  for (let i = 0; i < gradient.length; i++) gradient[i] = (gradient[i] as number) / problem.n;
  return { expectedLogLikelihood: ell, kl, jitter: factors.prior.jitter };
}

/** Σᵢ E[log Φ(sᵢ f)]; subtracts its derivatives from `gradient` where one is given. */
function expectedLogLikelihood(
  problem: GpProblem,
  parameters: Float64Array,
  gradient?: Float64Array,
): number {
  const { n, labels } = problem;
  const slopes = gradient === undefined ? null : { byMean: 0, byDeviation: 0 };
  let total = 0;
  for (let i = 0; i < n; i++) {
    const mean = parameters[i] as number;
    const row = n + (i * (i + 1)) / 2;
    const deviation = rowNorm(parameters, row, i + 1);
    total += expectedLogProbit(labels[i] === 1 ? 1 : -1, mean, deviation, slopes);
    // At σ = 0 the derivative with respect to each Lᵢⱼ is 0: the expectation is an even function of σ.
    if (gradient === undefined || slopes === null || deviation === 0) continue;
    gradient[i] = (gradient[i] as number) - slopes.byMean;
    for (let j = row; j <= row + i; j++) {
      gradient[j] = (gradient[j] as number) - (slopes.byDeviation * (parameters[j] as number)) / deviation;
    }
  }
  return total;
}

/** E_{N(mean, deviation²)}[log Φ(sign·f)]; its derivatives by mean and deviation are put into `slopes` where that is given. */
export function expectedLogProbit(
  sign: 1 | -1,
  mean: number,
  deviation: number,
  slopes: { byMean: number; byDeviation: number } | null,
): number {
  const { nodes, weights } = gaussHermite20;
  let value = 0;
  let byMean = 0;
  let byDeviation = 0;
  for (let k = 0; k < nodes.length; k++) {
    const node = nodes[k] as number;
    const weight = weights[k] as number;
    const z = sign * (mean + deviation * node);
    value += weight * logNormalCdf(z);
    if (slopes === null) continue;
    const slope = weight * sign * logNormalCdfDerivative(z);
    byMean += slope;
    byDeviation += slope * node;
  }
  if (slopes !== null) {
    slopes.byMean = byMean;
    slopes.byDeviation = byDeviation;
  }
  return value;
}

function rowNorm(values: Float64Array, start: number, length: number): number {
  let sum = 0;
  for (let j = start; j < start + length; j++) sum += (values[j] as number) ** 2;
  return Math.sqrt(sum);
}

/** KL(q(u) ‖ N(c·1, K)), in nats. */
export function klDivergence(problem: GpProblem, parameters: Float64Array, factors: GpFactors): number {
  const { n } = problem;
  let quadratic = -n;
  for (const value of factors.whitenedFactor) quadratic += value * value;
  for (const value of factors.whitenedMean) quadratic += value * value;
  let logRatio = 0;
  for (let i = 0; i < n; i++) {
    const diagonal = parameters[n + (i * (i + 1)) / 2 + i] as number;
    logRatio += Math.log((factors.prior.diagonal[i] as number) / Math.abs(diagonal));
  }
  return quadratic / 2 + logRatio;
}

/** Adds ∂KL/∂parameters to `gradient`. */
export async function addKlGradient(
  problem: GpProblem,
  parameters: Float64Array,
  factors: GpFactors,
  gradient: Float64Array,
  algebra: Algebra,
): Promise<void> {
  const { n, dimensions, inputs } = problem;
  const { inverse } = factors.prior;
  const layout = gpLayout(n, dimensions);

  const alpha = lowerTransposedTimesVector(inverse, factors.whitenedMean);
  alpha.forEach((value, i) => {
    gradient[i] = (gradient[i] as number) + value;
    gradient[layout.meanConstant] = (gradient[layout.meanConstant] as number) - value;
  });

  const [precision, byFactor] = (await lowerTransposedTimes(
    algebra,
    inverse,
    [inverse, factors.whitenedFactor],
    n,
    n,
  )) as [Float64Array, Float64Array];
  for (let i = 0; i < n; i++) {
    const row = layout.factor + (i * (i + 1)) / 2;
    for (let j = 0; j <= i; j++) {
      gradient[row + j] = (gradient[row + j] as number) + (byFactor[i * n + j] as number);
    }
    gradient[row + i] = (gradient[row + i] as number) - 1 / (parameters[row + i] as number);
  }

  const covariance = await lowerOfProductWithTranspose(algebra, byFactor, n, n);
  for (let i = 0; i < n; i++) {
    const a = alpha[i] as number;
    for (let at = i * n, j = 0; j <= i; at++, j++) {
      precision[at] = ((precision[at] as number) - (covariance[at] as number) - a * (alpha[j] as number)) / 2;
    }
  }
  addHyperGradient(
    problem,
    parameters,
    await kernelGradient(factors.hyper, inputs, factors.kernel, precision, algebra),
    gradient,
  );
}

/** Adds a derivative by length scales and output scale to `gradient`, by their raw values. */
export function addHyperGradient(
  { n, dimensions }: GpProblem,
  parameters: Float64Array,
  { byLengthScales, byOutputScale }: KernelGradient,
  gradient: Float64Array,
): void {
  const layout = gpLayout(n, dimensions);
  byLengthScales.forEach((value, k) => {
    const at = layout.rawLengthScales + k;
    gradient[at] = (gradient[at] as number) + value * softplus.derivative(parameters[at] as number);
  });
  const at = layout.rawOutputScale;
  gradient[at] = (gradient[at] as number) + byOutputScale * softplus.derivative(parameters[at] as number);
}

/** Marginals of the latent function: mean and variance per point. */
export interface LatentMarginals {
  mean: Float64Array;
  variance: Float64Array;
}

/** q(f) at the training inputs: mᵢ and σᵢ². */
export function trainMarginals(problem: GpProblem, parameters: Float64Array): LatentMarginals {
  const { n } = problem;
  const variance = Float64Array.from(
    { length: n },
    (_, i) => rowNorm(parameters, n + (i * (i + 1)) / 2, i + 1) ** 2,
  );
  return { mean: parameters.slice(0, n), variance };
}

/**
 * q(f) at other inputs Z [t, d]: with V = C⁻¹k(X, Z), mean c + Vᵀa, variance v − Σ V² + Σ (AᵀV)² per column. The jitter
 * belongs to the training points only, as in GPyTorch.
 */
export async function marginalsAt(
  problem: GpProblem,
  factors: GpFactors,
  inputs: Float64Array,
  algebra: Algebra,
): Promise<LatentMarginals> {
  const { n } = problem;
  const { hyper, prior, whitenedFactor, whitenedMean } = factors;
  const points = inputs.length / problem.dimensions;
  // Vᵀ [t, n] and VᵀA [t, n].
  const v = await algebra.multiplyTransposed(
    rbfKernel(hyper, inputs, problem.inputs),
    prior.inverse,
    points,
    n,
    n,
  );
  const projected = await algebra.multiply(v, whitenedFactor, points, n, n);
  const mean = new Float64Array(points);
  const variance = new Float64Array(points);
  for (let t = 0; t < points; t++) {
    let shift = hyper.meanConstant;
    for (let i = 0; i < n; i++) shift += (v[t * n + i] as number) * (whitenedMean[i] as number);
    mean[t] = shift;
    // v − Σ V² is a variance: rounding may leave it a little below 0.
    const conditional = Math.max(hyper.outputScale - rowNorm(v, t * n, n) ** 2, 0);
    variance[t] = conditional + rowNorm(projected, t * n, n) ** 2;
  }
  return { mean, variance };
}
