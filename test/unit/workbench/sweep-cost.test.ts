import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shapeOf, sweepCost } from '../../../main/sweep-cost.ts';
import type { Arm } from '../../../shared/study.ts';
import { armAtPoint, pointsOf, settingAt } from '../../../shared/sweep.ts';
import type { SweepAxis } from '../../../shared/sweep-spec.ts';
import { fakeStudy } from '../scheduler/fake-learner.ts';

const [base] = fakeStudy([{ seeds: [0] }]).arms as [Arm];
const arm = (...sweep: SweepAxis[]): Arm => ({ ...base, sweep });
const number = (one: Arm, path: string): number => settingAt(one, path) as number;

describe('a shape', () => {
  it('is the same for settings that cost nothing, and another for the rest', () => {
    const at = (path: string, value: number | string): string => shapeOf(armAtPoint(base, { [path]: value }));
    for (const path of [
      'trainer.learningRate',
      'trainer.weightDecay',
      'model.noiseVariance',
      'dataset.slope',
    ])
      expect(at(path, 0.125)).toBe(shapeOf(base));
    for (const path of ['dataset.points', 'dataset.trainSize', 'trainer.momentum'])
      expect(at(path, 0.125)).not.toBe(shapeOf(base));
    expect(at('trainer.batchSize', 4)).not.toBe(shapeOf(base));
  });
});

describe('the cost of a sweep', () => {
  it('is exact for a product of powers along its axes', async () => {
    const values = Array.from({ length: 12 }, (_, i) => 10 * (i + 1));
    const swept = arm(
      { path: 'dataset.points', values },
      { path: 'trainer.learningRate', values: [0.1, 0.2] },
      { path: 'dataset.testSize', values },
    );
    let measured = 0;
    const truth = (one: Arm): number =>
      1e-3 * number(one, 'dataset.points') ** 2 * number(one, 'dataset.testSize') ** 0.5;
    const { seconds, words } = await sweepCost(swept, async (one) => {
      measured++;
      return truth(one);
    });
    expect(measured).toBe(3);
    expect(words).toBe('3 of 144 sizes measured, the others interpolated');
    pointsOf(swept).forEach((point, i) => {
      const exact = truth(armAtPoint(swept, point));
      expect(Math.abs((seconds[i] as number) / exact - 1)).toBeLessThan(1e-9);
    });
  });

  it('never lies below a sum of powers, nor beyond the ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: 5000 }), { minLength: 9, maxLength: 30 }),
        fc.double({ min: 0, max: 10, noNaN: true }),
        fc.double({ min: 0.01, max: 3, noNaN: true }),
        async (values, fixed, power) => {
          const swept = arm({ path: 'dataset.points', values });
          const truth = (one: Arm): number => fixed + number(one, 'dataset.points') ** power;
          const { seconds } = await sweepCost(swept, async (one) => truth(one));
          const most = fixed + Math.max(...values) ** power;
          values.forEach((value, i) => {
            expect(seconds[i]).toBeGreaterThanOrEqual((fixed + value ** power) * (1 - 1e-9));
            expect(seconds[i]).toBeLessThanOrEqual(most * (1 + 1e-9));
          });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('takes texts one by one, and those it cannot measure as the dearest', async () => {
    const kinds = Array.from({ length: 10 }, (_, i) => `k${i}`);
    const swept = arm({ path: 'model.features[0]', values: kinds });
    const costs: Record<string, number> = Object.fromEntries(kinds.map((kind, i) => [kind, i + 1]));
    const { seconds } = await sweepCost(
      swept,
      async (one) => costs[String(settingAt(one, 'model.features[0]'))] as number,
    );
    expect(seconds.map((value) => Math.round(value))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 8, 8]);
  });
});
