/** Dense float64 linear algebra on row-major n × n matrices in one Float64Array. Written so that inner loops walk rows. */

/** A matrix that has to be positive definite is not, in float64. `pivot` counts rows from 0; `value` is what stood there. */
export class NotPositiveDefiniteError extends Error {
  readonly pivot: number;
  readonly value: number;

  constructor(pivot: number, value: number) {
    super(`The matrix is not positive definite: pivot ${pivot} is ${value}.`);
    this.name = 'NotPositiveDefiniteError';
    this.pivot = pivot;
    this.value = value;
  }
}

/**
 * The lower factor C with C Cᵀ = A, in place of A; reads the lower triangle of A and sets the upper one to 0
 * (Cholesky–Banachiewicz; Golub & Van Loan 2013, §4.2). Adds no jitter: a caller that wants some adds it and says so.
 * @throws NotPositiveDefiniteError when a pivot is not positive or not a number; A is then half overwritten.
 */
export function choleskyInPlace(a: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    const rowI = i * n;
    for (let j = 0; j < i; j++) {
      const rowJ = j * n;
      let sum = a[rowI + j] as number;
      for (let k = 0; k < j; k++) sum -= (a[rowI + k] as number) * (a[rowJ + k] as number);
      a[rowI + j] = sum / (a[rowJ + j] as number);
    }
    let pivot = a[rowI + i] as number;
    for (let k = 0; k < i; k++) pivot -= (a[rowI + k] as number) ** 2;
    if (!(pivot > 0 && pivot < Infinity)) throw new NotPositiveDefiniteError(i, pivot);
    a[rowI + i] = Math.sqrt(pivot);
    a.fill(0, rowI + i + 1, rowI + n);
  }
}

/** C⁻¹ B in place of B [n, columns], for a lower triangular C [n, n] (forward substitution). */
export function solveLowerInPlace(c: Float64Array, n: number, b: Float64Array, columns: number): void {
  for (let i = 0; i < n; i++) {
    subtractRows(b, columns, i, 0, i, c, i * n, 1);
    scaleRow(b, columns, i, 1 / (c[i * n + i] as number));
  }
}

/** C⁻ᵀ B in place of B [n, columns], for a lower triangular C [n, n] (back substitution). */
export function solveLowerTransposedInPlace(
  c: Float64Array,
  n: number,
  b: Float64Array,
  columns: number,
): void {
  for (let i = n - 1; i >= 0; i--) {
    subtractRows(b, columns, i, i + 1, n, c, i, n);
    scaleRow(b, columns, i, 1 / (c[i * n + i] as number));
  }
}

/** Aᵀ in place of A [n, n]. */
export function transposeInPlace(a: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const swapped = a[i * n + j] as number;
      a[i * n + j] = a[j * n + i] as number;
      a[j * n + i] = swapped;
    }
  }
}

/**
 * Row `row` of B −= Σ c[offset + k·stride] · row k, for k from `first` to `end` − 1. Four rows at a time: the row that
 * changes is read and written a quarter as often (a GP update at n = 300 takes 64 to 81 ms in place of 107).
 */
function subtractRows(
  b: Float64Array,
  columns: number,
  row: number,
  first: number,
  end: number,
  c: Float64Array,
  offset: number,
  stride: number,
): void {
  const target = row * columns;
  let k = first;
  for (; k + 4 <= end; k += 4) {
    const c0 = c[offset + k * stride] as number;
    const c1 = c[offset + (k + 1) * stride] as number;
    const c2 = c[offset + (k + 2) * stride] as number;
    const c3 = c[offset + (k + 3) * stride] as number;
    const row0 = k * columns;
    const row1 = row0 + columns;
    const row2 = row1 + columns;
    const row3 = row2 + columns;
    for (let j = 0; j < columns; j++) {
      b[target + j] =
        (b[target + j] as number) -
        c0 * (b[row0 + j] as number) -
        c1 * (b[row1 + j] as number) -
        c2 * (b[row2 + j] as number) -
        c3 * (b[row3 + j] as number);
    }
  }
  for (; k < end; k++) {
    const factor = c[offset + k * stride] as number;
    const source = k * columns;
    for (let j = 0; j < columns; j++) {
      b[target + j] = (b[target + j] as number) - factor * (b[source + j] as number);
    }
  }
}

function scaleRow(b: Float64Array, columns: number, row: number, factor: number): void {
  const start = row * columns;
  for (let j = 0; j < columns; j++) b[start + j] = (b[start + j] as number) * factor;
}
