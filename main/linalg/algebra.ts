/**
 * The two operations that take the time of a Gaussian process, behind one interface with two implementations: plain
 * TypeScript for small matrices, ONNX Runtime's float64 products for large ones (`onnx-algebra.ts`). All matrices are
 * row-major in one Float64Array; everything is float64.
 *
 * Measured on one thread of a busy 2-core machine, medians in ms at n = 300 and 1000: factor and its inverse over ONNX Runtime
 * 3.5 and 76, by plain loops 15 and 850; the factor alone by ml-matrix 6.15 14 and 980, by ndarray-cholesky-factorization 17 and
 * 910; a product of n × n matrices by ONNX Runtime 1.3 and 75, by plain loops 54, by ml-matrix 69 (n = 300). A whole ELBO and
 * gradient beside SciPy: `main/bench/gaussian-process.ts`.
 */
import type { BackendRecord } from '../../shared/run.ts';
import { float64Backend } from '../models/float64-backend.ts';
import { choleskyInPlace, solveLowerInPlace } from './cholesky.ts';

/** C⁻¹ of a Cholesky factor C, where C Cᵀ = A. */
export interface InverseCholesky {
  /** C⁻¹ [n, n], lower triangular with zeros above. */
  inverse: Float64Array;
  /** The diagonal of C [n]. */
  diagonal: Float64Array;
}

export interface Algebra {
  readonly backend: BackendRecord;
  /** A B, for A [rows, inner] and B [inner, columns]. */
  multiply(
    a: Float64Array,
    b: Float64Array,
    rows: number,
    inner: number,
    columns: number,
  ): Promise<Float64Array>;
  /** A Bᵀ, for A [rows, inner] and B [columns, inner]. */
  multiplyTransposed(
    a: Float64Array,
    b: Float64Array,
    rows: number,
    inner: number,
    columns: number,
  ): Promise<Float64Array>;
  /**
   * The inverse of the Cholesky factor of a symmetric A [n, n], of which the lower triangle is read. Adds no jitter.
   * @throws NotPositiveDefiniteError with the pivot that failed.
   */
  inverseCholesky(a: Float64Array, n: number): Promise<InverseCholesky>;
  /** Frees native memory. */
  dispose(): Promise<void>;
}

/** From this many training points on, ONNX Runtime's products are faster than the loops below. */
export const largeSize = 32;

/** The faster implementation for matrices of n × n. The choice depends on nothing else, so that a run can be repeated. */
export async function algebraFor(n: number, threads: number): Promise<Algebra> {
  if (n < largeSize) return plainAlgebra;
  const { createOnnxAlgebra } = await import('./onnx-algebra.ts');
  return createOnnxAlgebra(threads);
}

/** One CPU thread, no library. */
export const plainAlgebra: Algebra = {
  backend: float64Backend,
  multiply: (a, b, rows, inner, columns) => Promise.resolve(plainProduct(a, b, rows, inner, columns)),
  multiplyTransposed: (a, b, rows, inner, columns) =>
    Promise.resolve(plainTransposedProduct(a, b, rows, inner, columns)),
  inverseCholesky: async (a, n) => plainInverseCholesky(a, n),
  dispose: () => Promise.resolve(),
};

export function plainInverseCholesky(a: Float64Array, n: number): InverseCholesky {
  const c = a.slice();
  choleskyInPlace(c, n);
  const inverse = new Float64Array(n * n);
  const diagonal = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    inverse[i * n + i] = 1;
    diagonal[i] = c[i * n + i] as number;
  }
  solveLowerInPlace(c, n, inverse, n);
  return { inverse, diagonal };
}

/** Rows of the result are sums of rows of B: inner loops walk rows. */
function plainProduct(
  a: Float64Array,
  b: Float64Array,
  rows: number,
  inner: number,
  columns: number,
): Float64Array {
  const result = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const target = i * columns;
    for (let k = 0; k < inner; k++) {
      const factor = a[i * inner + k] as number;
      if (factor === 0) continue;
      const source = k * columns;
      for (let j = 0; j < columns; j++) {
        result[target + j] = (result[target + j] as number) + factor * (b[source + j] as number);
      }
    }
  }
  return result;
}

function plainTransposedProduct(
  a: Float64Array,
  b: Float64Array,
  rows: number,
  inner: number,
  columns: number,
): Float64Array {
  const result = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let k = 0; k < inner; k++) sum += (a[i * inner + k] as number) * (b[j * inner + k] as number);
      result[i * columns + j] = sum;
    }
  }
  return result;
}
