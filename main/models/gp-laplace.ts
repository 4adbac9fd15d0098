/**
 * Laplace's approximation of a Gaussian process classifier, in float64: Rasmussen & Williams 2006, §3.4 and §5.5.1,
 * algorithms 3.1, 3.2 and 5.1 with a constant mean c.
 *
 * Model as in `gp-elbo.ts`: f ~ GP(c, k), p(yᵢ | fᵢ) = Φ(sᵢ fᵢ), K = k(X, X) + jitter·I. With g = ∇ log p(y | f) and
 * W = −∇∇ log p(y | f), both of the size n, Newton's method finds the mode f̂ of the posterior, where f̂ = c + K g. With
 * B = I + W^½ K W^½ = L Lᵀ and R = W^½ B⁻¹ W^½ = (K + W⁻¹)⁻¹:
 *   log q(y) = −½ gᵀ(f̂ − c) + Σᵢ log p(yᵢ | f̂ᵢ) − ½ log |B|   (eq. 3.32),
 * which is data fit minus complexity, with the complexity ½ gᵀ(f̂ − c) + ½ log |B|.
 *
 * Gradient (eqs. 5.22 to 5.24), for θ in K: with Σ = K − KRK, tᵢ = ½ Σᵢᵢ ∇³ log p(yᵢ | f̂ᵢ), u = t − RKt:
 *   ∂ log q/∂K = ½ g gᵀ − ½ R + ½ (u gᵀ + g uᵀ),  ∂ log q/∂c = Σg + Σu.
 * Predictions (eqs. 3.21, 3.24): f(x) ~ N(c + k(x, X) g, k(x, x) − k(x, X) R k(X, x)). At a training point that is f̂ᵢ
 * and Σᵢᵢ with the jitter counted in, as the variational model does.
 *
 * `gp-classifier-laplace.ts` trains it.
 */
import type { Algebra } from '../linalg/algebra.ts';
import { withDiagonal } from '../linalg/jitter.ts';
import { logNormalCdf, logNormalCdfDerivative } from '../linalg/normal.ts';
import {
  lowerTimesVector,
  lowerTransposedTimes,
  lowerTransposedTimesVector,
  symmetricTimesVector,
} from '../linalg/structured.ts';
import type { GpHyperparameters, GpProblem, LatentMarginals } from './gp-elbo.ts';
import { kernelGradient, rbfGram, rbfKernel, softplus } from './gp-kernel.ts';

const maxNewtonSteps = 100;
/**
 * Newton stops when no fᵢ moves by more than this share of the largest |f − c| (or of 1). The log posterior alone would stop it too
 * early: log |B|, and with it log q(y), changes with f to first order.
 */
const tolerance = 1e-10;
/** A fall of the log posterior by this share of it, or of n, is rounding. */
const rounding = 1e-13;

/** All trained numbers in one vector: raw length scales [d], raw output scale, constant mean. */
export const laplaceLayout = (dimensions: number) => ({
  rawOutputScale: dimensions,
  meanConstant: dimensions + 1,
  length: dimensions + 2,
});

export function laplaceHyperparameters(problem: GpProblem, parameters: Float64Array): GpHyperparameters {
  const { rawOutputScale, meanConstant } = laplaceLayout(problem.dimensions);
  return {
    lengthScales: parameters.slice(0, problem.dimensions).map(softplus.value),
    outputScale: softplus.value(parameters[rawOutputScale] as number),
    meanConstant: parameters[meanConstant] as number,
  };
}

/** The likelihood at f [n]: its logarithm and the derivatives of that by each fᵢ. */
interface LikelihoodTerms {
  log: number;
  first: Float64Array;
  /** −∂²: W's diagonal, never negative. */
  curvature: Float64Array;
  third: Float64Array;
}

/** With z = sᵢfᵢ and ρ = φ(z)/Φ(z): ρ' = −ρ(z + ρ) (Rasmussen & Williams 2006, eq. 3.16). */
function likelihood(labels: Int32Array, f: Float64Array): LikelihoodTerms {
  const n = f.length;
  const terms = {
    log: 0,
    first: new Float64Array(n),
    curvature: new Float64Array(n),
    third: new Float64Array(n),
  };
  for (let i = 0; i < n; i++) {
    const sign = labels[i] === 1 ? 1 : -1;
    const z = sign * (f[i] as number);
    const ratio = logNormalCdfDerivative(z);
    terms.log += logNormalCdf(z);
    terms.first[i] = sign * ratio;
    const curvature = Math.max(ratio * (z + ratio), 0);
    terms.curvature[i] = curvature;
    // −ρ'·(z + ρ) − ρ(1 + ρ'), with ρ' = −curvature.
    terms.third[i] = sign * (curvature * (z + ratio) - ratio * (1 - curvature));
  }
  return terms;
}

