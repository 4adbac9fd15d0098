import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Duration } from '../../../shared/delay.ts';
import { comparePaired, signRank, type Effect, type SeedDuration } from '../../../shared/paired.ts';

/** From SciPy, see golden/paired.py. */
const golden = JSON.parse(readFileSync(new URL('golden/paired.json', import.meta.url), 'utf8')) as {
  ranks: { n: number; rank: number; coverage: number }[];
  cases: { effect: Effect; arm: number[]; baseline: number[]; median: number; low: number; high: number }[];
};

const seen = (value: number): Duration => ({ kind: 'observed', value });
const beyond = (atLeast: number): Duration => ({ kind: 'censored', atLeast });
const never: Duration = { kind: 'undefined', reason: 'The run did not fit.' };
const seeds = (durations: readonly Duration[]): SeedDuration[] =>
  durations.map((duration, seed) => ({ seed, duration }));

function compared(arm: readonly Duration[], baseline: readonly Duration[], effect: Effect) {
  const result = comparePaired(seeds(arm), seeds(baseline), effect);
  if (result.kind !== 'compared') throw new Error(result.reason);
  return result;
}

describe('signRank', () => {
  it.each(golden.ranks)("is the rank and the coverage of SciPy's binomial for $n pairs", (one) => {
    const { rank, coverage } = signRank(one.n);
    expect(rank).toBe(one.rank);
    expect(coverage).toBeCloseTo(one.coverage, 12);
  });
});

describe('comparePaired', () => {
  it.each(golden.cases)("agrees with SciPy's quantile test: $effect", (one) => {
    const { median, interval } = compared(one.arm.map(seen), one.baseline.map(seen), one.effect);
    expect(median.low).toBeCloseTo(one.median, 9);
    expect(median.high).toBeCloseTo(one.median, 9);
    expect(interval.low).toBeCloseTo(one.low, 9);
    expect(interval.high).toBeCloseTo(one.high, 9);
  });

  it('pairs by seed, whatever the order, and leaves out seeds that only one side has', () => {
    const arm = [
      { seed: 3, duration: seen(30) },
      { seed: 1, duration: seen(10) },
      { seed: 9, duration: seen(1) },
    ];
    const base = [
      { seed: 1, duration: seen(5) },
      { seed: 2, duration: seen(7) },
      { seed: 3, duration: seen(10) },
    ];
    const result = comparePaired(arm, base, 'ratio');
    expect(result).toMatchObject({
      pairs: [
        { seed: 3, low: 3, high: 3 },
        { seed: 1, low: 2, high: 2 },
      ],
      median: { low: 2.5, high: 2.5 },
      later: 2,
    });
    expect(comparePaired(arm, [{ seed: 7, duration: seen(1) }], 'ratio')).toEqual({
      kind: 'no-pairs',
      reason: 'The two have no seed in common.',
      undefined: 0,
    });
  });

  it('leaves the side open that a censored run leaves open', () => {
    const result = compared(
      [beyond(100), seen(30), beyond(50), seen(20)],
      [seen(10), beyond(60), beyond(40), seen(20)],
      'ratio',
    );
    expect(result.pairs.map(({ low, high }) => [low, high])).toEqual([
      [10, Infinity],
      [0, 0.5],
      [0, Infinity],
      [1, 1],
    ]);
    expect(result).toMatchObject({ later: 1, earlier: 1, equal: 1, open: 1 });
    const difference = compared([beyond(100), seen(30)], [seen(10), beyond(60)], 'difference');
    expect(difference.pairs.map(({ low, high }) => [low, high])).toEqual([
      [90, Infinity],
      [-Infinity, -30],
    ]);
  });

  it('counts pairs without an effect: runs that never fitted, ratios to a delay of 0 or less', () => {
    const arm = [never, seen(5), seen(6), seen(8)];
    const base = [seen(1), seen(0), seen(-2), seen(4)];
    expect(compared(arm, base, 'ratio')).toMatchObject({
      pairs: [{ seed: 3, low: 2, high: 2 }],
      undefined: 3,
    });
    expect(compared(arm, base, 'difference').undefined).toBe(1);
    expect(comparePaired(seeds([never]), seeds([seen(2)]), 'ratio')).toMatchObject({
      kind: 'no-pairs',
      undefined: 1,
    });
  });

  it('bounds every median and every interval that the censored runs could still give', () => {
    const duration = fc.record({
      value: fc.integer({ min: 1, max: 100 }),
      late: fc.integer({ min: 0, max: 9 }),
    });
    const side = fc.array(duration, { minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(side, side, fc.constantFrom<Effect>('ratio', 'difference'), (arm, base, effect) => {
        // Every third run is censored at its value; its truth is later by some.
        const known = (list: typeof arm, shift: number): Duration[] =>
          list.map(({ value }, i) => ((i + shift) % 3 === 0 ? beyond(value) : seen(value)));
        const truth = (list: typeof arm, shift: number): Duration[] =>
          list.map(({ value, late }, i) => seen((i + shift) % 3 === 0 ? value + late : value));
        const bounds = compared(known(arm, 0), known(base, 1), effect);
        const exact = compared(truth(arm, 0), truth(base, 1), effect);
        expect(exact.median.low).toBe(exact.median.high);
        expect(bounds.median.low).toBeLessThanOrEqual(exact.median.low + 1e-9);
        expect(bounds.median.high).toBeGreaterThanOrEqual(exact.median.high - 1e-9);
        expect(bounds.interval.low).toBeLessThanOrEqual(exact.interval.low + 1e-9);
        expect(bounds.interval.high).toBeGreaterThanOrEqual(exact.interval.high - 1e-9);
      }),
    );
  });
});
