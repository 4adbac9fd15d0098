/** Trainer processes kept for reuse: starting one costs about half a second. */
import type { ForkTrainer, FromTrainer, ToTrainer, TrainerHandle } from './protocol.ts';

const IDLE_LIMIT = 30_000;
const SHUTDOWN_LIMIT = 3000;

export interface TrainerUser {
  onMessage(message: FromTrainer): void;
  /** The process has ended while it was in use. */
  onExit(how: string): void;
}

/** One trainer process and who uses it now. */
export class Trainer {
  readonly #handle: TrainerHandle;
  readonly exited: Promise<void>;
  user: TrainerUser | null = null;
  idleTimer: NodeJS.Timeout | null = null;

  constructor(handle: TrainerHandle, onExit: (trainer: Trainer) => void) {
    this.#handle = handle;
    handle.onMessage((message) => this.user?.onMessage(message));
    this.exited = new Promise((resolve) => {
      handle.onExit((how) => {
        onExit(this);
        const { user } = this;
        this.user = null;
        user?.onExit(how);
        resolve();
      });
    });
  }

  send(message: ToTrainer): void {
    this.#handle.send(message);
  }

  kill(): void {
    this.#handle.kill();
  }
}

export class TrainerPool {
  readonly #fork: ForkTrainer;
  readonly #all = new Set<Trainer>();
  #idle: Trainer[] = [];

  constructor(fork: ForkTrainer) {
    this.#fork = fork;
  }

  /** A trainer for this user alone, until `release`. */
  acquire(user: TrainerUser): Trainer {
    const trainer = this.#idle.pop() ?? this.#start();
    if (trainer.idleTimer !== null) clearTimeout(trainer.idleTimer);
    trainer.idleTimer = null;
    trainer.user = user;
    return trainer;
  }

  release(trainer: Trainer): void {
    trainer.user = null;
    if (!this.#all.has(trainer)) return;
    this.#idle.push(trainer);
    trainer.idleTimer = setTimeout(() => {
      this.#idle = this.#idle.filter((idle) => idle !== trainer);
      void this.#shutDown(trainer);
    }, IDLE_LIMIT);
    trainer.idleTimer.unref();
  }

  /** Ends a trainer instead of keeping it: it has loaded more than a run needs. */
  async retire(trainer: Trainer): Promise<void> {
    trainer.user = null;
    if (this.#all.has(trainer)) await this.#shutDown(trainer);
  }

  /** Ends all trainers; those that do not end by themselves are killed. */
  async close(): Promise<void> {
    this.#idle = [];
    await Promise.all([...this.#all].map((trainer) => this.#shutDown(trainer)));
  }

  #start(): Trainer {
    const trainer = new Trainer(this.#fork(), (ended) => {
      this.#all.delete(ended);
      this.#idle = this.#idle.filter((idle) => idle !== ended);
      if (ended.idleTimer !== null) clearTimeout(ended.idleTimer);
    });
    this.#all.add(trainer);
    return trainer;
  }

  async #shutDown(trainer: Trainer): Promise<void> {
    if (trainer.idleTimer !== null) clearTimeout(trainer.idleTimer);
    trainer.send({ type: 'shutdown' });
    const killer = setTimeout(() => {
      trainer.kill();
    }, SHUTDOWN_LIMIT);
    await trainer.exited;
    clearTimeout(killer);
  }
}
