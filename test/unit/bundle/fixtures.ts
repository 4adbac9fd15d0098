import { createHash } from 'node:crypto';
import type { BundleInput, BundleRun } from '../../../main/bundle/index.ts';
import { contentIdOf } from '../../../main/content-id.ts';
import { canonicalJson } from '../../../shared/canonical.ts';
import { effortUnit, familyOf } from '../../../shared/model-spec.ts';
import {
  endedStatuses,
  runIdOf,
  type EnvironmentRecord,
  type MetricColumn,
  type RunCurve,
  type RunRecord,
  type RunStatus,
} from '../../../shared/run.ts';
import { parseStudy, type Study } from '../../../shared/study.ts';

export const environment: EnvironmentRecord = {
  app: 'latebloom',
  appVersion: '0.1.0',
  node: '20.20.2',
  electron: null,
  os: 'linux',
  osRelease: '6.1',
  arch: 'x64',
  cpu: null,
  cores: 2,
  memoryBytes: 1e9,
  gpu: null,
  libraries: { 'pure-rand': '8.4.2' },
};

const accuracy = { metric: 'accuracy', train: 0.99, test: 0.95, sustain: 1 } as const;

export const study: Study = parseStudy({
  schemaVersion: 1,
  id: 'two-families',
  title: 'Two families & "one" <question>',
  question: 'Does the delay appear in both?',
  paper: { citation: 'Miller et al. 2023', year: 2023, arxiv: '2310.17247' },
  arms: [
    {
      id: 'mlp',
      title: 'MLP on 0/1',
      dataset: { kind: 'zero-one', points: 100, trainSize: 20, testSize: 80 },
      model: {
        kind: 'mlp',
        hidden: [4],
        activation: 'relu',
        outputBias: true,
        init: 'torch-default',
        initScale: 1,
      },
      trainer: { kind: 'sgd', learningRate: 0.1, weightDecay: 0, momentum: 0, batchSize: 'full' },
      budget: { maxEffort: 20 },
      thresholds: accuracy,
      record: { every: 10, perDecade: 10 },
      seeds: [0, 1],
    },
    {
      id: 'linear',
      title: 'Linear regression',
      dataset: { kind: 'slope-regression', slope: 2, points: 100, trainSize: 2, testSize: 98 },
      model: {
        kind: 'linear-regression',
        features: ['x', 'sin(100x)'],
        initialWeights: [0, 0],
        noiseVariance: 1,
        weightVariance: 1,
      },
      trainer: { kind: 'sgd', learningRate: 0.1, weightDecay: 0, momentum: 0, batchSize: 'full' },
      budget: { maxEffort: 20 },
      thresholds: accuracy,
      record: { every: 10, perDecade: 10 },
      seeds: [0],
    },
  ],
  claims: [
    {
      id: 'delay',
      text: 'The MLP generalizes late.',
      source: 'Figure 1',
      check: {
        left: { arm: 'mlp', quantity: 'delay', statistic: 'median' },
        op: '>',
        right: 0,
      },
    },
  ],
});

export const studyHash = createHash('sha256').update(canonicalJson(study)).digest('hex');

const metric = (name: string, quantity: string, split: 'train' | 'test' | null): MetricColumn => ({
  name,
  label: name,
  quantity,
  unit: '',
  split,
  direction: 'higher',
});

export const columns: MetricColumn[] = [
  metric('trainAccuracy', 'accuracy', 'train'),
  metric('testAccuracy', 'accuracy', 'test'),
  metric('trainLoss', 'loss', 'train'),
  metric('testLoss', 'loss', 'test'),
  metric('weight:sin(100x)', 'weight', null),
];

/** A curve from rows of metric values; efforts are 0, 10, 20, … */
export function curveOf(runId: string, rows: readonly number[][]): RunCurve {
  const names = columns.map((column) => column.name);
  return {
    runId,
    length: rows.length,
    columns: {
      effort: Float64Array.from(rows, (_, i) => i * 10),
      seconds: Float64Array.from(rows, (_, i) => i * 0.1),
      ...Object.fromEntries(
        names.map((name, c) => [name, Float64Array.from(rows, (row) => row[c] as number)]),
      ),
    },
  };
}

export const defaultRows = [
  [0.5, 0.5, 0.7, 0.71, 0.1],
  [1, 0.6, 1e-300, 0.9, -0],
  [1, 0.99, Number.MIN_VALUE, 0.30000000000000004, NaN],
];

export function runOf(
  armId: string,
  seed: number,
  status: RunStatus = 'finished',
  rows: readonly number[][] = defaultRows,
): BundleRun {
  const planned = study.arms.find((candidate) => candidate.id === armId);
  if (planned === undefined) throw new Error(`no arm ${armId}`);
  const { maxEffort } = planned.budget;
  const end = (rows.length - 1) * 10;
  // More rows than the planned budget has are those of an extended one.
  const arm =
    end > maxEffort ? { ...planned, budget: { maxEffort: end, extendedFrom: [maxEffort] } } : planned;
  const id = runIdOf('two-families-1', armId, seed);
  const curve = curveOf(id, rows);
  const ended = endedStatuses.includes(status);
  const family = familyOf[arm.model.kind];
  const last = rows.length - 1;
  const run: RunRecord = {
    schemaVersion: 1,
    id,
    studyId: 'two-families-1',
    armId,
    family,
    seed,
    studyHash,
    arm,
    point: {},
    effortUnit: effortUnit[family],
    effortsPerEpoch: 1,
    trainSize: 20,
    testSize: 80,
    status,
    columns,
    effort: last < 0 ? -1 : last * 10,
    batches: 0,
    checkpointEffort: null,
    effortsPerSecond: null,
    latest: Object.fromEntries(
      last < 0 ? [] : Object.entries(curve.columns).map(([name, v]) => [name, v[last] as number]),
    ),
    backend: null,
    environment,
    error:
      status === 'failed'
        ? { name: 'DivergedError', code: 'diverged', message: 'It diverged.', nextStep: '', effort: 20 }
        : null,
    note: null,
    createdAt: '2026-11-20T10:00:00.000Z',
    startedAt: status === 'queued' ? null : '2026-11-20T10:00:01.000Z',
    endedAt: ended ? '2026-11-20T10:00:02.500Z' : null,
    contentId: null,
  };
  return { run: ended ? { ...run, contentId: contentIdOf(run, curve) } : run, curve };
}

export function inputOf(runs: BundleRun[]): BundleInput {
  return {
    study: {
      schemaVersion: 1,
      id: 'two-families-1',
      study,
      studyHash,
      createdAt: '2026-11-20T10:00:00.000Z',
      runIds: runs.map(({ run }) => run.id),
      imported: null,
    },
    runs,
    licence: 'CC-BY-4.0',
    author: 'Ada Lovelace',
    environment,
  };
}

export const typicalInput = (): BundleInput =>
  inputOf([runOf('mlp', 0), runOf('mlp', 1, 'failed'), runOf('linear', 0, 'interrupted')]);
