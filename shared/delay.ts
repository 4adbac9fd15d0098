/**
 * Delay analysis: when a run fits its training data, when it generalizes, and how long it waits in between.
 * Works on raw recorded values, never on smoothed ones.
 */
import type { RunCurve } from './run.ts';
import type { ThresholdSpec } from './study.ts';

/**
 * The first recorded effort past a threshold, sustained as the threshold asks. `after` is the last recorded effort
 * before it, not past the threshold (null when already past at the first row): the event lies in (after, effort].
 * `sustained` is false when the run ended before the sustain window did. `relapses` counts later falls back.
 */
export type CrossingEvent =
  | { kind: 'observed'; effort: number; after: number | null; sustained: boolean; relapses: number }
  | { kind: 'censored'; at: number };

/** A duration that is known, or known only to exceed a bound, or undefined because the run never fitted. */
export type Duration =
  | { kind: 'observed'; value: number }
  | { kind: 'censored'; atLeast: number }
  | { kind: 'undefined'; reason: string };

export interface DelayResult {
  fit: CrossingEvent;
  generalization: CrossingEvent;
  /** generalization − fit, in effort. Negative when the test metric crosses first. */
  delay: Duration;
  /** generalization / fit. Undefined when the fit step is 0. */
  delayRatio: Duration;
  /** Effort from 10 % to 90 % of the rise of the test metric. */
  sharpness: Duration;
}

/** Column names that a threshold's metric reads. */
export function thresholdColumns(thresholds: ThresholdSpec): { train: string; test: string } {
  return thresholds.metric === 'accuracy'
    ? { train: 'trainAccuracy', test: 'testAccuracy' }
    : { train: 'trainLoss', test: 'testLoss' };
}

export type AnalyseDelay = (curve: RunCurve, thresholds: ThresholdSpec) => DelayResult;
