/** Which runs a claim reads, and what can be wrong with it beyond types. */
import type { Claim, ClaimOperand, Trend } from './claim-spec.ts';
import { printValue, type InputFault } from './errors.ts';
import type { Arm, Study } from './study.ts';
import type { SweepAxis } from './sweep-spec.ts';

const MIN_TREND_VALUES = 3;

/** The arms whose runs an operand reads. */
export function operandArms(operand: ClaimOperand | number): string[] {
  if (typeof operand === 'number') return [];
  const also = operand.over?.trend === 'log-linear' ? (operand.over.alsoArms ?? []) : [];
  return [operand.arm, ...also];
}

/** The arms whose runs a claim reads. */
export function claimArms({ check }: Claim): string[] {
  return [...new Set([check.left, check.right].flatMap(operandArms))];
}

type AddFault = (path: string, value: unknown, expected: string) => void;

/** What is wrong with a study's claims beyond types. */
export function claimFaults(study: Study): InputFault[] {
  const faults: InputFault[] = [];
  const fault: AddFault = (path, value, expected) => {
    faults.push({ path, value: printValue(value), expected });
  };
  study.claims.forEach((claim, i) => {
    if (study.claims.findIndex((other) => other.id === claim.id) !== i) {
      fault(`claims[${i}].id`, claim.id, 'an id that no other claim has');
    }
    for (const side of ['left', 'right'] as const) {
      const operand: ClaimOperand | number = claim.check[side];
      if (typeof operand !== 'number') operandFaults(study, operand, `claims[${i}].check.${side}`, fault);
    }
  });
  return faults;
}

function operandFaults(study: Study, operand: ClaimOperand, at: string, fault: AddFault): void {
  const { statistic, quantity, over } = operand;
  if (statistic === 'share' && quantity.startsWith('final')) {
    fault(`${at}.statistic`, 'share', `median, min, max or mean: ${quantity} is not an event`);
  }
  if (statistic === 'each' && over === undefined) {
    fault(
      `${at}.statistic`,
      'each',
      'median, min, max, mean or share: only a trend takes each run for itself',
    );
  }
  const known = study.arms.map((arm) => arm.id);
  operandArms(operand).forEach((id, i, all) => {
    const where = i === 0 ? `${at}.arm` : `${at}.over.alsoArms[${i - 1}]`;
    const arm = study.arms.find((candidate) => candidate.id === id);
    if (arm === undefined) {
      fault(where, id, `an arm of this study: ${quoted(known)}`);
    } else if (all.indexOf(id) !== i) {
      fault(where, id, 'each arm once');
    } else {
      pointFaults(arm, operand, at, fault);
      if (over !== undefined) trendFaults(arm, operand, over, at, fault);
    }
  });
}

function pointFaults(arm: Arm, { at: point = {} }: ClaimOperand, at: string, fault: AddFault): void {
  for (const [path, value] of Object.entries(point)) {
    const axis = axisOf(arm, path);
    if (axis === undefined) fault(`${at}.at`, path, axisWords(arm));
    else if (!axis.values.includes(value)) {
      fault(
        `${at}.at["${path}"]`,
        value,
        `a value that the arm "${arm.id}" sweeps: ${axis.values.join(', ')}`,
      );
    }
  }
}

function trendFaults(
  arm: Arm,
  operand: ClaimOperand,
  { axis: path }: Trend,
  at: string,
  fault: AddFault,
): void {
  const axis = axisOf(arm, path);
  if (axis === undefined) fault(`${at}.over.axis`, path, axisWords(arm));
  else if (operand.at?.[path] !== undefined) {
    fault(`${at}.at["${path}"]`, operand.at[path], 'nothing: the trend runs along this axis');
  } else if (axis.values.some((value) => typeof value !== 'number')) {
    fault(`${at}.over.axis`, path, 'an axis whose values are numbers');
  } else if (axis.values.length < MIN_TREND_VALUES) {
    fault(`${at}.over.axis`, path, `an axis with at least ${MIN_TREND_VALUES} values`);
  }
}

function axisOf(arm: Arm, path: string): SweepAxis | undefined {
  return arm.sweep?.find((axis) => axis.path === path);
}

function axisWords(arm: Arm): string {
  return arm.sweep === undefined
    ? `nothing: the arm "${arm.id}" has no sweep`
    : `an axis of the sweep of "${arm.id}": ${quoted(arm.sweep.map((axis) => axis.path))}`;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => printValue(name)).join(', ');
}
