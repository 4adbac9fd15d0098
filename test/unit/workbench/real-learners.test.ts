import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeForkTrainer } from '../../../main/scheduler/fork-trainer.ts';
import { Workbench } from '../../../main/workbench.ts';
import type { HostEvent } from '../../../shared/api.ts';
import type { DatasetSpec } from '../../../shared/dataset-spec.ts';
import type { ModelSpec } from '../../../shared/model-spec.ts';
import { parseStudy, type Arm, type Study } from '../../../shared/study.ts';
import {
  buildProgram,
  removePrograms,
  root,
  temporaryFolder,
  waitFor,
  waitForStatus,
} from '../scheduler/processes.ts';

const folder = temporaryFolder();
let workbench: Workbench;

beforeAll(async () => {
  const trainer = await buildProgram('trainer', join(root, 'main'));
  workbench = await Workbench.open({ home: folder.path, cores: 2, forkTrainer: nodeForkTrainer(trainer) });
});
afterAll(async () => {
  await workbench.close();
  folder.remove();
  removePrograms();
});

/** An endless run of one arm: the tests end it. */
function endless(
  model: ModelSpec,
  dataset: DatasetSpec,
  trainer: Arm['trainer'],
  every: number,
  metric: 'accuracy' | 'loss' = 'accuracy',
): Study {
  return parseStudy({
    schemaVersion: 1,
    id: model.kind,
    title: model.kind,
    question: 'Does a pause change the curve?',
    paper: null,
    claims: [],
    arms: [
      {
        id: 'arm',
        title: model.kind,
        dataset,
        model,
        trainer,
        budget: { maxEffort: 100_000_000 },
        thresholds: { metric, train: 0.99, test: 0.99, sustain: 1 },
        record: { every, perDecade: 3 },
        seeds: [3],
      },
    ],
  });
}

const adam = { learningRate: 1e-2, weightDecay: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, warmupSteps: 0 };
const studies: [string, Study][] = [
  [
    'a transformer',
    endless(
      { kind: 'transformer', layers: 1, dModel: 16, heads: 2, dMlp: 32, activation: 'relu' },
      { kind: 'modular-addition', p: 11, trainFraction: 0.5 },
      { kind: 'adamw', ...adam, learningRate: 1e-3, weightDecay: 1, batchSize: 'full', warmupSteps: 10 },
      10,
    ),
  ],
  [
    'an MLP with minibatches',
    endless(
      {
        kind: 'mlp',
        hidden: [16],
        activation: 'relu',
        outputBias: false,
        init: 'torch-default',
        initScale: 1,
      },
      { kind: 'hidden-parity', parityBits: 2, decoys: 4, decoyKind: 'bits', trainSize: 64, testSize: 64 },
      { kind: 'sgd', learningRate: 0.05, weightDecay: 0.001, momentum: 0.9, batchSize: 16 },
      25,
    ),
  ],
  [
    'an MLP in float64 with a falling learning rate and the hinge loss',
    endless(
      {
        kind: 'mlp',
        hidden: [16],
        activation: 'relu',
        outputBias: true,
        init: 'torch-default',
        initScale: 1,
      },
      { kind: 'hidden-parity', parityBits: 2, decoys: 4, decoyKind: 'bits', trainSize: 64, testSize: 64 },
      {
        kind: 'sgd',
        learningRate: 0.05,
        weightDecay: 0.01,
        momentum: 0,
        batchSize: 16,
        precision: 'float64',
        loss: 'hinge',
        schedule: { kind: 'cosine', steps: 5000, floor: 0.1 },
      },
      25,
    ),
  ],
  [
    'a Gaussian process',
    endless(
      { kind: 'gp-classifier', kernel: 'rbf', lengthScale: 0.05, outputScale: 1, jitter: 1e-4 },
      { kind: 'zero-one', points: 40, trainSize: 12, testSize: 12 },
      { kind: 'adam', ...adam, batchSize: 'full' },
      10,
    ),
  ],
  [
    'a Gaussian process whose products ONNX Runtime computes',
    endless(
      {
        kind: 'gp-regression',
        kernel: 'rbf',
        lengthScale: 0.05,
        outputScale: 1,
        noise: 0.1,
        transform: 'softplus',
        jitter: 0,
      },
      { kind: 'sine-regression', noise: 0.1, trainSize: 40, testSize: 10 },
      { kind: 'adam', ...adam, batchSize: 'full' },
      10,
      'loss',
    ),
  ],
  [
    'a linear regression',
    endless(
      {
        kind: 'linear-regression',
        features: ['x', 'x^2'],
        initialWeights: [0.1, 2],
        noiseVariance: 1,
        weightVariance: 5,
      },
      { kind: 'slope-regression', slope: 1, points: 40, trainSize: 4, testSize: 10 },
      { kind: 'sgd', learningRate: 0.001, weightDecay: 0, momentum: 0, batchSize: 'full' },
      5000,
    ),
  ],
  [
    'a random forest',
    endless(
      { kind: 'random-forest', maxLeaves: 'unbounded', featuresPerSplit: 'sqrt', bootstrap: true },
      { kind: 'hidden-parity', parityBits: 3, decoys: 7, decoyKind: 'bits', trainSize: 200, testSize: 50 },
      { kind: 'direct', batchSize: 'full' },
      1000,
    ),
  ],
];

function batchPast(runId: string, effort: number) {
  return (event: HostEvent): event is Extract<HostEvent, { type: 'batch' }> =>
    event.type === 'batch' &&
    event.batch.runId === runId &&
    (event.batch.columns['effort']?.at(-1) ?? -1) > effort;
}

describe('the same curve, bit for bit, paused or not', () => {
  it.each(studies)('%s', async (_name, study) => {
    const disturbed = (await workbench.call('startStudy', { study })).runIds;
    const [first] = disturbed as [string];
    await waitFor(workbench, batchPast(first, 0));
    await workbench.call('control', { action: 'pause', runIds: disturbed });
    const { effort } = await waitForStatus(workbench, first, 'paused');
    await workbench.call('control', { action: 'resume', runIds: disturbed });
    await waitFor(workbench, batchPast(first, effort));
    await workbench.call('control', { action: 'stop', runIds: disturbed });
    const stopped = await waitForStatus(workbench, first, 'stopped');
    expect(stopped.note).toBeNull();
    expect(stopped.effort).toBeGreaterThan(effort);

    const undisturbed = (await workbench.call('startStudy', { study })).runIds;
    const [second] = undisturbed as [string];
    await waitFor(workbench, batchPast(second, effort));
    await workbench.call('control', { action: 'stop', runIds: undisturbed });
    await waitForStatus(workbench, second, 'stopped');

    const [a, b] = [await workbench.readCurve(first), await workbench.readCurve(second)];
    const rows = Math.min(a.length, b.length);
    for (const name of ['effort', ...stopped.columns.map((column) => column.name)]) {
      expect(a.columns[name]?.slice(0, rows), name).toEqual(b.columns[name]?.slice(0, rows));
    }
    expect(Math.min(a.columns['effort']?.at(-1) ?? 0, b.columns['effort']?.at(-1) ?? 0)).toBeGreaterThan(
      effort,
    );
  });
});
