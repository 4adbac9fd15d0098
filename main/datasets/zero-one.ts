import type { ZeroOneSpec } from '../../shared/dataset-spec.ts';
import { centredUniformSplits } from './unit-interval.ts';
import type { VectorDataset, VectorSplit } from './dataset.ts';

/**
 * The 0/1 task of Miller et al. 2023 (arXiv 2310.17247), GP classification: inputs [n, 1] with x ~ U(−0.5, 0.5), label
 * 1[x > 0]. Splits as `centredUniformSplits` says.
 */
export function buildZeroOne(spec: ZeroOneSpec, seed: number): VectorDataset {
  const splits = centredUniformSplits(spec, seed);
  return { kind: 'vectors', dimensions: 1, classes: 2, train: label(splits.train), test: label(splits.test) };
}

function label(inputs: Float64Array): VectorSplit {
  return { n: inputs.length, inputs, labels: Int32Array.from(inputs, (x) => (x > 0 ? 1 : 0)) };
}
