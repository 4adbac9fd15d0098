/** At which efforts a run is evaluated: a pure function of the study, so that a resumed run records the same rows. */
import type { RecordSpec } from '../../shared/study.ts';

/** 0, every multiple of `every`, `perDecade` log-spaced efforts per factor of ten, and the last effort of the budget. */
export class RecordSchedule {
  readonly #every: number;
  readonly #maxEffort: number;
  readonly #logSpaced: number[];

  constructor(record: RecordSpec, maxEffort: number) {
    this.#every = record.every;
    this.#maxEffort = maxEffort;
    const points = Math.floor(Math.log10(maxEffort) * record.perDecade) + 1;
    const rounded = Array.from({ length: points }, (_, j) => Math.round(10 ** (j / record.perDecade)));
    this.#logSpaced = [...new Set(rounded)].filter((effort) => effort <= maxEffort);
  }

  /** The first recorded effort above `effort` (−1 to begin), or null after the last. */
  next(effort: number): number | null {
    if (effort < 0) return 0;
    if (effort >= this.#maxEffort) return null;
    const regular = (Math.floor(effort / this.#every) + 1) * this.#every;
    return Math.min(regular, this.#nextLogSpaced(effort), this.#maxEffort);
  }

  /** Rows of a whole run. */
  count(): number {
    const regular = Math.floor(this.#maxEffort / this.#every);
    const extra = this.#logSpaced.filter((effort) => effort % this.#every !== 0).length;
    const last = this.#logSpaced.includes(this.#maxEffort) || this.#maxEffort % this.#every === 0 ? 0 : 1;
    return 1 + regular + extra + last;
  }

  #nextLogSpaced(effort: number): number {
    let low = 0;
    let high = this.#logSpaced.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#logSpaced[middle] as number) > effort) high = middle;
      else low = middle + 1;
    }
    return this.#logSpaced[low] ?? Number.POSITIVE_INFINITY;
  }
}
