/**
 * The variational objective of a Gaussian process classifier and its gradient, as plain functions in float64.
 *
 * Model, for n training inputs X [n, d] with labels yᵢ ∈ {0, 1} and signs sᵢ = 2yᵢ − 1:
 *   f ~ GP(c, k),  k(x, x') = v · exp(−½ Σ_d (x_d − x'_d)² / ℓ_d²),  p(yᵢ | fᵢ) = Φ(sᵢ fᵢ).
 * Posterior over u = f(X), without whitening: q(u) = N(m, L Lᵀ), L lower triangular with a diagonal of any sign.
 * With K = k(X, X) + jitter·I = C Cᵀ, A = C⁻¹L and a = C⁻¹(m − c·1) (Hensman, Matthews & Ghahramani 2015, eq. 19):
 *   ELBO = Σᵢ E_{N(mᵢ, σᵢ²)}[log Φ(sᵢ f)] − KL,   σᵢ² = Σⱼ Lᵢⱼ²,
 *   KL = KL(q(u) ‖ N(c·1, K)) = ½(‖A‖² + ‖a‖² − n) + Σᵢ log Cᵢᵢ − Σᵢ log |Lᵢᵢ|.
 * The expectation is 20-point Gauss–Hermite quadrature.
 *
 * Gradient, by reverse mode: ∂KL/∂m = α = C⁻ᵀa, ∂KL/∂c = −Σα, ∂KL/∂L = tril(C⁻ᵀA) − diag(1/Lᵢᵢ), and
 *   ∂KL/∂K = G = ½(K⁻¹ − K⁻¹LLᵀK⁻¹ − ααᵀ) = ½ C⁻ᵀ(I − AAᵀ − aaᵀ)C⁻¹,
 * contracted with ∂Kᵢⱼ/∂v = kᵢⱼ/v and ∂Kᵢⱼ/∂ℓ_d = kᵢⱼ (xᵢ_d − xⱼ_d)²/ℓ_d³. The expected log likelihood depends on m
 * and σ only: the training inputs are the inducing inputs.
 */
import {
  choleskyInPlace,
  solveLowerInPlace,
  solveLowerTransposedInPlace,
  transposeInPlace,
} from '../linalg/cholesky.ts';
import { gaussHermite20, logNormalCdf, logNormalCdfDerivative } from '../linalg/normal.ts';

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
 * scale, constant mean. A raw value r stands for softplus(r) = log(1 + eʳ), GPyTorch's constraint `Positive`.
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

export function softplus(raw: number): number {
  return Math.max(raw, 0) + Math.log1p(Math.exp(-Math.abs(raw)));
}

/** The raw value of a positive number. */
export function inverseSoftplus(value: number): number {
  return value + Math.log(-Math.expm1(-value));
}

function softplusDerivative(raw: number): number {
  return 1 / (1 + Math.exp(-raw));
}

export interface GpHyperparameters {
  lengthScales: Float64Array;
  outputScale: number;
  meanConstant: number;
}

export function hyperparametersOf(problem: GpProblem, parameters: Float64Array): GpHyperparameters {
  const layout = gpLayout(problem.n, problem.dimensions);
  return {
    lengthScales: parameters.slice(layout.rawLengthScales, layout.rawOutputScale).map(softplus),
    outputScale: softplus(parameters[layout.rawOutputScale] as number),
    meanConstant: parameters[layout.meanConstant] as number,
  };
}

/** k(X, Z) [rows of X, rows of Z], without jitter. */
export function rbfKernel(hyper: GpHyperparameters, x: Float64Array, z: Float64Array): Float64Array {
  const { lengthScales, outputScale } = hyper;
  const d = lengthScales.length;
  const precisions = lengthScales.map((lengthScale) => 1 / (lengthScale * lengthScale));
  const rows = x.length / d;
  const columns = z.length / d;
  const kernel = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let distance = 0;
      for (let k = 0; k < d; k++) {
        const difference = (x[i * d + k] as number) - (z[j * d + k] as number);
        distance += difference * difference * (precisions[k] as number);
      }
      kernel[i * columns + j] = outputScale * Math.exp(-distance / 2);
    }
  }
  return kernel;
}

/** What the objective, its gradient and predictions share: C, A = C⁻¹L and a = C⁻¹(m − c·1). */
export interface GpFactors {
  hyper: GpHyperparameters;
  /** k(X, X) without jitter. */
  kernel: Float64Array;
  c: Float64Array;
  whitenedFactor: Float64Array;
  whitenedMean: Float64Array;
}

