/** From readings of runs to one side of a claim: a number, or the bounds that the data leave. */
import { kaplanMeierMedian, median } from './aggregate.ts';
import type { Reading } from './claim-readings.ts';
import type { ClaimOperand } from './claim-spec.ts';
import type { Duration } from './delay.ts';
import type { LogLinearFit } from './trend.ts';

/** One side of a claim, as measured. A number in the claim itself has `n` 0 and `low` = `high` = the number. */
export interface ClaimSide {
  /** Null where only bounds are known. */
  value: number | null;
  /** Every value that the data leave possible lies in [low, high]; infinite where open, NaN-free. */
  low: number;
  high: number;
  /** Runs behind it, how many of them are censored, and how many leave the quantity without any value. */
  n: number;
  censored: number;
  unknown: number;
  /** "the median generalization step of gp-zero-one: 412 (5 seeds)" */
  words: string;
  /** For a log-linear trend, the fit by each reading of values that have no logarithm. */
  fits?: { logZero: LogLinearFit | null; leftOut: LogLinearFit | null };
}

export interface Summary {
  value: number | null;
  low: number;
  high: number;
}

export const nothingKnown: Summary = { value: null, low: -Infinity, high: Infinity };

export interface Counts {
  n: number;
  censored: number;
  unknown: number;
}

export function countsOf(readings: readonly Reading[]): Counts {
  return {
    n: readings.length,
    censored: readings.filter((reading) => reading.kind === 'censored').length,
    unknown: readings.filter((reading) => reading.kind === 'unknown').length,
  };
}

export type Statistic = Exclude<ClaimOperand['statistic'], 'each'>;

/** The statistic of the intervals' lower and of their upper ends: between them lies every possible value. */
export function summarize(readings: readonly Reading[], statistic: Statistic): Summary {
  if (readings.length === 0) return nothingKnown;
  const reduce = reducers[statistic];
  const low = reduce(readings.map((reading) => reading.low));
  const high = reduce(readings.map((reading) => reading.high));
  if (low === high) return { value: low, low, high };
  if (statistic === 'median' && readings.every(isForSurvival)) {
    const estimate = kaplanMeierMedian(readings.map(asDuration));
    if (estimate.kind === 'observed') return exactly(estimate.value);
  }
  return { value: null, low, high };
}

export function exactly(value: number): Summary {
  return { value, low: value, high: value };
}

/** Kaplan–Meier estimates a median over runs of the whole budget; a run cut short could still be anything above its bound. */
function isForSurvival({ kind, complete }: Reading): boolean {
  return kind === 'observed' || (kind === 'censored' && complete);
}

function asDuration(reading: Reading): Duration {
  return reading.kind === 'observed'
    ? { kind: 'observed', value: reading.low }
    : { kind: 'censored', atLeast: reading.low };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const reducers: Record<Statistic, (values: readonly number[]) => number> = {
  median,
  min: (values) => Math.min(...values),
  max: (values) => Math.max(...values),
  mean,
  share: mean,
};
