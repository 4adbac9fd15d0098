import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { VectorDataset } from '../../../main/datasets/dataset.ts';
import { describeDataset } from '../../../main/datasets/describe.ts';
import { buildDataset } from '../../../main/datasets/index.ts';
import { hammingDistance, subclassWords } from '../../../main/datasets/subclass-shift.ts';
import { datasetSizes, datasetSpec, type SubclassShiftSpec } from '../../../shared/dataset-spec.ts';
import { equationOne, subclassSamples } from '../../../shared/subclasses.ts';
import { subclassShift } from './specs.ts';

const equivariant: SubclassShiftSpec = {
  ...subclassShift,
  structure: 'equivariant',
  total: 800,
  rarePerClass: 4,
};

function build(spec: SubclassShiftSpec, seed = 0): VectorDataset {
  return buildDataset(spec, seed) as VectorDataset;
}

function countsOf(spec: SubclassShiftSpec): { train: number[] | null; test: number[] | null } {
  const [train, tested] = describeDataset(spec, 1).splits;
  return { train: train?.subclassCounts ?? null, test: tested?.subclassCounts ?? null };
}

/** Mean of each subclass over both splits, [subclasses][117]. */
function measuredMeans({ dimensions, subclassNames, train, test: tested }: VectorDataset): number[][] {
  const sums = (subclassNames ?? []).map(() => new Array<number>(dimensions).fill(0));
  const counts = sums.map(() => 0);
  for (const { n, inputs, subclasses } of [train, tested]) {
    for (let i = 0; i < n; i++) {
      const s = subclasses?.[i] as number;
      counts[s] = (counts[s] as number) + 1;
      const sum = sums[s] as number[];
      for (let k = 0; k < dimensions; k++)
        sum[k] = (sum[k] as number) + (inputs[i * dimensions + k] as number);
    }
  }
  return sums.map((sum, s) => sum.map((value) => value / (counts[s] as number)));
}

function distance(one: readonly number[], other: readonly number[]): number {
  return Math.hypot(...one.map((value, k) => value - (other[k] as number)));
}

describe('the code words of Carvalho et al. 2025, appendix A', () => {
  test('equidistant: 4 classes of 2, every two words 2 bits apart', () => {
    const words = subclassWords('equidistant');
    expect(words.map((ofClass) => ofClass.length)).toEqual([2, 2, 2, 2]);
    const all = words.flat();
    for (const one of all) {
      for (const other of all) expect(hammingDistance(one, other)).toBe(one === other ? 0 : 2);
    }
  });

  test('equivariant: centres 63, 240, 323, 396, all 6 bits apart; 40 words, at most 2 within and at least 4 between classes', () => {
    const words = subclassWords('equivariant');
    const centres = words.map((ofClass) => ofClass[0] as number);
    expect(centres).toEqual([63, 240, 323, 396]);
    for (const one of centres) {
      for (const other of centres) expect(hammingDistance(one, other)).toBe(one === other ? 0 : 6);
    }
    expect(new Set(words.flat()).size).toBe(40);
    const within = words.flatMap((ofClass) =>
      ofClass.flatMap((a) => ofClass.map((b) => hammingDistance(a, b))),
    );
    const between = words.flatMap((ofClass, c) =>
      ofClass.flatMap((a) =>
        words.flatMap((other, d) => (c === d ? [] : other.map((b) => hammingDistance(a, b)))),
      ),
    );
    expect(Math.max(...within)).toBe(2);
    expect(Math.min(...between)).toBe(4);
    words.forEach((ofClass, c) =>
      ofClass.slice(1).forEach((word) => expect(hammingDistance(word, centres[c] as number)).toBe(1)),
    );
  });

  test('a Hamming distance is the number of bits that differ', () => {
    const fewBits = fc.integer({ min: 0, max: 511 });
    fc.assert(
      fc.property(fewBits, fewBits, (one, other) => {
        const differing = Array.from({ length: 9 }, (_, i) => ((one >> i) ^ (other >> i)) & 1);
        expect(hammingDistance(one, other)).toBe(differing.reduce((sum, bit) => sum + bit, 0));
      }),
    );
  });
});

