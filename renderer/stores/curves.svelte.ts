/**
 * Curves of the runs on screen: read from IndexedDB, grown by live batches, published about five times a second. The
 * arrays are never proxied: a published curve is a view on buffers that only ever grow.
 */
import { LatebloomError, toErrorReport } from '../../shared/errors.ts';
import type { MetricBatch, RunCurve } from '../../shared/run.ts';
import { batchRows } from '../db/chunks.ts';
import type { CurveParts } from '../db/mirror.ts';

export const REDRAW_EVERY = 200;

export type ReadCurve = (runId: string) => Promise<CurveParts>;

/** A curve that is being watched. */
export class WatchedCurve {
  readonly runId: string;
  /** Null until it has been read. */
  curve = $state.raw<RunCurve | null>(null);
  problem = $state.raw<LatebloomError | null>(null);
  watchers = 0;
  #columns: Record<string, Float64Array> = {};
  #length = 0;
  #next = 0;
  /** Batches that arrive while the stored part is read; null when it is not. */
  #waiting: MetricBatch[] | null = null;
  #reading = 0;

  constructor(runId: string) {
    this.runId = runId;
  }

  async load(read: ReadCurve): Promise<void> {
    const reading = ++this.#reading;
    this.#waiting = [];
    try {
      const { parts, next } = await read(this.runId);
      if (reading !== this.#reading) return;
      this.#clear();
      for (const part of parts) this.#append(part);
      this.#next = next;
      this.problem = null;
      const waiting = this.#waiting;
      this.#waiting = null;
      for (const batch of waiting) this.#take(batch);
    } catch (error) {
      if (reading !== this.#reading) return;
      this.#waiting = null;
      const report = toErrorReport(error);
      this.problem = new LatebloomError(
        report.code,
        `The curve cannot be read: ${report.message}`,
        report.nextStep,
      );
    }
    this.publish();
  }

  /** Returns false when a batch before this one is missing: the curve has to be read again. */
  add(batch: MetricBatch): boolean {
    if (this.#waiting === null) return this.#take(batch);
    this.#waiting.push(batch);
    return true;
  }

  /** Forgets all rows; batches start again from 0. A reading under way is void. */
  reset(): void {
    this.#reading += 1;
    this.#waiting = null;
    this.#clear();
    this.publish();
  }

  publish(): void {
    const length = this.#length;
    const columns: Record<string, Float64Array> = {};
    for (const [name, values] of Object.entries(this.#columns)) columns[name] = values.subarray(0, length);
    this.curve = { runId: this.runId, length, columns };
  }

  #take(batch: MetricBatch): boolean {
    if (batch.seq < this.#next) return true;
    if (batch.seq > this.#next) return false;
    this.#append(batch.columns, batchRows(batch));
    this.#next = batch.seq + 1;
    return true;
  }

  #clear(): void {
    this.#columns = {};
    this.#length = 0;
    this.#next = 0;
  }

  #append(columns: Record<string, Float64Array>, rows = columns['effort']?.length ?? 0): void {
    const needed = this.#length + rows;
    for (const [name, values] of Object.entries(columns)) {
      let buffer = this.#columns[name] ?? new Float64Array(Math.max(1024, needed));
      if (buffer.length < needed) {
        const larger = new Float64Array(Math.max(needed, 2 * buffer.length));
        larger.set(buffer.subarray(0, this.#length));
        buffer = larger;
      }
      buffer.set(values, this.#length);
      this.#columns[name] = buffer;
    }
    this.#length = needed;
  }
}

export class CurveStore {
  readonly #read: ReadCurve;
  // Bookkeeping: nothing on screen reads it.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly #curves = new Map<string, WatchedCurve>();
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly #grown = new Set<WatchedCurve>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(read: ReadCurve) {
    this.#read = read;
  }

  /** The run's curve, kept up to date until `release`. */
  watch(runId: string): WatchedCurve {
    let watched = this.#curves.get(runId);
    if (watched === undefined) {
      watched = new WatchedCurve(runId);
      this.#curves.set(runId, watched);
      void watched.load(this.#read);
    }
    watched.watchers += 1;
    return watched;
  }

  release(runId: string): void {
    const watched = this.#curves.get(runId);
    if (watched === undefined) return;
    watched.watchers -= 1;
    if (watched.watchers === 0) this.#curves.delete(runId);
  }

  add(batch: MetricBatch): void {
    const watched = this.#curves.get(batch.runId);
    if (watched === undefined) return;
    if (watched.add(batch)) this.#publishSoon(watched);
    else void watched.load(this.#read);
  }

  reset(runId: string): void {
    this.#curves.get(runId)?.reset();
  }

  /** Reads every watched curve again: the store behind it has changed. */
  reload(): void {
    for (const watched of this.#curves.values()) void watched.load(this.#read);
  }

  #publishSoon(watched: WatchedCurve): void {
    this.#grown.add(watched);
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      for (const one of this.#grown) one.publish();
      this.#grown.clear();
    }, REDRAW_EVERY);
  }
}
