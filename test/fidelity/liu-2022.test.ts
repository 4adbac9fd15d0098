/**
 * Liu et al. 2022 (arXiv 2205.10343): two points of the preset's phase diagram, with the representation quality index
 * that their theory ties to generalization (§3.1).
 */
import { describe, expect, it } from 'vitest';
import { readPresets } from '../../main/presets.ts';
import { createLearner } from '../../main/training/registry.ts';
import type { Arm } from '../../shared/study.ts';
import { armAtPoint } from '../../shared/sweep.ts';

async function rowAfter(
  steps: number,
  seed: number,
  learningRate: number,
  weightDecay: number,
): Promise<Record<string, number>> {
  const preset = (await readPresets()).find(({ study }) => study.id === 'liu-2022');
  const point = { 'trainer.learningRate': learningRate, 'trainer.weightDecay': weightDecay };
  const arm = armAtPoint(preset?.study.arms[0] as Arm, point);
  const learner = await createLearner(arm, seed, { threads: 1, device: null });
  try {
    while (learner.effort < steps) await learner.advance(steps, Infinity);
    const values = await learner.evaluate(true);
    return Object.fromEntries(learner.columns.map(({ name }, i) => [name, values[i] as number]));
  } finally {
    await learner.dispose();
  }
}

describe('the toy model of Liu et al. 2022', () => {
  it('comprehends with a slow decoder: embeddings form most parallelograms', async () => {
    const start = await rowAfter(1, 1, 0.0001, 0);
    const end = await rowAfter(3000, 1, 0.0001, 0);
    expect(end['trainAccuracy']).toBeGreaterThanOrEqual(0.9);
    expect(end['testAccuracy']).toBeGreaterThanOrEqual(0.9);
    expect(start['representationQuality']).toBeLessThan(0.3);
    expect(end['representationQuality']).toBeGreaterThan(0.6);
  });

  it('memorizes with a fast decoder without weight decay: they do not', async () => {
    const end = await rowAfter(2000, 1, 0.01, 0);
    expect(end['trainAccuracy']).toBeGreaterThanOrEqual(0.9);
    expect(end['testAccuracy']).toBeLessThan(0.9);
    expect(end['representationQuality']).toBeLessThan(0.3);
  });
});
