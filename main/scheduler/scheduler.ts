/** The queue of runs: which go now, which wait, and what pause, resume, stop and retry do to each. */
import type { ControlAction, ExtendRequest } from '../../shared/api.ts';
import { extendedBudget } from '../../shared/extend.ts';
import {
  resumableStatuses,
  retryableStatuses,
  unstarted,
  type RunRecord,
  type RunStatus,
} from '../../shared/run.ts';
import { describeWriteFailure } from '../journal/files.ts';
import { ActiveRun, type ActiveRunParts } from './active-run.ts';
import { endingFields } from './ending.ts';
import { extendableRuns } from './extension.ts';
import {
  inOrder,
  interleaveArms,
  nextStarts,
  priorityAt,
  threadsFor,
  wideRuns,
  type Together,
  type Waiting,
} from './plan.ts';
import { SharedTrainer } from './shared-trainer.ts';
import { togetherFor } from './together.ts';

/** How long a trainer may take to write its last checkpoint when the host closes (milliseconds). */
const CLOSE_LIMIT = 10_000;
/** The order of the queue is told at most this often (milliseconds): it holds every run that waits. */
const TELL_QUEUE_EVERY = 250;

export class Scheduler {
  readonly #parts: ActiveRunParts;
  /** Cores that runs may use now. */
  readonly #cores: () => number;
  #queue: string[] = [];
  readonly #active = new Map<string, ActiveRun>();
  /** Threads of the trainers that are in use. */
  #threadsInUse = 0;
  /** Of the runs in the queue. */
  readonly #together = new Map<string, Together | null>();
  /** Runs that are resumed while their pause is still under way. */
  readonly #resumeNext = new Set<string>();
  #closing = false;
  #tellTimer: NodeJS.Timeout | null = null;
  /** The queue as it was told last. */
  #told = '';

  constructor(parts: ActiveRunParts, cores: () => number) {
    this.#parts = parts;
    this.#cores = cores;
  }

