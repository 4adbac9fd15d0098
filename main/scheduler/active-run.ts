/**
 * One run while a trainer works on it, from the host's side. Everything that touches the disk goes through one queue,
 * so that rows, records and the end of the run are written in the order in which they happened.
 */
import type { HostEvent } from '../../shared/api.ts';
import { toErrorReport, type ErrorReport } from '../../shared/errors.ts';
import { unrecordedWords, unseenEndWords } from '../../shared/claim-operands.ts';
import type { MetricColumn, RunRecord, RunStatus } from '../../shared/run.ts';
import { environmentDifferences } from '../environment.ts';
import { describeWriteFailure, systemCode } from '../journal/files.ts';
import { Journal, type JournalIo } from '../journal/journal.ts';
import type { Store } from '../journal/store.ts';
import { endingFields } from './ending.ts';
import type { FromTrainer, Rows } from './protocol.ts';
import type { SharedTrainer, TrainerMember } from './shared-trainer.ts';
import type { TrainerPool } from './trainer-pool.ts';

/** Rows reach the disk's platter at latest this long after they arrived (milliseconds). */
const SYNC_EVERY = 500;
const SAVE_EVERY = 3000;
/** A trainer that does not end when it is asked to hangs in its native code (milliseconds). */
const KILL_AFTER = 60_000;

export interface ActiveRunParts {
  store: Store;
  pool: TrainerPool;
  journalIo: JournalIo;
  /** Seconds between two checkpoints of a run. */
  checkpointEvery: number;
  /** Whether a run that finishes keeps its last one. */
  keepCheckpoints: () => boolean;
  environment: RunRecord['environment'];
  emit: (event: HostEvent) => void;
  /** Why a device does not work; null when it does. */
  deviceFault: (device: string | null) => Promise<string | null>;
}

/** The trainer could not write its checkpoint: `message` is the system's. */
class CheckpointWriteError extends Error {}

interface Ending {
  status: RunStatus;
  error: ErrorReport | null;
  note: string | null;
}

export class ActiveRun implements TrainerMember {
  readonly runId: string;
  readonly threads: number;
  /** Resolves when the run's last record is written and its trainer given back. */
  readonly ended: Promise<void>;
  readonly #parts: ActiveRunParts;
  #resolveEnded: () => void = () => undefined;
  #work: Promise<void> = Promise.resolve();
  #journal: Journal | null = null;
  readonly #trainer: SharedTrainer;
  #asked: 'pause' | 'stop' | 'interrupt' | null = null;
  /** Set when rows can no longer be written: how the run will end, whatever its trainer says. */
  #trouble: Ending | null = null;
  #syncTimer: NodeJS.Timeout | null = null;
  #killTimer: NodeJS.Timeout | null = null;
  #savedAt = 0;
  #finished = false;

  constructor(runId: string, threads: number, trainer: SharedTrainer, parts: ActiveRunParts) {
    this.runId = runId;
    this.threads = threads;
    this.#trainer = trainer;
    this.#parts = parts;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#enqueue(() => this.#begin());
  }

  /** `interrupt` is the host's own end: a pause that the user did not ask for. */
  ask(request: 'pause' | 'stop' | 'interrupt'): void {
    // Its last record is being written: a timer set now would outlive it, and keep the host from ending.
    if (this.#finished) return;
    if (this.#asked === 'stop' && request === 'pause') return;
    this.#asked = request;
    this.#killTimer ??= setTimeout(() => {
      this.kill();
    }, KILL_AFTER);
    this.#trainer.send({ type: request === 'stop' ? 'stop' : 'pause', runId: this.runId });
  }

  /** Ends the trainer process at once; the run, and those it is trained with, are interrupted at their last checkpoints. */
  kill(): void {
    this.#trainer.kill();
  }

  /** Whether it was asked to end. */
  get isLeaving(): boolean {
    return this.#asked !== null;
  }

  /** Whether its last record is being written: `ended` is near, and nothing can be asked any more. */
  get isFinishing(): boolean {
    return this.#finished;
  }

  onMessage(message: FromTrainer): void {
    switch (message.type) {
      case 'started':
        this.#enqueue(() => this.#onStarted(message));
        break;
      case 'batch':
        this.#enqueue(() => this.#append(message));
        break;
      case 'progress':
        this.#enqueue(() => this.#onProgress(message.effortsPerSecond));
        break;
      case 'checkpointed':
        this.#parts.store.change(this.runId, { checkpointEffort: message.effort });
        break;
      case 'ended':
        this.#enqueue(() => this.#onEnded(message.status, message.error));
        break;
      default:
        // Answers to a calibration or to a question about devices, which a run does not ask.
        break;
    }
  }

