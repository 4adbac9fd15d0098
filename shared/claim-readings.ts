/**
 * What a run says about a quantity of a claim: an interval that holds the value it has at the end of the budget that
 * the study asks for. A point where it was observed, a half-line where it is censored, everything where the run cannot tell.
 */
import { columnBounds, readColumn } from './claim-columns.ts';
import { isColumn } from './claim-operands.ts';
import type { ClaimOperand, ClaimQuantity } from './claim-spec.ts';
import { analyseDelay, type CrossingEvent, type DelayResult } from './delay.ts';
import { lastValue, type RunWithCurve } from './delay-table.ts';
import { formatEvent } from './format.ts';
import { possiblePhases } from './claim-phases.ts';
import type { RunCurve } from './run.ts';
import type { Arm } from './study.ts';
import { isAt, pointsOf } from './sweep.ts';

export interface Reading {
  low: number;
  high: number;
  kind: 'observed' | 'censored' | 'unknown';
  /** Whether the run went to the end of that budget. */
  complete: boolean;
  /** What it was read from, or why there is nothing to read: "0.31 at its generalization step, 1,200". */
  note: string;
  /** Whether a column was read at another effort than asked for: at the nearest snapshot. */
  moved: boolean;
}

/** The budget that the study asks for; its arm's own may have been capped by the request that started it. */
export function plannedEffort({ budget }: Arm): number {
  return budget.cappedFrom ?? budget.maxEffort;
}

/** What a run that a request left out says about a quantity: nothing. */
export function missingReading({ quantity, statistic }: ClaimOperand): Reading {
  const bounds =
    statistic === 'share' || quantity === 'finalTrainAccuracy' || quantity === 'finalTestAccuracy'
      ? aShare
      : isColumn(quantity)
        ? { ...anything, ...columnBounds(quantity) }
        : anything;
  return { ...bounds, complete: false, note: 'not run', moved: false };
}

/** Runs of an arm, at the points that an operand selects, which a request for fewer seeds left out. */
export function missingRuns(arm: Arm | undefined, { at = {} }: ClaimOperand): number {
  if (arm?.seedsFrom === undefined) return 0;
  return (arm.seedsFrom - arm.seeds.length) * pointsOf(arm).filter((point) => isAt(point, at)).length;
}

/** The runs of some arms at the sweep points that an operand selects. */
export function runsOf(
  arms: readonly string[],
  { at = {} }: ClaimOperand,
  runs: readonly RunWithCurve[],
): RunWithCurve[] {
  return runs.filter(({ run }) => arms.includes(run.armId) && isAt(run.point, at));
}

/**
 * A run that was extended beyond the study's budget says when it fitted and generalized, later than that, too; its share,
 * phase and final values are those at the end of the study's budget.
 * @param arm the run's arm as the study has it
 * @param quantity another quantity of the run than the operand's own
 */
export function readRun(
  { run, curve }: RunWithCurve,
  operand: ClaimOperand,
  arm: Arm | undefined,
  quantity: ClaimQuantity = operand.quantity,
): Reading {
  const end = arm === undefined ? Infinity : plannedEffort(arm);
  const complete = (curve.columns['effort']?.at(-1) ?? -1) >= end;
  const delay = analyseDelay(curve, run.arm.thresholds);
  // An extended run tells when what its budget censored came after all; what a budget ends with, it tells at that end.
  const within = upTo(curve, end);
  const delayWithin = within === curve ? delay : analyseDelay(within, run.arm.thresholds);
  if (typeof quantity === 'string') {
    const seen = operand.statistic === 'share' ? delayWithin : delay;
    const interval = readQuantity({ ...operand, quantity }, seen, within, complete);
    return { ...interval, complete, note: eventsNote(delay), moved: false };
  }
  if ('phase' in quantity) {
    const possible = possiblePhases(delayWithin, complete, quantity.grokkingDelay);
    const interval = !possible.includes(quantity.phase)
      ? point(0)
      : possible.length === 1
        ? point(1)
        : aShare;
    return {
      ...interval,
      complete,
      note: `${possible.join(' or ')} (${eventsNote(delayWithin)})`,
      moved: false,
    };
  }
  const sparse = run.columns.find(({ name }) => name === quantity.column)?.sparse ?? run.columns.length === 0;
  const { low, high, note, moved } = readColumn(
    { curve, delay, end: complete ? end : null, sparse },
    quantity,
  );
  const bounds = columnBounds(quantity);
  const isOpen = low <= bounds.low && high >= bounds.high && low !== high;
  const kind = low === high ? 'observed' : isOpen ? 'unknown' : 'censored';
  return { low, high, kind, complete, note, moved };
}

