import { describe, expect, test } from 'vitest';
import type { RegressionDataset } from '../../../main/datasets/dataset.ts';
import {
  createLinearRegressionLearner,
  designMatrix,
  LinearRegressionLearner,
  ridgeMinimum,
} from '../../../main/models/linear-regression.ts';
import type { Learner } from '../../../main/training/learner.ts';
import { DivergedError } from '../../../shared/errors.ts';
import type { LinearRegressionSpec } from '../../../shared/model-spec.ts';
import type { Arm } from '../../../shared/study.ts';
import type { SgdSpec } from '../../../shared/trainer-spec.ts';
// From NumPy gradient descent, numpy.linalg.lstsq, and torch autograd with torch.optim.SGD: golden/linear_regression.py.
import golden from './golden/linear_regression.json';

const model: LinearRegressionSpec = {
  kind: 'linear-regression',
  features: ['x', 'x^2', 'x^3', 'sin(100x)'],
  initialWeights: [5e-4, 0.9, 0.9, 0.9],
  noiseVariance: 0.002,
  weightVariance: 0.5,
};
const sgd: SgdSpec = { kind: 'sgd', learningRate: 1e-3, weightDecay: 0, momentum: 0, batchSize: 'full' };

function split(inputs: number[]): RegressionDataset['train'] {
  return {
    n: inputs.length,
    inputs: Float64Array.from(inputs),
    targets: Float64Array.from(inputs, (x) => 0.3 * x),
  };
}

const data: RegressionDataset = {
  kind: 'regression',
  dimensions: 1,
  train: split(golden.x),
  test: split([-0.4, -0.1, 0, 0.2]),
};

const learnerWith = (trainer: Partial<SgdSpec> = {}): LinearRegressionLearner =>
  new LinearRegressionLearner(model, { ...sgd, ...trainer }, data);

async function rowOf(learner: Learner): Promise<Record<string, number>> {
  const values = await learner.evaluate();
  return Object.fromEntries(learner.columns.map((column, i) => [column.name, values[i] as number]));
}

async function weightsOf(learner: Learner): Promise<number[]> {
  const row = await rowOf(learner);
  return model.features.map((feature) => row[`weight:${feature}`] as number);
}

function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => expect(Math.abs(value - (expected[i] as number))).toBeLessThan(tolerance));
}

