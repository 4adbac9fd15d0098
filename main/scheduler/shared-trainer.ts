/**
 * A trainer process for one run, or for several that are trained together. It starts when each of them is ready, or has
 * ended before; it is given back when the last one has ended.
 */
import type { FromTrainer, ToTrainer } from './protocol.ts';
import type { Trainer, TrainerPool, TrainerUser } from './trainer-pool.ts';
import type { StartMessage } from './training-run.ts';

export interface TrainerMember extends TrainerUser {
  /** No trainer could be started. */
  onRefused(error: unknown): void;
}

export class SharedTrainer implements TrainerUser {
  readonly #pool: TrainerPool;
  /** Runs that are not ready yet. */
  readonly #expected: Set<string>;
  readonly #members = new Map<string, TrainerMember>();
  readonly #starts = new Map<string, StartMessage>();
  /** Said before the trainer was there. */
  #early: ToTrainer[] = [];
  #trainer: Trainer | null = null;

  constructor(pool: TrainerPool, runIds: readonly string[]) {
    this.#pool = pool;
    this.#expected = new Set(runIds);
  }

  /** The run is ready to be trained. */
  join(member: TrainerMember, start: StartMessage): void {
    this.#expected.delete(start.runId);
    this.#members.set(start.runId, member);
    this.#starts.set(start.runId, start);
    this.#startOnceReady();
  }

  /** The run has ended, or never becomes ready. */
  leave(runId: string): void {
    this.#expected.delete(runId);
    this.#members.delete(runId);
    this.#starts.delete(runId);
    if (this.#trainer === null) this.#startOnceReady();
    else if (this.#members.size === 0) {
      this.#pool.release(this.#trainer);
      this.#trainer = null;
    }
  }

  send(message: ToTrainer): void {
    if (this.#trainer === null) this.#early.push(message);
    else this.#trainer.send(message);
  }

  /** Ends the process at once: every run that is still there is interrupted. */
  kill(): void {
    this.#trainer?.kill();
  }

  onMessage(message: FromTrainer): void {
    if ('runId' in message) this.#members.get(message.runId)?.onMessage(message);
  }

  onExit(how: string): void {
    this.#trainer = null;
    this.#starts.clear();
    for (const member of this.#members.values()) member.onExit(how);
  }

  #startOnceReady(): void {
    const starts = [...this.#starts.values()];
    const [first] = starts;
    if (this.#expected.size > 0 || first === undefined) return;
    this.#starts.clear();
    try {
      this.#trainer = this.#pool.acquire(this);
    } catch (error) {
      for (const member of this.#members.values()) member.onRefused(error);
      return;
    }
    this.#trainer.send(starts.length === 1 ? first : { type: 'start-together', runs: starts });
    for (const message of this.#early.splice(0)) this.#trainer.send(message);
  }
}
