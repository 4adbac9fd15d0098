import type { SineRegressionSpec } from '../../shared/dataset-spec.ts';
import { Random } from '../../shared/random.ts';
import type { RegressionDataset, RegressionSplit } from './dataset.ts';

/**
 * y = sin(2π x / π) + noise, that is sin(2x), with x ~ U(−1.5, 1.5): inputs [n, 1], targets [n]. Miller et al. 2023
 * (arXiv 2310.17247), GP regression: `NoisySineWaveTask` with amplitude 1, frequency 1/π, phase 0, noise 0.1 on y, 100
 * points of which 50 train and 50 test. Their settings also name a noise of 0.1 on x, which the code uses only for
 * evenly spaced x, not for the random x of these experiments: there is none here.
 *
 * Streams: `data` gives x of the training examples, `test` x of the test examples, `noise` the noise of both, training
 * first.
 */
export function buildSineRegression(spec: SineRegressionSpec, seed: number): RegressionDataset {
  const noise = Random.stream(seed, 'noise');
  const draw = (n: number, random: Random): RegressionSplit => {
    const inputs = Float64Array.from({ length: n }, () => random.uniformBetween(-1.5, 1.5));
    return { n, inputs, targets: inputs.map((x) => Math.sin(2 * x) + spec.noise * noise.normal()) };
  };
  const train = draw(spec.trainSize, Random.stream(seed, 'data'));
  const test = draw(spec.testSize, Random.stream(seed, 'test'));
  return { kind: 'regression', dimensions: 1, outputs: 1, train, test };
}
