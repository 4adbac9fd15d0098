import type { SparseClassificationSpec, SparseRegressionSpec } from '../../shared/sparse-spec.ts';
import { Random } from '../../shared/random.ts';
import type { RegressionDataset, VectorDataset } from './dataset.ts';

/**
 * Linear targets that a few inputs decide. Lyu et al. 2023 (arXiv 2311.18817, §3.2.3), diagonal linear networks: inputs
 * [n, d] uniform on ±1, a weight vector w* of k = 3 coordinates ±1 and zeros, y = sign(w*·x), with n = 256 and d = 10⁵
 * (grokking); and z ~ N(0, I) with a unit vector w* of any direction, y = sign(w*·z) and x = z + (γ/2) y w*, with γ = 25
 * and n = 32 ("misgrokking": the test accuracy is perfect first and falls later).
 *
 * `weights`: the nonzero coordinates, which are drawn without replacement, are ±1, or standard normal; with a margin w* is
 * divided by its length. Class 1 is y = +1. The stream `teacher` gives w*, `data` the training and `test` the test
 * inputs. How many test examples the authors have, and γ beside other d, the text does not say.
 */
export function buildSparseClassification(spec: SparseClassificationSpec, seed: number): VectorDataset {
  const { dimensions, margin, trainSize, testSize } = spec;
  const weights = sparseWeights(spec, seed);
  const length = Math.sqrt(weights.reduce((sum, { value }) => sum + value ** 2, 0));
  const draw = (n: number, random: Random): VectorDataset['train'] => {
    const inputs = drawInputs(spec, n, random);
    const labels = new Int32Array(n);
    for (let i = 0; i < n; i++) {
      const row = inputs.subarray(i * dimensions, (i + 1) * dimensions);
      const isPositive = product(weights, row) > 0;
      labels[i] = isPositive ? 1 : 0;
      const shift = ((isPositive ? 1 : -1) * margin) / 2 / length;
      for (const { at, value } of weights) row[at] = (row[at] as number) + shift * value;
    }
    return { n, inputs, labels };
  };
  return {
    kind: 'vectors',
    dimensions,
    classes: 2,
    classNames: ['−1', '+1'],
    train: draw(trainSize, Random.stream(seed, 'data')),
    test: draw(testSize, Random.stream(seed, 'test')),
  };
}

/** The same with y = w*·x as the target. Woodworth et al. 2020 (arXiv 2002.09277, §5) learn it with diagonal networks. */
export function buildSparseRegression(spec: SparseRegressionSpec, seed: number): RegressionDataset {
  const { dimensions, trainSize, testSize } = spec;
  const weights = sparseWeights(spec, seed);
  const draw = (n: number, random: Random): RegressionDataset['train'] => {
    const inputs = drawInputs(spec, n, random);
    const targets = Float64Array.from({ length: n }, (_, i) =>
      product(weights, inputs.subarray(i * dimensions, (i + 1) * dimensions)),
    );
    return { n, inputs, targets };
  };
  return {
    kind: 'regression',
    dimensions,
    train: draw(trainSize, Random.stream(seed, 'data')),
    test: draw(testSize, Random.stream(seed, 'test')),
  };
}

type Shared = Pick<SparseRegressionSpec, 'dimensions' | 'nonzero' | 'weights' | 'inputs'>;
type Weight = { at: number; value: number };

function sparseWeights({ dimensions, nonzero, weights }: Shared, seed: number): Weight[] {
  const random = Random.stream(seed, 'teacher');
  const chosen = random.permutation(dimensions).slice(0, nonzero).sort();
  return Array.from(chosen, (at) => ({ at, value: weights === 'signs' ? sign(random) : random.normal() }));
}

function drawInputs({ dimensions, inputs }: Shared, n: number, random: Random): Float64Array {
  const values = new Float64Array(n * dimensions);
  for (let i = 0; i < values.length; i++) values[i] = inputs === 'signs' ? sign(random) : random.normal();
  return values;
}

function sign(random: Random): number {
  return 2 * random.integer(2) - 1;
}

function product(weights: readonly Weight[], x: Float64Array): number {
  return weights.reduce((sum, { at, value }) => sum + value * (x[at] as number), 0);
}
