import { describe, expect, it } from 'vitest';
import { filledRows, valueAtRow } from '../../../shared/points.ts';
import type { MetricColumn, RunCurve } from '../../../shared/run.ts';

const column = (sparse: boolean): MetricColumn => ({
  name: 'm',
  label: 'm',
  quantity: 'm',
  unit: '',
  split: null,
  direction: null,
  ...(sparse ? { sparse } : {}),
});
const curve: RunCurve = {
  runId: 'r',
  length: 5,
  columns: { effort: Float64Array.of(0, 1, 2, 3, 4), m: Float64Array.of(NaN, 5, NaN, NaN, 7) },
};

describe('a sparse column', () => {
  it('has the rows at which it was measured', () => {
    expect(filledRows(curve, column(true))).toEqual(Int32Array.of(1, 4));
    expect(filledRows(curve, column(false))).toBeNull();
  });

  it('has its newest value at a row, and none before the first', () => {
    const at = [0, 1, 2, 3, 4].map((row) => valueAtRow(curve, column(true), row));
    expect(at).toEqual([NaN, 5, 5, 5, 7]);
    expect(valueAtRow(curve, column(false), 2)).toBeNaN();
    expect(valueAtRow({ ...curve, columns: {} }, column(true), 2)).toBeNaN();
  });
});
