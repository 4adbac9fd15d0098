/** The scheduler's decisions as pure functions: in which order runs go, and what starts next. */
import type { ModelKind } from '../../shared/model-spec.ts';
import type { RunRecord } from '../../shared/run.ts';

const MAX_TRANSFORMER_THREADS = 4;

/** Threads of a run: a transformer fills up to four cores, the other models are too small to share one. */
export function threadsFor(kind: ModelKind, cores: number): number {
  return kind === 'transformer' ? Math.max(1, Math.min(MAX_TRANSFORMER_THREADS, cores)) : 1;
}

/** A run that waits for its turn. */
export interface Waiting {
  runId: string;
  threads: number;
}

/**
 * The runs to start now, given the threads in use. Strictly in order, so that nothing overtakes a large run for ever;
 * a run that wants more threads than there are cores starts when nothing else is going.
 */
export function nextStarts(queue: readonly Waiting[], threadsInUse: number, cores: number): Waiting[] {
  const starts: Waiting[] = [];
  let used = threadsInUse;
  for (const waiting of queue) {
    if (used > 0 && used + waiting.threads > cores) break;
    used += waiting.threads;
    starts.push(waiting);
  }
  return starts;
}

/** A study's runs in the order in which they go: the first seed of every arm, then the second, … */
export function interleaveArms<R extends Pick<RunRecord, 'id' | 'armId'>>(runs: readonly R[]): R[] {
  const perArm = new Map<string, R[]>();
  for (const run of runs) perArm.set(run.armId, [...(perArm.get(run.armId) ?? []), run]);
  const arms = [...perArm.values()];
  const rounds = Math.max(0, ...arms.map((arm) => arm.length));
  return Array.from({ length: rounds }, (_, round) =>
    arms.flatMap((arm) => arm.slice(round, round + 1)),
  ).flat();
}

/** Seconds until the last of these runs has ended, started in this order by `nextStarts`. */
export function simulateDuration(
  runs: readonly { threads: number; seconds: number }[],
  cores: number,
): number {
  let queue = runs.map((run, i) => ({ ...run, runId: String(i) }));
  let going: { threads: number; endsAt: number }[] = [];
  let now = 0;
  while (queue.length > 0) {
    const inUse = going.reduce((sum, run) => sum + run.threads, 0);
    const starts = new Set(nextStarts(queue, inUse, cores).map((run) => run.runId));
    for (const run of queue) {
      if (starts.has(run.runId)) going.push({ threads: run.threads, endsAt: now + run.seconds });
    }
    queue = queue.filter((run) => !starts.has(run.runId));
    now = Math.min(...going.map((run) => run.endsAt));
    going = going.filter((run) => run.endsAt > now);
  }
  return Math.max(now, ...going.map((run) => run.endsAt));
}
