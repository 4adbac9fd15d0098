/** Which runs a claim reads, and what can be wrong with it beyond types. */
import type { Claim, ClaimOperand, ClaimQuantity, ClaimTerm, ColumnQuantity, Trend } from './claim-spec.ts';
import { printValue, type InputFault } from './errors.ts';
import { columnsOf, mayRecord, measuresThatGive } from './run-columns.ts';
import type { MetricColumn } from './run.ts';
import type { Arm, Study } from './study.ts';
import { pointsOf } from './sweep.ts';
import type { SweepAxis } from './sweep-spec.ts';

const MIN_TREND_VALUES = 3;

/** The operands of one side of a claim: none of a number, two of a ratio or a difference. */
export function operandsOf(term: ClaimTerm | number): ClaimOperand[] {
  if (typeof term === 'number') return [];
  if ('ratio' in term) return term.ratio;
  return 'difference' in term ? term.difference : [term];
}

/** The arms whose runs an operand reads. */
export function operandArms(operand: ClaimOperand): string[] {
  const { over } = operand;
  const also = over !== undefined && 'alsoArms' in over ? (over.alsoArms ?? []) : [];
  return [operand.arm, ...also];
}

/** The arms whose runs a claim reads. */
export function claimArms({ check }: Pick<Claim, 'check'>): string[] {
  return [...new Set([check.left, check.right].flatMap(operandsOf).flatMap(operandArms))];
}

/** The quantities that an operand reads of each run. */
export function operandQuantities({ quantity, over }: ClaimOperand): ClaimQuantity[] {
  return over?.trend === 'spearman-with' ? [quantity, over.with] : [quantity];
}

/** The columns that a claim reads by name, with the arms whose runs should have them. */
export function claimColumns({ check }: Pick<Claim, 'check'>): { arm: string; column: string }[] {
  return [check.left, check.right].flatMap(operandsOf).flatMap((operand) =>
    operandQuantities(operand)
      .filter(isColumn)
      .flatMap(({ column }) => operandArms(operand).map((arm) => ({ arm, column }))),
  );
}

/** What to say of claims that ask what runs come to at the end of a budget that an arm's runs leave once they have generalized. */
export function unseenEndWords({ claims, arms }: Pick<Study, 'claims' | 'arms'>, armId: string): string[] {
  const { budget } = arms.find(({ id }) => id === armId) ?? {};
  if (budget?.stopAfterGeneralization === undefined) return [];
  const asks = (operand: ClaimOperand): boolean =>
    operandArms(operand).includes(armId) && operandQuantities(operand).some(readsTheEnd);
  return claims
    .filter(({ check }) => [check.left, check.right].flatMap(operandsOf).some(asks))
    .map(
      ({ id }) =>
        `The claim "${id}" asks what runs of ${armId} come to at a later effort than those see that end once they have generalized (budget.stopAfterGeneralization): it stays open for these.`,
    );
}

function readsTheEnd(quantity: ClaimQuantity): boolean {
  if (typeof quantity === 'string') return quantity.startsWith('final');
  if ('phase' in quantity) return false;
  return [quantity.when, quantity.since].some((one) => one === 'end' || typeof one === 'object');
}

/** What to say of claims that read columns which the runs of an arm turned out not to record. */
export function unrecordedWords(
  { claims }: Pick<Study, 'claims'>,
  armId: string,
  columns: readonly Pick<MetricColumn, 'name'>[],
): string[] {
  return claims.flatMap((claim) =>
    claimColumns(claim).flatMap(({ arm, column }) =>
      arm !== armId || column === 'seconds' || columns.some(({ name }) => name === column)
        ? []
        : [
            `The claim "${claim.id}" reads the column "${column}", which the runs of ${armId} do not record: it cannot be decided. They record ${columns.map(({ name }) => name).join(', ')}.`,
          ],
    ),
  );
}

export function isColumn(quantity: ClaimQuantity): quantity is ColumnQuantity {
  return typeof quantity === 'object' && 'column' in quantity;
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
      const term: ClaimTerm | number = claim.check[side];
      const at = `claims[${i}].check.${side}`;
      const name = typeof term === 'number' ? '' : 'ratio' in term ? '.ratio' : '.difference';
      const operands = operandsOf(term);
      operands.forEach((operand, j) => {
        operandFaults(study, operand, operands.length === 1 ? at : `${at}${name}[${j}]`, fault);
      });
    }
    seedFaults(study, claim, `claims[${i}].minimumSeeds`, fault);
  });
  return faults;
}

/** A claim that needs more seeds than its arms have could never be decided. */
function seedFaults(study: Study, claim: Claim, at: string, fault: AddFault): void {
  const { minimumSeeds } = claim;
  if (minimumSeeds === undefined) return;
  for (const id of claimArms(claim)) {
    const arm = study.arms.find((candidate) => candidate.id === id);
    if (arm === undefined) continue;
    const planned = arm.seedsFrom ?? arm.seeds.length;
    if (planned < minimumSeeds) {
      const seeds = `${planned} ${planned === 1 ? 'seed' : 'seeds'}`;
      fault(
        at,
        minimumSeeds,
        `at most ${planned}: the arm "${id}" has ${seeds}. Give it more, or ask for fewer`,
      );
    }
  }
}

