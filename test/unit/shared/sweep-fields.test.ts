import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePath, valueAt } from '../../../shared/json-path.ts';
import { familyOf, type ModelKind } from '../../../shared/model-spec.ts';
import { startingArm, startingDatasets } from '../../../shared/starting-arms.ts';
import { spacedValues, sweepFields } from '../../../shared/sweep-fields.ts';
import { parseStudy } from '../../../shared/study.ts';
import { startingStudy } from '../../../shared/starting-arms.ts';

test('every number and choice of an arm can be swept, and its own value is a valid sweep', () => {
  for (const kind of Object.keys(familyOf) as ModelKind[]) {
    const arm = startingArm(kind);
    const fields = sweepFields(arm);
    expect(new Set(fields.map(({ path }) => path)).size).toBe(fields.length);
    for (const { path, value } of fields) {
      expect(path).toMatch(/^(dataset|model|trainer)\./);
      if (value === null) continue;
      expect(valueAt(arm, parsePath(path))).toBe(value);
      parseStudy({ ...startingStudy(), arms: [{ ...arm, sweep: [{ path, values: [value] }] }] });
    }
  }
});

test('fields of an arm: widths of layers, inner datasets, options that are not set', () => {
  const arm = { ...startingArm('mlp'), dataset: startingDatasets.concealment };
  const fields = new Map(sweepFields(arm).map((field) => [field.path, field]));
  expect(fields.get('model.hidden[0]')).toMatchObject({ kind: 'number', integer: true, value: 200 });
  expect(fields.get('dataset.of.operation')).toMatchObject({ kind: 'choice', value: 'x+y' });
  expect(fields.get('trainer.loss')).toMatchObject({ kind: 'choice', value: null });
  expect(fields.get('trainer.batchSize')).toMatchObject({ kind: 'number', options: ['full'] });
  for (const path of ['model.kind', 'model.outputBias', 'seeds', 'budget.maxEffort']) {
    expect(fields.has(path)).toBe(false);
  }
});

test('spaced values', () => {
  expect(spacedValues({ scale: 'log', from: 0.001, to: 10, count: 5 }, false)).toEqual([
    0.001, 0.01, 0.1, 1, 10,
  ]);
  expect(spacedValues({ scale: 'linear', from: 0, to: 1, count: 5 }, false)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(spacedValues({ scale: 'log', from: 1, to: 8, count: 8 }, true)).toEqual([1, 2, 3, 4, 6, 8]);
  expect(spacedValues({ scale: 'linear', from: 5, to: 5, count: 3 }, false)).toEqual([5]);
  expect(spacedValues({ scale: 'log', from: 0, to: 1, count: 3 }, false)).toMatch(/above 0/);
  expect(spacedValues({ scale: 'linear', from: 0, to: NaN, count: 3 }, false)).toMatch(/numbers/);
  expect(spacedValues({ scale: 'linear', from: 0, to: 1, count: 2.5 }, false)).toMatch(/integer/);
});

test('spaced values keep both ends, their order and their number', () => {
  const size = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(size, size, fc.integer({ min: 2, max: 50 }), fc.boolean(), (from, to, count, log) => {
      fc.pre(Math.abs(from - to) > 1e-2 * Math.max(from, to));
      const values = spacedValues({ scale: log ? 'log' : 'linear', from, to, count }, false) as number[];
      expect([values[0], values.at(-1), values.length]).toEqual([from, to, count]);
      const rising = values.every((value, i) => i === 0 || value > (values[i - 1] as number));
      const falling = values.every((value, i) => i === 0 || value < (values[i - 1] as number));
      expect(from < to ? rising : falling).toBe(true);
    }),
  );
});