/** @throws NotPositiveDefiniteError when k(X, X) + jitter·I has no Cholesky factor. */
export function factorize(problem: GpProblem, parameters: Float64Array): GpFactors {
  const { n, inputs, jitter } = problem;
  const hyper = hyperparametersOf(problem, parameters);
  const kernel = rbfKernel(hyper, inputs, inputs);
  const c = kernel.slice();
  for (let i = 0; i < n; i++) c[i * n + i] = (c[i * n + i] as number) + jitter;
  choleskyInPlace(c, n);
  const whitenedFactor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const packed = n + (i * (i + 1)) / 2;
    whitenedFactor.set(parameters.subarray(packed, packed + i + 1), i * n);
  }
  solveLowerInPlace(c, n, whitenedFactor, n);
  const whitenedMean = parameters.slice(0, n).map((value) => value - hyper.meanConstant);
  solveLowerInPlace(c, n, whitenedMean, 1);
  return { hyper, kernel, c, whitenedFactor, whitenedMean };
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
 * The terms of the ELBO; fills `gradient` (of the layout's length) with ∂(−ELBO/n)/∂parameters: the loss that GPyTorch's
 * VariationalELBO minimises.
 * @throws NotPositiveDefiniteError as `factorize` does.
 */
export function elboAndGradient(
  problem: GpProblem,
  parameters: Float64Array,
  gradient: Float64Array,
): ElboTerms {
  const factors = factorize(problem, parameters);
  gradient.fill(0);
  const ell = expectedLogLikelihood(problem, parameters, gradient);
  const kl = klDivergence(problem, parameters, factors);
  addKlGradient(problem, parameters, factors, gradient);
  for (let i = 0; i < gradient.length; i++) gradient[i] = (gradient[i] as number) / problem.n;
  return { expectedLogLikelihood: ell, kl };
}

/** Σᵢ E[log Φ(sᵢ f)]; subtracts its derivatives from `gradient` where one is given. */
function expectedLogLikelihood(
  problem: GpProblem,
  parameters: Float64Array,
  gradient?: Float64Array,
): number {
  const { n, labels } = problem;
  const { nodes, weights } = gaussHermite20;
  let total = 0;
  for (let i = 0; i < n; i++) {
    const sign = labels[i] === 1 ? 1 : -1;
    const mean = parameters[i] as number;
    const row = n + (i * (i + 1)) / 2;
    const deviation = rowNorm(parameters, row, i + 1);
    let byMean = 0;
    let byDeviation = 0;
    for (let k = 0; k < nodes.length; k++) {
      const node = nodes[k] as number;
      const weight = weights[k] as number;
      const z = sign * (mean + deviation * node);
      total += weight * logNormalCdf(z);
      if (gradient === undefined) continue;
      const slope = weight * sign * logNormalCdfDerivative(z);
      byMean += slope;
      byDeviation += slope * node;
    }
    // At σ = 0 the derivative with respect to each Lᵢⱼ is 0: the expectation is an even function of σ.
    if (gradient === undefined || deviation === 0) continue;
    gradient[i] = (gradient[i] as number) - byMean;
    for (let j = row; j <= row + i; j++) {
      gradient[j] = (gradient[j] as number) - (byDeviation * (parameters[j] as number)) / deviation;
    }
  }
  return total;
}

function rowNorm(values: Float64Array, start: number, length: number): number {
  let sum = 0;
  for (let j = start; j < start + length; j++) sum += (values[j] as number) ** 2;
  return Math.sqrt(sum);
}

function klDivergence(problem: GpProblem, parameters: Float64Array, factors: GpFactors): number {
  const { n } = problem;
  let quadratic = -n;
  for (const value of factors.whitenedFactor) quadratic += value * value;
  for (const value of factors.whitenedMean) quadratic += value * value;
  let logRatio = 0;
  for (let i = 0; i < n; i++) {
    const diagonal = parameters[n + (i * (i + 1)) / 2 + i] as number;
    logRatio += Math.log((factors.c[i * n + i] as number) / Math.abs(diagonal));
  }
  return quadratic / 2 + logRatio;
}

/** Adds ∂KL/∂parameters to `gradient`. Takes over `factors.whitenedFactor` and `factors.whitenedMean`. */
function addKlGradient(
  problem: GpProblem,
  parameters: Float64Array,
  factors: GpFactors,
  gradient: Float64Array,
): void {
  const { n, dimensions } = problem;
  const { c, whitenedFactor, whitenedMean } = factors;
  const layout = gpLayout(n, dimensions);
  const kernelGradient = klByKernel(n, factors);

  solveLowerTransposedInPlace(c, n, whitenedMean, 1);
  for (let i = 0; i < n; i++) {
    const alpha = whitenedMean[i] as number;
    gradient[i] = (gradient[i] as number) + alpha;
    gradient[layout.meanConstant] = (gradient[layout.meanConstant] as number) - alpha;
  }

  solveLowerTransposedInPlace(c, n, whitenedFactor, n);
  for (let i = 0; i < n; i++) {
    const row = layout.factor + (i * (i + 1)) / 2;
    for (let j = 0; j <= i; j++) {
      gradient[row + j] = (gradient[row + j] as number) + (whitenedFactor[i * n + j] as number);
    }
    gradient[row + i] = (gradient[row + i] as number) - 1 / (parameters[row + i] as number);
  }

  addHyperparameterGradient(problem, parameters, factors, kernelGradient, gradient);
}

/** G = ∂KL/∂K = ½ C⁻ᵀ(I − AAᵀ − aaᵀ)C⁻¹ [n, n], symmetric. */
function klByKernel(n: number, factors: GpFactors): Float64Array {
  const { c, whitenedFactor, whitenedMean } = factors;
  const inner = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = (i === j ? 1 : 0) - (whitenedMean[i] as number) * (whitenedMean[j] as number);
      // A is lower triangular: columns past j are 0 in row j.
      for (let k = 0; k <= j; k++) {
        sum -= (whitenedFactor[i * n + k] as number) * (whitenedFactor[j * n + k] as number);
      }
      inner[i * n + j] = sum / 2;
      inner[j * n + i] = sum / 2;
    }
  }
  solveLowerTransposedInPlace(c, n, inner, n);
  transposeInPlace(inner, n);
  solveLowerTransposedInPlace(c, n, inner, n);
  return inner;
}