/** What the approximation at its mode consists of. */
export interface LaplaceFactors {
  hyper: GpHyperparameters;
  /** k(X, X) without jitter. */
  kernel: Float64Array;
  /** K, with it. */
  prior: Float64Array;
  mode: Float64Array;
  at: LikelihoodTerms;
  /** L⁻¹W^½ [n, n], L Lᵀ = B: R is its transpose times itself. */
  whitenedRoot: Float64Array;
  logDeterminant: number;
}

/**
 * B's eigenvalues are at least 1: it needs no jitter, however close to singular K is.
 * @throws NotPositiveDefiniteError when K is not finite.
 */
export async function factorizeLaplace(
  problem: GpProblem,
  parameters: Float64Array,
  algebra: Algebra,
): Promise<LaplaceFactors> {
  const { n, inputs, labels } = problem;
  const hyper = laplaceHyperparameters(problem, parameters);
  const kernel = rbfGram(hyper, inputs);
  const prior = withDiagonal(kernel, n, problem.jitter);
  const { meanConstant } = hyper;

  // a = K⁻¹(f − c), so that K is never inverted; at the mode a = g.
  let a: Float64Array = new Float64Array(n);
  let f: Float64Array = new Float64Array(n).fill(meanConstant);
  let value = logPosterior(labels, f, a, meanConstant);
  for (let step = 0; step < maxNewtonSteps; step++) {
    const terms = likelihood(labels, f);
    const target = await newtonTarget(algebra, prior, terms, f, meanConstant);
    const next = longestRise(problem, prior, a, target, meanConstant, value);
    if (next === null) break;
    const moved = largestDifference(next.f, f);
    ({ a, f, value } = next);
    if (moved <= tolerance * Math.max(1, largestDifference(f, new Float64Array(n).fill(meanConstant)))) break;
  }
  const at = likelihood(labels, f);
  return { hyper, kernel, prior, mode: f, at, ...(await posteriorRoot(algebra, prior, at, n)) };
}

/** Σ log p(y | f) − ½ aᵀ(f − c). */
function logPosterior(labels: Int32Array, f: Float64Array, a: Float64Array, meanConstant: number): number {
  let value = 0;
  for (let i = 0; i < f.length; i++) {
    const fi = f[i] as number;
    value += logNormalCdf(labels[i] === 1 ? fi : -fi) - ((a[i] as number) * (fi - meanConstant)) / 2;
  }
  return value;
}

/** Newton's a (algorithm 3.1, lines 4 to 7): b − W^½ B⁻¹ W^½ K b with b = W(f − c) + g. */
async function newtonTarget(
  algebra: Algebra,
  prior: Float64Array,
  { first, curvature }: LikelihoodTerms,
  f: Float64Array,
  meanConstant: number,
): Promise<Float64Array> {
  const n = f.length;
  const b = f.map((fi, i) => (curvature[i] as number) * (fi - meanConstant) + (first[i] as number));
  const kb = symmetricTimesVector(prior, b);
  const { inverse } = await algebra.inverseCholesky(matrixB(prior, curvature, n), n);
  const roots = curvature.map(Math.sqrt);
  const half = lowerTimesVector(
    inverse,
    kb.map((value, i) => (roots[i] as number) * value),
  );
  const whole = lowerTransposedTimesVector(inverse, half);
  return b.map((bi, i) => bi - (roots[i] as number) * (whole[i] as number));
}

function matrixB(prior: Float64Array, curvature: Float64Array, n: number): Float64Array {
  const roots = curvature.map(Math.sqrt);
  const b = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      b[i * n + j] = (roots[i] as number) * (prior[i * n + j] as number) * (roots[j] as number);
    }
    b[i * n + i] = (b[i * n + i] as number) + 1;
  }
  return b;
}

function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0);
}

/** The full Newton step, halved until the log posterior does not fall; null when it falls with 2⁻³⁰ of it. */
function longestRise(
  { labels }: GpProblem,
  prior: Float64Array,
  from: Float64Array,
  target: Float64Array,
  meanConstant: number,
  value: number,
): { a: Float64Array; f: Float64Array; value: number } | null {
  for (let share = 1; share > 2 ** -30; share /= 2) {
    const a = from.map((ai, i) => ai + share * ((target[i] as number) - ai));
    const f = symmetricTimesVector(prior, a).map((shift) => shift + meanConstant);
    const reached = logPosterior(labels, f, a, meanConstant);
    if (reached >= value - rounding * (Math.abs(value) + a.length)) return { a, f, value: reached };
  }
  return null;
}

