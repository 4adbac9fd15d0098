/**
 * What the window keeps in IndexedDB: a copy of the host's journals that can be rebuilt at any time. One database per
 * data folder, so that two hosts on one address never mix.
 */
import { Dexie, type EntityTable, type Table } from 'dexie';
import type { Findings } from '../../shared/findings/findings.ts';
import type { Overview } from '../../shared/overview.ts';
import type { StudyRecord, RunRecord } from '../../shared/run.ts';
import type { Snapshot } from '../../shared/snapshot.ts';

export const DATABASE_PREFIX = 'latebloom:';

/** A run's record, with its indexed fields beside it, and how many of its batches are in `chunks`. */
export interface StoredRun {
  id: string;
  studyId: string;
  family: string;
  status: string;
  createdAt: string;
  record: RunRecord;
  batches: number;
}

/**
 * Consecutive batches of one run, `seq` being the first. Rows are never stored one by one: 450,000 rows would take
 * half a minute to insert. `rows` is the row count of each batch.
 */
export interface Chunk {
  runId: string;
  seq: number;
  rows: number[];
  columns: Record<string, Float64Array>;
}

/**
 * What a model looked like at the efforts of one batch, for Replay. One by one, a thousand runs of thirty snapshots took
 * 6.5 s to mirror in the place of 4.6.
 */
export interface SnapshotBatch {
  runId: string;
  seq: number;
  snapshots: Snapshot[];
}

export class RunDatabase extends Dexie {
  declare readonly studies: EntityTable<StudyRecord, 'id'>;
  /** What was written about studies. */
  declare readonly findings: EntityTable<Findings, 'studyId'>;
  declare readonly runs: EntityTable<StoredRun, 'id'>;
  declare readonly chunks: Table<Chunk, [string, number]>;
  /** Made from the chunks of runs that have ended, for comparisons. */
  declare readonly overviews: Table<Overview, [string, string]>;
  declare readonly snapshotBatches: Table<SnapshotBatch, [string, number]>;

  /** `home` is the host's data folder. */
  constructor(home: string) {
    // Strict: a transaction is done when it is on disk, not when the browser has promised to put it there.
    super(`${DATABASE_PREFIX}${home}`, { chromeTransactionDurability: 'strict' });
    this.version(1).stores({
      studies: 'id, createdAt',
      runs: 'id, studyId, family, status, createdAt',
      chunks: '[runId+seq]',
      snapshots: '[runId+effort]',
    });
    this.version(2).stores({ overviews: '[runId+quantity]' });
    this.version(3).stores({ findings: 'studyId' });
    // Curves come again from the host, their snapshots with them.
    this.version(4)
      .stores({ snapshots: null, snapshotBatches: '[runId+seq]' })
      .upgrade((transaction) =>
        Promise.all(['runs', 'chunks', 'overviews'].map((name) => transaction.table(name).clear())),
      );
  }
}

/** Deletes the copies of other data folders. Returns how many there were. */
export async function deleteOtherDatabases(keep: string | null): Promise<number> {
  const others = await otherDatabases(keep);
  for (const name of others) await Dexie.delete(name);
  return others.length;
}

/** Names of the databases of data folders other than `keep`. */
export async function otherDatabases(keep: string | null): Promise<string[]> {
  const names = await Dexie.getDatabaseNames();
  return names.filter((name) => name.startsWith(DATABASE_PREFIX) && name !== `${DATABASE_PREFIX}${keep}`);
}
