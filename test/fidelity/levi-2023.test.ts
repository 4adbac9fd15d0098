/**
 * Levi et al. 2023 (arXiv 2310.16441): the linear estimators, as shipped, against what the paper predicts about them
 * (§3.1, Figure 1). λ = 0.9 takes half a minute per run and is left to the preset itself.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { evaluateClaims } from '../../shared/claims.ts';
import { delayTable, type RunWithCurve } from '../../shared/delay-table.ts';
import type { Study } from '../../shared/study.ts';
import { armOf, presetStudy, trainRun } from './train.ts';

let study: Study;
let half: RunWithCurve;
let eight: RunWithCurve;
let control: RunWithCurve;

beforeAll(async () => {
  study = await presetStudy('levi-2023');
  half = await trainRun(armOf(study, 'lambda-05'), 0);
  eight = await trainRun(armOf(study, 'lambda-08'), 0);
  control = await trainRun(armOf(study, 'lambda-15'), 0);
}, 180_000);

function columnOf({ curve }: RunWithCurve, name: string): Float64Array {
  const values = curve.columns[name];
  if (values === undefined) throw new Error(`No column ${name}.`);
  return values;
}

/** The largest |measured − predicted| of an accuracy along a run. */
function worst(run: RunWithCurve, split: 'Train' | 'Test'): number {
  const predicted = columnOf(run, `predicted${split}Accuracy`);
  return Math.max(
    ...columnOf(run, `${split.toLowerCase()}Accuracy`).map((value, i) =>
      Math.abs(value - (predicted[i] as number)),
    ),
  );
}

describe('losses and accuracies along a run, with no fitting parameters', () => {
  it('are those of equations 8 and 10 at λ = 0.5', () => {
    expect(worst(half, 'Train')).toBeLessThan(0.12);
    expect(worst(half, 'Test')).toBeLessThan(0.12);
  });

  it('are those of equations 8 and 10 at λ = 0.8', () => {
    expect(worst(eight, 'Train')).toBeLessThan(0.12);
    expect(worst(eight, 'Test')).toBeLessThan(0.12);
  });

  it('losses agree within 35 % over three orders of magnitude at λ = 0.5', () => {
    for (const split of ['Train', 'Test'] as const) {
      const predicted = columnOf(half, `predicted${split}Loss`);
      columnOf(half, `${split.toLowerCase()}Loss`).forEach((value, i) => {
        const expected = predicted[i] as number;
        if (expected > 1e-3) expect(Math.abs(value / expected - 1), `row ${i}`).toBeLessThan(0.35);
      });
    }
  });

  it('with λ = 1.5 the generalization loss stays near 1/3 while the training loss vanishes', () => {
    expect(columnOf(control, 'trainLoss').at(-1)).toBeLessThan(1e-4);
    const floor = columnOf(control, 'testLoss').at(-1) as number;
    expect(Math.abs(floor - 1 / 3)).toBeLessThan(0.04);
    expect(delayTable([control]).runs[0]?.generalizationStepCensored).toBe(true);
  });
});

describe('claims of the preset', () => {
  it('hold on these runs, for the arms trained here', () => {
    const seeded = (arm: Study['arms'][number]) => ({ ...arm, seeds: [0] });
    const verdicts = evaluateClaims({ ...study, arms: study.arms.map(seeded) }, [half, eight, control]);
    const mine = verdicts.filter(({ claim }) => /05|08$|^control|08-(from|to)/.test(claim.id));
    expect(mine.map(({ claim }) => claim.id)).toEqual([
      'longer-05-08',
      'as-predicted-05-from',
      'as-predicted-05-to',
      'as-predicted-08-from',
      'as-predicted-08-to',
      'control-fits',
      'control-never',
      'control-floor',
    ]);
    for (const { claim, verdict, why } of mine) expect(verdict, `${claim.id}: ${why}`).toBe('holds');
  });
});
