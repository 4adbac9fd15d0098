/** From readings of runs to one side of a claim: a number, or the bounds that the data leave. */
import { kaplanMeierMedian, median } from './aggregate.ts';
import type { Reading } from './claim-readings.ts';
import type { ClaimOperand } from './claim-spec.ts';
import type { Duration } from './delay.ts';
import { bootstrapInterval, clopperPearson, RESAMPLES, type ConfidenceInterval } from './intervals.ts';
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
  /** Where other seeds would put the value; null where there is no method for it, or too few runs. */
  confidence: ConfidenceInterval | null;
}

/** A value behind a side; `x` where it belongs to a point of a trend. */
export interface Item {
  x: number;
  y: number;
}

/** What a bootstrap draws from, where every value is known: groups of values that are drawn within, and their statistic. */
export interface Sample {
  strata: readonly (readonly Item[])[];
  statistic: (strata: readonly (readonly Item[])[]) => number | null;
  /** What is drawn: "runs". */
  over: string;
}

/** A side as it is put together from others. */
export interface MeasuredSide extends ClaimSide {
  /** "the median delay of mlp" */
  name: string;
  /** "3 seeds, 1 censored" */
  counted: string;
  sample: Sample | null;
}

/** Fewer values than this have no bootstrap: their resamples are hardly any. */
export const FEWEST_RESAMPLED = 3;

export function bootstrapped(sample: Sample | null): ConfidenceInterval | null {
  if (sample === null) return null;
  const interval = bootstrapInterval(sample.strata, sample.statistic);
  if (interval === null) return null;
  const method = `percentile bootstrap over ${sample.over}, ${RESAMPLES.toLocaleString('en-US')} resamples`;
  return { ...interval, method };
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

/** What a bootstrap of a mean or a median draws from; null where a value is not known, or there are too few. */
export function sampleOf(readings: readonly Reading[], statistic: Statistic): Sample | null {
  if (statistic !== 'mean' && statistic !== 'median') return null;
  if (readings.length < FEWEST_RESAMPLED || readings.some(({ kind }) => kind !== 'observed')) return null;
  return {
    strata: [readings.map(({ low }) => ({ x: 0, y: low }))],
    statistic: ([values = []]) => reducers[statistic](values.map(({ y }) => y)),
    over: 'runs',
  };
}

/**
 * Bootstrap for means and medians of values that were all seen, Kaplan and Meier's for medians of censored ones, Clopper
 * and Pearson's for shares; the smallest and the largest value have none.
 */
export function confidenceOf(readings: readonly Reading[], statistic: Statistic): ConfidenceInterval | null {
  if (statistic === 'share') {
    if (readings.length === 0 || readings.some(({ low, high }) => low !== high)) return null;
    const seen = readings.reduce((sum, { low }) => sum + low, 0);
    return { ...clopperPearson(seen, readings.length), method: 'exact, by Clopper and Pearson' };
  }
  const sample = sampleOf(readings, statistic);
  if (sample !== null) return bootstrapped(sample);
  if (statistic !== 'median' || readings.length < FEWEST_RESAMPLED || !readings.every(isForSurvival))
    return null;
  const estimate = kaplanMeierMedian(readings.map(asDuration));
  if (estimate.kind !== 'observed' || (estimate.low === null && estimate.high === null)) return null;
  const { low, high } = estimate;
  return { low, high, method: 'Kaplan–Meier, by Brookmeyer and Crowley, log-log' };
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

export const reducers: Record<Statistic, (values: readonly number[]) => number> = {
  median,
  min: (values) => Math.min(...values),
  max: (values) => Math.max(...values),
  mean,
  share: mean,
};
