import { describe, expect, it } from 'vitest';
import { benchJob, smallJob } from '../../../main/bench/jobs.ts';
import { togetherFor } from '../../../main/scheduler/together.ts';
import { lanesAtOnce } from '../../../main/training/lane-count.ts';
import type { Arm } from '../../../shared/study.ts';
import { fakeStudy } from '../scheduler/fake-learner.ts';

const { arm: small } = smallJob();

describe('runs that share a program', () => {
  it('are many where a run is tiny, and none where its arrays fill the cache', async () => {
    expect(lanesAtOnce(small, null)).toBe(16);
    for (const id of ['T', 'K', 'G', 'M', 'N'] as const)
      expect([id, lanesAtOnce((await benchJob(id)).arm, null)]).toEqual([id, 1]);
    expect(
      lanesAtOnce({ ...small, model: { ...small.model, hidden: [100, 100] } as Arm['model'] }, null),
    ).toBe(2);
    expect(lanesAtOnce(fakeStudy([{}]).arms[0] as Arm, null)).toBe(1);
  });

  it('count a batch, not the data behind it', () => {
    const mlp = (batchSize: number | 'full'): Arm => ({
      ...small,
      dataset: {
        kind: 'hidden-parity',
        parityBits: 2,
        decoys: 2,
        decoyKind: 'bits',
        trainSize: 9000,
        testSize: 10,
      },
      model: {
        kind: 'mlp',
        hidden: [10],
        activation: 'relu',
        outputBias: false,
        init: 'torch-default',
        initScale: 1,
      },
      trainer: { kind: 'sgd', learningRate: 0.1, weightDecay: 0, momentum: 0, batchSize },
    });
    expect(lanesAtOnce(mlp(32), null)).toBe(16);
    expect(lanesAtOnce(mlp('full'), null)).toBe(1);
  });

  it('are as many as memory allows on a device of its own', async () => {
    expect(lanesAtOnce((await benchJob('T')).arm, 'tfjs-node-gpu')).toBe(64);
    expect(lanesAtOnce((await benchJob('N')).arm, 'tfjs-node-gpu')).toBeGreaterThanOrEqual(16);
    expect(lanesAtOnce((await benchJob('T')).arm, 'tfjs-cpu')).toBe(1);
  });
});

describe('company', () => {
  const run = { studyId: 'study', armId: 'arm', arm: small, checkpointEffort: null };
  const key = (changes: Partial<Arm>, studyId = 'study') =>
    togetherFor({ ...run, studyId, arm: { ...small, ...changes } }, 1, null)?.key;

  it('is of one arm, with one amount of work, recorded alike', () => {
    const { trainer, model } = small;
    expect(key({ trainer: { ...trainer, learningRate: 0.5 } as Arm['trainer'], seeds: [7] })).toBe(key({}));
    const others: (string | undefined)[] = [
      key({}, 'another'),
      key({ model: { ...model, hidden: [17] } as Arm['model'] }),
      key({ record: { every: 7, perDecade: 1 } }),
      key({ budget: { maxEffort: 7 } }),
      key({ measures: ['weight-norms'] }),
    ];
    expect(new Set([key({}), ...others]).size).toBe(6);
  });

  it('goes on from where a run stands', () => {
    expect(togetherFor({ ...run, checkpointEffort: 500 }, 1, null)).toMatchObject({ effort: 500, limit: 16 });
    expect(togetherFor(run, 1, null)?.effort).toBe(0);
  });

  it('is parted over the cores of a CPU, and stays whole on a device of its own', () => {
    const parted = [null, 'onnxruntime-cpu', 'tfjs-node-gpu', 'onnxruntime-webgpu'].map(
      (device) => togetherFor(run, 1, device)?.overCores,
    );
    expect(parted).toEqual([true, true, false, false]);
  });
});
