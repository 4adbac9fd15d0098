import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  choleskyInPlace,
  NotPositiveDefiniteError,
  solveLowerInPlace,
  solveLowerTransposedInPlace,
  transposeInPlace,
} from '../../../main/linalg/cholesky.ts';
import { gaussHermite20, logNormalCdf, logNormalCdfDerivative } from '../../../main/linalg/normal.ts';
// From scipy.special, scipy.integrate and numpy.linalg: golden/linalg.py.
import golden from './golden/linalg.json';

function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  return Math.max(...Array.from(actual, (value, i) => Math.abs(value - (expected[i] as number))));
}

describe('normal distribution', () => {
  test('log Φ agrees with scipy.special.log_ndtr from −100 to 31, its derivative with φ/Φ', () => {
    for (const { z, value, derivative } of golden.logNormalCdf) {
      // exp(−z²/2) loses as many units in the last place as z²/2 has.
      const rounding = z > 0 ? 1e-14 + 1e-15 * z * z : 1e-14;
      expect(Math.abs(logNormalCdf(z) / value - 1), `log Φ(${z})`).toBeLessThan(rounding);
      // The reference is an exponential of a difference of logarithms: it loses digits as z² grows.
      const tolerance = 1e-13 * (1 + z * z);
      expect(Math.abs(logNormalCdfDerivative(z) / derivative - 1), `φ/Φ(${z})`).toBeLessThan(tolerance);
    }
  });

  test('the quadrature is exact for a normal’s moments up to degree 39', () => {
    const moment = (degree: number): number =>
      gaussHermite20.nodes.reduce(
        (sum, node, k) => sum + (gaussHermite20.weights[k] as number) * node ** degree,
        0,
      );
    let doubleFactorial = 1;
    for (let degree = 0; degree < 40; degree += 2) {
      if (degree > 0) doubleFactorial *= degree - 1;
      expect(moment(degree) / doubleFactorial, `moment ${degree}`).toBeCloseTo(1, 11);
      // Odd moments vanish, up to rounding of terms as large as the next even moment.
      expect(Math.abs(moment(degree + 1)) / (doubleFactorial * (degree + 1))).toBeLessThan(1e-14);
    }
  });

  test('E[log Φ] by quadrature agrees with scipy’s adaptive integration', () => {
    for (const { mean, deviation, value } of golden.expectedLogCdf) {
      const estimate = gaussHermite20.nodes.reduce(
        (sum, node, k) => sum + (gaussHermite20.weights[k] as number) * logNormalCdf(mean + deviation * node),
        0,
      );
      // Twenty nodes resolve less as the deviation grows.
      expect(Math.abs(estimate - value), `mean ${mean}, deviation ${deviation}`).toBeLessThan(
        deviation < 1 ? 1e-9 : 1e-6,
      );
    }
  });
});

describe('Cholesky', () => {
  const { n, columns, matrix, factor, right, lower, transposed } = golden.cholesky;

  test('factor and triangular solves agree with numpy.linalg', () => {
    const c = Float64Array.from(matrix);
    choleskyInPlace(c, n);
    expect(largestDifference(c, factor)).toBeLessThan(1e-14);
    const forward = Float64Array.from(right);
    solveLowerInPlace(c, n, forward, columns);
    expect(largestDifference(forward, lower)).toBeLessThan(1e-12);
    const backward = Float64Array.from(right);
    solveLowerTransposedInPlace(c, n, backward, columns);
    expect(largestDifference(backward, transposed)).toBeLessThan(1e-12);
  });

  const squareMatrix = fc.integer({ min: 1, max: 12 }).chain((size) =>
    fc.tuple(
      fc.constant(size),
      fc.array(fc.double({ min: -3, max: 3, noNaN: true }), {
        minLength: size * size,
        maxLength: size * size,
      }),
    ),
  );

  test('C Cᵀ gives the matrix back, whatever stands in the upper triangle', () => {
    fc.assert(
      fc.property(squareMatrix, ([size, root]) => {
        const a = new Float64Array(size * size);
        for (let i = 0; i < size; i++) {
          for (let j = 0; j < size; j++) {
            let sum = i === j ? 0.5 : 0;
            for (let k = 0; k < size; k++)
              sum += (root[i * size + k] as number) * (root[j * size + k] as number);
            a[i * size + j] = j > i ? NaN : sum;
          }
        }
        const c = a.slice();
        choleskyInPlace(c, size);
        for (let i = 0; i < size; i++) {
          for (let j = 0; j < size; j++) {
            let sum = 0;
            for (let k = 0; k < size; k++) sum += (c[i * size + k] as number) * (c[j * size + k] as number);
            if (j <= i) expect(sum).toBeCloseTo(a[i * size + j] as number, 9);
            else expect(c[i * size + j]).toBe(0);
          }
        }
      }),
    );
  });

  test('a matrix that is not positive definite is refused with the pivot that failed', () => {
    const attempt = (...values: number[]): unknown => {
      try {
        choleskyInPlace(Float64Array.from(values), 2);
      } catch (error) {
        return error;
      }
      return null;
    };
    for (const [values, pivot, value] of [
      [[-1, 0, 0, 1], 0, -1],
      [[4, 0, 2, 1], 1, 0],
      [[1, 0, NaN, 1], 1, NaN],
      [[Infinity, 0, 0, 1], 0, Infinity],
    ] as const) {
      const error = attempt(...values);
      expect(error).toBeInstanceOf(NotPositiveDefiniteError);
      expect((error as NotPositiveDefiniteError).pivot).toBe(pivot);
      expect((error as NotPositiveDefiniteError).value).toBe(value);
    }
  });

  test('transposes in place', () => {
    const a = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
    transposeInPlace(a, 3);
    expect([...a]).toEqual([1, 4, 7, 2, 5, 8, 3, 6, 9]);
  });
});
