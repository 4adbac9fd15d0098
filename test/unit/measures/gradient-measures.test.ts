/** Measures of gradients, updates and curvature, against finite differences and closed forms. */
import { describe, expect, it } from 'vitest';
import type { Arm } from '../../../shared/study.ts';
import type { MlpSpec, PolynomialNetworkSpec } from '../../../shared/model-spec.ts';
import type { RegressionDataset, VectorDataset } from '../../../main/datasets/dataset.ts';
import { evaluate } from '../../../main/engine/evaluate.ts';
import { symmetricEigen } from '../../../main/linalg/symmetric-eigen.ts';
import { createGradientNorm } from '../../../main/measures/gradient-norm.ts';
import type { MeasureContext } from '../../../main/measures/measure.ts';
import { createSharpness, largestEigenvalue } from '../../../main/measures/sharpness.ts';
import { createUpdateSize } from '../../../main/measures/update-size.ts';
import { createNeuralLearnerOn } from '../../../main/training/neural-learner.ts';
import { examplesOf, networkFor } from '../../../main/training/neural-task.ts';
import { evaluationGraph } from '../../../main/training/training-graph.ts';
import { adam, atStart, contextOf, measured, taskOf } from './support.ts';

const model = {
  kind: 'mlp',
  hidden: [4],
  activation: 'tanh',
  outputBias: true,
  init: 'torch-default',
  initScale: 1,
} satisfies MlpSpec;

const split = {
  n: 6,
  inputs: Float64Array.from({ length: 12 }, (_, i) => Math.sin(3 * i + 1)),
  labels: Int32Array.of(0, 1, 2, 0, 2, 1),
};
const dataset: VectorDataset = { kind: 'vectors', dimensions: 2, classes: 3, train: split, test: split };
const parameters = Float64Array.from({ length: 27 }, (_, i) => 0.7 * Math.sin(1.3 * i + 0.4));

/** Mean cross-entropy on the training examples, by the reference interpreter. */
function lossOf(at: Float64Array): number {
  const train = examplesOf(dataset, 'train', 'float64');
  const graph = evaluationGraph(networkFor(model, dataset), train, 'float64', 'cross-entropy');
  const [losses] = evaluate([graph['losses'] as never], { parameters: at });
  return [...(losses as Float64Array)].reduce((sum, value) => sum + value, 0) / split.n;
}

function moved(...steps: readonly (readonly [number, number])[]): Float64Array {
  const at = parameters.slice();
  for (const [i, by] of steps) at[i] = (at[i] as number) + by;
  return at;
}

const h = 1e-4;
const slopes = Float64Array.from(
  parameters,
  (_, i) => (lossOf(moved([i, h])) - lossOf(moved([i, -h]))) / (2 * h),
);

describe('the gradient measures', () => {
  it('equal central differences of the loss', async () => {
    const [result] = await measured(createGradientNorm, await contextOf({ model, dataset }), parameters);
    const norm = Math.hypot(...slopes);
    const along = slopes.reduce((sum, slope, i) => sum + slope * (parameters[i] as number), 0);
    const size = Math.hypot(...parameters);
    const across = slopes.map((slope, i) => slope - (along / size ** 2) * (parameters[i] as number));
    expect(result?.columns['gradientNorm']).toBeCloseTo(norm, 7);
    expect(result?.columns['descentAlongWeights']).toBeCloseTo(-along / (norm * size), 7);
    expect(result?.columns['gradientAcross']).toBeCloseTo(Math.hypot(...across), 7);
  });

  it('see descent along the weights of a network that is linear in them, on separable data', async () => {
    // f = Σ_i w_i·x with one input x = 1 and y = large: −∂L/∂w is the same positive number for every w.
    const polynomial = {
      kind: 'polynomial-network',
      hidden: 3,
      outputScale: 1,
      quadratic: 0,
    } satisfies PolynomialNetworkSpec;
    const one = { n: 1, inputs: Float64Array.of(1), targets: Float64Array.of(10) };
    const regression: RegressionDataset = { kind: 'regression', dimensions: 1, train: one, test: one };
    const context = await contextOf({
      model: polynomial,
      dataset: regression,
      trainer: { ...adam, loss: 'mse' },
    });
    const [result] = await measured(createGradientNorm, context, [2, 2, 2]);
    // f = 2; L = (f − 10)²; ∂L/∂w_i = 2 · (−8) / 3.
    expect(result?.columns['gradientNorm']).toBeCloseTo((16 / 3) * Math.sqrt(3), 12);
    expect(result?.columns['descentAlongWeights']).toBeCloseTo(1, 12);
    expect(result?.columns['gradientAcross']).toBeCloseTo(0, 6);
  });
});