function operandFaults(study: Study, operand: ClaimOperand, at: string, fault: AddFault): void {
  const { statistic, quantity, over } = operand;
  statisticFaults(operand, at, fault);
  if (statistic === 'each' && over === undefined) {
    fault(
      `${at}.statistic`,
      'each',
      'median, min, max, mean or share: only a trend takes each run for itself',
    );
  }
  if (isColumn(quantity)) columnFormFaults(quantity, `${at}.quantity`, fault);
  if (over?.trend === 'spearman-with' && typeof over.with === 'object') {
    if (isColumn(over.with)) columnFormFaults(over.with, `${at}.over.with`, fault);
    else fault(`${at}.over.with`, over.with.phase, 'a number of each run: a phase is none');
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
      for (const one of operandQuantities(operand)) {
        if (isColumn(one))
          columnFaults(arm, one, `${at}.${one === quantity ? 'quantity' : 'over.with'}`, fault);
      }
      if (over !== undefined) trendFaults(arm, operand, over, at, fault);
    }
  });
}

function statisticFaults({ statistic, quantity }: ClaimOperand, at: string, fault: AddFault): void {
  if (typeof quantity === 'object' && 'phase' in quantity) {
    if (statistic !== 'share') {
      fault(`${at}.statistic`, statistic, 'share: a phase is something that a run is in or not');
    }
    return;
  }
  const isEvent = typeof quantity === 'string' && !quantity.startsWith('final');
  if (statistic === 'share' && !isEvent) {
    const name = typeof quantity === 'string' ? quantity : quantity.column;
    fault(`${at}.statistic`, 'share', `median, min, max or mean: ${name} is not an event`);
  }
}

/** What does not fit together in how a column is read. */
function columnFormFaults(
  { when, since, as, between, nearest }: ColumnQuantity,
  at: string,
  fault: AddFault,
): void {
  const points = since === undefined ? [when] : [when, since];
  const hasExtreme = points.some((point) => point === 'max' || point === 'min');
  if (as !== undefined && since === undefined) {
    fault(`${at}.as`, as, 'nothing without "since": it says how a change since then is taken');
  }
  if (between !== undefined && !hasExtreme) {
    fault(`${at}.between`, between, 'nothing where neither "when" nor "since" is "max" or "min"');
  }
  if (nearest !== undefined && points.every((point) => point === 'max' || point === 'min')) {
    fault(`${at}.nearest`, nearest, 'nothing: the largest and the smallest value are at no given moment');
  }
}

/** A column that no run of the arm will have, and efforts that none will reach. */
function columnFaults(arm: Arm, quantity: ColumnQuantity, at: string, fault: AddFault): void {
  const { column, when, since, between = [] } = quantity;
  const known = columnsOf(arm);
  if (!mayRecord(known, column)) {
    const measures = measuresThatGive(column);
    const hint =
      measures.length === 0 ? '' : `, or with the measure ${quoted(measures)} added to it that one`;
    fault(`${at}.column`, column, `a column that "${arm.id}" records: ${known.names.join(', ')}${hint}`);
  }
  const planned = arm.budget.cappedFrom ?? arm.budget.maxEffort;
  for (const one of [when, ...(since === undefined ? [] : [since]), ...between]) {
    if (typeof one === 'object' && one.effort > planned) {
      fault(at, one.effort, `an effort within the budget of "${arm.id}", at most ${planned}`);
    }
  }
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

function trendFaults(arm: Arm, operand: ClaimOperand, over: Trend, at: string, fault: AddFault): void {
  if (over.trend === 'spearman-with') {
    const points = operandArms(operand).length * pointsOf(arm).length;
    const values = operand.statistic === 'each' ? points * (arm.seedsFrom ?? arm.seeds.length) : points;
    if (values < MIN_TREND_VALUES) {
      fault(`${at}.over`, over.trend, `arms with at least ${MIN_TREND_VALUES} values to correlate`);
    }
    return;
  }
  const { axis: path } = over;
  const axis = axisOf(arm, path);
  if (axis === undefined) fault(`${at}.over.axis`, path, axisWords(arm));
  else if (operand.at?.[path] !== undefined) {
    fault(`${at}.at["${path}"]`, operand.at[path], 'nothing: the trend runs along this axis');
  } else if (axis.values.some((value) => typeof value !== 'number')) {
    fault(`${at}.over.axis`, path, 'an axis whose values are numbers');
  } else if (axis.values.length < MIN_TREND_VALUES) {
    fault(`${at}.over.axis`, path, `an axis with at least ${MIN_TREND_VALUES} values`);
  } else if (over.trend === 'power-law' && axis.values.some((value) => Number(value) <= 0)) {
    fault(
      `${at}.over.axis`,
      path,
      'an axis whose values are above 0, of which a power law takes the logarithm',
    );
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
