/** Claims about columns at moments of a run, about two operands, laws, phases and numbers of seeds. */
import { describe, expect, it } from 'vitest';
import { confidenceLines, evaluateClaims, type ClaimVerdict } from '../../../shared/claims.ts';
import { claimArms, unrecordedWords } from '../../../shared/claim-operands.ts';
import type { ClaimQuantity, ClaimTerm } from '../../../shared/claim-spec.ts';
import type { RunWithCurve } from '../../../shared/delay-table.ts';
import { InputError } from '../../../shared/errors.ts';
import type { Arm, Claim, ClaimOperand } from '../../../shared/study.ts';
import { curveOf, linearArm, runOf, studyOf } from './support.ts';

const seeds = [0, 1, 2, 3, 4];
const arm: Arm = { ...linearArm('lin', 1000), seeds };
const other: Arm = { ...linearArm('other', 1000), seeds };
const NONE = Number.NaN;

/**
 * Fits at 10 and generalizes at `at`, or not; `dataFit` is the effort over 100, and `distanceToMinimum` has values at
 * efforts 0, 100 and 1000 only, as a measure has.
 */
function run(seed: number, at: number | null = 500, of = arm, end = 1000, point = {}): RunWithCurve {
  const all = [0, 10, 100, 200, 500, 1000];
  const effort = all.filter((one) => one <= end);
  const sparse = [5, NONE, 3 + seed, NONE, NONE, 1].slice(0, effort.length);
  const made = runOf(
    of,
    seed,
    curveOf(effort, {
      trainAccuracy: effort.map((one) => (one >= 10 ? 1 : 0)),
      testAccuracy: effort.map((one) => (at !== null && one >= at ? 1 : 0.4)),
      trainLoss: effort.map((one) => 1 / (1 + one)),
      testLoss: effort.map((one) => (one === 100 ? 9 : 1 + seed)),
      dataFit: effort.map((one) => one / 100),
      distanceToMinimum: sparse,
    }),
    'finished',
    point,
  );
  const columns = ['dataFit', 'distanceToMinimum', 'testLoss', 'trainAccuracy'].map((name) => ({
    ...{ name, label: name, quantity: name, unit: '', split: null, direction: null },
    ...(name === 'distanceToMinimum' ? { sparse: true } : {}),
  }));
  return { ...made, run: { ...made.run, columns } };
}

const five = seeds.map((seed) => run(seed));

function operand(quantity: ClaimQuantity, rest: Partial<ClaimOperand> = {}): ClaimOperand {
  return { arm: 'lin', quantity, statistic: 'median', ...rest };
}

function claim(
  left: ClaimTerm,
  op: Claim['check']['op'],
  right: number | ClaimTerm,
  more: Partial<Claim> = {},
): Claim {
  return { id: 'claim', text: 'It holds.', source: 'here', check: { left, op, right }, ...more };
}

function verdictOf(
  one: Claim,
  runs: readonly RunWithCurve[],
  arms: readonly Arm[] = [arm, other],
): ClaimVerdict {
  return evaluateClaims(studyOf(arms, [one]), runs)[0] as ClaimVerdict;
}

const valueOf = (quantity: ClaimQuantity, runs: readonly RunWithCurve[] = five): number | null =>
  verdictOf(claim(operand(quantity), '>', 0), runs).left.value;

