import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAxisValues, formatBytes } from '../../../shared/format.ts';

it('bytes read in decimal units', () => {
  expect([0, 999, 1000, 3_240_000, 5e13].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1 kB',
    '3.24 MB',
    '50 TB',
  ]);
});

describe('values of an axis', () => {
  it('have three significant digits where those keep them apart', () => {
    const rates = [-5, -14 / 3, -13 / 3, -4, -11 / 3].map((power) => 10 ** power);
    expect(formatAxisValues(rates)).toEqual(['0.00001', '0.0000215', '0.0000464', '0.0001', '0.000215']);
    expect(formatAxisValues([0, 45, 'full', true])).toEqual(['0', '45', 'full', 'true']);
  });

  it('have more where they are needed, all of them', () => {
    expect(formatAxisValues([0.12345, 0.12346, 1 / 3])).toEqual(['0.12345', '0.12346', '0.33333']);
    expect(formatAxisValues([12_345, 12_346])).toEqual(['12345', '12346']);
    expect(formatAxisValues([0.1 + 0.2, 0.3])).toEqual(['0.30000000000000004', '0.3']);
  });

  it('are as many words as values, each within half a percent', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.double({ noNaN: true, min: -1e300, max: 1e300 }), { maxLength: 8 }),
        (values) => {
          const words = formatAxisValues(values);
          expect(new Set(words).size).toBe(new Set(values.map(String)).size);
          words.forEach((word, i) => {
            const value = values[i] as number;
            expect(Math.abs(Number(word) - value)).toBeLessThanOrEqual(0.005 * Math.abs(value));
          });
        },
      ),
    );
  });
});