describe('the update size', () => {
  const sizeOf = async (context: MeasureContext, updates: number): Promise<number[][]> => {
    const task = taskOf(context);
    const { trainer } = context.arm;
    if (trainer.kind === 'direct') throw new Error('unreachable');
    const learner = await createNeuralLearnerOn(context.engine, task, trainer, 0);
    if (updates > 0) await learner.advance(updates, Infinity);
    const measure = await createUpdateSize(context);
    const before = Float64Array.from(learner.parameters);
    const { columns } = await measure.evaluate(before, learner.training);
    await measure.dispose();
    await learner.advance(updates + 1, Infinity);
    const change = Float64Array.from(learner.parameters, (value, i) => value - (before[i] as number));
    await learner.dispose();
    return [columns, [Math.hypot(...change), Math.hypot(...change) / Math.hypot(...before)]];
  };

  it.each([0, 7])(
    'is that of the update made after %i others, moments and schedule included',
    async (updates) => {
      const trainer: Arm['trainer'] = {
        ...adam,
        kind: 'adamw',
        weightDecay: 0.5,
        warmupSteps: 10,
        gradientFilter: { kind: 'grokfast-ema', alpha: 0.9, lambda: 2 },
      };
      const [found, expected] = await sizeOf(await contextOf({ model, dataset, trainer }), updates);
      expect(found).toHaveLength(2);
      found?.forEach((value, i) => expect(value).toBeCloseTo(expected?.[i] as number, 12));
    },
  );

  it('is the learning rate times the gradient in plain descent', async () => {
    const trainer: Arm['trainer'] = {
      kind: 'sgd',
      learningRate: 0.25,
      weightDecay: 0,
      momentum: 0,
      batchSize: 'full',
    };
    const context = await contextOf({ model, dataset, trainer });
    const [result] = await measured(createUpdateSize, context, parameters);
    expect(result?.columns['updateNorm']).toBeCloseTo(0.25 * Math.hypot(...slopes), 7);
  });
});

describe('the sharpness', () => {
  it('is the largest eigenvalue of the Hessian by second differences', async () => {
    const [result] = await measured(createSharpness, await contextOf({ model, dataset }), parameters);
    const n = parameters.length;
    const d = 1e-3;
    const hessian = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        const corners = [
          [1, 1],
          [1, -1],
          [-1, 1],
          [-1, -1],
        ].map(([a = 0, b = 0]) => a * b * lossOf(moved([i, a * d], [j, b * d])));
        hessian[i * n + j] = corners.reduce((sum, value) => sum + value, 0) / (4 * d * d);
      }
    }
    const { values } = symmetricEigen(hessian, n);
    const top = values[n - 1] as number;
    expect(result?.columns['sharpness']).toBeGreaterThan(top * (1 - 2e-3));
    expect(result?.columns['sharpness']).toBeLessThan(top * (1 + 1e-4));
  });

  it('finds the top of a known spectrum, negative values and zero included', async () => {
    const spectrum = [-9, -2, 0, 0.5, 3, 3.1];
    const times = (diagonal: readonly number[]) => (v: Float64Array) =>
      Promise.resolve(v.map((x, i) => x * (diagonal[i] as number)));
    const ones = new Float64Array(6).fill(1);
    expect(await largestEigenvalue(times(spectrum), ones)).toBeCloseTo(3.1, 2);
    expect(await largestEigenvalue(times(spectrum.map((x) => -x)), ones)).toBeCloseTo(9, 2);
    expect(await largestEigenvalue(times(spectrum.map(() => 0)), ones)).toBe(0);
  });

  it('is 2/n Σ x² of a linear model with a squared error', async () => {
    const polynomial = {
      kind: 'polynomial-network',
      hidden: 1,
      outputScale: 1,
      quadratic: 0,
    } satisfies PolynomialNetworkSpec;
    const points = { n: 3, inputs: Float64Array.of(1, 2, -2), targets: Float64Array.of(1, 0, 5) };
    const regression: RegressionDataset = { kind: 'regression', dimensions: 1, train: points, test: points };
    const trainer: Arm['trainer'] = { ...adam, loss: 'mse' };
    const context = await contextOf({ model: polynomial, dataset: regression, trainer });
    const [result] = await measured(createSharpness, context, [0.3]);
    expect(result?.columns['sharpness']).toBeCloseTo((2 / 3) * 9, 12);
  });
});

describe('measures of a state without moments', () => {
  it('take the moments as zero', async () => {
    const context = await contextOf({ model, dataset });
    const measure = await createUpdateSize(context);
    const { columns } = await measure.evaluate(parameters, atStart);
    await measure.dispose();
    // Adam's first update moves every weight by the learning rate, whatever its gradient.
    expect(columns[0]).toBeCloseTo(0.01 * Math.sqrt(27), 6);
  });
});
