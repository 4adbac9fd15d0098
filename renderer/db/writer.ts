/**
 * Gathers what has to be stored and writes it in one transaction about once a second. A store that refuses (full,
 * closed) loses nothing: what was not taken is fetched from the host the next time.
 */
import { LatebloomError } from '../../shared/errors.ts';
import type { Findings } from '../../shared/findings/findings.ts';
import type { MetricBatch, RunRecord, StudyRecord } from '../../shared/run.ts';
import { appended, byteLength, deleteCurve, lastChunk, type Appended } from './chunks.ts';
import type { RunDatabase, StoredRun } from './schema.ts';

const WRITE_EVERY = 1000;

/** What one transaction writes. */
class Work {
  readonly studies = new Map<string, StudyRecord>();
  readonly deletedStudies = new Set<string>();
  /** Null deletes. */
  readonly findings = new Map<string, Findings | null>();
  readonly runIds = new Set<string>();
  /** Curves to be deleted before anything is appended. */
  readonly resets = new Set<string>();
  readonly batches = new Map<string, MetricBatch[]>();

  get isEmpty(): boolean {
    return (
      this.studies.size +
        this.deletedStudies.size +
        this.findings.size +
        this.runIds.size +
        this.resets.size +
        this.batches.size ===
      0
    );
  }
}

export class StoreFullError extends LatebloomError {
  constructor(cause: unknown) {
    super(
      'disk-full',
      'The store for offline replay is full: new curves are not kept in it. Nothing is lost, the host has them all.',
      'Free disk space or delete stored copies in Settings, then reload.',
      { cause },
    );
  }
}