describe('equation 1', () => {
  test('gives 84 and 416 for γD = 2000, f = 0.2 and 4 + 4 subclasses', () => {
    expect(equationOne(2000, 0.2, 4, 4)).toEqual({ rare: 84, kept: 416 });
    const spec = { ...subclassShift, total: 2000 };
    expect(subclassSamples(spec)).toEqual({ rare: 84, kept: 416, rareSubclasses: 4, keptSubclasses: 4 });
    expect(countsOf(spec).train).toEqual([416, 84, 416, 84, 416, 84, 416, 84]);
    expect(datasetSizes(spec).train).toBe(2000);
  });

  test('f = 0 removes the rare subclasses from training only, f = 1 makes all alike', () => {
    const removed = countsOf({ ...subclassShift, fraction: 0 });
    expect(removed.train).toEqual([50, 0, 50, 0, 50, 0, 50, 0]);
    expect(removed.test).toEqual(new Array(8).fill(10));
    expect(countsOf({ ...subclassShift, fraction: 1 }).train).toEqual(new Array(8).fill(25));
    const ten = countsOf({ ...equivariant, fraction: 0 }).train?.slice(0, 10);
    expect(ten).toEqual([33, 33, 33, 33, 33, 33, 0, 0, 0, 0]);
  });

  test('is exact where f is a decimal: equal to integer arithmetic', () => {
    const positive = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 5000 }),
        fc.integer({ min: 0, max: 100 }),
        positive,
        positive,
        (total, percent, rareSubclasses, keptSubclasses) => {
          const f = percent / 100;
          const { rare, kept } = equationOne(total, f, rareSubclasses, keptSubclasses);
          // Exact in integers: γD / (f γs + γr) = 100 γD / (percent γs + 100 γr).
          const weight = percent * rareSubclasses + 100 * keptSubclasses;
          expect(kept).toBe(Number((BigInt(total) * 100n) / BigInt(weight)));
          const numerator = BigInt(percent) * BigInt(total);
          expect(rare).toBe(Number((numerator + BigInt(weight) - 1n) / BigInt(weight)));
        },
      ),
    );
  });
});

describe('the data', () => {
  test('live in 117 dimensions; means of subclasses are √(Hamming distance) apart, whatever the seed', () => {
    for (const [spec, seed] of [
      [{ ...subclassShift, standardDeviation: 1e-6 }, 4],
      [{ ...equivariant, standardDeviation: 1e-6 }, 5],
    ] as const) {
      const data = build(spec, seed);
      expect(data.dimensions).toBe(117);
      const words = subclassWords(spec.structure).flat();
      const means = measuredMeans(data);
      means.forEach((mean, i) =>
        means.forEach((other, j) => {
          const bits = hammingDistance(words[i] as number, words[j] as number);
          expect(distance(mean, other)).toBeCloseTo(Math.sqrt(bits), 4);
        }),
      );
    }
  });

  test('have the spread that was asked for, and true labels and subclasses', () => {
    const data = build({ ...subclassShift, standardDeviation: 0.3, testSize: 8000 }, 2);
    const means = measuredMeans(data);
    const { n, inputs, labels, subclasses } = data.test;
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const s = subclasses?.[i] as number;
      expect(labels[i]).toBe(Math.floor(s / 2));
      const row = inputs.subarray(117 * i, 117 * i + 117);
      sum += row.reduce((all, x, k) => all + (x - (means[s]?.[k] as number)) ** 2, 0);
    }
    // 936,000 draws: a relative standard error of 0.0015 in the variance.
    expect(sum / (n * 117) / 0.09).toBeCloseTo(1, 2);
  });

  test('the preview names subclasses and shows their squared distances', () => {
    const { subclassNames, picture } = describeDataset(equivariant, 0);
    expect(subclassNames?.slice(0, 2)).toEqual(['class 0, 000111111', 'class 0, 000111110']);
    expect([picture?.rows, picture?.columns]).toEqual([40, 40]);
    expect(picture?.values[0]).toBe(0);
    expect(picture?.values[10]).toBe(6);
    const shown = describeDataset(subclassShift, 0).table;
    expect(shown.caption).toBe('8 training examples, evenly spaced');
    expect(new Set(shown.rows.map((row) => row.at(-1))).size).toBeGreaterThan(3);
  });

  test('more training data of the same seed leave the means and the test as they were', () => {
    const few = build(subclassShift, 3);
    const many = build({ ...subclassShift, total: 400 }, 3);
    expect(many.test).toEqual(few.test);
  });
});

describe('bad input', () => {
  const faults = (change: object) =>
    datasetSpec
      .safeParse({ ...equivariant, ...change })
      .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

  test('f outside [0, 1], all subclasses rare, counts that round to zero, too few test examples', () => {
    expect(faults({ fraction: 1.5 })).toHaveLength(1);
    expect(faults({ fraction: -0.1 })).toHaveLength(1);
    expect(faults({ structure: 'equidistant', rarePerClass: 2 })).toEqual([
      'rarePerClass: at most 1: a class has 2 subclasses, and one has to stay',
    ]);
    expect(faults({ total: 20 })).toEqual([
      'total: at least 28: with fewer, equation 1 gives each kept subclass no example',
    ]);
    expect(faults({ total: 28 })).toBeUndefined();
    expect(faults({ testSize: 39 })).toEqual(['testSize: at least 40: one test example of each subclass']);
  });
});
