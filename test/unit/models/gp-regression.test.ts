import { describe, expect, test } from 'vitest';
import type { RegressionDataset } from '../../../main/datasets/dataset.ts';
import { createGpRegressionLearner, gpRegressionLearner } from '../../../main/models/gp-regression.ts';
import type { Learner } from '../../../main/training/learner.ts';
import { InputError } from '../../../shared/errors.ts';
import type { GpRegressionSpec } from '../../../shared/model-spec.ts';
import { partsOf, type Panel } from '../../../shared/snapshot.ts';
import type { Arm } from '../../../shared/study.ts';
import type { AdamSpec } from '../../../shared/trainer-spec.ts';
// GPyTorch 1.8.1 in float64 with torch.optim.Adam: golden/gp_regression.py.
import golden from './golden/gp_regression.json';

const adam: AdamSpec = {
  kind: 'adam',
  learningRate: 4e-2,
  weightDecay: 0,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  warmupSteps: 0,
  batchSize: 'full',
};
/** Initialisation B of Miller et al. 2023. */
const model: GpRegressionSpec = {
  kind: 'gp-regression',
  kernel: 'rbf',
  lengthScale: Math.exp(-6),
  outputScale: Math.exp(4),
  noise: Math.LN2 + 1e-4,
  transform: 'exp',
  jitter: 0,
};

function arm(changes: Partial<Arm> = {}): Arm {
  return {
    id: 'gpr',
    title: 'GP regression',
    dataset: { kind: 'sine-regression', noise: 0.1, trainSize: 50, testSize: 50 },
    model,
    trainer: adam,
    budget: { maxEffort: 3000 },
    thresholds: { metric: 'loss', train: 0.05, test: 0.05, sustain: 1 },
    record: { every: 100, perDecade: 10 },
    seeds: [42],
    ...changes,
  };
}

const create = (changes: Partial<Arm> = {}, seed = 42): Promise<Learner> =>
  createGpRegressionLearner(arm(changes), seed, { threads: 1, device: null });

async function rowOf(learner: Learner): Promise<Record<string, number>> {
  const values = await learner.evaluate();
  expect(values.length).toBe(learner.columns.length);
  return Object.fromEntries(learner.columns.map((column, i) => [column.name, values[i] as number]));
}

describe('against GPyTorch', () => {
  const { inputs, targets, testInputs, testTargets, steps } = golden.training;
  const split = (x: number[], y: number[]): RegressionDataset['train'] => ({
    n: y.length,
    inputs: Float64Array.from(x),
    targets: Float64Array.from(y),
  });
  const data: RegressionDataset = {
    kind: 'regression',
    dimensions: 1,
    train: split(inputs, targets),
    test: split(testInputs, testTargets),
  };

  test('hyperparameters, errors and densities follow its training by torch.optim.Adam', async () => {
    const learner = await gpRegressionLearner(model, adam, data, 1);
    for (const { effort, loss, ...expected } of steps) {
      if (effort > 0) await learner.advance(effort, Infinity);
      const row = await rowOf(learner);
      expect(row['logMarginalLikelihood'], `effort ${effort}`).toBeCloseTo(-loss, 7);
      for (const [name, value] of Object.entries(expected)) {
        expect(Math.abs((row[name] as number) - value), `${name} at effort ${effort}`).toBeLessThan(
          1e-6 * Math.max(1, Math.abs(value)),
        );
      }
    }
  });

  test('the columns add up: fit − complexity − ½ log 2π', async () => {
    const row = await rowOf(await gpRegressionLearner(model, adam, data, 1));
    const sum = (row['dataFit'] as number) - (row['complexity'] as number) - Math.log(2 * Math.PI) / 2;
    expect(row['logMarginalLikelihood']).toBeCloseTo(sum, 12);
    expect(row['jitter']).toBe(0);
  });
});

describe('learner', () => {
  test('groks from initialisation B: train error near 0 at once, test error only later', async () => {
    const learner = await create();
    const early = await rowOf(learner);
    expect(early['trainLoss']).toBeLessThan(0.001);
    expect(early['testLoss']).toBeGreaterThan(0.2);
    await learner.advance(400, Infinity);
    const late = await rowOf(learner);
    expect(late['testLoss']).toBeLessThan(0.03);
    expect(late['complexity']).toBeLessThan(early['complexity'] as number);
    await learner.dispose();
  });

  test('a restored learner goes on bit for bit, and neither evaluating nor a snapshot changes anything', async () => {
    const straight = await create();
    await straight.advance(40, Infinity);
    const first = await create();
    await first.advance(25, Infinity);
    await first.evaluate();
    await first.snapshot?.(true);
    const state = structuredClone(first.save());
    const second = await create();
    second.restore(state);
    await second.advance(40, Infinity);
    expect(second.save()).toEqual(straight.save());
    expect(await second.evaluate()).toEqual(await straight.evaluate());
    for (const learner of [straight, first, second]) await learner.dispose();
  });

  test('refuses data with an input that never varies, and an arm of another family', async () => {
    await expect(
      create({ dataset: { kind: 'zero-one', points: 10, trainSize: 4, testSize: 4 } }),
    ).rejects.toThrow('The arm gpr is not a GP regression of one target trained by Adam.');
    await expect(
      create({ dataset: { kind: 'sine-regression', noise: 0, trainSize: 1, testSize: 3 } }),
    ).rejects.toThrow(InputError);
  });
});

