import { Random } from '../../shared/random.ts';

/**
 * The inputs of Miller et al.'s one-dimensional tasks: `points` draws x ~ U(−0.5, 0.5) from the stream `data`, of which
 * the first `trainSize` train and the last `testSize` test. Points between the two are unused, as in the authors'
 * `generate_zero_one_classification` (100 points, first 20 and last 20). The authors draw with NumPy's global generator
 * and round to float32; here the values are float64.
 */
export function centredUniformSplits(
  size: { points: number; trainSize: number; testSize: number },
  seed: number,
): { train: Float64Array; test: Float64Array } {
  const random = Random.stream(seed, 'data');
  const x = Float64Array.from({ length: size.points }, () => random.uniformBetween(-0.5, 0.5));
  return { train: x.slice(0, size.trainSize), test: x.slice(size.points - size.testSize) };
}
