/**
 * Delay analysis: when a run fits its training data, when it generalizes, and how long it waits in between.
 * Works on raw recorded values, never on smoothed ones.
 */
import type { RunCurve } from './run.ts';
import type { ThresholdSpec } from './study.ts';

/**
 * The first recorded effort past a threshold, sustained as the threshold asks. `after` is the last recorded effort
 * before it, not past the threshold (null when already past at the first row): the event lies in (after, effort].
 * `sustained` is false when the run ended before the sustain window did. `relapses` counts later falls back.
 * A censored event did not happen up to and including the last recorded effort, `at` (0 for an empty curve).
 * An event is unknown where the run does not record the metric that its threshold reads.
 */
export type CrossingEvent =
  | { kind: 'observed'; effort: number; after: number | null; sustained: boolean; relapses: number }
  | { kind: 'censored'; at: number }
  | { kind: 'unknown'; reason: string };

/** A duration that is known, or known only to exceed a bound, or undefined: the run never fitted, or cannot tell. */
export type Duration =
  | { kind: 'observed'; value: number }
  | { kind: 'censored'; atLeast: number }
  | { kind: 'undefined'; reason: string };

export interface DelayResult {
  fit: CrossingEvent;
  generalization: CrossingEvent;
  /** generalization − fit, in effort. Negative when the test metric crosses first. */
  delay: Duration;
  /** generalization / fit. Undefined when the fit step is 0. */
  delayRatio: Duration;
  /** Effort from 10 % to 90 % of the rise of the test metric, see `riseTime`. */
  sharpness: Duration;
}

/** Column names that a threshold's metric reads. */
export function thresholdColumns(thresholds: ThresholdSpec): { train: string; test: string } {
  return thresholds.metric === 'accuracy'
    ? { train: 'trainAccuracy', test: 'testAccuracy' }
    : { train: 'trainLoss', test: 'testLoss' };
}

/** Whether a split's metric is past its threshold: accuracy ≥ threshold or loss ≤ threshold; NaN is never past. */
export function isPast(thresholds: ThresholdSpec, split: 'train' | 'test', value: number): boolean {
  return pastLevel(thresholds.metric, thresholds[split])(value);
}

function pastLevel(metric: ThresholdSpec['metric'], level: number): (value: number) => boolean {
  return metric === 'accuracy' ? (value) => value >= level : (value) => value <= level;
}

/**
 * Finds a run's fit and generalization steps and what follows from them.
 *
 * Past means accuracy ≥ threshold or loss ≤ threshold; NaN is never past. A row counts as the event when the metric
 * is past at it and at every later row up to the first one at or beyond `sustain` × its effort. At effort 0, where a
 * factor says nothing, a sustain above 1 asks for the next row as well. A run stopped early is censored at its last row.
 * Where the curve has rows but lacks `effort` or a threshold's column, what depends on that column is said to be unknown.
 */
export function analyseDelay(curve: RunCurve, thresholds: ThresholdSpec): DelayResult {
  if (curve.length === 0) return emptyResult();
  const names = thresholdColumns(thresholds);
  const past = (level: number) => pastLevel(thresholds.metric, level);
  const crossing = (name: string, level: number): CrossingEvent => {
    const [effort, values] = [curve.columns['effort'], curve.columns[name]];
    if (effort === undefined || values === undefined) {
      const missing = effort === undefined ? 'effort' : name;
      return { kind: 'unknown', reason: `The run records no "${missing}", which its thresholds read.` };
    }
    return findCrossing(effort, values, past(level), thresholds.sustain);
  };
  const fit = crossing(names.train, thresholds.train);
  const generalization = crossing(names.test, thresholds.test);
  return {
    fit,
    generalization,
    delay: delayOf(fit, generalization),
    delayRatio: delayRatioOf(fit, generalization),
    sharpness: riseTime(curve, names.test, thresholds.test, generalization, past),
  };
}

export type AnalyseDelay = typeof analyseDelay;

function emptyResult(): DelayResult {
  const nothing: Duration = { kind: 'undefined', reason: 'The run has no recorded rows yet.' };
  const never: CrossingEvent = { kind: 'censored', at: 0 };
  return { fit: never, generalization: never, delay: nothing, delayRatio: nothing, sharpness: nothing };
}