  onExit(how: string): void {
    this.#enqueue(() =>
      this.#finish({ status: 'interrupted', error: null, note: `The trainer was ${how}.` }),
    );
  }

  onRefused(error: unknown): void {
    this.#enqueue(() => this.#noTrainer(error));
  }

  /** Runs tasks one after another. */
  #enqueue(task: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (this.#finished) return;
      try {
        await task();
      } catch (error) {
        this.#stopWriting(error);
      }
    });
  }

  async #begin(): Promise<void> {
    const { store } = this.#parts;
    const run = store.run(this.runId);
    this.#change({ status: 'running', note: null, startedAt: run.startedAt ?? new Date().toISOString() });
    try {
      this.#journal = await Journal.open(store.journalPath(run), this.#parts.journalIo);
      this.#followJournal(this.#journal);
      await this.#save();
    } catch (error) {
      const report = toErrorReport(error);
      const damaged = report.code === 'damaged-journal';
      if (!damaged) this.#stopWriting(error);
      await this.#finish({
        status: damaged ? 'failed' : 'paused',
        error: damaged ? report : null,
        note: null,
      });
      return;
    }
    const device = store.settings(run.studyId).device;
    let deviceFault: string | null;
    try {
      deviceFault = await this.#parts.deviceFault(device);
    } catch (error) {
      await this.#noTrainer(error);
      return;
    }
    // It may have been asked to end while the device was tried.
    if (this.#asked === null) this.#startTrainer(run, { device, deviceFault });
    else await this.#onEnded(this.#asked === 'stop' ? 'stopped' : 'paused', null);
  }

  #startTrainer(run: RunRecord, chosen: { device: string | null; deviceFault: string | null }): void {
    const { store, checkpointEvery } = this.#parts;
    this.#trainer.join(this, {
      type: 'start',
      runId: run.id,
      arm: run.arm,
      seed: run.seed,
      checkpointPath: store.checkpointPath(run),
      checkpointEvery,
      lastJournaledEffort: this.#journal?.lastEffort ?? -1,
      threads: this.threads,
      ...chosen,
    });
  }

  async #noTrainer(error: unknown): Promise<void> {
    const note = `No trainer could be started: ${toErrorReport(error).message}`;
    await this.#finish({ status: 'interrupted', error: null, note });
  }

  async #onStarted(message: Extract<FromTrainer, { type: 'started' }>): Promise<void> {
    const { store, environment } = this.#parts;
    const { columns, panels, backend, effortsPerEpoch, resumedFrom } = message;
    const before = store.run(this.runId);
    const differences = resumedFrom === null ? [] : environmentDifferences(before.environment, environment);
    const lanes = Math.max(backend.lanes ?? 1, resumedFrom === null ? 1 : (before.backend?.lanes ?? 1));
    const notes = [
      ...(backend.fallback === null ? [] : [backend.fallback]),
      ...(message.note === null ? [] : [message.note]),
      ...(differences.length === 0 ? [] : [`Resumed in another environment (${differences.join('; ')}).`]),
    ];
    this.#change({
      columns,
      panels,
      backend: lanes === 1 ? backend : { ...backend, lanes },
      effortsPerEpoch,
      note: notes.length === 0 ? null : notes.join(' '),
    });
    this.#warnOfClaims(columns);
    if (backend.fallback !== null) {
      const message = `${store.run(this.runId).armId}: ${backend.fallback}`;
      this.#parts.emit({ type: 'notice', level: 'warning', message });
    }
    await this.#save();
  }

  /** Said once, by the first run of an arm: a claim that reads what its runs do not record, or do not live to see. */
  #warnOfClaims(columns: readonly MetricColumn[]): void {
    const { store } = this.#parts;
    const { studyId, armId } = store.run(this.runId);
    const { study, runIds } = store.study(studyId);
    if (runIds.find((id) => store.run(id).armId === armId) !== this.runId) return;
    for (const message of [...unrecordedWords(study, armId, columns), ...unseenEndWords(study, armId)]) {
      this.#parts.emit({ type: 'notice', level: 'warning', message });
    }
  }

  async #append({ columns, snapshots }: Rows): Promise<void> {
    const journal = this.#journal;
    if (this.#trouble !== null || journal === null) return;
    const seq = journal.batches;
    await journal.append(columns, snapshots);
    this.#followJournal(journal);
    this.#parts.emit({
      type: 'batch',
      batch: { runId: this.runId, seq, columns, ...(snapshots.length === 0 ? {} : { snapshots }) },
    });
    this.#syncTimer ??= setTimeout(() => {
      this.#syncTimer = null;
      this.#enqueue(() => this.#sync());
    }, SYNC_EVERY);
  }

  async #sync(): Promise<void> {
    if (this.#trouble !== null || this.#journal === null) return;
    const effort = this.#journal.lastEffort;
    await this.#journal.sync();
    this.#trainer.send({ type: 'journaled', runId: this.runId, effort });
  }

  async #onProgress(effortsPerSecond: number): Promise<void> {
    this.#change({ effortsPerSecond });
    if (performance.now() - this.#savedAt >= SAVE_EVERY) await this.#save();
  }

  async #onEnded(status: RunStatus, error: ErrorReport | null): Promise<void> {
    if (status === 'paused' && error !== null) this.#stopWriting(new CheckpointWriteError(error.message));
    const interrupted = status === 'paused' && this.#asked === 'interrupt';
    await this.#finish({
      status: interrupted ? 'interrupted' : status,
      error: status === 'failed' ? error : null,
      note: interrupted ? 'Latebloom was closed while this run was going.' : this.#noteAtEnd(status, error),
    });
  }

  #noteAtEnd(status: RunStatus, error: ErrorReport | null): string | null {
    const { note } = this.#parts.store.run(this.runId);
    if (error === null || (status !== 'finished' && status !== 'stopped')) return note;
    const lost = `Its last checkpoint could not be written (${error.message}): what follows the one before it is computed again if this run goes on.`;
    return note === null ? lost : `${note} ${lost}`;
  }

  async #finish(ending: Ending): Promise<void> {
    const { store } = this.#parts;
    this.#finished = true;
    if (this.#syncTimer !== null) clearTimeout(this.#syncTimer);
    if (this.#killTimer !== null) clearTimeout(this.#killTimer);
    await this.#closeJournal();
    const { status, error, note } = this.#trouble ?? ending;
    const fields = await endingFields(store, this.runId, status);
    // A finished run may keep its last checkpoint: its budget may be extended.
    const drops = status === 'failed' || (status === 'finished' && !this.#parts.keepCheckpoints());
    const checkpoint = drops ? { checkpointEffort: null } : {};
    this.#change({ status, error, note, effortsPerSecond: null, ...checkpoint, ...fields });
    try {
      await this.#save();
      if (drops) await store.dropCheckpoint(this.runId);
    } catch (saveError) {
      // The record on disk still says "running", and the checkpoint is there: the run goes on later.
      this.#stopWriting(saveError);
      this.#change({ ...this.#trouble, endedAt: null, contentId: null });
    }
    this.#trainer.leave(this.runId);
    this.#resolveEnded();
  }

  async #closeJournal(): Promise<void> {
    if (this.#journal === null) return;
    try {
      if (this.#trouble === null) await this.#journal.sync();
      await this.#journal.close();
    } catch (error) {
      this.#stopWriting(error);
    }
  }

  /** Rows that could not be written are in the checkpoint or are computed again: the run can go on from here. */
  #stopWriting(error: unknown): void {
    if (this.#trouble !== null) return;
    const report = toErrorReport(error);
    const fromDisk = systemCode(error) !== null || error instanceof CheckpointWriteError;
    this.#trouble = fromDisk
      ? { status: 'paused', error: null, note: describeWriteFailure(report.message) }
      : { status: 'failed', error: report, note: null };
    const message = `${this.runId}: ${this.#trouble.note ?? report.message}`;
    this.#parts.emit({ type: 'notice', level: 'error', message });
    this.#trainer.send({ type: 'pause', runId: this.runId });
  }

  #followJournal(journal: Journal): void {
    const { batches, lastEffort, latest } = journal;
    this.#parts.store.change(this.runId, { batches, effort: lastEffort, latest });
  }

  #change(changes: Partial<RunRecord>): void {
    this.#parts.emit({ type: 'run', run: this.#parts.store.change(this.runId, changes) });
  }

  async #save(): Promise<void> {
    this.#savedAt = performance.now();
    await this.#parts.store.saveRun(this.runId);
  }
}
