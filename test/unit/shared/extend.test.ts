import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  extendedBudget,
  extensionRefusal,
  hasLastCheckpoint,
  isExtensionOf,
} from '../../../shared/extend.ts';
import type { RunRecord } from '../../../shared/run.ts';
import { parseStudy, type Arm } from '../../../shared/study.ts';
import { accuracyCurve, linearArm, runOf, studyOf } from './support.ts';

type Budget = Arm['budget'];

describe('an extended budget', () => {
  it('remembers what it was extended from, and where the study wanted to go', () => {
    const once = extendedBudget({ maxEffort: 150, cappedFrom: 1500 }, 800);
    expect(once).toEqual({ maxEffort: 800, cappedFrom: 1500, extendedFrom: [150] });
    expect(extendedBudget(once, 1500)).toEqual({ maxEffort: 1500, extendedFrom: [150, 800] });
    // The end of the study's own budget is recorded: claims are about it.
    expect(extendedBudget(once, 2000)).toEqual({ maxEffort: 2000, extendedFrom: [150, 800, 1500] });
    expect(extendedBudget({ maxEffort: 10 }, 20)).toEqual({ maxEffort: 20, extendedFrom: [10] });
    const early = { maxEffort: 10, stopAfterGeneralization: 2 };
    expect(extendedBudget(early, 20)).toEqual({ ...early, maxEffort: 20, extendedFrom: [10] });
    expect(isExtensionOf({ maxEffort: 20, extendedFrom: [10] }, early)).toBe(false);
    expect(isExtensionOf({ maxEffort: 10, stopAfterGeneralization: 3 }, early)).toBe(false);
  });

  const plans = fc.record({
    maxEffort: fc.integer({ min: 1, max: 1000 }),
    cap: fc.option(fc.integer({ min: 1, max: 1000 })),
    steps: fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 4 }),
  });
  const planned = (maxEffort: number, cap: number | null): Budget => ({
    maxEffort,
    ...(cap === null ? {} : { cappedFrom: maxEffort + cap }),
  });

  it('is told from any other change, and makes a valid study', () => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 1, max: 3000 }), ({ maxEffort, cap, steps }, other) => {
        const first = planned(maxEffort, cap);
        let budget = first;
        for (const step of steps) budget = extendedBudget(budget, budget.maxEffort + step);
        expect(isExtensionOf(budget, first)).toBe(true);
        const arm = { ...linearArm('arm', 10), budget };
        expect(studyOf([arm]).arms[0]?.budget).toEqual(budget);
        if (other !== budget.maxEffort)
          expect(isExtensionOf({ ...budget, maxEffort: other }, first)).toBe(
            steps.length > 0 && other > (budget.extendedFrom?.at(-1) ?? 0) && endsAlike(first, budget, other),
          );
        expect(isExtensionOf({ ...budget, cappedFrom: 99_999 }, first)).toBe(false);
        if (steps.length > 0) {
          expect(isExtensionOf(first, budget)).toBe(false);
          const shifted = (budget.extendedFrom ?? []).map((one, i) => (i === 0 ? one + 1 : one));
          expect(isExtensionOf({ ...budget, extendedFrom: shifted }, first)).toBe(false);
        }
      }),
    );
    /** Another end is an extension, too, where it leaves the study's own end on the same side, or was past it before. */
    function endsAlike({ cappedFrom: own }: Budget, { maxEffort, extendedFrom = [] }: Budget, other: number) {
      if (own === undefined || extendedFrom.includes(own)) return true;
      return Math.sign(other - own) === Math.sign(maxEffort - own);
    }
  });

  it('is refused in a study when its ends do not increase', () => {
    const arm = { ...linearArm('arm', 100), budget: { maxEffort: 100, extendedFrom: [50, 50] } };
    expect(() => parseStudy({ ...studyOf([linearArm('arm', 100)]), arms: [arm] })).toThrow(
      /arms\[0\]\.budget\.extendedFrom.*budgets that increase, all below the present one, 100/s,
    );
  });
});

describe('a run that cannot be extended', () => {
  const finished = runOf(linearArm('lin', 400), 0, accuracyCurve([0, 400], [0, 1], [0, 0])).run;
  const why = (changes: Partial<RunRecord>, imported = false, to: number | null = 800): string | null =>
    extensionRefusal({ ...finished, ...changes }, imported, to);

  it('is told in a sentence that names it', () => {
    expect(why({})).toBeNull();
    expect(why({ status: 'stopped' })).toBeNull();
    expect(why({}, true)).toMatch(/^test-study-1\.lin\.s0 was imported: /);
    expect(why({ status: 'failed' })).toMatch(/^test-study-1\.lin\.s0 failed: /);
    expect(why({ status: 'running' })).toMatch(
      /is running: it can be extended once it has finished its 400 /,
    );
    expect(why({ status: 'paused' })).toMatch(/is paused: /);
    expect(why({}, false, 400)).toMatch(/has a budget of 400 .*s already: the new one has to be larger/);
    expect(why({}, false, null)).toBeNull();
    const whole = { ...finished.arm, budget: { maxEffort: 100_000_000 } };
    expect(why({ arm: whole }, false, null)).toMatch(/has the largest budget there is/);
  });

  it('is one that ended because it had generalized', () => {
    const early = { ...finished.arm, budget: { maxEffort: 400, stopAfterGeneralization: 2 } };
    expect(why({ arm: early, effort: 180 })).toBe(
      'test-study-1.lin.s0 ended at 180, once it had generalized, as its study asks, whatever its budget. A copy of the study without budget.stopAfterGeneralization goes on.',
    );
    expect(why({ arm: early, effort: 400 })).toBeNull();
    expect(why({ arm: early, effort: 180, status: 'stopped' })).toBeNull();
  });

  it('is one whose learning rate has come to nothing', () => {
    const { trainer } = finished.arm;
    if (trainer.kind !== 'sgd') throw new Error('not SGD');
    const falling = (steps: number, floor: number): Arm => ({
      ...finished.arm,
      trainer: { ...trainer, schedule: { kind: 'linear', steps, floor } },
    });
    expect(why({ arm: falling(300, 0) })).toMatch(
      /has a learning rate of 0 from .* 300 on: more effort changes/,
    );
    expect(why({ arm: falling(300, 0.1) })).toBeNull();
    expect(why({ arm: falling(600, 0) })).toBeNull();
  });

  it('lacks its checkpoint only where the last state was not kept', () => {
    const kept = (changes: Partial<RunRecord>): boolean => hasLastCheckpoint({ ...finished, ...changes });
    expect(kept({ checkpointEffort: 400 })).toBe(true);
    expect(kept({ checkpointEffort: 380 })).toBe(false);
    expect(kept({ checkpointEffort: null })).toBe(false);
    expect(kept({ status: 'stopped', checkpointEffort: 380 })).toBe(true);
  });
});
