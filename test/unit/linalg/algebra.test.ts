import { afterAll, describe, expect, test } from 'vitest';
import { algebraFor, largeSize, plainAlgebra, type Algebra } from '../../../main/linalg/algebra.ts';
import { NotPositiveDefiniteError } from '../../../main/linalg/cholesky.ts';
import { factorizeWithJitter } from '../../../main/linalg/jitter.ts';
import { createOnnxAlgebra } from '../../../main/linalg/onnx-algebra.ts';
import {
  lowerOfProductWithTranspose,
  lowerTimes,
  lowerTimesVector,
  lowerTransposedTimes,
  lowerTransposedTimesVector,
  symmetricTimesVector,
} from '../../../main/linalg/structured.ts';
import { Random } from '../../../shared/random.ts';
// From numpy.linalg: golden/linalg.py.
import golden from './golden/linalg.json';

const onnxAlgebra = await createOnnxAlgebra(1);
afterAll(() => onnxAlgebra.dispose());
const both: [string, Algebra][] = [
  ['plain loops', plainAlgebra],
  ['ONNX Runtime', onnxAlgebra],
];

function normals(length: number, seed: number): Float64Array {
  const random = Random.stream(seed, 'data');
  return Float64Array.from({ length }, () => random.normal());
}

/** A B by the definition. */
function product(
  a: Float64Array,
  b: Float64Array,
  rows: number,
  inner: number,
  columns: number,
): Float64Array {
  return Float64Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += (a[i * inner + k] as number) * (b[k * columns + j] as number);
    return sum;
  });
}

function transpose(a: Float64Array, rows: number, columns: number): Float64Array {
  return Float64Array.from(a, (_, at) => a[(at % rows) * columns + Math.floor(at / rows)] as number);
}

function lowerTriangle(a: Float64Array, n: number): Float64Array {
  return a.map((value, at) => (at % n <= Math.floor(at / n) ? value : 0));
}

function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let largest = 0;
  for (let i = 0; i < actual.length; i++) {
    largest = Math.max(largest, Math.abs((actual[i] as number) - (expected[i] as number)));
  }
  return largest;
}

describe.each(both)('%s', (_name, algebra) => {
  test('products agree with the definition', async () => {
    const [rows, inner, columns] = [7, 50, 33];
    const a = normals(rows * inner, 1);
    const b = normals(inner * columns, 2);
    const expected = product(a, b, rows, inner, columns);
    expect(largestDifference(await algebra.multiply(a, b, rows, inner, columns), expected)).toBeLessThan(
      1e-12,
    );
    const bT = transpose(b, inner, columns);
    const transposed = await algebra.multiplyTransposed(a, bT, rows, inner, columns);
    expect(largestDifference(transposed, expected)).toBeLessThan(1e-12);
  });

  test('the inverse of the Cholesky factor is numpy’s', async () => {
    const { n, matrix, factor } = golden.cholesky;
    const { inverse, diagonal } = await algebra.inverseCholesky(Float64Array.from(matrix), n);
    const identity = product(inverse, Float64Array.from(factor), n, n, n);
    expect(
      largestDifference(
        identity,
        Float64Array.from(identity, (_, at) => Number(at % (n + 1) === 0)),
      ),
    ).toBeLessThan(1e-13);
    diagonal.forEach((value, i) => {
      expect(value).toBeCloseTo(factor[i * n + i] as number, 13);
    });
  });

  test.each([1, 2, 31, 33, 70, 130])(
    'C⁻¹ A C⁻ᵀ = I at n = %i, whatever stands above the diagonal',
    async (n) => {
      const root = normals(n * n, n);
      const a = product(root, transpose(root, n, n), n, n, n);
      for (let i = 0; i < n; i++) a[i * n + i] = (a[i * n + i] as number) + 1;
      const masked = a.map((value, at) => (at % n > Math.floor(at / n) ? NaN : value));
      const { inverse, diagonal } = await algebra.inverseCholesky(masked, n);
      expect(largestDifference(lowerTriangle(inverse, n), inverse)).toBe(0);
      const whitened = product(product(inverse, a, n, n, n), transpose(inverse, n, n), n, n, n);
      expect(
        largestDifference(
          whitened,
          whitened.map((_, at) => Number(at % (n + 1) === 0)),
        ),
      ).toBeLessThan(1e-10);
      diagonal.forEach((value, i) => {
        expect(value * (inverse[i * n + i] as number)).toBeCloseTo(1, 13);
      });
    },
  );

  test('a matrix that is not positive definite is refused with the pivot that failed', async () => {
    const n = 80;
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) a[i * n + i] = i === 75 ? -2 : 1;
    const refusal: unknown = await algebra.inverseCholesky(a, n).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(NotPositiveDefiniteError);
    expect(refusal).toMatchObject({ pivot: 75, value: -2 });
  });
});

