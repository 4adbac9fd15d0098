/**
 * The benchmark jobs: one training step of a paper's setting, as an arm that a user could run, beside the same step in
 * PyTorch (`peer_jobs.py`).
 */
import { readPresets } from '../presets.ts';
import { parseStudy, type Arm } from '../../shared/study.ts';
import { armAtPoint, pointsOf } from '../../shared/sweep.ts';
import type { FloatType } from '../engine/trace.ts';
import type { NeuralTask } from '../training/neural-task.ts';
import { powerTask } from './power-task.ts';

export interface Job {
  id: string;
  title: string;
  arm: Arm;
  /** In the place of the arm's own model. */
  task?: (arm: Arm, seed: number, dtype: FloatType) => NeuralTask;
  /** Steps per second over those of tuned PyTorch as the paper's code does it. */
  target: number;
}

const adamw = {
  kind: 'adamw',
  learningRate: 0.001,
  weightDecay: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  warmupSteps: 0,
} as const;

const arms = {
  P: {
    // Power et al. 2022: half of all equations a / b = c, batches of 512. `power-task.ts` is its model.
    dataset: { kind: 'modular-arithmetic', operation: 'x/y', p: 97, trainFraction: 0.5 },
    model: { kind: 'transformer', layers: 2, dModel: 128, heads: 4, dMlp: 512, activation: 'relu' },
    trainer: { ...adamw, weightDecay: 1, beta2: 0.98, warmupSteps: 10, batchSize: 512 },
  },
  G: {
    // Gromov 2023: full-batch gradient descent on the mean squared error, half of all pairs.
    dataset: { kind: 'modular-addition', p: 97, trainFraction: 0.5 },
    model: {
      kind: 'mlp',
      hidden: [500],
      activation: 'quadratic',
      outputBias: false,
      init: 'torch-default',
      initScale: 1,
    },
    trainer: { kind: 'sgd', learningRate: 10, weightDecay: 0, momentum: 0, batchSize: 'full', loss: 'mse' },
  },
  M: {
    // Liu et al. 2023 (Omnigrok), MNIST: their code computes in float64.
    dataset: { kind: 'mnist', trainSize: 1000, testSize: 1000 },
    model: {
      kind: 'mlp',
      hidden: [200, 200],
      activation: 'relu',
      outputBias: true,
      init: 'torch-default',
      initScale: 8,
    },
    trainer: { ...adamw, batchSize: 200, loss: 'mse', precision: 'float64' },
  },
  K: {
    // Kumar et al. 2024, polynomial regression.
    dataset: { kind: 'single-index', dimensions: 100, trainSize: 550, testSize: 1000 },
    model: { kind: 'polynomial-network', hidden: 500, outputScale: 1, quadratic: 0.25 },
    trainer: { kind: 'sgd', learningRate: 100, weightDecay: 0, momentum: 0, batchSize: 'full', loss: 'mse' },
  },
  T: {
    // Liu et al. 2022, toy model.
    dataset: { kind: 'symbol-addition', symbols: 10, targetDimensions: 30, trainSize: 45 },
    model: {
      kind: 'embedding-decoder',
      embeddingDimensions: 1,
      embeddingBound: 0.5,
      hidden: [200, 200],
      activation: 'tanh',
    },
    trainer: {
      ...adamw,
      weightDecay: 5,
      batchSize: 'full',
      loss: 'mse',
      groups: [{ role: 'embedding', learningRate: 0.001, weightDecay: 0 }],
    },
  },
} as const;

const titles = {
  N: 'Nanda 2023: one-layer transformer, full batch of 3,830',
  P: 'Power 2022: two-layer transformer, division mod 97, batch of 512',
  G: 'Gromov 2023: quadratic MLP, p = 97, width 500, full batch',
  M: 'Omnigrok: MNIST MLP 784-200-200-10, batch of 200, float64',
  K: 'Kumar 2024: polynomial network, D 100, P 550, N 500',
  T: 'Liu 2022: toy model, ten one-dimensional embeddings',
} as const;

const targets = { N: 5, P: 3, G: 1.5, M: 1.5, K: 3, T: 10 } as const;

export const jobIds = ['N', 'P', 'G', 'M', 'K', 'T'] as const;
export type JobId = (typeof jobIds)[number];

/** @throws Error when the preset of job N is missing */
export async function benchJob(id: JobId): Promise<Job> {
  const job = { id, title: titles[id], target: targets[id], arm: id === 'N' ? await nandaArm() : armOf(id) };
  return id === 'P' ? { ...job, task: powerTask } : job;
}

/** Job T with a decoder of one layer of 16: so small that calls cost more than arithmetic. */
export function smallJob(): Job {
  const arm = armOf('T');
  const { model } = arm;
  if (model.kind !== 'embedding-decoder') throw new Error('Job T is another model.');
  const title = 'Liu 2022: toy model with a decoder of one layer of 16';
  return { id: 'T16', title, target: targets.T, arm: { ...arm, model: { ...model, hidden: [16] } } };
}

/** Runs as a user starts them: presets where there are some, with their rows, measures and snapshots. */
export async function recordingJobs(): Promise<Pick<Job, 'id' | 'title' | 'arm'>[]> {
  return [
    { id: 'N', title: titles.N, arm: await presetArm('nanda-2023') },
    { id: 'G', title: titles.G, arm: { ...armOf('G'), budget: { maxEffort: 50_000 } } },
    { id: 'T', title: titles.T, arm: await presetArm('liu-2022') },
  ];
}

/** An arm of a preset at its first sweep point. */
async function presetArm(id: string): Promise<Arm> {
  const arm = (await readPresets()).find(({ study }) => study.id === id)?.study.arms[0];
  if (arm === undefined) throw new Error(`The preset ${id} is missing.`);
  const [first] = pointsOf(arm);
  return first === undefined ? arm : armAtPoint(arm, first);
}

async function nandaArm(): Promise<Arm> {
  const arm = await presetArm('nanda-2023');
  // Steps are measured alone: measures run at a few efforts only.
  const plain = { ...arm };
  delete plain.measures;
  return plain;
}

function armOf(id: Exclude<JobId, 'N'>): Arm {
  const arm = {
    id: id.toLowerCase(),
    title: titles[id],
    ...arms[id],
    budget: { maxEffort: 1_000_000 },
    thresholds: { metric: 'loss', train: 1e-3, test: 1e-3, sustain: 1 },
    record: { every: 1000, perDecade: 10 },
    seeds: [0],
  };
  const study = {
    schemaVersion: 1,
    id: 'bench',
    title: 'Benchmark',
    question: 'How fast?',
    paper: null,
    arms: [arm],
    claims: [],
  };
  return parseStudy(study).arms[0] as Arm;
}
