import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  choleskyInPlace,
  NotPositiveDefiniteError,
  solveLowerInPlace,
} from '../../../main/linalg/cholesky.ts';
import { shiftedTerms, tridiagonalize } from '../../../main/linalg/tridiagonal.ts';

const anyCase = fc.integer({ min: 1, max: 12 }).chain((n) =>
  fc.record({
    n: fc.constant(n),
    root: fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: n * n, maxLength: n * n }),
    b: fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: n, maxLength: n }),
    shift: fc.double({ min: 0.1, max: 5, noNaN: true }),
  }),
);

test('log determinant and quadratic form at any shift are those of a Cholesky factorization', () => {
  fc.assert(
    fc.property(anyCase, ({ n, root, b, shift }) => {
      const a = new Float64Array(n * n);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          for (let k = 0; k < n; k++) {
            a[i * n + j] =
              (a[i * n + j] as number) + (root[i * n + k] as number) * (root[j * n + k] as number);
          }
        }
      }
      const before = a.slice();
      const vector = Float64Array.from(b);
      const reduced = tridiagonalize(a, n, [vector]);
      expect(a).toEqual(before);
      const terms = shiftedTerms(reduced, shift, reduced.rotated[0] as Float64Array);

      for (let i = 0; i < n; i++) a[i * n + i] = (a[i * n + i] as number) + shift;
      choleskyInPlace(a, n);
      solveLowerInPlace(a, n, vector, 1);
      let logDeterminant = 0;
      for (let i = 0; i < n; i++) logDeterminant += 2 * Math.log(a[i * n + i] as number);
      const quadratic = vector.reduce((sum, value) => sum + value * value, 0);
      expect(Math.abs(terms.logDeterminant - logDeterminant)).toBeLessThan(
        1e-10 * (1 + Math.abs(logDeterminant)),
      );
      expect(Math.abs(terms.quadratic - quadratic)).toBeLessThan(1e-10 * (1 + quadratic));
    }),
  );
});

test('a matrix that a shift leaves indefinite is refused', () => {
  const reduced = tridiagonalize(Float64Array.of(1, 0, 0, -3), 2, []);
  expect(() => shiftedTerms(reduced, 2, new Float64Array(2))).toThrow(NotPositiveDefiniteError);
  expect(shiftedTerms(reduced, 4, Float64Array.of(5, 0)).logDeterminant).toBeCloseTo(Math.log(5), 14);
});

test('entries whose squares underflow count as 0', () => {
  const [n, tiny] = [4, 1e-200];
  const a = new Float64Array(n * n).map((_, at) => (at % (n + 1) === 0 ? 2 : tiny));
  const reduced = tridiagonalize(a, n, [Float64Array.of(1, 2, 3, 4)]);
  const { logDeterminant, quadratic } = shiftedTerms(reduced, 1, reduced.rotated[0] as Float64Array);
  expect(logDeterminant).toBeCloseTo(4 * Math.log(3), 14);
  expect(quadratic).toBeCloseTo(10, 13);
});
