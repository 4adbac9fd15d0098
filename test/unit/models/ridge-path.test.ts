import { describe, expect, test } from 'vitest';
import type { RegressionDataset } from '../../../main/datasets/dataset.ts';
import { createRidgePathLearner, RidgePathLearner } from '../../../main/models/ridge-path.ts';
import type { Learner } from '../../../main/training/learner.ts';
import { effortUnitOf, type RidgePathSpec } from '../../../shared/model-spec.ts';
import { Random } from '../../../shared/random.ts';
import { parseStudy, type Arm } from '../../../shared/study.ts';
// From scikit-learn's Ridge and LinearRegression: golden/ridge_path.py.
import golden from './golden/ridge_path.json';

const spec: RidgePathSpec = {
  kind: 'ridge-path',
  randomFeatures: 0,
  strongestPenalty: 100,
  pointsPerDecade: 2,
};

async function rowOf(learner: Learner): Promise<Record<string, number>> {
  const values = await learner.evaluate();
  expect(values).toHaveLength(learner.columns.length);
  return Object.fromEntries(learner.columns.map(({ name }, i) => [name, values[i] as number]));
}

function relative(actual: number | undefined, expected: number): number {
  return Math.abs((actual as number) - expected) / Math.abs(expected);
}

function dataOf({ n, m, p, x, y, xt, yt }: (typeof golden)['tall']): RegressionDataset {
  return {
    kind: 'regression',
    dimensions: p,
    outputs: 2,
    train: { n, inputs: Float64Array.from(x), targets: Float64Array.from(y) },
    test: { n: m, inputs: Float64Array.from(xt), targets: Float64Array.from(yt) },
  };
}

describe.each([
  ['more examples than inputs', golden.tall],
  ['more inputs than examples', golden.wide],
] as const)('the ridge path with %s', (_name, one) => {
  test('is scikit-learn’s Ridge at every penalty', async () => {
    const learner = new RidgePathLearner(spec, dataOf(one), 0);
    for (const { effort, ...expected } of one.points) {
      if (effort > 0) await learner.advance(effort);
      const row = await rowOf(learner);
      for (const [name, value] of Object.entries(expected)) {
        expect(relative(row[name], value), `${name} at ${effort}`).toBeLessThan(1e-9);
      }
    }
  });

  test('ends in least squares, of the least norm', async () => {
    const learner = new RidgePathLearner(spec, dataOf(one), 0);
    await learner.advance(10_000);
    const row = await rowOf(learner);
    expect(row['penalty']).toBe(0);
    expect(Math.abs((row['trainLoss'] as number) - one.end.trainLoss)).toBeLessThan(1e-12);
    expect(relative(row['testLoss'], one.end.testLoss)).toBeLessThan(1e-8);
    expect(row['degreesOfFreedom']).toBeCloseTo(Math.min(one.p, one.n - 1), 9);
  });
});

/** A noisy linear teacher on `n` examples. */
function noisy(n: number): RegressionDataset {
  const random = Random.stream(4, 'data');
  const teacher = Float64Array.from({ length: 10 }, () => random.normal() / Math.sqrt(10));
  const draw = (count: number, noise: number): RegressionDataset['train'] => {
    const inputs = Float64Array.from({ length: count * 10 }, () => random.normal());
    const targets = Float64Array.from({ length: count }, (_, i) =>
      teacher.reduce((sum, t, j) => sum + t * (inputs[i * 10 + j] as number), noise * random.normal()),
    );
    return { n: count, inputs, targets };
  };
  return { kind: 'regression', dimensions: 10, train: draw(n, 0.3), test: draw(400, 0) };
}

describe('random features', () => {
  const testLoss = async (randomFeatures: number, effort: number, seed = 0): Promise<number> => {
    const model = { ...spec, randomFeatures, strongestPenalty: 1e-8 };
    const learner = new RidgePathLearner(model, noisy(60), seed);
    if (effort > 0) await learner.advance(effort);
    return (await rowOf(learner))['testLoss'] as number;
  };

  test('show double descent in their number: the error peaks at the number of examples', async () => {
    const [few, threshold, many] = [await testLoss(15, 0), await testLoss(60, 0), await testLoss(600, 0)];
    expect(threshold).toBeGreaterThan(5 * few);
    expect(threshold).toBeGreaterThan(5 * many);
    expect(many).toBeLessThan(few);
  });

  test('follow the seed', async () => {
    expect(await testLoss(30, 2, 1)).toBe(await testLoss(30, 2, 1));
    expect(await testLoss(30, 2, 1)).not.toBe(await testLoss(30, 2, 2));
  });
});

