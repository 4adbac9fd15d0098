/** The places that a film stops at: every recorded row of its runs, on one log axis. */
import { logPositions } from '../charts/cursor.ts';

/** What runs share: their efforts, each in its own unit, or their efforts as multiples of the run's fit step. */
export type Alignment = 'effort' | 'fit';

export interface Strip {
  /** Of the run's rows, ascending. */
  efforts: Float64Array;
  /** What one unit of the timeline is in this run: 1, or its fit step. */
  unit: number;
}

export interface Timeline {
  /** Ascending; an effort, or a multiple of the fit step. */
  values: Float64Array;
  /** From 0 to 1, in log of the value. */
  positions: Float64Array;
  /** Of every run, its row at each stop: the newest at or before it. */
  rows: Int32Array[];
}

export function timelineOf(strips: readonly Strip[]): Timeline {
  const scaled = strips.map(({ efforts, unit }) =>
    unit === 1 ? efforts : efforts.map((effort) => effort / unit),
  );
  const [only] = scaled;
  const values = scaled.length === 1 && only !== undefined ? only : union(scaled);
  const rows = scaled.map((own) => {
    const found = new Int32Array(values.length);
    let row = 0;
    for (let stop = 0; stop < values.length; stop++) {
      while (row + 1 < own.length && (own[row + 1] as number) <= (values[stop] as number)) row++;
      found[stop] = row;
    }
    return found;
  });
  return { values, positions: logPositions(values), rows };
}

/** Every value once, ascending. */
function union(all: readonly Float64Array[]): Float64Array {
  return Float64Array.from(new Set(all.flatMap((values) => [...values]))).sort();
}

/** Of a value that was multiplied by a unit and divided by it again. */
const ROUNDING = 1e-12;

/** The last stop at or before a value; the first one for a smaller value. */
export function stopAt({ values }: Timeline, value: number): number {
  const most = value * (1 + ROUNDING);
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((values[middle] as number) <= most) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}
