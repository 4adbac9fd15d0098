import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Dataset } from '../../../main/datasets/dataset.ts';
import { describeDataset } from '../../../main/datasets/describe.ts';
import { buildDataset } from '../../../main/datasets/index.ts';
import { datasetForm, datasetKinds, datasetSizes, datasetSpec } from '../../../shared/dataset-spec.ts';
import { everyKind } from './specs.ts';

const seeds = fc.integer({ min: 0, max: 4_294_967_295 });

function width(data: Dataset): number {
  return data.kind === 'tokens' ? data.length : data.dimensions;
}

/** Inputs of both splits, row by row, as text. */
function inputRows(data: Dataset): { train: string[]; test: string[] } {
  const rows = (split: 'train' | 'test'): string[] => {
    const values = data.kind === 'tokens' ? data[split].tokens : data[split].inputs;
    return Array.from({ length: data[split].n }, (_, i) =>
      values.subarray(i * width(data), (i + 1) * width(data)).join(),
    );
  };
  return { train: rows('train'), test: rows('test') };
}

/** Kinds whose splits come from one set of different inputs, or from a continuous distribution. */
const disjoint = [
  'modular-addition',
  'modular-arithmetic',
  'permutation-group',
  'multi-task',
  'two-hop',
  'cellular-automaton',
  'character-corpus',
  'zero-one',
  'slope-regression',
  'linear-teacher-student',
  'sparse-classification',
  'sparse-regression',
  'single-index',
  'network-teacher-student',
  'sine-regression',
  'symbol-addition',
  'subclass-shift',
  'mnist',
  'mnist-subclasses',
  'csv-classification',
  'csv-regression',
  'random-labels',
] as const;

test('this file knows every kind', () => {
  expect(Object.keys(everyKind).sort()).toEqual([...datasetKinds].sort());
});

describe.each(datasetKinds)('%s', (kind) => {
  const spec = everyKind[kind];
  const runs = { numRuns: kind.startsWith('mnist') ? 1 : 8 };

  test('has the sizes and form that its spec promises, whole numbers of classes, finite numbers', () => {
    expect(datasetSpec.parse(spec)).toEqual(spec);
    const { form, dimensions, classes } = datasetForm(spec);
    const sizes = datasetSizes(spec);
    fc.assert(
      fc.property(seeds, (seed) => {
        const data = buildDataset(spec, seed);
        expect([data.kind, width(data)]).toEqual([form, dimensions]);
        expect([data.train.n, data.test.n]).toEqual([sizes.train, sizes.test]);
        expect(sizes.train + sizes.test).toBeLessThanOrEqual(sizes.available);
        for (const split of [data.train, data.test]) {
          const values = 'tokens' in split ? split.tokens : split.inputs;
          expect(values.length).toBe(split.n * dimensions);
          expect(values.every(Number.isFinite)).toBe(true);
          if ('targets' in split) {
            expect(split.targets.length).toBe(split.n * ('outputs' in data ? (data.outputs ?? 1) : 1));
            expect(split.targets.every(Number.isFinite)).toBe(true);
          } else {
            expect(split.labels.length).toBe(split.n);
            expect(split.labels.every((label) => label >= 0 && label < (classes as number))).toBe(true);
          }
        }
      }),
      runs,
    );
  });

  test('is the same for the same seed, and differs between seeds', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        expect(buildDataset(spec, seed)).toEqual(buildDataset(spec, seed));
      }),
      runs,
    );
    expect(buildDataset(spec, 1)).not.toEqual(buildDataset(spec, 2));
  });

  test('has a preview that is plain JSON and agrees with the data', () => {
    const preview = describeDataset(spec, 5);
    expect(JSON.parse(JSON.stringify(preview))).toEqual(preview);
    const data = buildDataset(spec, 5);
    expect(preview.splits.map(({ examples }) => examples)).toEqual([data.train.n, data.test.n]);
    for (const { examples, classCounts, subclassCounts } of preview.splits) {
      for (const counts of [classCounts, subclassCounts]) {
        if (counts !== null) expect(counts.reduce((sum, one) => sum + one, 0)).toBe(examples);
      }
    }
    const { columns, rows } = preview.table;
    expect(rows.length).toBe(Math.min(8, data.train.n));
    for (const row of rows) expect(row.length).toBe(columns.length);
    const { picture } = preview;
    if (picture !== null) expect(picture.values.length).toBe(picture.rows * picture.columns);
  });
});

test.each(disjoint)('%s: no test input is a training input', (kind) => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { train, test: tested } = inputRows(buildDataset(everyKind[kind], seed));
      const known = new Set(train);
      expect(tested.filter((row) => known.has(row))).toEqual([]);
    }),
    { numRuns: kind.startsWith('mnist') ? 1 : 12 },
  );
});

test('the preview counts repeated inputs: with 49 pairs drawn with replacement, nearly all', () => {
  const spec = { kind: 'modular-one-hot', operation: 'x+y', p: 7, trainSize: 600, testSize: 200 } as const;
  expect(describeDataset(spec, 0).repeatedInputs).toBe(200);
  const hidden = { kind: 'concealment', dimensions: 40, decoyKind: 'bits', of: spec } as const;
  expect(describeDataset(hidden, 0).repeatedInputs).toBe(0);
});

test('a dataset too large for a preview says so and builds nothing', () => {
  const spec = {
    kind: 'linear-teacher-student',
    dimensions: 4000,
    trainSize: 100_000,
    testSize: 10,
  } as const;
  const preview = describeDataset(spec, 0);
  expect(preview.note).toBe('Its 400,040,000 numbers are too many for a preview.');
  expect(preview.splits.map(({ examples }) => examples)).toEqual([100_000, 10]);
});
