import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatAbout,
  formatPercent,
  formatRate,
  formatSeconds,
  formatValue,
  ordinal,
} from '../../../../renderer/components/format.ts';

describe('formatSeconds', () => {
  it.each([
    [0.4, 'under 1 s'],
    [1, '1 s'],
    [59.6, '1 min'],
    [130, '2 min 10 s'],
    [125, '2 min 05 s'],
    [3599.7, '1 h'],
    [3600, '1 h'],
    [11_100, '3 h 05 min'],
    [86_399, '1 d'],
    [187_200, '2 d 04 h'],
    [Infinity, '—'],
    [-1, '—'],
  ])('%d s reads %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });

  it('says "about" where it is not a bound', () => {
    expect([0.2, 130].map(formatAbout)).toEqual(['under 1 s', 'about 2 min 10 s']);
  });

  it('is never further from the truth than half of its smaller unit', () => {
    const units: Record<string, number> = { s: 1, min: 60, h: 3600, d: 86_400 };
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e7, noNaN: true }), (seconds) => {
        const read = [...formatSeconds(seconds).matchAll(/(\d+) (s|min|h|d)/g)];
        const value = read.reduce(
          (sum, [, n, unit]) => sum + Number(n) * (units[unit as string] as number),
          0,
        );
        const smallest = seconds < 3599.5 ? 1 : seconds < 86_370 ? 60 : 3600;
        expect(Math.abs(value - seconds)).toBeLessThanOrEqual(smallest / 2 + 1e-6);
      }),
    );
  });
});

describe('formatPercent', () => {
  it('never shows an accuracy that was not reached', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (n) => {
        const shown = Number(formatPercent((n - 1) / n).replace(' %', ''));
        expect(shown).toBeLessThan(100);
      }),
    );
    expect(formatPercent(1)).toBe('100.0 %');
    expect(formatPercent(0.29)).toBe('29.0 %');
    expect(formatPercent(NaN)).toBe('—');
  });
});

describe('other numbers', () => {
  it('keep three significant digits', () => {
    expect(formatRate(1239.8)).toBe('1,240');
    expect(formatRate(0.35249)).toBe('0.352');
    expect(formatValue(0.03123)).toBe('0.0312');
    expect(formatValue(1.23e-7)).toBe('1.2e-7');
    expect(formatValue(0)).toBe('0');
    expect(formatValue(NaN)).toBe('not a number');
    expect(formatValue(-Infinity)).toBe('minus infinite');
  });
});

describe('ordinal', () => {
  it.each([
    [1, '1st'],
    [2, '2nd'],
    [3, '3rd'],
    [4, '4th'],
    [11, '11th'],
    [12, '12th'],
    [13, '13th'],
    [21, '21st'],
    [112, '112th'],
    [1002, '1,002nd'],
  ])('%d is %s', (n, words) => {
    expect(ordinal(n)).toBe(words);
  });
});