/** The rows of a curve up to an effort: all of it where it went no further. */
function upTo(curve: RunCurve, end: number): RunCurve {
  const length = curve.columns['effort']?.findIndex((effort) => effort > end) ?? -1;
  if (length < 0) return curve;
  const columns = Object.entries(curve.columns).map(([name, values]) => [name, values.subarray(0, length)]);
  const cut: RunCurve = {
    ...curve,
    length,
    columns: Object.fromEntries(columns) as RunCurve['columns'],
  };
  if (curve.snapshots !== undefined) cut.snapshots = curve.snapshots.filter(({ effort }) => effort <= end);
  return cut;
}

function eventsNote({ fit, generalization }: DelayResult): string {
  return `fit step ${formatEvent(fit)}, generalization step ${formatEvent(generalization)}`;
}

type Interval = Pick<Reading, 'low' | 'high' | 'kind'>;

const anything: Interval = { low: -Infinity, high: Infinity, kind: 'unknown' };
const aShare: Interval = { low: 0, high: 1, kind: 'unknown' };

function readQuantity(
  { quantity, statistic }: Omit<ClaimOperand, 'quantity'> & { quantity: Extract<ClaimQuantity, string> },
  delay: DelayResult,
  curve: RunWithCurve['curve'],
  complete: boolean,
): Interval {
  switch (quantity) {
    case 'finalTrainAccuracy':
    case 'finalTestAccuracy': {
      const value = lastValue(curve, quantity === 'finalTrainAccuracy' ? 'trainAccuracy' : 'testAccuracy');
      return complete && value !== null ? point(value) : aShare;
    }
    case 'finalTrainLoss':
    case 'finalTestLoss': {
      const value = lastValue(curve, quantity === 'finalTrainLoss' ? 'trainLoss' : 'testLoss');
      return complete && value !== null ? point(value) : anything;
    }
    case 'fitStep':
      return shareOr(eventInterval(delay.fit, complete), [delay.fit]);
    case 'generalizationStep':
      return shareOr(eventInterval(delay.generalization, complete), [delay.generalization]);
    case 'delay':
    case 'delayRatio': {
      const fit = eventInterval(delay.fit, complete);
      const generalization = eventInterval(delay.generalization, complete);
      const both = [delay.fit, delay.generalization];
      if (quantity === 'delay')
        return shareOr(
          between(fit, generalization, (from, to) => to - from),
          both,
        );
      const ratio = fit.low === 0 ? anything : between(fit, generalization, (from, to) => to / from);
      return shareOr(ratio, both);
    }
  }

  /** For `share`: 1 where it was seen, 0 where it was not within the whole budget, open where that cannot be said. */
  function shareOr(interval: Interval, events: readonly CrossingEvent[]): Interval {
    if (statistic !== 'share') return interval;
    if (interval.kind === 'observed') return point(1);
    return complete && events.every((event) => event.kind !== 'unknown') ? point(0) : aShare;
  }
}

function point(value: number): Interval {
  return { low: value, high: value, kind: 'observed' };
}

/** A run cut short knows of an event that was not sustained only that it is not earlier: more effort may undo it. */
function eventInterval(event: CrossingEvent, complete: boolean): Interval {
  switch (event.kind) {
    case 'observed':
      return event.sustained || complete
        ? point(event.effort)
        : { low: event.effort, high: Infinity, kind: 'censored' };
    case 'censored':
      return { low: event.at, high: Infinity, kind: 'censored' };
    case 'unknown':
      return anything;
  }
}

/** From the fit to the generalization step: nothing can be said without a fit step. */
function between(
  fit: Interval,
  generalization: Interval,
  measure: (from: number, to: number) => number,
): Interval {
  if (fit.kind !== 'observed' || generalization.kind === 'unknown') return anything;
  const low = measure(fit.low, generalization.low);
  return generalization.kind === 'observed' ? point(low) : { low, high: Infinity, kind: 'censored' };
}
