/**
 * Keeps IndexedDB and this window's memory equal to the host's journals. Batches reach the listener in order and once,
 * however they arrive: live, fetched, twice, or after a gap. What is stored is a copy; the journal is the truth.
 */
import type { HostEvent, WorkbenchApi } from '../../shared/api.ts';
import { LatebloomError } from '../../shared/errors.ts';
import type { Findings } from '../../shared/findings/findings.ts';
import {
  endedStatuses,
  storedRun,
  type MetricBatch,
  type RunRecord,
  type StudyRecord,
} from '../../shared/run.ts';
import { overviewsOf, type Overview } from '../../shared/overview.ts';
import type { Snapshot } from '../../shared/snapshot.ts';
import {
  byteLength,
  chunkEnd,
  chunksOf,
  joinParts,
  lastStoredBatch,
  sameBatch,
  snapshotsOf,
} from './chunks.ts';
import type { Chunk, RunDatabase } from './schema.ts';
import { MirrorWriter, StoreError } from './writer.ts';

export interface MirrorListener {
  /** `studies` or `runs` changed. */
  changed(): void;
  /** The next batch of a run. */
  batch(batch: MetricBatch): void;
  /** What was known of a run's curve is void: the host has another one. Batches start again from 0. */
  reset(runId: string): void;
  /** What is wrong with the store or with a run's curve; null once the store takes writes again. */
  problem(error: LatebloomError | null): void;
}

/** A run's curve as read: its stored parts in order, and the `seq` that follows them. */
export interface CurveParts {
  parts: Record<string, Float64Array>[];
  next: number;
}

interface Track {
  /** Batches delivered. */
  next: number;
  last: MetricBatch | null;
  /** Whether `last` is known to be what this host's journal holds at that place. */
  verified: boolean;
  /** Live batches that cannot be delivered yet. */
  ahead: Map<number, MetricBatch>;
  fetching: Promise<void> | null;
}

const FETCHES_AT_ONCE = 3;
const MAX_LIMIT = 512;
const BYTES_PER_ANSWER = 1_000_000;

export class Mirror {
  readonly studies = new Map<string, StudyRecord>();
  readonly runs = new Map<string, RunRecord>();
  /** By study. */
  readonly findings = new Map<string, Findings>();
  readonly #api: Pick<WorkbenchApi, 'call'>;
  readonly #db: RunDatabase;
  readonly #listener: MirrorListener;
  readonly #writer: MirrorWriter;
  readonly #tracks = new Map<string, Track>();
  #closed = false;

  constructor(api: Pick<WorkbenchApi, 'call'>, db: RunDatabase, listener: MirrorListener) {
    this.#api = api;
    this.#db = db;
    this.#listener = listener;
    this.#writer = new MirrorWriter(db, this.runs, (error) => listener.problem(error));
  }

