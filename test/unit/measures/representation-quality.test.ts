import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { representationQuality } from '../../../main/measures/representation-quality.ts';

describe('the representation quality index', () => {
  it('is 1 for embeddings on a line, whatever its place and slope', () => {
    const number = fc.double({ min: -10, max: 10, noNaN: true });
    fc.assert(
      fc.property(number, number, fc.integer({ min: 3, max: 12 }), (start, slope, symbols) => {
        fc.pre(Math.abs(slope) > 1e-3);
        const line = Float64Array.from({ length: symbols }, (_, i) => start + slope * i);
        expect(representationQuality(line, symbols, 1)).toBe(1);
      }),
    );
  });

  it('counts the parallelograms that hold: 0, 1, 2 and a symbol out of line', () => {
    // (0,2)=(1,1) holds; (0,3)=(1,2), (1,3)=(2,2) do not.
    expect(representationQuality(Float64Array.of(0, 1, 2, 7), 4, 1)).toBeCloseTo(1 / 3, 12);
  });

  it('asks for every dimension', () => {
    const table = Float64Array.of(0, 0, 1, 5, 2, 0);
    expect(representationQuality(table, 3, 2)).toBe(0);
    expect(representationQuality(Float64Array.of(0, 3, 1, 4, 2, 5), 3, 2)).toBe(1);
  });

  it('reads the embeddings only, and does not divide by a deviation of 0', () => {
    expect(representationQuality(Float64Array.of(0, 1, 2, 99, -5), 3, 1)).toBe(1);
    expect(representationQuality(Float64Array.of(1, 1, 1), 3, 1)).toBe(1);
    expect(representationQuality(Float64Array.of(0, 1), 2, 1)).toBe(0);
  });
});
