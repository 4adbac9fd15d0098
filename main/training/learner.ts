/**
 * What the trainer drives: a model, its data and its update rule, ready to advance. One implementation per family
 * (neural networks on the engine, Gaussian processes, linear models, forests). A learner is deterministic: the same arm and
 * seed give the same values bit for bit on a CPU backend with the same thread count, also across a checkpoint.
 */
import type { BackendRecord, MetricColumn } from '../../shared/run.ts';
import type { Panel } from '../../shared/snapshot.ts';
import type { Arm } from '../../shared/study.ts';

export interface LearnerOptions {
  /** CPU threads this learner may use. */
  threads: number;
  /** A device id of `WorkbenchApi.devices`, or null for the best available. */
  device: string | null;
  /** Why that device does not work, null when it does; it is tried when this is absent. */
  deviceFault?: string | null;
  /** As `ProgramOptions` has it, for the program of the updates. */
  profile?: string;
}

/** Named arrays (parameters, moments) and small JSON state (random streams, step count). */
export interface LearnerState {
  effort: number;
  arrays: Record<string, Float32Array | Float64Array | Int32Array>;
  json: unknown;
}

export interface Learner {
  /** Metric columns in the order that `evaluate` fills; without `effort` and `seconds`. */
  readonly columns: readonly MetricColumn[];
  readonly backend: BackendRecord;
  readonly effortsPerEpoch: number;
  /** Updates completed. */
  readonly effort: number;
  /**
   * Performs updates until `effort === untilEffort` or `performance.now() >= deadline`, at least one.
   * @throws DivergedError when a loss, gradient or parameter is not finite.
   */
  advance(untilEffort: number, deadline: number): Promise<void>;
  /**
   * Metrics of the current parameters on both splits, in the order of `columns`. Does not change the learner.
   * @param withSparse whether sparse columns are measured, too; they are NaN otherwise
   */
  evaluate(withSparse?: boolean): Promise<Float64Array>;
  /** What `snapshot` fills; absent where this family draws nothing. */
  readonly panels?: readonly Panel[];
  /**
   * The arrays of all panels at the current parameters, `<panel>.<part>` → values. Arrays that never change are given
   * only when `first` is true. Deterministic, and does not change the learner. Present whenever `panels` is.
   */
  snapshot?(first: boolean): Promise<Record<string, Float64Array>>;
  /** Brings what `save` reads to the host, where it may lie elsewhere; to be awaited before each `save`. */
  settle?(): Promise<void>;
  save(): LearnerState;
  restore(state: LearnerState): void;
  /** Frees native memory; the learner is not used again. */
  dispose(): Promise<void>;
}

/**
 * Learners for several runs on the same options, which may then be trained together: each is to be advanced while the
 * others are, and is disposed of by itself.
 */
export type CreateLearners = (
  runs: readonly { arm: Arm; seed: number }[],
  options: LearnerOptions,
) => Promise<Learner[]>;

export type CreateLearner = (arm: Arm, seed: number, options: LearnerOptions) => Promise<Learner>;
