import type { MetricColumn, RunCurve, RunRecord, Split, StudyRecord } from '../../../../shared/run.ts';
import type { Family } from '../../../../shared/model-spec.ts';
import { effortUnit } from '../../../../shared/model-spec.ts';
import type { Entry } from '../../../../shared/charts/groups.ts';

export function column(name: string, quantity: string, split: Split | null = null, unit = ''): MetricColumn {
  return {
    name,
    label: split === null ? name : `${split} ${quantity}`,
    quantity,
    unit,
    split,
    direction: null,
  };
}

const accuracyColumns = [
  column('trainAccuracy', 'accuracy', 'train'),
  column('testAccuracy', 'accuracy', 'test'),
];

export interface EntrySpec {
  studyId?: string;
  armId?: string;
  title?: string;
  family?: Family;
  seed?: number;
  point?: RunRecord['point'];
  status?: RunRecord['status'];
  efforts: number[];
  /** Accuracy is 1 from this effort on, 0.5 before; never when absent. */
  fitAt?: number;
  generalizeAt?: number;
  columns?: Record<string, number[]>;
  described?: MetricColumn[];
  budget?: number;
  epoch?: number;
  secondsPerEffort?: number;
}

/** A run with accuracies that step from 0.5 to 1, thresholds 0.99 and 0.95, sustain 1. */
export function entry(spec: EntrySpec): Entry {
  const { efforts, studyId = 's', armId = 'arm', family = 'neural', seed = 0 } = spec;
  const step = (at: number | undefined): Float64Array =>
    Float64Array.from(efforts, (effort) => (at !== undefined && effort >= at ? 1 : 0.5));
  const columns: Record<string, Float64Array> = {
    effort: Float64Array.from(efforts),
    seconds: Float64Array.from(efforts, (effort) => effort * (spec.secondsPerEffort ?? 0.5)),
    trainAccuracy: step(spec.fitAt),
    testAccuracy: step(spec.generalizeAt),
  };
  for (const [name, values] of Object.entries(spec.columns ?? {})) columns[name] = Float64Array.from(values);
  const curve: RunCurve = { runId: `${studyId}.${armId}.s${seed}`, length: efforts.length, columns };
  const run: RunRecord = {
    schemaVersion: 1,
    id: curve.runId,
    studyId,
    armId,
    family,
    seed,
    studyHash: '',
    point: spec.point ?? {},
    arm: {
      id: armId,
      title: spec.title ?? armId,
      dataset: { kind: 'zero-one', trainSize: 1, testSize: 1 } as unknown as RunRecord['arm']['dataset'],
      model: {
        kind: 'mlp',
        hidden: [1],
        activation: 'relu',
        outputBias: false,
        init: 'torch-default',
        initScale: 1,
      },
      trainer: { kind: 'sgd', learningRate: 1, weightDecay: 0, momentum: 0, batchSize: 'full' },
      budget: { maxEffort: spec.budget ?? 1000 },
      thresholds: { metric: 'accuracy', train: 0.99, test: 0.95, sustain: 1 },
      record: { every: 1, perDecade: 1 },
      seeds: [seed],
    },
    effortUnit: effortUnit[family],
    effortsPerEpoch: spec.epoch ?? 1,
    trainSize: 1,
    testSize: 1,
    status: spec.status ?? 'finished',
    columns: [...accuracyColumns, ...(spec.described ?? [])],
    effort: efforts.at(-1) ?? -1,
    batches: 1,
    checkpointEffort: null,
    effortsPerSecond: null,
    latest: {},
    backend: null,
    environment: {} as RunRecord['environment'],
    error: null,
    note: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    startedAt: null,
    endedAt: null,
    contentId: null,
  };
  return { run, curve };
}

export function study(
  id: string,
  title: string,
  armIds: string[],
  createdAt = '2026-01-01T10:00:00.000Z',
): StudyRecord {
  return {
    schemaVersion: 1,
    id,
    study: {
      schemaVersion: 1,
      id,
      title,
      question: '?',
      paper: null,
      arms: armIds.map((armId) => ({ ...entry({ efforts: [0], armId }).run.arm })),
      claims: [],
    },
    studyHash: '',
    createdAt,
    runIds: [],
    imported: null,
  };
}
