/**
 * A run's curve of one quantity in few rows: enough to compare fifty runs without reading what a million rows hold. Events
 * and last values are those of the whole curve.
 */
import { decimateLog } from './aggregate.ts';
import { analyse, type Analysed } from './delay-table.ts';
import type { CrossingEvent } from './delay.ts';
import { filledRows } from './points.ts';
import type { MetricColumn, RunCurve, RunRecord } from './run.ts';

export interface Overview {
  runId: string;
  quantity: string;
  /** Batches of the curve that it was made from: another count than the run's says that it is out of date. */
  batches: number;
  /** `effort`, `seconds` and the columns of the quantity, at the rows that stay. */
  columns: Record<string, Float64Array>;
  /** Column name → how many points were recorded. */
  recorded: Record<string, number>;
  analysed: Analysed;
}

/** Rows of an overview, about: a quantity of many columns has some more. */
export const OVERVIEW_ROWS = 1000;
const FEWEST_BUCKETS = 40;

/** Said where a chart was drawn from overviews. */
export const overviewRule =
  'first, last, lowest and highest of log-spaced buckets of effort, and the rows of events; a median or mean stands on the rows ' +
  'that stayed in all of its runs';

/** One overview per quantity that the run records. */
export function overviewsOf(
  run: Pick<RunRecord, 'id' | 'columns' | 'arm'>,
  curve: RunCurve,
  batches: number,
): Overview[] {
  const analysed = analyse(curve, run.arm.thresholds);
  const quantities = [...new Set(run.columns.map(({ quantity }) => quantity))];
  return quantities.map((quantity) => overviewOf(run, curve, batches, quantity, analysed));
}

/** The overview of one quantity; of a quantity that the run does not record, its events alone. */
export function overviewOf(
  run: Pick<RunRecord, 'id' | 'columns' | 'arm'>,
  curve: RunCurve,
  batches: number,
  quantity: string,
  analysed: Analysed = analyse(curve, run.arm.thresholds),
): Overview {
  const columns = run.columns.filter(
    (column) => column.quantity === quantity && column.name in curve.columns,
  );
  const rows = overviewRows(curve, columns, [analysed.result.fit, analysed.result.generalization]);
  const names = ['effort', 'seconds', ...columns.map(({ name }) => name)];
  return {
    runId: run.id,
    quantity,
    batches,
    columns: Object.fromEntries(names.map((name) => [name, pick(curve.columns[name], rows)])),
    recorded: Object.fromEntries(
      columns.map((column) => [column.name, filledRows(curve, column)?.length ?? curve.length]),
    ),
    analysed,
  };
}

/** The curve as charts take it. */
export function overviewCurve({ runId, columns }: Overview): RunCurve {
  return { runId, length: columns['effort']?.length ?? 0, columns };
}

function overviewRows(
  curve: RunCurve,
  columns: readonly MetricColumn[],
  events: readonly CrossingEvent[],
): Int32Array {
  const { effort } = curve.columns;
  if (effort === undefined || curve.length === 0) return new Int32Array();
  const buckets = bucketsFor(effort, columns.length);
  const kept = new Set<number>([0, curve.length - 1]);
  for (const column of columns) {
    const values = curve.columns[column.name] as Float64Array;
    const filled = filledRows(curve, column);
    if (filled === null) {
      for (const row of decimateLog(effort, values, 4 * buckets).indices) kept.add(row);
    } else {
      const { indices } = decimateLog(pick(effort, filled), pick(values, filled), 4 * buckets);
      for (const place of indices) kept.add(filled[place] as number);
    }
  }
  for (const event of events) {
    if (event.kind === 'observed') kept.add(effort.indexOf(event.effort));
  }
  return Int32Array.from(kept).sort();
}

/**
 * As many buckets as fill the rows: half of them are empty where efforts are evenly spaced. By the efforts alone, so that runs
 * of one arm, which record at the same ones, keep rows that they share.
 */
function bucketsFor(effort: Float64Array, columns: number): number {
  const rows = (buckets: number): number => decimateLog(effort, effort, 4 * buckets).shown * (1 + columns);
  let buckets = Math.max(FEWEST_BUCKETS, Math.floor(OVERVIEW_ROWS / (2 + 2 * columns)));
  for (;;) {
    const more = Math.ceil(1.25 * buckets);
    if (4 * buckets >= effort.length || rows(more) > OVERVIEW_ROWS) return buckets;
    buckets = more;
  }
}

function pick(values: Float64Array | undefined, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => values?.[row] ?? NaN);
}
