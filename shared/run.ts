/**
 * Runs and their curves. A run is one arm with one seed; its curve is a table of float64 columns, one row per
 * recorded effort, that travels in batches: trainer → journal → window → IndexedDB.
 */
import type { ErrorReport } from './errors.ts';
import type { Family } from './model-spec.ts';
import type { Panel, Snapshot } from './snapshot.ts';
import type { Arm, Study } from './study.ts';
import type { SweepPoint } from './sweep.ts';

/**
 * queued → running ⇄ paused → finished | failed | stopped; running → interrupted when its trainer or the host
 * died. Paused, interrupted and stopped runs resume from their last checkpoint; finished and stopped ones go on from it
 * with a larger budget; failed and stopped runs can be retried from their start.
 */
export type RunStatus = 'queued' | 'running' | 'paused' | 'interrupted' | 'stopped' | 'failed' | 'finished';

export const endedStatuses: readonly RunStatus[] = ['finished', 'failed', 'stopped'];
export const resumableStatuses: readonly RunStatus[] = ['paused', 'interrupted', 'stopped'];
export const retryableStatuses: readonly RunStatus[] = ['failed', 'stopped'];

/** Whether a run has finished before the end of its budget, having generalized (`budget.stopAfterGeneralization`). */
export function endedEarly({ status, effort, arm }: Pick<RunRecord, 'status' | 'effort' | 'arm'>): boolean {
  const { maxEffort, stopAfterGeneralization } = arm.budget;
  return status === 'finished' && stopAfterGeneralization !== undefined && effort < maxEffort;
}

export type Split = 'train' | 'test';

/** What a column of a run's curve holds. */
export interface MetricColumn {
  /** Unique in the run: `trainAccuracy`, `elbo`, `weight:x^2`. */
  name: string;
  /** What a legend says: "train accuracy". */
  label: string;
  /** What is measured: columns of one quantity share an axis (`accuracy`, `loss`, `nll`, `weight`, …). */
  quantity: string;
  /** Unit: `''` for a plain number, `'nat'` for log likelihoods in nats. */
  unit: string;
  split: Split | null;
  direction: 'higher' | 'lower' | null;
  /**
   * Filled at the efforts of snapshots only, NaN elsewhere: measures that cost too much for every row. NaN at a snapshot,
   * too, where a measure is not defined.
   */
  sparse?: boolean;
}

/** Every curve has these two columns before its metrics: effort completed, and seconds of computing so far. */
export const effortColumn: MetricColumn = {
  name: 'effort',
  label: 'effort',
  quantity: 'effort',
  unit: '',
  split: null,
  direction: null,
};
export const secondsColumn: MetricColumn = {
  name: 'seconds',
  label: 'computing time',
  quantity: 'time',
  unit: 's',
  split: null,
  direction: null,
};

/**
 * Consecutive rows of a run's curve, column by column. `seq` counts batches from 0 without gaps; efforts increase
 * strictly within and across batches.
 */
export interface MetricBatch {
  runId: string;
  seq: number;
  /** Column name → values; all of one length. Holds `effort`, `seconds` and every column of the run. */
  columns: Record<string, Float64Array>;
  /** Snapshots taken at some of these rows, in order of effort; absent for none. */
  snapshots?: Snapshot[];
}

/** What computed a run. Nulls are unknowns, said. */
export interface BackendRecord {
  /** `onnxruntime-cpu`, `javascript-float64`, … */
  engine: string;
  engineVersion: string | null;
  device: string;
  precision: 'float32' | 'float64';
  threads: number;
  /** Said when this is not what was asked for: which was asked, and why it was not used. */
  fallback: string | null;
  /**
   * The most runs that were trained with this one in lanes of one program, itself included; absent where it was alone. On
   * the CPU its values are, bit for bit, those of the run alone; on other devices equal up to the rounding of products.
   */
  lanes?: number;
}

export interface EnvironmentRecord {
  app: string;
  appVersion: string;
  node: string;
  electron: string | null;
  os: string;
  osRelease: string;
  arch: string;
  cpu: string | null;
  cores: number;
  memoryBytes: number;
  gpu: string | null;
  libraries: Record<string, string>;
}

