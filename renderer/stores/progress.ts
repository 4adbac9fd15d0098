/** How far runs and studies are, how fast they go, and how long they will take: from what the runs have measured. */
import type { ControlAction } from '../../shared/api.ts';
import { extensionRefusal } from '../../shared/extend.ts';
import {
  endedEarly,
  endedStatuses,
  resumableStatuses,
  retryableStatuses,
  type RunRecord,
  type RunStatus,
} from '../../shared/run.ts';

export const statusOrder: readonly RunStatus[] = [
  'running',
  'queued',
  'paused',
  'interrupted',
  'stopped',
  'failed',
  'finished',
];

/** Efforts done as a share of the budget, from 0 to 1, which is also where a run ended because it had generalized. */
export function runFraction(run: RunRecord): number {
  if (endedEarly(run)) return 1;
  return Math.min(1, Math.max(0, run.effort) / run.arm.budget.maxEffort);
}

/** Efforts per second: the last seconds' where it is running, else over all its computing time; null before that. */
export function runRate(run: RunRecord): number | null {
  if (run.effortsPerSecond !== null && run.effortsPerSecond > 0) return run.effortsPerSecond;
  const seconds = run.latest['seconds'];
  // A run's computing time is its part of that of all that were trained with it.
  const lanes = run.backend?.lanes ?? 1;
  return seconds !== undefined && seconds > 0 && run.effort > 0 ? run.effort / (seconds * lanes) : null;
}

/** Seconds of computing until the budget is used up; null where no rate is known yet or nothing is going on. */
export function runSecondsLeft(run: RunRecord): number | null {
  if (run.status !== 'running' || run.effortsPerSecond === null || run.effortsPerSecond <= 0) return null;
  return (run.arm.budget.maxEffort - Math.max(0, run.effort)) / run.effortsPerSecond;
}

export interface StudyProgress {
  runs: number;
  ended: number;
  /** Mean share of the budgets; a run that ended early counts as done. */
  fraction: number;
  counts: Record<RunStatus, number>;
  /** Sum over what is running; null when nothing is or the families' efforts have different units. */
  effortsPerSecond: number | null;
  effortUnit: string | null;
  /** For the runs that are running or waiting. Null when there are none, or when an arm's rate is not known yet. */
  secondsLeft: number | null;
}

export function studyProgress(runs: readonly RunRecord[]): StudyProgress {
  const counts = Object.fromEntries(statusOrder.map((status) => [status, 0])) as Record<RunStatus, number>;
  for (const run of runs) counts[run.status] += 1;
  const ended = runs.filter((run) => endedStatuses.includes(run.status)).length;
  const done = runs.reduce(
    (sum, run) => sum + (endedStatuses.includes(run.status) ? 1 : runFraction(run)),
    0,
  );
  const running = runs.filter((run) => run.status === 'running');
  const units = new Set(running.map((run) => run.effortUnit));
  const oneUnit = units.size === 1;
  return {
    runs: runs.length,
    ended,
    fraction: runs.length === 0 ? 0 : done / runs.length,
    counts,
    effortsPerSecond: oneUnit ? running.reduce((sum, run) => sum + (run.effortsPerSecond ?? 0), 0) : null,
    effortUnit: oneUnit ? ([...units][0] as string) : null,
    secondsLeft: secondsLeft(runs),
  };
}

/**
 * All remaining work divided by the runs that go on at once, but at least the longest single one. Waiting runs are
 * taken to be as fast as their arm's others.
 */
function secondsLeft(runs: readonly RunRecord[]): number | null {
  const open = runs.filter((run) => run.status === 'running' || run.status === 'queued');
  if (open.length === 0) return null;
  const left: number[] = [];
  for (const run of open) {
    const rate = runRate(run) ?? armRate(runs, run.armId);
    if (rate === null) return null;
    left.push((run.arm.budget.maxEffort - Math.max(0, run.effort)) / rate);
  }
  const slots = Math.max(1, open.filter((run) => run.status === 'running').length);
  const sum = left.reduce((total, seconds) => total + seconds, 0);
  return Math.max(sum / slots, ...left);
}

function armRate(runs: readonly RunRecord[], armId: string): number | null {
  const rates = runs.filter((run) => run.armId === armId).map(runRate);
  const known = rates.filter((rate): rate is number => rate !== null);
  return known.length === 0 ? null : known.reduce((sum, rate) => sum + rate, 0) / known.length;
}

const fitting: Record<ControlAction, readonly RunStatus[]> = {
  pause: ['running', 'queued'],
  resume: resumableStatuses,
  stop: ['running', 'queued', 'paused', 'interrupted'],
  retry: retryableStatuses,
  first: ['queued'],
  last: ['queued'],
};

/**
 * The runs that an action applies to. An imported run cannot go on: its checkpoint stayed where it was
 * computed, and its curve is kept as it came.
 */
export function controllable(
  runs: readonly RunRecord[],
  action: ControlAction,
  imported: boolean,
): RunRecord[] {
  if (imported && (action === 'resume' || action === 'retry')) return [];
  return runs.filter((run) => fitting[action].includes(run.status));
}

/** The runs whose budget can be extended. */
export function extendable(runs: readonly RunRecord[], imported: boolean): RunRecord[] {
  return runs.filter((run) => extensionRefusal(run, imported, null) === null);
}

/** The runs that were cut off here and can go on. */
export function interruptedRuns(runs: readonly RunRecord[], imported: boolean): RunRecord[] {
  return controllable(runs, 'resume', imported).filter((run) => run.status === 'interrupted');
}