describe('a column', () => {
  it.each<[ClaimQuantity, number]>([
    [{ column: 'dataFit', when: 'start' }, 0],
    [{ column: 'dataFit', when: 'fit' }, 0.1],
    [{ column: 'dataFit', when: 'generalization' }, 5],
    [{ column: 'dataFit', when: 'end' }, 10],
    [{ column: 'dataFit', when: { effort: 200 } }, 2],
    // Between two rows the one at or before counts, or the one after it where the claim says so.
    [{ column: 'dataFit', when: { effort: 300 } }, 2],
    [{ column: 'dataFit', when: { effort: 300 }, nearest: 'after' }, 5],
    [{ column: 'dataFit', when: 'max' }, 10],
    [{ column: 'testLoss', when: 'max' }, 9],
    [{ column: 'testLoss', when: 'max', between: ['generalization', 'end'] }, 3],
    [{ column: 'dataFit', when: 'generalization', since: 'fit' }, 4.9],
    [{ column: 'dataFit', when: 'end', since: 'generalization', as: 'ratio' }, 2],
    [{ column: 'testLoss', when: 'end', since: 'max' }, -6],
  ])('%j is %d', (quantity, value) => {
    expect(valueOf(quantity)).toBeCloseTo(value, 12);
  });

  it('of a measure is read at the nearest snapshot, and the verdict says so', () => {
    const before = verdictOf(
      claim(operand({ column: 'distanceToMinimum', when: 'generalization' }), '>', 4),
      five,
    );
    expect(before).toMatchObject({ verdict: 'holds', left: { value: 5 } });
    expect(before.why).toBe(
      'The median distanceToMinimum at the generalization step of lin: 5 (5 seeds, read at the last snapshot at or before it); claimed: > 4.',
    );
    const after = operand({ column: 'distanceToMinimum', when: 'generalization', nearest: 'after' });
    expect(verdictOf(claim(after, '<', 2), five)).toMatchObject({ verdict: 'holds', left: { value: 1 } });
    expect(verdictOf(claim(after, '<', 2), five).why).toContain('read at the first snapshot at or after it');
  });

  it('that is dense and not a number there has no value, whatever stood before', () => {
    const broken = five.map((one) => {
      const values = Float64Array.from(one.curve.columns['dataFit'] as Float64Array);
      values[4] = NONE;
      return { ...one, curve: { ...one.curve, columns: { ...one.curve.columns, dataFit: values } } };
    });
    const verdict = verdictOf(claim(operand({ column: 'dataFit', when: 'generalization' }), '>', 0), broken);
    expect(verdict).toMatchObject({ verdict: 'not-enough-data', left: { unknown: 5 } });
  });

  it('at a step that no run reached decides nothing', () => {
    const never = seeds.map((seed) => run(seed, null));
    const verdict = verdictOf(claim(operand({ column: 'dataFit', when: 'generalization' }), '>', 0), never);
    expect(verdict).toMatchObject({ verdict: 'not-enough-data', left: { value: null, unknown: 5 } });
    expect(verdict.why).toContain('without a value');
  });

  it('in runs cut short is known where more effort cannot change it', () => {
    const short = seeds.map((seed) => run(seed, null, arm, 200));
    const decided = (quantity: ClaimQuantity, op: '<' | '>', right: number) =>
      verdictOf(claim(operand(quantity), op, right), short).verdict;
    expect(decided({ column: 'dataFit', when: 'fit' }, '<', 1)).toBe('holds');
    expect(decided({ column: 'dataFit', when: { effort: 100 } }, '<', 2)).toBe('holds');
    expect(decided({ column: 'dataFit', when: { effort: 500 } }, '<', 2)).toBe('not-enough-data');
    expect(decided({ column: 'dataFit', when: 'end' }, '<', 2)).toBe('not-enough-data');
    // A maximum can only grow, a minimum only fall.
    expect(decided({ column: 'dataFit', when: 'max' }, '>', 1)).toBe('holds');
    expect(decided({ column: 'dataFit', when: 'max' }, '>', 3)).toBe('not-enough-data');
    expect(decided({ column: 'testLoss', when: 'min' }, '<', 4)).toBe('holds');
    expect(decided({ column: 'testLoss', when: 'min' }, '<', 0.5)).toBe('not-enough-data');
    // An accuracy lies in [0, 1] whatever comes.
    expect(decided({ column: 'testAccuracy', when: 'end' }, '<', 1.5)).toBe('holds');
    expect(decided({ column: 'trainAccuracy', when: 'max' }, '>', 0.5)).toBe('holds');
  });

  it('that no run has is named', () => {
    const without = five.map((one) => {
      const columns = { ...one.curve.columns };
      delete columns['dataFit'];
      return { ...one, curve: { ...one.curve, columns } };
    });
    const verdict = verdictOf(claim(operand({ column: 'dataFit', when: 'end' }), '>', 0), without);
    expect(verdict.verdict).toBe('not-enough-data');
    expect(verdict.why).toContain('The runs of lin record no column "dataFit".');
  });
});

