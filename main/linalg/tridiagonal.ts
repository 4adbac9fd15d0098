/**
 * Symmetric matrices plus many multiples of the identity: after one reduction to tridiagonal form, every shift costs O(n)
 * where a factorization costs O(n³).
 */
import { NotPositiveDefiniteError } from './cholesky.ts';

/** T = QᵀAQ and Qᵀ applied to some vectors. */
export interface Tridiagonal {
  /** T's diagonal [n]. */
  diagonal: Float64Array;
  /** T's subdiagonal [n − 1]. */
  below: Float64Array;
  /** Qᵀ v for each v given [n]. */
  rotated: Float64Array[];
}

const negligible = 1e-40;

/** By Householder reflections (Golub & Van Loan 2013, algorithm 8.3.1), for a symmetric A [n, n]; A is not changed. */
export function tridiagonalize(a: Float64Array, n: number, vectors: readonly Float64Array[]): Tridiagonal {
  const t = a.slice();
  const rotated = vectors.map((v) => v.slice());
  const below = new Float64Array(Math.max(n - 1, 0));
  const v = new Float64Array(n);
  let largest = 0;
  for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(t[i * n + i] as number));
  for (let k = 0; k < n - 1; k++) {
    const size = columnNorm(t, n, k);
    const first = t[(k + 1) * n + k] as number;
    // Squares of what is this small underflow; in sums with the diagonal it counts as 0.
    if (size <= negligible * largest) continue;
    below[k] = first > 0 ? -size : size;
    if (size === Math.abs(first)) {
      below[k] = first;
      continue;
    }
    // H = I − 2 v vᵀ / vᵀv maps the column below the diagonal to a multiple of its first unit vector.
    v[k + 1] = first - (below[k] as number);
    for (let i = k + 2; i < n; i++) v[i] = t[i * n + k] as number;
    reflect(t, n, k + 1, v);
    for (const vector of rotated) reflectVector(vector, k + 1, v);
  }
  return { diagonal: Float64Array.from({ length: n }, (_, i) => t[i * n + i] as number), below, rotated };
}

function columnNorm(t: Float64Array, n: number, k: number): number {
  let sum = 0;
  for (let i = k + 1; i < n; i++) sum += (t[i * n + k] as number) ** 2;
  return Math.sqrt(sum);
}

/** A ← HAH on rows and columns from `start` on: A − v wᵀ − w vᵀ with p = βAv, w = p − (β pᵀv / 2) v, β = 2/vᵀv. */
function reflect(t: Float64Array, n: number, start: number, v: Float64Array): void {
  const w = new Float64Array(n);
  let square = 0;
  for (let i = start; i < n; i++) {
    square += (v[i] as number) ** 2;
    let sum = 0;
    for (let j = start; j < n; j++) sum += (t[i * n + j] as number) * (v[j] as number);
    w[i] = sum;
  }
  const beta = 2 / square;
  let along = 0;
  for (let i = start; i < n; i++) along += beta * (w[i] as number) * (v[i] as number);
  for (let i = start; i < n; i++) w[i] = beta * ((w[i] as number) - (along / 2) * (v[i] as number));
  for (let i = start; i < n; i++) {
    const vi = v[i] as number;
    const wi = w[i] as number;
    for (let j = start; j < n; j++) {
      t[i * n + j] = (t[i * n + j] as number) - vi * (w[j] as number) - wi * (v[j] as number);
    }
  }
}

function reflectVector(x: Float64Array, start: number, v: Float64Array): void {
  let square = 0;
  let dot = 0;
  for (let i = start; i < x.length; i++) {
    square += (v[i] as number) ** 2;
    dot += (v[i] as number) * (x[i] as number);
  }
  const factor = (2 * dot) / square;
  for (let i = start; i < x.length; i++) x[i] = (x[i] as number) - factor * (v[i] as number);
}

/**
 * log |T + shift·I| and bᵀ(T + shift·I)⁻¹b, from the factorization LDLᵀ of a tridiagonal matrix (Golub & Van Loan 2013,
 * algorithm 4.3.6).
 * @throws NotPositiveDefiniteError when a pivot is not positive.
 */
export function shiftedTerms(
  { diagonal, below }: Tridiagonal,
  shift: number,
  b: Float64Array,
): { logDeterminant: number; quadratic: number } {
  let logDeterminant = 0;
  let quadratic = 0;
  let pivot = 1;
  let z = 0;
  for (let i = 0; i < diagonal.length; i++) {
    const ratio = i === 0 ? 0 : (below[i - 1] as number) / pivot;
    pivot = (diagonal[i] as number) + shift - (i === 0 ? 0 : ratio * (below[i - 1] as number));
    if (!(pivot > 0)) throw new NotPositiveDefiniteError(i, pivot);
    z = (b[i] as number) - ratio * z;
    logDeterminant += Math.log(pivot);
    quadratic += (z * z) / pivot;
  }
  return { logDeterminant, quadratic };
}
