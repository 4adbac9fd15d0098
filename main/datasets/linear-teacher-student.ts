import type { LinearTeacherStudentSpec } from '../../shared/dataset-spec.ts';
import { Random } from '../../shared/random.ts';
import type { RegressionDataset, RegressionSplit } from './dataset.ts';

/**
 * A linear teacher without noise: inputs [n, d] with x ~ N(0, I), targets [n] with y = T·x, T [d] ~ N(0, 1/(2d)). Levi,
 * Beck, Bar-Sinai 2023 (arXiv 2310.16441), §3, with d_out = 1 (d 1000; 10000, 1111 and 667 training examples in Figure
 * 1). The stream `data` gives the teacher, then the training inputs, then the test inputs.
 */
export function buildLinearTeacherStudent(spec: LinearTeacherStudentSpec, seed: number): RegressionDataset {
  const { dimensions, trainSize, testSize } = spec;
  const random = Random.stream(seed, 'data');
  const deviation = 1 / Math.sqrt(2 * dimensions);
  const teacher = Float64Array.from({ length: dimensions }, () => deviation * random.normal());
  const draw = (n: number): RegressionSplit => {
    const inputs = Float64Array.from({ length: n * dimensions }, () => random.normal());
    const targets = Float64Array.from({ length: n }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < dimensions; j++)
        sum += (teacher[j] as number) * (inputs[i * dimensions + j] as number);
      return sum;
    });
    return { n, inputs, targets };
  };
  return { kind: 'regression', dimensions, train: draw(trainSize), test: draw(testSize) };
}
