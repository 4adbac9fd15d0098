import { describe, expect, it } from 'vitest';
import { countWords, evaluateClaims } from '../../../shared/claims.ts';
import { unseenEndWords } from '../../../shared/claim-operands.ts';
import type { RunWithCurve } from '../../../shared/delay-table.ts';
import type { RunStatus } from '../../../shared/run.ts';
import type { Claim, ClaimOperand } from '../../../shared/study.ts';
import { accuracyCurve, accuracyThresholds, curveOf, linearArm, runOf, studyOf } from './support.ts';

const arm = linearArm('lin', 1500);
const other = linearArm('other', 1500);

/** A run that fits at 10 and generalizes at `at`, or never within its budget. */
function run(
  seed: number,
  at: number | null,
  status: RunStatus = 'finished',
  of = arm,
  end = 1500,
): RunWithCurve {
  const effort = [0, 10, ...(at === null ? [] : [at]), end];
  const train = effort.map((e) => (e >= 10 ? 1 : 0));
  const test = effort.map((e) => (at !== null && e >= at ? 0.95 : 0.4));
  return runOf(of, seed, accuracyCurve(effort, train, test), status);
}

function claim(
  left: Partial<ClaimOperand>,
  op: Claim['check']['op'],
  right: number | Partial<ClaimOperand>,
): Claim {
  const operand = (part: Partial<ClaimOperand>): ClaimOperand => ({
    arm: 'lin',
    quantity: 'generalizationStep',
    statistic: 'median',
    ...part,
  });
  return {
    id: 'claim',
    text: 'It holds.',
    source: 'here',
    check: { left: operand(left), op, right: typeof right === 'number' ? right : operand(right) },
  };
}

function verdictOf(one: Claim, runs: readonly RunWithCurve[]) {
  const [verdict] = evaluateClaims(studyOf([arm, other], [one]), runs);
  if (verdict === undefined) throw new Error('no verdict');
  return verdict;
}

describe('counted verdicts', () => {
  it('are words that agree with their number, and leave out what there is none of', () => {
    const words = (holds: number, fails: number, open: number): string =>
      countWords({ holds, fails, 'not-enough-data': open });
    expect(words(1, 2, 3)).toBe('1 holds, 2 fail, 3 not decidable');
    expect(words(12, 1, 0)).toBe('12 hold, 1 fails');
    expect(words(0, 0, 1)).toBe('1 not decidable');
  });
});

