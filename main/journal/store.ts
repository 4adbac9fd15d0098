/**
 * The data folder: studies/<studyId>/{study.json, start.json, findings.json} and studies/<studyId>/runs/<runId>/{run.json, journal.bin,
 * checkpoint.bin}. Records are held in memory, never changed in place, and written whole.
 */
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  joinBatches,
  storedRun,
  type MetricBatch,
  type RunCurve,
  type RunRecord,
  type StudyRecord,
} from '../../shared/run.ts';
import { LatebloomError, NotFoundError } from '../../shared/errors.ts';
import { findingsSpec, noFindings, type Findings } from '../../shared/findings/findings.ts';
import type { Rows } from '../scheduler/protocol.ts';
import { readJson, syncFolder, systemCode, writeFileAtomic, writeJson } from './files.ts';
import { encodeRecord, journalHeader, type JournalRecord } from './format.ts';
import { JournalReader } from './journal.ts';

/** What only this machine needs to know about a started study. */
export interface StartSettings {
  device: string | null;
}

/** A run that comes with its curve, which is read when it is its turn: from a bundle. */
export interface ImportedRun {
  run: RunRecord;
  read: () => Promise<RunCurve>;
}

const SAFE_ID = /^[a-z0-9][a-z0-9.-]{0,255}$/;
const ROWS_PER_IMPORTED_BATCH = 8192;

export class Store {
  readonly #root: string;
  readonly #studies = new Map<string, StudyRecord>();
  readonly #runs = new Map<string, RunRecord>();
  readonly #settings = new Map<string, StartSettings>();
  readonly #findings = new Map<string, Findings>();
  readonly #readers = new Map<string, JournalReader>();
  /** The write of a run's record that is going on, and whether another has to follow. */
  readonly #writes = new Map<string, { done: Promise<void>; again: boolean }>();

  private constructor(home: string) {
    this.#root = join(home, 'studies');
  }

