/**
 * Intervals at 95 % around what runs say: the percentile bootstrap (Efron 1979; Efron & Tibshirani 1993, §13.3) for numbers
 * that were seen in every run, and the exact interval of Clopper and Pearson (1934) for shares. Medians of censored delays
 * have theirs in `aggregate.ts`.
 */
import { quantile } from './aggregate.ts';
import { Random } from './random.ts';

export const LEVEL = 0.95;

export interface ConfidenceInterval {
  /** Null where the data leave that side open. */
  low: number | null;
  high: number | null;
  /** How it came about, to be printed with it. */
  method: string;
}

export const RESAMPLES = 2000;

/**
 * Quantiles of a statistic over resamples drawn with replacement within each stratum (the runs of an arm at a sweep
 * point, say). The draws come from one seeded stream: the same values give the same interval everywhere.
 * @param statistic null for a resample that has none, which is left out
 * @returns null where fewer than half of the resamples have a value
 */
export function bootstrapInterval<T>(
  strata: readonly (readonly T[])[],
  statistic: (strata: readonly (readonly T[])[]) => number | null,
  resamples = RESAMPLES,
): { low: number; high: number } | null {
  const random = Random.stream(0, 'bootstrap');
  const replicates: number[] = [];
  for (let i = 0; i < resamples; i++) {
    const value = statistic(
      strata.map((stratum) => stratum.map(() => stratum[random.integer(stratum.length)] as T)),
    );
    if (value !== null && Number.isFinite(value)) replicates.push(value);
  }
  return replicates.length < resamples / 2 ? null : percentileInterval(replicates);
}

/** The middle 95 % of replicates. */
export function percentileInterval(replicates: readonly number[]): { low: number; high: number } {
  const sorted = Float64Array.from(replicates).sort();
  const tail = (1 - LEVEL) / 2;
  return { low: quantile([...sorted], tail), high: quantile([...sorted], 1 - tail) };
}

/**
 * The shares p for which `successes` or fewer, and `successes` or more, of `n` are no rarer than (1 − level) / 2 each.
 * Found by bisection on the binomial tail, which is summed, to the last bit of a float64.
 */
export function clopperPearson(successes: number, n: number, level = LEVEL): { low: number; high: number } {
  const tail = (1 - level) / 2;
  const low = successes === 0 ? 0 : bisect((p) => upperTail(successes, n, p) - tail);
  const high = successes === n ? 1 : 1 - bisect((q) => upperTail(n - successes, n, q) - tail);
  return { low, high };
}

/** P(X ≥ k) for X binomial of n and p, 0 < k. */
function upperTail(k: number, n: number, p: number): number {
  if (p <= 0) return 0;
  if (p >= 1) return 1;
  let logChoose = 0;
  for (let i = 0; i < k; i++) logChoose += Math.log((n - i) / (i + 1));
  let log = logChoose + k * Math.log(p) + (n - k) * Math.log1p(-p);
  let sum = 0;
  for (let i = k; i <= n; i++) {
    sum += Math.exp(log);
    log += Math.log((n - i) / (i + 1)) + Math.log(p) - Math.log1p(-p);
  }
  return sum;
}

/** Where a function that rises on [0, 1] from below 0 crosses it. */
function bisect(rising: (p: number) => number): number {
  let [low, high] = [0, 1];
  for (let middle = 0.5; middle > low && middle < high; middle = (low + high) / 2) {
    if (rising(middle) < 0) low = middle;
    else high = middle;
  }
  return high;
}
