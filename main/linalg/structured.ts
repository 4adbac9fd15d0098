/**
 * Products that leave out the zeros of a triangle, or the half of a symmetric result that mirrors the other: by blocks
 * of rows, so that an `Algebra` still multiplies large dense matrices. All matrices row-major [n, n], n of equal meaning.
 */
import type { Algebra } from './algebra.ts';

const blockRows = 128;

/** Ranges of rows [start, end), of about equal size. */
function rowBlocks(n: number): [number, number][] {
  const count = Math.max(1, Math.round(n / blockRows));
  return Array.from({ length: count }, (_, i) => [
    Math.floor((n * i) / count),
    Math.floor((n * (i + 1)) / count),
  ]);
}

/** T B for a lower triangular T [n, n] and B [n, columns]. */
export async function lowerTimes(
  algebra: Algebra,
  lower: Float64Array,
  b: Float64Array,
  n: number,
  columns: number,
): Promise<Float64Array> {
  const result = new Float64Array(n * columns);
  for (const [start, end] of rowBlocks(n)) {
    const left = new Float64Array((end - start) * end);
    for (let i = start; i < end; i++) left.set(lower.subarray(i * n, i * n + end), (i - start) * end);
    const rows = await algebra.multiply(left, b.subarray(0, end * columns), end - start, end, columns);
    result.set(rows, start * columns);
  }
  return result;
}

/** Tᵀ B for each B [n, columns] of `factors`, for one lower triangular T [n, n]. */
export async function lowerTransposedTimes(
  algebra: Algebra,
  lower: Float64Array,
  factors: readonly Float64Array[],
  n: number,
  columns: number,
): Promise<Float64Array[]> {
  const results = factors.map(() => new Float64Array(n * columns));
  for (const [start, end] of rowBlocks(n)) {
    const left = transposedColumns(lower, n, start, end);
    for (const [i, b] of factors.entries()) {
      const right = b.subarray(start * columns);
      const rows = await algebra.multiply(left, right, end - start, n - start, columns);
      results[i]?.set(rows, start * columns);
    }
  }
  return results;
}

/** Columns start … end − 1 of T as rows, from row `start` on: [end − start, n − start]. */
function transposedColumns(lower: Float64Array, n: number, start: number, end: number): Float64Array {
  const length = n - start;
  const rows = new Float64Array((end - start) * length);
  for (let k = start; k < n; k++) {
    const source = k * n;
    for (let i = start; i < end; i++) rows[(i - start) * length + k - start] = lower[source + i] as number;
  }
  return rows;
}

/** The lower triangle of B Bᵀ [n, n] for B [n, columns]; what stands above the diagonal is not defined. */
export async function lowerOfProductWithTranspose(
  algebra: Algebra,
  b: Float64Array,
  n: number,
  columns: number,
): Promise<Float64Array> {
  const result = new Float64Array(n * n);
  for (const [start, end] of rowBlocks(n)) {
    const left = b.subarray(start * columns, end * columns);
    const right = b.subarray(0, end * columns);
    const rows = await algebra.multiplyTransposed(left, right, end - start, columns, end);
    for (let i = start; i < end; i++) {
      result.set(rows.subarray((i - start) * end, (i - start + 1) * end), i * n);
    }
  }
  return result;
}

/** T v for a lower triangular T [n, n]. */
export function lowerTimesVector(lower: Float64Array, v: Float64Array): Float64Array {
  const n = v.length;
  return Float64Array.from(v, (_, i) => {
    let sum = 0;
    for (let k = 0; k <= i; k++) sum += (lower[i * n + k] as number) * (v[k] as number);
    return sum;
  });
}

/** Tᵀ v for a lower triangular T [n, n]. */
export function lowerTransposedTimesVector(lower: Float64Array, v: Float64Array): Float64Array {
  const n = v.length;
  const result = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const factor = v[k] as number;
    for (let i = 0; i <= k; i++) result[i] = (result[i] as number) + (lower[k * n + i] as number) * factor;
  }
  return result;
}

/** S v for a symmetric S [n, n], of which all entries are read. */
export function symmetricTimesVector(symmetric: Float64Array, v: Float64Array): Float64Array {
  const n = v.length;
  return Float64Array.from(v, (_, i) => {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += (symmetric[i * n + k] as number) * (v[k] as number);
    return sum;
  });
}