  /** `problems` says what could not be read; those studies are left untouched on disk and are not listed. */
  static async open(home: string): Promise<{ store: Store; problems: string[] }> {
    const store = new Store(home);
    const problems: string[] = [];
    await mkdir(store.#root, { recursive: true });
    for (const name of (await readdir(store.#root)).sort()) {
      // Left by a process that was killed while it created, imported or deleted a study.
      if (name.startsWith('.')) await rm(join(store.#root, name), { recursive: true, force: true });
      else {
        try {
          const problem = await store.#load(name);
          if (problem !== null) problems.push(problem);
        } catch (error) {
          problems.push(
            `The study ${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
          );
        }
      }
    }
    return { store, problems };
  }

  /** Returns what could not be read of a study that is otherwise whole: its findings are not its curves. */
  async #load(studyId: string): Promise<string | null> {
    const folder = join(this.#root, studyId);
    const study = checkedRecord<StudyRecord>(await readJson(join(folder, 'study.json')), studyId);
    const runs: RunRecord[] = [];
    for (const runId of study.runIds) {
      const record = await readJson(join(folder, 'runs', runId, 'run.json'));
      runs.push(storedRun(checkedRecord<RunRecord>(record, runId)));
    }
    const settings = (await readJson(join(folder, 'start.json'))) as StartSettings;
    this.#keep(study, runs, settings);
    return this.#loadFindings(studyId);
  }

  async #loadFindings(studyId: string): Promise<string | null> {
    try {
      const stored = findingsSpec.parse(await readJson(this.#findingsPath(studyId)));
      this.#findings.set(studyId, stored);
      return null;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return null;
      return `The notes on ${studyId} cannot be read: ${this.#findingsPath(studyId)} is damaged. They stay as they are until you save others.`;
    }
  }

  #findingsPath(studyId: string): string {
    return join(this.#root, studyId, 'findings.json');
  }

  /** Of the studies that somebody has written about. */
  allFindings(): Findings[] {
    return [...this.#findings.values()];
  }

  /** @throws NotFoundError */
  findings(studyId: string): Findings {
    return this.#findings.get(this.study(studyId).id) ?? noFindings(studyId);
  }

  /** Replaces what is written about a study: the old or the new text is on disk, never a half. @throws NotFoundError */
  async saveFindings(findings: Findings): Promise<void> {
    this.study(findings.studyId);
    await writeJson(this.#findingsPath(findings.studyId), findings);
    this.#findings.set(findings.studyId, findings);
  }

  #keep(study: StudyRecord, runs: readonly RunRecord[], settings: StartSettings): void {
    this.#studies.set(study.id, study);
    this.#settings.set(study.id, settings);
    for (const run of runs) this.#runs.set(run.id, run);
  }

  studies(): StudyRecord[] {
    return [...this.#studies.values()].sort(byCreation);
  }

  runs(): RunRecord[] {
    return this.studies().flatMap((study) => study.runIds.map((id) => this.run(id)));
  }

  findStudy(id: string): StudyRecord | undefined {
    return this.#studies.get(id);
  }

  findRun(id: string): RunRecord | undefined {
    return this.#runs.get(id);
  }

  /** @throws NotFoundError */
  study(id: string): StudyRecord {
    const study = this.#studies.get(id);
    if (study === undefined)
      throw new NotFoundError(`There is no study "${id}" here.`, 'List them: latebloom runs.');
    return study;
  }

  /** @throws NotFoundError */
  run(id: string): RunRecord {
    const run = this.#runs.get(id);
    if (run === undefined)
      throw new NotFoundError(`There is no run "${id}" here.`, 'List them: latebloom runs.');
    return run;
  }

  settings(studyId: string): StartSettings {
    return this.#settings.get(studyId) ?? { device: null };
  }

  journalPath(run: RunRecord): string {
    return join(this.#runFolder(run), 'journal.bin');
  }

  checkpointPath(run: RunRecord): string {
    return join(this.#runFolder(run), 'checkpoint.bin');
  }

  #runFolder(run: RunRecord): string {
    return join(this.#root, run.studyId, 'runs', run.id);
  }

  /** Changes a record in memory; `saveRun` writes it. */
  change(runId: string, changes: Partial<RunRecord>): RunRecord {
    const run = { ...this.run(runId), ...changes };
    this.#runs.set(runId, run);
    return run;
  }

  /** Writes a run's record as it is now; resolves when that state, or a later one, is on disk. */
  async saveRun(runId: string): Promise<void> {
    const going = this.#writes.get(runId);
    if (going !== undefined) {
      going.again = true;
      return going.done;
    }
    const write = { again: false, done: Promise.resolve() };
    write.done = (async () => {
      try {
        do {
          write.again = false;
          const run = this.run(runId);
          await writeJson(join(this.#runFolder(run), 'run.json'), run);
        } while (write.again);
      } finally {
        this.#writes.delete(runId);
      }
    })();
    this.#writes.set(runId, write);
    return write.done;
  }

  /** Null where none is kept. */
  async checkpointBytes(run: RunRecord): Promise<number | null> {
    try {
      return (await stat(this.checkpointPath(run))).size;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return null;
      throw error;
    }
  }

  /** The caller has made sure that no trainer works on the run. */
  async dropCheckpoint(runId: string): Promise<void> {
    await rm(this.checkpointPath(this.run(runId)), { force: true });
  }

  /** The caller has made sure that no trainer works on the run. */
  async dropCurve(runId: string): Promise<void> {
    await rm(this.journalPath(this.run(runId)), { force: true });
    this.#readers.delete(runId);
  }

  /** Writes a new study with its runs: all of it appears at once, or nothing. */
  async create(study: StudyRecord, runs: readonly RunRecord[], settings: StartSettings): Promise<void> {
    await this.#createFolder(
      study,
      settings,
      runs.map((run) => ({ run, read: null })),
    );
    this.#keep(study, runs, settings);
  }

  /** Writes runs that were computed elsewhere, with their curves, into a new study or one that is here. */
  async addImported(study: StudyRecord, runs: readonly ImportedRun[]): Promise<void> {
    const settings = this.settings(study.id);
    const present = this.#studies.get(study.id);
    if (present === undefined) {
      await this.#createFolder(study, settings, runs);
      this.#keep(
        study,
        runs.map(({ run }) => run),
        settings,
      );
      return;
    }
    const folder = join(this.#root, study.id, 'runs');
    for (const { run, read } of runs) {
      // Not listed in study.json: a leftover of an import that was cut off before its last step.
      await rm(join(folder, run.id), { recursive: true, force: true });
      await writeRunFolder(join(folder, run.id), run, await read());
    }
    await syncFolder(folder);
    const extended = { ...present, runIds: [...present.runIds, ...runs.map(({ run }) => run.id)] };
    await writeJson(join(this.#root, study.id, 'study.json'), extended);
    this.#keep(
      extended,
      runs.map(({ run }) => run),
      settings,
    );
  }

  async #createFolder(
    study: StudyRecord,
    settings: StartSettings,
    runs: readonly { run: RunRecord; read: (() => Promise<RunCurve>) | null }[],
  ): Promise<void> {
    for (const id of [study.id, ...runs.map(({ run }) => run.id)]) {
      if (!SAFE_ID.test(id)) throw new LatebloomError('bad-input', `"${id}" cannot name a folder.`);
    }
    const temporary = join(this.#root, `.new-${study.id}`);
    await rm(temporary, { recursive: true, force: true });
    try {
      await mkdir(join(temporary, 'runs'), { recursive: true });
      await writeJson(join(temporary, 'study.json'), study);
      await writeJson(join(temporary, 'start.json'), settings);
      for (const { run, read } of runs) {
        const curve = read === null ? null : await read();
        await writeRunFolder(join(temporary, 'runs', run.id), run, curve);
      }
      await rename(temporary, join(this.#root, study.id));
      await syncFolder(this.#root);
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      throw error;
    }
  }

  /** The caller has made sure that no run of it is going on. */
  async delete(studyId: string): Promise<void> {
    const study = this.study(studyId);
    await Promise.all(study.runIds.map((runId) => this.#writes.get(runId)?.done));
    const doomed = join(this.#root, `.deleted-${studyId}`);
    await rename(join(this.#root, studyId), doomed);
    this.#studies.delete(studyId);
    this.#settings.delete(studyId);
    this.#findings.delete(studyId);
    for (const runId of study.runIds) {
      this.#runs.delete(runId);
      this.#readers.delete(runId);
    }
    await rm(doomed, { recursive: true, force: true });
  }

  reader(run: RunRecord): JournalReader {
    const reader = this.#readers.get(run.id) ?? new JournalReader(this.journalPath(run));
    this.#readers.set(run.id, reader);
    return reader;
  }

  /** @throws NotFoundError, DamagedJournalError */
  async readBatches(runId: string, fromSeq: number, limit: number): Promise<MetricBatch[]> {
    const batches = await this.reader(this.run(runId)).batches(fromSeq, limit);
    return batches.map((record) => batchOf(runId, record));
  }

  /** The whole curve. @throws NotFoundError, DamagedJournalError */
  async readCurve(runId: string): Promise<RunCurve> {
    const run = this.run(runId);
    const batches = await this.reader(run).all(run.batches);
    return joinBatches(
      runId,
      batches.map((record) => batchOf(runId, record)),
    );
  }
}

function batchOf(runId: string, { seq, columns, snapshots }: JournalRecord): MetricBatch {
  return { runId, seq, columns, ...(snapshots.length === 0 ? {} : { snapshots }) };
}

function byCreation(a: StudyRecord, b: StudyRecord): number {
  return a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : a.id < b.id ? -1 : 1;
}

function checkedRecord<R extends { schemaVersion: 1; id: string }>(value: unknown, id: string): R {
  const record = value as Partial<R> | null;
  if (record?.schemaVersion !== 1)
    throw new Error(`its schema version is ${String(record?.schemaVersion)}, not 1.`);
  if (record.id !== id) throw new Error(`its record says "${String(record.id)}".`);
  return record as R;
}

async function writeRunFolder(folder: string, run: RunRecord, curve: RunCurve | null): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeJson(join(folder, 'run.json'), run);
  if (curve === null) return;
  const records = importedBatches(curve).map(({ columns, snapshots }, seq) =>
    encodeRecord(seq, columns, snapshots),
  );
  await writeFileAtomic(join(folder, 'journal.bin'), Buffer.concat([journalHeader, ...records]));
}

/** How many batches a curve of so many rows is cut into. */
export function importedBatchCount(rows: number): number {
  return Math.ceil(rows / ROWS_PER_IMPORTED_BATCH);
}

/** A curve cut into the batches that an imported run's journal holds. */
export function importedBatches(curve: RunCurve): Rows[] {
  const batches: Rows[] = [];
  for (let from = 0; from < curve.length; from += ROWS_PER_IMPORTED_BATCH) {
    const to = Math.min(from + ROWS_PER_IMPORTED_BATCH, curve.length);
    const columns = Object.fromEntries(
      Object.entries(curve.columns).map(([name, values]) => [name, values.slice(from, to)]),
    );
    const efforts = columns['effort'] as Float64Array;
    const [first, last] = [efforts[0] as number, efforts[efforts.length - 1] as number];
    const snapshots = (curve.snapshots ?? []).filter(({ effort }) => effort >= first && effort <= last);
    batches.push({ columns, snapshots });
  }
  return batches;
}
