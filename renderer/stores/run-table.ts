/** Filtering, grouping and sorting of the table of all runs. */
import { endedStatuses, type RunRecord, type RunStatus, type StudyRecord } from '../../shared/run.ts';
import { runTitle } from '../../shared/sweep.ts';
import { familyTitles } from '../../shared/charts/palette.ts';
import { statusOrder } from './progress.ts';
import { fieldValues, holds, parseRunQuery, queryFault, runFields, type FieldValue } from './run-query.ts';

export interface RunRow {
  run: RunRecord;
  study: string;
  /** Lower case, for words that may stand in any field. */
  haystack: string;
  /** For conditions on one field; made when first asked for. */
  fields: () => ReadonlyMap<string, FieldValue>;
}

export const runSorts = ['study', 'arm', 'seed', 'status', 'effort', 'train', 'test', 'created'] as const;
export type RunSort = (typeof runSorts)[number];

export const runGroupings = ['study', 'arm', 'status', 'family', 'dataset', 'model'] as const;
export type RunGrouping = (typeof runGroupings)[number];

export interface RunFilter {
  text: string;
  family: string;
  status: RunStatus | '';
}

/** A record never changes, it is replaced: its row is made once. */
const madeRows = new WeakMap<RunRecord, RunRow>();

export function runRows(runs: readonly RunRecord[], studies: readonly StudyRecord[]): RunRow[] {
  const titles = new Map(studies.map((study) => [study.id, study.study.title]));
  return runs.map((run) => {
    const study = titles.get(run.studyId) ?? run.studyId;
    const made = madeRows.get(run);
    if (made?.study === study) return made;
    const row = newRow(run, study);
    madeRows.set(run, row);
    return row;
  });
}

function newRow(run: RunRecord, study: string): RunRow {
  let fields: ReadonlyMap<string, FieldValue> | null = null;
  const { dataset, model, trainer } = run.arm;
  const words = [
    study,
    run.id,
    runTitle(run),
    `seed ${run.seed}`,
    run.family,
    familyTitles[run.family],
    run.status,
    dataset.kind,
    model.kind,
    trainer.kind,
    run.backend?.engine ?? '',
    run.backend?.device ?? '',
    run.error?.message ?? '',
    run.note ?? '',
  ];
  return {
    run,
    study,
    haystack: words.join(' ').toLowerCase(),
    fields: () => (fields ??= runFields(run, study)),
  };
}

/** Rows that fit every word and condition of the text (`parseRunQuery`) and have the chosen family and status. */
export function filterRows(rows: readonly RunRow[], filter: RunFilter): RunRow[] {
  const terms = parseRunQuery(filter.text);
  return rows.filter(
    ({ run, haystack, fields }) =>
      (filter.family === '' || run.family === filter.family) &&
      (filter.status === '' || run.status === filter.status) &&
      terms.every((term) => {
        const found =
          term.field === null
            ? haystack.includes(term.value)
            : fieldValues(fields(), term.field).some((value) => holds(value, term));
        return found !== term.negated;
      }),
  );
}

/** What is wrong with a text filter, in words; null for nothing, or where there are no runs to ask. */
export function filterFault(rows: readonly RunRow[], text: string): string | null {
  if (rows.length === 0) return null;
  return queryFault(parseRunQuery(text), (name) =>
    rows.some(({ fields }) => fieldValues(fields(), name).length > 0),
  );
}

export interface RunGroup {
  key: string;
  title: string;
  rows: RunRow[];
}

/** Groups in the order of their first rows, statuses in the order of a run's life; each group keeps the rows' order. */
export function groupRows(rows: readonly RunRow[], by: RunGrouping): RunGroup[] {
  const groups = new Map<string, RunGroup>();
  for (const row of rows) {
    const { key, title } = groupOf(row, by);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { key, title, rows: [row] });
    else group.rows.push(row);
  }
  const ordered = [...groups.values()];
  if (by !== 'status') return ordered;
  const place = ({ key }: RunGroup): number => statusOrder.indexOf(key as RunStatus);
  return ordered.sort((a, b) => place(a) - place(b));
}

function groupOf({ run, study }: RunRow, by: RunGrouping): { key: string; title: string } {
  switch (by) {
    case 'study':
      return { key: run.studyId, title: study };
    case 'arm':
      return { key: `${run.studyId}/${run.armId}`, title: `${run.arm.title} · ${study}` };
    case 'status':
      return { key: run.status, title: run.status };
    case 'family':
      return { key: run.family, title: familyTitles[run.family] };
    case 'dataset':
      return { key: run.arm.dataset.kind, title: run.arm.dataset.kind };
    case 'model':
      return { key: run.arm.model.kind, title: run.arm.model.kind };
  }
}

/** A line of the table, all of one height: a group's heading or a run. */
export type RunLine =
  { kind: 'group'; key: string; group: RunGroup; open: boolean } | { kind: 'run'; key: string; row: RunRow };

export function runLines(
  rows: readonly RunRow[],
  by: RunGrouping | '',
  closed: ReadonlySet<string>,
): RunLine[] {
  const lines = (of: readonly RunRow[]): RunLine[] =>
    of.map((row) => ({ kind: 'run', key: row.run.id, row }));
  if (by === '') return lines(rows);
  return groupRows(rows, by).flatMap((group): RunLine[] => {
    const key = `${by}:${group.key}`;
    const open = !closed.has(key);
    return [{ kind: 'group', key, group, open }, ...(open ? lines(group.rows) : [])];
  });
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

/**
 * Runs that go, those that have gone longest first; those that wait, as they will start; those that wait for the user; those
 * that have ended, the last to end first.
 * @param places of runs that wait: 1 goes next
 */
export function queueOrder(rows: readonly RunRow[], places: ReadonlyMap<string, number>): RunRow[] {
  const parts: Record<'going' | 'waiting' | 'held' | 'ended', RunRow[]> = {
    going: [],
    waiting: [],
    held: [],
    ended: [],
  };
  for (const row of rows) parts[partOf(row.run.status)].push(row);
  const { going, waiting, held, ended } = parts;
  const place = ({ run }: RunRow): number => places.get(run.id) ?? Number.MAX_SAFE_INTEGER;
  const startedAt = ({ run }: RunRow): string => run.startedAt ?? run.createdAt;
  const endedAt = ({ run }: RunRow): string => run.endedAt ?? run.createdAt;
  return [
    ...going.sort((a, b) => compare(startedAt(a), startedAt(b))),
    ...waiting.sort((a, b) => place(a) - place(b)),
    ...held.sort((a, b) => compare(b.run.createdAt, a.run.createdAt)),
    ...ended.sort((a, b) => compare(endedAt(b), endedAt(a))),
  ];
}

function partOf(status: RunStatus): 'going' | 'waiting' | 'held' | 'ended' {
  if (status === 'running') return 'going';
  if (status === 'queued') return 'waiting';
  return endedStatuses.includes(status) ? 'ended' : 'held';
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
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
