import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filterRows, runRows, sortRows, visibleRange } from '../../../../renderer/stores/run-table.ts';
import { runRecord, studyRecord } from '../records.ts';

const runs = [
  runRecord('s1.x.s0', { seed: 0, status: 'finished', latest: { testAccuracy: 0.5 } }),
  runRecord('s1.x.s1', { seed: 1, status: 'failed', family: 'neural', latest: { testAccuracy: NaN } }),
  runRecord('s1.x.s10', { seed: 10, status: 'running', latest: { testAccuracy: 0.9 } }),
];
const rows = runRows(runs, [
  studyRecord(
    's1',
    runs.map((run) => run.id),
  ),
]);
const ids = (list: typeof rows): string[] => list.map(({ run }) => run.id);

describe('the table of runs', () => {
  it('filters by every word, family and status', () => {
    expect(ids(filterRows(rows, { text: 'SMALL s10', family: '', status: '' }))).toEqual(['s1.x.s10']);
    expect(ids(filterRows(rows, { text: '', family: 'neural', status: '' }))).toEqual(['s1.x.s1']);
    expect(ids(filterRows(rows, { text: '', family: '', status: 'running' }))).toEqual(['s1.x.s10']);
    expect(ids(filterRows(rows, { text: 'small nothing', family: '', status: '' }))).toEqual([]);
  });

  it('sorts numbers as numbers and puts missing values last in either direction', () => {
    expect(sortRows(rows, 'seed', true).map(({ run }) => run.seed)).toEqual([10, 1, 0]);
    expect(ids(sortRows(rows, 'test', false))).toEqual(['s1.x.s0', 's1.x.s10', 's1.x.s1']);
    expect(ids(sortRows(rows, 'test', true))).toEqual(['s1.x.s10', 's1.x.s0', 's1.x.s1']);
  });

  it('has every row in sight exist, wherever it is scrolled to', () => {
    fc.assert(
      fc.property(
        fc.nat(100_000),
        fc.integer({ min: 1, max: 2000 }),
        fc.nat(3000),
        (scrollTop, height, count) => {
          const { from, to } = visibleRange(scrollTop, height, 32, count);
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeLessThanOrEqual(count);
          const firstSeen = Math.floor(scrollTop / 32);
          const lastSeen = Math.min(count - 1, Math.floor((scrollTop + height - 1) / 32));
          if (firstSeen < count) {
            expect(from).toBeLessThanOrEqual(firstSeen);
            expect(to).toBeGreaterThan(lastSeen);
          }
        },
      ),
    );
  });
});
