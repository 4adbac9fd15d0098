/**
 * Common x axes for families whose efforts mean different things, and where a log axis draws effort 0.
 */
import type { DelayResult } from './delay.ts';
import { formatEffort } from './format.ts';
import { effortUnit } from './model-spec.ts';
import type { RunCurve, RunRecord } from './run.ts';

export type AxisKind =
  'effort' | 'steps' | 'epochs' | 'examples' | 'seconds' | 'relative-to-fit' | 'relative-to-budget';

export const axisKinds: readonly AxisKind[] = [
  'effort',
  'steps',
  'epochs',
  'examples',
  'seconds',
  'relative-to-fit',
  'relative-to-budget',
];

/** What a menu says. */
export const axisTitles: Record<AxisKind, string> = {
  effort: "effort, each family's own unit",
  steps: 'steps (updates of parameters)',
  epochs: 'epochs (passes over the training data)',
  examples: 'training examples seen',
  seconds: 'computing time (s)',
  'relative-to-fit': 'effort ÷ fit step',
  'relative-to-budget': 'share of the budget',
};

/**
 * Units of effort that are updates of parameters, each computed from training examples: a gradient step of a network, of a
 * linear model, or of a process's hyperparameters. A leaf of a tree and a point on a path of penalties are none.
 */
const stepUnits: readonly string[] = [effortUnit.neural, effortUnit['gaussian-process'], effortUnit.linear];

/** Where each row of a curve lies on an axis; or why this run has no place on it. */
export type AxisValues = { x: Float64Array; label: string } | { unavailable: string };

/** @throws Error when the curve has rows but lacks the column that the axis reads. */
export function axisValues(run: RunRecord, curve: RunCurve, kind: AxisKind, delay: DelayResult): AxisValues {
  if (curve.length === 0) return { unavailable: 'The run has no recorded rows yet.' };
  switch (kind) {
    case 'effort':
      return { x: column(curve, 'effort'), label: run.effortUnit };
    case 'steps':
      return stepsOnly(run, () => ({ x: column(curve, 'effort'), label: axisTitles.steps }));
    case 'epochs':
      return stepsOnly(run, () => scaled(curve, 'effort', run.effortsPerEpoch, axisTitles.epochs));
    case 'examples':
      return stepsOnly(run, () =>
        scaled(curve, 'effort', run.effortsPerEpoch / run.trainSize, axisTitles.examples),
      );
    case 'seconds':
      return { x: column(curve, 'seconds'), label: axisTitles.seconds };
    case 'relative-to-budget':
      return scaled(curve, 'effort', run.arm.budget.maxEffort, axisTitles['relative-to-budget']);
    case 'relative-to-fit': {
      const { fit } = delay;
      if (fit.kind === 'unknown') return { unavailable: fit.reason };
      if (fit.kind === 'censored') {
        return { unavailable: `The run did not fit its training data within ${formatEffort(fit.at)}.` };
      }
      if (fit.effort === 0) {
        return { unavailable: 'The run fits its training data at effort 0, which cannot be a unit.' };
      }
      return scaled(curve, 'effort', fit.effort, axisTitles['relative-to-fit']);
    }
  }
}

function stepsOnly(run: RunRecord, values: () => AxisValues): AxisValues {
  if (stepUnits.includes(run.effortUnit)) return values();
  return {
    unavailable: `Its effort counts ${run.effortUnit}s, which are no steps through the training data.`,
  };
}

function column(curve: RunCurve, name: string): Float64Array {
  const values = curve.columns[name];
  if (values === undefined) throw new Error(`Run ${curve.runId}: the curve has no column "${name}".`);
  return values;
}

function scaled(curve: RunCurve, name: string, unit: number, label: string): AxisValues {
  return { x: column(curve, name).map((value) => value / unit), label };
}

/**
 * Where a log axis draws 0: at half of the smallest positive value of all lines on the chart; null when no value
 * is 0, so that nothing has to be moved. With nothing but zeros, ½.
 */
export function zeroPosition(lines: readonly Float64Array[]): number | null {
  let smallest = Infinity;
  let hasZero = false;
  for (const line of lines) {
    for (const value of line) {
      if (value === 0) hasZero = true;
      else if (value > 0 && value < smallest) smallest = value;
    }
  }
  if (!hasZero) return null;
  return smallest === Infinity ? 0.5 : smallest / 2;
}

/** A line made fit for a log axis; `zeroAt` and the words for it are null when nothing was moved. */
export interface LogSafe {
  x: Float64Array;
  zeroAt: number | null;
  note: string | null;
}

/**
 * Moves 0 to where a log axis can draw it. Lines that share a chart have to pass the `zeroAt` that `zeroPosition`
 * gives for all of them; for a single line it is found here.
 */
export function logSafe(x: Float64Array, zeroAt: number | null = zeroPosition([x])): LogSafe {
  if (zeroAt === null || !x.includes(0)) return { x, zeroAt: null, note: null };
  const place = zeroAt.toLocaleString('en-US', { maximumSignificantDigits: 2 });
  return {
    x: x.map((value) => (value === 0 ? zeroAt : value)),
    zeroAt,
    note: `0 has no place on a log axis: it is drawn at ${place}.`,
  };
}
