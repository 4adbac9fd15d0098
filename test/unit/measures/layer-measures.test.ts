/** Measures of hidden layers: effective dimension, linear probes, active subnetwork. */
import { describe, expect, it } from 'vitest';
import probes from './golden/linear_probes.json' with { type: 'json' };
import type { MlpSpec } from '../../../shared/model-spec.ts';
import type { VectorDataset } from '../../../main/datasets/dataset.ts';
import { createActiveSubnetwork, leastThat } from '../../../main/measures/active-subnetwork.ts';
import { createEffectiveDimension, participationRatio } from '../../../main/measures/effective-dimension.ts';
import { createLinearProbes, ridgeAnswers } from '../../../main/measures/linear-probes.ts';
import { subsetOf } from '../../../main/measures/subset.ts';
import { contextOf, measured } from './support.ts';

const relu = (hidden: number[]): MlpSpec => ({
  kind: 'mlp',
  hidden,
  activation: 'relu',
  outputBias: false,
  init: 'torch-default',
  initScale: 1,
});

describe('the effective dimension', () => {
  it('is (Σλ)²/Σλ² of the covariance’s eigenvalues', () => {
    // Centred columns at right angles with variances 4 : 1 : 1 (each of four points).
    const points = [2, 1, 1, -2, 1, -1, 2, -1, -1, -2, -1, 1];
    expect(participationRatio(points, 3)).toBeCloseTo(36 / 18, 12);
    expect(
      participationRatio(
        points.map((value) => 5 + 3 * value),
        3,
      ),
    ).toBeCloseTo(2, 12);
  });

  it('is 1 on a line and 0 for a constant', () => {
    const line = Float64Array.from({ length: 30 }, (_, i) => Math.sin(1 + Math.floor(i / 3)) * ((i % 3) + 1));
    expect(participationRatio(line, 3)).toBeCloseTo(1, 12);
    expect(participationRatio(new Float64Array(12).fill(4), 3)).toBe(0);
  });

  it('is read off every hidden layer', async () => {
    // Inputs ±e1, ±e2 through the identity and a shift that keeps ReLU open; then everything onto one neuron.
    const split = {
      n: 4,
      inputs: Float64Array.of(1, 0, -1, 0, 0, 1, 0, -1),
      labels: Int32Array.of(0, 0, 1, 1),
    };
    const dataset: VectorDataset = { kind: 'vectors', dimensions: 2, classes: 2, train: split, test: split };
    const context = await contextOf({ model: relu([2, 2]), dataset });
    const first = [1, 0, 0, 1, 2, 2];
    const second = [1, 0, 0, 0, 0, 0];
    const [result] = await measured(createEffectiveDimension, context, [...first, ...second, 0, 0, 0, 0]);
    expect(result?.columns['dimension:hidden0']).toBeCloseTo(2, 12);
    expect(result?.columns['dimension:hidden1']).toBeCloseTo(1, 12);
  });
});

describe('linear probes', () => {
  it.each(probes)('answer as NumPy’s normal equations do ($n examples, width $width)', (golden) => {
    const { n, m, width, classes, answers } = golden;
    const train = Float64Array.from({ length: n * width }, (_, i) => Math.sin(1.7 * i + 0.3 * (i % 11) ** 2));
    const test = Float64Array.from({ length: m * width }, (_, i) => Math.cos(0.9 * i + 0.2 * (i % 7) ** 2));
    const labels = Int32Array.from({ length: n }, (_, i) => (i * i + Math.floor(i / 3)) % classes);
    expect([...ridgeAnswers(train, labels, test, width)]).toEqual(answers);
  });

  it('say the most frequent class of a layer that is constant', () => {
    const labels = Int32Array.of(2, 1, 2, 0);
    expect([...ridgeAnswers(new Float64Array(8).fill(3), labels, Float64Array.of(1, 5), 2)]).toEqual([2]);
  });

  it('see a class where a layer holds it and lose it where a layer drops it', async () => {
    // Class: sign of x1. Layer 1 keeps x1 and −x1; layer 2 has |x1|-like sums only: constant on ±1.
    const inputs = Float64Array.from({ length: 40 }, (_, i) =>
      i % 2 === 0 ? (i % 4 === 0 ? 1 : -1) : Math.sin(i),
    );
    const labels = Int32Array.from({ length: 20 }, (_, i) => i % 2);
    const split = { n: 20, inputs, labels };
    const dataset: VectorDataset = { kind: 'vectors', dimensions: 2, classes: 2, train: split, test: split };
    const context = await contextOf({ model: relu([2, 1]), dataset });
    const first = [1, -1, 0, 0, 0, 0];
    const second = [1, 1, 0];
    const [result] = await measured(createLinearProbes, context, [...first, ...second, 1, -1]);
    expect(result?.columns).toEqual({ 'probe:hidden0': 1, 'probe:hidden1': 0.5 });
  });
});

