import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chosenExperts, consistency, editDistance, meanEditDistance } from '../../../shared/pathways.ts';

const letters = (word: string): number[] => [...word].map((letter) => letter.charCodeAt(0));

describe('the edit distance', () => {
  it.each([
    ['kitten', 'sitting', 3],
    ['saturday', 'sunday', 3],
    ['', 'abc', 3],
    ['abc', 'abc', 0],
    ['abcd', 'bcda', 2],
  ])('of %s and %s is %i', (a, b, distance) => {
    expect(editDistance(letters(a), letters(b))).toBe(distance);
  });

  it('is a metric that never exceeds the longer sequence', () => {
    const sequence = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 6 });
    fc.assert(
      fc.property(sequence, sequence, sequence, (a, b, c) => {
        const ab = editDistance(a, b);
        expect(ab).toBe(editDistance(b, a));
        expect(ab === 0).toBe(String(a) === String(b));
        expect(ab).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(editDistance(a, c)).toBeLessThanOrEqual(ab + editDistance(b, c));
      }),
    );
  });

  it('is averaged over pairs, relative to the length', () => {
    // 4 entries each: distances 1, 4 and 4.
    expect(
      meanEditDistance([
        [0, 1, 2, 3],
        [0, 1, 2, 4],
        [5, 6, 7, 8],
      ]),
    ).toBeCloseTo((0.25 + 1 + 1) / 3, 12);
    expect(meanEditDistance([[1, 2]])).toBeNaN();
  });
});

describe('the experts of an example', () => {
  it('are those with a weight, the heaviest first', () => {
    expect(chosenExperts([0.1, 0, 0.5, 0.4], 8)).toEqual([2, 3, 0]);
    expect(chosenExperts([0.1, 0, 0.5, 0.4], 2)).toEqual([2, 3]);
    expect(chosenExperts([0.5, 0.5], 1)).toEqual([0]);
  });
});

describe('the consistency of a pathway', () => {
  it('is the mean cosine of subsequent layers', () => {
    const same = [
      [1, 2],
      [2, 4],
    ];
    expect(consistency(same)).toBeCloseTo(1, 12);
    expect(consistency([...same, [-2, 1]])).toBeCloseTo(0.5, 12);
    expect(
      consistency([
        [1, 0],
        [1, 1],
      ]),
    ).toBeCloseTo(Math.SQRT1_2, 12);
    expect(consistency([[1, 0]])).toBeNaN();
  });
});
