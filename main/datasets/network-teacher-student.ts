import type { NetworkTeacherStudentSpec } from '../../shared/dataset-spec.ts';
import { Random } from '../../shared/random.ts';
import type { RegressionDataset, RegressionSplit } from './dataset.ts';

/**
 * The outputs of a random tanh network: inputs [n, d] with x ~ N(0, I), targets [n, outputs]. Liu, Michaud, Tegmark
 * 2023 (Omnigrok, arXiv 2210.01117), teacher-student: a 5-100-100-5 teacher, 100 training and 100 test examples; a
 * student of the same shape with twice the weights groks. An answer counts as right when its mean squared error is
 * below 0.001 (`errorTolerance`).
 *
 * The teacher's parameters are PyTorch's defaults (weights and biases U(±1/√fanIn)) times `teacherScale`, all layers
 * but the last followed by tanh, from the stream `teacher`; `data` gives the training and `test` the test inputs.
 */
export function buildNetworkTeacherStudent(spec: NetworkTeacherStudentSpec, seed: number): RegressionDataset {
  const { dimensions, hidden, outputs, teacherScale, trainSize, testSize, errorTolerance } = spec;
  const teacher = teacherNetwork(
    [dimensions, ...hidden, outputs],
    teacherScale,
    Random.stream(seed, 'teacher'),
  );
  const draw = (n: number, random: Random): RegressionSplit => {
    const inputs = Float64Array.from({ length: n * dimensions }, () => random.normal());
    const targets = new Float64Array(n * outputs);
    for (let i = 0; i < n; i++) {
      targets.set(teacher(inputs.subarray(i * dimensions, (i + 1) * dimensions)), i * outputs);
    }
    return { n, inputs, targets };
  };
  return {
    kind: 'regression',
    dimensions,
    outputs,
    ...(errorTolerance === undefined ? {} : { tolerance: errorTolerance }),
    train: draw(trainSize, Random.stream(seed, 'data')),
    test: draw(testSize, Random.stream(seed, 'test')),
  };
}

function teacherNetwork(
  widths: readonly number[],
  scale: number,
  random: Random,
): (x: Float64Array) => Float64Array {
  const layers = widths.slice(1).map((fanOut, i) => {
    const fanIn = widths[i] as number;
    const bound = scale / Math.sqrt(fanIn);
    const draw = (): number => random.uniformBetween(-bound, bound);
    const weights = Float64Array.from({ length: fanIn * fanOut }, draw);
    return { fanIn, fanOut, weights, biases: Float64Array.from({ length: fanOut }, draw) };
  });
  return (x) =>
    layers.reduce((input, { fanIn, fanOut, weights, biases }, depth) => {
      const output = biases.slice();
      for (let i = 0; i < fanIn; i++) {
        const value = input[i] as number;
        for (let j = 0; j < fanOut; j++) {
          output[j] = (output[j] as number) + value * (weights[i * fanOut + j] as number);
        }
      }
      return depth === layers.length - 1 ? output : output.map(Math.tanh);
    }, x);
}
