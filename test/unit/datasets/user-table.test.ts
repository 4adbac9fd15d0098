import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RegressionDataset, VectorDataset } from '../../../main/datasets/dataset.ts';
import { describeDataset } from '../../../main/datasets/describe.ts';
import { buildDataset } from '../../../main/datasets/index.ts';
import { datasetSizes, datasetSpec, type CsvClassificationSpec } from '../../../shared/dataset-spec.ts';
import { everyKind, smallTable } from './specs.ts';

const classification: CsvClassificationSpec = { kind: 'csv-classification', ...smallTable };

function faults(change: object, spec: object = classification): string[] {
  const issues = datasetSpec.safeParse({ ...spec, ...change }).error?.issues ?? [];
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

/** The table with one cell replaced. */
function withCell(row: number, column: number, cell: number | string): object {
  return {
    rows: smallTable.rows.map((cells, i) => cells.map((old, j) => (i === row && j === column ? cell : old))),
  };
}

describe('a table of classes', () => {
  test('splits every class by the same share; classes are numbered by name', () => {
    expect(datasetSizes(classification)).toEqual({ train: 6, test: 6, available: 12 });
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const data = buildDataset(classification, seed) as VectorDataset;
        expect([data.dimensions, data.classes, data.classNames]).toEqual([2, 2, ['fern', 'moss']]);
        // 4 ferns and 8 mosses at a half.
        expect([...data.train.labels].sort()).toEqual([0, 0, 1, 1, 1, 1]);
      }),
      { numRuns: 20 },
    );
    const numbers = {
      columns: ['x', 'y', 'n'],
      rows: smallTable.rows.map((row, i) => [row[0], row[1], [10, 9][i % 2]]),
      target: 'n',
    };
    const numbered = { ...classification, ...numbers } as CsvClassificationSpec;
    expect((buildDataset(numbered, 0) as VectorDataset).classNames).toEqual(['9', '10']);
  });

  test('standardizes by the training rows: mean 0 and variance 1 there, the same shift and scale for the test', () => {
    const raw = buildDataset({ ...classification, standardize: false }, 3) as VectorDataset;
    const scaled = buildDataset(classification, 3) as VectorDataset;
    for (const j of [0, 1]) {
      const column = (values: Float64Array): number[] => [...values].filter((_, at) => at % 2 === j);
      const train = column(scaled.train.inputs);
      expect(train.reduce((sum, x) => sum + x, 0)).toBeCloseTo(0, 10);
      expect(train.reduce((sum, x) => sum + x * x, 0) / train.length).toBeCloseTo(1, 10);
      const before = [...column(raw.train.inputs), ...column(raw.test.inputs)];
      const after = [...train, ...column(scaled.test.inputs)];
      const [b0, b1] = before as [number, number];
      const [a0, a1] = after as [number, number];
      const slope = (a1 - a0) / (b1 - b0);
      after.forEach((value, i) => expect(value).toBeCloseTo(a0 + slope * ((before[i] as number) - b0), 9));
    }
  });

  test("the preview has the user's names", () => {
    const { table, classNames } = describeDataset({ ...classification, standardize: false }, 0);
    expect(table.columns).toEqual(['width', 'height', 'class']);
    expect(classNames).toEqual(['fern', 'moss']);
    for (const row of table.rows) expect(smallTable.rows.map((cells) => cells.join())).toContain(row.join());
  });

  test('a column that is the same in all training rows of a seed cannot be standardized', () => {
    const rows = smallTable.rows.map((row, i) => [i === 0 ? 1 : 0, row[1] as number, row[2] as string]);
    const spec = { ...classification, rows } as CsvClassificationSpec;
    const seeds = Array.from({ length: 20 }, (_, seed) => seed);
    const failing = seeds.filter(
      (seed) =>
        !(buildDataset({ ...spec, standardize: false }, seed) as VectorDataset).train.inputs.some(
          (x, at) => at % 2 === 0 && x === 1,
        ),
    );
    expect(failing.length).toBeGreaterThan(0);
    expect(() => buildDataset(spec, failing[0] as number)).toThrow(
      `dataset.columns[0]: got "width"; expected a column that differs among the training rows: with seed ${failing[0]} all 6 are alike`,
    );
  });
});

test('a table of numbers keeps rows together: target = width / 3', () => {
  const data = buildDataset({ ...everyKind['csv-regression'], standardize: false }, 1) as RegressionDataset;
  for (const { n, inputs, targets } of [data.train, data.test]) {
    for (let i = 0; i < n; i++) expect(targets[i]).toBeCloseTo((inputs[2 * i] as number) / 3, 12);
  }
});

describe('bad tables', () => {
  test('an empty cell and one that is not a number: row, column, fix', () => {
    expect(faults(withCell(3, 1, ''))).toEqual([
      'rows.3.1: a number (row 4, column "height" is empty): fill it in, or leave the row or the column out',
    ]);
    expect(faults(withCell(0, 0, 'n/a'))).toEqual([
      'rows.0.0: a number (row 1, column "width" is not a number): fill it in, or leave the row or the column out',
    ]);
    expect(faults(withCell(5, 2, ' '))).toEqual([
      'rows.5.2: a class name (row 6, column "sort" is empty): fill it in or leave the row out',
    ]);
  });

  test('many bad cells: five are named, the rest counted', () => {
    const rows = smallTable.rows.map((row) => ['?', ...row.slice(1)]);
    const said = faults({ rows });
    expect(said).toHaveLength(6);
    expect(said[5]).toBe('rows: no faulty cell: besides the ones named, 7 more are empty or not numbers');
  });

  test('a constant column, a short row, a missing target, a name twice', () => {
    const constant = smallTable.rows.map((row) => [row[0], 7, row[2]]);
    expect(faults({ rows: constant })).toEqual([
      'columns.1: a column whose values differ: "height" is 7 in every row; leave it out',
    ]);
    expect(faults({ rows: [...smallTable.rows, [1, 2]] })).toEqual([
      'rows.12: 3 cells, one per column: row 13 has 2',
    ]);
    expect(faults({ target: 'species' })).toEqual(['target: one of the columns width, height, sort']);
    expect(faults({ columns: ['width', 'width', 'sort'] })).toEqual([
      'columns.1: a name that no other column has',
    ]);
  });

  test('a class without training example, one class only, a target that is no class', () => {
    expect(faults(withCell(0, 2, 'rare'))).toEqual([
      'trainFraction: a larger share: class "rare" has 1 row and would get no training example; or leave that class out',
    ]);
    const same = smallTable.rows.map((row) => [row[0], row[1], 'moss']);
    expect(faults({ rows: same })).toEqual([
      'target: a column with at least two classes: "sort" has only "moss"',
    ]);
    expect(
      faults({ target: 'width' }, { ...classification, rows: everyKind['csv-regression'].rows }),
    ).toEqual(['target: a column of classes: "width" has 12 different values in 12 rows']);
  });

  test('more cells than a study should carry', () => {
    const rows = Array.from({ length: 7000 }, (_, i) => [i, -i, i % 2 === 0 ? 'a' : 'b']);
    expect(faults({ rows })).toEqual([
      'rows: at most 6666 rows of 3 columns (20000 cells): these are 21000 cells',
    ]);
  });
});
