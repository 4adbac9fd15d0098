import { describe, expect, test } from 'vitest';
import { symmetricEigen } from '../../../main/linalg/symmetric-eigen.ts';
import { Random } from '../../../shared/random.ts';
// From LAPACK through numpy.linalg.eigh: golden/symmetric_eigen.py.
import golden from './golden/symmetric_eigen.json';

function gram(n: number, columns: number): Float64Array {
  const random = Random.stream(n, 'data');
  const x = Float64Array.from({ length: n * columns }, () => random.normal());
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < columns; k++)
        a[i * n + j] =
          (a[i * n + j] as number) + (x[i * columns + k] as number) * (x[j * columns + k] as number);
    }
  }
  return a;
}

/** Largest entry of V Vᵀ − I, and of A V − V D over the largest eigenvalue. */
function defects(a: Float64Array, n: number): { orthogonality: number; residual: number } {
  const { values, vectors } = symmetricEigen(a, n);
  let [orthogonality, residual] = [0, 0];
  for (let i = 0; i < n; i++) {
    const v = vectors.subarray(i * n, (i + 1) * n);
    for (let j = 0; j < n; j++) {
      let [inner, product] = [0, 0];
      for (let k = 0; k < n; k++) {
        inner += (v[k] as number) * (vectors[j * n + k] as number);
        product += (a[j * n + k] as number) * (v[k] as number);
      }
      orthogonality = Math.max(orthogonality, Math.abs(inner - (i === j ? 1 : 0)));
      residual = Math.max(residual, Math.abs(product - (values[i] as number) * (v[j] as number)));
    }
  }
  return { orthogonality, residual: residual / Math.max(...values.map(Math.abs)) };
}

describe('symmetric eigenvalues and eigenvectors', () => {
  test.each(Object.entries(golden))('%s: eigenvalues are those of LAPACK', (_name, { n, matrix, values }) => {
    const a = Float64Array.from(matrix);
    const found = symmetricEigen(a, n).values;
    const scale = Math.max(...values.map(Math.abs));
    values.forEach((value, i) => expect(Math.abs((found[i] as number) - value)).toBeLessThan(1e-14 * scale));
    expect(a).toEqual(Float64Array.from(matrix));
    expect(defects(a, n).residual).toBeLessThan(1e-14);
    expect(defects(a, n).orthogonality).toBeLessThan(1e-13);
  });

  test.each([
    [120, 150],
    [120, 40],
  ])('n = %d, rank at most %d: A v = d v, and the vectors are orthonormal', (n, columns) => {
    const { orthogonality, residual } = defects(gram(n, columns), n);
    expect(orthogonality).toBeLessThan(1e-12);
    expect(residual).toBeLessThan(1e-14);
  });

  test('reads the lower triangle only', () => {
    const a = gram(5, 7);
    const values = symmetricEigen(a, 5).values;
    for (let i = 0; i < 5; i++) for (let j = i + 1; j < 5; j++) a[i * 5 + j] = 1e9;
    expect(symmetricEigen(a, 5).values).toEqual(values);
  });

  test('a matrix that is not finite is refused', () => {
    const a = gram(4, 4);
    a[4] = NaN;
    expect(() => symmetricEigen(a, 4)).toThrow('do not converge');
  });
});
