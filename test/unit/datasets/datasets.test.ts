import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type {
  RegressionDataset,
  TokenDataset,
  TokenSplit,
  VectorDataset,
} from '../../../main/datasets/dataset.ts';
import { buildDataset } from '../../../main/datasets/index.ts';
import { datasetSizes, type DatasetSpec } from '../../../shared/dataset-spec.ts';

const seeds = fc.integer({ min: 0, max: 4_294_967_295 });

/** Any small spec of any kind, valid as `parseStudy` would have it. */
const specs: fc.Arbitrary<DatasetSpec> = fc.oneof(
  fc.record({
    kind: fc.constant('modular-addition' as const),
    p: fc.integer({ min: 2, max: 23 }),
    trainFraction: fc.double({ min: 0.3, max: 0.7, noNaN: true }),
  }),
  fc.record({
    kind: fc.constant('hidden-parity' as const),
    parityBits: fc.integer({ min: 1, max: 5 }),
    decoys: fc.integer({ min: 0, max: 9 }),
    decoyKind: fc.constantFrom('bits' as const, 'normal' as const),
    trainSize: fc.integer({ min: 1, max: 40 }),
    testSize: fc.integer({ min: 1, max: 40 }),
  }),
  fc
    .record({
      trainSize: fc.integer({ min: 1, max: 20 }),
      testSize: fc.integer({ min: 1, max: 20 }),
      unused: fc.integer({ min: 0, max: 5 }),
      slope: fc.double({ min: -2, max: 2, noNaN: true }),
      regression: fc.boolean(),
    })
    .map(({ trainSize, testSize, unused, slope, regression }): DatasetSpec => {
      const sizes = { points: trainSize + testSize + unused, trainSize, testSize };
      return regression ? { kind: 'slope-regression', slope, ...sizes } : { kind: 'zero-one', ...sizes };
    }),
);

describe('every dataset', () => {
  test('has the split sizes that datasetSizes promises', () => {
    fc.assert(
      fc.property(specs, seeds, (spec, seed) => {
        const { train, test: testSplit } = buildDataset(spec, seed);
        const sizes = datasetSizes(spec);
        expect([train.n, testSplit.n]).toEqual([sizes.train, sizes.test]);
      }),
    );
  });

  test('is the same for the same seed, and not for another', () => {
    fc.assert(
      fc.property(specs, seeds, (spec, seed) => {
        expect(buildDataset(spec, seed)).toEqual(buildDataset(spec, seed));
      }),
    );
    const spec: DatasetSpec = { kind: 'zero-one', points: 100, trainSize: 20, testSize: 20 };
    expect(buildDataset(spec, 42)).not.toEqual(buildDataset(spec, 52));
  });
});

