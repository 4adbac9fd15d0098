import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { embedTables } from '../../../main/datasets/csv-file.ts';
import { readCsv } from '../../../shared/csv-text.ts';
import { datasetSpec } from '../../../shared/dataset-spec.ts';
import { InputError } from '../../../shared/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'latebloom-csv-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('readCsv', () => {
  test('reads names, numbers and texts, quoted cells, and other separators', () => {
    const text = '\uFEFFwidth,"a, b",sort\r\n1.5,-2e3,fern\r\n\r\n.5,+7,"the ""moss"""\r\n';
    expect(readCsv(text, 'a.csv')).toEqual({
      columns: ['width', 'a, b', 'sort'],
      rows: [
        [1.5, -2000, 'fern'],
        [0.5, 7, 'the "moss"'],
      ],
    });
    expect(readCsv('a;b\n1;2', 'a.csv').rows).toEqual([[1, 2]]);
    expect(readCsv('a\tb\n1\t\n', 'a.tsv').rows).toEqual([[1, '']]);
    expect(readCsv('a,b\n1,', 'a.csv').rows).toEqual([[1, '']]);
  });

  test('leaves alone what only looks like a number to JavaScript', () => {
    expect(readCsv('a,b,c,d\n0x10,Infinity,1e999,1 2', 'a.csv').rows).toEqual([
      ['0x10', 'Infinity', '1e999', '1 2'],
    ]);
  });

  test('gives back every cell that was written with quotes', () => {
    const cell = fc.string({ maxLength: 12 }).map((text) => `x${text.trim()}`.trim());
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), { maxLength: 8 }), (rows) => {
        const lines = rows.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(','));
        expect(readCsv(['left,right', ...lines].join('\n'), 'a.csv').rows).toEqual(rows);
      }),
    );
  });

  test('refuses a file without names and a quote that never closes', () => {
    expect(() => readCsv('1,2\n3,4\n', 'a.csv')).toThrow(
      'line 1: got "1,2"; expected the names of the columns.',
    );
    expect(() => readCsv('', 'a.csv')).toThrow('expected the names of the columns');
    expect(() => readCsv('a,b\n1,"2\n3,4\n', 'a.csv')).toThrow(
      'line 2: got "\\"2\\n3,4\\n"; expected a closing quote.',
    );
  });
});

describe('a study that names a file', () => {
  const csv = [
    'id,width,height,sort',
    ...Array.from({ length: 12 }, (_, i) => `${i},${i % 5},${i * 2},${i % 2 ? 'moss' : 'fern'}`),
  ];
  writeFileSync(join(folder, 'plants.csv'), csv.join('\n'));
  const dataset = {
    kind: 'csv-classification',
    file: './plants.csv',
    target: 'sort',
    standardize: true,
    trainFraction: 0.5,
  };
  const study = (one: object): object => ({ id: 'mine', arms: [{ id: 'a', dataset: one }] });
  const embedded = async (one: object): Promise<unknown> =>
    ((await embedTables(study(one), folder)) as { arms: { dataset: unknown }[] }).arms[0]?.dataset;

  test('gets its cells, and is a valid dataset by itself', async () => {
    const own = await embedded({ ...dataset, inputs: ['width', 'height'] });
    expect(own).toMatchObject({ file: 'plants.csv', columns: ['width', 'height', 'sort'] });
    expect(datasetSpec.parse(own)).toEqual(own);
    expect(await embedded(own as object)).toEqual(own);
    expect(await embedded(dataset)).toMatchObject({ columns: ['id', 'width', 'height', 'sort'] });
    const hidden = { kind: 'concealment', dimensions: 2, decoyKind: 'bits', of: dataset };
    expect(datasetSpec.safeParse(await embedded(hidden)).success).toBe(true);
  });

  test('is refused with the arm and the file when it cannot be read, lacks a column or is too large', async () => {
    await expect(embedded({ ...dataset, file: 'nowhere.csv' })).rejects.toThrow(
      /arms\[0\]\.dataset\.file: got "nowhere.csv"; expected a file that can be read, relative to the study file/,
    );
    await expect(embedded({ ...dataset, inputs: ['depth'] })).rejects.toThrow(
      'arms[0].dataset.inputs[0]: got "depth"; expected a list of columns of the file: id, width, height, sort.',
    );
    writeFileSync(join(folder, 'large.csv'), 'a,b\n'.repeat(1_000_001));
    await expect(embedded({ ...dataset, file: 'large.csv' })).rejects.toThrow(InputError);
    await expect(embedded({ ...dataset, file: 'large.csv' })).rejects.toThrow('at most 4 MB');
  });

  test('anything that is not such a study is left as it is', async () => {
    for (const value of [
      null,
      3,
      'text',
      [],
      {},
      { arms: [1, {}] },
      study({ kind: 'mnist', trainSize: 1 }),
    ]) {
      expect(await embedTables(value, folder)).toEqual(value);
    }
  });
});
