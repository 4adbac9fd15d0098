/**
 * How fast this process trains an arm: set-up, updates, recorded rows and snapshots, each the best of a few short
 * measurements, since whatever else the machine does can only slow one down. With one thread, what another process took
 * away is left out: processor time counts then. The results of the training are thrown away.
 */
import { DivergedError, LatebloomError } from '../../shared/errors.ts';
import type { Arm } from '../../shared/study.ts';
import type { CreateLearner, Learner, LearnerOptions, LearnerState } from '../training/learner.ts';
import { yieldToMessages } from './training-run.ts';

export interface Speed {
  /** Dataset, initial parameters, compilation: what a run takes before its first update. */
  secondsSetUp: number;
  secondsPerUpdate: number;
  /** What a recorded row adds: the end of a stretch of updates, and the evaluation. */
  secondsPerRecord: number;
  /** 0 where the arm has no snapshots. */
  secondsPerSnapshot: number;
  /** Seconds of training and evaluating behind these, what others took away left out. */
  seconds: number;
  /** Processor seconds per second in the best stretch of updates: what the machine left to this process. */
  cpuShare: number;
}

const MEASUREMENTS = 4;
const SLICE = 50;
/** Shares of the time given for updates, rows and snapshots; what is left is for warming up. */
const UPDATE_SHARE = 0.5;
const RECORD_SHARE = 0.2;
const WARM_UP_SHARE = 0.2;
/** Part of a core below which a process with one thread was kept from working. */
export const FULL_SHARE = 0.85;
/** Processor time is counted coarsely on some systems: shorter stretches are taken by the clock. */
const MIN_CPU_SECONDS = 0.05;
/** A stretch on a busy machine may take this many times its share of the time. */
const MAX_STRETCHING = 4;
/** A set-up that was quicker is done again: the first one loads code that further runs find loaded. */
const QUICK_SET_UP = 0.5;

/** @throws what the arm's first update throws */
export async function measureSpeed(
  arm: Arm,
  seed: number,
  options: LearnerOptions,
  seconds: number,
  createLearner: CreateLearner,
): Promise<Speed> {
  const { learner, seconds: secondsSetUp } = await setUp(() => createLearner(arm, seed, options));
  try {
    const course = new Course(learner, arm.budget.maxEffort, options.threads);
    const limit = performance.now() + MAX_STRETCHING * seconds * 1000;
    const warmUp = await course.updates(seconds * WARM_UP_SHARE);
    const updates = await best(warmUp, limit, () => course.updates((seconds * UPDATE_SHARE) / MEASUREMENTS));
    const records = await best(await course.records(0), limit, () =>
      course.records((seconds * RECORD_SHARE) / MEASUREMENTS),
    );
    const snapshots =
      learner.snapshot === undefined ? [] : [await course.snapshot(), await course.snapshot()];
    const secondsPerUpdate = perCount(updates);
    return {
      secondsSetUp,
      secondsPerUpdate,
      secondsPerRecord: Math.max(0, perCount(records) - secondsPerUpdate),
      secondsPerSnapshot: snapshots.length === 0 ? 0 : Math.min(...snapshots),
      seconds: course.seconds,
      cpuShare: updates.cpuSeconds / updates.seconds,
    };
  } finally {
    await learner.dispose();
  }
}

async function setUp(create: () => Promise<Learner>): Promise<{ learner: Learner; seconds: number }> {
  const first = await timed(create);
  if (first.seconds >= QUICK_SET_UP) return { learner: first.result, seconds: first.seconds };
  await first.result.dispose();
  const second = await timed(create);
  return { learner: second.result, seconds: Math.min(first.seconds, second.seconds) };
}

/** `seconds` by the clock, `worked` without what other processes took away. */
interface Stretch {
  count: number;
  seconds: number;
  cpuSeconds: number;
  worked: number;
}

const perCount = (stretch: Stretch): number => stretch.worked / stretch.count;

