import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Dataset, RegressionDataset } from '../../../main/datasets/dataset.ts';
import { buildDataset } from '../../../main/datasets/index.ts';
import { symmetricEigen } from '../../../main/linalg/symmetric-eigen.ts';
import { denseTask } from '../../../main/models/dense-task.ts';
import {
  createKernelRidgeLearner,
  geometricSum,
  KernelRidgeLearner,
} from '../../../main/models/kernel-ridge.ts';
import { arcCosine, reluNtk } from '../../../main/models/relu-ntk.ts';
import type { Learner } from '../../../main/training/learner.ts';
import { DivergedError } from '../../../shared/errors.ts';
import type { KernelRidgeSpec } from '../../../shared/model-spec.ts';
import { parseStudy, type Arm } from '../../../shared/study.ts';
import type { SgdSpec } from '../../../shared/trainer-spec.ts';
// From scipy.integrate.dblquad, torch autograd on wide networks, scikit-learn's KernelRidge, and NumPy:
// golden/kernel_ridge.py.
import golden from './golden/kernel_ridge.json';

const spec: KernelRidgeSpec = {
  kind: 'kernel-ridge',
  kernel: 'relu-ntk',
  hidden: [64],
  outputBias: true,
  init: 'torch-default',
  initScale: 1,
};
const sgd: SgdSpec = { kind: 'sgd', learningRate: 0.05, weightDecay: 0, momentum: 0, batchSize: 'full' };

function relative(actual: number, expected: number): number {
  return Math.abs(actual - expected) / Math.abs(expected);
}

async function rowOf(learner: Learner): Promise<Record<string, number>> {
  const values = await learner.evaluate();
  expect(values).toHaveLength(learner.columns.length);
  return Object.fromEntries(learner.columns.map(({ name }, i) => [name, values[i] as number]));
}

