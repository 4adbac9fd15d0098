import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  filterFault,
  filterRows,
  groupRows,
  queueOrder,
  runLines,
  runRows,
  sortRows,
  visibleRange,
} from '../../../../renderer/stores/run-table.ts';
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

  it('filters by conditions on any field and setting, numbers as numbers, and by what a run has not', () => {
    const found = (text: string): string[] => ids(filterRows(rows, { text, family: '', status: '' }));
    expect(found('seed:1')).toEqual(['s1.x.s1']);
    expect(found('seed>=1')).toEqual(['s1.x.s1', 's1.x.s10']);
    expect(found('status:fail')).toEqual(['s1.x.s1']);
    expect(found('status=fail')).toEqual([]);
    expect(found('-status:failed seed<10')).toEqual(['s1.x.s0']);
    expect(found('learningRate=1e-3 dataset:slope model:linear')).toHaveLength(3);
    expect(found('trainer.learningRate>0.001')).toEqual([]);
    expect(found('arm:"linear regression" -failed')).toEqual(['s1.x.s0', 's1.x.s10']);
    expect(found('features:x^2 status:')).toHaveLength(3);
  });

  it('finds runs by the values of their sweep', () => {
    const swept = [0.5, 2].map((scale) =>
      runRecord(`s1.y.${scale}`, { point: { 'model.initScale': scale }, note: `at ${scale}` }),
    );
    const found = filterRows(runRows(swept, []), { text: 'initscale = 2', family: '', status: '' });
    expect(ids(found)).toEqual(['s1.y.2']);
  });

  it('says what is wrong with a query', () => {
    expect(filterFault(rows, 'seed>2 words status:')).toBeNull();
    expect(filterFault(rows, 'sed>2')).toMatch(/No run has a field “sed”.*status, seed/);
    expect(filterFault(rows, 'seed>two')).toBe('seed>two: “two” is not a number.');
    expect(filterFault([], 'sed>2')).toBeNull();
  });

  it('groups without losing, doubling or reordering a run', () => {
    const statuses = groupRows(rows, 'status');
    expect(statuses.map(({ key }) => key)).toEqual(['running', 'failed', 'finished']);
    const [linear, neural] = groupRows(rows, 'family');
    expect(linear?.title).toBe('linear model');
    expect(ids(linear?.rows ?? [])).toEqual(['s1.x.s0', 's1.x.s10']);
    expect(ids(neural?.rows ?? [])).toEqual(['s1.x.s1']);
    const lines = runLines(rows, 'family', new Set(['family:linear']));
    expect(lines.map(({ key }) => key)).toEqual(['family:linear', 'family:neural', 's1.x.s1']);
    expect(runLines(rows, '', new Set()).map(({ key }) => key)).toEqual(ids(rows));
  });

  it('sorts numbers as numbers and puts missing values last in either direction', () => {
    expect(sortRows(rows, 'seed', true).map(({ run }) => run.seed)).toEqual([10, 1, 0]);
    expect(ids(sortRows(rows, 'test', false))).toEqual(['s1.x.s0', 's1.x.s10', 's1.x.s1']);
    expect(ids(sortRows(rows, 'test', true))).toEqual(['s1.x.s10', 's1.x.s0', 's1.x.s1']);
  });

  it('has the order of the queue: what goes, what waits as it will start, what is held, what ended last', () => {
    const at = (minute: number): string => `2026-03-01T10:${String(minute).padStart(2, '0')}:00.000Z`;
    const some = [
      runRecord('ended-early', { status: 'finished', createdAt: at(1), endedAt: at(20) }),
      runRecord('waits-third', { status: 'queued', createdAt: at(2) }),
      runRecord('goes-since-12', { status: 'running', createdAt: at(2), startedAt: at(12) }),
      runRecord('ended-late', { status: 'failed', createdAt: at(0), endedAt: at(30) }),
      runRecord('waits-without-place', { status: 'queued', createdAt: at(2) }),
      runRecord('paused', { status: 'paused', createdAt: at(2) }),
      runRecord('waits-first', { status: 'queued', createdAt: at(4) }),
      runRecord('interrupted-newer', { status: 'interrupted', createdAt: at(3) }),
      runRecord('goes-since-11', { status: 'running', createdAt: at(3), startedAt: at(11) }),
      runRecord('waits-second', { status: 'queued', createdAt: at(1) }),
      runRecord('ended-without-time', { status: 'stopped', createdAt: at(5) }),
    ];
    const places = new Map([
      ['waits-first', 1],
      ['waits-second', 2],
      ['waits-third', 3],
    ]);
    expect(ids(queueOrder(runRows(some, []), places))).toEqual([
      'goes-since-11',
      'goes-since-12',
      'waits-first',
      'waits-second',
      'waits-third',
      'waits-without-place',
      'interrupted-newer',
      'paused',
      'ended-late',
      'ended-early',
      'ended-without-time',
    ]);
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
