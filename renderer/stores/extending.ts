/** What more budget would do with some runs: which go on, which cannot and why, and how long that may take. */
import { extensionRefusal, hasLastCheckpoint } from '../../shared/extend.ts';
import { MAX_EFFORT } from '../../shared/effort.ts';
import type { RunRecord } from '../../shared/run.ts';
import { groupedDigits } from './overrides.ts';

export interface ExtensionPlan {
  /** Go on from their last checkpoints. */
  ready: RunRecord[];
  /** Their last checkpoint was not kept: they would be computed again from their beginning. */
  lacking: RunRecord[];
  /** A sentence for every other run. */
  refusals: string[];
}

/** @param maxEffort the new budget; null asks what could be extended at all */
export function planExtension(
  runs: readonly RunRecord[],
  isImported: (run: RunRecord) => boolean,
  maxEffort: number | null,
): ExtensionPlan {
  const plan: ExtensionPlan = { ready: [], lacking: [], refusals: [] };
  for (const run of runs) {
    const refusal = extensionRefusal(run, isImported(run), maxEffort);
    if (refusal !== null) plan.refusals.push(refusal);
    else if (hasLastCheckpoint(run)) plan.ready.push(run);
    else plan.lacking.push(run);
  }
  return plan;
}

/** Twice the largest budget of these runs. */
export function proposedBudget(runs: readonly RunRecord[]): number {
  return Math.min(MAX_EFFORT, 2 * Math.max(1, ...runs.map((run) => run.arm.budget.maxEffort)));
}

/** The budget as typed, or a sentence about what is wrong with it. */
export function readBudget(text: string): number | string {
  const value = groupedDigits(text.trim());
  if (Number.isSafeInteger(value) && value >= 2 && value <= MAX_EFFORT) return value;
  const shown = text.trim().length > 20 ? `${text.trim().slice(0, 19)}…` : text.trim();
  return `Got “${shown}”; expected 2 to ${MAX_EFFORT.toLocaleString('en-US')}.`;
}

/**
 * Seconds until runs have gone on to a budget, at the speeds that they had: all the work divided by the runs at once, but
 * at least the longest. Null where one has no known speed.
 */
export function extensionSeconds(
  { ready, lacking }: Pick<ExtensionPlan, 'ready' | 'lacking'>,
  maxEffort: number,
  slots: number,
): number | null {
  const works = [
    ...ready.map((run) => ({ run, from: Math.max(0, run.effort) })),
    ...lacking.map((run) => ({ run, from: 0 })),
  ];
  let [sum, longest] = [0, 0];
  for (const { run, from } of works) {
    const seconds = run.latest['seconds'];
    if (seconds === undefined || seconds <= 0 || run.effort <= 0) return null;
    // A run's computing time is its part of that of all that were trained with it.
    const own = (seconds / run.effort) * (maxEffort - from);
    sum += own;
    longest = Math.max(longest, own * (run.backend?.lanes ?? 1));
  }
  return Math.max(sum / Math.max(1, slots), longest);
}
