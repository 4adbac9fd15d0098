import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RegressionDataset } from '../../../main/datasets/dataset.ts';
import {
  accuracyAtLoss,
  asymptoticDelay,
  finalLosses,
  predictedLosses,
  predictedStep,
  type Dynamics,
} from '../../../main/models/linear-estimator-theory.ts';
import {
  createLinearEstimatorLearner,
  LinearEstimatorLearner,
} from '../../../main/models/linear-estimator.ts';
import { predictionWords } from '../../../main/models/linear-estimator-modes.ts';
import { expectation, marchenkoPastur } from '../../../main/models/marchenko-pastur.ts';
import type { Learner } from '../../../main/training/learner.ts';
import { DivergedError } from '../../../shared/errors.ts';
import type { LinearEstimatorSpec } from '../../../shared/model-spec.ts';
import { parseStudy, type Arm } from '../../../shared/study.ts';
import type { SgdSpec } from '../../../shared/trainer-spec.ts';
// From SciPy quadrature, scipy.special, brentq and torch.optim.SGD: golden/linear_estimator.py.
import golden from './golden/linear_estimator.json';

const sgd: SgdSpec = { kind: 'sgd', learningRate: 0.01, weightDecay: 0, momentum: 0, batchSize: 'full' };
const model: LinearEstimatorSpec = {
  kind: 'linear-estimator',
  errorTolerance: 1e-3,
  initialScale: 1,
  prediction: 'gradient-flow',
};

function dynamics(lambda: number, options: Partial<Dynamics> = {}): Dynamics {
  const spectrum = marchenkoPastur(lambda);
  return { spectrum, learningRate: 0.01, weightDecay: 0, initialScale: 1, time: 'gradient-flow', ...options };
}

function relative(actual: number, expected: number): number {
  return Math.abs(actual - expected) / Math.abs(expected);
}

describe('the Marchenko–Pastur distribution', () => {
  test.each([0.001, 0.1, 0.5, 0.9, 0.99, 1, 1.01, 1.5, 10, 1000])('has its moments at λ = %d', (lambda) => {
    // E[1] = 1, E[ν] = 1, E[ν²] = 1 + λ (Bai & Silverstein 2010, lemma 3.1).
    const spectrum = marchenkoPastur(lambda);
    expect(expectation(spectrum, () => 1)).toBeCloseTo(1, 9);
    expect(expectation(spectrum, (v) => v)).toBeCloseTo(1, 10);
    expect(
      relative(
        expectation(spectrum, (v) => v * v),
        1 + lambda,
      ),
    ).toBeLessThan(1e-10);
  });

  test('has the inverse moment 1/(1 − λ) for λ below 1', () => {
    for (const lambda of [0.1, 0.5, 0.9]) {
      const inverse = expectation(marchenkoPastur(lambda), (v) => 1 / v);
      expect(relative(inverse, 1 / (1 - lambda))).toBeLessThan(1e-10);
    }
  });
});

