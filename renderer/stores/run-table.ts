/** Filtering and sorting of the table of all runs. */
import type { RunRecord, RunStatus, StudyRecord } from '../../shared/run.ts';
import { runTitle } from '../../shared/sweep.ts';
import { statusOrder } from './progress.ts';

export interface RunRow {
  run: RunRecord;
  study: string;
  /** Lower case, for the text filter. */
  haystack: string;
}

export const runSorts = ['study', 'arm', 'seed', 'status', 'effort', 'train', 'test', 'created'] as const;
export type RunSort = (typeof runSorts)[number];

export interface RunFilter {
  text: string;
  family: string;
  status: RunStatus | '';
}

export function runRows(runs: readonly RunRecord[], studies: readonly StudyRecord[]): RunRow[] {
  const titles = new Map(studies.map((study) => [study.id, study.study.title]));
  return runs.map((run) => {
    const study = titles.get(run.studyId) ?? run.studyId;
    return { run, study, haystack: `${study} ${run.id} ${runTitle(run)} seed ${run.seed}`.toLowerCase() };
  });
}

/** Rows that hold every word of the text and have the chosen family and status. */
export function filterRows(rows: readonly RunRow[], filter: RunFilter): RunRow[] {
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return rows.filter(
    ({ run, haystack }) =>
      (filter.family === '' || run.family === filter.family) &&
      (filter.status === '' || run.status === filter.status) &&
      words.every((word) => haystack.includes(word)),
  );
}

/** Stable; rows without a value come last in either direction. */
export function sortRows(rows: readonly RunRow[], sort: RunSort, descending: boolean): RunRow[] {
  const keys = new Map(rows.map((row) => [row, sortKey(row, sort)]));
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [keys.get(a) ?? null, keys.get(b) ?? null];
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
    return left < right ? -sign : left > right ? sign : 0;
  });
}

function sortKey({ run, study }: RunRow, sort: RunSort): string | number | null {
  switch (sort) {
    case 'study':
      return study;
    case 'arm':
      return runTitle(run);
    case 'seed':
      return run.seed;
    case 'status':
      return statusOrder.indexOf(run.status);
    case 'effort':
      return run.effort;
    case 'train':
      return numberOrNull(run.latest['trainAccuracy']);
    case 'test':
      return numberOrNull(run.latest['testAccuracy']);
    case 'created':
      return run.createdAt;
  }
}

function numberOrNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}

/** Which rows of a scrolled table have to exist, with a few beyond either edge. */
export function visibleRange(
  scrollTop: number,
  height: number,
  rowHeight: number,
  rows: number,
): { from: number; to: number } {
  const margin = 10;
  const from = Math.max(0, Math.min(rows, Math.floor(scrollTop / rowHeight)) - margin);
  const to = Math.min(rows, Math.ceil((scrollTop + height) / rowHeight) + margin);
  return { from, to };
}