  /** The runs that wait, in the order in which they go. */
  get waiting(): string[] {
    return [...this.#queue];
  }

  /** Runs that a trainer works on. */
  get activeRuns(): number {
    return this.#active.size;
  }

  isActive(runId: string): boolean {
    return this.#active.has(runId);
  }

  /** Waits for those of these runs whose trainer has ended and whose last record is still being written. */
  async settle(runIds: readonly string[]): Promise<void> {
    const active = runIds.map((id) => this.#active.get(id));
    await Promise.all(active.map((run) => (run?.isFinishing === true ? run.ended : undefined)));
  }

  /** Threads of a run: those it was started with, since its curve depends on them to the last bit. */
  threadsOf(run: RunRecord): number {
    if (run.backend !== null) return run.backend.threads;
    const { study } = this.#parts.store.study(run.studyId);
    return threadsFor(run.arm.model.kind, this.#cores(), wideRuns(study));
  }

  /** Appends runs whose status is 'queued', arms interleaved, those of one priority together, and starts what fits. */
  enqueue(runs: readonly RunRecord[]): void {
    this.#queue.push(...interleaveArms(runs).map((run) => run.id));
    this.#sort();
    this.#fill();
  }

  #sort(): void {
    const { store } = this.#parts;
    this.#queue = inOrder(this.#queue.map((id) => store.run(id))).map(({ id }) => id);
    this.#tellQueue();
  }

  /** Soon, and once for many changes. */
  #tellQueue(): void {
    if (this.#closing) return;
    this.#tellTimer ??= setTimeout(() => {
      this.#tellTimer = null;
      const order = this.#queue.join(' ');
      if (order === this.#told) return;
      this.#told = order;
      this.#parts.emit({ type: 'queue', runIds: this.waiting });
    }, TELL_QUEUE_EVERY);
  }

  /** Other cores than before: what waits has other threads, and may start. */
  coresChanged(): void {
    this.#together.clear();
    this.#fill();
  }

  /** Takes waiting runs out of the queue without touching their records. */
  forget(runIds: readonly string[]): void {
    const gone = new Set(runIds);
    this.#queue = this.#queue.filter((id) => !gone.has(id));
    for (const id of runIds) this.#together.delete(id);
    this.#tellQueue();
  }

  /** Runs that the action does not fit are left alone. */
  async control(action: ControlAction, runs: readonly RunRecord[]): Promise<void> {
    await this.settle(runs.map((run) => run.id));
    if (action === 'resume') {
      await this.#resume(runs);
      return;
    }
    if (action === 'retry') {
      await this.#retry(runs);
      return;
    }
    if (action === 'first' || action === 'last') {
      await this.#move(action, runs);
      return;
    }
    const status: RunStatus = action === 'pause' ? 'paused' : 'stopped';
    const fitting: RunStatus[] = action === 'pause' ? ['queued'] : ['queued', 'paused', 'interrupted'];
    for (const { id } of runs) {
      const active = this.#active.get(id);
      if (active !== undefined) {
        this.#resumeNext.delete(id);
        active.ask(action);
      } else if (fitting.includes(this.#parts.store.run(id).status)) {
        this.forget([id]);
        await this.#set(id, { status, note: null, ...(await endingFields(this.#parts.store, id, status)) });
      }
    }
  }

  /** Queues ended runs again with a larger budget. @throws LatebloomError 'conflict' when one of them cannot have it */
  async extend(request: ExtendRequest): Promise<null> {
    await this.settle(request.runIds);
    const runs = await extendableRuns(this.#parts.store, request);
    for (const { id, arm } of runs) {
      const extended = { ...arm, budget: extendedBudget(arm.budget, request.maxEffort) };
      const going = {
        status: 'queued',
        priority: 0,
        note: null,
        error: null,
        endedAt: null,
        contentId: null,
      } as const;
      await this.#set(id, { arm: extended, ...going });
    }
    this.enqueue(runs.map(({ id }) => this.#parts.store.run(id)));
    return null;
  }

  /** Among themselves the runs keep their order. */
  async #move(place: 'first' | 'last', runs: readonly RunRecord[]): Promise<void> {
    const { store } = this.#parts;
    const moved = new Set(runs.map(({ id }) => id));
    const others = this.#queue.filter((id) => !moved.has(id)).map((id) => store.run(id));
    const priority = priorityAt(place, others);
    for (const id of this.#queue.filter((one) => moved.has(one))) {
      // Between two writes a run may have started.
      if (this.#queue.includes(id)) await this.#set(id, { priority });
    }
    this.#sort();
    this.#fill();
  }

  async #resume(runs: readonly RunRecord[]): Promise<void> {
    const { store, emit } = this.#parts;
    const resumed: RunRecord[] = [];
    for (const { id } of runs) {
      const run = store.run(id);
      const active = this.#active.get(id);
      if (active !== undefined) {
        if (active.isLeaving) this.#resumeNext.add(id);
      } else if (!resumableStatuses.includes(run.status)) continue;
      else if (store.study(run.studyId).imported !== null) {
        const message = `${id} was imported: its checkpoint stayed where it was computed, so it cannot go on here.`;
        emit({ type: 'notice', level: 'warning', message });
      } else {
        await this.#set(id, { status: 'queued', note: null, error: null, endedAt: null, contentId: null });
        resumed.push(store.run(id));
      }
    }
    this.enqueue(resumed);
  }

  async #retry(runs: readonly RunRecord[]): Promise<void> {
    const { store, emit, environment } = this.#parts;
    const retried: RunRecord[] = [];
    for (const { id } of runs) {
      const run = store.run(id);
      if (this.#active.has(id) || !retryableStatuses.includes(run.status)) continue;
      if (store.study(run.studyId).imported !== null) {
        const message = `${id} was imported: its curve is what was computed elsewhere, so it is not trained again here.`;
        emit({ type: 'notice', level: 'warning', message });
        continue;
      }
      try {
        // A host that dies in between leaves the run as ended: it can be retried again.
        await store.dropCheckpoint(id);
        await store.dropCurve(id);
      } catch (error) {
        const message = `${id} cannot be retried: ${error instanceof Error ? error.message : String(error)}`;
        emit({ type: 'notice', level: 'error', message });
        continue;
      }
      await this.#set(id, { ...unstarted, priority: 0, environment });
      retried.push(store.run(id));
    }
    this.enqueue(retried);
  }

  /** Interrupts what runs (each trainer writes a checkpoint first); what waits stays queued in its record. */
  async close(): Promise<void> {
    this.#closing = true;
    if (this.#tellTimer !== null) clearTimeout(this.#tellTimer);
    this.#resumeNext.clear();
    const active = [...this.#active.values()];
    for (const run of active) run.ask('interrupt');
    const killer = setTimeout(() => {
      for (const run of active) run.kill();
    }, CLOSE_LIMIT);
    await Promise.all(active.map((run) => run.ended));
    clearTimeout(killer);
  }

  #fill(): void {
    if (this.#closing) return;
    const waiting = this.#queue.map((runId) => this.#waiting(runId));
    for (const group of nextStarts(waiting, this.#threadsInUse, this.#cores())) this.#start(group);
  }

  #waiting(runId: string): Waiting {
    const { store } = this.#parts;
    const run = store.run(runId);
    const threads = this.threadsOf(run);
    let together = this.#together.get(runId);
    if (together === undefined) {
      together = togetherFor(run, threads, store.settings(run.studyId).device);
      this.#together.set(runId, together);
    }
    return { runId, threads, priority: run.priority ?? 0, together };
  }

  /** Starts runs in one trainer. */
  #start(group: readonly Waiting[]): void {
    const [{ threads }] = group as [Waiting];
    const runIds = group.map(({ runId }) => runId);
    this.forget(runIds);
    const trainer = new SharedTrainer(this.#parts.pool, runIds);
    this.#threadsInUse += threads;
    let left = runIds.length;
    for (const runId of runIds) {
      const active = new ActiveRun(runId, threads, trainer, this.#parts);
      this.#active.set(runId, active);
      void active.ended.then(() => {
        left--;
        if (left === 0) this.#threadsInUse -= threads;
        return this.#afterEnd(runId);
      });
    }
  }

  async #afterEnd(runId: string): Promise<void> {
    this.#active.delete(runId);
    if (this.#resumeNext.delete(runId)) await this.#resume([this.#parts.store.run(runId)]);
    this.#fill();
  }

  /** Changes a record that no trainer works on. A disk that does not take it is said, and tried again next time. */
  async #set(runId: string, changes: Partial<RunRecord>): Promise<void> {
    const { store, emit } = this.#parts;
    const run = store.change(runId, changes);
    try {
      await store.saveRun(runId);
    } catch (error) {
      const message = describeWriteFailure(error instanceof Error ? error.message : String(error));
      emit({ type: 'notice', level: 'error', message: `${runId}: ${message}` });
    }
    emit({ type: 'run', run });
  }
}
