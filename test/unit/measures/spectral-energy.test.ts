import { describe, expect, it } from 'vitest';
import { hjorthActivity } from '../../../shared/hjorth.ts';
import type { MlpSpec } from '../../../shared/model-spec.ts';
import { chooseEngine } from '../../../main/engine/devices.ts';
import { createSpectralEnergy } from '../../../main/measures/spectral-energy.ts';
import { EARLY } from '../../../main/training/neural-lane.ts';
import { createNeuralLearnersOn } from '../../../main/training/neural-learner.ts';
import { adam, contextOf, taskOf } from './support.ts';

const model = {
  kind: 'mlp',
  hidden: [3],
  activation: 'relu',
  outputBias: true,
  init: 'torch-default',
  initScale: 1,
} satisfies MlpSpec;
const split = {
  n: 5,
  inputs: Float64Array.of(-2, -1, 0.5, 1, 2),
  labels: Int32Array.of(0, 1, 0, 1, 1),
};
const dataset = { kind: 'vectors', dimensions: 1, classes: 2, train: split, test: split } as const;

describe('the spectral energy of the early loss', () => {
  it('is the variance of the training loss at every effort so far, in lanes as alone, across a checkpoint', async () => {
    const context = await contextOf({ model, dataset });
    const engine = await chooseEngine({ device: null, precision: 'float64', threads: 1 });
    const task = taskOf(context);
    const learners = () =>
      createNeuralLearnersOn(
        engine,
        [0, 1].map((seed) => ({ task, trainer: adam, seed })),
      );
    const [slow, other] = await learners();
    const losses: number[] = [];
    for (let effort = 0; effort < 12; effort++) {
      losses.push((await slow?.evaluate())?.[0] as number);
      await Promise.all([slow?.advance(effort + 1, Infinity), other?.advance(effort + 1, Infinity)]);
    }
    const measure = await createSpectralEnergy(context);
    const energyOf = async (training: NonNullable<typeof slow>['training']): Promise<number> =>
      (await measure.evaluate(new Float64Array(1), training)).columns[0] as number;
    const expected = hjorthActivity(losses);
    if (slow === undefined || other === undefined) throw new Error('unreachable');
    expect(await energyOf(slow.training)).toBeCloseTo(expected, 12);
    expect(await energyOf(other.training)).not.toBeCloseTo(expected, 6);

    // Half in one learner, half in another that goes on from its checkpoint, in one call each.
    const [first, beside] = await learners();
    await Promise.all([first?.advance(7, Infinity), beside?.advance(7, Infinity)]);
    const state = first?.save();
    const [second, third] = await learners();
    if (state === undefined || second === undefined || third === undefined) throw new Error('unreachable');
    second.restore(state);
    third.restore(state);
    await Promise.all([second.advance(12, Infinity), third.advance(12, Infinity)]);
    expect([...second.training.earlyLosses]).toEqual([...slow.training.earlyLosses]);

    // A checkpoint without them: what the series was is not known.
    const arrays = Object.fromEntries(
      Object.entries(state.arrays).filter(([name]) => name !== 'earlyLosses'),
    );
    second.restore({ ...state, arrays });
    third.restore({ ...state, arrays });
    await Promise.all([second.advance(12, Infinity), third.advance(12, Infinity)]);
    expect(await energyOf(second.training)).toBeNaN();

    for (const learner of [slow, other, first, beside, second, third]) await learner?.dispose();
    await measure.dispose();
  });

  it('stays as it is after the first 400 updates', async () => {
    const context = await contextOf({ model, dataset });
    const task = taskOf(context);
    const [learner] = await createNeuralLearnersOn(context.engine, [{ task, trainer: adam, seed: 3 }]);
    await learner?.advance(EARLY, Infinity);
    const early = [...(learner?.training.earlyLosses ?? [])];
    expect(early).toHaveLength(EARLY);
    await learner?.advance(EARLY + 90, Infinity);
    expect([...(learner?.training.earlyLosses ?? [])]).toEqual(early);
    await learner?.dispose();
  });
});
