/** Seeds of every kind of network trained together have the curves that each has alone. */
import { expect, it } from 'vitest';
import type { Learner } from '../../../main/training/learner.ts';
import { createNeuralLearners } from '../../../main/training/neural-learner.ts';
import { startingArm } from '../../../shared/starting-arms.ts';
import { parseArm, type Arm } from '../../../shared/study.ts';

const tokens = startingArm('transformer');
const small = { layers: 2, dModel: 8, heads: 2, dMlp: 8 };
const changes: Record<string, object> = {
  'a transformer after Power': {
    ...tokens,
    model: { ...tokens.model, ...small, layerNorm: 'post', positions: 'sinusoidal', biases: 'none' },
  },
  'a centred transformer after Lee': {
    ...tokens,
    model: { ...tokens.model, ...small, layerNorm: 'pre-in-place', biases: 'all', centred: true },
  },
  'a mixture of experts': {
    ...startingArm('moe-transformer'),
    model: { ...startingArm('moe-transformer').model, ...small },
  },
  'a mixture of experts in batches': {
    ...startingArm('moe-transformer'),
    model: { ...startingArm('moe-transformer').model, ...small },
    trainer: { ...tokens.trainer, batchSize: 100 },
  },
  'a diagonal network': startingArm('diagonal-network'),
  'one output': {
    ...startingArm('mlp'),
    model: { ...startingArm('mlp').model, singleOutput: true, centred: true, hidden: [20] },
  },
};

async function rowsAt(learner: Learner, effort: number): Promise<number[]> {
  while (learner.effort < effort) await learner.advance(effort, Infinity);
  return [...(await learner.evaluate())];
}

it.each(Object.keys(changes))('%s', async (name) => {
  const arm: Arm = parseArm(changes[name]);
  const options = { threads: 1, device: null };
  const runs = [0, 1].map((seed) => ({ arm, seed }));
  const together = await createNeuralLearners(runs, options);
  const found = await Promise.all(together.map((learner) => rowsAt(learner, 8)));
  for (const learner of together) await learner.dispose();
  for (const [i, run] of runs.entries()) {
    const [alone] = (await createNeuralLearners([run], options)) as [Learner];
    const expected = await rowsAt(alone, 8);
    await alone.dispose();
    expected.forEach((value, column) => {
      const quantity = alone.columns[column]?.quantity ?? '';
      // One answer more or less is right where two logits are equal up to rounding.
      const tolerance = quantity.includes('accuracy') ? 0.01 : 1e-3 * Math.max(1, Math.abs(value));
      expect(Math.abs((found[i]?.[column] as number) - value), quantity).toBeLessThan(tolerance);
    });
  }
  expect(found[0]).not.toEqual(found[1]);
});
