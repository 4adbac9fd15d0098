import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandOverSeeds, decimateLog, kaplanMeierMedian, median } from '../../../shared/aggregate.ts';
import type { Duration } from '../../../shared/delay.ts';
import { curveOf } from './support.ts';

const seen = (value: number): Duration => ({ kind: 'observed', value });
const beyond = (atLeast: number): Duration => ({ kind: 'censored', atLeast });
const missing: Duration = { kind: 'undefined', reason: 'never fitted' };

/** The ordinary median, written otherwise than in the code under test. */
function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return sorted.length % 2 === 1
    ? (sorted[Math.floor(half)] as number)
    : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
}

describe('kaplanMeierMedian', () => {
  // Remission times of leukaemia patients in weeks (Freireich et al. 1963), the textbook example of survival analysis.
  // Survival and its log-log limits were computed with SciPy 1.17 (scipy.stats.ecdf): with 6-MP, S(22) = 0.5378 and
  // S(23) = 0.4482; the lower limit falls below ½ at 13 weeks (0.4316), the upper one never. Placebo: S(5) = 0.5714,
  // S(8) = 0.3810; limits below ½ at 4 (0.4254) and 11 (0.4818) weeks.
  it('gives the textbook median with censoring: 23 weeks, interval from 13 weeks, open above', () => {
    const durations = [
      ...[6, 6, 6, 7, 10, 13, 16, 22, 23].map(seen),
      ...[6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map(beyond),
    ];
    expect(kaplanMeierMedian(durations)).toEqual({
      kind: 'observed',
      value: 23,
      low: 13,
      high: null,
      n: 21,
      censored: 12,
      undefined: 0,
    });
  });

  it('gives the textbook median without censoring: 8 weeks, interval 4 to 11', () => {
    const weeks = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23];
    expect(kaplanMeierMedian(weeks.map(seen))).toMatchObject({ value: 8, low: 4, high: 11, n: 21 });
  });

  it('does not reach a median that most runs never showed, and bounds it', () => {
    const result = kaplanMeierMedian([seen(10), beyond(1500), beyond(1500), beyond(1500), beyond(1500)]);
    expect(result).toEqual({ kind: 'not-reached', atLeast: 1500, n: 5, censored: 4, undefined: 0 });
  });

  it('does not reach the median when exactly half of the runs are censored last', () => {
    const result = kaplanMeierMedian([seen(10), seen(20), beyond(100), beyond(100)]);
    expect(result).toEqual({ kind: 'not-reached', atLeast: 60, n: 4, censored: 2, undefined: 0 });
  });

  it('leaves undefined durations out and counts them; with nothing else there is no data', () => {
    expect(kaplanMeierMedian([seen(4), missing, seen(6)])).toMatchObject({ value: 5, n: 2, undefined: 1 });
    expect(kaplanMeierMedian([missing])).toEqual({ kind: 'no-data', n: 0, censored: 0, undefined: 1 });
    expect(kaplanMeierMedian([])).toEqual({ kind: 'no-data', n: 0, censored: 0, undefined: 0 });
  });

  it('takes one run as its own median, with an interval open on both sides', () => {
    expect(kaplanMeierMedian([seen(7)])).toMatchObject({ value: 7, low: null, high: null, n: 1 });
  });

  it('is the ordinary median without censoring', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 30 }), (values) => {
        const result = kaplanMeierMedian(values.map(seen));
        expect(result.kind === 'observed' ? result.value : null).toBe(middle(values));
      }),
    );
  });

  it('agrees with every way in which runs censored at one budget could still end', () => {
    const events = fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 12 });
    const later = fc.array(fc.integer({ min: 101, max: 10_000 }), { maxLength: 12 });
    fc.assert(
      fc.property(events, later, (values, hidden) => {
        fc.pre(values.length + hidden.length > 0);
        const result = kaplanMeierMedian([...values.map(seen), ...hidden.map(() => beyond(100))]);
        const truth = middle([...values, ...hidden]);
        if (result.kind === 'observed') expect(result.value).toBe(truth);
        else if (result.kind === 'not-reached') expect(result.atLeast).toBeLessThanOrEqual(truth);
        else expect.unreachable('there were durations');
      }),
    );
  });

  it('keeps the median inside its interval', () => {
    const duration = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 30 }));
    fc.assert(
      fc.property(fc.array(duration, { minLength: 1, maxLength: 30 }), (list) => {
        const result = kaplanMeierMedian(list.map(([known, value]) => (known ? seen(value) : beyond(value))));
        if (result.kind !== 'observed') return;
        expect(result.low ?? -Infinity).toBeLessThanOrEqual(result.value);
        expect(result.high ?? Infinity).toBeGreaterThanOrEqual(result.value);
      }),
    );
  });
});