describe('the active subnetwork', () => {
  const split = {
    n: 4,
    inputs: Float64Array.of(1, -1, 2, -2),
    labels: Int32Array.of(0, 1, 0, 1),
  };
  const dataset: VectorDataset = { kind: 'vectors', dimensions: 1, classes: 2, train: split, test: split };

  it('is the two neurons that a rule needs among five', async () => {
    // Neurons 1 and 3 carry the sign with the largest norms; 0, 2 and 4 are small and disturb nothing.
    const into = [0.1, 3, 0.2, -4, 0.05];
    const out = [0.01, 0, 0, 0, 1, 0, 0.01, 0, 0, 0, 0, 1, 0, 0.01, 0];
    // Class 0 never answers: without its neuron an example is wrong.
    const three = { ...split, labels: Int32Array.of(1, 2, 1, 2) };
    const context = await contextOf({
      model: relu([5]),
      dataset: { kind: 'vectors', dimensions: 1, classes: 3, train: three, test: three },
    });
    const parameters = [...into, 0, 0, 0, 0, 0, ...out];
    const [result] = await measured(createActiveSubnetwork, context, parameters);
    expect(result?.columns['activeNeurons']).toBe(2);
  });

  it('is every neuron where the smallest one decides, and none where the network answers alike', async () => {
    const context = await contextOf({ model: relu([3]), dataset });
    const decisive = [3, 2, -1, 0, 0, 0, ...[0, 0, 0, 0, 0, 1]];
    const constant = [3, 2, -1, 0, 0, 0, ...[1, 1, 1, 1, 1, 1]];
    const results = await measured(createActiveSubnetwork, context, decisive, constant);
    expect(results.map(({ columns }) => columns['activeNeurons'])).toEqual([3, 0]);
  });

  it.each([0, 1, 5, 8])('is found where it is %i of 8', async (least) => {
    expect(await leastThat((count) => Promise.resolve(count >= least), 8)).toBe(least);
  });
});

describe('a part of a dataset', () => {
  const split = (n: number) => ({
    n,
    inputs: Float64Array.from({ length: 2 * n }, (_, i) => i),
    labels: Int32Array.from({ length: n }, (_, i) => i),
  });
  const whole: VectorDataset = {
    kind: 'vectors',
    dimensions: 2,
    classes: 9,
    train: split(9),
    test: split(3),
  };

  it('keeps rows together and in order, the same for one seed, and small splits whole', () => {
    const part = subsetOf(whole, { train: 4, test: 5 }, 7);
    expect(part.train.n).toBe(4);
    const labels = [...part.train.labels];
    expect(labels).toEqual([...labels].sort((a, b) => a - b));
    expect(new Set(labels).size).toBe(4);
    expect([...part.train.inputs]).toEqual(labels.flatMap((row) => [2 * row, 2 * row + 1]));
    expect(part.test).toBe(whole.test);
    expect(subsetOf(whole, { train: 4, test: 5 }, 7)).toEqual(part);
    const apart = { ...whole, counted: 2 };
    expect([...subsetOf(apart, { train: 9, test: 5 }, 7).test.labels]).toEqual([0, 1]);
    const others = [1, 2, 3, 4].map((seed) => [...subsetOf(whole, { train: 4, test: 5 }, seed).train.labels]);
    expect(others.some((other) => String(other) !== String(labels))).toBe(true);
  });
});