test('the size of the problem alone chooses the implementation', async () => {
  expect(await algebraFor(largeSize - 1, 2)).toBe(plainAlgebra);
  const large = await algebraFor(largeSize, 2);
  expect(large.backend).toMatchObject({ engine: 'onnxruntime-cpu', precision: 'float64', threads: 2 });
  await large.dispose();
});

describe('products that leave out a triangle', () => {
  // 300 rows are two blocks: 150 each.
  const [n, columns] = [300, 5];
  const lower = lowerTriangle(normals(n * n, 3), n);
  const b = normals(n * columns, 4);

  test('T B, Tᵀ B and the lower half of B Bᵀ agree with the definition', async () => {
    const forward = await lowerTimes(onnxAlgebra, lower, b, n, columns);
    expect(largestDifference(forward, product(lower, b, n, n, columns))).toBeLessThan(1e-11);
    const square = normals(n * n, 5).subarray(0, n * columns);
    const backward = await lowerTransposedTimes(onnxAlgebra, lower, [b, square], n, columns);
    const lowerT = transpose(lower, n, n);
    expect(largestDifference(backward[0] ?? [], product(lowerT, b, n, n, columns))).toBeLessThan(1e-11);
    expect(largestDifference(backward[1] ?? [], product(lowerT, square, n, n, columns))).toBeLessThan(1e-11);
    const half = await lowerOfProductWithTranspose(onnxAlgebra, b, n, columns);
    const whole = product(b, transpose(b, n, columns), n, columns, n);
    expect(largestDifference(lowerTriangle(half, n), lowerTriangle(whole, n))).toBeLessThan(1e-11);
  });

  test('vectors likewise', () => {
    const v = normals(n, 6);
    expect(largestDifference(lowerTimesVector(lower, v), product(lower, v, n, n, 1))).toBeLessThan(1e-11);
    const lowerT = transpose(lower, n, n);
    expect(largestDifference(lowerTransposedTimesVector(lower, v), product(lowerT, v, n, n, 1))).toBeLessThan(
      1e-11,
    );
    const symmetric = lower.map((value, at) => value + (lowerT[at] as number));
    expect(
      largestDifference(symmetricTimesVector(symmetric, v), product(symmetric, v, n, n, 1)),
    ).toBeLessThan(1e-11);
  });
});

describe('jitter', () => {
  const diagonalMatrix = (...values: number[]): Float64Array =>
    new Float64Array(values.length ** 2).map((_, at) =>
      at % (values.length + 1) === 0 ? (values[at / (values.length + 1)] as number) : 0,
    );

  test('a well-conditioned matrix gets the jitter asked for and no more', async () => {
    const { jitter, diagonal } = await factorizeWithJitter(plainAlgebra, diagonalMatrix(1, 3), 2, 1);
    expect(jitter).toBe(1);
    expect([...diagonal]).toEqual([Math.SQRT2, 2]);
  });

  test('a singular one gets 10⁻⁸ of its mean diagonal', async () => {
    const ones = new Float64Array(9).fill(4);
    expect((await factorizeWithJitter(plainAlgebra, ones, 3, 0)).jitter).toBeCloseTo(4e-8, 20);
  });

  test('a pivot of the size of rounding counts as singular', async () => {
    const almost = Float64Array.of(1, 1, 1, 1 + Number.EPSILON);
    expect((await factorizeWithJitter(plainAlgebra, almost, 2, 0)).jitter).toBeCloseTo(1e-8, 15);
  });

  test('it grows tenfold until a factor exists', async () => {
    const mean = (2 - 3e-6) / 2;
    const { jitter } = await factorizeWithJitter(plainAlgebra, diagonalMatrix(2, -3e-6), 2, 0);
    expect(jitter).toBeCloseTo(1e-5 * mean, 12);
  });

  test('a matrix that is far from positive definite is refused, one that is not finite at once', async () => {
    await expect(factorizeWithJitter(plainAlgebra, diagonalMatrix(1, -1), 2, 0)).rejects.toThrow(
      NotPositiveDefiniteError,
    );
    await expect(factorizeWithJitter(plainAlgebra, diagonalMatrix(1, NaN), 2, 0)).rejects.toMatchObject({
      pivot: 1,
      value: NaN,
    });
  });
});
