/**
 * The variational objective of a Gaussian process classifier with fewer inducing points than training points, and its
 * gradient. Titsias 2009; Hensman, Matthews & Ghahramani 2015, equations 14 to 19. Notation of `gp-elbo.ts`.
 *
 * Inducing inputs Z [M, d], kept fixed; u = f(Z), q(u) = N(m, S) with S = LLᵀ, not whitened; K = k(Z, Z) + jitter·I. With
 * kᵢ = k(Z, xᵢ), wᵢ = K⁻¹kᵢ and α = K⁻¹(m − c·1) the posterior at a training input is
 *   μᵢ = c + kᵢᵀα,   σᵢ² = v − kᵢᵀwᵢ + wᵢᵀS wᵢ,
 *   ELBO = Σᵢ E_{N(μᵢ, σᵢ²)}[log Φ(sᵢ f)] − KL(q(u) ‖ N(c·1, K)).
 *
 * Gradient of the expectation, with gᵢ and hᵢ its derivatives by μᵢ and σᵢ², W = (w₁ … wₙ), D = diag(h), uᵢ = K⁻¹S wᵢ:
 *   by m: Wg;  by c: Σᵢ gᵢ(1 − 1ᵀwᵢ);  by L: 2 W D Wᵀ L;  by v at the training points: Σᵢ hᵢ;
 *   by kᵢ: gᵢα + 2hᵢ(uᵢ − wᵢ);  by K: W D Wᵀ − U D Wᵀ − W D Uᵀ − ½(Wg αᵀ + α gᵀWᵀ).
 */
import type { Algebra } from '../linalg/algebra.ts';
import { lowerTransposedTimes, lowerTransposedTimesVector } from '../linalg/structured.ts';
import {
  addHyperGradient,
  addKlGradient,
  expectedLogProbit,
  factorize,
  gpLayout,
  klDivergence,
  marginalsAt,
  posteriorFactor,
  type ElboTerms,
  type GpFactors,
  type GpProblem,
} from './gp-elbo.ts';
import { crossKernelGradient, kernelGradient, rbfKernel } from './gp-kernel.ts';

/** The training points, and the problem of which the inducing points are the inputs. */
export interface SparseProblem {
  train: GpProblem;
  inducing: GpProblem;
}

/** The terms of the ELBO in nats, from the factors of the same parameters. */
export async function sparseElbo(
  { train, inducing }: SparseProblem,
  parameters: Float64Array,
  factors: GpFactors,
  algebra: Algebra,
): Promise<ElboTerms> {
  const { mean, variance } = await marginalsAt(inducing, factors, train.inputs, algebra);
  let expectedLogLikelihood = 0;
  mean.forEach((value, i) => {
    const sign = train.labels[i] === 1 ? 1 : -1;
    expectedLogLikelihood += expectedLogProbit(sign, value, Math.sqrt(variance[i] as number), null);
  });
  return { expectedLogLikelihood, kl: klDivergence(inducing, parameters, factors) };
}

/**
 * The terms of the ELBO and the jitter; fills `gradient` (of `gpLayout(M, d)`'s length) with ∂(−ELBO/n)/∂parameters.
 * @throws NotPositiveDefiniteError as `factorize` does.
 */
export async function sparseElboAndGradient(
  problem: SparseProblem,
  parameters: Float64Array,
  gradient: Float64Array,
  algebra: Algebra,
): Promise<ElboTerms & { jitter: number }> {
  const { train, inducing } = problem;
  const factors = await factorize(inducing, parameters, algebra);
  gradient.fill(0);
  const expectedLogLikelihood = await addExpectationGradient(problem, parameters, factors, gradient, algebra);
  for (let i = 0; i < gradient.length; i++) gradient[i] = -(gradient[i] as number);
  const kl = klDivergence(inducing, parameters, factors);
  await addKlGradient(inducing, parameters, factors, gradient, algebra);
  for (let i = 0; i < gradient.length; i++) gradient[i] = (gradient[i] as number) / train.n;
  return { expectedLogLikelihood, kl, jitter: factors.prior.jitter };
}

/** What the derivatives of the expectation are made of; matrices [M, n] by rows. */
interface Projections {
  cross: Float64Array;
  /** W */
  weights: Float64Array;
  /** LᵀW */
  spread: Float64Array;
  /** U */
  pulled: Float64Array;
  /** α [M] */
  alpha: Float64Array;
}

async function projectionsOf(
  { train, inducing }: SparseProblem,
  parameters: Float64Array,
  { hyper, prior, whitenedFactor, whitenedMean }: GpFactors,
  algebra: Algebra,
): Promise<Projections> {
  const [m, n] = [inducing.n, train.n];
  const cross = rbfKernel(hyper, inducing.inputs, train.inputs);
  const whitened = await algebra.multiply(prior.inverse, cross, m, m, n);
  const [weights] = (await lowerTransposedTimes(algebra, prior.inverse, [whitened], m, n)) as [Float64Array];
  const factor = posteriorFactor(m, parameters);
  const [spread] = (await lowerTransposedTimes(algebra, factor, [weights], m, n)) as [Float64Array];
  const [byFactor] = (await lowerTransposedTimes(algebra, prior.inverse, [whitenedFactor], m, m)) as [
    Float64Array,
  ];
  const pulled = await algebra.multiply(byFactor, spread, m, m, n);
  return { cross, weights, spread, pulled, alpha: lowerTransposedTimesVector(prior.inverse, whitenedMean) };
}