describe('median', () => {
  it('lets an infinite value win over a finite one, so that bounds stay bounds', () => {
    expect(median([1, 3, Infinity, Infinity])).toBe(Infinity);
    expect(median([-Infinity, -Infinity, 1, 3])).toBe(-Infinity);
    expect(median([1, 3, Infinity])).toBe(3);
    expect(median([])).toBeNaN();
  });
});

describe('bandOverSeeds', () => {
  const full = (values: number[]) => curveOf([0, 10, 20, 30], { y: values });

  it('gives the median and range at each shared effort', () => {
    const band = bandOverSeeds(
      [full([1, 2, 3, 4]), full([3, 2, 9, 0]), full([2, 2, 6, 8])],
      'y',
      'median-minmax',
    );
    expect([...band.effort]).toEqual([0, 10, 20, 30]);
    expect([...band.center]).toEqual([2, 2, 6, 4]);
    expect([...band.low]).toEqual([1, 2, 3, 0]);
    expect([...band.high]).toEqual([3, 2, 9, 8]);
    expect([...band.n]).toEqual([3, 3, 3, 3]);
    expect(band.label).toBe('median and range (min–max)');
  });

  it('takes quartiles as NumPy does by default', () => {
    const curves = [1, 2, 4, 10].map((value) => curveOf([0], { y: [value] }));
    // numpy.percentile([1, 2, 4, 10], [25, 50, 75]) = 1.75, 3, 5.5
    const band = bandOverSeeds(curves, 'y', 'median-quartiles');
    expect([band.low[0], band.center[0], band.high[0]]).toEqual([1.75, 3, 5.5]);
  });

  it('gives the mean with the deviation of the sample, or with its standard error', () => {
    const curves = [2, 4, 4, 4, 5, 5, 7, 9].map((value) => curveOf([0], { y: [value] }));
    // numpy.std([2, 4, 4, 4, 5, 5, 7, 9], ddof=1) = 2.1380899352993952, scipy.stats.sem = 0.7559289460184544
    const deviation = bandOverSeeds(curves, 'y', 'mean-deviation');
    expect(deviation.center[0]).toBe(5);
    expect(deviation.high[0]).toBeCloseTo(5 + 2.1380899352993952, 12);
    expect(deviation.low[0]).toBeCloseTo(5 - 2.1380899352993952, 12);
    expect(deviation.label).toBe('mean ± standard deviation (n − 1)');
    const error = bandOverSeeds(curves, 'y', 'mean-error');
    expect(error.high[0]).toBeCloseTo(5.7559289460184544, 12);
    const alone = bandOverSeeds(curves.slice(0, 1), 'y', 'mean-deviation');
    expect([alone.low[0], alone.center[0], alone.high[0]]).toEqual([2, 2, 2]);
  });

  it('leaves out efforts that a running curve skipped, and never interpolates', () => {
    const band = bandOverSeeds(
      [curveOf([0, 10, 20], { y: [0, 1, 2] }), curveOf([0, 15, 20], { y: [0, 5, 4] })],
      'y',
      'median-minmax',
    );
    expect([...band.effort]).toEqual([0, 20]);
    expect([...band.center]).toEqual([0, 3]);
  });

  it('lowers n where a run ended early or has no number', () => {
    const short = curveOf([0, 10], { y: [5, 5] });
    const holey = curveOf([0, 10, 20, 30], { y: [1, NaN, 1, NaN] });
    const band = bandOverSeeds([short, holey, full([3, 3, 3, 3])], 'y', 'median-minmax');
    expect([...band.n]).toEqual([3, 2, 2, 1]);
    expect([...band.center]).toEqual([3, 4, 2, 3]);
  });

  it('is empty for no curves and for curves without rows', () => {
    expect(bandOverSeeds([], 'y', 'median-minmax').effort.length).toBe(0);
    const empty = { runId: 'run', length: 0, columns: {} };
    expect(bandOverSeeds([empty], 'y', 'median-minmax').effort.length).toBe(0);
  });

  it('does not depend on the order of the runs and stays between low and high', () => {
    const value = fc.double({ min: -5, max: 5, noNaN: true });
    const curves = fc.array(
      fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 30 }), value), {
        selector: ([effort]) => effort,
        maxLength: 20,
      }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(curves, (list) => {
        const built = list.map((points) => {
          const sorted = [...points].sort(([a], [b]) => a - b);
          return curveOf(
            sorted.map(([effort]) => effort),
            { y: sorted.map(([, y]) => y) },
          );
        });
        const band = bandOverSeeds(built, 'y', 'median-quartiles');
        expect(bandOverSeeds([...built].reverse(), 'y', 'median-quartiles')).toEqual(band);
        band.effort.forEach((effort, i) => {
          const here = built.flatMap((curve) => {
            const row = curve.columns['effort']?.indexOf(effort) ?? -1;
            return row < 0 ? [] : [curve.columns['y']?.[row] as number];
          });
          expect(band.n[i]).toBe(here.length);
          expect(band.center[i]).toBeCloseTo(middle(here), 12);
          expect(band.low[i]).toBeLessThanOrEqual((band.center[i] as number) + 1e-12);
          expect(band.high[i]).toBeGreaterThanOrEqual((band.center[i] as number) - 1e-12);
        });
      }),
    );
  });
});

