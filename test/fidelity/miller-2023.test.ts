/**
 * Miller et al. 2023 (arXiv 2310.17247): the Gaussian processes and the linear regression, as shipped, against what the
 * paper says about them (§2.1, §2.1.2, §2.3.1, §3, appendix J.1, Figures 1, 2, 3 and 5). Two arms are trained for a part of their budget,
 * after which nothing crosses a threshold any more; hidden parity for two of its five seeds.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { evaluateClaims } from '../../shared/claims.ts';
import { delayTable, type RunWithCurve } from '../../shared/delay-table.ts';
import type { Study } from '../../shared/study.ts';
import type { Arm } from '../../shared/study.ts';
import { armOf, meanAt, presetStudy, trainSeeds } from './train.ts';

let study: Study;
let gp: RunWithCurve[];
let parity: RunWithCurve[];
let regression: Record<'a' | 'b' | 'c', RunWithCurve[]>;
let linear: RunWithCurve[];

/** The study's arm with less budget, fewer seeds and fewer rows; the study then has it in place of its own. */
function shortened(id: string, maxEffort: number, seeds?: number[]): Arm {
  const own = armOf(study, id);
  const record = { every: 10, perDecade: own.record.perDecade };
  const arm = { ...own, budget: { maxEffort }, record, seeds: seeds ?? own.seeds };
  study = { ...study, arms: study.arms.map((other) => (other.id === id ? arm : other)) };
  return arm;
}

beforeAll(async () => {
  study = await presetStudy('miller-2023');
  gp = await trainSeeds(armOf(study, 'gp-zero-one'));
  linear = await trainSeeds(armOf(study, 'linear-decoys'));
  parity = await trainSeeds(shortened('gp-parity', 150, [42, 62]));
  regression = {
    a: await trainSeeds(shortened('gp-regression-a', 400)),
    b: await trainSeeds(shortened('gp-regression-b', 400)),
    c: await trainSeeds(shortened('gp-regression-c', 400)),
  };
}, 120_000);

describe('Gaussian process classification, 0/1 task', () => {
  it('fits its training data at once and generalizes much later, in every run', () => {
    for (const row of delayTable(gp).runs) {
      expect(row.fitStep).toBeLessThan(10);
      expect(row.generalizationStep).toBeGreaterThan(10 * (row.fitStep as number));
      expect(row.generalizationStepCensored).toBe(false);
    }
  });

  it('ends with a high mean validation accuracy that is not 100 %', () => {
    const accuracy = meanAt(gp, 'testAccuracy', 1500);
    expect(accuracy).toBeGreaterThan(0.95);
    expect(accuracy).toBeLessThan(1);
  });

  it('lets its length scale grow and its validation likelihood rise while it waits', () => {
    expect(meanAt(gp, 'lengthScale', 0)).toBeCloseTo(0.005, 12);
    expect(meanAt(gp, 'lengthScale', 1500)).toBeGreaterThan(0.1);
    expect(meanAt(gp, 'testLoss', 1500)).toBeLessThan(meanAt(gp, 'testLoss', 50));
  });
});

describe('Gaussian process classification, hidden parity', () => {
  it('fits at once, stays at chance, then generalizes perfectly (Figure 3)', () => {
    for (const row of delayTable(parity).runs) {
      expect(row.fitStep).toBeLessThan(5);
      expect(row.generalizationStep).toBeGreaterThan(30);
      expect(row.generalizationStepCensored).toBe(false);
      expect(row.finalTestAccuracy).toBe(1);
    }
    expect(meanAt(parity, 'testAccuracy', 20)).toBeLessThan(0.65);
  });

  it('shortens the length scales of the three parity bits and lengthens those of every decoy (appendix J.1)', () => {
    const initial = Math.log(2);
    for (let k = 1; k <= 40; k++) {
      const final = meanAt(parity, `lengthScale:${k}`, 150);
      if (k <= 3) expect(final, `parity bit ${k}`).toBeLessThan(0.5 * initial);
      else expect(final, `decoy ${k}`).toBeGreaterThan(2 * initial);
    }
  });

  it('pays complexity first: KL rises while it fits, and falls as it generalizes', () => {
    expect(meanAt(parity, 'kl', 40)).toBeGreaterThan(meanAt(parity, 'kl', 0));
    expect(meanAt(parity, 'kl', 150)).toBeLessThan(meanAt(parity, 'kl', 40));
  });
});