export class StoreError extends LatebloomError {
  constructor(cause: unknown) {
    super(
      'internal',
      `The store for offline replay cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Nothing is lost, the host has everything. Reload to try again.',
      { cause },
    );
  }
}

export class MirrorWriter {
  readonly #db: RunDatabase;
  readonly #runs: ReadonlyMap<string, RunRecord>;
  readonly #report: (problem: LatebloomError | null) => void;
  #work = new Work();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #turn: Promise<void> = Promise.resolve();
  #refused = false;
  pendingBytes = 0;

  /** `runs` are the newest records; only ids are queued, so that many changes of one record are one write. */
  constructor(
    db: RunDatabase,
    runs: ReadonlyMap<string, RunRecord>,
    report: (problem: LatebloomError | null) => void,
  ) {
    this.#db = db;
    this.#runs = runs;
    this.#report = report;
  }

  putStudy(study: StudyRecord): void {
    this.#work.studies.set(study.id, study);
    this.#schedule();
  }

  putFindings(findings: Findings): void {
    this.#work.findings.set(findings.studyId, findings);
    this.#schedule();
  }

  deleteFindings(studyId: string): void {
    this.#work.findings.set(studyId, null);
    this.#schedule();
  }

  putRun(runId: string): void {
    this.#work.runIds.add(runId);
    this.#schedule();
  }

  putBatch(batch: MetricBatch): void {
    const list = this.#work.batches.get(batch.runId);
    if (list === undefined) this.#work.batches.set(batch.runId, [batch]);
    else list.push(batch);
    this.pendingBytes += byteLength(batch);
    this.#schedule();
  }

  /** The stored curve is void; batches put before are forgotten. */
  resetCurve(runId: string): void {
    this.#work.resets.add(runId);
    this.#work.batches.delete(runId);
    this.#schedule();
  }

  deleteStudy(studyId: string): void {
    this.#work.studies.delete(studyId);
    this.#work.findings.delete(studyId);
    this.#work.deletedStudies.add(studyId);
    // At once: a study that is imported again must find its old copy gone.
    void this.flush();
  }

  /** Writes what is queued. Never rejects: what the store refuses is reported. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#turn = this.#turn.then(() => this.#write());
    return this.#turn;
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => void this.flush(), WRITE_EVERY);
  }

  async #write(): Promise<void> {
    const work = this.#work;
    if (work.isEmpty) return;
    this.#work = new Work();
    this.pendingBytes = 0;
    const { studies, runs, chunks, snapshotBatches, overviews, findings } = this.#db;
    try {
      const tables = [studies, runs, chunks, snapshotBatches, overviews, findings];
      const complete = await this.#db.transaction('rw', tables, () => this.#apply(work));
      if (this.#refused && complete) {
        this.#refused = false;
        this.#report(null);
      }
    } catch (error) {
      // Rows come again from the host with the next `sync`; the rest is small and is tried again.
      for (const [id, study] of work.studies) {
        const newer = this.#work.studies.has(id) || this.#work.deletedStudies.has(id);
        if (!newer) this.#work.studies.set(id, study);
      }
      for (const [id, findings] of work.findings) {
        const newer = this.#work.findings.has(id) || this.#work.deletedStudies.has(id);
        if (!newer) this.#work.findings.set(id, findings);
      }
      for (const id of work.deletedStudies) this.#work.deletedStudies.add(id);
      for (const id of work.resets) this.#work.resets.add(id);
      for (const id of work.runIds) this.#work.runIds.add(id);
      if (!this.#refused)
        this.#report(isQuotaError(error) ? new StoreFullError(error) : new StoreError(error));
      this.#refused = true;
    }
  }

  /** Returns false when rows were left out because those before them are missing. */
  async #apply(work: Work): Promise<boolean> {
    for (const studyId of work.deletedStudies) await this.#deleteStored(studyId);
    for (const runId of work.resets) await deleteCurve(this.#db, runId);
    await this.#db.studies.bulkPut([...work.studies.values()]);
    for (const [id, findings] of work.findings) {
      if (findings === null) await this.#db.findings.delete(id);
      else await this.#db.findings.put(findings);
    }
    // A record that has not arrived yet, or is deleted, has no curve. One that is deleted from here on is deleted by what follows.
    const records = [...new Set([...work.runIds, ...work.resets, ...work.batches.keys()])].flatMap(
      (id) => this.#runs.get(id) ?? [],
    );
    const ids = records.map(({ id }) => id);
    const before = await this.#db.runs.bulkGet(ids);
    const known = ids.map((id, i) => (work.resets.has(id) ? 0 : (before[i]?.batches ?? 0)));
    // One round trip a run would take most of the time of storing many.
    const tails = await Promise.all(
      ids.map((id, i) => (known[i] === 0 || !work.batches.has(id) ? null : lastChunk(this.#db, id))),
    );
    const grown = ids.map((id, i): Appended => {
      const batches = work.batches.get(id);
      if (batches === undefined) return { chunks: [], snapshotBatches: [], stored: known[i] as number };
      return appended(id, tails[i] ?? null, batches);
    });
    await this.#db.chunks.bulkPut(grown.flatMap(({ chunks }) => chunks));
    await this.#db.snapshotBatches.bulkPut(grown.flatMap(({ snapshotBatches }) => snapshotBatches));
    // Most records are the stored ones whenever a window is opened.
    const rows = records.map((record, i) => toRow(record, (grown[i] as Appended).stored));
    await this.#db.runs.bulkPut(rows.filter((row, i) => JSON.stringify(row) !== JSON.stringify(before[i])));
    return ids.every((id, i) => (grown[i] as Appended).stored > (work.batches.get(id)?.at(-1)?.seq ?? -1));
  }

  async #deleteStored(studyId: string): Promise<void> {
    const runIds = await this.#db.runs.where('studyId').equals(studyId).primaryKeys();
    for (const runId of runIds) await deleteCurve(this.#db, runId);
    await this.#db.runs.bulkDelete(runIds);
    await this.#db.studies.delete(studyId);
    await this.#db.findings.delete(studyId);
  }
}

function toRow(record: RunRecord, batches: number): StoredRun {
  const { id, studyId, family, status, createdAt } = record;
  return { id, studyId, family, status, createdAt, record, batches };
}

/** Dexie reports the abort of the transaction and keeps the browser's reason in `inner`. */
function isQuotaError(error: unknown): boolean {
  const { name, inner } = error as { name?: string; inner?: { name?: string } | null };
  return name === 'QuotaExceededError' || inner?.name === 'QuotaExceededError';
}