describe('decimateLog', () => {
  it('keeps every point of a short line', () => {
    const line = Float64Array.of(0, 1, 2);
    expect(decimateLog(line, line, 5)).toEqual({
      indices: Int32Array.of(0, 1, 2),
      shown: 3,
      of: 3,
      rule: 'every point',
    });
  });

  it('says how many points it shows and by which rule', () => {
    const effort = Float64Array.from({ length: 10_001 }, (_, i) => i);
    const result = decimateLog(effort, effort.map(Math.sin), 401);
    expect(result.of).toBe(10_001);
    expect(result.shown).toBe(result.indices.length);
    expect(result.rule).toBe('first, last, lowest and highest of each of 100 log-spaced buckets');
    // On a log axis the first ten efforts take as much room as the last 9,000: all of them stay.
    expect([...result.indices.slice(0, 11)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('refuses fewer points than one bucket and effort 0 need', () => {
    expect(() => decimateLog(Float64Array.of(1), Float64Array.of(1), 4)).toThrow(RangeError);
  });

  it('keeps the first, the last and the extremes, within the limit, for any line', () => {
    const line = fc.array(
      fc.tuple(
        fc.integer({ min: 1, max: 50 }),
        fc.oneof(
          { weight: 9, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
          {
            weight: 1,
            arbitrary: fc.constant(NaN),
          },
        ),
      ),
      { minLength: 1, maxLength: 300 },
    );
    fc.assert(
      fc.property(line, fc.integer({ min: 5, max: 60 }), fc.boolean(), (points, limit, fromZero) => {
        let at = fromZero ? 0 : 1;
        const effort = Float64Array.from(points, ([step], i) => (at += i === 0 ? 0 : step));
        const values = Float64Array.from(points, ([, value]) => value);
        const { indices, shown, of } = decimateLog(effort, values, limit);
        expect(shown).toBe(indices.length);
        expect(of).toBe(points.length);
        expect(shown).toBeLessThanOrEqual(Math.max(limit, 0));
        expect(indices[0]).toBe(0);
        expect(indices.at(-1)).toBe(points.length - 1);
        indices.forEach((row, i) => {
          if (i > 0) expect(row).toBeGreaterThan(indices[i - 1] as number);
        });
        const kept = [...indices].map((row) => values[row] as number).filter((value) => !Number.isNaN(value));
        const all = [...values].filter((value) => !Number.isNaN(value));
        if (all.length > 0) {
          expect(Math.max(...kept)).toBe(Math.max(...all));
          expect(Math.min(...kept)).toBe(Math.min(...all));
        }
      }),
    );
  });
});