  /** Reads the records that are stored here; the host need not run. */
  async load(): Promise<void> {
    for (const study of await this.#db.studies.toArray()) this.studies.set(study.id, study);
    for (const one of await this.#db.findings.toArray()) this.findings.set(one.studyId, one);
    for (const { id, record, batches } of await this.#db.runs.toArray()) {
      this.runs.set(id, storedRun(record));
      this.#tracks.set(id, { ...newTrack(), next: batches, verified: batches === 0 });
    }
    this.#listener.changed();
  }

  /** Brings everything up to date with a host that has just been reached. @throws LatebloomError */
  async sync(): Promise<void> {
    await this.fetchCurves(await this.fetchRecords());
  }

  /** The first half of `sync`: returns the runs whose curves have to be checked or fetched. @throws LatebloomError */
  async fetchRecords(): Promise<RunRecord[]> {
    for (const track of this.#tracks.values()) {
      track.verified = track.next === 0;
      track.ahead.clear();
    }
    this.#setStudies(await this.#api.call('studies', null));
    this.#setFindings(await this.#api.call('findings', null));
    return this.#setRuns(await this.#api.call('runs', null));
  }

  /** The second half of `sync`. */
  async fetchCurves(runs: readonly RunRecord[]): Promise<void> {
    const queue = [...runs];
    const worker = async (): Promise<void> => {
      for (let run = queue.shift(); run !== undefined; run = queue.shift()) await this.#catchUp(run.id);
    };
    await Promise.all(Array.from({ length: FETCHES_AT_ONCE }, worker));
    await this.flush();
  }

  handle(event: HostEvent): void {
    switch (event.type) {
      case 'study':
        this.studies.set(event.study.id, event.study);
        this.#writer.putStudy(event.study);
        this.#listener.changed();
        break;
      case 'findings':
        this.findings.set(event.findings.studyId, event.findings);
        this.#writer.putFindings(event.findings);
        this.#listener.changed();
        break;
      case 'study-deleted':
        this.#forgetStudy(event.studyId);
        this.#listener.changed();
        break;
      case 'run':
        this.#handleRun(event.run);
        this.#listener.changed();
        break;
      case 'batch':
        this.#handleBatch(event.batch);
        break;
      case 'notice':
      case 'queue':
      case 'settings':
        break;
    }
  }

  /** Resolves when everything known so far is stored, or has been refused by the store. */
  flush(): Promise<void> {
    return this.#writer.flush();
  }

  /** A run's curve as far as it is stored; what the store could not take is read from the host. */
  async readCurve(runId: string): Promise<CurveParts> {
    await this.flush();
    const chunks = contiguous(await this.#storedChunks(runId));
    const parts = chunks.map((chunk) => chunk.columns);
    let next = chunks.length === 0 ? 0 : chunkEnd(chunks.at(-1) as Chunk);
    while (next < (this.#tracks.get(runId)?.next ?? 0)) {
      const batches = await this.#api.call('readBatches', { runId, fromSeq: next, limit: MAX_LIMIT });
      if (batches.length === 0) break;
      for (const batch of batches) parts.push(batch.columns);
      next += batches.length;
    }
    return { parts, next };
  }

  /** A run's snapshots as far as they are stored; what the store could not take is read from the host. */
  async readSnapshots(runId: string): Promise<Snapshot[]> {
    await this.flush();
    const chunks = contiguous(await this.#storedChunks(runId));
    const snapshots: Snapshot[] = await this.#stored(() => snapshotsOf(this.#db, runId));
    let next = chunks.length === 0 ? 0 : chunkEnd(chunks.at(-1) as Chunk);
    while (next < (this.#tracks.get(runId)?.next ?? 0)) {
      const batches = await this.#api.call('readBatches', { runId, fromSeq: next, limit: MAX_LIMIT });
      if (batches.length === 0) break;
      for (const batch of batches) snapshots.push(...(batch.snapshots ?? []));
      next += batches.length;
    }
    return snapshots;
  }

  /**
   * The overviews of ended runs, of one quantity each (run id → quantity), made from the whole curves and stored where
   * there is none yet. One whose curve cannot be had in full is made of what is here, and says so by its `batches`.
   */
  async readOverviews(wanted: ReadonlyMap<string, string>): Promise<Overview[]> {
    const stored = await this.#stored(() => this.#db.overviews.bulkGet([...wanted]));
    const found: Overview[] = [];
    let row = 0;
    for (const [runId, quantity] of wanted) {
      const run = this.runs.get(runId);
      const known = stored[row++];
      if (run === undefined) continue;
      const usable = known !== undefined && known.batches === run.batches;
      const overview = usable
        ? known
        : (await this.#makeOverviews(run)).find((one) => one.quantity === quantity);
      if (overview !== undefined) found.push(overview);
    }
    return found;
  }

  /** Ended runs whose overviews are not stored yet. */
  async runsWithoutOverview(): Promise<RunRecord[]> {
    const keys = await this.#stored(() => this.#db.overviews.toCollection().primaryKeys());
    const known = new Set(keys.map(([runId]) => runId));
    return [...this.runs.values()].filter(
      (run) => endedStatuses.includes(run.status) && run.batches > 0 && !known.has(run.id),
    );
  }

  /** Makes and stores the overviews of an ended run. */
  async makeOverviews(runId: string): Promise<void> {
    const run = this.runs.get(runId);
    if (run !== undefined && !this.#closed) await this.#makeOverviews(run);
  }

  async #makeOverviews(run: RunRecord): Promise<Overview[]> {
    if (this.#track(run.id).next < run.batches) await this.#catchUp(run.id);
    const { parts, next } = await this.readCurve(run.id);
    const made = overviewsOf(run, joinParts(run.id, parts), next);
    // A curve that is not here in full has an overview for now only.
    if (next !== run.batches || this.#closed) return made;
    try {
      await this.#db.overviews.bulkPut(made);
    } catch (error) {
      this.#listener.problem(new StoreError(error));
    }
    return made;
  }

  async #storedChunks(runId: string): Promise<Chunk[]> {
    return this.#stored(() => chunksOf(this.#db, runId));
  }

  async #stored<T>(read: () => Promise<T[]>): Promise<T[]> {
    try {
      return await read();
    } catch (error) {
      this.#listener.problem(new StoreError(error));
      return [];
    }
  }

  /** Stores what is known and lets go of the database. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    this.#db.close();
  }

  #setStudies(studies: readonly StudyRecord[]): void {
    const listed = new Set(studies.map((study) => study.id));
    for (const id of [...this.studies.keys()]) if (!listed.has(id)) this.#forgetStudy(id);
    for (const study of studies) {
      this.studies.set(study.id, study);
      this.#writer.putStudy(study);
    }
    this.#listener.changed();
  }

  /** Those that the host no longer has are void. */
  #setFindings(findings: readonly Findings[]): void {
    const listed = new Set(findings.map(({ studyId }) => studyId));
    for (const id of [...this.findings.keys()]) {
      if (listed.has(id)) continue;
      this.findings.delete(id);
      this.#writer.deleteFindings(id);
    }
    for (const one of findings) {
      this.findings.set(one.studyId, one);
      this.#writer.putFindings(one);
    }
  }

  /** Takes over the host's records. Returns the runs whose curves have to be checked or fetched, newest first. */
  #setRuns(runs: readonly RunRecord[]): RunRecord[] {
    const open = runs.filter((run) => {
      const before = this.runs.get(run.id);
      const track = this.#track(run.id);
      const complete =
        run.contentId !== null && before?.contentId === run.contentId && track.next === run.batches;
      if (complete) track.verified = true;
      return !complete && (run.batches > 0 || track.next > 0);
    });
    for (const run of runs) {
      this.runs.set(run.id, run);
      this.#writer.putRun(run.id);
    }
    this.#listener.changed();
    const isLive = (run: RunRecord): number => (endedStatuses.includes(run.status) ? 0 : 1);
    return open.sort((a, b) => isLive(b) - isLive(a) || (a.createdAt < b.createdAt ? 1 : -1));
  }

  #handleRun(run: RunRecord): void {
    this.runs.set(run.id, run);
    // Retried: what it had computed before is void, and so is a fetch of it that is under way.
    if (run.startedAt === null && run.batches === 0 && this.#track(run.id).next > 0) {
      this.#tracks.delete(run.id);
      this.#writer.resetCurve(run.id);
      this.#listener.reset(run.id);
    }
    this.#writer.putRun(run.id);
    // A record follows its batches: one that counts more says that some did not arrive.
    if (run.batches > this.#track(run.id).next) void this.#catchUp(run.id);
    if (endedStatuses.includes(run.status)) void this.flush();
  }

  #handleBatch(batch: MetricBatch): void {
    const track = this.#track(batch.runId);
    if (track.verified && batch.seq < track.next) return;
    track.ahead.set(batch.seq, batch);
    if (track.verified) this.#deliverAhead(track);
    if (track.ahead.size > 0) void this.#catchUp(batch.runId);
  }

  #deliver(track: Track, batch: MetricBatch): void {
    track.next = batch.seq + 1;
    track.last = batch;
    this.#writer.putBatch(batch);
    this.#listener.batch(batch);
  }

  #deliverAhead(track: Track): void {
    for (const seq of [...track.ahead.keys()]) if (seq < track.next) track.ahead.delete(seq);
    for (let batch = track.ahead.get(track.next); batch !== undefined; batch = track.ahead.get(track.next)) {
      track.ahead.delete(batch.seq);
      this.#deliver(track, batch);
    }
  }

  /** Fetches what is missing of a run. Never rejects: a lost host is caught up with on the next `sync`. */
  #catchUp(runId: string): Promise<void> {
    const track = this.#track(runId);
    track.fetching ??= this.#fetch(runId, track)
      .catch((error: unknown) => {
        if (error instanceof LatebloomError && error.code === 'host-unreachable') return;
        if (this.#closed || !this.runs.has(runId)) return;
        this.#listener.problem(curveProblem(runId, error));
      })
      .finally(() => {
        track.fetching = null;
      });
    return track.fetching;
  }

  async #fetch(runId: string, track: Track): Promise<void> {
    if (!track.verified) track.last ??= await lastStoredBatch(this.#db, runId);
    for (let limit = 8; ;) {
      const checking = !track.verified;
      // The last batch that is here is asked for again: after a crash the journal may have been cut and continued.
      const fromSeq = checking ? track.next - 1 : track.next;
      const batches = await this.#api.call('readBatches', { runId, fromSeq, limit });
      if (this.#closed || this.#tracks.get(runId) !== track) return;
      if (checking && !this.#verify(track, runId, batches[0])) continue;
      for (const batch of batches) if (batch.seq === track.next) this.#deliver(track, batch);
      this.#deliverAhead(track);
      if (batches.length < limit) break;
      const bytes = batches.reduce((sum, batch) => sum + byteLength(batch), 0);
      limit = bytes < BYTES_PER_ANSWER ? Math.min(2 * limit, MAX_LIMIT) : Math.max(1, limit >> 1);
      if (this.#writer.pendingBytes > 4 * BYTES_PER_ANSWER) await this.flush();
    }
    const expected = this.runs.get(runId)?.batches ?? 0;
    if (track.next >= expected && track.ahead.size === 0) return;
    track.ahead.clear();
    throw new LatebloomError(
      'damaged-journal',
      `The host lists ${expected} batches and delivered ${track.next}.`,
    );
  }

  /** Compares what is here with what the journal holds; where they differ the curve is fetched anew. */
  #verify(track: Track, runId: string, first: MetricBatch | undefined): boolean {
    track.verified = true;
    const { last } = track;
    if (last !== null && last.seq === track.next - 1 && first !== undefined && sameBatch(first, last))
      return true;
    track.next = 0;
    track.last = null;
    this.#writer.resetCurve(runId);
    this.#listener.reset(runId);
    return false;
  }

  #forgetStudy(studyId: string): void {
    this.studies.delete(studyId);
    this.findings.delete(studyId);
    for (const run of [...this.runs.values()]) {
      if (run.studyId !== studyId) continue;
      this.runs.delete(run.id);
      this.#tracks.delete(run.id);
    }
    this.#writer.deleteStudy(studyId);
  }

  #track(runId: string): Track {
    const track = this.#tracks.get(runId) ?? newTrack();
    this.#tracks.set(runId, track);
    return track;
  }
}

function newTrack(): Track {
  return { next: 0, last: null, verified: true, ahead: new Map(), fetching: null };
}

/** The chunks up to the first gap. */
function contiguous(chunks: readonly Chunk[]): Chunk[] {
  let next = 0;
  const kept: Chunk[] = [];
  for (const chunk of chunks) {
    if (chunk.seq !== next) break;
    kept.push(chunk);
    next = chunkEnd(chunk);
  }
  return kept;
}

function curveProblem(runId: string, error: unknown): LatebloomError {
  const message = error instanceof Error ? error.message : String(error);
  return new LatebloomError(
    'internal',
    `The curve of ${runId} could not be read from the host: ${message}`,
    'What had arrived before is shown. Reload the page to try again.',
    { cause: error },
  );
}
