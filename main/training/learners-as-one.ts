/** Learners that are trained together, driven as one: for measuring how fast they are. */
import type { Learner, LearnerState } from './learner.ts';

export class LearnersAsOne implements Learner {
  readonly #all: readonly Learner[];
  readonly #first: Learner;
  readonly snapshot?: (first: boolean) => Promise<Record<string, Float64Array>>;

  private constructor(first: Learner, all: readonly Learner[]) {
    this.#first = first;
    this.#all = all;
    if (first.snapshot !== undefined) this.snapshot = (isFirst) => this.#snapshots(isFirst);
  }

  /** One of several; the only one itself. */
  static of(learners: readonly Learner[]): Learner {
    const [first] = learners;
    if (first === undefined) throw new Error('There are no learners.');
    return learners.length === 1 ? first : new LearnersAsOne(first, learners);
  }

  get columns(): Learner['columns'] {
    return this.#first.columns;
  }

  get backend(): Learner['backend'] {
    return this.#first.backend;
  }

  get effortsPerEpoch(): number {
    return this.#first.effortsPerEpoch;
  }

  /** Of the one that is furthest behind. */
  get effort(): number {
    return Math.min(...this.#all.map(({ effort }) => effort));
  }

  async advance(untilEffort: number, deadline: number): Promise<void> {
    const results = await Promise.allSettled(
      this.#all.map((learner) => learner.advance(untilEffort, deadline)),
    );
    for (const result of results) if (result.status === 'rejected') throw result.reason as Error;
  }

  async evaluate(withSparse?: boolean): Promise<Float64Array> {
    const [values] = await Promise.all(this.#all.map((learner) => learner.evaluate(withSparse)));
    return values as Float64Array;
  }

  async #snapshots(first: boolean): Promise<Record<string, Float64Array>> {
    const [arrays] = await Promise.all(this.#all.map((learner) => learner.snapshot?.(first)));
    return arrays ?? {};
  }

  save(): LearnerState {
    return { effort: this.effort, arrays: {}, json: this.#all.map((learner) => learner.save()) };
  }

  restore({ json }: LearnerState): void {
    const states = json as LearnerState[];
    this.#all.forEach((learner, i) => {
      learner.restore(states[i] as LearnerState);
    });
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#all.map((learner) => learner.dispose()));
  }
}
