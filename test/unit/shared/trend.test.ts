import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logLinearFit, midranks, pearson, spearman, spearmanBounds } from '../../../shared/trend.ts';

interface Fit {
  slope: number;
  intercept: number;
  correlation: number;
  n: number;
}

/** From SciPy, see golden/trend.py. */
const golden = JSON.parse(readFileSync(new URL('golden/trend.json', import.meta.url), 'utf8')) as {
  cases: {
    name: string;
    x: number[];
    y: number[];
    spearman: number;
    pearson: number;
    logZero: Fit;
    leftOut: Fit;
  }[];
};

const expectClose = (value: number | null | undefined, expected: number): void => {
  expect(Math.abs((value ?? NaN) - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
};

describe.each(golden.cases)('SciPy agrees on "$name"', (one) => {
  it('in rank and in linear correlation', () => {
    expectClose(spearman(one.x, one.y), one.spearman);
    expectClose(pearson(one.x, one.y), one.pearson);
  });

  it.each(['log-zero', 'left-out'] as const)('in the fit of the logarithm, %s', (reading) => {
    const fit = logLinearFit(one.x, one.y, reading);
    const expected = reading === 'log-zero' ? one.logZero : one.leftOut;
    expect(fit?.n).toBe(expected.n);
    expectClose(fit?.slope, expected.slope);
    expectClose(fit?.intercept, expected.intercept);
    expectClose(fit?.correlation, expected.correlation);
  });
});

describe('correlations', () => {
  it('do not exist where a side does not vary, or there is one point', () => {
    expect(pearson([1, 2, 3], [5, 5, 5])).toBeNull();
    expect(spearman([1], [2])).toBeNull();
    expect(logLinearFit([2, 2], [1, 5], 'log-zero')).toBeNull();
    expect(logLinearFit([1, 2, 3], [-1, 0, 4], 'left-out')).toBeNull();
    expect(logLinearFit([1, 2], [3, 3], 'log-zero')).toMatchObject({ slope: 0, correlation: null });
  });

  it('exist for values of any size', () => {
    expect(pearson([1e-300, 2e-300, 3e-300], [1e300, 2e300, 4e300])).toBeCloseTo(
      pearson([1, 2, 3], [1, 2, 4]) as number,
      12,
    );
  });

  it('rank ties at the mean of their ranks', () => {
    expect(midranks([10, 5, 10, 7, 10])).toEqual([4, 1, 4, 2, 4]);
  });

  it('find an exponential law exactly', () => {
    const x = [0, 10, 20, 30, 40];
    const fit = logLinearFit(
      x,
      x.map((at) => Math.exp(0.07 * at + 1.5)),
      'log-zero',
    );
    expect(fit?.slope).toBeCloseTo(0.07, 12);
    expect(fit?.intercept).toBeCloseTo(1.5, 12);
    expect(fit?.correlation).toBeCloseTo(1, 12);
  });
});

describe('bounds of the rank correlation of values that are not all known', () => {
  const known = (value: number) => ({ low: value, high: value });
  const atLeast = (low: number) => ({ low, high: Infinity });

  it('are the correlation where the order is known', () => {
    expect(spearmanBounds([1, 2, 4], [known(5), known(7), atLeast(9)])).toEqual({ low: 1, high: 1 });
  });

  it('take in every order of two censored values', () => {
    const bounds = spearmanBounds([0.5, 1, 2, 4], [known(100), known(500), atLeast(1500), atLeast(1500)]);
    expect(bounds?.low).toBeCloseTo(0.8, 12);
    expect(bounds?.high).toBeCloseTo(1, 12);
  });

  it('say so where all values may be equal, or too many orders are possible', () => {
    expect(spearmanBounds([1, 2, 3], [atLeast(0), atLeast(0), atLeast(0)])).toBeNull();
    const x = Array.from({ length: 40 }, (_, i) => i);
    expect(
      spearmanBounds(
        x,
        x.map((i) => (i === 0 ? known(-1) : atLeast(0))),
      ),
    ).toEqual({ low: -1, high: 1 });
  });

  it('look at one order where one is possible, however many values tie', () => {
    const x = Array.from({ length: 60 }, (_, i) => i);
    const y = x.map((i) => (i < 59 ? known(i < 30 ? 1 : 2) : atLeast(3)));
    const rho = spearman(
      x,
      x.map((i) => (i < 30 ? 1 : i < 59 ? 2 : 4)),
    );
    expect(spearmanBounds(x, y)).toEqual({ low: rho, high: rho });
  });

  it('are those of all values on a fine enough grid', () => {
    const interval = fc
      .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 4 }))
      .map(([low, length]) => ({ low, high: length === 4 ? Infinity : low + length }));
    const points = fc.array(interval, { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(points, (y) => {
        const x = y.map((_, i) => i * i);
        // Four values fit between two integers: enough for every order of four elements.
        const grid = Array.from({ length: 60 }, (_, i) => i / 5);
        let choices: number[][] = [[]];
        for (const { low, high } of y) {
          const inside = grid.filter((value) => value >= low && value <= Math.min(high, low + 4));
          choices = choices.flatMap((one) => inside.map((value) => [...one, value]));
          if (choices.length > 30_000) return;
        }
        const rhos = choices.map((values) => spearman(x, values));
        const bounds = spearmanBounds(x, y);
        if (rhos.includes(null)) expect(bounds).toBeNull();
        else {
          const numbers = rhos.map((rho) => rho as number);
          const low = numbers.reduce((least, rho) => Math.min(least, rho), 2);
          const high = numbers.reduce((most, rho) => Math.max(most, rho), -2);
          expect(bounds?.low).toBeCloseTo(low, 12);
          expect(bounds?.high).toBeCloseTo(high, 12);
        }
      }),
      { numRuns: 60 },
    );
  });
});
