/**
 * The Fourier basis on the integers mod p, and what is read from it. Nanda et al. 2023, appendix; `make_fourier_basis`
 * and `helpers.py` of their code.
 */

/** Frequencies of a cyclic group of p elements: 1 … ⌊p/2⌋. */
export function frequencies(p: number): number {
  return Math.floor(p / 2);
}

/**
 * Orthonormal rows, [p, p] for odd p: constant, cos 1, sin 1, cos 2, sin 2, … For even p the last frequency has a
 * cosine only, and the basis [p, p], too.
 */
export function fourierBasis(p: number): Float64Array {
  const basis = new Float64Array(p * p);
  basis.fill(1 / Math.sqrt(p), 0, p);
  for (let row = 1; row < p; row++) {
    const frequency = Math.ceil(row / 2);
    const wave = row % 2 === 1 ? Math.cos : Math.sin;
    const norm = 2 * frequency === p ? Math.sqrt(p) : Math.sqrt(p / 2);
    for (let x = 0; x < p; x++) basis[row * p + x] = wave((2 * Math.PI * ((frequency * x) % p)) / p) / norm;
  }
  return basis;
}

/**
 * Norm of each frequency's component, [1 + ⌊p/2⌋] beginning with the constant, of a matrix of p rows, one per
 * residue: √(|cos_k · W|² + |sin_k · W|²).
 * @param matrix [p, columns]
 */
export function spectrum(matrix: ArrayLike<number>, p: number, columns: number): Float64Array {
  const basis = fourierBasis(p);
  const power = new Float64Array(1 + frequencies(p));
  const sums = new Float64Array(columns);
  for (let row = 0; row < p; row++) {
    sums.fill(0);
    for (let x = 0; x < p; x++) {
      const factor = basis[row * p + x] as number;
      for (let column = 0, at = x * columns; column < columns; column++, at++)
        sums[column] = (sums[column] as number) + factor * (matrix[at] as number);
    }
    const at = Math.ceil(row / 2);
    power[at] = sums.reduce((sum, component) => sum + component * component, power[at] as number);
  }
  return power.map(Math.sqrt);
}

/**
 * Gini coefficient of values that are not negative: 0 when all are equal, near 1 when one has everything. Hurley &
 * Rickard 2009, table I: 1 − 2 Σ_k (c₍ₖ₎ / ‖c‖₁) (N − k + ½) / N for c sorted ascending, k = 1 … N. NaN when all are 0.
 */
export function gini(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const total = sorted.reduce((sum, value) => sum + value, 0);
  const n = sorted.length;
  const weighted = sorted.reduce((sum, value, i) => sum + value * (n - (i + 1) + 0.5), 0);
  return 1 - (2 * weighted) / (total * n);
}

/**
 * Directions of cos and sin of w_k (x + y) in the space of functions on all pairs, normalised, [2⌊p/2⌋, p²]: row 2(k−1)
 * is √2/p · cos(2πk(x + y)/p), the next one its sine; pair (x, y) is column x·p + y. For odd p.
 */
export function sumDirections(p: number): Float64Array {
  const count = frequencies(p);
  const directions = new Float64Array(2 * count * p * p);
  const wave = (of: (angle: number) => number): Float64Array =>
    Float64Array.from({ length: p }, (_, i) => (Math.SQRT2 / p) * of((2 * Math.PI * i) / p));
  const [cosines, sines] = [wave(Math.cos), wave(Math.sin)];
  for (let k = 1; k <= count; k++) {
    for (let x = 0; x < p; x++) {
      for (let y = 0; y < p; y++) {
        const turn = (k * (x + y)) % p;
        const at = 2 * (k - 1) * p * p + x * p + y;
        directions[at] = cosines[turn] as number;
        directions[at + p * p] = sines[turn] as number;
      }
    }
  }
  return directions;
}
