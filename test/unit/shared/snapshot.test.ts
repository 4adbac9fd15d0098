import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arraysAt, isSnapshotDue, partsOf, type Panel } from '../../../shared/snapshot.ts';

/** Which of these recorded efforts get a snapshot. */
function taken(efforts: readonly number[], maxEffort: number, perDecade: number): number[] {
  return efforts.filter((effort, i) => isSnapshotDue(efforts[i - 1] ?? -1, effort, maxEffort, perDecade));
}

describe('the efforts of snapshots', () => {
  it('are 0, the first recorded ones at or after each log-spaced effort, and the last', () => {
    const every = Array.from({ length: 1201 }, (_, i) => i);
    expect(taken(every, 1200, 1)).toEqual([0, 1, 10, 100, 1000, 1200]);
    expect(taken([0, 1, 50, 100, 150, 999, 1001, 1100], 1100, 1)).toEqual([0, 1, 50, 100, 1001, 1100]);
    expect(taken(every, 1200, 0)).toEqual([]);
  });

  it('are as many per decade as asked, or all recorded ones', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1000, max: 20_000 }),
        (perDecade, max) => {
          const efforts = taken(
            Array.from({ length: max + 1 }, (_, i) => i),
            max,
            perDecade,
          );
          expect(efforts[0]).toBe(0);
          expect(efforts.at(-1)).toBe(max);
          const inDecade = efforts.filter((effort) => effort >= 100 && effort < 1000).length;
          expect(Math.abs(inDecade - perDecade)).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('the arrays at an effort', () => {
  const snapshots = [
    { effort: 0, arrays: { 'a.x': Float64Array.of(1), 'a.mean': Float64Array.of(2) } },
    { effort: 5, arrays: { 'a.mean': Float64Array.of(3), 'ab.mean': Float64Array.of(9) } },
  ];

  it('are the newest at or before it', () => {
    expect(arraysAt(snapshots, 4)).toEqual(snapshots[0]?.arrays);
    expect(arraysAt(snapshots, 5)).toEqual({ ...snapshots[0]?.arrays, ...snapshots[1]?.arrays });
    expect(arraysAt(snapshots, -1)).toEqual({});
  });

  it('are those of one panel by part', () => {
    const panel = { name: 'a' } as Panel;
    expect(partsOf(panel, arraysAt(snapshots, 9))).toEqual({
      x: Float64Array.of(1),
      mean: Float64Array.of(3),
    });
  });
});
