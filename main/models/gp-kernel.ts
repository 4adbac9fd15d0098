/**
 * The kernel that all Gaussian processes here share, its gradient, and numbers that stay positive by construction.
 *
 *   k(x, x') = v · exp(−½ Σ_d (x_d − x'_d)² / ℓ_d²): squared exponential with one length scale per input (ARD;
 * Rasmussen & Williams 2006, eq. 5.1) and an output scale v, which is a variance.
 */
import type { Algebra } from '../linalg/algebra.ts';
import { lowerTimes } from '../linalg/structured.ts';

export interface KernelHyperparameters {
  /** ℓ [dimensions] */
  lengthScales: Float64Array;
  /** v */
  outputScale: number;
}

/** A positive number as a function of an unconstrained one, which is what is trained. */
export interface PositiveTransform {
  value: (raw: number) => number;
  raw: (value: number) => number;
  derivative: (raw: number) => number;
}

/** log(1 + eʳ): GPyTorch's constraint `Positive`. */
export const softplus: PositiveTransform = {
  value: (raw) => Math.max(raw, 0) + Math.log1p(Math.exp(-Math.abs(raw))),
  raw: (value) => value + Math.log(-Math.expm1(-value)),
  derivative: (raw) => 1 / (1 + Math.exp(-raw)),
};

/** eʳ: GPyTorch's `Positive(torch.exp, torch.log)`. */
export const exponential: PositiveTransform = { value: Math.exp, raw: Math.log, derivative: Math.exp };

/** Inputs [n, d] divided by their length scales. */
function scaled(inputs: Float64Array, lengthScales: Float64Array): Float64Array {
  const d = lengthScales.length;
  return inputs.map((x, i) => x / (lengthScales[i % d] as number));
}

/** Aᵀ [columns, rows] of A [rows, columns]. */
function transposed(a: Float64Array, rows: number, columns: number): Float64Array {
  return Float64Array.from(a, (_, at) => a[(at % rows) * columns + Math.floor(at / rows)] as number);
}

/**
 * Adds Σ_d (x_d − z_d)² for the first `count` points of `z` [d, points] to `target` from `offset` on; x is row `row` of
 * `x` [·, d]. Four inputs at a time: that walks `target` a quarter as often.
 */
function addSquaredDistances(
  target: Float64Array,
  offset: number,
  count: number,
  x: Float64Array,
  row: number,
  z: Float64Array,
  points: number,
  d: number,
): void {
  const start = row * d;
  let k = 0;
  for (; k + 4 <= d; k += 4) {
    const x0 = x[start + k] as number;
    const x1 = x[start + k + 1] as number;
    const x2 = x[start + k + 2] as number;
    const x3 = x[start + k + 3] as number;
    const z0 = k * points;
    const z1 = z0 + points;
    const z2 = z1 + points;
    const z3 = z2 + points;
    for (let j = 0; j < count; j++) {
      const by0 = x0 - (z[z0 + j] as number);
      const by1 = x1 - (z[z1 + j] as number);
      const by2 = x2 - (z[z2 + j] as number);
      const by3 = x3 - (z[z3 + j] as number);
      const sum = by0 * by0 + by1 * by1 + (by2 * by2 + by3 * by3);
      target[offset + j] = (target[offset + j] as number) + sum;
    }
  }
  for (; k < d; k++) {
    const x0 = x[start + k] as number;
    const z0 = k * points;
    for (let j = 0; j < count; j++) {
      const by0 = x0 - (z[z0 + j] as number);
      target[offset + j] = (target[offset + j] as number) + by0 * by0;
    }
  }
}

/** k(X, Z) [rows of X, rows of Z]. */
export function rbfKernel(hyper: KernelHyperparameters, x: Float64Array, z: Float64Array): Float64Array {
  const { lengthScales, outputScale } = hyper;
  const d = lengthScales.length;
  const rows = x.length / d;
  const columns = z.length / d;
  const left = scaled(x, lengthScales);
  const right = transposed(scaled(z, lengthScales), columns, d);
  const kernel = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    addSquaredDistances(kernel, i * columns, columns, left, i, right, columns, d);
  }
  for (let at = 0; at < kernel.length; at++) {
    kernel[at] = outputScale * Math.exp(-(kernel[at] as number) / 2);
  }
  return kernel;
}

/** k(X, X) [n, n], symmetric. */
export function rbfGram(hyper: KernelHyperparameters, inputs: Float64Array): Float64Array {
  const { lengthScales, outputScale } = hyper;
  const d = lengthScales.length;
  const n = inputs.length / d;
  const x = scaled(inputs, lengthScales);
  const columns = transposed(x, n, d);
  const kernel = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    addSquaredDistances(kernel, i * n, i, x, i, columns, n, d);
    for (let j = 0; j < i; j++) {
      const value = outputScale * Math.exp(-(kernel[i * n + j] as number) / 2);
      kernel[i * n + j] = value;
      kernel[j * n + i] = value;
    }
    kernel[i * n + i] = outputScale;
  }
  return kernel;
}

