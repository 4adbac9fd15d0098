/**
 * The marginal likelihood over two hyperparameters of a regression with one input, the others held: Miller et al. 2023
 * (arXiv 2310.17247), Figure 5, which has the output scale and the length scale on its axes.
 *
 * For one length scale, K = v·(R + s·I) with R the kernel matrix of output scale 1 and s = (σ² + jitter)/v: R is reduced to
 * tridiagonal form once, and every pair (v, σ²) then costs O(n) (`linalg/tridiagonal.ts`).
 */
import { shiftedTerms, tridiagonalize, type Tridiagonal } from '../linalg/tridiagonal.ts';
import { rbfGram } from './gp-kernel.ts';
import type { MarginalTerms } from './gp-marginal.ts';

/** `count` values from `low` to `high` at equal ratios. */
export function logSpaced(low: number, high: number, count: number): Float64Array {
  const [from, to] = [Math.log(low), Math.log(high)];
  return Float64Array.from({ length: count }, (_, i) => Math.exp(from + ((to - from) * i) / (count - 1)));
}

/** Kernel matrices of given inputs [n, 1] at given length scales, ready for any output scale, noise and mean. */
export class MarginalLandscape {
  readonly lengthScales: Float64Array;
  readonly #n: number;
  readonly #reduced: Tridiagonal[];

  constructor(inputs: Float64Array, targets: Float64Array, lengthScales: Float64Array) {
    const n = inputs.length;
    const ones = new Float64Array(n).fill(1);
    this.#n = n;
    this.lengthScales = lengthScales;
    this.#reduced = Array.from(lengthScales, (lengthScale) => {
      const hyper = { lengthScales: Float64Array.of(lengthScale), outputScale: 1 };
      return tridiagonalize(rbfGram(hyper, inputs), n, [targets, ones]);
    });
  }

  /**
   * The terms at length scale number `index`.
   * @param noise σ² and jitter together
   * @throws NotPositiveDefiniteError when noise / outputScale is of the size of rounding
   */
  at(index: number, outputScale: number, noise: number, meanConstant: number): MarginalTerms {
    const reduced = this.#reduced[index] as Tridiagonal;
    const [targets, ones] = reduced.rotated as [Float64Array, Float64Array];
    const centred = targets.map((y, i) => y - meanConstant * (ones[i] as number));
    const { logDeterminant, quadratic } = shiftedTerms(reduced, noise / outputScale, centred);
    const fit = -quadratic / outputScale / 2;
    const complexity = (logDeterminant + this.#n * Math.log(outputScale)) / 2;
    const constant = (this.#n / 2) * Math.log(2 * Math.PI);
    return { logMarginalLikelihood: fit - complexity - constant, fit, complexity };
  }
}
