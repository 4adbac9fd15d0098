import { describe, expect, it } from 'vitest';
import type { MlpSpec } from '../../../shared/model-spec.ts';
import type { TokenDataset, VectorDataset } from '../../../main/datasets/dataset.ts';
import { createLocalComplexity, orthonormal } from '../../../main/measures/local-complexity.ts';
import { inputVectors } from '../../../main/measures/one-hot.ts';
import type { Network } from '../../../main/models/network.ts';
import { contextOf, measured } from './support.ts';

const relu = (hidden: number[]): MlpSpec => ({
  kind: 'mlp',
  hidden,
  activation: 'relu',
  outputBias: false,
  init: 'torch-default',
  initScale: 1,
});

const vectors = (dimensions: number, train: number[], test: number[]): VectorDataset => {
  const split = (inputs: number[]) => {
    const n = inputs.length / dimensions;
    return { n, inputs: Float64Array.from(inputs), labels: new Int32Array(n) };
  };
  return { kind: 'vectors', dimensions, classes: 2, train: split(train), test: split(test) };
};

describe('the local complexity', () => {
  it('of one input counts the knots within 0.05 of a point', async () => {
    // Knots at 0, 0.04 and 1; points 0 (two knots), 0.5 (none) to train, 1.03 (one) to test.
    const context = await contextOf({ model: relu([3]), dataset: vectors(1, [0, 0.5], [1.03]) });
    const parameters = [1, -2, 3, 0, 0.08, -3, 0, 0, 0, 0, 0, 0];
    const [result] = await measured(createLocalComplexity, context, parameters);
    expect(result?.columns).toEqual({ 'localComplexity:train': 1, 'localComplexity:test': 1 });
  });

  it('of two inputs counts lines that are nearer than r/√2, whatever the directions, and none beyond r', async () => {
    // Lines x₁ = 0.03 and x₂ = −0.06 around 0; both far from (1, 1).
    for (const seed of [0, 1, 2]) {
      const context = await contextOf({ model: relu([2]), dataset: vectors(2, [0, 0], [1, 1]), seed });
      const [result] = await measured(createLocalComplexity, context, [1, 0, 0, 1, -0.03, 0.06, 0, 0, 0, 0]);
      expect(result?.columns).toEqual({ 'localComplexity:train': 1, 'localComplexity:test': 0 });
    }
  });

  it('adds up the layers, each on the neighbourhood as the one before maps it', async () => {
    // Layer 1: x + 1, open everywhere near 0, scaled by 10; layer 2 breaks at 10·(x + 1) = 10.4, x = 0.04.
    const context = await contextOf({ model: relu([1, 1]), dataset: vectors(1, [0], [0.2]) });
    const [result] = await measured(createLocalComplexity, context, [10, 10, 1, -10.4, 0, 0]);
    expect(result?.columns).toEqual({ 'localComplexity:train': 1, 'localComplexity:test': 0 });
  });

  it('takes tokens as the one-hot vectors that an MLP reads', async () => {
    const split = { n: 1, tokens: Int32Array.of(0, 1, 2), labels: Int32Array.of(1) };
    const dataset: TokenDataset = {
      kind: 'tokens',
      vocabulary: 3,
      length: 3,
      classes: 2,
      train: split,
      test: { ...split, tokens: Int32Array.of(1, 1, 2) },
    };
    // One neuron: x₀ + y₁ − 2 − 0.001, zero near (0, 1) alone.
    const context = await contextOf({ model: relu([1]), dataset });
    const [result] = await measured(createLocalComplexity, context, [1, 0, 0, 1, -2.001, 0, 0]);
    expect(result?.columns).toEqual({ 'localComplexity:train': 1, 'localComplexity:test': 0 });
  });
});

describe('one-hot inputs', () => {
  const split = { n: 1, tokens: Int32Array.of(2, 0, 1), labels: Int32Array.of(0) };
  const sequences: TokenDataset = {
    kind: 'tokens',
    vocabulary: 4,
    length: 3,
    classes: 2,
    train: split,
    test: split,
  };
  const first = (rows: number): Network => ({
    parameters: [{ name: 'W.0', shape: [rows, 1], role: 'hidden', initial: () => 0 }],
    logits: (_, inputs) => inputs,
  });

  it('are of all positions where the first layer has rows for them', () => {
    expect(inputVectors(first(12), sequences, 'train').map((row) => [...row])).toEqual([
      [0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0],
    ]);
  });

  it('are of the two operands where it has rows for two classes’ worth', () => {
    const pair = { ...split, tokens: Int32Array.of(1, 0, 2) };
    expect(inputVectors(first(4), { ...sequences, train: pair }, 'train').map((row) => [...row])).toEqual([
      [0, 1, 1, 0],
    ]);
  });
});

describe('random directions', () => {
  it('are orthonormal', () => {
    const vectors = orthonormal(4, 6, 3);
    vectors.forEach((a, i) =>
      vectors.forEach((b, j) => {
        const product = a.reduce((sum, value, k) => sum + value * (b[k] as number), 0);
        expect(product).toBeCloseTo(i === j ? 1 : 0, 12);
      }),
    );
  });
});
