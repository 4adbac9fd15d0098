import { describe, expect, it } from 'vitest';
import type { Learner } from '../../../main/training/learner.ts';
import { smallJob } from '../../../main/bench/jobs.ts';
import {
  createNeuralLearnerOn,
  createNeuralLearners,
  createNeuralLearnersOn,
} from '../../../main/training/neural-learner.ts';
import type { Arm } from '../../../shared/study.ts';
import { DivergedError } from '../../../shared/errors.ts';
import type { TrainerSpec } from '../../../shared/trainer-spec.ts';
import { taskFor, trainers } from './small-task.ts';
import { adamw, curve, engineOn, sgd } from './support.ts';

const efforts = [0, 1, 2, 5, 10, 20, 30];
const seeds = [3, 4, 5];

/** The largest difference over the rows of several runs. */
function difference(found: readonly number[][][], expected: readonly number[][][]): number {
  const flat = (runs: readonly number[][][]): number[] => runs.flat(2);
  const reference = flat(expected);
  expect(flat(found)).toHaveLength(reference.length);
  return Math.max(...flat(found).map((value, i) => Math.abs(value - (reference[i] as number))));
}

async function alone(trainer: TrainerSpec, device: string | null): Promise<number[][][]> {
  const engine = await engineOn(device);
  const rows: number[][][] = [];
  for (const seed of seeds) {
    const learner = await createNeuralLearnerOn(engine, taskFor(engine, seed), trainer, seed);
    rows.push(await curve(learner, efforts));
    await learner.dispose();
  }
  return rows;
}

async function learners(trainer: TrainerSpec, device: string | null = null): Promise<Learner[]> {
  const engine = await engineOn(device);
  return createNeuralLearnersOn(
    engine,
    seeds.map((seed) => ({ task: taskFor(engine, seed), trainer, seed })),
  );
}

const together = (lanes: readonly Learner[], at = efforts): Promise<number[][][]> =>
  Promise.all(lanes.map((lane) => curve(lane, at)));
async function disposed(lanes: readonly Learner[]): Promise<void> {
  for (const lane of lanes) await lane.dispose();
}

