/**
 * More budget for a run that has ended: it goes on from its last checkpoint. The efforts at which its budget ended before
 * stay among those that are recorded, so that a fresh run with the extended budget gives the same curve, bit for bit.
 */
import { formatEffort } from './format.ts';
import { endedEarly, type RunRecord } from './run.ts';
import { MAX_EFFORT } from './effort.ts';
import type { Arm } from './study.ts';

type Budget = Arm['budget'];

/**
 * The budget after an extension. Where it passes the study's own, which a cap had lowered, that end is recorded, too: claims
 * are about it.
 */
export function extendedBudget(budget: Budget, maxEffort: number): Budget {
  const { cappedFrom, extendedFrom = [], stopAfterGeneralization } = budget;
  const isCapped = cappedFrom !== undefined && cappedFrom > maxEffort;
  const passed = cappedFrom !== undefined && cappedFrom < maxEffort ? [cappedFrom] : [];
  return {
    maxEffort,
    ...(isCapped ? { cappedFrom } : {}),
    extendedFrom: [...extendedFrom, budget.maxEffort, ...passed],
    ...(stopAfterGeneralization === undefined ? {} : { stopAfterGeneralization }),
  };
}

/** Whether a budget is the planned one, or what extensions of a run made of it. */
export function isExtensionOf(budget: Budget, planned: Budget): boolean {
  const steps = [...(budget.extendedFrom ?? []), budget.maxEffort];
  const before = planned.extendedFrom ?? [];
  let made = planned;
  for (const step of steps.slice(before.length + 1)) {
    // The end of the study's own budget, which an extension past it lists.
    if (step === made.cappedFrom && step !== budget.maxEffort) continue;
    if (step <= made.maxEffort) return false;
    made = extendedBudget(made, step);
  }
  return sameBudget(made, budget);
}

function sameBudget(a: Budget, b: Budget): boolean {
  const [ours = [], theirs = []] = [a.extendedFrom, b.extendedFrom];
  return (
    a.maxEffort === b.maxEffort &&
    a.cappedFrom === b.cappedFrom &&
    a.stopAfterGeneralization === b.stopAfterGeneralization &&
    ours.length === theirs.length &&
    ours.every((effort, i) => effort === theirs[i])
  );
}

/** Whether the state that a run ended in was kept: a user may have given its disk back, or kept none. */
export function hasLastCheckpoint({ checkpointEffort, effort, status }: RunRecord): boolean {
  if (checkpointEffort === null) return false;
  return status === 'stopped' || checkpointEffort >= effort;
}

/**
 * Why a run's budget cannot be extended so far, as a sentence that names the run; null where it can.
 * @param maxEffort the new budget; null asks about any larger one
 */
export function extensionRefusal(run: RunRecord, imported: boolean, maxEffort: number | null): string | null {
  const { id, status, effortUnit, arm } = run;
  const present = arm.budget.maxEffort;
  const budget = `${formatEffort(present)} ${effortUnit}s`;
  if (imported)
    return `${id} was imported: its checkpoint stayed where it was computed, so it cannot go on here.`;
  if (status === 'failed') return `${id} failed: more effort does not change that. Retry trains it again.`;
  if (status !== 'finished' && status !== 'stopped') {
    return `${id} is ${status}: it can be extended once it has finished its ${budget} or was stopped.`;
  }
  if (endedEarly(run)) {
    return `${id} ended at ${formatEffort(run.effort)}, once it had generalized, as its study asks, whatever its budget. A copy of the study without budget.stopAfterGeneralization goes on.`;
  }
  const still = zeroRateFrom(arm);
  if (still !== null && still <= run.effort) {
    return `${id} has a learning rate of 0 from ${effortUnit} ${formatEffort(still)} on: more effort changes nothing.`;
  }
  if (present >= MAX_EFFORT) return `${id} has the largest budget there is, ${budget}.`;
  if (maxEffort !== null && maxEffort <= present) {
    return `${id} has a budget of ${budget} already: the new one has to be larger than that.`;
  }
  return null;
}

/** The effort from which on the learning rate is 0 and stays so; null where it does not come to that. */
function zeroRateFrom({ trainer }: Arm): number | null {
  // Noise moves the parameters by itself.
  if (trainer.kind === 'direct' || trainer.noise !== undefined) return null;
  const { schedule } = trainer;
  if (schedule === undefined || schedule.kind === 'constant' || schedule.floor > 0) return null;
  return schedule.steps + (trainer.kind === 'sgd' ? 0 : trainer.warmupSteps);
}
