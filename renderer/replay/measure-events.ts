/** Where a run's measures change: marked on the scrubber beside its fit and generalization steps. */
import { filledRows } from '../../shared/points.ts';
import type { MetricColumn, RunCurve, RunRecord } from '../../shared/run.ts';

export interface MeasureEvent {
  key: string;
  effort: number;
  /** "Feature rank of layer 1: half-way" */
  label: string;
}

/** Forty length scales are not forty events that anyone reads. */
const MOST_PER_QUANTITY = 4;

/**
 * Of every measure the effort from which on it stays on the far side of the middle between its first and its last value; of
 * the test loss, its peak where that is neither the first nor the last value. `of` counts those that were left out, too.
 */
export function measureEvents(run: RunRecord, curve: RunCurve): { events: MeasureEvent[]; of: number } {
  const efforts = curve.columns['effort'] ?? new Float64Array();
  const taken = new Map<string, number>();
  let of = 0;
  const events = run.columns.flatMap((column): MeasureEvent[] => {
    const { x, y } = pointsOf(efforts, curve, column);
    const isPeak = column.name === 'testLoss';
    if (!isPeak && column.split !== null && column.sparse !== true) return [];
    const at = isPeak ? peakOf(y) : halfWayOf(y);
    if (at === null) return [];
    of += 1;
    const before = taken.get(column.quantity) ?? 0;
    if (before >= MOST_PER_QUANTITY) return [];
    taken.set(column.quantity, before + 1);
    return [
      {
        key: `${run.id} ${column.name}`,
        effort: x[at] as number,
        label: isPeak ? `largest ${column.label}` : `${column.label}: half-way`,
      },
    ];
  });
  return { events: events.sort((a, b) => a.effort - b.effort), of };
}

function pointsOf(
  efforts: Float64Array,
  curve: RunCurve,
  column: MetricColumn,
): { x: Float64Array; y: Float64Array } {
  const y = curve.columns[column.name] ?? new Float64Array();
  const rows = filledRows(curve, column);
  if (rows === null) return { x: efforts, y };
  return {
    x: Float64Array.from(rows, (row) => efforts[row] as number),
    y: Float64Array.from(rows, (row) => y[row] as number),
  };
}

/** The first index from which on all values are at or past the middle of the first and the last; null where nothing changes. */
export function halfWayOf(values: Float64Array): number | null {
  const [first, last] = [values[0] ?? NaN, values.at(-1) ?? NaN];
  const size = Math.max(Math.abs(first), Math.abs(last));
  if (values.length < 3 || !(Math.abs(last - first) > 1e-9 * size)) return null;
  const middle = (first + last) / 2;
  const isBefore = (value: number): boolean => (last > first ? value < middle : value > middle);
  return values.findLastIndex(isBefore) + 1;
}

function peakOf(values: Float64Array): number | null {
  let best = 0;
  values.forEach((value, i) => {
    if (value > (values[best] as number)) best = i;
  });
  return best === 0 || best === values.length - 1 ? null : best;
}
