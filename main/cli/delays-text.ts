/** The delay table and the verdicts on the claims, as text and as JSON. */
import { quoteWords, sourceWords } from '../../shared/claim-source.ts';
import { confidenceLines, verdictWords, type ClaimVerdict } from '../../shared/claims.ts';
import type { DelayTable, RunWithCurve } from '../../shared/delay-table.ts';
import {
  eventNotes,
  formatDuration,
  formatEffort,
  formatEvent,
  formatMedian,
  formatRatio,
} from '../../shared/format.ts';
import type { Study } from '../../shared/study.ts';
import { armWords, runWords } from '../../shared/sweep.ts';
import { count, formatTable } from './format.ts';

export interface DelayReport {
  studyId: string;
  study: Study;
  runs: readonly RunWithCurve[];
  table: DelayTable;
  claims: readonly ClaimVerdict[];
}

/** Everything below a finished study in the terminal. */
export function delayText(report: DelayReport): string {
  const { table, claims } = report;
  const parts = [runRows(table), armRows(table), `${table.method}\n`];
  const notes = table.runs.flatMap((row) =>
    [
      ...eventNotes(row.result.fit).map((note) => `fit step: ${note}`),
      ...eventNotes(row.result.generalization).map((note) => `generalization step: ${note}`),
    ].map((note) => `  ${runWords(row.arm, row.point, row.seed)}, ${note}\n`),
  );
  if (notes.length > 0) parts.push(`Notes\n${notes.join('')}`);
  if (claims.length > 0) parts.push(`Claims\n${claims.map(claimText).join('')}`);
  return parts.join('\n');
}

function runRows(table: DelayTable): string {
  const columns = [
    { header: 'arm' },
    { header: 'seed', align: 'right' },
    { header: 'status' },
    { header: 'effort', align: 'right' },
    { header: 'fit step', align: 'right' },
    { header: 'generalization step', align: 'right' },
    { header: 'delay', align: 'right' },
    { header: 'ratio', align: 'right' },
  ] as const;
  const rows = table.runs.map((row) => [
    armWords(row.arm, row.point),
    String(row.seed),
    row.status,
    row.effort < 0 ? 'none' : formatEffort(row.effort),
    formatEvent(row.result.fit),
    formatEvent(row.result.generalization),
    formatDuration(row.result.delay),
    formatDuration(row.result.delayRatio, formatRatio),
  ]);
  return formatTable(columns, rows);
}

function armRows(table: DelayTable): string {
  const columns = [
    { header: 'arm, median over seeds' },
    { header: 'generalized', align: 'right' },
    { header: 'fit step', align: 'right' },
    { header: 'generalization step', align: 'right' },
    { header: 'delay', align: 'right' },
    { header: 'ratio', align: 'right' },
    { header: 'unit' },
  ] as const;
  const rows = table.arms.map((row) => [
    armWords(row.arm, row.point),
    `${row.generalized} of ${row.n}`,
    formatMedian(row.fitStep),
    formatMedian(row.generalizationStep),
    formatMedian(row.delay),
    formatMedian(row.delayRatio, formatRatio),
    [
      `${row.effortUnit}s`,
      ...(row.unfinished > 0 ? [`${count(row.unfinished, 'run')} unfinished`] : []),
      ...(row.failed > 0 ? [`${count(row.failed, 'run')} failed`] : []),
      ...(row.waiting > 0 ? [`${count(row.waiting, 'run')} without data`] : []),
    ].join('; '),
  ]);
  return formatTable(columns, rows);
}

/** A verdict with its claim, where that comes from, its reason and its intervals. */
export function claimText(one: ClaimVerdict): string {
  const { claim, verdict, why } = one;
  const lines = [why, ...confidenceLines(one), quoteWords(claim)].filter((line) => line !== '');
  const head = `  ${verdictWords[verdict]}: ${claim.text} (${sourceWords(claim)})\n`;
  return `${head}${lines.map((line) => `    ${line}\n`).join('')}`;
}

/** The same as one JSON document. */
export function delayJson({ studyId, runs, table, claims }: DelayReport): unknown {
  return {
    studyId,
    runs: table.runs.map((row, i) => ({
      ...row,
      error: runs[i]?.run.error ?? null,
      note: runs[i]?.run.note ?? null,
    })),
    arms: table.arms,
    method: table.method,
    claims,
  };
}