/** The fastest of some stretches, the first of which is there already; fewer once the time is up. */
async function best(first: Stretch, limit: number, measure: () => Promise<Stretch>): Promise<Stretch> {
  let fastest = first;
  for (let i = 0; i < MEASUREMENTS && performance.now() < limit; i++) {
    const stretch = await measure();
    if (perCount(stretch) < perCount(fastest)) fastest = stretch;
  }
  return fastest;
}

/** Trains a learner on and on: at the end of its budget, or where it diverges, from the beginning again. */
class Course {
  readonly #learner: Learner;
  readonly #maxEffort: number;
  readonly #threads: number;
  readonly #start: LearnerState;
  /** Worked so far. */
  seconds = 0;

  constructor(learner: Learner, maxEffort: number, threads: number) {
    this.#learner = learner;
    this.#maxEffort = maxEffort;
    this.#threads = threads;
    this.#start = learner.save();
  }

  /** Updates for about this long, at least one. */
  updates(seconds: number): Promise<Stretch> {
    return this.#stretch(seconds, () => this.#advance(this.#maxEffort, performance.now() + SLICE));
  }

  /** Single updates with the evaluation of a row after each. */
  records(seconds: number): Promise<Stretch> {
    return this.#stretch(seconds, async () => {
      const count = await this.#advance(this.#learner.effort + 1, 0);
      await this.#learner.evaluate();
      return count;
    });
  }

  /** Seconds of one snapshot, after an update: what a learner keeps of the last one is of another effort. */
  async snapshot(): Promise<number> {
    if (this.#learner.effort >= this.#maxEffort) this.#learner.restore(this.#start);
    await this.#advance(this.#learner.effort + 1, 0);
    const taken = await timed(async () => this.#learner.snapshot?.(false));
    this.seconds += taken.seconds;
    return taken.seconds;
  }

  async #stretch(seconds: number, step: () => Promise<number>): Promise<Stretch> {
    const stretch: Stretch = { count: 0, seconds: 0, cpuSeconds: 0, worked: 0 };
    const begun = performance.now();
    let limit: number;
    do {
      if (this.#learner.effort >= this.#maxEffort) this.#learner.restore(this.#start);
      const cpu = process.cpuUsage();
      const { result, seconds: took } = await timed(step);
      const { user, system } = process.cpuUsage(cpu);
      stretch.count += result;
      stretch.seconds += took;
      stretch.cpuSeconds += (user + system) / 1e6;
      stretch.worked = this.#worked(stretch);
      limit = seconds * (stretch.worked < stretch.seconds ? MAX_STRETCHING : 1);
      await yieldToMessages();
    } while (stretch.worked < seconds && (performance.now() - begun) / 1000 < limit);
    this.seconds += stretch.worked;
    return stretch;
  }

  /** With more threads than one, their processor time does not say how long they took together. */
  #worked({ seconds, cpuSeconds }: Stretch): number {
    const isTight = seconds >= MIN_CPU_SECONDS && cpuSeconds < FULL_SHARE * seconds;
    return this.#threads === 1 && isTight ? cpuSeconds : seconds;
  }

  /** Returns the updates made; goes back to the start where the run diverges. @throws DivergedError at the first update */
  async #advance(until: number, deadline: number): Promise<number> {
    const from = this.#learner.effort;
    try {
      await this.#learner.advance(until, deadline);
      return this.#learner.effort - from;
    } catch (error) {
      if (!(error instanceof LatebloomError) || error.code !== 'diverged') throw error;
      const reached = error instanceof DivergedError ? error.effort : this.#learner.effort;
      if (reached <= 1) throw error;
      this.#learner.restore(this.#start);
      return Math.max(1, reached - from);
    }
  }
}

async function timed<T>(task: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const before = performance.now();
  const result = await task();
  return { result, seconds: (performance.now() - before) / 1000 };
}
