/**
 * The four phases of learning of Liu et al. 2022 (arXiv 2205.10343, Table 1): a run that does not fit is in confusion, one
 * that fits and does not generalize in memorization, one that does both in comprehension, or in grokking where it
 * generalized long after it fitted.
 */
import type { DelayResult } from './delay.ts';

/** From the worst to the best. */
export const phases = ['confusion', 'memorization', 'grokking', 'comprehension'] as const;
export type Phase = (typeof phases)[number];

/**
 * The delay that parts grokking from comprehension, in efforts. The paper's thresholds of 90 % on both accuracies are those
 * of the study (`ThresholdSpec`); a study with others has its own phases, by the same rule.
 */
export const GROKKING_DELAY = 1000;

/** Said beside every phase. */
export function phaseMethod(grokkingDelay: number = GROKKING_DELAY): string {
  const delay = grokkingDelay.toLocaleString('en-US');
  return (
    `Phases of Liu et al. (2022), by the study's own thresholds: confusion never fits, memorization fits only, ` +
    `grokking generalizes ${delay} efforts or more after it fits, comprehension sooner`
  );
}

/**
 * The phase of a run within the effort that it has recorded; null where the run does not record what its thresholds read.
 * Whether a run has ended is not looked at: one that goes on may still leave its phase.
 */
export function phaseOf({ fit, generalization }: DelayResult, grokkingDelay = GROKKING_DELAY): Phase | null {
  if (fit.kind === 'unknown' || generalization.kind === 'unknown') return null;
  if (fit.kind === 'censored') return 'confusion';
  if (generalization.kind === 'censored') return 'memorization';
  return generalization.effort - fit.effort >= grokkingDelay ? 'grokking' : 'comprehension';
}

export interface PhaseVote {
  /** The phase that most runs are in; of several with equally many the worst. Null without a run in a phase. */
  phase: Phase | null;
  counts: Record<Phase, number>;
  /** Whether another phase has as many runs. */
  tied: boolean;
}

/** What the seeds of a sweep point say together. */
export function phaseVote(members: readonly (Phase | null)[]): PhaseVote {
  const counts = Object.fromEntries(
    phases.map((phase) => [phase, members.filter((member) => member === phase).length]),
  ) as Record<Phase, number>;
  const most = Math.max(...phases.map((phase) => counts[phase]));
  const leading = phases.filter((phase) => counts[phase] === most);
  return { phase: most === 0 ? null : (leading[0] as Phase), counts, tied: most > 0 && leading.length > 1 };
}
