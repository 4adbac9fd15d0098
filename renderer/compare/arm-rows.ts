/** Rows of the table of delays: sorted by a column, and as CSV. */
import type { MedianResult } from '../../shared/aggregate.ts';
import { csvField } from '../../shared/delay-table.ts';
import type { PairedComparison } from '../../shared/paired.ts';
import type { ArmGroup } from '../../shared/charts/groups.ts';
import { sweepQuantities, type SweepQuantity } from '../../shared/charts/sweep-quantities.ts';

export type ArmSort = 'arm' | 'n' | SweepQuantity | 'generalized' | 'effect';

export interface ArmRow {
  group: ArmGroup;
  /** Beside the pinned baseline; null without one, and for the baseline itself. */
  paired: PairedComparison | null;
}

/** Rows by a column; rows without a value come last in either direction, `null` keeps the order of the studies. */
export function sortArms(rows: readonly ArmRow[], sort: ArmSort | null, descending: boolean): ArmRow[] {
  if (sort === null) return [...rows];
  const keys = new Map(rows.map((row) => [row, keyOf(row, sort)]));
  const sign = descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [left, right] = [keys.get(a) ?? null, keys.get(b) ?? null];
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
    if (typeof left === 'string' || typeof right === 'string') {
      return sign * String(left).localeCompare(String(right), 'en', { numeric: true });
    }
    return sign * (left - right);
  });
}

function keyOf({ group, paired }: ArmRow, sort: ArmSort): string | number | null {
  switch (sort) {
    case 'arm':
      return group.label;
    case 'n':
      return group.row.n;
    case 'generalized':
      return group.row.shareGeneralized;
    case 'effect':
      return paired?.kind === 'compared' ? paired.median.low : null;
    default:
      return medianKey(group.row[sort]);
  }
}

/** A median that was not reached counts as its bound. */
function medianKey(median: MedianResult): number | null {
  switch (median.kind) {
    case 'observed':
      return median.value;
    case 'not-reached':
      return median.atLeast;
    case 'no-data':
      return null;
  }
}

/** The table as CSV (RFC 4180): an empty field where there is no value, infinite bounds as JavaScript writes them. */
export function armsCsv(rows: readonly ArmRow[]): string {
  const axes = [...new Set(rows.flatMap(({ group }) => Object.keys(group.point)))].sort();
  const quantities = Object.keys(sweepQuantities) as SweepQuantity[];
  const header = [
    'study',
    'arm',
    'family',
    'effortUnit',
    'n',
    'generalized',
    ...quantities.flatMap((name) =>
      ['', 'AtLeast', 'Low', 'High', 'Censored', 'Undefined'].map((part) => `${name}${part}`),
    ),
    ...['Low', 'High', 'IntervalLow', 'IntervalHigh', 'Coverage', 'Pairs'].map((part) => `effect${part}`),
    ...axes,
  ];
  const lines = rows.map(({ group, paired }) => {
    const { row } = group;
    const effect =
      paired?.kind === 'compared'
        ? [
            paired.median.low,
            paired.median.high,
            paired.interval.low,
            paired.interval.high,
            paired.interval.coverage,
            paired.pairs.length,
          ]
        : [null, null, null, null, null, null];
    return [
      group.studyId,
      row.arm,
      row.family,
      row.effortUnit,
      row.n,
      row.generalized,
      ...quantities.flatMap((name) => medianFields(row[name])),
      ...effect,
      ...axes.map((axis) => group.point[axis] ?? null),
    ];
  });
  return [header, ...lines].map((line) => `${line.map(csvField).join(',')}\r\n`).join('');
}

function medianFields(median: MedianResult): (number | null)[] {
  const counts = [median.censored, median.undefined];
  switch (median.kind) {
    case 'observed':
      return [median.value, null, median.low, median.high, ...counts];
    case 'not-reached':
      return [null, median.atLeast, null, null, ...counts];
    case 'no-data':
      return [null, null, null, null, ...counts];
  }
}
