/**
 * What a run says about a column of its curve at some moment: an interval that holds the value it has over the whole
 * budget. Values are those recorded, never interpolated; a measure's, which stand at snapshots only, are taken at the
 * nearest snapshot on the side that the claim names, and the note says which effort that was.
 */
import type { ColumnPoint, ColumnQuantity, Moment } from './claim-spec.ts';
import type { CrossingEvent, DelayResult } from './delay.ts';
import { formatEffort } from './format.ts';
import type { RunCurve } from './run.ts';

export interface ColumnReading {
  low: number;
  high: number;
  /** Where the value was read, or why there is none. */
  note: string;
  /** Whether it was read at another effort than asked for. */
  moved: boolean;
}

/** What is read of one run. */
interface Source {
  curve: RunCurve;
  delay: DelayResult;
  /** Where the budget ends that the study asks for; null for a run that did not go so far. */
  end: number | null;
  /** Whether a row may lack a value of the column because it is no snapshot. */
  sparse: boolean;
}

export function readColumn(source: Source, quantity: ColumnQuantity): ColumnReading {
  const { curve } = source;
  const values = curve.columns[quantity.column];
  if (values === undefined) {
    return open(quantity, curve.length === 0 ? 'no rows yet' : `it records no column "${quantity.column}"`);
  }
  const column: Column = { name: quantity.column, values, effort: curve.columns['effort'] as Float64Array };
  const to = readPoint(column, source, quantity.when, quantity);
  if (quantity.since === undefined) return to;
  const from = readPoint(column, source, quantity.since, quantity);
  const note = `${from.note}; then ${to.note}`;
  const moved = from.moved || to.moved;
  if (quantity.as === 'ratio') {
    const isKnown = isPoint(from) && isPoint(to) && from.low !== 0;
    const ratio = isKnown ? to.low / from.low : null;
    return ratio === null
      ? { low: -Infinity, high: Infinity, note, moved }
      : { low: ratio, high: ratio, note, moved };
  }
  return { low: less(to.low, from.high, -Infinity), high: less(to.high, from.low, Infinity), note, moved };
}

/** The values that a column can have at all: accuracies lie in [0, 1]. A change can be anything. */
export function columnBounds({ column, since }: ColumnQuantity): { low: number; high: number } {
  return since === undefined && /accuracy$/i.test(column)
    ? { low: 0, high: 1 }
    : { low: -Infinity, high: Infinity };
}

interface Column {
  name: string;
  values: Float64Array;
  effort: Float64Array;
}

function open(quantity: ColumnQuantity, note: string): ColumnReading {
  return { ...columnBounds(quantity), note, moved: false };
}

function readPoint(column: Column, source: Source, at: ColumnPoint, quantity: ColumnQuantity): ColumnReading {
  if (at === 'max' || at === 'min') return readExtreme(column, source, at, quantity);
  const moment = momentOf(at, source);
  const bare: ColumnQuantity = { column: quantity.column, when: quantity.when };
  if (moment.effort === null) return open(bare, moment.note);
  // The first row may lack a measure's value, the last one not: what is nearest to either lies on one side.
  const side = at === 'start' ? 'after' : at === 'end' ? 'before' : (quantity.nearest ?? 'before');
  const row = nearestRow(column, moment.effort, side, source.sparse);
  if (row === null) {
    const where = !source.sparse ? 'there' : side === 'before' ? 'up to there' : 'from there on';
    return open(bare, `${moment.note}: no value of "${column.name}" ${where}`);
  }
  const [effort, value] = [column.effort[row] as number, column.values[row] as number];
  const moved = effort !== moment.effort;
  const where = moved ? `${moment.note}, read at ${formatEffort(effort)}` : moment.note;
  return { low: value, high: value, note: `${printValue(value)} at ${where}`, moved };
}

