/** At which efforts a run is evaluated: a pure function of the study, so that a resumed run records the same rows. */
import { isSnapshotDue } from '../../shared/snapshot.ts';
import type { Arm, RecordSpec } from '../../shared/study.ts';

/**
 * 0, every multiple of `every`, `perDecade` log-spaced efforts per factor of ten, the last effort of the budget, and those
 * at which it ended before it was extended.
 */
export class RecordSchedule {
  readonly #every: number;
  readonly #maxEffort: number;
  readonly #ends: ReadonlySet<number>;
  /** Beside the multiples of `every`, in order. */
  readonly #others: number[];

  constructor(record: RecordSpec, { maxEffort, extendedFrom = [] }: Arm['budget']) {
    this.#every = record.every;
    this.#maxEffort = maxEffort;
    this.#ends = new Set([...extendedFrom, maxEffort]);
    const points = Math.floor(Math.log10(maxEffort) * record.perDecade) + 1;
    const rounded = Array.from({ length: points }, (_, j) => Math.round(10 ** (j / record.perDecade)));
    const logSpaced = rounded.filter((effort) => effort <= maxEffort);
    this.#others = [...new Set([...logSpaced, ...extendedFrom])].sort((a, b) => a - b);
  }

  /** The first recorded effort above `effort` (−1 to begin), or null after the last. */
  next(effort: number): number | null {
    if (effort < 0) return 0;
    if (effort >= this.#maxEffort) return null;
    const regular = (Math.floor(effort / this.#every) + 1) * this.#every;
    return Math.min(regular, this.#nextOther(effort), this.#maxEffort);
  }

  /** Rows of a whole run. */
  count(): number {
    const regular = Math.floor(this.#maxEffort / this.#every);
    const extra = this.#others.filter((effort) => effort % this.#every !== 0).length;
    const last = this.#others.includes(this.#maxEffort) || this.#maxEffort % this.#every === 0 ? 0 : 1;
    return 1 + regular + extra + last;
  }

  /**
   * Whether the row at `effort` has a snapshot: wherever a budget ended or the run may, and as `isSnapshotDue` says.
   * @param previous the recorded effort before it; −1 for none
   * @param mayEnd whether the run may end at this row before its budget
   */
  isSnapshotDue(previous: number, effort: number, perDecade: number, mayEnd: boolean): boolean {
    if (perDecade > 0 && (mayEnd || this.#ends.has(effort))) return true;
    return isSnapshotDue(previous, effort, this.#maxEffort, perDecade);
  }

  #nextOther(effort: number): number {
    let low = 0;
    let high = this.#others.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#others[middle] as number) > effort) high = middle;
      else low = middle + 1;
    }
    return this.#others[low] ?? Number.POSITIVE_INFINITY;
  }
}