describe('two operands', () => {
  const slow = seeds.map((seed) => run(seed, 1000));
  const fast = seeds.map((seed) => run(seed, 200, other));
  const of = (name: string) => operand('generalizationStep', { arm: name });

  it('are divided or subtracted, with a bootstrap of both', () => {
    const ratio = verdictOf(claim({ ratio: [of('lin'), of('other')] }, '>=', 5), [...slow, ...fast]);
    expect(ratio).toMatchObject({ verdict: 'holds', left: { value: 5, n: 10 } });
    expect(ratio.left.confidence).toMatchObject({ low: 5, high: 5 });
    expect(ratio.why).toBe(
      'The ratio of the median generalization step of lin to the median generalization step of other: 5, 1,000 (5 seeds) by 200 (5 seeds); claimed: >= 5.',
    );
    const difference = verdictOf(claim({ difference: [of('lin'), of('other')] }, '>', 900), [
      ...slow,
      ...fast,
    ]);
    expect(difference).toMatchObject({ verdict: 'fails', left: { value: 800 } });
  });

  it('bound a ratio where one of them is censored', () => {
    const never = seeds.map((seed) => run(seed, null));
    const bounded = (op: '>=' | '<', right: number) =>
      verdictOf(claim({ ratio: [of('lin'), of('other')] }, op, right), [...never, ...fast]);
    expect(bounded('>=', 5)).toMatchObject({
      verdict: 'holds',
      left: { value: null, low: 5, high: Infinity },
    });
    expect(bounded('<', 8).verdict).toBe('not-enough-data');
    const inverse = verdictOf(claim({ ratio: [of('other'), of('lin')] }, '<=', 0.2), [...never, ...fast]);
    expect(inverse).toMatchObject({ verdict: 'holds', left: { low: 0, high: 0.2 } });
  });
});

describe('trends', () => {
  const path = 'trainer.learningRate';
  const values = [0.001, 0.01, 0.1, 0.2];
  const swept: Arm = { ...arm, seeds: [0, 1], sweep: [{ path, values }] };
  const [first] = swept.seeds as [number];
  /** testLoss at the end is 2 · x^−1.5, its seeds 1 % apart. */
  const runs = values.flatMap((x) =>
    swept.seeds.map((seed) => {
      const one = run(seed, 500, swept, 1000, { [path]: x });
      const loss = 2 * x ** -1.5 * (seed === first ? 1 : 1.01);
      const testLoss = Float64Array.from(one.curve.columns['testLoss'] as Float64Array).fill(loss, 5);
      return { ...one, curve: { ...one.curve, columns: { ...one.curve.columns, testLoss } } };
    }),
  );
  const end: ClaimQuantity = { column: 'testLoss', when: 'end' };

  it('fit a power law, whose exponent has an interval', () => {
    const over = { trend: 'power-law', axis: path, report: 'exponent' } as const;
    const { left, why } = verdictOf(claim(operand(end, { over }), '<', -1), runs, [swept, other]);
    expect(left.value).toBeCloseTo(-1.5, 10);
    expect(left.confidence?.low).toBeLessThan(-1.5);
    expect(left.confidence?.high).toBeGreaterThan(-1.5);
    expect(why).toContain(
      'The exponent of the power law of the median testLoss at the end of lin in learningRate: -1.5 (',
    );
  });

  it('rank a measure along an axis', () => {
    const over = { trend: 'spearman', axis: path } as const;
    expect(verdictOf(claim(operand(end, { over }), '<', 0), runs, [swept, other])).toMatchObject({
      verdict: 'holds',
      left: { value: -1, confidence: { low: -1, high: -1 } },
    });
  });

  it('rank one quantity with another, over runs', () => {
    const over = { trend: 'spearman-with', with: { column: 'dataFit', when: 'end' } } as const;
    const constant = verdictOf(claim(operand(end, { statistic: 'each', over }), '>', 0), runs, [
      swept,
      other,
    ]);
    // Of a constant there is no correlation.
    expect(constant.verdict).toBe('not-enough-data');
    const same = {
      trend: 'spearman-with',
      with: { column: 'testLoss', when: 'end', since: 'start' },
    } as const;
    const verdict = verdictOf(claim(operand(end, { statistic: 'each', over: same }), '>', 0.9), runs, [
      swept,
      other,
    ]);
    expect(verdict).toMatchObject({
      verdict: 'holds',
      left: { value: expect.closeTo(1, 1) as number, n: 8 },
    });
    expect(verdict.why).toContain(
      'The rank correlation (Spearman) of change of testLoss from the start to the end with',
    );
  });
});

