/** Small but complete records for the renderer's tests. */
import { unstarted, type MetricBatch, type RunRecord, type StudyRecord } from '../../../shared/run.ts';
import type { Arm, Study } from '../../../shared/study.ts';

export const arm: Arm = {
  id: 'linear-decoys',
  title: 'Linear regression',
  dataset: { kind: 'slope-regression', slope: 0.3, points: 100, trainSize: 2, testSize: 98 },
  model: {
    kind: 'linear-regression',
    features: ['x', 'x^2'],
    initialWeights: [0.0005, 0.9],
    noiseVariance: 0.002,
    weightVariance: 0.5,
  },
  trainer: { kind: 'sgd', learningRate: 0.001, weightDecay: 0, momentum: 0, batchSize: 'full' },
  budget: { maxEffort: 5000 },
  thresholds: { metric: 'accuracy', train: 0.95, test: 0.95, sustain: 1 },
  record: { every: 5, perDecade: 20 },
  seeds: [0, 1],
};

export const study: Study = {
  schemaVersion: 1,
  id: 'small',
  title: 'A small study',
  question: 'Does it?',
  paper: null,
  arms: [arm, { ...arm, id: 'second', title: 'Second arm' }],
  claims: [],
};

export function studyRecord(id: string, runIds: string[], changes: Partial<StudyRecord> = {}): StudyRecord {
  return {
    schemaVersion: 1,
    id,
    study,
    studyHash: 'a'.repeat(64),
    createdAt: '2026-03-01T10:00:00.000Z',
    runIds,
    imported: null,
    ...changes,
  };
}

export function runRecord(id: string, changes: Partial<RunRecord> = {}): RunRecord {
  return {
    schemaVersion: 1,
    id,
    studyId: 's1',
    armId: arm.id,
    family: 'linear',
    seed: 0,
    studyHash: 'a'.repeat(64),
    arm,
    point: {},
    effortUnit: 'gradient-descent step',
    effortsPerEpoch: 1,
    trainSize: 2,
    testSize: 98,
    ...unstarted,
    status: 'running',
    environment: {
      app: 'latebloom',
      appVersion: '0.1.0',
      node: '20.20.0',
      electron: null,
      os: 'linux',
      osRelease: '6.1',
      arch: 'x64',
      cpu: null,
      cores: 2,
      memoryBytes: 8e9,
      gpu: null,
      libraries: {},
    },
    createdAt: '2026-03-01T10:00:00.000Z',
    ...changes,
  };
}

/** `rows` rows whose efforts continue those of the batches before, when all have as many rows. */
export function batch(runId: string, seq: number, rows = 3, shift = 0): MetricBatch {
  const effort = Float64Array.from({ length: rows }, (_, row) => seq * rows + row + shift);
  return { runId, seq, columns: { effort, trainLoss: effort.map((value) => 1 / (1 + value)) } };
}