describe('linear regression with decoy features', () => {
  test('follows NumPy’s gradient descent, with its data fit and complexity', async () => {
    const learner = learnerWith();
    for (const { effort, weights, dataFit, complexity } of golden.trajectory) {
      if (effort > 0) await learner.advance(effort, Infinity);
      const row = await rowOf(learner);
      expectClose(await weightsOf(learner), weights, 1e-12);
      expect(row['dataFit']).toBeCloseTo(dataFit, 9);
      expect(row['complexity']).toBeCloseTo(complexity, 12);
      expect(row['trainLoss']).toBeCloseTo(dataFit * 0.002, 12);
    }
  });

  test('momentum and weight decay follow torch.optim.SGD', async () => {
    const { learningRate, momentum, weightDecay, steps, weights } = golden.sgd;
    const learner = learnerWith({ learningRate, momentum, weightDecay });
    await learner.advance(steps, Infinity);
    expectClose(await weightsOf(learner), weights, 1e-12);
  });

  test('its limit is the ridge minimum, which numpy.linalg.lstsq finds too', async () => {
    const minimum = [...ridgeMinimum(model, 0, data.train)];
    expectClose(minimum, golden.minimum, 1e-12);
    const learner = learnerWith();
    await learner.advance(60_000, Infinity);
    expectClose(await weightsOf(learner), minimum, 1e-9);
  });

  test('records the distance from that minimum, and shows both in its panels', async () => {
    const learner = learnerWith();
    await learner.advance(10, Infinity);
    const weights = await weightsOf(learner);
    const row = await rowOf(learner);
    const distance = Math.hypot(...weights.map((weight, j) => weight - (golden.minimum[j] as number)));
    expect(row['distanceToMinimum']).toBeCloseTo(distance, 12);

    const first = await learner.snapshot(true);
    expect([...(first['weights.values'] as Float64Array)]).toEqual(weights);
    expectClose([...(first['weights.reference'] as Float64Array)], golden.minimum, 1e-12);
    expect(first['fit.trainX']).toEqual(data.train.inputs);
    const x = first['fit.x'] as Float64Array;
    const [w1, w2, w3, w4] = weights as [number, number, number, number];
    for (const i of [0, 100, 333]) {
      const at = x[i] as number;
      const expected = w1 * at + w2 * at ** 2 + w3 * at ** 3 + w4 * Math.sin(100 * at);
      expect((first['fit.mean'] as Float64Array)[i]).toBeCloseTo(expected, 12);
    }
    const names = new Set(learner.panels.map((panel) => panel.name));
    for (const name of Object.keys(first)) expect(names).toContain(name.split('.')[0]);
    expect(Object.keys(await learner.snapshot(false)).sort()).toEqual(['fit.mean', 'weights.values']);
  });

  test('a minimum that float64 cannot determine is said, with the field to change', () => {
    const twice = { ...data.train, inputs: Float64Array.of(0.25, 0.25) };
    const wide = { ...model, weightVariance: 1e20 };
    expect(() => new LinearRegressionLearner(wide, sgd, { ...data, train: twice })).toThrow(
      'noiseVariance / weightVariance',
    );
  });

  test('with weight decay the limit is the ridge minimum with that decay', async () => {
    const learner = learnerWith({ weightDecay: 5 });
    await learner.advance(60_000, Infinity);
    expectClose(await weightsOf(learner), [...ridgeMinimum(model, 5, data.train)], 1e-9);
    const [withDecay, without] = [5, 0].map((decay) => ridgeMinimum(model, decay, data.train)[0] as number);
    expect(Math.abs((withDecay as number) - (without as number))).toBeGreaterThan(1e-4);
  });

  test('features are 1, x, x², x³ and sin 100x', () => {
    const design = designMatrix(['1', 'x', 'x^2', 'x^3', 'sin(100x)'], Float64Array.of(Math.PI / 200, -0.5));
    expectClose(
      [...design],
      [1, Math.PI / 200, (Math.PI / 200) ** 2, (Math.PI / 200) ** 3, 1, 1, -0.5, 0.25, -0.125, Math.sin(-50)],
      1e-15,
    );
  });

  test('accuracy is sign agreement, where a prediction of 0 counts as not positive', async () => {
    const only = { ...model, features: ['x' as const], initialWeights: [-1] };
    const learner = new LinearRegressionLearner(only, sgd, data);
    // Predictions −x: wrong for both training points, wrong for −0.4, −0.1 and 0.2, right for 0.
    const row = await rowOf(learner);
    expect([row['trainAccuracy'], row['testAccuracy']]).toEqual([0, 0.25]);
    // Mean of (1.3 x)² over the test points.
    expect(row['testLoss']).toBeCloseTo((1.69 * (0.16 + 0.01 + 0.04)) / 4, 12);
  });

  test('a learning rate that is too large ends with the step at which the run diverged', async () => {
    const learner = learnerWith({ learningRate: 10 });
    const failure: unknown = await learner.advance(5000, Infinity).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DivergedError);
    expect((failure as DivergedError).effort).toBe(learner.effort + 1);
  });

  test('advances once past its deadline and up to the effort asked', async () => {
    const learner = learnerWith();
    await learner.advance(100, 0);
    expect(learner.effort).toBe(1);
    await learner.advance(7, Infinity);
    expect(learner.effort).toBe(7);
  });

  test('a restored learner goes on bit for bit', async () => {
    const trainer = { momentum: 0.5 };
    const straight = learnerWith(trainer);
    await straight.advance(40, Infinity);
    const first = learnerWith(trainer);
    await first.advance(17, Infinity);
    const state = structuredClone(first.save());
    await first.advance(20, Infinity);
    const second = learnerWith(trainer);
    second.restore(state);
    await second.advance(40, Infinity);
    expect(second.save()).toEqual(straight.save());
    expect(await second.evaluate()).toEqual(await straight.evaluate());
  });

  test('a state of another learner is refused', () => {
    const state = learnerWith().save();
    const other = new LinearRegressionLearner({ ...model, features: ['x'], initialWeights: [1] }, sgd, data);
    expect(() => other.restore(state)).toThrow('no float64 array "weights" of 1 values');
  });

  test('shows the paper’s delay: fitted long before it generalizes (Miller et al. 2023, seeds 0–4)', async () => {
    const arm: Arm = {
      id: 'linear',
      title: 'Linear regression',
      dataset: { kind: 'slope-regression', slope: 0.3, points: 100, trainSize: 2, testSize: 98 },
      model,
      trainer: sgd,
      budget: { maxEffort: 5000 },
      thresholds: { metric: 'accuracy', train: 0.95, test: 0.95, sustain: 1 },
      record: { every: 100, perDecade: 10 },
      seeds: [0],
    };
    const mean = { 100: [0, 0], 2000: [0, 0] };
    for (let seed = 0; seed < 5; seed++) {
      const learner = await createLinearRegressionLearner(arm, seed, { threads: 1, device: null });
      for (const effort of [100, 2000] as const) {
        await learner.advance(effort, Infinity);
        const row = await rowOf(learner);
        mean[effort][0] = (mean[effort][0] as number) + (row['trainAccuracy'] as number) / 5;
        mean[effort][1] = (mean[effort][1] as number) + (row['testAccuracy'] as number) / 5;
      }
    }
    expect(mean[100][0]).toBe(1);
    expect(mean[100][1]).toBeLessThan(0.75);
    expect(mean[2000][0]).toBe(1);
    expect(mean[2000][1]).toBeGreaterThan(0.95);
  });

  test('refuses an arm of another family', async () => {
    const arm = {
      id: 'gp',
      dataset: { kind: 'zero-one', points: 4, trainSize: 2, testSize: 2 },
      model,
      trainer: sgd,
    };
    await expect(createLinearRegressionLearner(arm as Arm, 0, { threads: 1, device: null })).rejects.toThrow(
      'The arm gp is not a linear regression',
    );
  });
});
