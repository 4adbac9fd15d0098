/** The columns that are known before a run against those that real learners and measures have. */
import { describe, expect, it } from 'vitest';
import { createLearner } from '../../../main/training/registry.ts';
import { measureMisfit, measureSpec } from '../../../shared/measure-spec.ts';
import { familyOf, type ModelKind } from '../../../shared/model-spec.ts';
import { columnsOf, mayRecord, measuresThatGive } from '../../../shared/run-columns.ts';
import { startingArm } from '../../../shared/starting-arms.ts';
import { parseArm, type Arm } from '../../../shared/study.ts';

async function recorded(arm: Arm): Promise<string[]> {
  const learner = await createLearner(arm, 0, { threads: 1, device: null });
  try {
    return learner.columns.map(({ name }) => name);
  } finally {
    await learner.dispose();
  }
}

const arms = (Object.keys(familyOf) as ModelKind[]).map((kind) => parseArm(startingArm(kind)));

describe('columnsOf', () => {
  it.each(arms.map((arm) => [arm.model.kind, arm] as const))(
    'knows every column of a %s, with every measure that fits it',
    async (_, arm) => {
      const measures = measureSpec.options.filter(
        (kind) => measureMisfit(kind, arm.model, arm.dataset) === null,
      );
      const measured: Arm = measures.length === 0 ? arm : { ...arm, measures };
      const known = columnsOf(measured);
      expect(known.all).toBe(true);
      for (const name of await recorded(measured))
        expect([name, mayRecord(known, name)]).toEqual([name, true]);
    },
  );

  it('names no column that no such learner has', async () => {
    const parity = arms.find(({ model }) => model.kind === 'linear-regression') as Arm;
    const names = await recorded(parity);
    const missing = columnsOf(parity).names.filter(
      (name) => name !== 'seconds' && !names.some((one) => mayRecord({ names: [name], all: true }, one)),
    );
    expect(missing).toEqual([]);
  });

  it('says which measures give a column', () => {
    expect(measuresThatGive('norm:W_E')).toEqual(['weight-norms']);
    expect(measuresThatGive('trainLoss')).toEqual([]);
    expect(mayRecord({ names: [], all: false }, 'anything')).toBe(true);
  });
});
