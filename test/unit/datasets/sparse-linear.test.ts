import { describe, expect, test } from 'vitest';
import type { RegressionDataset, VectorDataset } from '../../../main/datasets/dataset.ts';
import { buildDataset } from '../../../main/datasets/index.ts';
import { datasetSpec } from '../../../shared/dataset-spec.ts';

const common = { dimensions: 9, weights: 'signs', inputs: 'normal', trainSize: 60, testSize: 40 } as const;

/** The one input that the target of a 1-sparse regression copies, and the sign with which it does. */
function copied(seed: number): { at: number; sign: number } {
  const data = buildDataset({ kind: 'sparse-regression', nonzero: 1, ...common }, seed) as RegressionDataset;
  const found = Array.from({ length: 9 }, (_, at) => at).flatMap((at) =>
    [-1, 1].flatMap((sign) => {
      const isCopy = data.train.targets.every((y, i) => y === sign * (data.train.inputs[9 * i + at] ?? 0));
      return isCopy ? [{ at, sign }] : [];
    }),
  );
  expect(found.length).toBe(1);
  return found[0] as { at: number; sign: number };
}

describe('sparse linear data', () => {
  test.each([0, 1, 2, 3])('one input decides where one weight is not 0, seed %i', (seed) => {
    const { at, sign } = copied(seed);
    const spec = { kind: 'sparse-classification', nonzero: 1, margin: 3, ...common } as const;
    const data = buildDataset(spec, seed) as VectorDataset;
    for (const { n, inputs, labels } of [data.train, data.test]) {
      for (let i = 0; i < n; i++) {
        const x = sign * (inputs[9 * i + at] as number);
        expect(labels[i]).toBe(x > 0 ? 1 : 0);
        // The classes are a margin of 3 apart.
        expect(Math.abs(x)).toBeGreaterThanOrEqual(1.5);
      }
    }
  });

  test('a margin moves inputs along a unit vector of any direction, and leaves the labels', () => {
    const spec = { ...common, kind: 'sparse-classification', weights: 'normal', nonzero: 9 } as const;
    const plain = buildDataset({ ...spec, margin: 0 }, 5) as VectorDataset;
    const apart = buildDataset({ ...spec, margin: 8 }, 5) as VectorDataset;
    expect(apart.train.labels).toEqual(plain.train.labels);
    const shifts = plain.train.inputs.map((x, i) => (apart.train.inputs[i] as number) - x);
    const first = shifts.slice(0, 9);
    expect(Math.sqrt(first.reduce((sum, x) => sum + x * x, 0))).toBeCloseTo(4, 12);
    const flips = plain.train.labels.map((label) => (label === plain.train.labels[0] ? 1 : -1));
    shifts.forEach((shift, i) =>
      expect(shift).toBeCloseTo((flips[Math.floor(i / 9)] as number) * (first[i % 9] as number), 12),
    );
  });

  test('signs are −1 and 1, half of them each', () => {
    const spec = {
      ...common,
      kind: 'sparse-classification',
      inputs: 'signs',
      nonzero: 3,
      margin: 0,
    } as const;
    const data = buildDataset({ ...spec, dimensions: 100, trainSize: 1000 }, 0) as VectorDataset;
    expect(new Set(data.train.inputs)).toEqual(new Set([-1, 1]));
    // 100,000 signs: the mean has a standard error of 0.0032.
    expect(Math.abs(data.train.inputs.reduce((sum, x) => sum + x, 0) / 100_000)).toBeLessThan(0.016);
  });

  test('a sum of signs that can be 0 has no sign, and more weights than inputs do not exist', () => {
    const spec = { ...common, kind: 'sparse-classification', inputs: 'signs', margin: 0, nonzero: 4 };
    expect(datasetSpec.safeParse(spec).error?.issues.map((issue) => issue.message)).toEqual([
      'an odd number: a sum of an even number of signs can be 0, which has no sign',
    ]);
    const many = { ...common, kind: 'sparse-regression', nonzero: 10 };
    expect(datasetSpec.safeParse(many).error?.issues.map((issue) => issue.message)).toEqual([
      'at most dimensions',
    ]);
  });
});

describe('hidden parity of ±1', () => {
  test('has the inputs of Merrill et al.: the label is the product of the first bits', () => {
    const spec = { kind: 'hidden-parity', parityBits: 3, decoys: 4, decoyKind: 'bits' } as const;
    const data = buildDataset(
      { ...spec, bits: 'plus-minus-one', trainSize: 50, testSize: 10 },
      2,
    ) as VectorDataset;
    expect(new Set(data.train.inputs)).toEqual(new Set([-1, 1]));
    data.train.labels.forEach((label, i) => {
      const [a, b, c] = data.train.inputs.subarray(7 * i, 7 * i + 3) as unknown as [number, number, number];
      expect(a * b * c).toBe(label === 1 ? 1 : -1);
    });
    const zeroOne = buildDataset({ ...spec, trainSize: 50, testSize: 10 }, 2) as VectorDataset;
    expect(data.train.labels).toEqual(zeroOne.train.labels);
    expect(data.test.inputs).toEqual(zeroOne.test.inputs.map((bit) => 2 * bit - 1));
  });
});
