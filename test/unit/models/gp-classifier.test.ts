import { describe, expect, test } from 'vitest';
import type { VectorDataset } from '../../../main/datasets/dataset.ts';
import { createGpClassifierLearner, gpClassifierLearner } from '../../../main/models/gp-classifier.ts';
import { requireBothClasses } from '../../../main/models/gp-checks.ts';
import { adamUpdate } from '../../../main/models/float64-adam.ts';
import type { Learner } from '../../../main/training/learner.ts';
import { DivergedError, InputError } from '../../../shared/errors.ts';
import type { GpClassifierSpec } from '../../../shared/model-spec.ts';
import { Random } from '../../../shared/random.ts';
import type { Arm } from '../../../shared/study.ts';
import type { AdamSpec } from '../../../shared/trainer-spec.ts';
// GPyTorch 1.8.1 in float64 with torch.optim.Adam: golden/gp_classifier.py.
import golden from './golden/gp_classifier.json';

const adam: AdamSpec = {
  kind: 'adam',
  learningRate: 1e-2,
  weightDecay: 0,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  warmupSteps: 0,
  batchSize: 'full',
};
const model: GpClassifierSpec = {
  kind: 'gp-classifier',
  kernel: 'rbf',
  lengthScale: 0.005,
  outputScale: Math.LN2,
  jitter: 1e-3,
};

function arm(changes: Partial<Pick<Arm, 'dataset' | 'model' | 'trainer'>> = {}): Arm {
  return {
    id: 'gp',
    title: 'Gaussian process',
    dataset: { kind: 'zero-one', points: 100, trainSize: 20, testSize: 20 },
    model,
    trainer: adam,
    budget: { maxEffort: 1500 },
    thresholds: { metric: 'accuracy', train: 0.95, test: 0.95, sustain: 1 },
    record: { every: 100, perDecade: 10 },
    seeds: [42],
    ...changes,
  };
}

const create = (changes?: Parameters<typeof arm>[0], seed = 42): Promise<Learner> =>
  createGpClassifierLearner(arm(changes), seed, { threads: 1, device: null });

async function rowOf(learner: Learner): Promise<Record<string, number>> {
  const values = await learner.evaluate();
  expect(values.length).toBe(learner.columns.length);
  return Object.fromEntries(learner.columns.map((column, i) => [column.name, values[i] as number]));
}

type Case = typeof golden.general;

/** A learner on a golden case's data that starts from its parameters. */
async function goldenLearner(example: Case): Promise<Learner> {
  const points = (inputs: number[], labels: number[]): VectorDataset['train'] => ({
    n: labels.length,
    inputs: Float64Array.from(inputs),
    labels: Int32Array.from(labels),
  });
  const data: VectorDataset = {
    kind: 'vectors',
    dimensions: example.dimensions,
    classes: 2,
    train: points(example.inputs, example.labels),
    test: points(example.testInputs, new Array<number>(example.test.mean.length).fill(1)),
  };
  const learner = await gpClassifierLearner(
    model,
    adam,
    data,
    { init: Random.stream(0, 'init'), inducing: Random.stream(0, 'inducing') },
    1,
  );
  const zeros = new Float64Array(example.parameters.length);
  learner.restore({
    effort: 0,
    arrays: {
      parameters: Float64Array.from(example.parameters),
      firstMoment: zeros,
      secondMoment: zeros,
      jitter: new Float64Array(1),
    },
    json: null,
  });
  return learner;
}

const meanOf = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe.each(['general', 'zeroOne'] as const)('against GPyTorch (%s)', (name) => {
  const example: Case = golden[name];

  test('the parameters follow torch.optim.Adam on GPyTorch’s loss', async () => {
    const learner = await goldenLearner(example);
    // Later the path amplifies rounding: a change of 1e-15 in the start moves parameters by 3e-3 at update 300.
    for (const step of example.steps.filter(({ effort }) => effort <= 100)) {
      if (step.effort > 0) await learner.advance(step.effort, Infinity);
      const { parameters } = learner.save().arrays;
      step.parameters.forEach((value, i) => {
        const difference = Math.abs((parameters?.[i] as number) - value);
        expect(difference, `parameter ${i} at ${step.effort}`).toBeLessThan(1e-7);
      });
      const row = await rowOf(learner);
      expect(row['elbo']).toBeCloseTo(-step.loss, 9);
      expect(row['expectedLogLikelihood']).toBeCloseTo(step.expectedLogLikelihood / example.labels.length, 8);
      expect(row['kl']).toBeCloseTo(step.kl / example.labels.length, 8);
    }
  });

  test('accuracy and loss are those of its predictive probabilities', async () => {
    const row = await rowOf(await goldenLearner(example));
    const { probability } = example.train;
    const correct = probability.map((p, i) => Number(p >= 0.5 === (example.labels[i] === 1)));
    expect(row['trainAccuracy']).toBeCloseTo(meanOf(correct), 15);
    const lossOf = (p: number, label: number): number => -Math.log(label === 1 ? p : 1 - p);
    expect(row['trainLoss']).toBeCloseTo(
      meanOf(probability.map((p, i) => lossOf(p, example.labels[i] as number))),
      10,
    );
    expect(row['testAccuracy']).toBeCloseTo(
      meanOf(example.test.probability.map((p) => Number(p >= 0.5))),
      15,
    );
    expect(row['testLoss']).toBeCloseTo(meanOf(example.test.probability.map((p) => lossOf(p, 1))), 10);
  });
});