describe('evaluateClaims', () => {
  const three = [run(0, 100), run(1, 200), run(2, 400)];

  it('holds or fails on observed medians, with the numbers and the seeds', () => {
    const holds = verdictOf(claim({}, '>', 100), three);
    expect(holds.verdict).toBe('holds');
    expect(holds.left).toMatchObject({ value: 200, n: 3, censored: 0 });
    expect(holds.why).toBe('The median generalization step of lin: 200 (3 seeds); claimed: > 100.');
    expect(verdictOf(claim({}, '>', 200), three).verdict).toBe('fails');
    expect(verdictOf(claim({}, '>=', 200), three).verdict).toBe('holds');
    expect(verdictOf(claim({}, '<=', 200), three).verdict).toBe('holds');
    expect(verdictOf(claim({}, '<', 200), three).verdict).toBe('fails');
  });

  it('decides by bounds when all runs are censored', () => {
    const never = [run(0, null), run(1, null), run(2, null)];
    expect(verdictOf(claim({}, '>', 100), never).verdict).toBe('holds');
    expect(verdictOf(claim({}, '<=', 100), never).verdict).toBe('fails');
    const open = verdictOf(claim({}, '<', 3000), never);
    expect(open.verdict).toBe('not-enough-data');
    expect(open.why).toBe(
      'The median generalization step of lin: at least 1,500 (3 seeds, 3 censored); claimed: < 3,000. ' +
        'The data leave both outcomes open.',
    );
  });

  it('uses the Kaplan-Meier median where few runs are censored', () => {
    const runs = [run(0, 100), run(1, 200), run(2, null)];
    expect(verdictOf(claim({}, '<=', 200), runs)).toMatchObject({ verdict: 'holds', left: { value: 200 } });
  });

  it('bounds the smallest, largest and mean value with censored runs', () => {
    const runs = [run(0, 100), run(1, null)];
    expect(verdictOf(claim({ statistic: 'min' }, '<', 150), runs).verdict).toBe('holds');
    expect(verdictOf(claim({ statistic: 'max' }, '>', 1000), runs).verdict).toBe('holds');
    expect(verdictOf(claim({ statistic: 'max' }, '<', 2000), runs).verdict).toBe('not-enough-data');
    expect(verdictOf(claim({ statistic: 'mean' }, '>', 700), runs).verdict).toBe('holds');
    expect(verdictOf(claim({ statistic: 'mean' }, '>', 900), runs).verdict).toBe('not-enough-data');
  });

  it('counts the share of runs in which the event was seen within the budget', () => {
    const runs = [run(0, 100), run(1, null), run(2, 300), run(3, 5)];
    expect(verdictOf(claim({ statistic: 'share' }, '>=', 0.75), runs).verdict).toBe('holds');
    expect(verdictOf(claim({ statistic: 'share' }, '>=', 1), runs).verdict).toBe('fails');
  });

  it('reads a run that was extended: when it happened after all, but shares and ends at the budget', () => {
    // Generalizes at 2,000, after the study's budget of 1,500.
    const effort = [0, 10, 1500, 2000, 3000];
    const longer = (seed: number): RunWithCurve => {
      const own = { ...arm, budget: { maxEffort: 3000, extendedFrom: [1500] } };
      const test = effort.map((one) => (one >= 2000 ? 0.95 : 0.4));
      return runOf(
        own,
        seed,
        accuracyCurve(
          effort,
          effort.map((one) => (one >= 10 ? 1 : 0)),
          test,
        ),
      );
    };
    const one = verdictOf(claim({}, '<', 3000), [longer(0), longer(1), longer(2)]);
    expect(one).toMatchObject({ verdict: 'holds', left: { value: 2000, censored: 0 } });
    expect(verdictOf(claim({ statistic: 'share' }, '<=', 0), [longer(0)]).verdict).toBe('holds');
    const final = claim({ quantity: 'finalTestAccuracy', statistic: 'max' }, '<', 0.5);
    expect(verdictOf(final, [longer(0), longer(1)]).verdict).toBe('holds');
    const column = (when: 'end' | 'max' | 'generalization') => ({ column: 'testAccuracy', when });
    for (const [when, value] of [
      ['end', 0.4],
      ['max', 0.4],
      ['generalization', 0.95],
    ] as const) {
      expect(
        verdictOf(claim({ quantity: column(when), statistic: 'max' }, '<=', 1), [longer(0)]).left,
      ).toMatchObject({ value });
    }
    const phase = { phase: 'memorization' as const };
    expect(verdictOf(claim({ quantity: phase, statistic: 'share' }, '>=', 1), [longer(0)]).verdict).toBe(
      'holds',
    );
    // One seed extended, one censored at the study's budget: each counts as far as it went.
    const mixed = verdictOf(claim({ statistic: 'min' }, '>', 1400), [longer(0), run(1, null)]);
    expect(mixed).toMatchObject({ verdict: 'holds', left: { censored: 1 } });
  });

  it('compares two arms', () => {
    const runs = [...three, run(0, 1000, 'finished', other), run(1, 1200, 'finished', other)];
    const verdict = verdictOf(claim({}, '<', { arm: 'other' }), runs);
    expect(verdict.verdict).toBe('holds');
    expect(verdict.right).toMatchObject({ value: 1100, n: 2 });
  });

  it('reads final values at the end of the budget', () => {
    expect(verdictOf(claim({ quantity: 'finalTestAccuracy', statistic: 'min' }, '<', 1), three).verdict).toBe(
      'holds',
    );
    expect(verdictOf(claim({ quantity: 'finalTrainLoss', statistic: 'max' }, '<=', 0), three).verdict).toBe(
      'holds',
    );
  });

  it('waits for runs that have not ended, and for runs at all', () => {
    const pending = verdictOf(claim({}, '>', 1), [run(0, 100), run(1, 200, 'running')]);
    expect(pending.verdict).toBe('not-enough-data');
    expect(pending.why).toContain('1 of the 2 runs of lin has not ended.');
    const none = verdictOf(claim({}, '>', { arm: 'other' }), three);
    expect(none.verdict).toBe('not-enough-data');
    expect(none.why).toContain('No runs of other yet.');
  });

  it('does not take a run cut short for the end of its budget', () => {
    const stopped = [run(0, 100, 'stopped', arm, 500), run(1, null, 'stopped', arm, 500)];
    expect(
      verdictOf(claim({ quantity: 'finalTestAccuracy', statistic: 'min' }, '<', 1), stopped).verdict,
    ).toBe('not-enough-data');
    expect(verdictOf(claim({ statistic: 'share' }, '>=', 1), stopped).verdict).toBe('not-enough-data');
    expect(verdictOf(claim({ statistic: 'share' }, '>=', 0.5), stopped).verdict).toBe('holds');
    expect(verdictOf(claim({ statistic: 'min' }, '<', 150), stopped).verdict).toBe('holds');
  });

  describe('with fewer seeds than the study asks for', () => {
    const part = { ...arm, seeds: [0], seedsFrom: 3 };
    const judged = (one: Claim, runs: readonly RunWithCurve[]) => {
      const [verdict] = evaluateClaims(studyOf([part, other], [one]), runs);
      if (verdict === undefined) throw new Error('no verdict');
      return verdict;
    };
    const first = run(0, 400, 'finished', part);

    it('leaves open what the other seeds may change, and says how many were run', () => {
      for (const one of [
        claim({ statistic: 'min' }, '>', 0),
        claim({ statistic: 'max' }, '<', 1000),
        claim({}, '<', 1000),
        claim({}, '>', 1000),
        claim({ statistic: 'share' }, '>=', 1),
        claim({ quantity: 'finalTestAccuracy', statistic: 'mean' }, '<', 0.5),
      ]) {
        const verdict = judged(one, [first]);
        expect(verdict.verdict).toBe('not-enough-data');
        expect(verdict.why).toContain('The data leave both outcomes open. Of the 3 seeds of lin, 1 was run.');
      }
    });

    it('decides what no further seed can change', () => {
      expect(judged(claim({ statistic: 'min' }, '>', 500), [first]).verdict).toBe('fails');
      expect(judged(claim({ statistic: 'max' }, '>', 300), [first]).verdict).toBe('holds');
      expect(judged(claim({ statistic: 'share' }, '>', 0.3), [first]).verdict).toBe('holds');
    });
  });

  describe('of runs that end once they have generalized', () => {
    const early = { ...arm, budget: { maxEffort: 1500, stopAfterGeneralization: 1.5 } };
    const ended = (at: number, seed = 0) => run(seed, at, 'finished', early, 1.5 * at);
    const judged = (one: Claim, runs: readonly RunWithCurve[]) => {
      const [verdict] = evaluateClaims(studyOf([early, other], [one]), runs);
      if (verdict === undefined) throw new Error('no verdict');
      return verdict;
    };

    it('is what they have shown: that they generalized, when, and how long after the fit', () => {
      const runs = [ended(100), ended(200, 1), run(2, null, 'finished', early)];
      expect(judged(claim({}, '>=', 200), runs)).toMatchObject({ verdict: 'holds', left: { value: 200 } });
      expect(judged(claim({ statistic: 'share' }, '<', 0.7), runs).verdict).toBe('holds');
      expect(judged(claim({ quantity: 'delayRatio', statistic: 'min' }, '>=', 10), runs).verdict).toBe(
        'holds',
      );
      const phase = { phase: 'comprehension' as const };
      expect(judged(claim({ quantity: phase, statistic: 'share' }, '>', 0.6), runs).verdict).toBe('holds');
    });

    it('does not blame their end for what other runs leave open', () => {
      const censored = [1, 2].map((seed) => run(seed, null, 'finished', early));
      const verdict = judged(claim({}, '<', 1600), [ended(100), ...censored]);
      expect(verdict.verdict).toBe('not-enough-data');
      expect(verdict.why).not.toMatch(/having generalized/);
    });

    it('is told to stay open before anything runs, where it asks for the end', () => {
      const asked = (quantity: ClaimOperand['quantity']) =>
        unseenEndWords(studyOf([early, other], [claim({ quantity }, '>', 0)]), 'lin');
      expect(asked('finalTestAccuracy')).toEqual([
        'The claim "claim" asks what runs of lin come to at a later effort than those see that end once they have generalized (budget.stopAfterGeneralization): it stays open for these.',
      ]);
      expect(asked({ column: 'testLoss', when: 'end' })).toHaveLength(1);
      expect(asked({ column: 'testLoss', when: { effort: 1400 } })).toHaveLength(1);
      expect(asked({ column: 'testLoss', when: 'generalization', since: 'fit' })).toEqual([]);
      expect(asked('generalizationStep')).toEqual([]);
      const final = claim({ quantity: 'finalTestAccuracy' }, '>', 0);
      expect(unseenEndWords(studyOf([early, other], [final]), 'other')).toEqual([]);
      expect(unseenEndWords(studyOf([arm, other], [final]), 'lin')).toEqual([]);
    });

    it('is open about the end of the budget, which they never saw, and says why', () => {
      const final = claim({ quantity: 'finalTestAccuracy', statistic: 'median' }, '>', 0.9);
      const verdict = judged(final, [ended(100), ended(200, 1), run(2, null, 'finished', early)]);
      expect(verdict.verdict).toBe('not-enough-data');
      expect(verdict.why).toMatch(/2 of the 3 runs of lin ended before the budget, having generalized\.$/);
    });
  });

  describe('with a capped budget', () => {
    const capped = { ...arm, budget: { maxEffort: 150, cappedFrom: 1500 } };
    const shorter = (at: number | null, seed = 0) => run(seed, at, 'finished', capped, 150);
    const judged = (one: Claim, runs: readonly RunWithCurve[]) => {
      const [verdict] = evaluateClaims(studyOf([capped, other], [one]), runs);
      if (verdict === undefined) throw new Error('no verdict');
      return verdict;
    };
    const naming =
      'The data leave both outcomes open. The budget of lin was capped at 150 of 1,500 gradient-descent steps.';

    it('never fails for what a longer run might show, and names the budget', () => {
      const runs = [shorter(null, 0), shorter(null, 1)];
      for (const one of [
        claim({ statistic: 'share' }, '>=', 0.5),
        claim({}, '<', 1000),
        claim({ quantity: 'finalTestAccuracy', statistic: 'mean' }, '>', 0.9),
        claim({ quantity: 'finalTestLoss', statistic: 'min' }, '<', 0.1),
      ]) {
        const verdict = judged(one, runs);
        expect(verdict.verdict).toBe('not-enough-data');
        expect(verdict.why.endsWith(naming)).toBe(true);
      }
    });

    it('says so too of runs that were capped below a study that is not', () => {
      const verdict = verdictOf(claim({ statistic: 'share' }, '>=', 0.5), [shorter(null)]);
      expect(verdict).toMatchObject({ verdict: 'not-enough-data' });
      expect(verdict.why.endsWith(naming)).toBe(true);
    });

    it('takes an event at the very end, which more effort might undo, for a bound only', () => {
      const sustained = { ...capped, thresholds: accuracyThresholds(0.9, 1.5) };
      const late = run(0, 140, 'finished', sustained, 150);
      const [verdict] = evaluateClaims(studyOf([sustained, other], [claim({}, '<', 145)]), [late]);
      expect(verdict).toMatchObject({ verdict: 'not-enough-data', left: { low: 140, high: Infinity } });
      const whole = { ...arm, thresholds: accuracyThresholds(0.9, 1.5) };
      const end = run(0, 1490, 'finished', whole, 1500);
      const [decided] = evaluateClaims(studyOf([whole, other], [claim({}, '<', 1495)]), [end]);
      expect(decided).toMatchObject({ verdict: 'holds', left: { value: 1490 } });
    });

    it('still decides what was seen, or what no longer run can change', () => {
      expect(judged(claim({}, '<', 110), [shorter(100)]).verdict).toBe('holds');
      expect(judged(claim({}, '>', 110), [shorter(100)]).verdict).toBe('fails');
      expect(judged(claim({}, '>', 100), [shorter(null)]).verdict).toBe('holds');
      expect(judged(claim({ statistic: 'share' }, '>=', 0.5), [shorter(100), shorter(null, 1)]).verdict).toBe(
        'holds',
      );
    });

    it('takes no Kaplan-Meier median over runs that were cut short', () => {
      const stopped = run(3, null, 'stopped', arm, 50);
      const verdict = verdictOf(claim({}, '<', 180), [...three, stopped]);
      expect(verdict).toMatchObject({
        verdict: 'not-enough-data',
        left: { value: null, low: 150, high: 300 },
      });
    });
  });

  it('cannot tell from runs that do not record what the thresholds read', () => {
    const blind = runOf(arm, 0, curveOf([0, 1500], { trainLoss: [1, 0], testLoss: [1, 0] }));
    for (const statistic of ['median', 'share'] as const) {
      const verdict = verdictOf(claim({ statistic }, '>', 0.5), [blind]);
      expect(verdict).toMatchObject({ verdict: 'not-enough-data', left: { unknown: 1 } });
    }
  });

  it('does not drop a run whose delay does not exist', () => {
    const neverFits = runOf(arm, 2, accuracyCurve([0, 1500], [0, 0], [0, 0]));
    const runs = [run(0, 100), neverFits];
    const verdict = verdictOf(claim({ quantity: 'delay', statistic: 'min' }, '>', 0), runs);
    expect(verdict.verdict).toBe('not-enough-data');
    expect(verdict.left).toMatchObject({ n: 2, unknown: 1, value: null });
    const median = verdictOf(claim({ quantity: 'delay' }, '>', 0), [run(0, 100), run(1, 300), neverFits]);
    expect(median.verdict).toBe('holds');
  });
});
