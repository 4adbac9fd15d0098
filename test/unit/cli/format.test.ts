import { describe, expect, it } from 'vitest';
import { count, cut, formatRate, formatSeconds, formatTable } from '../../../main/cli/format.ts';

describe('formatSeconds', () => {
  it.each([
    [0, '0.0 s'],
    [9.94, '9.9 s'],
    [9.96, '10 s'],
    [59.4, '59 s'],
    [59.6, '1 min 00 s'],
    [200, '3 min 20 s'],
    [3599.7, '1 h 00 min'],
    [7500, '2 h 05 min'],
    [273_600, '3 d 4 h'],
    [Infinity, 'unknown'],
    [-1, 'unknown'],
  ])('%d s is "%s"', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});

describe('formatRate', () => {
  it.each([
    [0.53219, '0.532'],
    [12.34, '12.3'],
    [99.96, '100'],
    [1234.5, '1,235'],
  ])('%d is "%s"', (value, text) => {
    expect(formatRate(value)).toBe(text);
  });
});

describe('formatTable', () => {
  it('aligns by characters, not by bytes, and leaves no blanks at line ends', () => {
    const columns = [{ header: 'arm' }, { header: 'fit', align: 'right' }, { header: '' }] as const;
    expect(
      formatTable(columns, [
        ['é', '1'],
        ['linear', '≥ 10'],
      ]),
    ).toBe(['arm      fit', '──────  ────', 'é          1', 'linear  ≥ 10', ''].join('\n'));
  });
});

describe('cut', () => {
  it('shortens only what is too long', () => {
    expect(cut('abc', 3)).toBe('abc');
    expect(cut('abcd', 3)).toBe('ab…');
    expect(cut('abcd', 0)).toBe('…');
  });
});

describe('count', () => {
  it('knows one from many', () => {
    expect([count(1, 'run'), count(0, 'run'), count(1200, 'run')]).toEqual(['1 run', '0 runs', '1,200 runs']);
  });
});
