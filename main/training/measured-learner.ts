/** A neural learner with measures beside its own metrics: their columns follow its own, their panels are its snapshots. */
import type { MetricColumn } from '../../shared/run.ts';
import type { Panel } from '../../shared/snapshot.ts';
import type { HostArray } from '../engine/program.ts';
import type { Measure, MeasureValues, TrainingState } from '../measures/measure.ts';
import type { Learner, LearnerState } from './learner.ts';

/** A learner whose parameters can be looked at. */
export interface ParametricLearner extends Learner {
  /** All parameters, flat, in the order of its network. */
  readonly parameters: HostArray;
  readonly training: TrainingState;
}

export class MeasuredLearner implements Learner {
  readonly columns: readonly MetricColumn[];
  readonly panels: readonly Panel[];
  readonly #learner: ParametricLearner;
  readonly #measure: Measure;
  /** Of the last evaluation that measured: the snapshot of that effort shows the same values. */
  #last: { effort: number; values: MeasureValues } | null = null;

  constructor(learner: ParametricLearner, measure: Measure) {
    this.#learner = learner;
    this.#measure = measure;
    this.columns = [...learner.columns, ...measure.columns];
    this.panels = measure.panels;
  }

  get backend(): Learner['backend'] {
    return this.#learner.backend;
  }

  get effortsPerEpoch(): number {
    return this.#learner.effortsPerEpoch;
  }

  get effort(): number {
    return this.#learner.effort;
  }

  advance(untilEffort: number, deadline: number): Promise<void> {
    return this.#learner.advance(untilEffort, deadline);
  }

  async evaluate(withSparse = false): Promise<Float64Array> {
    const own = await this.#learner.evaluate();
    const measured = withSparse
      ? (await this.#measured()).columns
      : this.#measure.columns.map(() => Number.NaN);
    return Float64Array.of(...own, ...measured);
  }

  async snapshot(): Promise<Record<string, Float64Array>> {
    return (await this.#measured()).arrays;
  }

  async #measured(): Promise<MeasureValues> {
    await this.settle();
    const { effort, parameters, training } = this.#learner;
    if (this.#last?.effort !== effort)
      this.#last = { effort, values: await this.#measure.evaluate(parameters, training) };
    return this.#last.values;
  }

  async settle(): Promise<void> {
    await this.#learner.settle?.();
  }

  save(): LearnerState {
    return this.#learner.save();
  }

  restore(state: LearnerState): void {
    this.#last = null;
    this.#learner.restore(state);
  }

  async dispose(): Promise<void> {
    await this.#measure.dispose();
    await this.#learner.dispose();
  }
}
