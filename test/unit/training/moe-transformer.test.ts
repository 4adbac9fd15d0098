/** The mixture of experts against PyTorch (golden/moe.py): training, routing, and the load-balance loss. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../main/engine/evaluate.ts';
import { constant, type Tensor } from '../../../main/engine/trace.ts';
import { moeTransformer } from '../../../main/models/moe-transformer.ts';
import type { Parameters } from '../../../main/models/network.ts';
import { createNeuralLearnerOn } from '../../../main/training/neural-learner.ts';
import type { MoeTransformerSpec } from '../../../shared/model-spec.ts';
import { adamw, curve, engineOn, taskOf, withWeights, type Examples } from './support.ts';

const golden = JSON.parse(readFileSync(new URL('golden/moe.json', import.meta.url), 'utf8')) as {
  weights: Record<string, number[]>;
  train: Examples;
  test: Examples;
  rows: Record<string, number[]>;
  routing: number[][];
  balance: number;
};

const spec: MoeTransformerSpec = {
  kind: 'moe-transformer',
  layers: 2,
  dModel: 6,
  heads: 2,
  dMlp: 5,
  activation: 'relu',
  layerNorm: 'pre',
  experts: 4,
  expertsPerToken: 2,
  balanceWeight: 0.3,
};
const network = moeTransformer(spec, 6, 3);
const weights: Parameters = Object.fromEntries(
  network.parameters.map(({ name, shape }) => [name, constant(golden.weights[name] ?? [], shape, 'float64')]),
);
const inputs = constant(golden.train.inputs, [golden.train.labels.length, 3], 'int32');
const valuesOf = (tensors: readonly Tensor[]): number[][] => evaluate(tensors).map((one) => [...one]);

describe.each([
  ['float64', 1e-9],
  ['float32', 3e-4],
] as const)('in %s', (precision, tolerance) => {
  it('losses, accuracies and weight norms are those of PyTorch', async () => {
    const { train, test, rows } = golden;
    const task = taskOf(withWeights(network, golden.weights), train, test, 'int32');
    const learner = await createNeuralLearnerOn(await engineOn(null, precision), task, adamw, 0);
    try {
      const found = await curve(learner, Object.keys(rows).map(Number));
      Object.entries(rows).forEach(([step, expected], i) =>
        expected.forEach((value, column) => {
          const error = Math.abs((found[i]?.[column] as number) - value) / Math.max(1e-2, Math.abs(value));
          expect(error, `${learner.columns[column]?.name} at step ${step}`).toBeLessThan(tolerance);
        }),
      );
    } finally {
      await learner.dispose();
    }
  });
});

it('shows the probabilities of its routers', () => {
  const found = valuesOf(network.routing?.(weights, inputs) ?? []);
  expect(found.length).toBe(2);
  found.forEach((layer, i) =>
    layer.forEach((value, k) => expect(value).toBeCloseTo(golden.routing[i]?.[k] as number, 12)),
  );
});

it('the load-balance loss is that of the batch, and weighs its examples', () => {
  const penalty = (examples: Tensor, of: Tensor | null): number =>
    valuesOf([network.penalty?.(weights, examples, of) as Tensor])[0]?.[0] as number;
  expect(penalty(inputs, null)).toBeCloseTo(0.3 * golden.balance, 12);
  // A row that fills up a batch has the weight 0.
  const n = golden.train.labels.length;
  const padded = constant([...golden.train.inputs, 0, 0, 5], [n + 1, 3], 'int32');
  const shares = constant([...golden.train.labels.map(() => 1 / n), 0], [n + 1], 'float64');
  expect(penalty(padded, shares)).toBeCloseTo(0.3 * golden.balance, 12);
  const without = moeTransformer({ ...spec, balanceWeight: 0 }, 6, 3);
  expect(without.penalty).toBeUndefined();
});

it('of equal probabilities the first experts are taken, and hidden layers are 0 where none was', () => {
  const equal = { ...weights, 'W_R.0': constant(new Array<number>(24).fill(0), [4, 6], 'float64') };
  const [layer] = network.forward?.(equal, inputs).hidden ?? [];
  const [active = []] = valuesOf([layer as Tensor]);
  const used = [0, 1, 2, 3].map((e) =>
    active.some((value, i) => Math.floor((i % 20) / 5) === e && value !== 0),
  );
  expect(used).toEqual([true, true, false, false]);
});
