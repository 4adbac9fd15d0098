import { describe, expect, it } from 'vitest';
import { environmentDifferences, environmentRecord } from '../../../main/environment.ts';
import { applyOverrides, newStudyRecords, studyHashOf } from '../../../main/start-study.ts';
import { InputError } from '../../../shared/errors.ts';
import { parseStudy, type Study } from '../../../shared/study.ts';
import { fakeStudy } from '../scheduler/fake-learner.ts';

const study = fakeStudy([
  { id: 'one', seeds: [3, 8], maxEffort: 50 },
  { id: 'two', seeds: [0], maxEffort: 500 },
]);

describe('overrides', () => {
  it('leave the study as it is when there are none', () => {
    expect(applyOverrides({ study })).toEqual(study);
  });

  it('choose arms, take or add seeds, and cap the budget', () => {
    const { arms } = applyOverrides({ study, arms: ['one'], seeds: 4, maxEffort: 20 });
    expect(arms.map((arm) => [arm.id, arm.seeds, arm.budget.maxEffort])).toEqual([
      ['one', [3, 8, 9, 10], 20],
    ]);
    expect(
      applyOverrides({ study, seeds: 1, maxEffort: 100 }).arms.map((arm) => [
        arm.seeds,
        arm.budget.maxEffort,
      ]),
    ).toEqual([
      [[3], 50],
      [[0], 100],
    ]);
  });

  it('never repeat a seed, also past the largest one', () => {
    const edge = fakeStudy([{ seeds: [0, 4_294_967_295] }]);
    expect(applyOverrides({ study: edge, seeds: 4 }).arms[0]?.seeds).toEqual([0, 4_294_967_295, 1, 2]);
  });

  it('drop the claims that no arm is left for, so that the result is a valid study', () => {
    const operand = (arm: string) => ({ arm, quantity: 'delay' as const, statistic: 'median' as const });
    const claim = (id: string, left: string, right: string) => ({
      id,
      text: 'a claim',
      source: 'a paper',
      check: { left: operand(left), op: '<' as const, right: operand(right) },
    });
    const claims = [claim('both', 'one', 'two'), claim('first', 'one', 'one')];
    const reduced = applyOverrides({ study: { ...study, claims }, arms: ['one'] });
    expect(reduced.claims.map((each) => each.id)).toEqual(['first']);
    expect(parseStudy(reduced)).toEqual(reduced);
  });

  it.each([
    [{ arms: ['three'] }, 'arms[0]: got "three"; expected an arm of this study: one, two.'],
    [{ arms: [] }, 'arms: got []'],
    [{ seeds: 0 }, 'seeds: got 0; expected an integer from 1 to 1000.'],
    [{ maxEffort: 1.5 }, 'maxEffort: got 1.5'],
    [{ maxEffort: 0 }, 'maxEffort: got 0'],
    [{ study: { ...study, arms: [] } as Study }, 'arms: got []'],
  ])('that make no sense are refused: %j', (wrong, message) => {
    const refuse = (): unknown => applyOverrides({ study, ...wrong });
    expect(refuse).toThrow(InputError);
    expect(refuse).toThrow(message);
  });
});

describe('the records of a new study', () => {
  it('name the study by day, and every run by arm and seed', () => {
    const environment = environmentRecord();
    const records = newStudyRecords(study, environment, new Date('2026-03-04T23:59:00Z'));
    expect(records.study.id).toMatch(/^fake-20260304-[0-9a-z]{6}$/);
    expect(records.study.runIds).toEqual(
      ['one.s3', 'one.s8', 'two.s0'].map((tail) => `${records.study.id}.${tail}`),
    );
    expect(records.runs.map((run) => [run.seed, run.status, run.trainSize, run.testSize])).toEqual([
      [3, 'queued', 2, 10],
      [8, 'queued', 2, 10],
      [0, 'queued', 2, 10],
    ]);
    expect(new Set(records.runs.map((run) => run.studyHash))).toEqual(new Set([studyHashOf(study)]));
    expect(newStudyRecords(study, environment).study.id).not.toBe(
      newStudyRecords(study, environment).study.id,
    );
  });
});

describe('environments', () => {
  it('differ where they differ', () => {
    const here = environmentRecord();
    expect(environmentDifferences(here, here)).toEqual([]);
    const there = { ...here, node: '1.2.3', libraries: { ...here.libraries, extra: '4' } };
    expect(environmentDifferences(there, here)).toEqual([
      `node: 1.2.3 there, ${here.node} here`,
      'extra: 4 there, none here',
    ]);
    expect(here.libraries['onnxruntime-node']).toMatch(/^\d/);
  });
});
