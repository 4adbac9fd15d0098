import { describe, expect, it } from 'vitest';
import { environmentDifferences, environmentRecord } from '../../../main/environment.ts';
import { contentIdOf } from '../../../main/content-id.ts';
import { interleaveArms } from '../../../main/scheduler/plan.ts';
import { applyOverrides, newStudyRecords, studyHashOf } from '../../../main/start-study.ts';
import { InputError } from '../../../shared/errors.ts';
import { parseStudy, type Study } from '../../../shared/study.ts';
import type { SweepAxis } from '../../../shared/sweep-spec.ts';
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
    expect(arms.map((arm) => [arm.id, arm.seeds, arm.budget])).toEqual([
      ['one', [3, 8, 9, 10], { maxEffort: 20, cappedFrom: 50 }],
    ]);
    expect(
      applyOverrides({ study, seeds: 1, maxEffort: 100 }).arms.map((arm) => [arm.seeds, arm.budget]),
    ).toEqual([
      [[3], { maxEffort: 50 }],
      [[0], { maxEffort: 100, cappedFrom: 500 }],
    ]);
  });

  it('remember how many seeds the study asks for, also when cut twice, until they are all there again', () => {
    const planned = fakeStudy([{ id: 'one', seeds: [1, 2, 3, 4], maxEffort: 50 }]);
    const seedsOf = (made: Study) => made.arms.map((arm) => [arm.seeds.length, arm.seedsFrom]);
    const once = applyOverrides({ study: planned, seeds: 3 });
    expect(parseStudy(once)).toEqual(once);
    expect(seedsOf(once)).toEqual([[3, 4]]);
    expect(seedsOf(applyOverrides({ study: once, seeds: 1 }))).toEqual([[1, 4]]);
    expect(seedsOf(applyOverrides({ study: once, maxEffort: 10 }))).toEqual([[3, 4]]);
    expect(seedsOf(applyOverrides({ study: once, seeds: 4 }))).toEqual([[4, undefined]]);
    expect(seedsOf(applyOverrides({ study: planned, seeds: 6 }))).toEqual([[6, undefined]]);
  });

  it('are refused where the planned number of seeds is not above the present one', () => {
    const [one] = fakeStudy([{ id: 'one', seeds: [1, 2], maxEffort: 50 }]).arms;
    expect(() => parseStudy({ ...study, arms: [{ ...one, seedsFrom: 2 }] })).toThrow(
      'arms[0].seedsFrom: got 2; expected more than the present number of seeds, 2',
    );
  });

  it('remember the budget that the study asks for, also when capped twice', () => {
    const once = applyOverrides({ study, maxEffort: 100 });
    expect(parseStudy(once)).toEqual(once);
    const twice = applyOverrides({ study: once, maxEffort: 40 });
    expect(twice.arms.map((arm) => arm.budget)).toEqual([
      { maxEffort: 40, cappedFrom: 50 },
      { maxEffort: 40, cappedFrom: 500 },
    ]);
    expect(studyHashOf(twice)).not.toBe(studyHashOf(once));
  });

  it('still end once they have generalized where their budget is capped', () => {
    const [one] = fakeStudy([{ id: 'one', maxEffort: 50 }]).arms;
    const early = parseStudy({
      ...study,
      arms: [{ ...one, budget: { maxEffort: 50, stopAfterGeneralization: 2 } }],
    });
    expect(applyOverrides({ study: early, maxEffort: 40 }).arms[0]?.budget).toEqual({
      maxEffort: 40,
      cappedFrom: 50,
      stopAfterGeneralization: 2,
    });
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

const sweep: SweepAxis[] = [
  { path: 'trainer.learningRate', values: [0.1, 0.01] },
  { path: 'dataset.trainSize', values: [2, 5, 9] },
];
const swept: Study = { ...study, arms: study.arms.map((arm, i) => (i === 0 ? { ...arm, sweep } : arm)) };

describe('the records of a study with a sweep', () => {
  const { study: record, runs } = newStudyRecords(parseStudy(swept), environmentRecord());

  it('are one per point and seed, each with its own arm and a path-safe id', () => {
    expect(runs).toHaveLength(2 * 3 * 2 + 1);
    expect(record.runIds).toEqual(runs.map((run) => run.id));
    expect(new Set(record.runIds).size).toBe(runs.length);
    for (const { id } of runs) expect(id.replace(record.id, '')).toMatch(/^\.[a-z]+(\.p\d\d)?\.s\d+$/);
    const last = runs[11];
    expect(last).toMatchObject({
      id: `${record.id}.one.p05.s8`,
      seed: 8,
      point: { 'trainer.learningRate': 0.01, 'dataset.trainSize': 9 },
      trainSize: 9,
      studyHash: studyHashOf(swept),
    });
    expect(last?.arm).toEqual({
      ...study.arms[0],
      dataset: { ...study.arms[0]?.dataset, trainSize: 9 },
      trainer: { ...study.arms[0]?.trainer, learningRate: 0.01 },
    });
    expect(runs[12]).toMatchObject({ id: `${record.id}.two.s0`, point: {} });
  });

  it('are the same each time but for the name of the study, and give each run its own content', () => {
    const again = newStudyRecords(parseStudy(JSON.parse(JSON.stringify(swept))), environmentRecord());
    const tails = (ids: readonly string[], id: string) => ids.map((one) => one.slice(id.length));
    expect(tails(again.study.runIds, again.study.id)).toEqual(tails(record.runIds, record.id));
    expect(again.runs.map((run) => run.arm)).toEqual(runs.map((run) => run.arm));
    expect(studyHashOf(again.study.study)).toBe(studyHashOf(record.study));
    const empty = { runId: '', length: 0, columns: {} };
    expect(new Set(runs.map((run) => contentIdOf(run, empty))).size).toBe(runs.length);
  });

  it('go in turn: the first seed of every point and arm, then the second', () => {
    expect(interleaveArms(runs).map((run) => run.seed)).toEqual([3, 3, 3, 3, 3, 3, 0, 8, 8, 8, 8, 8, 8]);
  });

  it('are refused where further seeds would make them too many', () => {
    const refuse = (): unknown => applyOverrides({ study: parseStudy(swept), seeds: 1000 });
    expect(applyOverrides({ study: parseStudy(swept), seeds: 3 }).arms[0]?.seeds).toEqual([3, 8, 9]);
    const wide = [
      { path: 'trainer.learningRate', values: Array.from({ length: 11 }, (_, i) => (i + 1) / 100) },
    ];
    const many = { ...study, arms: study.arms.map((arm, i) => (i === 0 ? { ...arm, sweep: wide } : arm)) };
    expect(refuse).not.toThrow();
    expect(() => applyOverrides({ study: many, seeds: 1000 })).toThrow(
      'The study with these settings is not valid:\n  arms[0].sweep: got 11 points × 1000 seeds = 11,000 runs; expected at most 10,000 runs.',
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
