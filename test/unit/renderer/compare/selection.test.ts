import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pickedRuns, picksFor, pickState, withRuns } from '../../../../renderer/compare/selection.ts';
import type { RunRecord } from '../../../../shared/run.ts';
import { runRecord, studyRecord } from '../records.ts';

const run = (studyId: string, armId: string, seed: number): RunRecord =>
  runRecord(`${studyId}.${armId}.s${seed}`, { studyId, armId, seed });
const runs = [run('s1', 'a', 0), run('s1', 'a', 1), run('s1', 'b', 0), run('s2', 'a', 0), run('s2', 'a', 1)];
const byStudy = new Map(['s1', 's2'].map((id) => [id, runs.filter((one) => one.studyId === id)]));
const studies = ['s1', 's2'].map((id) =>
  studyRecord(
    id,
    (byStudy.get(id) ?? []).map((one) => one.id),
  ),
);
const idsOf = (list: readonly RunRecord[]): string[] => list.map(({ id }) => id);

describe('pickedRuns', () => {
  it('takes whole studies, arms of one study, and runs, each once', () => {
    const picked = pickedRuns(
      [
        { kind: 'arm', id: 's1/a' },
        { kind: 'run', id: 's1.a.s0' },
        { kind: 'study', id: 's2' },
      ],
      studies,
      byStudy,
    );
    expect(idsOf(picked.runs)).toEqual(['s1.a.s0', 's1.a.s1', 's2.a.s0', 's2.a.s1']);
    expect(picked.studies.map(({ id }) => id)).toEqual(['s1', 's2']);
    expect(picked.missing).toEqual([]);
  });

  it('says what is not here', () => {
    const gone = { kind: 'study', id: 'gone' } as const;
    const picked = pickedRuns([gone, { kind: 'run', id: 's1.b.s0' }], studies, byStudy);
    expect(picked.missing).toEqual([gone]);
    expect(idsOf(picked.runs)).toEqual(['s1.b.s0']);
  });
});

describe('picksFor', () => {
  it('names a study or an arm where all of it is chosen', () => {
    const without = (id: string) => new Set(idsOf(runs).filter((one) => one !== id));
    expect(picksFor(without('s1.b.s0'), studies, byStudy)).toEqual([
      { kind: 'arm', id: 's1/a' },
      { kind: 'study', id: 's2' },
    ]);
    expect(picksFor(without('s1.a.s1'), studies, byStudy)).toEqual([
      { kind: 'run', id: 's1.a.s0' },
      { kind: 'arm', id: 's1/b' },
      { kind: 'study', id: 's2' },
    ]);
  });

  it('picks the runs that it was given, and keeps what is not here', () => {
    fc.assert(
      fc.property(fc.subarray(idsOf(runs)), (ids) => {
        const missing = [{ kind: 'study', id: 'gone' } as const];
        const picked = pickedRuns(picksFor(new Set(ids), studies, byStudy, missing), studies, byStudy);
        expect(idsOf(picked.runs)).toEqual(ids);
        expect(picked.missing).toEqual(missing);
      }),
    );
  });
});

it('knows all, some and none, and adds and takes away', () => {
  const own = byStudy.get('s2') ?? [];
  const some = withRuns(new Set(), own.slice(0, 1), true);
  expect(pickState(some, own)).toBe('some');
  expect(pickState(withRuns(some, own, true), own)).toBe('all');
  expect(pickState(withRuns(some, own, false), own)).toBe('none');
});
