/** Networks on real targets: the squared error, and accuracy only where an answer is one of a few vectors. */
import { describe, expect, it } from 'vitest';
import { buildDataset } from '../../../main/datasets/index.ts';
import type { RegressionDataset } from '../../../main/datasets/dataset.ts';
import { createNeuralLearnerOn } from '../../../main/training/neural-learner.ts';
import { neuralTask } from '../../../main/training/neural-task.ts';
import type { DatasetSpec } from '../../../shared/dataset-spec.ts';
import type { MlpSpec } from '../../../shared/model-spec.ts';
import type { TrainerSpec } from '../../../shared/trainer-spec.ts';
import { adamw, curve, engineOn } from './support.ts';

const model: MlpSpec = {
  kind: 'mlp',
  hidden: [8],
  activation: 'tanh',
  outputBias: true,
  init: 'torch-default',
  initScale: 1,
};
const trainer: TrainerSpec = { ...adamw, learningRate: 0.02, weightDecay: 0, loss: 'mse' };
const symbols: DatasetSpec = { kind: 'symbol-addition', symbols: 6, targetDimensions: 5, trainSize: 15 };
const students: DatasetSpec = {
  kind: 'network-teacher-student',
  dimensions: 3,
  hidden: [4],
  outputs: 2,
  teacherScale: 1,
  trainSize: 20,
  testSize: 10,
};

type Row = Record<string, number>;

async function run(dataset: RegressionDataset, efforts: number[], weights?: Float64Array): Promise<Row[]> {
  const engine = await engineOn(null, 'float64');
  const task = neuralTask(model, dataset, 0, 'float64');
  const learner = await createNeuralLearnerOn(engine, task, trainer, 3);
  try {
    weights?.set(learner.parameters);
    const rows = await curve(learner, efforts);
    return rows.map((row) =>
      Object.fromEntries(learner.columns.map(({ name }, i) => [name, row[i] as number])),
    );
  } finally {
    await learner.dispose();
  }
}

/** Predictions of the untrained network, in plain loops. */
function predictions(
  { dimensions, outputs = 1, test }: RegressionDataset,
  weights: Float64Array,
): number[][] {
  const hidden = model.hidden[0] as number;
  const [b0, w1] = [dimensions * hidden, dimensions * hidden + hidden];
  const b1 = w1 + hidden * outputs;
  const at = (i: number): number => weights[i] as number;
  return Array.from({ length: test.n }, (_, row) => {
    const h = Array.from({ length: hidden }, (__, j) => {
      let sum = at(b0 + j);
      for (let k = 0; k < dimensions; k++)
        sum += (test.inputs[row * dimensions + k] as number) * at(k * hidden + j);
      return Math.tanh(sum);
    });
    return Array.from({ length: outputs }, (__, o) =>
      h.reduce((sum, value, j) => sum + value * at(w1 + j * outputs + o), at(b1 + o)),
    );
  });
}

const distance = (a: readonly number[], b: ArrayLike<number>): number =>
  a.reduce((sum, value, i) => sum + (value - (b[i] as number)) ** 2, 0);

describe('an MLP on real targets', () => {
  it('has the mean squared error over examples and outputs as its loss, no accuracy, and learns', async () => {
    const dataset = buildDataset(students, 1) as RegressionDataset;
    const weights = new Float64Array(3 * 8 + 8 + 8 * 2 + 2);
    const rows = await run(dataset, [0, 400], weights);
    const errors = predictions(dataset, weights).map(
      (y, i) => distance(y, dataset.test.targets.subarray(2 * i, 2 * i + 2)) / 2,
    );
    expect(rows[0]?.['testLoss']).toBeCloseTo(errors.reduce((sum, one) => sum + one, 0) / errors.length, 12);
    expect(Object.keys(rows[0] ?? {})).toEqual(['trainLoss', 'testLoss', 'weightNorm']);
    expect(rows[1]?.['trainLoss'] as number).toBeLessThan(0.1 * (rows[0]?.['trainLoss'] as number));
  });

  it('is right where the nearest template is that of the sum (Liu et al. 2022)', async () => {
    const dataset = buildDataset(symbols, 1) as RegressionDataset;
    const weights = new Float64Array(6 * 8 + 8 + 8 * 5 + 5);
    const rows = await run(dataset, [0, 500], weights);
    const { templates, test } = dataset as Required<RegressionDataset>;
    const hits = predictions(dataset, weights).filter((y, i) => {
      const distances = Array.from({ length: 11 }, (_, k) =>
        distance(y, templates.subarray(5 * k, 5 * k + 5)),
      );
      return distances.indexOf(Math.min(...distances)) === test.labels?.[i];
    });
    expect(rows[0]?.['testAccuracy']).toBeCloseTo(hits.length / test.n, 12);
    expect(rows[1]?.['trainAccuracy']).toBe(1);
  });
});

describe('a tolerance', () => {
  it('makes answers right whose mean squared error is below it', async () => {
    const dataset = buildDataset({ ...students, errorTolerance: 0.15 }, 1) as RegressionDataset;
    const weights = new Float64Array(3 * 8 + 8 + 8 * 2 + 2);
    const rows = await run(dataset, [0], weights);
    const errors = predictions(dataset, weights).map(
      (y, i) => distance(y, dataset.test.targets.subarray(2 * i, 2 * i + 2)) / 2,
    );
    const right = errors.filter((error) => error < 0.15).length;
    expect(right).toBeGreaterThan(0);
    expect(right).toBeLessThan(10);
    expect(rows[0]?.['testAccuracy']).toBeCloseTo(right / 10, 12);
  });
});
