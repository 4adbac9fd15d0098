/** Reading and writing curves in IndexedDB. All functions that write are called inside a transaction. */
import { Dexie } from 'dexie';
import type { MetricBatch, RunCurve } from '../../shared/run.ts';
import type { Snapshot } from '../../shared/snapshot.ts';
import type { Chunk, RunDatabase, SnapshotBatch } from './schema.ts';

/** A chunk that has reached this many rows is closed: the next batch starts a new one. */
export const CHUNK_ROWS = 4096;

export function batchRows(batch: MetricBatch): number {
  return batch.columns['effort']?.length ?? 0;
}

/** Of its rows and its snapshots. */
export function byteLength(batch: MetricBatch): number {
  const arrays = [batch.columns, ...(batch.snapshots ?? []).map((snapshot) => snapshot.arrays)];
  return arrays.flatMap(Object.values<Float64Array>).reduce((sum, values) => sum + values.byteLength, 0);
}

/** Stored parts as one curve, in their order. */
export function joinParts(runId: string, parts: readonly Record<string, Float64Array>[]): RunCurve {
  const length = parts.reduce((sum, part) => sum + (part['effort']?.length ?? 0), 0);
  const columns: Record<string, Float64Array> = {};
  for (const name of Object.keys(parts[0] ?? {})) {
    const joined = new Float64Array(length);
    let row = 0;
    for (const part of parts) {
      joined.set(part[name] ?? missing(runId, name), row);
      row += part['effort']?.length ?? 0;
    }
    columns[name] = joined;
  }
  return { runId, length, columns };
}

/** `seq` of the batch after the chunk. */
export function chunkEnd(chunk: Chunk): number {
  return chunk.seq + chunk.rows.length;
}

export function chunksOf(db: RunDatabase, runId: string): Promise<Chunk[]> {
  return runRange(db, runId).toArray();
}

function runRange(db: RunDatabase, runId: string) {
  return db.chunks.where('[runId+seq]').between([runId, Dexie.minKey], [runId, Dexie.maxKey]);
}

export async function deleteCurve(db: RunDatabase, runId: string): Promise<void> {
  await runRange(db, runId).delete();
  await snapshotRange(db, runId).delete();
  await db.overviews.where('[runId+quantity]').between([runId, Dexie.minKey], [runId, Dexie.maxKey]).delete();
}

function snapshotRange(db: RunDatabase, runId: string) {
  return db.snapshotBatches.where('[runId+seq]').between([runId, Dexie.minKey], [runId, Dexie.maxKey]);
}

/** A run's stored snapshots in order of effort. */
export async function snapshotsOf(db: RunDatabase, runId: string): Promise<Snapshot[]> {
  const batches = await snapshotRange(db, runId).toArray();
  return batches.flatMap(({ snapshots }) => snapshots);
}

/** The last batch that is stored, or null. */
export async function lastStoredBatch(db: RunDatabase, runId: string): Promise<MetricBatch | null> {
  const tail = await lastChunk(db, runId);
  if (tail === null) return null;
  const rows = tail.rows.at(-1) as number;
  const columns: Record<string, Float64Array> = {};
  for (const [name, values] of Object.entries(tail.columns))
    columns[name] = values.slice(values.length - rows);
  return { runId, seq: chunkEnd(tail) - 1, columns };
}

/** The stored chunk that batches are appended to; null where nothing is stored. */
export async function lastChunk(db: RunDatabase, runId: string): Promise<Chunk | null> {
  return (await runRange(db, runId).last()) ?? null;
}

/** What appending comes to: chunks and snapshots to be put, and how many batches are stored then. */
export interface Appended {
  chunks: Chunk[];
  snapshotBatches: SnapshotBatch[];
  stored: number;
}

/**
 * The batches that directly follow what is stored; those already there are skipped, so that two tabs may write the
 * same ones.
 */
export function appended(runId: string, tail: Chunk | null, batches: readonly MetricBatch[]): Appended {
  let next = tail === null ? 0 : chunkEnd(tail);
  const fresh = batches.filter((batch) => batch.seq >= next);
  let open: MetricBatch[] = [];
  let base = tail !== null && rowCount(tail) < CHUNK_ROWS ? tail : null;
  const chunks: Chunk[] = [];
  for (const batch of fresh) {
    if (batch.seq !== next) break;
    next += 1;
    open.push(batch);
    const rows = open.reduce((sum, one) => sum + batchRows(one), base === null ? 0 : rowCount(base));
    if (rows >= CHUNK_ROWS) {
      chunks.push(joinChunk(runId, base, open));
      base = null;
      open = [];
    }
  }
  if (open.length > 0) chunks.push(joinChunk(runId, base, open));
  const snapshotBatches = fresh
    .filter(({ seq }) => seq < next)
    .flatMap(({ seq, snapshots = [] }) => (snapshots.length === 0 ? [] : [{ runId, seq, snapshots }]));
  return { chunks, snapshotBatches, stored: next };
}

function rowCount(chunk: Chunk): number {
  return chunk.rows.reduce((sum, rows) => sum + rows, 0);
}

function joinChunk(runId: string, base: Chunk | null, batches: readonly MetricBatch[]): Chunk {
  const first = batches[0] as MetricBatch;
  const parts = [...(base === null ? [] : [base.columns]), ...batches.map((batch) => batch.columns)];
  const columns: Record<string, Float64Array> = {};
  for (const name of Object.keys(first.columns)) {
    const values = parts.map((part) => part[name] ?? missing(runId, name));
    const joined = new Float64Array(values.reduce((sum, one) => sum + one.length, 0));
    let row = 0;
    for (const one of values) {
      joined.set(one, row);
      row += one.length;
    }
    columns[name] = joined;
  }
  return {
    runId,
    seq: base?.seq ?? first.seq,
    rows: [...(base?.rows ?? []), ...batches.map(batchRows)],
    columns,
  };
}

function missing(runId: string, column: string): never {
  throw new Error(`Run ${runId}: a batch lacks the column "${column}" that others have.`);
}

/** The same rows, bit for bit. */
export function sameBatch(a: MetricBatch, b: MetricBatch): boolean {
  const names = Object.keys(a.columns);
  return (
    names.length === Object.keys(b.columns).length &&
    names.every((name) => {
      const [left, right] = [a.columns[name] as Float64Array, b.columns[name]];
      return right?.length === left.length && left.every((value, row) => Object.is(value, right[row]));
    })
  );
}