describe('modular addition', () => {
  const pairs = (split: TokenSplit): number[] =>
    Array.from(
      { length: split.n },
      (_, i) => (split.tokens[3 * i] as number) * 1000 + (split.tokens[3 * i + 1] as number),
    );

  test('splits p = 113 at 0.3 into 3830 and 8939 pairs (Nanda et al. 2023)', () => {
    const data = buildDataset({ kind: 'modular-addition', p: 113, trainFraction: 0.3 }, 0) as TokenDataset;
    expect([data.train.n, data.test.n]).toEqual([3830, 8939]);
    expect([data.vocabulary, data.length, data.classes]).toEqual([114, 3, 113]);
  });

  test('every pair is in exactly one split, ends in "=", and has its sum as label', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 19 }), seeds, (p, seed) => {
        const data = buildDataset({ kind: 'modular-addition', p, trainFraction: 0.4 }, seed) as TokenDataset;
        const all = [...pairs(data.train), ...pairs(data.test)];
        expect(all.length).toBe(p * p);
        expect(new Set(all).size).toBe(p * p);
        for (const split of [data.train, data.test]) {
          for (let i = 0; i < split.n; i++) {
            const [a, b, equals] = split.tokens.subarray(3 * i, 3 * i + 3) as unknown as [
              number,
              number,
              number,
            ];
            expect(Math.max(a, b)).toBeLessThan(p);
            expect(equals).toBe(p);
            const sum = a + b;
            expect(split.labels[i]).toBe(sum >= p ? sum - p : sum);
          }
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('hidden parity', () => {
  const miller: DatasetSpec = {
    kind: 'hidden-parity',
    parityBits: 3,
    decoys: 37,
    decoyKind: 'bits',
    trainSize: 1000,
    testSize: 100,
  };

  test('the label is 1 where the product of the ±1 bits is +1, by a table of the eight cases', () => {
    const classOf: Record<string, number> = {
      '000': 0,
      '001': 1,
      '010': 1,
      '100': 1,
      '011': 0,
      '101': 0,
      '110': 0,
      '111': 1,
    };
    const data = buildDataset(miller, 3) as VectorDataset;
    expect([data.dimensions, data.classes]).toEqual([40, 2]);
    const seen = new Set<string>();
    for (const split of [data.train, data.test]) {
      for (let i = 0; i < split.n; i++) {
        const bits = split.inputs.subarray(40 * i, 40 * i + 3).join('');
        seen.add(bits);
        expect(split.labels[i]).toBe(classOf[bits]);
      }
    }
    expect(seen.size).toBe(8);
  });

  test('bits are fair and inputs are 0 or 1; normal decoys have mean 0 and variance 1', () => {
    const bits = buildDataset(miller, 1) as VectorDataset;
    expect([...new Set(bits.train.inputs)].sort()).toEqual([0, 1]);
    const share = bits.train.inputs.reduce((sum, bit) => sum + bit, 0) / bits.train.inputs.length;
    // 40,000 fair bits: a standard error of 0.0025.
    expect(Math.abs(share - 0.5)).toBeLessThan(0.0125);
    const normal = buildDataset({ ...miller, decoyKind: 'normal' }, 1) as VectorDataset;
    const decoys = normal.train.inputs.filter((_, at) => at % 40 >= 3);
    const mean = decoys.reduce((sum, value) => sum + value, 0) / decoys.length;
    const variance = decoys.reduce((sum, value) => sum + (value - mean) ** 2, 0) / decoys.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.04);
  });

  test('the parity bits and labels do not depend on the decoys', () => {
    const withDecoys = buildDataset(miller, 9) as VectorDataset;
    const without = buildDataset({ ...miller, decoys: 0 }, 9) as VectorDataset;
    expect(withDecoys.train.inputs.filter((_, at) => at % 40 < 3)).toEqual(without.train.inputs);
    expect(withDecoys.test.labels).toEqual(without.test.labels);
  });
});

describe('the tasks on [−0.5, 0.5]', () => {
  test('zero-one labels 1[x > 0]; train is the first and test the last of the points', () => {
    const spec = { kind: 'zero-one', points: 100, trainSize: 20, testSize: 20 } as const;
    const data = buildDataset(spec, 42) as VectorDataset;
    for (const split of [data.train, data.test]) {
      split.inputs.forEach((x, i) => {
        expect(Math.abs(x)).toBeLessThanOrEqual(0.5);
        expect(split.labels[i]).toBe(Number(x > 0));
      });
    }
    const everything = buildDataset({ ...spec, trainSize: 80 }, 42) as VectorDataset;
    expect(everything.train.inputs.slice(0, 20)).toEqual(data.train.inputs);
    expect(everything.test.inputs).toEqual(data.test.inputs);
    expect(everything.train.inputs.filter((x) => data.test.inputs.includes(x)).length).toBe(0);
  });

  test('slope regression targets are slope · x; 2 + 98 points use every point once', () => {
    const spec = { kind: 'slope-regression', slope: 0.3, points: 100, trainSize: 2, testSize: 98 } as const;
    const data = buildDataset(spec, 0) as RegressionDataset;
    expect(new Set([...data.train.inputs, ...data.test.inputs]).size).toBe(100);
    for (const split of [data.train, data.test]) {
      split.inputs.forEach((x, i) => expect(split.targets[i]).toBeCloseTo((3 * x) / 10, 15));
    }
  });
});
