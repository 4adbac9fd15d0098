/**
 * What drives every Gaussian process here: Adam on one vector of parameters, against an objective that says its value,
 * its gradient and what to record. An effort is one update of everything together.
 */
import { DivergedError, LatebloomError } from '../../shared/errors.ts';
import type { BackendRecord, MetricColumn } from '../../shared/run.ts';
import type { Panel } from '../../shared/snapshot.ts';
import type { AdamSpec } from '../../shared/trainer-spec.ts';
import type { Algebra } from '../linalg/algebra.ts';
import { NotPositiveDefiniteError } from '../linalg/cholesky.ts';
import type { Learner, LearnerState } from '../training/learner.ts';
import { adamUpdate, type AdamMoments } from './float64-adam.ts';
import { stateArray } from './learner-state.ts';

/** What is minimised. All functions are pure in the parameters. */
export interface GpObjective {
  /** What `evaluate` fills; the learner adds the jitter. */
  readonly columns: readonly MetricColumn[];
  /** Said when the objective is not finite: "the ELBO". */
  readonly name: string;
  /** Fills `gradient` with the derivative of `loss` by the parameters. */
  lossAndGradient(
    parameters: Float64Array,
    gradient: Float64Array,
  ): Promise<{ loss: number; jitter: number }>;
  evaluate(parameters: Float64Array): Promise<{ values: number[]; jitter: number }>;
  readonly panels: readonly Panel[];
  /** As `Learner.snapshot`. */
  snapshot(parameters: Float64Array, first: boolean): Promise<Record<string, Float64Array>>;
}

const jitterColumn: MetricColumn = {
  name: 'jitter',
  label: 'jitter on the diagonal of the kernel matrix, largest so far',
  quantity: 'jitter',
  unit: '',
  split: null,
  direction: null,
};

/** The kernel matrix lost its positive definiteness during a run. */
export class KernelNotPositiveDefiniteError extends LatebloomError {
  constructor(effort: number, cause: NotPositiveDefiniteError) {
    super(
      'diverged',
      `The run failed at effort ${effort}: the kernel matrix is not positive definite, not even with 1 % of its ` +
        `diagonal added (pivot ${cause.pivot} of its Cholesky factor is ${cause.value}).`,
      'The curve up to that point is kept. A larger jitter, or a shorter initial length scale, usually helps.',
      { cause },
    );
  }
}

export class GpLearner implements Learner {
  readonly columns: readonly MetricColumn[];
  readonly backend: BackendRecord;
  readonly effortsPerEpoch = 1;
  readonly panels: readonly Panel[];
  readonly #trainer: AdamSpec;
  readonly #objective: GpObjective;
  readonly #algebra: Algebra;
  readonly #gradient: Float64Array;
  #parameters: Float64Array;
  #moments: AdamMoments;
  #effort = 0;
  /** The largest that an update needed; 0 before the first. */
  #jitter = 0;

  constructor(objective: GpObjective, trainer: AdamSpec, parameters: Float64Array, algebra: Algebra) {
    const { length } = parameters;
    this.#objective = objective;
    this.#trainer = trainer;
    this.#algebra = algebra;
    this.#parameters = parameters;
    this.#gradient = new Float64Array(length);
    this.#moments = { first: new Float64Array(length), second: new Float64Array(length) };
    this.columns = [...objective.columns, jitterColumn];
    this.backend = algebra.backend;
    this.panels = objective.panels;
  }

  get effort(): number {
    return this.#effort;
  }

  async advance(untilEffort: number, deadline: number): Promise<void> {
    do await this.#update();
    while (this.#effort < untilEffort && performance.now() < deadline);
  }

  async #update(): Promise<void> {
    const step = this.#effort + 1;
    const { loss, jitter } = await this.#explained(() =>
      this.#objective.lossAndGradient(this.#parameters, this.#gradient),
    );
    requireFinite(step, this.#objective.name, [loss]);
    requireFinite(step, 'a gradient', this.#gradient);
    adamUpdate(this.#trainer, step, this.#parameters, this.#gradient, this.#moments);
    requireFinite(step, 'a parameter', this.#parameters);
    this.#jitter = Math.max(this.#jitter, jitter);
    this.#effort = step;
  }

  async evaluate(): Promise<Float64Array> {
    const { values, jitter } = await this.#explained(() => this.#objective.evaluate(this.#parameters));
    return Float64Array.of(...values, Math.max(this.#jitter, jitter));
  }

  async snapshot(first: boolean): Promise<Record<string, Float64Array>> {
    return this.#explained(() => this.#objective.snapshot(this.#parameters, first));
  }

  save(): LearnerState {
    return {
      effort: this.#effort,
      arrays: {
        parameters: this.#parameters.slice(),
        firstMoment: this.#moments.first.slice(),
        secondMoment: this.#moments.second.slice(),
        jitter: Float64Array.of(this.#jitter),
      },
      json: null,
    };
  }

  restore(state: LearnerState): void {
    const { length } = this.#parameters;
    const first = stateArray(state, 'firstMoment', length);
    const second = stateArray(state, 'secondMoment', length);
    const [jitter] = stateArray(state, 'jitter', 1) as unknown as [number];
    this.#parameters = stateArray(state, 'parameters', length);
    this.#moments = { first, second };
    this.#jitter = jitter;
    this.#effort = state.effort;
  }

  async dispose(): Promise<void> {
    await this.#algebra.dispose();
  }

  async #explained<T>(compute: () => Promise<T>): Promise<T> {
    try {
      return await compute();
    } catch (error) {
      if (!(error instanceof NotPositiveDefiniteError)) throw error;
      if (!Number.isFinite(error.value))
        throw new DivergedError(this.#effort, 'the kernel matrix', error.value);
      throw new KernelNotPositiveDefiniteError(this.#effort, error);
    }
  }
}

function requireFinite(effort: number, quantity: string, values: Iterable<number>): void {
  for (const value of values) {
    if (!Number.isFinite(value)) throw new DivergedError(effort, quantity, value);
  }
}
