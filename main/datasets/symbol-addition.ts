import type { SymbolAdditionSpec } from '../../shared/dataset-spec.ts';
import { Random } from '../../shared/random.ts';
import type { RegressionDataset, RegressionSplit } from './dataset.ts';

/**
 * Addition of abstract symbols. Liu et al. 2022 (arXiv 2205.10343), toy model: all pairs i ≤ j of p symbols (55 for p =
 * 10), the target of a pair is a fixed random vector Y_{i+j} ~ N(0, I) of 30 numbers, one for each of the 2p − 1 sums;
 * 45 pairs train and 10 test. An answer counts as the nearest of the Y's (`templates`, with the sums as `labels`).
 *
 * Inputs [n, p] count how often each symbol stands in the pair, e_i + e_j: a linear first layer without bias turns this
 * into the sum of trainable embeddings E_i + E_j that the toy model's decoder reads.
 *
 * Streams: `split` chooses the training pairs, `teacher` gives the target vectors.
 */
export function buildSymbolAddition(spec: SymbolAdditionSpec, seed: number): RegressionDataset {
  const { symbols, targetDimensions: outputs, trainSize } = spec;
  const pairs = Array.from({ length: symbols }, (_, i) =>
    Array.from({ length: symbols - i }, (__, k) => [i, i + k] as const),
  ).flat();
  const random = Random.stream(seed, 'teacher');
  const templates = Float64Array.from({ length: (2 * symbols - 1) * outputs }, () => random.normal());
  const order = Random.stream(seed, 'split').permutation(pairs.length);
  const split = (chosen: Int32Array): RegressionSplit => {
    const n = chosen.length;
    const inputs = new Float64Array(n * symbols);
    const targets = new Float64Array(n * outputs);
    const labels = new Int32Array(n);
    chosen.forEach((pair, row) => {
      const [i, j] = pairs[pair] as readonly [number, number];
      inputs[row * symbols + i] = 1;
      inputs[row * symbols + j] = i === j ? 2 : 1;
      labels[row] = i + j;
      targets.set(templates.subarray((i + j) * outputs, (i + j + 1) * outputs), row * outputs);
    });
    return { n, inputs, targets, labels };
  };
  return {
    kind: 'regression',
    dimensions: symbols,
    outputs,
    templates,
    train: split(order.subarray(0, trainSize)),
    test: split(order.subarray(trainSize)),
  };
}
