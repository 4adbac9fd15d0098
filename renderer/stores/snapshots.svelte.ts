/** Snapshots of the runs that Replay shows: read from IndexedDB, grown by live batches. */
import { LatebloomError, toErrorReport } from '../../shared/errors.ts';
import type { MetricBatch } from '../../shared/run.ts';
import type { Snapshot } from '../../shared/snapshot.ts';

export type ReadSnapshots = (runId: string) => Promise<Snapshot[]>;

/** A run whose snapshots are being watched. */
export class WatchedSnapshots {
  readonly runId: string;
  /** In order of effort; null until they have been read. */
  snapshots = $state.raw<readonly Snapshot[] | null>(null);
  problem = $state.raw<LatebloomError | null>(null);
  /** Those that arrived while the stored ones were being read. */
  #waiting: Snapshot[] = [];
  #reading = 0;

  constructor(runId: string) {
    this.runId = runId;
  }

  async load(read: ReadSnapshots): Promise<void> {
    const reading = ++this.#reading;
    this.#waiting = [];
    try {
      const stored = await read(this.runId);
      if (reading !== this.#reading) return;
      this.problem = null;
      this.snapshots = merged(stored, this.#waiting);
    } catch (error) {
      if (reading !== this.#reading) return;
      const { code, message, nextStep } = toErrorReport(error);
      this.problem = new LatebloomError(code, `The snapshots cannot be read: ${message}`, nextStep);
    }
  }

  add(arrived: readonly Snapshot[]): void {
    if (this.snapshots === null) this.#waiting.push(...arrived);
    else this.snapshots = merged(this.snapshots, arrived);
  }

  reset(): void {
    this.#reading += 1;
    this.#waiting = [];
    this.snapshots = [];
  }
}

/** By effort, each once: a snapshot may have been stored and have arrived. */
function merged(stored: readonly Snapshot[], arrived: readonly Snapshot[]): Snapshot[] {
  const last = stored.at(-1)?.effort ?? -1;
  return [...stored, ...arrived.filter(({ effort }) => effort > last)];
}

export class SnapshotStore {
  readonly #read: ReadSnapshots;
  // Bookkeeping: nothing on screen reads it.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly #watched = new Map<string, { watched: WatchedSnapshots; watchers: number }>();

  constructor(read: ReadSnapshots) {
    this.#read = read;
  }

  /** The run's snapshots, kept up to date until `release`. */
  watch(runId: string): WatchedSnapshots {
    let entry = this.#watched.get(runId);
    if (entry === undefined) {
      entry = { watched: new WatchedSnapshots(runId), watchers: 0 };
      this.#watched.set(runId, entry);
      void entry.watched.load(this.#read);
    }
    entry.watchers += 1;
    return entry.watched;
  }

  release(runId: string): void {
    const entry = this.#watched.get(runId);
    if (entry === undefined) return;
    entry.watchers -= 1;
    if (entry.watchers === 0) this.#watched.delete(runId);
  }

  add(batch: MetricBatch): void {
    if (batch.snapshots !== undefined) this.#watched.get(batch.runId)?.watched.add(batch.snapshots);
  }

  reset(runId: string): void {
    this.#watched.get(runId)?.watched.reset();
  }

  /** Reads again: the store behind it has changed. */
  reload(): void {
    for (const { watched } of this.#watched.values()) void watched.load(this.#read);
  }
}
