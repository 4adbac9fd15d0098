/** The scheduler's decisions as pure functions: in which order runs go, and what starts next. */
import type { ModelKind } from '../../shared/model-spec.ts';
import type { RunRecord } from '../../shared/run.ts';
import { pointKey } from '../../shared/sweep.ts';

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

/** A study's runs in the order in which they go: the first seed of every arm and sweep point, then the second, … */
export function interleaveArms<R extends Pick<RunRecord, 'id' | 'armId' | 'point'>>(runs: readonly R[]): R[] {
  const groups = new Map<string, R[]>();
  for (const run of runs) {
    const key = `${run.armId}/${pointKey(run.point)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [run]);
    else group.push(run);
  }
  const arms = [...groups.values()];
  const rounds = arms.reduce((most, arm) => Math.max(most, arm.length), 0);
  return Array.from({ length: rounds }, (_, round) =>
    arms.flatMap((arm) => arm.slice(round, round + 1)),
  ).flat();
}

/** Seconds until the last of these runs has ended, started in this order by `nextStarts`. */
export function simulateDuration(
  runs: readonly { threads: number; seconds: number }[],
  cores: number,
): number {
  const queue = runs.map((run, i) => ({ ...run, runId: String(i) }));
  let going: { threads: number; endsAt: number }[] = [];
  let now = 0;
  let next = 0;
  while (next < queue.length) {
    const inUse = going.reduce((sum, run) => sum + run.threads, 0);
    // At most one start per core: what lies beyond need not be looked at.
    const starts = nextStarts(queue.slice(next, next + cores + 1), inUse, cores).length;
    for (const run of queue.slice(next, next + starts)) {
      going.push({ threads: run.threads, endsAt: now + run.seconds });
    }
    next += starts;
    now = Math.min(...going.map((run) => run.endsAt));
    going = going.filter((run) => run.endsAt > now);
  }
  return Math.max(now, ...going.map((run) => run.endsAt));
}
