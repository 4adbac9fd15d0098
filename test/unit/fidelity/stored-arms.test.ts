import { describe, expect, it } from 'vitest';
import { armPlan, storedArms } from '../../../main/fidelity/stored-arms.ts';
import { newStudyRecords } from '../../../main/start-study.ts';
import type { RunRecord, RunStatus, StudyRecord } from '../../../shared/run.ts';
import type { Arm, Study } from '../../../shared/study.ts';
import { environment } from '../bundle/fixtures.ts';
import { linearArm, studyOf } from '../shared/support.ts';

const two = (id: string): Arm => ({ ...linearArm(id, 1000), seeds: [0, 1] });
const asked = studyOf([two('a'), two('b')], []);

interface Stored {
  study: StudyRecord;
  runs: RunRecord[];
}

function stored(study: Study, day: number, status: RunStatus = 'finished'): Stored {
  const made = newStudyRecords(study, environment, new Date(Date.UTC(2026, 0, day)));
  return { ...made, runs: made.runs.map((run) => ({ ...run, status })) };
}

function found(study: Study, ...all: Stored[]): Record<string, string[]> {
  const arms = storedArms(
    study,
    all.map((one) => one.study),
    all.flatMap((one) => one.runs),
  );
  return Object.fromEntries([...arms].map(([id, runs]) => [id, runs.map((run) => run.id)]));
}

const idsOf = ({ runs }: Stored, armId: string): string[] =>
  runs.filter((run) => run.armId === armId).map(({ id }) => id);

describe('arms that are stored already', () => {
  it('count whatever the study says besides', () => {
    const earlier = stored({ ...asked, question: 'Another question?' }, 1);
    expect(found(asked, earlier)).toEqual({ a: idsOf(earlier, 'a'), b: idsOf(earlier, 'b') });
  });

  it('are taken arm by arm, from the newest study that has them', () => {
    const old = stored(asked, 1);
    const newer = stored(studyOf([two('b')], []), 2);
    expect(found(asked, old, newer)).toEqual({ a: idsOf(old, 'a'), b: idsOf(newer, 'b') });
  });

  it('are no longer those of the study when a setting differs', () => {
    const earlier = stored(studyOf([two('a'), { ...two('b'), budget: { maxEffort: 999 } }], []), 1);
    expect(Object.keys(found(asked, earlier))).toEqual(['a']);
    const moreSeeds = studyOf([{ ...two('a'), seeds: [0, 1, 2] }], []);
    expect(found(moreSeeds, earlier)).toEqual({});
  });

  it('with an end are preferred to those that can go on, and those to none', () => {
    const ended = stored(asked, 1);
    const stopped = stored(asked, 2, 'stopped');
    expect(found(asked, ended, stopped)['a']).toEqual(idsOf(ended, 'a'));
    expect(found(asked, stopped)['a']).toEqual(idsOf(stopped, 'a'));
    expect(found(asked, stored(asked, 3, 'running'))).toEqual({});
  });
});

describe('the plan of an arm', () => {
  it('leaves its title out, and takes the default of what is not said', () => {
    const arm = two('a');
    expect(armPlan({ ...arm, title: 'Another title' })).toBe(armPlan(arm));
    const record = { ...arm.record, snapshotsPerDecade: 12 };
    expect(armPlan({ ...arm, record })).toBe(armPlan(arm));
    expect(armPlan({ ...arm, record: { ...record, snapshotsPerDecade: 10 } })).not.toBe(armPlan(arm));
  });
});
