/** Golden values from SciPy and NumPy: `golden/intervals.py`. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { kaplanMeierMedian, median } from '../../../shared/aggregate.ts';
import { bootstrapInterval, clopperPearson, percentileInterval } from '../../../shared/intervals.ts';

interface Bounds {
  low: number;
  high: number;
}
const golden = JSON.parse(readFileSync(new URL('golden/intervals.json', import.meta.url), 'utf8')) as {
  shares: ({ k: number; n: number } & Bounds)[];
  bootstrap: { values: number[]; mean: Bounds & { error: number }; median: Bounds }[];
  ratio: { a: number[]; b: number[] } & Bounds;
  percentiles: { replicates: number[] } & Bounds;
};

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

describe('clopperPearson', () => {
  it.each(golden.shares)("is SciPy's exact interval for $k of $n", ({ k, n, low, high }) => {
    const interval = clopperPearson(k, n);
    expect(interval.low).toBeCloseTo(low, 11);
    expect(interval.high).toBeCloseTo(high, 11);
  });

  it('has the closed forms at the ends: 0 of n reaches up to 1 − (α/2)^(1/n)', () => {
    expect(clopperPearson(0, 8).high).toBeCloseTo(1 - 0.025 ** (1 / 8), 13);
    expect(clopperPearson(8, 8)).toEqual({ low: expect.closeTo(0.025 ** (1 / 8), 13), high: 1 });
    expect(clopperPearson(0, 8).low).toBe(0);
  });
});

describe('bootstrapInterval', () => {
  it("takes percentiles as NumPy's default does", () => {
    const { replicates, low, high } = golden.percentiles;
    expect(percentileInterval(replicates)).toEqual({
      low: expect.closeTo(low, 12),
      high: expect.closeTo(high, 12),
    });
  });

  it.each(golden.bootstrap)('of a mean comes near that over all resamples of $values', (sample) => {
    const interval = bootstrapInterval([sample.values], ([drawn = []]) => mean(drawn));
    // A percentile in the tail is known to about three of the standard errors of a mean.
    const spread = 4 * sample.mean.error;
    expect(Math.abs((interval?.low ?? NaN) - sample.mean.low)).toBeLessThan(spread);
    expect(Math.abs((interval?.high ?? NaN) - sample.mean.high)).toBeLessThan(spread);
  });

  it.each(golden.bootstrap)('of a median is that over all resamples of $values', (sample) => {
    expect(bootstrapInterval([sample.values], ([drawn = []]) => median(drawn))).toEqual({
      low: sample.median.low,
      high: sample.median.high,
    });
  });

  it('draws strata apart: a ratio of medians, over all pairs of resamples', () => {
    const { a, b, low, high } = golden.ratio;
    const interval = bootstrapInterval(
      [a, b],
      ([left = [], right = []]) => median(left) / median(right),
      20_000,
    );
    expect((interval?.low ?? NaN) / low).toBeCloseTo(1, 1);
    expect((interval?.high ?? NaN) / high).toBeCloseTo(1, 1);
  });

  it('is the same every time, and leaves out resamples without a value', () => {
    const once = () => bootstrapInterval([[1, 2, 3, 4]], ([drawn = []]) => mean(drawn));
    expect(once()).toEqual(once());
    expect(bootstrapInterval([[1, 2]], () => null)).toBeNull();
    const some = bootstrapInterval([[1, 2, 3]], ([drawn = []]) =>
      new Set(drawn).size === 1 ? null : mean(drawn),
    );
    expect(some?.low).toBeGreaterThan(1);
  });
});

describe('kaplanMeierMedian, as claims use it', () => {
  it('is the example worked by hand: 10, 20+, 30, 40, 50+', () => {
    // At risk 5, 3, 2: S(10) = 4/5, S(30) = 4/5 · 2/3 = 8/15, S(40) = 8/15 · 1/2 = 4/15. It crosses ½ at 40.
    const estimate = kaplanMeierMedian([
      { kind: 'observed', value: 10 },
      { kind: 'censored', atLeast: 20 },
      { kind: 'observed', value: 30 },
      { kind: 'observed', value: 40 },
      { kind: 'censored', atLeast: 50 },
    ]);
    expect(estimate).toMatchObject({ kind: 'observed', value: 40, n: 5, censored: 2 });
  });
});
