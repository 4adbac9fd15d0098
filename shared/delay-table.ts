/** The delay table: one row per run, one per arm and sweep point. The terminal, Compare and a bundle's analysis.json print this. */
import { kaplanMeierMedian, medianMethod, type MedianResult } from './aggregate.ts';
import { analyseDelay, type CrossingEvent, type DelayResult, type Duration } from './delay.ts';
import type { Family } from './model-spec.ts';
import { endedStatuses, type RunCurve, type RunRecord, type RunStatus } from './run.ts';
import type { ThresholdSpec } from './study.ts';
import { pointKey, type SweepPoint } from './sweep.ts';

export interface RunWithCurve {
  run: RunRecord;
  curve: RunCurve;
  /** What was read from the whole curve, where `curve` holds some of its rows. */
  analysed?: Analysed;
}

/** What a table of delays needs of a curve. */
export interface Analysed {
  result: DelayResult;
  /** Column name → its value at the last recorded row. */
  last: Record<string, number>;
}

export function analyse(curve: RunCurve, thresholds: ThresholdSpec): Analysed {
  const last = Object.entries(curve.columns).flatMap(([name, values]) => {
    const value = values.at(-1);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { result: analyseDelay(curve, thresholds), last: Object.fromEntries(last) };
}

/**
 * A run's delays as plain numbers. Of each quantity: the value, or null where it was not seen; whether it is
 * censored; and the bound that a censored value exceeds.
 */
export interface RunDelayRow {
  id: string;
  arm: string;
  /** The sweep point: path → value; empty for an arm without a sweep. */
  point: SweepPoint;
  family: Family;
  seed: number;
  status: RunStatus;
  /** Last recorded effort, −1 before the first row. */
  effort: number;
  effortUnit: string;
  maxEffort: number;
  fitStep: number | null;
  fitStepCensored: boolean;
  fitStepAtLeast: number | null;
  generalizationStep: number | null;
  generalizationStepCensored: boolean;
  generalizationStepAtLeast: number | null;
  delay: number | null;
  delayCensored: boolean;
  delayAtLeast: number | null;
  delayRatio: number | null;
  delayRatioCensored: boolean;
  delayRatioAtLeast: number | null;
  /** At the last recorded row; null where the run has no such column or no row, or the value is not a number. */
  finalTrainAccuracy: number | null;
  finalTestAccuracy: number | null;
  finalTrainLoss: number | null;
  finalTestLoss: number | null;
  /** The analysis behind the numbers: intervals, relapses, reasons. */
  result: DelayResult;
}

/** The runs of one arm at one sweep point. */
export interface ArmDelayRow {
  arm: string;
  point: SweepPoint;
  family: Family;
  effortUnit: string;
  /** Runs with at least one recorded row; the medians stand on them. */
  n: number;
  /** Runs without a row yet. */
  waiting: number;
  /** Of the n runs: not ended yet, and ended by a failure. Both count as censored where an event was not seen. */
  unfinished: number;
  failed: number;
  /** Runs that generalized, of n. */
  generalized: number;
  shareGeneralized: number | null;
  fitStep: MedianResult;
  generalizationStep: MedianResult;
  delay: MedianResult;
  delayRatio: MedianResult;
  sharpness: MedianResult;
}

export interface DelayTable {
  runs: RunDelayRow[];
  arms: ArmDelayRow[];
  /** How the medians were computed, to be printed with them. */
  method: string;
}

export function delayTable(runs: readonly RunWithCurve[]): DelayTable {
  const rows = runs.map(({ run, curve, analysed }) =>
    runRow(run, analysed ?? analyse(curve, run.arm.thresholds)),
  );
  const groups = new Map<string, RunDelayRow[]>();
  runs.forEach(({ run }, i) => {
    const key = groupKey(run);
    const group = groups.get(key);
    const row = rows[i] as RunDelayRow;
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  });
  return { runs: rows, arms: [...groups.values()].map(armRow), method: medianMethod };
}

/** Runs with one key are seeds of one arm at one sweep point of one study. */
export function groupKey(run: Pick<RunRecord, 'studyId' | 'armId' | 'point'>): string {
  const point = pointKey(run.point);
  return `${run.studyId}/${run.armId}${point === '{}' ? '' : `/${point}`}`;
}

function runRow(run: RunRecord, { result, last }: Analysed): RunDelayRow {
  const fit = numbersOf(eventDuration(result.fit));
  const generalization = numbersOf(eventDuration(result.generalization));
  const delay = numbersOf(result.delay);
  const ratio = numbersOf(result.delayRatio);
  return {
    id: run.id,
    arm: run.armId,
    point: run.point,
    family: run.family,
    seed: run.seed,
    status: run.status,
    effort: last['effort'] ?? -1,
    effortUnit: run.effortUnit,
    maxEffort: run.arm.budget.maxEffort,
    fitStep: fit.value,
    fitStepCensored: fit.censored,
    fitStepAtLeast: fit.atLeast,
    generalizationStep: generalization.value,
    generalizationStepCensored: generalization.censored,
    generalizationStepAtLeast: generalization.atLeast,
    delay: delay.value,
    delayCensored: delay.censored,
    delayAtLeast: delay.atLeast,
    delayRatio: ratio.value,
    delayRatioCensored: ratio.censored,
    delayRatioAtLeast: ratio.atLeast,
    finalTrainAccuracy: finite(last['trainAccuracy']),
    finalTestAccuracy: finite(last['testAccuracy']),
    finalTrainLoss: finite(last['trainLoss']),
    finalTestLoss: finite(last['testLoss']),
    result,
  };
}

/** An event's effort as a duration from effort 0. */
export function eventDuration(event: CrossingEvent): Duration {
  switch (event.kind) {
    case 'observed':
      return { kind: 'observed', value: event.effort };
    case 'censored':
      return { kind: 'censored', atLeast: event.at };
    case 'unknown':
      return { kind: 'undefined', reason: event.reason };
  }
}

function numbersOf(duration: Duration): { value: number | null; censored: boolean; atLeast: number | null } {
  return {
    value: duration.kind === 'observed' ? duration.value : null,
    censored: duration.kind === 'censored',
    atLeast: duration.kind === 'censored' ? duration.atLeast : null,
  };
}

/** The value of a column at the last recorded row, or null where there is none that is a number. */
export function lastValue(curve: RunCurve, column: string): number | null {
  return finite(curve.columns[column]?.at(-1));
}

function finite(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value;
}

function armRow(rows: readonly RunDelayRow[]): ArmDelayRow {
  const first = rows[0] as RunDelayRow;
  const begun = rows.filter((row) => row.effort >= 0);
  const generalized = begun.filter((row) => row.generalizationStep !== null).length;
  const medianOf = (read: (result: DelayResult) => Duration): MedianResult =>
    kaplanMeierMedian(begun.map((row) => read(row.result)));
  return {
    arm: first.arm,
    point: first.point,
    family: first.family,
    effortUnit: first.effortUnit,
    n: begun.length,
    waiting: rows.length - begun.length,
    unfinished: begun.filter((row) => !endedStatuses.includes(row.status)).length,
    failed: begun.filter((row) => row.status === 'failed').length,
    generalized,
    shareGeneralized: begun.length === 0 ? null : generalized / begun.length,
    fitStep: medianOf((result) => eventDuration(result.fit)),
    generalizationStep: medianOf((result) => eventDuration(result.generalization)),
    delay: medianOf((result) => result.delay),
    delayRatio: medianOf((result) => result.delayRatio),
    sharpness: medianOf((result) => result.sharpness),
  };
}

const csvColumns = [
  'id',
  'arm',
  'family',
  'seed',
  'status',
  'effort',
  'effortUnit',
  'maxEffort',
  'fitStep',
  'fitStepCensored',
  'fitStepAtLeast',
  'generalizationStep',
  'generalizationStepCensored',
  'generalizationStepAtLeast',
  'delay',
  'delayCensored',
  'delayAtLeast',
  'delayRatio',
  'delayRatioCensored',
  'delayRatioAtLeast',
  'finalTrainAccuracy',
  'finalTestAccuracy',
  'finalTrainLoss',
  'finalTestLoss',
] as const satisfies readonly (keyof RunDelayRow)[];

/**
 * The run rows as CSV (RFC 4180): full precision, an empty field where there is no value. After them a column for every
 * setting that some arm sweeps, named by its path.
 */
export function delayTableCsv(table: DelayTable): string {
  const axes = [...new Set(table.runs.flatMap((row) => Object.keys(row.point)))].sort();
  const lines = [
    [...csvColumns, ...axes].map(csvField).join(','),
    ...table.runs.map((row) =>
      [...csvColumns.map((name) => row[name]), ...axes.map((axis) => row.point[axis] ?? null)]
        .map(csvField)
        .join(','),
    ),
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}

/** One field of a CSV line, quoted where RFC 4180 asks for it. */
export function csvField(value: string | number | boolean | null): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export { formatDuration, formatEvent } from './format.ts';