function findCrossing(
  effort: Float64Array,
  values: Float64Array,
  isPast: (value: number) => boolean,
  sustain: number,
): CrossingEvent {
  const rows = effort.length;
  let start = 0;
  while (start < rows) {
    if (!isPast(values[start] as number)) {
      start++;
      continue;
    }
    const fall = firstNotPast(values, isPast, start);
    const from = effort[start] as number;
    const end = windowEnd(effort, start, sustain);
    // The first row at or beyond the window's end has to be past, too: between two rows nothing is known.
    const reached = (effort[fall - 1] as number) >= end;
    if (reached || fall === rows) {
      const after = start === 0 ? null : (effort[start - 1] as number);
      return {
        kind: 'observed',
        effort: from,
        after,
        sustained: reached,
        relapses: countFalls(values, isPast, fall),
      };
    }
    start = fall;
  }
  return { kind: 'censored', at: effort[rows - 1] as number };
}

/** The effort at which what began at `from` has lasted for a factor on effort. */
export function heldUntil(from: number, factor: number): number {
  // A hair less than the product, which rounds up for some factors: 1.1 × 100 is 110.00000000000001.
  return factor * from * (1 - 1e-12);
}

function windowEnd(effort: Float64Array, row: number, sustain: number): number {
  const from = effort[row] as number;
  if (sustain === 1) return from;
  if (from !== 0) return heldUntil(from, sustain);
  return effort[row + 1] ?? Infinity;
}

function firstNotPast(values: Float64Array, isPast: (value: number) => boolean, start: number): number {
  let row = start;
  while (row < values.length && isPast(values[row] as number)) row++;
  return row;
}

/** Falls back from past to not past, from row `fall` on, the first row after an uninterrupted stretch. */
function countFalls(values: Float64Array, isPast: (value: number) => boolean, fall: number): number {
  let falls = 0;
  for (let row = fall; row < values.length; row++) {
    if (!isPast(values[row] as number) && isPast(values[row - 1] as number)) falls++;
  }
  return falls;
}

function delayOf(fit: CrossingEvent, generalization: CrossingEvent): Duration {
  if (fit.kind === 'unknown') return { kind: 'undefined', reason: fit.reason };
  if (generalization.kind === 'unknown') return { kind: 'undefined', reason: generalization.reason };
  if (fit.kind === 'censored') return neverFitted(fit.at);
  if (generalization.kind === 'censored')
    return { kind: 'censored', atLeast: generalization.at - fit.effort };
  return { kind: 'observed', value: generalization.effort - fit.effort };
}

function delayRatioOf(fit: CrossingEvent, generalization: CrossingEvent): Duration {
  if (fit.kind === 'unknown') return { kind: 'undefined', reason: fit.reason };
  if (generalization.kind === 'unknown') return { kind: 'undefined', reason: generalization.reason };
  if (fit.kind === 'censored') return neverFitted(fit.at);
  if (fit.effort === 0) {
    return { kind: 'undefined', reason: 'The run fits its training data at effort 0, before any update.' };
  }
  if (generalization.kind === 'censored')
    return { kind: 'censored', atLeast: generalization.at / fit.effort };
  return { kind: 'observed', value: generalization.effort / fit.effort };
}

function neverFitted(at: number): Duration {
  return {
    kind: 'undefined',
    reason: `The run did not fit its training data within ${at.toLocaleString('en-US')}.`,
  };
}

/**
 * Rise time of the test metric: its way from its first finite value to its threshold, between 10 % and 90 % of it.
 * Each level counts from the row after which, up to the generalization step, the metric never falls below it again:
 * early noise around the first value does not lengthen the rise.
 */
function riseTime(
  curve: RunCurve,
  testColumn: string,
  threshold: number,
  generalization: CrossingEvent,
  past: (level: number) => (value: number) => boolean,
): Duration {
  if (generalization.kind === 'unknown') return { kind: 'undefined', reason: generalization.reason };
  if (generalization.kind === 'censored') {
    const at = generalization.at.toLocaleString('en-US');
    return { kind: 'undefined', reason: `The test metric did not reach its threshold within ${at}.` };
  }
  const effort = curve.columns['effort'] as Float64Array;
  const test = curve.columns[testColumn] as Float64Array;
  const base = test.find((value) => Number.isFinite(value)) as number;
  if (past(threshold)(base)) {
    return { kind: 'undefined', reason: 'The test metric is past its threshold from its first value on.' };
  }
  const last = effort.indexOf(generalization.effort);
  const lastPassage = (share: number): number => {
    const isPast = past(base + share * (threshold - base));
    let row = last;
    while (row > 0 && isPast(test[row - 1] as number)) row--;
    return effort[row] as number;
  };
  return { kind: 'observed', value: lastPassage(0.9) - lastPassage(0.1) };
}