describe('predicted curves', () => {
  test('losses agree with SciPy’s adaptive quadrature, with weight decay, scale and discrete steps', () => {
    for (const one of golden.losses) {
      const { lambda, learningRate, weightDecay, initialScale, steps } = one;
      const time = one.time as Dynamics['time'];
      const predicted = predictedLosses(
        dynamics(lambda, { learningRate, weightDecay, initialScale, time }),
        steps,
      );
      expect(relative(predicted.train, one.train), JSON.stringify(one)).toBeLessThan(1e-9);
      expect(relative(predicted.test, one.test), JSON.stringify(one)).toBeLessThan(1e-9);
    }
  });

  test('the train loss is the closed form of equation 9, by scipy.special.hyp0f1', () => {
    for (const { lambda, steps, train } of golden.closed) {
      expect(relative(predictedLosses(dynamics(lambda), steps).train, train)).toBeLessThan(1e-10);
    }
  });

  test('the generalization loss falls at 4η times the train loss (equation 21)', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        fc.double({ min: 1, max: 5000, noNaN: true }),
        (lambda, t) => {
          const at = dynamics(lambda);
          const h = 1e-4 * t;
          const slope = (predictedLosses(at, t + h).test - predictedLosses(at, t - h).test) / (2 * h);
          expect(relative(slope, -0.04 * predictedLosses(at, t).train)).toBeLessThan(2e-3);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('with λ above 1 the generalization loss keeps the floor 1 − 1/λ, the train loss none', () => {
    for (const lambda of [1.2, 1.5, 4]) {
      const { train, test: floor } = finalLosses(dynamics(lambda));
      expect(train).toBe(0);
      expect(floor).toBeCloseTo(1 - 1 / lambda, 12);
      expect(predictedStep(dynamics(lambda), 'test', 1e-3 / 4)).toBeNull();
    }
  });

  test('with little weight decay the losses end as in equation 16', () => {
    for (const lambda of [0.2, 0.5, 0.8]) {
      const weightDecay = 1e-6;
      const { train, test: generalization } = finalLosses(dynamics(lambda, { weightDecay }));
      // The paper writes γ²/4 times E[1/ν] and E[1/ν²]; the factor ½ of equation 15 stands before it.
      expect(relative(train, (0.5 * weightDecay ** 2) / (4 * (1 - lambda)))).toBeLessThan(1e-3);
      expect(relative(generalization, (0.5 * weightDecay ** 2) / (4 * (1 - lambda) ** 3))).toBeLessThan(1e-3);
    }
  });

  test('small steps follow the flow', () => {
    const options = { learningRate: 1e-5 };
    const flow = predictedLosses(dynamics(0.7, options), 300_000);
    const descent = predictedLosses(dynamics(0.7, { ...options, time: 'gradient-descent' }), 300_000);
    expect(relative(descent.test, flow.test)).toBeLessThan(1e-4);
    expect(descent.test).not.toBe(flow.test);
  });

  test('accuracy is Erf(√(ε / 2L)), by scipy.special.erf; 95 % is L = ε/4', () => {
    for (const { loss, errorTolerance, accuracy } of golden.accuracies) {
      expect(accuracyAtLoss(loss, errorTolerance)).toBeCloseTo(accuracy, 13);
    }
    expect(accuracyAtLoss(0, 1e-3)).toBe(1);
  });

  test('the delay of equation 12 is 716, 10,086 and 56,386 updates at λ = 0.5, 0.8, 0.9 and η = 0.01', () => {
    expect([0.5, 0.8, 0.9].map((lambda) => Math.round(asymptoticDelay(lambda, 0.01)))).toEqual([
      716, 10_086, 56_386,
    ]);
  });

  test('both losses reach ε/4 at the update that brentq on SciPy’s integrals finds', () => {
    for (const { lambda, train, test: generalization } of golden.crossings) {
      expect(predictedStep(dynamics(lambda), 'train', 1e-3 / 4)).toBe(Math.ceil(train));
      expect(predictedStep(dynamics(lambda), 'test', 1e-3 / 4)).toBe(Math.ceil(generalization));
    }
    expect(predictedStep(dynamics(0.5), 'train', 2)).toBe(0);
  });

  test('the delay between the crossings goes to equation 12 as ε goes to 0', () => {
    const delays = [1e-3, 1e-12, 1e-100, 1e-300].map((tolerance) => {
      const [fit, generalization] = (['train', 'test'] as const).map((split) =>
        predictedStep(dynamics(0.5), split, tolerance / 4),
      );
      return (generalization as number) - (fit as number);
    });
    const errors = delays.map((delay) => relative(delay, asymptoticDelay(0.5, 0.01)));
    expect(errors).toEqual(errors.toSorted((a, b) => b - a));
    expect(errors.at(-1)).toBeLessThan(0.01);
  });
});

const small: RegressionDataset = {
  kind: 'regression',
  dimensions: 5,
  train: {
    n: 7,
    inputs: Float64Array.from(golden.sgd.x),
    targets: Float64Array.from(golden.sgd.targets),
  },
  test: { n: 2, inputs: Float64Array.of(1, 0, 0, 0, 0, 0, 2, 0, 0, 0), targets: Float64Array.of(0.5, 1) },
};

async function rowOf(learner: Learner): Promise<Record<string, number>> {
  const values = await learner.evaluate();
  expect(values).toHaveLength(learner.columns.length);
  return Object.fromEntries(learner.columns.map((column, i) => [column.name, values[i] as number]));
}

function arm(changes: Record<string, unknown> = {}): Arm {
  return {
    id: 'levi',
    title: 'Levi',
    dataset: { kind: 'linear-teacher-student', dimensions: 90, trainSize: 100, testSize: 50 },
    model,
    trainer: sgd,
    budget: { maxEffort: 1000 },
    thresholds: { metric: 'accuracy', train: 0.95, test: 0.95, sustain: 1 },
    record: { every: 100, perDecade: 10 },
    seeds: [0],
    ...changes,
  } as Arm;
}

const create = (changes: Record<string, unknown> = {}, seed = 3): Promise<Learner> =>
  createLinearEstimatorLearner(arm(changes), seed, { threads: 1, device: null });

describe('the linear estimator', () => {
  test('follows torch.optim.SGD with weight decay', async () => {
    const { start, learningRate, weightDecay, steps, weights } = golden.sgd;
    const learner = new LinearEstimatorLearner(model, { ...sgd, learningRate, weightDecay }, small, 0);
    learner.restore({ effort: 0, arrays: { weights: Float64Array.from(start) }, json: null });
    await learner.advance(steps, Infinity);
    const reached = learner.save().arrays['weights'] as Float64Array;
    weights.forEach((weight, j) => expect(reached[j]).toBeCloseTo(weight, 12));
  });

  test('an example is right when its squared error is below ε; the loss is the mean squared error', async () => {
    const learner = new LinearEstimatorLearner({ ...model, errorTolerance: 0.2 }, sgd, small, 0);
    // Predictions 0.1 and 1.4 for 0.5 and 1: squared errors 0.16 and 0.16, then 0.16 and 0.25.
    for (const [second, right] of [
      [0.7, 1],
      [0.75, 0.5],
    ] as const) {
      learner.restore({ effort: 0, arrays: { weights: Float64Array.of(0.1, second, 0, 0, 0) }, json: null });
      const row = await rowOf(learner);
      expect(row['testAccuracy']).toBe(right);
      expect(row['testLoss']).toBeCloseTo((0.16 + (2 * second - 1) ** 2) / 2, 12);
      expect(row['weightNorm']).toBeCloseTo(Math.hypot(0.1, second), 12);
    }
  });

  test('starts at the paper’s scale: both losses near 1, and near ½ with a student of 0', async () => {
    const dataset = { kind: 'linear-teacher-student', dimensions: 300, trainSize: 350, testSize: 400 };
    const row = await rowOf(await create({ dataset }));
    expect(relative(row['trainLoss'] as number, 1)).toBeLessThan(0.25);
    expect(row['predictedTrainLoss']).toBeCloseTo(1, 10);
    const zero = await rowOf(await create({ dataset, model: { ...model, initialScale: 0 } }));
    expect(zero['weightNorm']).toBe(0);
    expect(relative(zero['testLoss'] as number, 0.5)).toBeLessThan(0.25);
    expect(zero['predictedTestLoss']).toBeCloseTo(0.5, 10);
  });

  test('runs as theory predicts: losses and accuracies along the run, λ = 0.5', async () => {
    const dataset = { kind: 'linear-teacher-student', dimensions: 400, trainSize: 800, testSize: 2000 };
    const learner = await create({ dataset });
    for (const effort of [30, 100, 300, 900]) {
      await learner.advance(effort, Infinity);
      const row = await rowOf(learner);
      for (const split of ['Train', 'Test']) {
        const [measured, predicted] = [row[`${split.toLowerCase()}Loss`], row[`predicted${split}Loss`]];
        expect(relative(measured as number, predicted as number), `${split} ${effort}`).toBeLessThan(0.25);
        const [accuracy, expected] = [
          row[`${split.toLowerCase()}Accuracy`],
          row[`predicted${split}Accuracy`],
        ];
        expect(Math.abs((accuracy as number) - (expected as number)), `${split} ${effort}`).toBeLessThan(
          0.06,
        );
      }
    }
  });

  test('its predicted columns follow the arm’s weight decay and discrete steps', async () => {
    const learner = await create({
      model: { ...model, prediction: 'gradient-descent' },
      trainer: { ...sgd, learningRate: 0.2, weightDecay: 0.01 },
    });
    await learner.advance(301, Infinity);
    const row = await rowOf(learner);
    const expected = golden.losses.find((one) => one.learningRate === 0.2);
    expect(relative(row['predictedTrainLoss'] as number, expected?.train as number)).toBeLessThan(1e-9);
    expect(relative(row['predictedTestLoss'] as number, expected?.test as number)).toBeLessThan(1e-9);
  });

  test('its panel splits the generalization loss by eigenvalue, beside the prediction', async () => {
    const dataset = { kind: 'linear-teacher-student', dimensions: 200, trainSize: 400, testSize: 4000 };
    const learner = await create({ dataset });
    await learner.advance(100, Infinity);
    const { 'modes.values': values, 'modes.reference': reference } = (await learner.snapshot?.(true)) ?? {};
    const sum = (parts: Float64Array | undefined) =>
      parts?.reduce((total, part) => total + part, 0) as number;
    const row = await rowOf(learner);
    // The test loss is a mean over 4,000 examples of the same |S − T|².
    expect(relative(sum(values), row['testLoss'] as number)).toBeLessThan(0.1);
    expect(relative(sum(reference), row['predictedTestLoss'] as number)).toBeLessThan(1e-9);
    const [panel] = learner.panels ?? [];
    expect(panel?.kind === 'bars' && panel.items).toHaveLength(values?.length ?? 0);
    // What is left after 100 updates lies at small eigenvalues.
    expect(values?.[0]).toBeGreaterThan(100 * (values?.at(-1) as number));
  });

  test('its panel says the predicted delay, or that there is none', () => {
    expect(predictionWords(dynamics(0.5), 1e-3)).toBe(
      'Predicted: training accuracy reaches 95 % at 726, generalization accuracy at 1,157, a delay of 431, ' +
        '716 in the limit of small ε (equation 12).',
    );
    expect(predictionWords(dynamics(1.5), 1e-3)).toMatch(
      /at 776, generalization accuracy never does: its loss ends at 0\.333\.$/,
    );
    expect(predictionWords(dynamics(0.9, { weightDecay: 0.5 }), 1e-3)).toMatch(/never reaches 95 %\.$/);
    expect(predictionWords(dynamics(0.5, { weightDecay: 1e-3 }), 1e-3)).not.toContain('equation 12');
  });

  test('directions that no training example has are left out of the panel', async () => {
    const dataset = { kind: 'linear-teacher-student', dimensions: 90, trainSize: 60, testSize: 5000 };
    const learner = await create({ dataset });
    await learner.advance(20_000, Infinity);
    const { 'modes.values': values } = (await learner.snapshot?.(true)) ?? {};
    expect(values?.reduce((total, part) => total + part, 0)).toBeLessThan(1e-3);
    expect((await rowOf(learner))['testLoss']).toBeGreaterThan(0.1);
  });

  test('a learning rate that is too large ends with the step at which the run diverged', async () => {
    const learner = await create({ trainer: { ...sgd, learningRate: 10 } });
    const failure: unknown = await learner.advance(5000, Infinity).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DivergedError);
  });

  test('a restored learner goes on bit for bit', async () => {
    const straight = await create();
    await straight.advance(40, Infinity);
    const first = await create();
    await first.advance(17, Infinity);
    const state = structuredClone(first.save());
    const second = await create();
    second.restore(state);
    await second.advance(40, Infinity);
    expect(second.save()).toEqual(straight.save());
    expect(await second.evaluate()).toEqual(await straight.evaluate());
    const other = await create({}, 4);
    await other.advance(40, Infinity);
    expect(other.save()).not.toEqual(straight.save());
  });

  test('refuses an arm of another family, and a state of another size', async () => {
    await expect(create({ model: { kind: 'linear-regression' } })).rejects.toThrow(
      'is not a linear estimator',
    );
    const learner = await create();
    const state = { effort: 1, arrays: { weights: new Float64Array(3) }, json: null };
    expect(() => learner.restore(state)).toThrow('no float64 array "weights" of 90 values');
  });
});

describe('a study with a linear estimator', () => {
  const check = (changes: Record<string, unknown>) =>
    parseStudy({
      schemaVersion: 1,
      id: 'levi',
      title: 'Levi',
      question: 'How long?',
      paper: null,
      arms: [arm(changes)],
      claims: [],
    });

  test('is accepted', () => {
    expect(check({}).arms).toHaveLength(1);
  });

  test.each([
    [{ trainer: { ...sgd, momentum: 0.9 } }, 'arms[0].trainer.momentum', '0: the closed form'],
    [{ trainer: { ...sgd, batchSize: 10 } }, 'arms[0].trainer.batchSize', '"full"'],
    [
      { dataset: { kind: 'linear-teacher-student', dimensions: 4000, trainSize: 50_000, testSize: 100 } },
      'arms[0].dataset.dimensions',
      'at most 998',
    ],
    [{ model: { ...model, errorTolerance: 0 } }, 'arms[0].model.errorTolerance', 'greater than 0'],
    [
      { dataset: { kind: 'slope-regression', slope: 1, points: 10, trainSize: 2, testSize: 2 } },
      'arms[0].dataset.kind',
      '"linear-teacher-student"',
    ],
  ])('is refused with the field and the fix: %#', (changes, path, fix) => {
    expect(() => check(changes)).toThrow(path);
    expect(() => check(changes)).toThrow(fix);
  });
});