describe('GP classifier', () => {
  test('starts at its prior: no KL but that of the noise in the mean, hyperparameters as given', async () => {
    const row = await rowOf(await create());
    expect(row['lengthScale']).toBeCloseTo(0.005, 12);
    expect(row['outputScale']).toBeCloseTo(Math.LN2, 12);
    expect(row['meanConstant']).toBe(0);
    // ½ ‖C⁻¹(m − c)‖² / n with m ~ N(0, 1e-6) and K near 0.69 I: about 7e-7.
    expect(row['kl']).toBeGreaterThan(0);
    expect(row['kl']).toBeLessThan(1e-5);
  });

  test('shows the paper’s delay on the 0/1 task (Miller et al. 2023, its seeds and setting)', async () => {
    const rows: Record<string, number>[][] = [];
    for (const seed of [42, 52, 62, 72, 82]) {
      const learner = await create({}, seed);
      await learner.advance(10, Infinity);
      const early = await rowOf(learner);
      await learner.advance(500, Infinity);
      rows.push([early, await rowOf(learner)]);
    }
    const mean = (at: number, column: string): number =>
      meanOf(rows.map((row) => row[at]?.[column] as number));
    expect(mean(0, 'trainAccuracy')).toBe(1);
    expect(mean(0, 'testAccuracy')).toBeLessThan(0.8);
    expect(mean(1, 'testAccuracy')).toBeGreaterThan(0.95);
    expect(mean(1, 'lengthScale')).toBeGreaterThan(10 * mean(0, 'lengthScale'));
  });

  test('learns hidden parity with 40 inputs, each with its length scale column; ONNX Runtime multiplies', async () => {
    const dataset = {
      kind: 'hidden-parity',
      decoyKind: 'bits',
      parityBits: 3,
      decoys: 37,
      trainSize: 60,
      testSize: 30,
    } as const;
    const learner = await create({ dataset, model: { ...model, lengthScale: 3 } });
    expect(learner.backend).toMatchObject({ engine: 'onnxruntime-cpu', precision: 'float64', threads: 1 });
    const names = learner.columns
      .filter(({ quantity }) => quantity === 'length scale')
      .map(({ name }) => name);
    expect(names).toEqual(Array.from({ length: 40 }, (_, k) => `lengthScale:${k + 1}`));
    const before = await rowOf(learner);
    for (const name of names) expect(before[name]).toBeCloseTo(3, 12);
    await learner.advance(60, Infinity);
    const after = await rowOf(learner);
    expect(after['elbo']).toBeGreaterThan(before['elbo'] as number);
    expect(after['trainAccuracy']).toBeGreaterThan(0.9);
    expect(after['jitter']).toBe(model.jitter);
    await learner.dispose();
  });

  test('with more than 128 inputs the columns are mean and range of the length scales', async () => {
    const dataset = {
      kind: 'hidden-parity',
      decoyKind: 'normal',
      parityBits: 2,
      decoys: 130,
      trainSize: 12,
      testSize: 5,
    } as const;
    const learner = await create({ dataset, model: { ...model, lengthScale: 2 } });
    await learner.advance(3, Infinity);
    const row = await rowOf(learner);
    const [mean, least, most] = ['lengthScale', 'lengthScale:min', 'lengthScale:max'].map(
      (n) => row[n] as number,
    );
    expect(least).toBeLessThan(mean as number);
    expect(most).toBeGreaterThan(mean as number);
    expect(Math.abs((mean as number) - 2)).toBeLessThan(0.1);
    expect(row['lengthScale:1']).toBeUndefined();
  });

  test('advances once past its deadline and up to the effort asked', async () => {
    const learner = await create();
    await learner.advance(100, 0);
    expect(learner.effort).toBe(1);
    await learner.advance(5, Infinity);
    expect(learner.effort).toBe(5);
  });

  test('a restored learner goes on bit for bit, and evaluating changes nothing', async () => {
    const straight = await create();
    await straight.advance(60, Infinity);
    const first = await create();
    await first.advance(25, Infinity);
    await first.evaluate();
    const state = structuredClone(first.save());
    await first.advance(30, Infinity);
    const second = await create();
    second.restore(state);
    await second.advance(60, Infinity);
    expect(second.save()).toEqual(straight.save());
    expect(await second.evaluate()).toEqual(await straight.evaluate());
  });

  test('a state of another learner is refused', async () => {
    const state = (await create()).save();
    const other = await create({ dataset: { kind: 'zero-one', points: 30, trainSize: 10, testSize: 10 } });
    expect(() => other.restore(state)).toThrow('The checkpoint holds no float64 array');
  });

  test('without jitter and at a long length scale, jitter is added, recorded and kept across a checkpoint', async () => {
    const settings = { model: { ...model, lengthScale: 5, jitter: 0 } };
    const learner = await create(settings);
    const before = await rowOf(learner);
    // At least 1e-8 of the diagonal, which is the output scale.
    expect(before['jitter']).toBeGreaterThanOrEqual(0.99e-8 * Math.LN2);
    expect(before['jitter']).toBeLessThan(1e-4);
    await learner.advance(20, Infinity);
    const after = await rowOf(learner);
    expect(after['jitter']).toBeGreaterThanOrEqual(before['jitter'] as number);
    expect(Object.values(after).every(Number.isFinite)).toBe(true);
    const resumed = await create(settings);
    resumed.restore(learner.save());
    expect(await resumed.evaluate()).toEqual(await learner.evaluate());
  });

  test('an input that never varies is refused before the first update', async () => {
    const dataset = {
      kind: 'hidden-parity',
      decoyKind: 'bits',
      parityBits: 1,
      decoys: 2,
      trainSize: 1,
      testSize: 3,
    } as const;
    const refusal = create({ dataset });
    await expect(refusal).rejects.toThrow(InputError);
    await expect(refusal).rejects.toThrow(
      /dataset\.trainSize: got 1; expected training examples in which every input varies: 3 inputs have \(the first: 1\) one value in all 1 of seed 42/,
    );
  });

  test('a class without a training example is refused before the first update', () => {
    const check = (labels: number[]) => () => {
      requireBothClasses(arm().dataset, 42, Int32Array.from(labels));
    };
    expect(check([1, 1, 1])).toThrow(
      /dataset\.trainSize: got 3; expected training examples of both classes: seed 42 gives none of class 0/,
    );
    expect(check([0, 0])).toThrow(InputError);
    expect(check([0, 1])).not.toThrow();
  });

  test('a parameter that is not finite ends the run with its step', async () => {
    const learner = await create({ trainer: { ...adam, learningRate: 1000, epsilon: 1e-300 } });
    const state = learner.save();
    state.arrays['parameters']?.fill(1e200, 0, 1);
    learner.restore(state);
    const failure: unknown = await learner.advance(3, Infinity).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DivergedError);
    expect((failure as DivergedError).effort).toBe(1);
  });

  test('refuses an arm of another family', async () => {
    const dataset = { kind: 'modular-addition', p: 5, trainFraction: 0.5 } as const;
    await expect(create({ dataset })).rejects.toThrow(
      'The arm gp is not a two-class GP classifier trained by Adam.',
    );
  });
});

