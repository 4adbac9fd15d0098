/** One run inside a trainer process: advance, evaluate, send rows, write checkpoints. */
import { EarlyEnd } from '../../shared/early-end.ts';
import { DivergedError, toErrorReport, type ErrorReport } from '../../shared/errors.ts';
import { DEFAULT_SNAPSHOTS_PER_DECADE, type Snapshot } from '../../shared/snapshot.ts';
import { asAskedFor } from '../models/float64-backend.ts';
import type { CreateLearner, Learner } from '../training/learner.ts';
import { checkpointKey, formerCheckpointKey, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { Columns, Rows, ToTrainer, TrainerChannel, TrainerEnding } from './protocol.ts';
import { RecordSchedule } from './record-schedule.ts';

/** Milliseconds of computing between two looks at the messages. */
const SLICE = 50;
const FLUSH_EVERY = 200;
const PROGRESS_EVERY = 200;
const SPEED_WINDOW = 2000;
/** A checkpoint that takes long to write is written less often: at most this share of the time. */
const CHECKPOINT_SHARE = 0.05;

export type StartMessage = Extract<ToTrainer, { type: 'start' }>;

/** Lets messages in: they wait for the end of a macrotask. */
export function yieldToMessages(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** What the runs of one trainer share: they are in step, so their slices end together, and each has a part of the time. */
export class Company {
  #size: number;
  #sliceEnd = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** Runs that are still there. */
  get size(): number {
    return this.#size;
  }

  leave(): void {
    this.#size--;
  }

  /** The end of the slice that is going on, or of a new one. */
  sliceEnd(): number {
    const now = performance.now();
    if (now >= this.#sliceEnd) this.#sliceEnd = now + SLICE;
    return this.#sliceEnd;
  }
}

export class TrainingRun {
  readonly #start: StartMessage;
  readonly #company: Company;
  readonly #channel: TrainerChannel;
  readonly #schedule: RecordSchedule;
  readonly #key: string;
  #asked: 'paused' | 'stopped' | null = null;
  #seconds = 0;
  #lastSent: number;
  #rows: number[][] = [];
  #snapshots: Snapshot[] = [];
  #unconfirmed: Rows[] = [];
  #flushedAt = 0;
  #progressAt = 0;
  #checkpointAt = 0;
  #checkpointTook = 0;
  #checkpointEffort = -1;
  #speed: { at: number; effort: number }[] = [];
  #earlyEnd: EarlyEnd;

  constructor(start: StartMessage, channel: TrainerChannel, company: Company = new Company(1)) {
    this.#start = start;
    this.#company = company;
    this.#channel = channel;
    this.#schedule = new RecordSchedule(start.arm.record, start.arm.budget);
    this.#key = checkpointKey(start.arm, start.seed);
    this.#lastSent = start.lastJournaledEffort;
    this.#earlyEnd = new EarlyEnd(start.arm, []);
  }

  /** Takes effect at the end of the current slice. A stop asked for after a pause wins. */
  ask(ending: 'paused' | 'stopped'): void {
    if (this.#asked !== 'stopped') this.#asked = ending;
  }

  confirmJournaled(effort: number): void {
    this.#unconfirmed = this.#unconfirmed.filter(({ columns }) => lastOf(columns) > effort);
  }

  /** Runs to the end; always answers with one 'ended'. */
  async run(createLearner: CreateLearner): Promise<void> {
    const { runId } = this.#start;
    let learner: Learner | null = null;
    let status: TrainerEnding;
    let error: ErrorReport | null = null;
    try {
      learner = await this.#create(createLearner);
      this.#prepare(learner);
      status = await this.#train(learner);
    } catch (thrown) {
      status = 'failed';
      error = toErrorReport(thrown);
    }
    this.#company.leave();
    if (learner !== null) {
      this.#flush(learner);
      // A finished run's, too: its budget may be extended.
      if (status !== 'failed') error = await this.#checkpoint(learner);
      await learner.dispose();
    }
    this.#channel.send({ type: 'ended', runId, status, error });
  }

  async #create(createLearner: CreateLearner): Promise<Learner> {
    const { arm, seed, threads, device, deviceFault } = this.#start;
    return createLearner(arm, seed, { threads, device, deviceFault });
  }

  /** Sets the learner to its last checkpoint, if that can be used. */
  #prepare(learner: Learner): void {
    const { runId, arm, seed, checkpointPath, lastJournaledEffort } = this.#start;
    this.#rows = emptyRows(learner);
    this.#earlyEnd = new EarlyEnd(arm, learner.columns);
    const read = readCheckpoint(checkpointPath, this.#key, formerCheckpointKey(arm, seed));
    const unusable = typeof read === 'string' ? read : null;
    const checkpoint = typeof read === 'string' ? null : read;
    const unsent = (checkpoint?.unconfirmed ?? []).filter(
      ({ columns }) => lastOf(columns) > lastJournaledEffort,
    );
    const gap = checkpoint !== null && this.#hasGap(checkpoint.learner.effort, unsent);
    const usable = checkpoint !== null && !gap;
    if (usable) {
      learner.restore(checkpoint.learner);
      this.#seconds = checkpoint.seconds;
      this.#checkpointEffort = checkpoint.learner.effort;
      this.#earlyEnd.restore(checkpoint.earlyEnd);
    }
    const reason = gap ? 'the journal lacks rows before it' : unusable;
    this.#channel.send({
      type: 'started',
      runId,
      columns: [...learner.columns],
      panels: [...(learner.panels ?? [])],
      backend: asAskedFor(learner.backend, this.#start.device),
      effortsPerEpoch: learner.effortsPerEpoch,
      resumedFrom: usable ? checkpoint.learner.effort : null,
      note:
        reason === null
          ? null
          : `The checkpoint could not be used (${reason}): computed again from the beginning.`,
    });
    if (usable) for (const rows of unsent) this.#sendBatch(withoutRowsUpTo(rows, lastJournaledEffort));
  }

  /** Whether rows before a checkpoint are neither in the journal nor in the checkpoint. */
  #hasGap(effort: number, unsent: readonly Rows[]): boolean {
    let last = this.#start.lastJournaledEffort;
    for (const recorded of unsent.flatMap(({ columns }) => [...(columns['effort'] ?? [])])) {
      if (recorded <= last) continue;
      if (this.#schedule.next(last) !== recorded) return true;
      last = recorded;
    }
    const next = this.#schedule.next(last);
    return next !== null && next <= effort;
  }

  async #train(learner: Learner): Promise<TrainerEnding> {
    this.#flushedAt = this.#progressAt = this.#checkpointAt = performance.now();
    const { maxEffort } = this.#start.arm.budget;
    let sliceEnd = this.#company.sliceEnd();
    // A checkpoint is taken after the row of its effort, so only a fresh run records where it stands.
    if (learner.effort === 0) await this.#record(learner);
    while (learner.effort < maxEffort && !this.#isOver(learner)) {
      const target = this.#schedule.next(learner.effort) ?? maxEffort;
      const before = performance.now();
      await learner.advance(target, sliceEnd);
      this.#spend(before);
      if (learner.effort === target) await this.#record(learner);
      if (performance.now() < sliceEnd) continue;
      await yieldToMessages();
      this.#report(learner);
      if (this.#asked !== null) return this.#asked;
      if (this.#checkpointIsDue()) {
        this.#flush(learner);
        if ((await this.#checkpoint(learner)) !== null) return 'paused';
      }
      sliceEnd = this.#company.sliceEnd();
    }
    return 'finished';
  }

  /** Never before rows that were sent: elsewhere than on a CPU they may be others than those that are computed again. */
  #isOver({ effort }: Learner): boolean {
    return this.#earlyEnd.state.isOver && effort >= this.#lastSent;
  }

  async #record(learner: Learner): Promise<void> {
    const { effort } = learner;
    const isSent = effort <= this.#lastSent;
    // Whether a run has generalized is told by its rows, those that were sent before it was interrupted included.
    if (isSent && !this.#earlyEnd.isAsked) return;
    const before = performance.now();
    const snapshot = !isSent && this.#isSnapshotDue(effort);
    const values = await learner.evaluate(snapshot);
    this.#spend(before);
    if (isSent) {
      this.#earlyEnd.see(effort, values);
      return;
    }
    values.forEach((value, i) => {
      const column = learner.columns[i];
      // Not measured here, or not defined here: a cosine with a zero vector.
      const leftOut = column?.sparse === true && Number.isNaN(value);
      if (!Number.isFinite(value) && !leftOut)
        throw new DivergedError(effort, column?.label ?? `metric ${i}`, value);
    });
    if (snapshot) await this.#takeSnapshot(learner);
    [effort, this.#seconds, ...values].forEach((value, i) => this.#rows[i]?.push(value));
    this.#lastSent = effort;
    this.#earlyEnd.see(effort, values);
  }

  #isSnapshotDue(effort: number): boolean {
    const perDecade = this.#start.arm.record.snapshotsPerDecade ?? DEFAULT_SNAPSHOTS_PER_DECADE;
    return this.#schedule.isSnapshotDue(this.#lastSent, effort, perDecade, this.#earlyEnd.mayEndAt(effort));
  }

  /** Its time counts as computing time: it is part of what the run costs. */
  async #takeSnapshot(learner: Learner): Promise<void> {
    if (learner.snapshot === undefined) return;
    const { effort } = learner;
    const before = performance.now();
    const arrays = await learner.snapshot(effort === 0);
    this.#spend(before);
    this.#snapshots.push({ effort, arrays });
  }

  /** Counts the time since `before`, of which runs that are trained together have a part each. */
  #spend(before: number): void {
    this.#seconds += (performance.now() - before) / 1000 / this.#company.size;
  }

  #report(learner: Learner): void {
    const now = performance.now();
    if (now - this.#flushedAt >= FLUSH_EVERY) this.#flush(learner);
    if (now - this.#progressAt < PROGRESS_EVERY) return;
    this.#progressAt = now;
    const { effort } = learner;
    this.#speed = [...this.#speed.filter(({ at }) => now - at <= SPEED_WINDOW), { at: now, effort }];
    const oldest = this.#speed[0];
    if (oldest === undefined || now <= oldest.at) return;
    const effortsPerSecond = ((effort - oldest.effort) / (now - oldest.at)) * 1000;
    this.#channel.send({ type: 'progress', runId: this.#start.runId, effortsPerSecond });
  }

  #flush(learner: Learner): void {
    this.#flushedAt = performance.now();
    if (this.#rows[0]?.length === 0) return;
    const names = ['effort', 'seconds', ...learner.columns.map((column) => column.name)];
    const columns = Object.fromEntries(
      names.map((name, i) => [name, Float64Array.from(this.#rows[i] ?? [])]),
    );
    const snapshots = this.#snapshots;
    this.#rows = emptyRows(learner);
    this.#snapshots = [];
    this.#sendBatch({ columns, snapshots });
  }

  #sendBatch(rows: Rows): void {
    this.#lastSent = Math.max(this.#lastSent, lastOf(rows.columns));
    this.#unconfirmed.push(rows);
    this.#channel.send({ type: 'batch', runId: this.#start.runId, ...rows });
  }

  #checkpointIsDue(): boolean {
    const took = this.#checkpointTook * this.#company.size;
    const every = Math.max(this.#start.checkpointEvery * 1000, took / CHECKPOINT_SHARE);
    return performance.now() - this.#checkpointAt >= every;
  }

  /** Writes a checkpoint; returns what went wrong. The one before stays until this one is safe. */
  async #checkpoint(learner: Learner): Promise<ErrorReport | null> {
    const { runId, checkpointPath } = this.#start;
    const before = performance.now();
    try {
      await learner.settle?.();
      const state = learner.save();
      writeCheckpoint(checkpointPath, this.#key, {
        learner: state,
        seconds: this.#seconds,
        unconfirmed: this.#unconfirmed,
        earlyEnd: this.#earlyEnd.state,
      });
      this.#checkpointEffort = state.effort;
    } catch (error) {
      return toErrorReport(error);
    }
    this.#checkpointAt = performance.now();
    this.#checkpointTook = this.#checkpointAt - before;
    this.#channel.send({ type: 'checkpointed', runId, effort: this.#checkpointEffort });
    return null;
  }
}

function emptyRows(learner: Learner): number[][] {
  return Array.from({ length: learner.columns.length + 2 }, () => []);
}

function lastOf(columns: Columns): number {
  const efforts = columns['effort'];
  return efforts?.[efforts.length - 1] ?? -1;
}

function withoutRowsUpTo({ columns, snapshots }: Rows, effort: number): Rows {
  const first = (columns['effort'] ?? new Float64Array()).findIndex((value) => value > effort);
  return {
    columns: Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values.slice(first)])),
    snapshots: snapshots.filter((snapshot) => snapshot.effort > effort),
  };
}