describe('snapshots', () => {
  const panelNamed = (learner: Learner, name: string): Panel => {
    const panel = learner.panels?.find((candidate) => candidate.name === name);
    if (panel === undefined) throw new Error(`No panel ${name}.`);
    return panel;
  };
  const minimum = (values: Float64Array): number => values.reduce((least, value) => Math.min(least, value));
  const maximum = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, value));

  test('with one input: the posterior with its band and data, and two landscapes with the place on them', async () => {
    const learner = await create();
    const arrays = (await learner.snapshot?.(true)) ?? {};
    expect(learner.panels?.map(({ name, kind }) => [name, kind])).toEqual([
      ['posterior', 'function'],
      ['scaleLandscape', 'landscape'],
      ['noiseLandscape', 'landscape'],
    ]);
    const posterior = partsOf(panelNamed(learner, 'posterior'), arrays);
    const { x, mean, lower, upper, trainX, testY } = posterior as Record<string, Float64Array>;
    expect(Object.values({ mean, lower, upper }).map((values) => values?.length)).toEqual(
      [x, x, x].map((v) => v?.length),
    );
    expect(minimum(x as Float64Array)).toBeLessThan(minimum(trainX as Float64Array));
    expect(maximum(x as Float64Array)).toBeGreaterThan(maximum(trainX as Float64Array));
    expect(testY?.length).toBe(50);
    mean?.forEach((value, i) => {
      expect(lower?.[i]).toBeLessThanOrEqual(value);
      expect((upper?.[i] as number) - value).toBeCloseTo(value - (lower?.[i] as number), 10);
    });
    for (const [name, start] of [
      ['scaleLandscape', Math.exp(4)],
      ['noiseLandscape', Math.LN2 + 1e-4],
    ] as const) {
      const surface = partsOf(panelNamed(learner, name), arrays) as Record<string, Float64Array>;
      expect(surface['z']?.length).toBe((surface['x']?.length ?? 0) * (surface['y']?.length ?? 0));
      expect(surface['z']?.every(Number.isFinite)).toBe(true);
      expect(surface['position']?.[0]).toBeCloseTo(start, 8);
      expect(surface['position']?.[1]).toBeCloseTo(Math.exp(-6), 10);
    }
    await learner.dispose();
  });

  test('the surface under the run is the objective of the run', async () => {
    const learner = await create();
    await learner.advance(150, Infinity);
    const row = await rowOf(learner);
    const arrays = { ...(await learner.snapshot?.(true)) };
    for (const name of ['scaleLandscape', 'noiseLandscape']) {
      const { x, y, z, position } = partsOf(panelNamed(learner, name), arrays) as Record<
        string,
        Float64Array
      >;
      const near = (grid: Float64Array, value: number): number =>
        grid.reduce(
          (best, at, i) =>
            Math.abs(Math.log(at / value)) < Math.abs(Math.log((grid[best] as number) / value)) ? i : best,
          0,
        );
      const i = near(x as Float64Array, position?.[0] as number);
      const j = near(y as Float64Array, position?.[1] as number);
      const here = (z as Float64Array)[j * (x as Float64Array).length + i] as number;
      expect(Math.abs(here - (row['logMarginalLikelihood'] as number))).toBeLessThan(0.5);
      expect(maximum(z as Float64Array)).toBeGreaterThan((row['logMarginalLikelihood'] as number) - 0.2);
    }
    await learner.dispose();
  });

  test('what never changes comes with the first one only', async () => {
    const learner = await create();
    const first = Object.keys((await learner.snapshot?.(true)) ?? {});
    const later = Object.keys((await learner.snapshot?.(false)) ?? {});
    expect(first.filter((name) => !later.includes(name)).sort()).toEqual([
      'noiseLandscape.x',
      'noiseLandscape.y',
      'posterior.testX',
      'posterior.testY',
      'posterior.trainX',
      'posterior.trainY',
      'posterior.x',
      'scaleLandscape.x',
      'scaleLandscape.y',
    ]);
    await learner.dispose();
  });

  test('with more than 200 training points: the posterior alone, landscapes would take seconds', async () => {
    const dataset = { kind: 'sine-regression', noise: 0.1, trainSize: 201, testSize: 5 } as const;
    const learner = await create({ dataset });
    expect(learner.panels?.map(({ name }) => name)).toEqual(['posterior']);
    const names = Object.keys((await learner.snapshot?.(true)) ?? {});
    expect(names.every((name) => name.startsWith('posterior.'))).toBe(true);
    await learner.dispose();
  });

  test('with several inputs: inverse length scales', async () => {
    const dataset = { kind: 'single-index', dimensions: 3, trainSize: 12, testSize: 5 } as const;
    const learner = await create({ dataset, model: { ...model, lengthScale: 4 } });
    expect(learner.panels).toMatchObject([{ kind: 'bars', items: ['input 1', 'input 2', 'input 3'] }]);
    const arrays = (await learner.snapshot?.(true)) ?? {};
    expect([...(arrays['relevance.values'] ?? [])]).toEqual([1, 2, 3].map(() => expect.closeTo(0.25, 12)));
  });
});