function readExtreme(
  column: Column,
  source: Source,
  which: 'max' | 'min',
  { between, column: name }: ColumnQuantity,
): ColumnReading {
  const bounds = columnBounds({ column: name, when: which });
  const [from, to] = (between ?? ['start', 'end']).map((moment) => momentOf(moment, source)) as [At, At];
  if (from.effort === null) return { ...bounds, note: from.note, moved: false };
  const last = to.effort ?? Infinity;
  let found = -1;
  for (let row = 0; row < column.effort.length; row++) {
    const effort = column.effort[row] as number;
    const value = column.values[row] as number;
    if (effort < from.effort || effort > last || !Number.isFinite(value)) continue;
    const best = column.values[found] as number;
    if (found < 0 || (which === 'max' ? value > best : value < best)) found = row;
  }
  if (found < 0) return { ...bounds, note: `no value of "${name}" there`, moved: false };
  const value = column.values[found] as number;
  const note = `${printValue(value)} at ${formatEffort(column.effort[found] as number)}`;
  if (to.effort !== null) return { low: value, high: value, note, moved: false };
  // What is still to come may only lie beyond the extreme so far.
  const range = which === 'max' ? { low: value, high: bounds.high } : { low: bounds.low, high: value };
  return { ...range, note: `${note} so far (${to.note})`, moved: false };
}

/** Where a moment lies; null where that is not known (yet), and why. */
interface At {
  effort: number | null;
  note: string;
}

function momentOf(moment: Moment, { curve, delay, end }: Source): At {
  const complete = end !== null;
  const effort = curve.columns['effort'];
  const last = effort?.at(-1);
  if (effort === undefined || last === undefined) return { effort: null, note: 'no rows yet' };
  switch (moment) {
    case 'start':
      return { effort: effort[0] as number, note: 'its start' };
    case 'end':
      return complete
        ? endMoment(effort, end)
        : { effort: null, note: `it went to ${formatEffort(last)} only` };
    case 'fit':
      return eventMoment(delay.fit, complete, 'fit step');
    case 'generalization':
      return eventMoment(delay.generalization, complete, 'generalization step');
    default:
      return last >= moment.effort
        ? { effort: moment.effort, note: `effort ${formatEffort(moment.effort)}` }
        : { effort: null, note: `it went to ${formatEffort(last)} only` };
  }
}

/** The last row of the study's budget: beyond it a run may have been extended. */
function endMoment(efforts: Float64Array, end: number): At {
  const effort = efforts.findLast((one) => one <= end) as number;
  return { effort, note: `its end, ${formatEffort(effort)}` };
}

/** A run cut short may still undo an event that was not sustained. */
function eventMoment(event: CrossingEvent, complete: boolean, name: string): At {
  switch (event.kind) {
    case 'observed':
      return event.sustained || complete
        ? { effort: event.effort, note: `its ${name}, ${formatEffort(event.effort)}` }
        : { effort: null, note: `its ${name} was not held to the end of its window` };
    case 'censored':
      return { effort: null, note: `no ${name} within ${formatEffort(event.at)}` };
    case 'unknown':
      return { effort: null, note: event.reason };
  }
}

/**
 * The row of the nearest value at or on one side of an effort; null where there is none, or it is not finite. Of a measure,
 * which is NaN between its snapshots, rows without a value are passed over.
 */
function nearestRow(
  { effort, values }: Column,
  target: number,
  side: 'before' | 'after',
  sparse: boolean,
): number | null {
  const isThere = (row: number): boolean => Number.isFinite(values[row]);
  const step = side === 'after' ? 1 : -1;
  for (let row = side === 'after' ? 0 : effort.length - 1; row in effort; row += step) {
    const at = effort[row] as number;
    if (side === 'after' ? at < target : at > target) continue;
    if (isThere(row)) return row;
    if (!sparse) return null;
  }
  return null;
}

function isPoint({ low, high }: ColumnReading): boolean {
  return low === high;
}

/** a − b, where two infinities of one sign leave everything open. */
function less(a: number, b: number, openEnd: number): number {
  const difference = a - b;
  return Number.isNaN(difference) ? openEnd : difference;
}

function printValue(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 4 });
}