async function posteriorRoot(
  algebra: Algebra,
  prior: Float64Array,
  { curvature }: LikelihoodTerms,
  n: number,
): Promise<{ whitenedRoot: Float64Array; logDeterminant: number }> {
  const { inverse, diagonal } = await algebra.inverseCholesky(matrixB(prior, curvature, n), n);
  const roots = curvature.map(Math.sqrt);
  const whitenedRoot = inverse.map((value, at) => value * (roots[at % n] as number));
  const logDeterminant = 2 * diagonal.reduce((sum, value) => sum + Math.log(value), 0);
  return { whitenedRoot, logDeterminant };
}

/** Totals over the training data, in nats: log q(y) = fit − complexity. */
export interface LaplaceTerms {
  logMarginalLikelihood: number;
  fit: number;
  complexity: number;
}

export function laplaceTerms({ hyper, mode, at, logDeterminant }: LaplaceFactors): LaplaceTerms {
  const quadratic = mode.reduce((sum, fi, i) => sum + (at.first[i] as number) * (fi - hyper.meanConstant), 0);
  const complexity = (quadratic + logDeterminant) / 2;
  return { logMarginalLikelihood: at.log - complexity, fit: at.log, complexity };
}

/** Σᵢᵢ of the latent function at the training points. */
export async function posteriorVariances(
  { prior, whitenedRoot }: LaplaceFactors,
  n: number,
  algebra: Algebra,
): Promise<Float64Array> {
  // K (L⁻¹W^½)ᵀ [n, n]: row i holds what the data explain of the variance of fᵢ.
  const explained = await algebra.multiplyTransposed(prior, whitenedRoot, n, n, n);
  return Float64Array.from({ length: n }, (_, i) => {
    let variance = prior[i * n + i] as number;
    for (let k = 0; k < n; k++) variance -= (explained[i * n + k] as number) ** 2;
    return Math.max(variance, 0);
  });
}

/**
 * The terms; fills `gradient` (of the layout's length) with ∂(−log q(y) / n)/∂parameters.
 * @throws NotPositiveDefiniteError as `factorizeLaplace` does.
 */
export async function laplaceAndGradient(
  problem: GpProblem,
  parameters: Float64Array,
  gradient: Float64Array,
  algebra: Algebra,
): Promise<LaplaceTerms> {
  const { n, dimensions, inputs } = problem;
  const factors = await factorizeLaplace(problem, parameters, algebra);
  const { first, third } = factors.at;
  const [r] = (await lowerTransposedTimes(algebra, factors.whitenedRoot, [factors.whitenedRoot], n, n)) as [
    Float64Array,
  ];
  const variances = await posteriorVariances(factors, n, algebra);
  const t = variances.map((variance, i) => (variance * (third[i] as number)) / 2);
  const rkt = symmetricTimesVector(r, symmetricTimesVector(factors.prior, t));
  const u = t.map((ti, i) => ti - (rkt[i] as number));

  const byKernel = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const gi = first[i] as number;
    const ui = u[i] as number;
    for (let j = 0; j <= i; j++) {
      const gj = first[j] as number;
      const rise = gi * gj - (r[i * n + j] as number) + ui * gj + gi * (u[j] as number);
      byKernel[i * n + j] = -rise / 2;
    }
  }
  const byHyper = await kernelGradient(factors.hyper, inputs, factors.kernel, byKernel, algebra);
  byHyper.byLengthScales.forEach((value, k) => {
    gradient[k] = (value * softplus.derivative(parameters[k] as number)) / n;
  });
  const { rawOutputScale, meanConstant } = laplaceLayout(dimensions);
  gradient[rawOutputScale] =
    (byHyper.byOutputScale * softplus.derivative(parameters[rawOutputScale] as number)) / n;
  gradient[meanConstant] = -first.reduce((sum, gi, i) => sum + gi + (u[i] as number), 0) / n;
  return laplaceTerms(factors);
}

/** The latent function at other inputs Z [t, d]. */
export async function laplaceAt(
  problem: GpProblem,
  factors: LaplaceFactors,
  inputs: Float64Array,
  algebra: Algebra,
): Promise<LatentMarginals> {
  const { n, dimensions } = problem;
  const { hyper, at, whitenedRoot } = factors;
  const points = inputs.length / dimensions;
  const cross = rbfKernel(hyper, inputs, problem.inputs);
  const explained = await algebra.multiplyTransposed(cross, whitenedRoot, points, n, n);
  const mean = new Float64Array(points);
  const variance = new Float64Array(points);
  for (let p = 0; p < points; p++) {
    let shift = hyper.meanConstant;
    let rest = hyper.outputScale;
    for (let i = 0; i < n; i++) {
      shift += (cross[p * n + i] as number) * (at.first[i] as number);
      rest -= (explained[p * n + i] as number) ** 2;
    }
    mean[p] = shift;
    variance[p] = Math.max(rest, 0);
  }
  return { mean, variance };
}
