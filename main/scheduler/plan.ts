/** The scheduler's decisions as pure functions: in which order runs go, and what starts next. */
import type { ModelKind } from '../../shared/model-spec.ts';
import type { RunRecord } from '../../shared/run.ts';
import type { Study } from '../../shared/study.ts';
import { pointKey, runCount } from '../../shared/sweep.ts';

const MAX_TRANSFORMER_THREADS = 4;

/**
 * Threads of a run. A transformer fills up to four cores; the other models are too small to share one. Several
 * transformers of a study share the cores out instead: each on its own, they do not wait for each other at every operation.
 * What else is going does not matter, since a curve may depend on the number in its last bits.
 * @param wide the study's runs that would fill several cores
 */
export function threadsFor(kind: ModelKind, cores: number, wide: number): number {
  if (!isWide(kind)) return 1;
  return Math.max(1, Math.min(MAX_TRANSFORMER_THREADS, Math.floor(cores / Math.max(1, wide))));
}

/** How many runs of a study would fill several cores. */
export function wideRuns({ arms }: Pick<Study, 'arms'>): number {
  return runCount({ arms: arms.filter(({ model }) => isWide(model.kind)) });
}

function isWide(kind: ModelKind): boolean {
  return kind === 'transformer';
}

/** A run that waits for its turn. */
export interface Waiting {
  runId: string;
  threads: number;
  /** Absent is 0. */
  priority?: number;
  /** Absent where it is trained alone. */
  together?: Together | null;
}

/** Runs that wait in the order in which they go: those of higher priority first, else as they came. */
export function inOrder<W extends Pick<Waiting, 'priority'>>(waiting: readonly W[]): W[] {
  return [...waiting].sort((a, b) => priorityOf(b) - priorityOf(a));
}

/**
 * The priority that puts runs before or behind all others that wait.
 * @param others those of the others
 */
export function priorityAt(place: 'first' | 'last', others: readonly Pick<Waiting, 'priority'>[]): number {
  const priorities = others.map(priorityOf);
  if (priorities.length === 0) return 0;
  return place === 'first'
    ? priorities.reduce((a, b) => Math.max(a, b)) + 1
    : priorities.reduce((a, b) => Math.min(a, b)) - 1;
}

function priorityOf({ priority = 0 }: Pick<Waiting, 'priority'>): number {
  return priority;
}

/** With which others a run may be trained in one program. */
export interface Together {
  /** Equal for runs that may. */
  key: string;
  /** How many at most. */
  limit: number;
  /** Whether every free core takes a part of them. On a graphics device one program takes as many as it can. */
  overCores: boolean;
  /** Where the run stands: those that are ahead wait for those behind. */
  effort: number;
  /** How far apart they may stand. */
  slack: number;
}

/** Runs beyond these are not looked at for company. */
const LOOK_AHEAD = 2000;

/**
 * The runs to start now, given the threads in use, those in one list in one trainer. Strictly in order, so that nothing
 * overtakes a large run for ever, but for runs that are taken along by one of their kind and priority; a run that wants
 * more threads than there are cores starts when nothing else is going.
 */
export function nextStarts<W extends Waiting>(
  queue: readonly W[],
  threadsInUse: number,
  cores: number,
): W[][] {
  const starts: W[][] = [];
  const seen = queue.slice(0, LOOK_AHEAD);
  const taken = new Set<W>();
  let used = threadsInUse;
  for (const waiting of seen) {
    if (taken.has(waiting)) continue;
    if (used > 0 && used + waiting.threads > cores) break;
    const group = companyOf(waiting, seen, taken, Math.floor((cores - used) / waiting.threads));
    for (const run of group) taken.add(run);
    used += waiting.threads;
    starts.push(group);
  }
  return starts;
}

/** The run and those that go with it. @param slots trainers that can start now */
function companyOf<W extends Waiting>(
  first: W,
  queue: readonly W[],
  taken: ReadonlySet<W>,
  slots: number,
): W[] {
  const { together } = first;
  if (together === undefined || together === null) return [first];
  const open = queue.filter((run) => !taken.has(run));
  const mates = open.filter(
    (run) =>
      run.together?.key === together.key &&
      priorityOf(run) === priorityOf(first) &&
      Math.abs(run.together.effort - together.effort) <= together.slack,
  );
  const others = new Set(open.map((run) => run.together?.key ?? run.runId)).size - 1;
  const parts = together.overCores ? Math.floor(slots / (1 + others)) : 1;
  return mates.slice(0, groupSize(mates.length, together.limit, parts));
}

/** So many runs in groups of one size, each slot with as many groups as another. */
export function groupSize(runs: number, limit: number, slots: number): number {
  const used = Math.max(1, slots);
  const rounds = Math.ceil(runs / (limit * used));
  return Math.ceil(runs / (rounds * used));
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

/**
 * Seconds until the last of these runs has ended, started in this order by `nextStarts`; those in one trainer end when the
 * longest of them does.
 */
export function simulateDuration(
  runs: readonly { threads: number; seconds: number; together?: Together | null }[],
  cores: number,
): number {
  const queue = runs.map((run, i) => ({ ...run, runId: String(i) }));
  let going: { threads: number; endsAt: number }[] = [];
  let now = 0;
  let next = 0;
  while (next < queue.length) {
    const inUse = going.reduce((sum, run) => sum + run.threads, 0);
    const seen = queue.slice(next, next + LOOK_AHEAD);
    const starts = nextStarts(seen, inUse, cores);
    for (const group of starts) {
      const [{ threads }] = group as [(typeof group)[number]];
      going.push({ threads, endsAt: now + Math.max(...group.map((run) => run.seconds)) });
    }
    const started = new Set(starts.flat());
    // What was started goes to the front, and the front moves on.
    queue.splice(next, seen.length, ...started, ...seen.filter((run) => !started.has(run)));
    next += started.size;
    now = Math.min(...going.map((run) => run.endsAt));
    going = going.filter((run) => run.endsAt > now);
  }
  return Math.max(now, ...going.map((run) => run.endsAt));
}
