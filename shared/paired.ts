/**
 * One arm against another, seed by seed. A pair is two runs of one seed; a censored run makes what is known of its pair an
 * interval, never a number, so that no pair is dropped because a run did not end in time.
 */
import type { Duration } from './delay.ts';
import { median } from './aggregate.ts';

export type Effect = 'ratio' | 'difference';

/** A run's quantity beside its seed. */
export interface SeedDuration {
  seed: number;
  duration: Duration;
}

/** What is known of a pair's effect: exact where low = high; open at an infinite end. */
export interface PairedEffect {
  seed: number;
  low: number;
  high: number;
}

export interface EffectInterval {
  low: number;
  high: number;
  /** The probability with which such an interval holds the median of the effects, at least. */
  coverage: number;
}

/** `median` bounds the median of the effects: exact where low = high. */
export type PairedComparison =
  | {
      kind: 'compared';
      effect: Effect;
      pairs: PairedEffect[];
      median: { low: number; high: number };
      interval: EffectInterval;
      /** Pairs in which the arm surely comes later than the baseline, earlier, at the same effort, or none of these. */
      later: number;
      earlier: number;
      equal: number;
      open: number;
      /** Seeds of both arms for which the effect does not exist: a run that never fitted, a ratio to 0. */
      undefined: number;
    }
  | { kind: 'no-pairs'; reason: string; undefined: number };

/** Said beside every effect. */
export const pairedMethod =
  'Median over pairs of one seed; interval from order statistics of the paired effects (exact binomial, as of the sign test), ' +
  '95 % or, below 6 pairs, the most that so few can give. A censored run leaves its pair an interval: bounds take its open side';

/**
 * The effect of an arm beside a baseline: median of `arm / baseline` or `arm − baseline` over the seeds that both have.
 */
export function comparePaired(
  arm: readonly SeedDuration[],
  baseline: readonly SeedDuration[],
  effect: Effect,
): PairedComparison {
  const bySeed = new Map(baseline.map(({ seed, duration }) => [seed, duration]));
  const common = arm.flatMap(({ seed, duration }) => {
    const base = bySeed.get(seed);
    return base === undefined ? [] : [{ seed, duration, base }];
  });
  if (common.length === 0)
    return { kind: 'no-pairs', reason: 'The two have no seed in common.', undefined: 0 };
  const pairs = common.flatMap(({ seed, duration, base }) => {
    const known = effectOf(rangeOf(duration), rangeOf(base), effect);
    return known === null ? [] : [{ seed, ...known }];
  });
  const left = common.length - pairs.length;
  if (pairs.length === 0) {
    const what = effect === 'ratio' ? 'ratio' : 'difference';
    return { kind: 'no-pairs', reason: `No pair has a ${what}: see the runs for why.`, undefined: left };
  }
  const neutral = effect === 'ratio' ? 1 : 0;
  const lows = pairs.map(({ low }) => low).sort((a, b) => a - b);
  const highs = pairs.map(({ high }) => high).sort((a, b) => a - b);
  const { rank, coverage } = signRank(pairs.length);
  const count = (holds: (pair: PairedEffect) => boolean): number => pairs.filter(holds).length;
  const later = count(({ low }) => low > neutral);
  const earlier = count(({ high }) => high < neutral);
  const equal = count(({ low, high }) => low === neutral && high === neutral);
  return {
    kind: 'compared',
    effect,
    pairs,
    median: { low: median(lows), high: median(highs) },
    interval: {
      low: lows[rank - 1] as number,
      high: highs[highs.length - rank] as number,
      coverage,
    },
    later,
    earlier,
    equal,
    open: pairs.length - later - earlier - equal,
    undefined: left,
  };
}

interface Range {
  low: number;
  high: number;
}

function rangeOf(duration: Duration): Range | null {
  switch (duration.kind) {
    case 'observed':
      return { low: duration.value, high: duration.value };
    case 'censored':
      return { low: duration.atLeast, high: Infinity };
    case 'undefined':
      return null;
  }
}

/** Null where the effect does not exist. A ratio needs a baseline above 0. */
function effectOf(arm: Range | null, base: Range | null, effect: Effect): Range | null {
  if (arm === null || base === null) return null;
  if (effect === 'difference') return { low: arm.low - base.high, high: arm.high - base.low };
  if (base.low < 0 || base.high === 0) return null;
  if (base.low === 0 && base.high !== Infinity) return null;
  const quotients = [arm.low, arm.high].flatMap((value) => [
    base.low === 0 ? (value === 0 ? 0 : Math.sign(value) * Infinity) : value / base.low,
    base.high === Infinity ? (Number.isFinite(value) ? 0 : Infinity) : value / base.high,
  ]);
  return { low: Math.min(...quotients), high: Math.max(...quotients) };
}

/**
 * The rank k for which [x₍ₖ₎, x₍ₙ₊₁₋ₖ₎] holds the median with probability 1 − 2 P(B ≤ k − 1), B binomial(n, ½) (Conover
 * 1999, §3.2): the largest k with 95 % or more, or 1 where no k has.
 */
export function signRank(n: number): { rank: number; coverage: number } {
  let rank = 1;
  let coverage = 1 - 2 * 0.5 ** n;
  let tail = 0.5 ** n;
  let term = tail;
  for (let k = 2; 2 * k <= n; k++) {
    // P(B = k − 1) from P(B = k − 2).
    term *= (n - k + 2) / (k - 1);
    tail += term;
    if (1 - 2 * tail < 0.95) break;
    rank = k;
    coverage = 1 - 2 * tail;
  }
  return { rank, coverage };
}
