/** Which phases of `phase.ts` a run can turn out to be in over the whole budget, where it may not have gone to its end. */
import type { CrossingEvent, DelayResult } from './delay.ts';
import { GROKKING_DELAY, phases, type Phase } from './phase.ts';

/**
 * The phases that a run can still turn out to be in: one where that is known, all where it is not.
 * @param complete whether the run went to the end of its budget; what a shorter one has not shown may still come
 */
export function possiblePhases(
  { fit, generalization }: DelayResult,
  complete: boolean,
  grokkingDelay = GROKKING_DELAY,
): readonly Phase[] {
  if (fit.kind === 'unknown' || generalization.kind === 'unknown') return phases;
  if (!isSettled(fit, complete)) return complete ? ['confusion'] : phases;
  const fitted = fit as Extract<CrossingEvent, { kind: 'observed' }>;
  if (isSettled(generalization, complete)) {
    const { effort } = generalization as Extract<CrossingEvent, { kind: 'observed' }>;
    return [effort - fitted.effort >= grokkingDelay ? 'grokking' : 'comprehension'];
  }
  if (complete) return ['memorization'];
  const soonest = generalization.kind === 'observed' ? generalization.effort : generalization.at;
  return soonest - fitted.effort >= grokkingDelay
    ? ['memorization', 'grokking']
    : ['memorization', 'grokking', 'comprehension'];
}

/** Seen, and not to be undone by more effort. */
function isSettled(event: CrossingEvent, complete: boolean): boolean {
  return event.kind === 'observed' && (event.sustained || complete);
}