describe('phases', () => {
  const share = (
    phase: 'confusion' | 'memorization' | 'grokking' | 'comprehension',
    grokkingDelay?: number,
  ) => operand(grokkingDelay === undefined ? { phase } : { phase, grokkingDelay }, { statistic: 'share' });

  it('are shares of runs, by the delay that parts grokking from comprehension', () => {
    const runs = [run(0), run(1), run(2, null)];
    const three = { ...arm, seeds: [0, 1, 2] };
    const valueIn = (left: ClaimOperand) => verdictOf(claim(left, '>', 0), runs, [three, other]).left.value;
    expect(valueIn(share('comprehension'))).toBeCloseTo(2 / 3, 12);
    expect(valueIn(share('grokking', 400))).toBeCloseTo(2 / 3, 12);
    expect(valueIn(share('memorization'))).toBeCloseTo(1 / 3, 12);
    expect(valueIn(share('confusion'))).toBe(0);
  });

  it('stay open in runs cut short, except for those that are ruled out', () => {
    const short = seeds.map((seed) => run(seed, null, arm, 500));
    const decided = (left: ClaimOperand) => verdictOf(claim(left, '>', 0.5), short).verdict;
    expect(decided(share('memorization'))).toBe('not-enough-data');
    expect(decided(share('confusion'))).toBe('fails');
    expect(decided(share('comprehension', 300))).toBe('fails');
  });
});

describe('intervals and seeds', () => {
  it('are exact for shares, a bootstrap for medians, Kaplan and Meier’s where runs are censored', () => {
    const share = verdictOf(claim(operand('generalizationStep', { statistic: 'share' }), '>', 0.5), five);
    expect(share.left).toMatchObject({
      value: 1,
      confidence: { low: expect.closeTo(0.4782, 4) as number, high: 1 },
    });
    expect(confidenceLines(share)).toEqual([
      '95 % interval 0.4782 to 1 (exact, by Clopper and Pearson)',
      'That interval allows both outcomes: other seeds could turn the verdict.',
    ]);
    const median = verdictOf(claim(operand({ column: 'testLoss', when: 'end' }), '>', 0), five);
    expect(median.left.confidence).toEqual({
      low: 1,
      high: 5,
      method: 'percentile bootstrap over runs, 2,000 resamples',
    });
    const censored = [run(0, 100), run(1, 200), run(2, 500), run(3, 500), run(4, null)];
    const survival = verdictOf(claim(operand('generalizationStep'), '<', 900), censored);
    expect(survival.left).toMatchObject({ value: 500, censored: 1 });
    expect(survival.left.confidence?.method).toBe('Kaplan–Meier, by Brookmeyer and Crowley, log-log');
  });

  it('are none of too few runs, and none of an extreme', () => {
    expect(verdictOf(claim(operand('delay', { statistic: 'max' }), '>', 0), five).left.confidence).toBeNull();
    const two = { ...arm, seeds: [0, 1] };
    expect(
      verdictOf(claim(operand('delay'), '>', 0), five.slice(0, 2), [two, other]).left.confidence,
    ).toBeNull();
  });

  it('say so where a claim needs more seeds than were run', () => {
    const planned = { ...arm, seeds: [0, 1], seedsFrom: 10 };
    const needy = claim(operand('delay'), '>', 0, { minimumSeeds: 10 });
    const verdict = verdictOf(needy, five.slice(0, 2), [planned, other]);
    expect(verdict.verdict).toBe('not-enough-data');
    expect(verdict.why).toMatch(/^This claim needs 10 seeds; lin has 2\. The median delay of lin: /);
    expect(verdictOf(claim(operand('delay'), '>', 0, { minimumSeeds: 5 }), five).verdict).toBe('holds');
  });
});