function addHyperparameterGradient(
  problem: GpProblem,
  parameters: Float64Array,
  factors: GpFactors,
  kernelGradient: Float64Array,
  gradient: Float64Array,
): void {
  const { n, dimensions, inputs } = problem;
  const { lengthScales, outputScale } = factors.hyper;
  const layout = gpLayout(n, dimensions);
  const byLengthScale = new Float64Array(dimensions);
  let byOutputScale = 0;
  for (let i = 0; i < n; i++) {
    byOutputScale += (kernelGradient[i * n + i] as number) * (factors.kernel[i * n + i] as number);
    for (let j = 0; j < i; j++) {
      // Twice: (i, j) and (j, i).
      const weight = 2 * (kernelGradient[i * n + j] as number) * (factors.kernel[i * n + j] as number);
      byOutputScale += weight;
      for (let k = 0; k < dimensions; k++) {
        const difference = (inputs[i * dimensions + k] as number) - (inputs[j * dimensions + k] as number);
        byLengthScale[k] = (byLengthScale[k] as number) + weight * difference * difference;
      }
    }
  }
  lengthScales.forEach((lengthScale, k) => {
    const at = layout.rawLengthScales + k;
    const chain = softplusDerivative(parameters[at] as number) / lengthScale ** 3;
    gradient[at] = (gradient[at] as number) + (byLengthScale[k] as number) * chain;
  });
  const at = layout.rawOutputScale;
  gradient[at] =
    (gradient[at] as number) + (byOutputScale / outputScale) * softplusDerivative(parameters[at] as number);
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
export function marginalsAt(problem: GpProblem, factors: GpFactors, inputs: Float64Array): LatentMarginals {
  const { n } = problem;
  const { hyper, c, whitenedFactor, whitenedMean } = factors;
  const points = inputs.length / problem.dimensions;
  const v = rbfKernel(hyper, problem.inputs, inputs);
  solveLowerInPlace(c, n, v, points);
  const projected = new Float64Array(n * points);
  const mean = new Float64Array(points).fill(hyper.meanConstant);
  const variance = new Float64Array(points).fill(hyper.outputScale);
  for (let i = 0; i < n; i++) {
    for (let t = 0; t < points; t++) {
      const value = v[i * points + t] as number;
      mean[t] = (mean[t] as number) + value * (whitenedMean[i] as number);
      variance[t] = (variance[t] as number) - value * value;
      for (let k = 0; k <= i; k++) {
        projected[t * n + k] =
          (projected[t * n + k] as number) + (whitenedFactor[i * n + k] as number) * value;
      }
    }
  }
  for (let t = 0; t < points; t++) {
    // v − Σ V² is a variance: rounding may leave it a little below 0.
    const conditional = Math.max(variance[t] as number, 0);
    variance[t] = conditional + rowNorm(projected, t * n, n) ** 2;
  }
  return { mean, variance };
}
