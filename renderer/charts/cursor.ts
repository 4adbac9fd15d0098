/** The replay cursor: rows of a curve, their places on a log scale, and keys. */
import { logSafe } from '../../shared/axis.ts';
import type { Scale } from '../../shared/charts/figure.ts';

/** Place of each row from 0 to 1 in log effort; effort 0 lies where a log axis draws it. */
export function logPositions(efforts: Float64Array): Float64Array {
  const { x } = logSafe(efforts);
  const first = Math.log(x[0] ?? 1);
  const span = Math.log(x.at(-1) ?? 1) - first;
  return x.map((value) => (span === 0 ? 0 : (Math.log(value) - first) / span));
}

/** The row nearest to a place; of two at the same distance the later one. 0 for no rows. */
export function rowAt(positions: Float64Array, place: number): number {
  let low = 0;
  let high = positions.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((positions[middle] as number) < place) low = middle + 1;
    else high = middle;
  }
  const below = Math.max(0, low - 1);
  const distance = (row: number): number => Math.abs((positions[row] ?? 0) - place);
  return distance(below) < distance(low) ? below : Math.max(0, low);
}

export interface RowMove {
  id: string;
  title: string;
  /** Keys that work anywhere on the page, and those that work on the scrubber only: elsewhere they scroll. */
  keys: readonly string[];
  scrubberKeys: readonly string[];
  to: (row: number, rows: number) => number;
}

const page = (rows: number): number => Math.max(1, Math.round(rows / 20));

/** What keys do with the cursor: read by whatever handles them, and by the list of shortcuts. */
export const rowMoves: readonly RowMove[] = [
  {
    id: 'next',
    title: 'One row on',
    keys: ['ArrowRight'],
    scrubberKeys: ['ArrowUp'],
    to: (row) => row + 1,
  },
  {
    id: 'previous',
    title: 'One row back',
    keys: ['ArrowLeft'],
    scrubberKeys: ['ArrowDown'],
    to: (row) => row - 1,
  },
  {
    id: 'page-next',
    title: '5 % of the rows on',
    keys: [],
    scrubberKeys: ['PageUp'],
    to: (row, rows) => row + page(rows),
  },
  {
    id: 'page-previous',
    title: '5 % of the rows back',
    keys: [],
    scrubberKeys: ['PageDown'],
    to: (row, rows) => row - page(rows),
  },
  { id: 'first', title: 'To the first row', keys: ['Home'], scrubberKeys: [], to: () => 0 },
  { id: 'last', title: 'To the last row', keys: ['End'], scrubberKeys: [], to: (_row, rows) => rows - 1 },
];

/** The row that a key moves to, or null for a key that moves nothing. */
export function rowForKey(key: string, row: number, rows: number): number | null {
  const move = rowMoves.find(({ keys, scrubberKeys }) => keys.includes(key) || scrubberKeys.includes(key));
  return move === undefined ? null : rowAfter(move, row, rows);
}

/** The row after a move, within the rows there are. */
export function rowAfter(move: RowMove, row: number, rows: number): number {
  return Math.min(Math.max(0, move.to(row, rows)), Math.max(0, rows - 1));
}

/** Where x lies between the ends of a Plotly axis range (exponents on a log axis), from 0 to 1. */
export function axisFraction(x: number, range: readonly [number, number], scale: Scale): number {
  const value = scale === 'log' ? Math.log10(x) : x;
  return Math.min(1, Math.max(0, (value - range[0]) / (range[1] - range[0])));
}

/** The x at a fraction of a Plotly axis range; the inverse of `axisFraction`. */
export function xAtFraction(fraction: number, range: readonly [number, number], scale: Scale): number {
  const value = range[0] + fraction * (range[1] - range[0]);
  return scale === 'log' ? 10 ** value : value;
}

/** The largest finite distance from 0 in any column: the full length of a bar. 0 without values. */
export function largestSize(columns: readonly Float64Array[]): number {
  let largest = 0;
  for (const values of columns) {
    for (const value of values) {
      const size = Math.abs(value);
      if (size > largest && size !== Infinity) largest = size;
    }
  }
  return largest;
}

/** Seconds that a replay at speed 1 takes from the first to the last row. */
export const REPLAY_SECONDS = 12;

/** The place after `milliseconds` of playing; at most 1. */
export function advancePlace(place: number, milliseconds: number, speed: number): number {
  return Math.min(1, place + (speed * milliseconds) / (1000 * REPLAY_SECONDS));
}
