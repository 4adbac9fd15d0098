/**
 * Weights that add modulo p, in closed form: Gromov 2023 (arXiv 2301.02679, §3). Every hidden neuron k has a frequency
 * σ(k) and two random phases:
 *   W⁰[n, k] = A cos(2π σ(k) n/p + φ_k),  W⁰[p + m, k] = A cos(2π σ(k) m/p + ψ_k),
 *   W¹[k, q] = A cos(2π σ(k) q/p + φ_k + ψ_k),
 * for the network W¹ᵀ(W⁰ᵀx)² on one-hot n and m. Of the square, the product of the two cosines contributes ½ cos(2π σ(k)
 * (n + m − q)/p) where it meets W¹, and everything else has a random phase: summed over neurons whose frequencies run
 * through all of 0 … p − 1 equally often, the first is N/2 for q = n + m and 0 otherwise, and the rest grows as √N only.
 *
 * Not taken over: the paper leaves the amplitude A open; here A³ = 2/(outputScale · N), so that the network gives about
 * 1 for the sum and 0 for the other classes, which is the least squared error. Frequencies are σ(k) = k mod p after a
 * random permutation of the neurons.
 */
import type { Random } from '../../shared/random.ts';

export interface GromovShape {
  modulus: number;
  width: number;
  outputScale: number;
}

/** [2p, width] and then [width, p], row-major. */
export function gromovSolution(
  { modulus: p, width, outputScale }: GromovShape,
  random: Random,
): Float64Array {
  const amplitude = Math.cbrt(2 / (outputScale * width));
  const order = random.permutation(width);
  const phase = (): number => random.uniformBetween(-Math.PI, Math.PI);
  const neurons = Array.from(order, (k) => ({ frequency: k % p, first: phase(), second: phase() }));
  const values = new Float64Array(3 * p * width);
  const wave = (frequency: number, at: number, shift: number): number =>
    amplitude * Math.cos((2 * Math.PI * ((frequency * at) % p)) / p + shift);
  neurons.forEach(({ frequency, first, second }, k) => {
    for (let n = 0; n < p; n++) {
      values[n * width + k] = wave(frequency, n, first);
      values[(p + n) * width + k] = wave(frequency, n, second);
      values[2 * p * width + k * p + n] = wave(frequency, n, first + second);
    }
  });
  return values;
}
