import { describe, expect, it } from 'vitest';
import { evaluateClaims } from '../../../shared/claims.ts';
import type { Claim, ClaimOperand, Trend } from '../../../shared/claim-spec.ts';
import type { RunWithCurve } from '../../../shared/delay-table.ts';
import { InputError } from '../../../shared/errors.ts';
import { parseStudy, type Arm } from '../../../shared/study.ts';
import { accuracyCurve, linearArm, runOf, studyOf } from './support.ts';

const noise = 'model.noiseVariance';
const weight = 'model.weightVariance';

const arm: Arm = {
  ...linearArm('lin', 1500),
  sweep: [
    { path: noise, values: [0, 10, 20, 40].map((x) => x + 1) },
    { path: weight, values: [0.5, 2] },
  ],
};
const twin: Arm = { ...arm, id: 'twin' };
const plain = linearArm('plain', 1500);

/** A run that fits at 10 and generalizes at `at`, or never within its budget. */
function run(of: Arm, x: number, w: number, seed: number, at: number | null): RunWithCurve {
  const effort = [0, 10, ...(at === null ? [] : [at]), 1500].filter((e, i, all) => all.indexOf(e) === i);
  const train = effort.map((e) => (e >= 10 ? 1 : 0));
  const test = effort.map((e) => (at !== null && e >= at ? 0.95 : 0.4));
  return runOf(of, seed, accuracyCurve(effort, train, test), 'finished', { [noise]: x, [weight]: w });
}

/** Delays e^(0.1 x) − ish: 5, 30, 80, 600 at the four values; the second weight variance generalizes at once. */
const runs = [
  ...[15, 40, 90, 610].flatMap((at, i) =>
    [0, 1].map((seed) => run(arm, [1, 11, 21, 41][i] as number, 0.5, seed, at + seed)),
  ),
  ...[1, 11, 21, 41].flatMap((x) => [0, 1].map((seed) => run(arm, x, 2, seed, 10))),
];

