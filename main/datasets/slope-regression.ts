import type { SlopeRegressionSpec } from '../../shared/dataset-spec.ts';
import { centredUniformSplits } from './unit-interval.ts';
import type { RegressionDataset, RegressionSplit } from './dataset.ts';

/**
 * y = slope · x without noise, x ~ U(−0.5, 0.5): inputs [n, 1], targets [n]. Miller et al. 2023 (arXiv 2310.17247),
 * linear regression with decoy features (slope 0.3, 100 points, 2 train, 98 test). The model computes the features.
 * Splits as `centredUniformSplits` says; with trainSize + testSize = points the test is everything but the first
 * trainSize points, as in the authors' code.
 */
export function buildSlopeRegression(spec: SlopeRegressionSpec, seed: number): RegressionDataset {
  const splits = centredUniformSplits(spec, seed);
  const withTargets = (inputs: Float64Array): RegressionSplit => ({
    n: inputs.length,
    inputs,
    targets: inputs.map((x) => spec.slope * x),
  });
  return {
    kind: 'regression',
    dimensions: 1,
    train: withTargets(splits.train),
    test: withTargets(splits.test),
  };
}