describe('Adam', () => {
  test('its first update has the size of the learning rate; warmup scales it from 0', () => {
    // With bias correction and one gradient throughout, m̂ = g and v̂ = g²: an update is learningRate · sign(g).
    for (const [warmupSteps, sizes] of [
      [0, [0.01, 0.01, 0.01]],
      [2, [0, 0.005, 0.01]],
    ] as const) {
      const parameters = Float64Array.of(1, 1);
      const moments = { first: new Float64Array(2), second: new Float64Array(2) };
      sizes.forEach((size, i) => {
        const before = parameters.slice();
        adamUpdate({ ...adam, warmupSteps }, i + 1, parameters, Float64Array.of(3, -0.2), moments);
        expect((before[0] as number) - (parameters[0] as number)).toBeCloseTo(size, 8);
        expect((parameters[1] as number) - (before[1] as number)).toBeCloseTo(size, 8);
      });
    }
  });

  test('weight decay is added to the gradient', () => {
    const moments = { first: new Float64Array(1), second: new Float64Array(1) };
    const parameters = Float64Array.of(2);
    adamUpdate({ ...adam, weightDecay: 0.5 }, 1, parameters, Float64Array.of(-3), moments);
    expect(moments.first[0]).toBeCloseTo(0.1 * (-3 + 0.5 * 2), 15);
    expect(moments.second[0]).toBeCloseTo(0.001 * 4, 15);
  });
});
