/**
 * Representation quality index (Liu et al. 2022, §3.1, equations 4 and 5): of all parallelograms E_i + E_j = E_m + E_n
 * that addition asks for (i + j = m + n, {i, j} ≠ {m, n}), the share that the embeddings form. As in the authors' code,
 * every dimension is divided by its standard deviation over the symbols (n − 1), and a parallelogram counts where the
 * squared distance of the two sums is below 0.01. Their code counts symbols from 1 on, leaves out pairs of one symbol with itself,
 * and requires i < j ≤ m < n for i + n = j + m; here every symbol counts.
 */
import type { HostArray } from '../engine/program.ts';
import { measureColumn, type CreateMeasure } from './measure.ts';

const tolerance = 0.01;

export const createRepresentationQuality: CreateMeasure = ({ network }) => {
  const embeddings = network.parameters[0];
  if (embeddings?.role !== 'embedding') throw new Error('The first parameter is no table of embeddings.');
  const [symbols = 0, dimensions = 0] = embeddings.shape;
  return Promise.resolve({
    columns: [
      measureColumn('representationQuality', 'representation quality index', 'representation quality index'),
    ],
    panels: [],
    evaluate: (values) =>
      Promise.resolve({ columns: [representationQuality(values, symbols, dimensions)], arrays: {} }),
    dispose: () => Promise.resolve(),
  });
};

/**
 * @param embeddings at least [symbols, dimensions], row-major; further values are not read
 * @returns the share of parallelograms, from 0 to 1; 0 for fewer than three symbols, which have none
 */
export function representationQuality(embeddings: HostArray, symbols: number, dimensions: number): number {
  const scaled = unitDeviation(embeddings, symbols, dimensions);
  let parallelograms = 0;
  let formed = 0;
  for (let i = 0; i < symbols; i++) {
    for (let n = i; n < symbols; n++) {
      for (let j = i + 1; 2 * j <= i + n; j++) {
        parallelograms++;
        if (gap(scaled, dimensions, [i, n], [j, i + n - j]) < tolerance) formed++;
      }
    }
  }
  return parallelograms === 0 ? 0 : formed / parallelograms;
}

/** Squared distance of the sums of two pairs. */
function gap(
  table: Float64Array,
  dimensions: number,
  [i, n]: readonly [number, number],
  [j, m]: readonly [number, number],
): number {
  const at = (symbol: number, k: number): number => table[symbol * dimensions + k] as number;
  let sum = 0;
  for (let k = 0; k < dimensions; k++) sum += (at(i, k) + at(n, k) - at(j, k) - at(m, k)) ** 2;
  return sum;
}

/** A dimension in which all symbols are equal is left as it is: it adds nothing to a distance. */
function unitDeviation(values: HostArray, symbols: number, dimensions: number): Float64Array {
  const scaled = Float64Array.from(values.subarray(0, symbols * dimensions));
  for (let k = 0; k < dimensions; k++) {
    const column = Array.from({ length: symbols }, (_, i) => scaled[i * dimensions + k] as number);
    const mean = column.reduce((sum, value) => sum + value, 0) / symbols;
    const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (symbols - 1);
    if (variance === 0) continue;
    for (let i = 0; i < symbols; i++)
      scaled[i * dimensions + k] = (column[i] as number) / Math.sqrt(variance);
  }
  return scaled;
}
