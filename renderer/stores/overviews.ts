/** Overviews that have been read, so that a run that is taken out of a comparison and put back is not read again. */
import type { Overview } from '../../shared/overview.ts';
import type { RunRecord } from '../../shared/run.ts';

export type ReadOverviews = (wanted: ReadonlyMap<string, string>) => Promise<Overview[]>;

export interface WantedOverview {
  run: RunRecord;
  quantity: string;
}

/** About 50 kB each. */
const MOST_KEPT = 3000;

export class OverviewStore {
  readonly #read: ReadOverviews;
  /** Run → quantity → overview; the run read last stands last. */
  readonly #kept = new Map<string, Map<string, Overview>>();
  #count = 0;
  /** One reading after the other, so that nothing is read twice. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(read: ReadOverviews) {
    this.#read = read;
  }

  /** The overviews of these ended runs, of one quantity each; those that cannot be had are absent. */
  read(runs: readonly WantedOverview[]): Promise<Overview[]> {
    const reading = this.#turn.then(() => this.#readMissing(runs));
    this.#turn = reading.catch(() => undefined);
    return reading;
  }

  async #readMissing(runs: readonly WantedOverview[]): Promise<Overview[]> {
    const known = runs.flatMap((one) => this.#known(one.run, one.quantity) ?? []);
    const missing = runs.filter((one) => this.#known(one.run, one.quantity) === undefined);
    if (missing.length === 0) return known;
    const read = await this.#read(new Map(missing.map(({ run, quantity }) => [run.id, quantity])));
    for (const overview of read) {
      const run = missing.find((one) => one.run.id === overview.runId)?.run;
      if (run?.batches === overview.batches) this.#keep(run, overview);
    }
    return [...known, ...read];
  }

  /** The run's curve is another one now. */
  forget(runId: string): void {
    this.#count -= this.#kept.get(runId)?.size ?? 0;
    this.#kept.delete(runId);
  }

  clear(): void {
    this.#kept.clear();
    this.#count = 0;
  }

  #known(run: RunRecord, quantity: string): Overview | undefined {
    const kept = this.#kept.get(run.id)?.get(quantity);
    return kept?.batches === run.batches ? kept : undefined;
  }

  #keep(run: RunRecord, overview: Overview): void {
    const own = this.#kept.get(run.id) ?? new Map<string, Overview>();
    const before = own.size;
    own.set(overview.quantity, overview);
    this.#count += own.size - before;
    this.#kept.delete(run.id);
    this.#kept.set(run.id, own);
    for (const oldest of this.#kept.keys()) {
      if (this.#count <= MOST_KEPT || oldest === run.id) break;
      this.forget(oldest);
    }
  }
}
