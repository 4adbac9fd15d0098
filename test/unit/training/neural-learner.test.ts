import { describe, expect, it } from 'vitest';
import type { Engine } from '../../../main/engine/devices.ts';
import type { LearnerState } from '../../../main/training/learner.ts';
import { createNeuralLearner, createNeuralLearnerOn } from '../../../main/training/neural-learner.ts';
import type { Arm } from '../../../shared/study.ts';
import type { TrainerSpec } from '../../../shared/trainer-spec.ts';
import { taskFor, trainers } from './small-task.ts';
import { adamw, curve, engineOn, referenceEngine, sgd } from './support.ts';

const named = Object.entries(trainers);
const efforts = [0, 1, 2, 5, 10, 20, 30];

async function rowsOn(engine: Engine, trainer: TrainerSpec, seed = 3): Promise<number[][]> {
  const learner = await createNeuralLearnerOn(engine, taskFor(engine), trainer, seed);
  try {
    return await curve(learner, efforts);
  } finally {
    await learner.dispose();
  }
}

function largestDifference(a: number[][], b: number[][]): number {
  const differences = a.flatMap((row, i) => row.map((value, k) => Math.abs(value - (b[i]?.[k] as number))));
  return Math.max(...differences);
}

describe('a run of a neural network', () => {
  it.each(named)('in float64 is that of the reference interpreter: %s', async (_name, trainer) => {
    const found = await rowsOn(await engineOn(null, 'float64'), { ...trainer, precision: 'float64' });
    expect(largestDifference(found, await rowsOn(referenceEngine, trainer))).toBeLessThan(1e-10);
  });

  it.each(named)('in float32 is close to that: %s', async (_name, trainer) => {
    const found = await rowsOn(await engineOn(null), trainer);
    expect(largestDifference(found, await rowsOn(referenceEngine, trainer))).toBeLessThan(1e-3);
  });

  it.each(['tfjs-cpu', 'tfjs-wasm'])('on %s is that of ONNX Runtime', async (device) => {
    for (const name of ['AdamW on the full batch', 'Grokfast-MA', 'noise on the weights']) {
      const trainer = trainers[name] as TrainerSpec;
      const found = await rowsOn(await engineOn(device), trainer);
      expect(largestDifference(found, await rowsOn(await engineOn(null), trainer))).toBeLessThan(1e-3);
    }
  });

  it.each(named)('repeats bit for bit, and differs with the seed: %s', async (_name, trainer) => {
    const engine = await engineOn(null);
    const rows = await rowsOn(engine, trainer);
    expect(await rowsOn(engine, trainer)).toEqual(rows);
    expect(await rowsOn(engine, trainer, 4)).not.toEqual(rows);
  });
});

describe('a run resumed from a checkpoint is the uninterrupted run, bit for bit', () => {
  it.each(named)('%s', async (_name, trainer) => {
    const engine = await engineOn(null);
    const task = taskFor(engine);
    const whole = await createNeuralLearnerOn(engine, task, trainer, 5);
    // 7 updates lie within an epoch of batches of 4.
    await curve(whole, [7]);
    const saved = structuredClone(whole.save());
    const expected = await curve(whole, [9, 16, 30]);
    await whole.dispose();
    const resumed = await createNeuralLearnerOn(engine, task, trainer, 5);
    resumed.restore(saved);
    expect(resumed.effort).toBe(7);
    expect(await curve(resumed, [9, 16, 30])).toEqual(expected);
    expect(resumed.save()).not.toEqual(saved);
    await resumed.dispose();
  });

  it.each(named)('whatever slices it was computed in: %s', async (_name, trainer) => {
    const engine = await engineOn(null);
    const learner = await createNeuralLearnerOn(engine, taskFor(engine), trainer, 5);
    while (learner.effort < 30) await learner.advance(30, 0);
    const sliced = [...(await learner.evaluate())];
    await learner.dispose();
    expect(sliced).toEqual((await rowsOn(engine, trainer, 5)).at(-1));
  });

  it('and refuses a checkpoint of another model or precision', async () => {
    const engine = await engineOn(null);
    const learner = await createNeuralLearnerOn(engine, taskFor(engine), adamw, 5);
    const saved = learner.save();
    const wide: LearnerState = {
      ...saved,
      arrays: { ...saved.arrays, parameters: Float64Array.from(saved.arrays['parameters'] ?? []) },
    };
    expect(() => learner.restore(wide)).toThrow(/"parameters" does not fit/);
    const arrays = Object.fromEntries(
      Object.entries(saved.arrays).filter(([name]) => name !== 'secondMoment'),
    );
    expect(() => learner.restore({ ...saved, arrays })).toThrow(/"secondMoment" does not fit.*no values/);
    await learner.dispose();
  });
});

const tiny: TrainerSpec = { ...adamw, weightDecay: 0.1, warmupSteps: 10 };
const arm: Arm = {
  id: 'arm',
  title: 'a transformer',
  dataset: { kind: 'modular-addition', p: 7, trainFraction: 0.7 },
  model: { kind: 'transformer', layers: 1, dModel: 16, heads: 2, dMlp: 32, activation: 'relu' },
  trainer: tiny,
  budget: { maxEffort: 300 },
  thresholds: { metric: 'accuracy', train: 0.99, test: 0.99, sustain: 1 },
  record: { every: 100, perDecade: 1 },
  seeds: [0],
};

describe('an arm of a study', () => {
  it('learns: a small transformer fits its part of an addition table', async () => {
    const learner = await createNeuralLearner(arm, 0, { threads: 1, device: null });
    const [[before = 0], [after = 0, , trainAccuracy]] = (await curve(learner, [0, 300])) as [
      number[],
      number[],
    ];
    expect(before).toBeGreaterThan(Math.log(8) / 2);
    expect(after).toBeLessThan(before / 10);
    expect(trainAccuracy).toBe(1);
    expect(learner.columns.map(({ unit }) => unit)).toEqual(['nat', 'nat', '', '', '']);
    await learner.dispose();
  });

  it('runs in the precision and with the loss that its trainer names', async () => {
    const trainer: TrainerSpec = { ...tiny, precision: 'float64', loss: 'mse' };
    const learner = await createNeuralLearner({ ...arm, trainer }, 0, { threads: 1, device: null });
    await curve(learner, [3]);
    expect(learner.backend).toMatchObject({
      engine: 'onnxruntime-cpu',
      precision: 'float64',
      fallback: null,
    });
    expect(learner.save().arrays['parameters']).toBeInstanceOf(Float64Array);
    expect(learner.columns[0]?.unit).toBe('');
    await learner.dispose();
  });

  it('computes its loss in float64 alone, where that is all that is asked', async () => {
    const trainer: TrainerSpec = { ...tiny, lossPrecision: 'float64' };
    const learner = await createNeuralLearner({ ...arm, trainer }, 0, { threads: 1, device: 'tfjs-cpu' });
    await curve(learner, [3]);
    expect(learner.backend.precision).toBe('float32');
    expect(learner.backend.fallback).toMatch(/tfjs-cpu has no float64/);
    expect(learner.save().arrays['parameters']).toBeInstanceOf(Float32Array);
    await learner.dispose();
  });

  it('that diverges says at which effort', async () => {
    const trainer: TrainerSpec = { ...sgd, learningRate: 1000 };
    const learner = await createNeuralLearner({ ...arm, trainer }, 0, { threads: 1, device: null });
    await expect(curve(learner, [200])).rejects.toMatchObject({ code: 'diverged' });
    await learner.dispose();
  });
});