export interface KernelGradient {
  byLengthScales: Float64Array;
  byOutputScale: number;
}

/** From this many inputs on, sums over pairs are products of matrices. */
const manyInputs = 8;

/**
 * The derivative of a scalar by the hyperparameters, from its derivative G by k(X, X), of which the lower triangle is
 * read: Σᵢⱼ Gᵢⱼ ∂kᵢⱼ/∂θ with ∂kᵢⱼ/∂v = kᵢⱼ/v and ∂kᵢⱼ/∂ℓ_d = kᵢⱼ (xᵢ_d − xⱼ_d)²/ℓ_d³.
 */
export async function kernelGradient(
  hyper: KernelHyperparameters,
  inputs: Float64Array,
  kernel: Float64Array,
  byKernel: Float64Array,
  algebra: Algebra,
): Promise<KernelGradient> {
  const { lengthScales, outputScale } = hyper;
  const d = lengthScales.length;
  const n = inputs.length / d;
  // Gᵢⱼ kᵢⱼ below the diagonal, twice: for (i, j) and (j, i).
  const weights = new Float64Array(n * n);
  let byOutputScale = 0;
  for (let i = 0; i < n; i++) {
    byOutputScale += (byKernel[i * n + i] as number) * outputScale;
    for (let at = i * n; at < i * n + i; at++) {
      const weight = 2 * (byKernel[at] as number) * (kernel[at] as number);
      weights[at] = weight;
      byOutputScale += weight;
    }
  }
  const x = scaled(inputs, lengthScales);
  const sums =
    d < manyInputs ? weightedDistances(weights, x, n, d) : await weightedProducts(weights, x, n, d, algebra);
  return {
    byLengthScales: sums.map((sum, k) => sum / (lengthScales[k] as number)),
    byOutputScale: byOutputScale / outputScale,
  };
}

/**
 * The derivative of a scalar by the hyperparameters, from its derivative G [rows of Z, rows of X] by k(Z, X), the kernel.
 */
export function crossKernelGradient(
  hyper: KernelHyperparameters,
  z: Float64Array,
  x: Float64Array,
  kernel: Float64Array,
  byKernel: Float64Array,
): KernelGradient {
  const { lengthScales, outputScale } = hyper;
  const d = lengthScales.length;
  const [left, right] = [scaled(z, lengthScales), scaled(x, lengthScales)];
  const columns = right.length / d;
  const sums = new Float64Array(d);
  let total = 0;
  for (let at = 0; at < kernel.length; at++) {
    const weight = (byKernel[at] as number) * (kernel[at] as number);
    if (weight === 0) continue;
    total += weight;
    const i = Math.floor(at / columns) * d;
    const j = (at % columns) * d;
    for (let k = 0; k < d; k++) {
      const difference = (left[i + k] as number) - (right[j + k] as number);
      sums[k] = (sums[k] as number) + weight * difference * difference;
    }
  }
  return {
    byLengthScales: sums.map((sum, k) => sum / (lengthScales[k] as number)),
    byOutputScale: total / outputScale,
  };
}

/** Σᵢⱼ Wᵢⱼ (xᵢ_d − xⱼ_d)² for each input d, W lower triangular [n, n], x [n, d]. */
function weightedDistances(weights: Float64Array, x: Float64Array, n: number, d: number): Float64Array {
  const sums = new Float64Array(d);
  for (let k = 0; k < d; k++) {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const xi = x[i * d + k] as number;
      for (let j = 0; j < i; j++) {
        const difference = xi - (x[j * d + k] as number);
        sum += (weights[i * n + j] as number) * difference * difference;
      }
    }
    sums[k] = sum;
  }
  return sums;
}

/** The same as Σᵢ (Σⱼ Wᵢⱼ + Wⱼᵢ) xᵢ_d² − 2 Σᵢ xᵢ_d (Wx)ᵢ_d, with x centred so that little cancels. */
async function weightedProducts(
  weights: Float64Array,
  x: Float64Array,
  n: number,
  d: number,
  algebra: Algebra,
): Promise<Float64Array> {
  const centre = new Float64Array(d);
  for (let at = 0; at < x.length; at++) {
    centre[at % d] = (centre[at % d] as number) + (x[at] as number) / n;
  }
  const centred = x.map((value, at) => value - (centre[at % d] as number));
  const total = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let row = 0;
    for (let j = 0; j < i; j++) {
      const weight = weights[i * n + j] as number;
      row += weight;
      total[j] = (total[j] as number) + weight;
    }
    total[i] = (total[i] as number) + row;
  }
  const products = await lowerTimes(algebra, weights, centred, n, d);
  const sums = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < d; k++) {
      const value = centred[i * d + k] as number;
      const change = value * ((total[i] as number) * value - 2 * (products[i * d + k] as number));
      sums[k] = (sums[k] as number) + change;
    }
  }
  return sums;
}
