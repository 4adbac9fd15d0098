/** How an MLP reads tokens: as one-hot vectors, one per position, one after another. */
import type { Dataset, TokenDataset } from '../datasets/dataset.ts';
import type { Network } from '../models/network.ts';

export interface OneHotLayout {
  positions: number;
  /** Tokens that a position can hold. */
  values: number;
}

/**
 * Of pairs (a, b, '=') the two operands, each among the classes; of other sequences all positions. The network's first layer, which has
 * a row per position and value, tells which.
 */
export function oneHotLayout({ parameters }: Network, dataset: TokenDataset): OneHotLayout {
  const rows = parameters[0]?.shape[0] ?? 0;
  if (rows === 2 * dataset.classes) return { positions: 2, values: dataset.classes };
  return { positions: dataset.length, values: rows / dataset.length };
}

/** Each example's inputs as a vector: those of vectors and regressions as they are, tokens as one-hot vectors. */
export function inputVectors(network: Network, dataset: Dataset, name: 'train' | 'test'): Float64Array[] {
  if (dataset.kind !== 'tokens') {
    const { n, inputs } = dataset[name];
    const width = inputs.length / n;
    return Array.from({ length: n }, (_, row) => inputs.slice(row * width, (row + 1) * width));
  }
  const { positions, values } = oneHotLayout(network, dataset);
  const { n, tokens } = dataset[name];
  return Array.from({ length: n }, (_, row) => {
    const vector = new Float64Array(positions * values);
    for (let position = 0; position < positions; position++)
      vector[position * values + (tokens[row * dataset.length + position] as number)] = 1;
    return vector;
  });
}