describe('runs that are trained together', () => {
  it.each(Object.entries(trainers))(
    'have the curves of runs alone, bit for bit: %s',
    async (_name, trainer) => {
      const lanes = await learners(trainer);
      expect(await together(lanes)).toEqual(await alone(trainer, null));
      await disposed(lanes);
    },
  );

  it('on an engine without float64, too', async () => {
    const lanes = await learners(adamw, 'tfjs-cpu');
    expect(difference(await together(lanes), await alone(adamw, 'tfjs-cpu'))).toBeLessThan(2e-5);
    await disposed(lanes);
  });

  it('may differ in their settings', async () => {
    const engine = await engineOn(null);
    const rates = [0.001, 0.01, 0.1];
    const request = (learningRate: number) => ({
      task: taskFor(engine),
      trainer: { ...adamw, learningRate, weightDecay: 10 * learningRate },
      seed: 1,
    });
    const lanes = await createNeuralLearnersOn(engine, rates.map(request));
    const found = await together(lanes);
    const expected: number[][][] = [];
    for (const rate of rates) {
      const { task, trainer, seed } = request(rate);
      const learner = await createNeuralLearnerOn(engine, task, trainer, seed);
      expected.push(await curve(learner, efforts));
      await learner.dispose();
    }
    expect(found).toEqual(expected);
    expect(expected[0]).not.toEqual(expected[1]);
    await disposed(lanes);
  });

  it('go on, bit for bit, from checkpoints at one effort', async () => {
    const whole = await learners({ ...sgd, batchSize: 4 });
    await together(whole, [7]);
    const saved = whole.map((lane) => structuredClone(lane.save()));
    const expected = await together(whole, [16, 30]);
    await disposed(whole);
    const resumed = await learners({ ...sgd, batchSize: 4 });
    resumed.forEach((lane, i) => {
      lane.restore(saved[i] as (typeof saved)[number]);
    });
    expect(await together(resumed, [16, 30])).toEqual(expected);
    await disposed(resumed);
  });

  it('and from checkpoints at different ones: the lane that is ahead waits', async () => {
    const trainer = { ...adamw, batchSize: 4 };
    const first = await learners(trainer);
    await together(first, [12]);
    const ahead = structuredClone((first[1] as Learner).save());
    await disposed(first);
    const lanes = await learners(trainer);
    lanes[1]?.restore(ahead);
    const found = await together(lanes, [16, 30]);
    const expected = (await alone(trainer, null)).map((rows) => rows.at(-1));
    expect(found.map((rows) => rows[1])).toEqual(expected);
    await disposed(lanes);
  });

  it('go on when one leaves', async () => {
    const lanes = await learners(adamw);
    await together(lanes, [5]);
    await lanes[0]?.dispose();
    const rest = lanes.slice(1);
    const found = (await together(rest, [30])).map((rows) => rows[0] as number[]);
    expect(found).toEqual((await alone(adamw, null)).slice(1).map((rows) => rows.at(-1)));
    await disposed(rest);
  });

  it('go on when one diverges, and only that one says so', async () => {
    const engine = await engineOn(null);
    const lanes = await createNeuralLearnersOn(
      engine,
      [0.01, 1e30].map((learningRate) => ({
        task: taskFor(engine),
        trainer: { ...sgd, learningRate, loss: 'mse' },
        seed: 1,
      })),
    );
    const advance = async (lane: Learner): Promise<unknown> => {
      try {
        while (lane.effort < 20) await lane.advance(20, Infinity);
        return lane.effort;
      } catch (error) {
        await lane.dispose();
        return error;
      }
    };
    const [fine, diverged] = await Promise.all(lanes.map(advance));
    expect(fine).toBe(20);
    expect(diverged).toBeInstanceOf(DivergedError);
    expect([...((await lanes[0]?.evaluate()) ?? [NaN])].every(Number.isFinite)).toBe(true);
    await lanes[0]?.dispose();
  });

  it('have programs of their own where their updates are not of one structure', async () => {
    const engine = await engineOn(null);
    const requests = [adamw, sgd].map((trainer) => ({ task: taskFor(engine), trainer, seed: 1 }));
    const both = await createNeuralLearnersOn(engine, requests);
    expect(both.map(({ backend }) => backend.lanes)).toEqual([undefined, undefined]);
    const found = await together(both);
    for (const [i, { trainer }] of requests.entries()) {
      const learner = await createNeuralLearnerOn(engine, taskFor(engine), trainer, 1);
      expect(found[i]).toEqual(await curve(learner, efforts));
      await learner.dispose();
    }
    await disposed(both);
  });

  const adam = { ...adamw, batchSize: 'full' } as const;
  const kinds: Record<string, Pick<Arm, 'dataset' | 'model' | 'trainer'>> = {
    'a transformer': {
      dataset: { kind: 'modular-addition', p: 11, trainFraction: 0.5 },
      model: { kind: 'transformer', layers: 1, dModel: 16, heads: 2, dMlp: 32, activation: 'relu' },
      trainer: adam,
    },
    'a network on one-hot numbers': {
      dataset: { kind: 'modular-addition', p: 13, trainFraction: 0.5 },
      model: {
        kind: 'mlp',
        hidden: [30],
        activation: 'quadratic',
        outputBias: false,
        init: 'torch-default',
        initScale: 1,
      },
      trainer: { ...sgd, batchSize: 'full', loss: 'mse' },
    },
    'embeddings with a decoder': {
      dataset: { kind: 'symbol-addition', symbols: 10, targetDimensions: 30, trainSize: 45 },
      model: {
        kind: 'embedding-decoder',
        embeddingDimensions: 1,
        embeddingBound: 0.5,
        hidden: [17, 9],
        activation: 'tanh',
      },
      trainer: { ...adam, loss: 'mse' },
    },
    'a polynomial network in float64': {
      dataset: { kind: 'single-index', dimensions: 20, trainSize: 150, testSize: 40 },
      model: { kind: 'polynomial-network', hidden: 13, outputScale: 1, quadratic: 0.25 },
      trainer: { ...sgd, batchSize: 'full', loss: 'mse', precision: 'float64' },
    },
  };

  it.each(Object.entries(kinds))('have the curves of runs alone, bit for bit: %s', async (_name, kind) => {
    const arm = { ...smallJob().arm, ...kind };
    const options = { threads: 1, device: null };
    const runs = [1, 2, 3].map((seed) => ({ arm, seed }));
    const lanes = await createNeuralLearners(runs, options);
    expect(lanes.map(({ backend }) => backend.lanes)).toEqual([3, 3, 3]);
    const found = await together(lanes);
    await disposed(lanes);
    for (const [i, run] of runs.entries()) {
      const [learner] = (await createNeuralLearners([run], options)) as [Learner];
      expect(found[i]).toEqual(await curve(learner, efforts));
      await learner.dispose();
    }
  });
});