/** Adds the derivatives of Σᵢ E[log Φ(sᵢ f)] to `gradient` and returns that sum. */
async function addExpectationGradient(
  problem: SparseProblem,
  parameters: Float64Array,
  factors: GpFactors,
  gradient: Float64Array,
  algebra: Algebra,
): Promise<number> {
  const { train, inducing } = problem;
  const [m, n] = [inducing.n, train.n];
  const layout = gpLayout(m, inducing.dimensions);
  const parts = await projectionsOf(problem, parameters, factors, algebra);
  const { cross, weights, spread, pulled, alpha } = parts;
  const { total, byMean, byVariance } = pointSlopes(problem, factors, parts);

  const byM = new Float64Array(m);
  let byConstant = 0;
  let byDiagonal = 0;
  for (let i = 0; i < n; i++) {
    byConstant += byMean[i] as number;
    byDiagonal += byVariance[i] as number;
  }
  const scaledWeights = new Float64Array(m * n);
  const byCross = new Float64Array(m * n);
  for (let j = 0; j < m; j++) {
    for (let i = 0, at = j * n; i < n; i++, at++) {
      const [g, h, w] = [byMean[i] as number, byVariance[i] as number, weights[at] as number];
      byM[j] = (byM[j] as number) + w * g;
      scaledWeights[at] = w * h;
      byCross[at] = g * (alpha[j] as number) + 2 * h * ((pulled[at] as number) - w);
    }
    gradient[j] = (gradient[j] as number) + (byM[j] as number);
    byConstant -= byM[j] as number;
  }
  gradient[layout.meanConstant] = (gradient[layout.meanConstant] as number) + byConstant;

  const byL = await algebra.multiplyTransposed(scaledWeights, spread, m, n, m);
  const outer = await algebra.multiplyTransposed(scaledWeights, weights, m, n, m);
  const mixed = await algebra.multiplyTransposed(pulled, scaledWeights, m, n, m);
  const byKernel = new Float64Array(m * m);
  for (let j = 0; j < m; j++) {
    const row = layout.factor + (j * (j + 1)) / 2;
    for (let k = 0; k <= j; k++) {
      const [at, across] = [j * m + k, k * m + j];
      gradient[row + k] = (gradient[row + k] as number) + 2 * (byL[at] as number);
      const rank1 = (byM[j] as number) * (alpha[k] as number) + (byM[k] as number) * (alpha[j] as number);
      byKernel[at] = (outer[at] as number) - (mixed[at] as number) - (mixed[across] as number) - rank1 / 2;
    }
  }
  const { hyper, kernel } = factors;
  const within = await kernelGradient(hyper, inducing.inputs, kernel, byKernel, algebra);
  const between = crossKernelGradient(hyper, inducing.inputs, train.inputs, cross, byCross);
  addHyperGradient(inducing, parameters, within, gradient);
  addHyperGradient(inducing, parameters, between, gradient);
  const atTraining = { byLengthScales: new Float64Array(inducing.dimensions), byOutputScale: byDiagonal };
  addHyperGradient(inducing, parameters, atTraining, gradient);
  return total;
}

/** The expectation, and its derivatives by the mean and the variance of every training point. */
function pointSlopes(
  { train, inducing }: SparseProblem,
  { hyper }: GpFactors,
  { cross, weights, spread, alpha }: Projections,
): { total: number; byMean: Float64Array; byVariance: Float64Array } {
  const { n, labels } = train;
  const mean = new Float64Array(n).fill(hyper.meanConstant);
  const variance = new Float64Array(n).fill(hyper.outputScale);
  for (let j = 0; j < inducing.n; j++) {
    for (let i = 0, at = j * n; i < n; i++, at++) {
      const [k, s] = [cross[at] as number, spread[at] as number];
      mean[i] = (mean[i] as number) + k * (alpha[j] as number);
      variance[i] = (variance[i] as number) - k * (weights[at] as number) + s * s;
    }
  }
  const [byMean, byVariance] = [new Float64Array(n), new Float64Array(n)];
  const slopes = { byMean: 0, byDeviation: 0 };
  let total = 0;
  for (let i = 0; i < n; i++) {
    // v − kᵢᵀwᵢ is a variance: rounding may leave the sum a little below 0.
    const deviation = Math.sqrt(Math.max(variance[i] as number, 0));
    total += expectedLogProbit(labels[i] === 1 ? 1 : -1, mean[i] as number, deviation, slopes);
    byMean[i] = slopes.byMean;
    byVariance[i] = deviation === 0 ? 0 : slopes.byDeviation / (2 * deviation);
  }
  return { total, byMean, byVariance };
}