function claim(
  left: Partial<ClaimOperand>,
  op: Claim['check']['op'],
  right: number | Partial<ClaimOperand>,
): Claim {
  const operand = (part: Partial<ClaimOperand>): ClaimOperand => ({
    arm: 'lin',
    quantity: 'delay',
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

function verdictOf(one: Claim, of: readonly RunWithCurve[] = runs) {
  const [verdict] = evaluateClaims(studyOf([arm, twin, plain], [one]), of);
  if (verdict === undefined) throw new Error('no verdict');
  return verdict;
}

describe('a claim about a sweep point', () => {
  it('reads the runs there and no others', () => {
    const at = { [noise]: 21, [weight]: 0.5 };
    const verdict = verdictOf(claim({ at }, '>', { at: { [noise]: 1, [weight]: 0.5 } }));
    expect(verdict.verdict).toBe('holds');
    expect(verdict.why).toBe(
      'The median delay of lin at noiseVariance = 21, weightVariance = 0.5: 80.5 (2 seeds); claimed: > ' +
        'the median delay of lin at noiseVariance = 1, weightVariance = 0.5: 5.5 (2 seeds).',
    );
    expect(verdictOf(claim({ at: { [noise]: 21 } }, '>', 0)).why).toContain('40 (4 runs at 2 sweep points)');
    expect(verdictOf(claim({}, '>=', 0)).left).toMatchObject({ n: 16, value: 2.5 });
  });

  it('waits for runs there', () => {
    const verdict = verdictOf(claim({ at: { [noise]: 21 } }, '>', 0), runs.slice(0, 2));
    expect(verdict.verdict).toBe('not-enough-data');
    expect(verdict.why).toContain('No runs of lin at noiseVariance = 21 yet.');
  });
});

describe('a rank correlation', () => {
  const over: Trend = { trend: 'spearman', axis: noise };
  const at = { [weight]: 0.5 };

  it('is that of the statistic with the axis', () => {
    const verdict = verdictOf(claim({ over, at }, '>=', 1));
    expect(verdict.verdict).toBe('holds');
    expect(verdict.why).toBe(
      'The rank correlation (Spearman) of noiseVariance with the median delay of lin at weightVariance = 0.5: ' +
        '1 (4 points, 8 runs at 4 sweep points); claimed: >= 1.',
    );
    expect(verdictOf(claim({ over, at, statistic: 'each' }, '>', 0.9)).left.value).toBeCloseTo(0.9759, 4);
  });

  it('is decided where every order of censored values decides it', () => {
    const censored = [
      ...[15, 40].flatMap((when, i) => [0, 1].map((seed) => run(arm, [1, 11][i] as number, 0.5, seed, when))),
      ...[21, 41].flatMap((x) => [0, 1].map((seed) => run(arm, x, 0.5, seed, null))),
    ];
    const holds = verdictOf(claim({ over, at }, '>', 0.75), censored);
    expect(holds).toMatchObject({ verdict: 'holds', left: { value: null, censored: 4 } });
    expect(holds.left.low).toBeCloseTo(0.8, 12);
    expect(holds.why).toContain('between 0.8 and 1');
    expect(verdictOf(claim({ over, at }, '>', 0.9), censored).verdict).toBe('not-enough-data');
  });

  it('says nothing about a quantity that does not change, or an axis value without runs', () => {
    const still = verdictOf(claim({ over, at: { [weight]: 2 } }, '>', 0));
    expect(still).toMatchObject({ verdict: 'not-enough-data', left: { value: null, low: -1, high: 1 } });
    const gap = runs.filter((one) => one.run.point[noise] !== 21);
    expect(verdictOf(claim({ over, at }, '>', 0.9), gap).verdict).toBe('not-enough-data');
  });
});

describe('a log-linear fit', () => {
  const over: Trend = { trend: 'log-linear', axis: noise, report: 'correlation', nonPositive: 'log-zero' };
  const at = { [weight]: 0.5 };
  const lawful = [1, 11, 21, 41].flatMap((x) =>
    [0, 1].map((seed) => run(arm, x, 0.5, seed, 10 + 2 ** ((x - 1) / 10))),
  );

  it('finds the law of every run', () => {
    const slope = verdictOf(
      claim({ over: { ...over, report: 'slope' }, at, statistic: 'each' }, '>', 0.069),
      lawful,
    );
    expect(slope.verdict).toBe('holds');
    expect(slope.left.value).toBeCloseTo(Math.log(2) / 10, 12);
    expect(slope.left.fits?.logZero).toMatchObject({ n: 8 });
    expect(slope.why).toContain(
      'The slope of the line of least squares of log the delay of each run of lin at weightVariance = 0.5 against noiseVariance',
    );
    expect(slope.why).toContain('(8 points, 8 runs at 4 sweep points; all values above 0)');
    const intercept = claim({ over: { ...over, report: 'intercept' }, at }, '<=', 0);
    expect(verdictOf(intercept, lawful).left.value).toBeCloseTo(-Math.log(2) / 10, 12);
  });

  it('gives both readings of gaps of 0 or less, and says where they decide differently', () => {
    const some = [
      ...lawful.filter(({ run: { point } }) => point[noise] !== 41),
      run(arm, 41, 0.5, 0, 10),
      run(arm, 41, 0.5, 1, 5),
    ];
    const zero = verdictOf(claim({ over, at, statistic: 'each' }, '>', 0.9), some);
    expect(zero.verdict).toBe('fails');
    expect(zero.left.fits?.leftOut).toMatchObject({ n: 6 });
    expect(zero.left.fits?.leftOut?.correlation).toBeCloseTo(1, 12);
    expect(zero.why).toContain('2 of 0 or less counted as log = 0, left out it would be 1');
    expect(zero.why).toContain('With the other reading of values of 0 or less the verdict would differ.');
    const out = verdictOf(
      claim({ over: { ...over, nonPositive: 'left-out' }, at, statistic: 'each' }, '>', 0.9),
      some,
    );
    expect(out.verdict).toBe('holds');
    expect(out.left.value).toBe(zero.left.fits?.leftOut?.correlation);
    expect(out.why).toContain('2 of 0 or less left out, counted as log = 0 it would be ');
  });

  it('pools the runs of several arms', () => {
    const other = [1, 11, 21, 41].map((x) => run(twin, x, 0.5, 0, 11));
    const pooled = verdictOf(
      claim({ over: { ...over, alsoArms: ['twin'] }, at, statistic: 'each' }, '>', 0.9),
      [...lawful, ...other],
    );
    expect(pooled.left).toMatchObject({ n: 12 });
    expect(pooled.verdict).toBe('fails');
    expect(pooled.why).toContain('of each run of lin and twin');
  });

  it('needs every run to be known', () => {
    const verdict = verdictOf(claim({ over, at, statistic: 'each' }, '>', 0.9), [
      ...lawful.slice(1),
      run(arm, 1, 0.5, 0, null),
    ]);
    expect(verdict).toMatchObject({ verdict: 'not-enough-data', left: { value: null, low: -1, high: 1 } });
    expect(verdict.why).toContain('some points are not known');
  });
});

describe('a study with claims over sweeps', () => {
  const faultsOf = (left: unknown): string[] => {
    try {
      parseStudy({
        ...studyOf([arm, plain]),
        claims: [{ ...claim({}, '>', 0), check: { left, op: '>', right: 0 } }],
      });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return error.faults.map((fault) => `${fault.path}: got ${fault.value}; expected ${fault.expected}`);
    }
    return [];
  };
  const operand = { arm: 'lin', quantity: 'delay', statistic: 'median' };
  const spearman = { trend: 'spearman', axis: noise };
  const at = 'claims[0].check.left';

  it.each([
    [
      { ...operand, at: { [noise]: 5 } },
      `${at}.at["${noise}"]: got 5; expected a value that the arm "lin" sweeps: 1, 11, 21, 41`,
    ],
    [
      { ...operand, at: { 'model.initScale': 5 } },
      `${at}.at: got "model.initScale"; expected an axis of the sweep of "lin": "${noise}", "${weight}"`,
    ],
    [
      { ...operand, arm: 'plain', at: { [noise]: 1 } },
      `${at}.at: got "${noise}"; expected nothing: the arm "plain" has no sweep`,
    ],
    [
      { ...operand, statistic: 'each' },
      `${at}.statistic: got "each"; expected median, min, max, mean or share: only a trend takes each run for itself`,
    ],
    [
      { ...operand, over: { ...spearman, axis: 'model.initScale' } },
      `${at}.over.axis: got "model.initScale"; expected an axis of the sweep of "lin": "${noise}", "${weight}"`,
    ],
    [
      { ...operand, over: spearman, at: { [noise]: 1 } },
      `${at}.at["${noise}"]: got 1; expected nothing: the trend runs along this axis`,
    ],
    [
      { ...operand, over: { ...spearman, axis: weight } },
      `${at}.over.axis: got "${weight}"; expected an axis with at least 3 values`,
    ],
    [
      { ...operand, over: { ...spearman, trend: 'kendall' } },
      `${at}.over.trend: got "kendall"; expected one of "spearman", "log-linear", "power-law", "spearman-with"`,
    ],
    [
      {
        ...operand,
        over: {
          trend: 'log-linear',
          axis: noise,
          report: 'slope',
          nonPositive: 'log-zero',
          alsoArms: ['none', 'lin'],
        },
      },
      `${at}.over.alsoArms[0]: got "none"; expected an arm of this study: "lin", "plain"`,
    ],
  ])('is refused where they do not fit: %j', (left, fault) => {
    expect(faultsOf(left)[0]).toBe(fault);
  });

  it('needs numbers along an axis', () => {
    const texts: Arm = { ...arm, sweep: [{ path: 'model.features[0]', values: ['x', 'x^2', 'x^3'] }] };
    const check = { ...claim({ over: { trend: 'spearman', axis: 'model.features[0]' } }, '>', 0) };
    expect(() => studyOf([texts], [check])).toThrow('expected an axis whose values are numbers');
  });
});

describe('a trend over a part of the seeds that the study asks for', () => {
  const part: Arm = { ...arm, seeds: [0, 1], seedsFrom: 3 };
  const trends: Trend[] = [
    { trend: 'spearman', axis: noise },
    { trend: 'log-linear', axis: noise, report: 'correlation', nonPositive: 'log-zero' },
    { trend: 'log-linear', axis: noise, report: 'slope', nonPositive: 'log-zero' },
  ];

  it.each(trends)('is not decided, nor said: %o', (over) => {
    const one = claim({ over, at: { [weight]: 0.5 } }, '>', 0);
    expect(verdictOf(one).verdict).toBe('holds');
    const [verdict] = evaluateClaims(studyOf([part, twin, plain], [one]), runs);
    expect(verdict).toMatchObject({ verdict: 'not-enough-data', left: { value: null } });
    expect(verdict?.why).toMatch(/: (unknown|between -1 and 1) \(4 points, 8 runs at 4 sweep points/);
    expect(verdict?.why).toContain('Of the 3 seeds of lin, 2 were run.');
  });
});