describe('Gaussian process regression, three initialisations (Figure 5)', () => {
  it('A starts with a high error and a low complexity, B with a low error and a high complexity, C with low of both', () => {
    const at = (runs: RunWithCurve[]) => ({
      train: meanAt(runs, 'trainLoss', 0),
      test: meanAt(runs, 'testLoss', 0),
      complexity: meanAt(runs, 'complexity', 0),
    });
    const [a, b, c] = [at(regression.a), at(regression.b), at(regression.c)];
    expect(a.train).toBeGreaterThan(0.3);
    expect(b.train).toBeLessThan(0.001);
    expect(b.test).toBeGreaterThan(0.3);
    expect(c.train).toBeLessThan(0.03);
    expect(c.test).toBeLessThan(0.03);
    expect(b.complexity).toBeGreaterThan(a.complexity + 1);
    expect(b.complexity).toBeGreaterThan(c.complexity + 1);
  });

  it('shows a delay from B in every run, next to none from A and none from C', () => {
    const delays = (runs: RunWithCurve[]) => delayTable(runs).runs.map((row) => row.delay as number);
    expect(Math.min(...delays(regression.b))).toBeGreaterThan(50);
    expect(Math.max(...delays(regression.a))).toBeLessThan(15);
    expect(delays(regression.c)).toEqual([0, 0, 0, 0, 0]);
  });

  it('ends at one optimum from all three', () => {
    for (const column of ['logMarginalLikelihood', 'lengthScale', 'noise', 'testLoss']) {
      const b = meanAt(regression.b, column, 400);
      for (const runs of [regression.a, regression.c]) {
        expect(Math.abs(meanAt(runs, column, 400) / b - 1), column).toBeLessThan(0.1);
      }
    }
    // The noise of the data has a variance of 0.01.
    expect(meanAt(regression.b, 'noise', 400)).toBeGreaterThan(0.007);
    expect(meanAt(regression.b, 'noise', 400)).toBeLessThan(0.014);
  });

  it('never needed jitter', () => {
    for (const runs of Object.values(regression)) expect(meanAt(runs, 'jitter', 400)).toBe(0);
  });
});

describe('linear regression with decoy features', () => {
  it('has a validation accuracy significantly worse than its training accuracy between epochs 20 and 1,000', () => {
    for (const epoch of [50, 100, 200, 500]) {
      const gap = meanAt(linear, 'trainAccuracy', epoch) - meanAt(linear, 'testAccuracy', epoch);
      expect(gap, `epoch ${epoch}`).toBeGreaterThan(0.1);
    }
  });

  it('has a very similar validation accuracy in the region of epoch 2,000', () => {
    const gap = meanAt(linear, 'trainAccuracy', 2000) - meanAt(linear, 'testAccuracy', 2000);
    expect(gap).toBeLessThan(0.05);
    expect(gap).toBeGreaterThanOrEqual(0);
  });

  it('does not reach 100 % in every case', () => {
    const final = delayTable(linear).runs.map((row) => row.finalTestAccuracy as number);
    expect(Math.min(...final)).toBeLessThan(1);
    expect(Math.max(...final)).toBe(1);
  });

  it('shifts its weight from the decoys to x', () => {
    expect(meanAt(linear, 'weight:x', 5000)).toBeGreaterThan(0.2);
    for (const decoy of ['weight:x^2', 'weight:x^3', 'weight:sin(100x)']) {
      expect(Math.abs(meanAt(linear, decoy, 5000)), decoy).toBeLessThan(0.1);
    }
  });

  it('does not grok without the weight penalty (appendix K)', async () => {
    const arm = armOf(study, 'linear-decoys');
    if (arm.model.kind !== 'linear-regression') throw new Error('not a linear regression');
    // A prior this wide makes the penalty nothing against the squared error.
    const free = { ...arm, model: { ...arm.model, weightVariance: 1e6 } };
    const table = delayTable(await trainSeeds(free));
    expect(table.arms[0]?.generalized).toBe(0);
  });
});

describe('claims of the preset', () => {
  it('hold on these runs, for the arms trained here', () => {
    const verdicts = evaluateClaims(study, [
      ...gp,
      ...parity,
      ...Object.values(regression).flat(),
      ...linear,
    ]);
    const mine = verdicts.filter(({ claim }) => /^(gp|linear)-/.test(claim.id));
    expect(mine).toHaveLength(9);
    for (const { claim, verdict, why } of mine) expect(verdict, `${claim.id}: ${why}`).toBe('holds');
  });
});