describe('features that are all alike', () => {
  test('predict the mean', async () => {
    const data = dataOf(golden.tall);
    data.train.inputs.fill(2);
    const row = await rowOf(new RidgePathLearner(spec, data, 0));
    const [a, b] = [0, 1].map((c) => {
      const own = golden.tall.y.filter((_, i) => i % 2 === c);
      const mean = own.reduce((sum, value) => sum + value) / own.length;
      return own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length;
    });
    expect(row['trainLoss']).toBeCloseTo(((a as number) + (b as number)) / 2, 12);
    expect(row['degreesOfFreedom']).toBe(0);
  });
});

function arm(changes: Record<string, unknown> = {}): Arm {
  return {
    id: 'path',
    title: 'Path',
    dataset: {
      kind: 'hidden-parity',
      parityBits: 2,
      decoys: 8,
      decoyKind: 'bits',
      trainSize: 100,
      testSize: 60,
    },
    model: { ...spec, randomFeatures: 300 },
    trainer: { kind: 'direct', batchSize: 'full' },
    budget: { maxEffort: 30 },
    thresholds: { metric: 'accuracy', train: 0.95, test: 0.95, sustain: 1 },
    record: { every: 1, perDecade: 10 },
    seeds: [0],
    ...changes,
  } as Arm;
}

describe('an arm with a ridge path', () => {
  test('classifies, and resumes from its effort alone', async () => {
    const options = { threads: 1, device: null };
    const straight = await createRidgePathLearner(arm(), 3, options);
    await straight.advance(20, Infinity);
    const { trainAccuracy, testAccuracy } = await rowOf(straight);
    expect(trainAccuracy).toBe(1);
    expect(testAccuracy).toBeGreaterThan(0.5);
    const second = await createRidgePathLearner(arm(), 3, options);
    second.restore(structuredClone(straight.save()));
    expect(await second.evaluate()).toEqual(await straight.evaluate());
    await second.advance(25, Infinity);
    await straight.advance(25, Infinity);
    expect(second.save()).toEqual(straight.save());
  });

  test('counts points of the path, not steps', () => {
    expect(effortUnitOf('ridge-path')).toBe('path point');
    expect(effortUnitOf('linear-estimator')).toBe('gradient-descent step');
  });

  const check = (changes: Record<string, unknown>) =>
    parseStudy({
      schemaVersion: 1,
      id: 'path',
      title: 'Path',
      question: 'How strong?',
      paper: null,
      arms: [arm(changes)],
      claims: [],
    });
  const teacher = { kind: 'linear-teacher-student', dimensions: 2500, trainSize: 2500, testSize: 100 };

  test.each([
    [{ trainer: { kind: 'direct', batchSize: 10 } }, 'arms[0].trainer.batchSize', '"full"'],
    [
      { trainer: { kind: 'sgd', learningRate: 1, weightDecay: 0, momentum: 0, batchSize: 'full' } },
      'arms[0].trainer.kind',
      '"direct"',
    ],
    [{ dataset: { ...teacher }, model: spec }, 'arms[0].dataset', 'at most 2000'],
    [{ dataset: { ...teacher, trainSize: 50 }, model: spec }, 'arms[0].thresholds.metric', 'has no classes'],
    [{ model: { ...spec, pointsPerDecade: 0 } }, 'arms[0].model.pointsPerDecade', '1'],
  ])('is refused with the field and the fix: %#', (changes, path, fix) => {
    expect(() => check(changes)).toThrow(path);
    expect(() => check(changes)).toThrow(fix);
  });

  test('is accepted, and another family is refused by the learner', async () => {
    expect(check({}).arms).toHaveLength(1);
    const other = arm({ model: { kind: 'mlp' } });
    await expect(createRidgePathLearner(other, 0, { threads: 1, device: null })).rejects.toThrow(
      'is not a ridge path',
    );
  });
});