describe('a claim is refused before anything runs', () => {
  const refusal = (one: Claim): string => {
    try {
      studyOf([arm, other], [one]);
    } catch (error) {
      if (error instanceof InputError) return error.message;
      throw error;
    }
    return 'accepted';
  };
  const at = (quantity: ClaimQuantity) => refusal(claim(operand(quantity), '>', 0));

  it.each<[string, string]>([
    [
      at({ column: 'restrictedLoss', when: 'end' }),
      'quantity.column: got "restrictedLoss"; expected a column that "lin" records: seconds, trainAccuracy',
    ],
    [at({ column: 'restrictedLoss', when: 'end' }), 'with the measure "progress-measures" added'],
    [
      at({ column: 'dataFit', when: { effort: 2000 } }),
      'got 2000; expected an effort within the budget of "lin", at most 1000',
    ],
    [
      at({ column: 'dataFit', when: 'end', as: 'ratio' }),
      'quantity.as: got "ratio"; expected nothing without "since"',
    ],
    [
      at({ column: 'dataFit', when: 'end', between: ['fit', 'end'] }),
      'expected nothing where neither "when" nor "since" is "max" or "min"',
    ],
    [
      at({ column: 'dataFit', when: 'max', nearest: 'after' }),
      'quantity.nearest: got "after"; expected nothing',
    ],
    [at({ phase: 'grokking' }), 'statistic: got "median"; expected share'],
    [
      refusal(claim(operand({ column: 'dataFit', when: 'end' }, { statistic: 'share' }), '>', 0)),
      'dataFit is not an event',
    ],
    [
      refusal(claim({ ratio: [operand('delay'), operand('delay', { arm: 'none' })] }, '>', 0)),
      'claims[0].check.left.ratio[1].arm: got "none"; expected an arm of this study: "lin", "other"',
    ],
    [
      refusal(claim(operand('delay'), '>', 0, { minimumSeeds: 10 })),
      'claims[0].minimumSeeds: got 10; expected at most 5: the arm "lin" has 5 seeds',
    ],
    [
      at({ column: 'dataFit', when: 'later' } as unknown as ClaimQuantity),
      'claims[0].check.left.quantity.when: got "later"; expected one of "start", "fit"',
    ],
  ])('%s', (message, expected) => {
    expect(message).toContain(expected);
  });
});

describe('unrecordedWords', () => {
  const claims = [
    claim(operand({ column: 'dataFit', when: 'end' }), '>', 0),
    claim(
      { ratio: [operand({ column: 'complexity', when: 'end' }, { arm: 'other' }), operand('delay')] },
      '>',
      0,
    ),
  ];

  it('names what the runs of an arm turned out not to record', () => {
    expect(unrecordedWords({ claims }, 'lin', [{ name: 'trainLoss' }])).toEqual([
      'The claim "claim" reads the column "dataFit", which the runs of lin do not record: it cannot be decided. They record trainLoss.',
    ]);
    expect(unrecordedWords({ claims }, 'lin', [{ name: 'dataFit' }])).toEqual([]);
    expect(unrecordedWords({ claims }, 'other', [{ name: 'dataFit' }])).toHaveLength(1);
    expect(claimArms(claims[1] as Claim)).toEqual(['other', 'lin']);
  });
});
