/**
 * Miller et al. 2023 (arXiv 2310.17247): the Gaussian process and the linear regression, as shipped, against what the
 * paper says about them (§2.1, §2.1.2, §3, Figures 1 and 2).
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { evaluateClaims } from '../../shared/claims.ts';
import { delayTable, type RunWithCurve } from '../../shared/delay-table.ts';
import type { Study } from '../../shared/study.ts';
import { armOf, meanAt, presetStudy, trainSeeds } from './train.ts';

let study: Study;
let gp: RunWithCurve[];
let linear: RunWithCurve[];

beforeAll(async () => {
  study = await presetStudy('miller-2023');
  gp = await trainSeeds(armOf(study, 'gp-zero-one'));
  linear = await trainSeeds(armOf(study, 'linear-decoys'));
}, 60_000);

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
  it('hold on these runs, for the two arms trained here', () => {
    const verdicts = evaluateClaims(study, [...gp, ...linear]);
    const mine = verdicts.filter(({ claim }) => /^(gp|linear)-/.test(claim.id));
    expect(mine).toHaveLength(5);
    for (const { claim, verdict, why } of mine) expect(verdict, `${claim.id}: ${why}`).toBe('holds');
  });
});