describe('the neural tangent kernel of a ReLU network', () => {
  test('Gaussian expectations of ReLU agree with numerical integration', () => {
    for (const { a, b, c, activations, slopes } of golden.pairs) {
      expect(arcCosine(a, b, c).activations).toBeCloseTo(activations, 10);
      expect(arcCosine(a, b, c).slopes).toBeCloseTo(slopes, 10);
    }
    expect(arcCosine(3, 3, 3)).toEqual({ activations: 1.5, slopes: 0.5 });
    expect(arcCosine(2, 0, 0)).toEqual({ activations: 0, slopes: 0 });
  });

  const cases = golden.kernels.map(({ x, y, hidden, outputs, init, initScale, outputBias, ...expected }) => ({
    spec: { ...spec, hidden, init: init as KernelRidgeSpec['init'], initScale, outputBias },
    outputs,
    rows: Float64Array.from([...x, ...y]),
    ...expected,
  }));

  test('follows the recursion, with expectations by numerical integration', () => {
    for (const { spec: model, outputs, rows, xx, xy } of cases) {
      const kernel = reluNtk(model, 12, outputs, rows, rows);
      expect(relative(kernel[0] as number, xx)).toBeLessThan(1e-10);
      expect(relative(kernel[1] as number, xy)).toBeLessThan(1e-9);
      expect(kernel[2]).toBe(kernel[1]);
    }
  });

  test('is what wide random networks have, by torch autograd, to 3 %', () => {
    for (const { spec: model, outputs, rows, empirical } of cases) {
      if (empirical === null) continue;
      const kernel = reluNtk(model, 12, outputs, rows, rows);
      expect(relative(kernel[1] as number, empirical.mean)).toBeLessThan(0.03);
    }
  });

  test('is symmetric and positive semi-definite, also where rows repeat', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 12, maxLength: 30 }),
        fc.integer({ min: 1, max: 3 }),
        (values, depth) => {
          const n = Math.floor(values.length / 3) + 1;
          const rows = Float64Array.from([...values.slice(0, (n - 1) * 3), ...values.slice(0, 3)]);
          const kernel = reluNtk({ ...spec, hidden: Array<number>(depth).fill(16) }, 3, 2, rows, rows);
          const { values: spectrum } = symmetricEigen(kernel, n);
          expect(spectrum[0]).toBeGreaterThan(-1e-7 * (spectrum.at(-1) as number));
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('the sum of a geometric series', () => {
  test('is exact for large and small ratios', () => {
    expect(geometricSum(0, 7)).toBe(7);
    expect(geometricSum(1, 9)).toBe(1);
    expect(geometricSum(0.5, 3)).toBeCloseTo(1.75, 14);
    expect(geometricSum(1.5, 2)).toBeCloseTo(0.5, 14);
    expect(relative(geometricSum(1e-18, 1e6), 1e6)).toBeLessThan(1e-11);
    expect(relative(geometricSum(1e-9, 1e12), 1e9)).toBeLessThan(1e-12);
  });
});

const { descent } = golden;
const regression: RegressionDataset = {
  kind: 'regression',
  dimensions: 3,
  outputs: 2,
  train: { n: 8, inputs: Float64Array.from(descent.train), targets: Float64Array.from(descent.targets) },
  test: { n: 5, inputs: Float64Array.from(descent.test), targets: Float64Array.from(descent.held) },
};
const trainer = { ...sgd, learningRate: descent.learningRate, weightDecay: descent.weightDecay };

describe('kernel ridge regression', () => {
  test('is where gradient descent is after so many steps, by NumPy', async () => {
    const learner = new KernelRidgeLearner(spec, trainer, regression);
    await learner.advance(descent.steps);
    const row = await rowOf(learner);
    expect(relative(row['trainLoss'] as number, descent.trainLoss)).toBeLessThan(1e-9);
    expect(relative(row['testLoss'] as number, descent.testLoss)).toBeLessThan(1e-9);
    expect(relative(row['weightMovement'] as number, descent.movement)).toBeLessThan(1e-9);
  });

  test('goes to the solution of scikit-learn’s KernelRidge', async () => {
    const learner = new KernelRidgeLearner(spec, trainer, regression);
    await learner.advance(100_000);
    const row = await rowOf(learner);
    expect(relative(row['trainLoss'] as number, golden.ridge.trainLoss)).toBeLessThan(1e-9);
    expect(relative(row['testLoss'] as number, golden.ridge.testLoss)).toBeLessThan(1e-9);
  });

  test('starts at the function 0', async () => {
    const learner = new KernelRidgeLearner(spec, trainer, regression);
    const { trainLoss, weightMovement } = await rowOf(learner);
    const square = descent.targets.reduce((sum, value) => sum + value ** 2, 0) / descent.targets.length;
    expect(trainLoss).toBeCloseTo(square, 12);
    expect(weightMovement).toBe(0);
    expect((await learner.snapshot(true))['spectrum.mean']?.reduce((sum, share) => sum + share)).toBeCloseTo(
      1,
      12,
    );
  });

  test('its panel shows what is left of the targets along every eigenvector', async () => {
    const learner = new KernelRidgeLearner(spec, sgd, regression);
    await learner.advance(30);
    const { 'spectrum.x': x, 'spectrum.mean': left } = await learner.snapshot(true);
    const { trainLoss } = await rowOf(learner);
    const square = descent.targets.reduce((sum, value) => sum + value ** 2, 0) / descent.targets.length;
    expect(left?.reduce((sum, share) => sum + share)).toBeCloseTo((trainLoss as number) / square, 10);
    expect([...(x ?? [])]).toEqual([...(x ?? [])].toSorted((a, b) => a - b));
    expect(Object.keys(await learner.snapshot(false))).toEqual(['spectrum.mean']);
  });

  test('a learning rate that is too large ends with the step at which it diverged', async () => {
    const learner = new KernelRidgeLearner(spec, { ...sgd, learningRate: 100 }, regression);
    await expect(learner.advance(10_000)).rejects.toThrow(DivergedError);
  });

  test('resumes from its effort alone', async () => {
    const straight = new KernelRidgeLearner(spec, sgd, regression);
    await straight.advance(50);
    const first = new KernelRidgeLearner(spec, sgd, regression);
    await first.advance(20);
    const second = new KernelRidgeLearner(spec, sgd, regression);
    second.restore(structuredClone(first.save()));
    await second.advance(50);
    expect(await second.evaluate()).toEqual(await straight.evaluate());
    expect(second.save()).toEqual(straight.save());
  });

  test('classes are one-hot targets; tokens are read as the one-hot vectors of a and b', () => {
    const task = denseTask(buildDataset({ kind: 'modular-addition', p: 5, trainFraction: 0.6 }, 0));
    expect([task.dimensions, task.outputs, task.isClassification, task.train.n]).toEqual([10, 5, true, 15]);
    for (const { n, inputs, targets, labels } of [task.train, task.test]) {
      for (let i = 0; i < n; i++) {
        const row = [...inputs.slice(i * 10, i * 10 + 10)];
        const [a, b] = [row.indexOf(1), row.indexOf(1, 5) - 5];
        expect(row.filter((value) => value !== 0)).toEqual([1, 1]);
        expect((a + b) % 5).toBe(labels?.[i]);
        expect(targets[i * 5 + ((a + b) % 5)]).toBe(1);
        expect(targets.slice(i * 5, i * 5 + 5).reduce((sum, value) => sum + value)).toBe(1);
      }
    }
  });
});

function arm(changes: Record<string, unknown> = {}): Arm {
  return {
    id: 'lazy',
    title: 'Lazy',
    dataset: {
      kind: 'hidden-parity',
      parityBits: 3,
      decoys: 27,
      decoyKind: 'bits',
      trainSize: 300,
      testSize: 200,
    },
    model: { ...spec, hidden: [200] },
    trainer: sgd,
    budget: { maxEffort: 100_000 },
    thresholds: { metric: 'accuracy', train: 0.95, test: 0.95, sustain: 1 },
    record: { every: 10_000, perDecade: 10 },
    seeds: [0],
    ...changes,
  } as Arm;
}

describe('an arm with a kernel', () => {
  test('fits hidden parity and does not generalize: it learns no features', async () => {
    const learner = await createKernelRidgeLearner(arm(), 1, { threads: 1, device: null });
    expect(learner.columns.map(({ name }) => name).slice(0, 2)).toEqual(['trainAccuracy', 'testAccuracy']);
    await learner.advance(100_000, Infinity);
    const row = await rowOf(learner);
    expect(row['trainAccuracy']).toBe(1);
    expect(row['testAccuracy']).toBeLessThan(0.75);
  });

  test('records losses alone for a regression', () => {
    const learner = new KernelRidgeLearner(spec, sgd, regression as Dataset);
    expect(learner.columns.map(({ name }) => name)).toEqual(['trainLoss', 'testLoss', 'weightMovement']);
  });

  const check = (changes: Record<string, unknown>) =>
    parseStudy({
      schemaVersion: 1,
      id: 'lazy',
      title: 'Lazy',
      question: 'Is it lazy?',
      paper: null,
      arms: [arm(changes)],
      claims: [],
    });

  test.each([
    [{ trainer: { ...sgd, momentum: 0.9 } }, 'arms[0].trainer.momentum', '0: the closed form'],
    [{ trainer: { ...sgd, batchSize: 10 } }, 'arms[0].trainer.batchSize', '"full"'],
    [{ dataset: { kind: 'modular-addition', p: 97, trainFraction: 0.5 } }, 'arms[0].dataset', 'at most 2000'],
    [
      { dataset: { kind: 'linear-teacher-student', dimensions: 5, trainSize: 5, testSize: 5 } },
      'arms[0].thresholds.metric',
      'has no classes',
    ],
  ])('is refused with the field and the fix: %#', (changes, path, fix) => {
    expect(() => check(changes)).toThrow(path);
    expect(() => check(changes)).toThrow(fix);
  });

  test('is accepted, and another family is refused by the learner', async () => {
    expect(check({}).arms).toHaveLength(1);
    const other = arm({ model: { kind: 'mlp' } });
    await expect(createKernelRidgeLearner(other, 0, { threads: 1, device: null })).rejects.toThrow(
      'is not a kernel ridge regression',
    );
  });
});
