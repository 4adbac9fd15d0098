/**
 * When a run may end before its budget: once both splits have stayed past their thresholds long enough
 * (`budget.stopAfterGeneralization`). A pure function of the rows, so that a resumed or repeated run ends at the same one.
 */
import { heldUntil, isPast, thresholdColumns } from './delay.ts';
import type { MetricColumn, Split } from './run.ts';
import type { Arm } from './study.ts';

/**
 * From which recorded effort on each split has been past its threshold without a break, null where it is not; and whether
 * the last row was the one to end at. A checkpoint keeps it.
 */
export interface EarlyEndState {
  train: number | null;
  test: number | null;
  isOver: boolean;
}

export const nothingSeen: EarlyEndState = { train: null, test: null, isOver: false };

export class EarlyEnd {
  readonly #factor: number | null;
  readonly #thresholds: Arm['thresholds'];
  /** Where the two metrics are among the values of a row. */
  readonly #at: Record<Split, number>;
  #state = nothingSeen;

  /** @param columns those of the learner, in the order of a row's values */
  constructor({ budget, thresholds }: Arm, columns: readonly Pick<MetricColumn, 'name'>[]) {
    this.#factor = budget.stopAfterGeneralization ?? null;
    this.#thresholds = thresholds;
    const names = thresholdColumns(thresholds);
    const indexOf = (name: string): number => columns.findIndex((column) => column.name === name);
    this.#at = { train: indexOf(names.train), test: indexOf(names.test) };
  }

  /** Whether the budget says anything of the kind: rows need not be looked at otherwise. */
  get isAsked(): boolean {
    return this.#factor !== null;
  }

  get state(): EarlyEndState {
    return this.#state;
  }

  restore(state: EarlyEndState): void {
    this.#state = state;
  }

  /** Whether a row at this effort would be the last, were both splits past their thresholds at it, too. */
  mayEndAt(effort: number): boolean {
    const { train, test } = this.#state;
    if (this.#factor === null || train === null || test === null) return false;
    const later = Math.max(train, test);
    return effort > later && effort >= heldUntil(later, this.#factor);
  }

  /** Takes a row in. Rows are to come in order. */
  see(effort: number, values: ArrayLike<number>): void {
    const mayEnd = this.mayEndAt(effort);
    const [train, test] = [this.#next('train', effort, values), this.#next('test', effort, values)];
    this.#state = { train, test, isOver: mayEnd && train !== null && test !== null };
  }

  #next(split: Split, effort: number, values: ArrayLike<number>): number | null {
    const value = values[this.#at[split]] ?? NaN;
    if (!isPast(this.#thresholds, split, value)) return null;
    return this.#state[split] ?? effort;
  }
}