/** `run.json`: everything about a run but its curve. */
export interface RunRecord {
  schemaVersion: 1;
  id: string;
  studyId: string;
  armId: string;
  family: Family;
  seed: number;
  /** SHA-256 of the canonical JSON of the study (see `canonical.ts`), hex. */
  studyHash: string;
  /** The arm as run: after overrides (seeds, budget), at the sweep point, without the sweep. */
  arm: Arm;
  /** The sweep point: path → value; empty for an arm without a sweep. */
  point: SweepPoint;
  effortUnit: string;
  /** Efforts in one pass over the training data; 1 for full-batch training. */
  effortsPerEpoch: number;
  trainSize: number;
  testSize: number;
  status: RunStatus;
  /** Metric columns, without `effort` and `seconds`; empty until the trainer has started. */
  columns: MetricColumn[];
  /** What its snapshots draw; absent where the family has none (and in records of version 0.1). */
  panels?: Panel[];
  /** Its place among runs that wait: a higher one goes first. Absent is 0, as for all runs that nobody moved. */
  priority?: number;
  /** Effort of the last journaled row; −1 before the first. */
  effort: number;
  /** Batches journaled so far: the next batch has this `seq`. */
  batches: number;
  /** Effort of the last checkpoint, or null. */
  checkpointEffort: number | null;
  /** Measured over the last seconds; null while not running. */
  effortsPerSecond: number | null;
  /** The newest row, for lists: column name → value. */
  latest: Record<string, number>;
  backend: BackendRecord | null;
  environment: EnvironmentRecord;
  error: ErrorReport | null;
  /** Said to the user: "disk full: paused", "interrupted: the trainer was killed (SIGKILL)". */
  note: string | null;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
  /** SHA-256 over the arm, seed and curve, set when the run has ended: the same content is the same run. */
  contentId: string | null;
}

/** A record's fields before its run has first been started. */
export const unstarted = {
  status: 'queued',
  columns: [],
  effort: -1,
  batches: 0,
  checkpointEffort: null,
  effortsPerSecond: null,
  latest: {},
  backend: null,
  error: null,
  note: null,
  startedAt: null,
  endedAt: null,
  contentId: null,
} satisfies Partial<RunRecord>;

/** A study as started: the composed study plus where it stands. */
export interface StudyRecord {
  schemaVersion: 1;
  id: string;
  study: Study;
  studyHash: string;
  createdAt: string;
  runIds: string[];
  /** Set when the study came from a bundle: the bundle's manifest hash and when it was imported. */
  imported: { manifestHash: string; importedAt: string } | null;
}

/** A run's whole curve: all batches joined. */
export interface RunCurve {
  runId: string;
  /** Rows. */
  length: number;
  columns: Record<string, Float64Array>;
  /** In order of effort; absent for none. */
  snapshots?: Snapshot[];
}

/**
 * Joins batches in `seq` order.
 * @throws Error when a `seq` is missing, columns differ between batches, or a batch's columns differ in length.
 */
export function joinBatches(runId: string, batches: readonly MetricBatch[]): RunCurve {
  const ordered = [...batches].sort((a, b) => a.seq - b.seq);
  const first = ordered[0];
  if (first === undefined) return { runId, length: 0, columns: {} };
  const names = Object.keys(first.columns);
  const length = ordered.reduce((sum, batch) => sum + batchRows(batch), 0);
  const columns = Object.fromEntries(names.map((name) => [name, new Float64Array(length)]));
  let row = 0;
  ordered.forEach((batch, i) => {
    const refuse = (fault: string): never => {
      throw new Error(`Run ${runId}: batch ${i} ${fault}.`);
    };
    if (batch.seq !== i) refuse(`is missing (found ${batch.seq})`);
    const rows = batchRows(batch);
    const extra = Object.keys(batch.columns).find((name) => columns[name] === undefined);
    if (extra !== undefined) refuse(`has the column "${extra}", which the first batch has not`);
    for (const [name, joined] of Object.entries(columns)) {
      const values = batch.columns[name] ?? refuse(`lacks the column "${name}"`);
      if (values.length !== rows) refuse(`has ${values.length} values of "${name}" for ${rows} efforts`);
      joined.set(values, row);
    }
    row += rows;
  });
  const snapshots = ordered.flatMap((batch) => batch.snapshots ?? []);
  return { runId, length, columns, ...(snapshots.length === 0 ? {} : { snapshots }) };
}

function batchRows(batch: MetricBatch): number {
  return batch.columns['effort']?.length ?? 0;
}

/** @param point the sweep point's name (`pointName`), null for an arm without a sweep */
export function runIdOf(studyId: string, armId: string, seed: number, point: string | null = null): string {
  return `${studyId}.${armId}${point === null ? '' : `.${point}`}.s${seed}`;
}

/** A record as stored by any version: one written before there were sweeps is at no sweep point. */
export function storedRun(record: Omit<RunRecord, 'point'> & { point?: SweepPoint }): RunRecord {
  return { ...record, point: record.point ?? {} };
}
