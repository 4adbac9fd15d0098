/** Which rows of a curve a column has values at. */
import type { MetricColumn, RunCurve } from './run.ts';

/** Rows at which a column was measured, ascending; null for all. Only sparse columns leave rows out. */
export function filledRows(curve: RunCurve, column: MetricColumn): Int32Array | null {
  if (column.sparse !== true) return null;
  const values = curve.columns[column.name] ?? new Float64Array();
  return Int32Array.from(values.keys()).filter((row) => !Number.isNaN(values[row]));
}

/** The column's newest value at or before a row; NaN where there is none yet. */
export function valueAtRow(curve: RunCurve, column: MetricColumn, row: number): number {
  const values = curve.columns[column.name];
  if (values === undefined) return NaN;
  let at = row;
  if (column.sparse === true) while (at > 0 && Number.isNaN(values[at])) at--;
  return values[at] ?? NaN;
}
