/**
 * Evaluates a study's claims against its runs. Every run gives a quantity as an interval: a point where it was
 * observed, a half-line where it is censored. A claim is decided when every value the intervals allow decides it
 * the same way; otherwise there is not enough data, and the verdict says why.
 */
import { kaplanMeierMedian, median } from './aggregate.ts';
import { analyseDelay, type Duration } from './delay.ts';
import { eventDuration, lastValue, type RunWithCurve } from './delay-table.ts';
import { formatRatio } from './format.ts';
import { endedStatuses } from './run.ts';
import type { Arm, Claim, ClaimOperand, Study } from './study.ts';

export type Verdict = 'holds' | 'fails' | 'not-enough-data';

/** One side of a claim, as measured. A number in the claim itself has `n` 0 and `low` = `high` = the number. */
export interface ClaimSide {
  /** Null where only bounds are known. */
  value: number | null;
  /** Every value that the data leave possible lies in [low, high]; infinite where open, NaN-free. */
  low: number;
  high: number;
  /** Runs behind it, how many of them are censored, and how many leave the quantity without any value. */
  n: number;
  censored: number;
  unknown: number;
  /** "the median generalization step of gp-zero-one: 412 (5 seeds)" */
  words: string;
}

export interface ClaimVerdict {
  claim: Claim;
  verdict: Verdict;
  left: ClaimSide;
  right: ClaimSide;
  /** One plain sentence (or two): the numbers, the comparison, what is missing. */
  why: string;
}

/** A run's quantity: it lies in [low, high]. `seen` is whether the event happened, for `share`. */
interface Reading {
  low: number;
  high: number;
  kind: 'observed' | 'censored' | 'unknown';
}

/**
 * @throws Error when a curve with rows lacks a column that its thresholds read.
 */
export function evaluateClaims(study: Study, runs: readonly RunWithCurve[]): ClaimVerdict[] {
  return study.claims.map((claim) => evaluateClaim(study, claim, runs));
}

function evaluateClaim(study: Study, claim: Claim, runs: readonly RunWithCurve[]): ClaimVerdict {
  const { op } = claim.check;
  const left = side(study, claim.check.left, runs);
  const right = side(study, claim.check.right, runs);
  const pending = [
    ...new Set([claim.check.left, claim.check.right].flatMap((one) => pendingWords(one, runs))),
  ];
  const comparison = `${capital(left.words)}; claimed: ${op} ${right.words}.`;
  if (pending.length > 0) {
    return { claim, verdict: 'not-enough-data', left, right, why: `${pending.join(' ')} ${comparison}` };
  }
  const decision = decide(left, op, right);
  const verdict: Verdict = decision === null ? 'not-enough-data' : decision ? 'holds' : 'fails';
  const why = decision === null ? `${comparison} The data leave both outcomes open.` : comparison;
  return { claim, verdict, left, right, why };
}

/** True or false when all values in both intervals agree, null when they do not. */
function decide(left: ClaimSide, op: Claim['check']['op'], right: ClaimSide): boolean | null {
  switch (op) {
    case '<':
      return left.high < right.low ? true : left.low >= right.high ? false : null;
    case '<=':
      return left.high <= right.low ? true : left.low > right.high ? false : null;
    case '>':
      return decide(right, '<', left);
    case '>=':
      return decide(right, '<=', left);
  }
}

/** Why an operand's runs cannot be judged yet; empty when they can. */
function pendingWords(operand: ClaimOperand | number, runs: readonly RunWithCurve[]): string[] {
  if (typeof operand === 'number') return [];
  const own = runs.filter(({ run }) => run.armId === operand.arm);
  if (own.length === 0) return [`No runs of ${operand.arm} yet.`];
  const open = own.filter(({ run }) => !endedStatuses.includes(run.status)).length;
  return open === 0
    ? []
    : [`${open} of the ${own.length} runs of ${operand.arm} ${open === 1 ? 'has' : 'have'} not ended.`];
}

function side(study: Study, operand: ClaimOperand | number, runs: readonly RunWithCurve[]): ClaimSide {
  if (typeof operand === 'number') {
    const words = formatRatio(operand);
    return { value: operand, low: operand, high: operand, n: 0, censored: 0, unknown: 0, words };
  }
  const arm = study.arms.find((candidate) => candidate.id === operand.arm);
  const readings = runs.filter(({ run }) => run.armId === operand.arm).map((one) => read(one, operand, arm));
  const summary = summarize(readings, operand.statistic);
  const counts = {
    n: readings.length,
    censored: readings.filter((reading) => reading.kind === 'censored').length,
    unknown: readings.filter((reading) => reading.kind === 'unknown').length,
  };
  return { ...summary, ...counts, words: sideWords(operand, summary, counts) };
}

const infinite: Reading = { low: -Infinity, high: Infinity, kind: 'unknown' };

function read(one: RunWithCurve, operand: ClaimOperand, arm: Arm | undefined): Reading {
  const { run, curve } = one;
  // A run cut short says nothing about the end of the budget that the study asks for.
  const complete = arm !== undefined && (curve.columns['effort']?.at(-1) ?? -1) >= arm.budget.maxEffort;
  const delay = analyseDelay(curve, run.arm.thresholds);
  switch (operand.quantity) {
    case 'fitStep':
      return durationReading(eventDuration(delay.fit), operand, complete);
    case 'generalizationStep':
      return durationReading(eventDuration(delay.generalization), operand, complete);
    case 'delay':
    case 'delayRatio':
      return durationReading(delay[operand.quantity], operand, complete);
    case 'finalTrainAccuracy':
    case 'finalTestAccuracy': {
      const value = lastValue(
        curve,
        operand.quantity === 'finalTrainAccuracy' ? 'trainAccuracy' : 'testAccuracy',
      );
      return complete && value !== null ? point(value) : { low: 0, high: 1, kind: 'unknown' };
    }
    case 'finalTrainLoss':
    case 'finalTestLoss': {
      const value = lastValue(curve, operand.quantity === 'finalTrainLoss' ? 'trainLoss' : 'testLoss');
      return complete && value !== null ? point(value) : infinite;
    }
  }
}

function point(value: number): Reading {
  return { low: value, high: value, kind: 'observed' };
}

/** For `share`, a reading is 1 where the event was seen within the budget, 0 where not, [0, 1] where cut short. */
function durationReading(duration: Duration, operand: ClaimOperand, complete: boolean): Reading {
  if (operand.statistic === 'share') {
    if (duration.kind === 'observed') return point(1);
    return complete ? point(0) : { low: 0, high: 1, kind: 'unknown' };
  }
  switch (duration.kind) {
    case 'observed':
      return point(duration.value);
    case 'censored':
      return { low: duration.atLeast, high: Infinity, kind: 'censored' };
    case 'undefined':
      return infinite;
  }
}

interface Summary {
  value: number | null;
  low: number;
  high: number;
}

/** The statistic of the intervals' lower and of their upper ends: between them lies every possible value. */
function summarize(readings: readonly Reading[], statistic: ClaimOperand['statistic']): Summary {
  if (readings.length === 0) return { value: null, low: -Infinity, high: Infinity };
  const reduce = reducers[statistic];
  const low = reduce(readings.map((reading) => reading.low));
  const high = reduce(readings.map((reading) => reading.high));
  if (low === high) return { value: low, low, high };
  if (statistic === 'median' && readings.every((reading) => reading.kind !== 'unknown')) {
    const estimate = kaplanMeierMedian(readings.map(asDuration));
    if (estimate.kind === 'observed')
      return { value: estimate.value, low: estimate.value, high: estimate.value };
  }
  return { value: null, low, high };
}

function asDuration(reading: Reading): Duration {
  return reading.kind === 'observed'
    ? { kind: 'observed', value: reading.low }
    : { kind: 'censored', atLeast: reading.low };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const reducers: Record<ClaimOperand['statistic'], (values: readonly number[]) => number> = {
  median,
  min: (values) => Math.min(...values),
  max: (values) => Math.max(...values),
  mean,
  share: mean,
};

const quantityWords: Record<ClaimOperand['quantity'], string> = {
  fitStep: 'fit step',
  generalizationStep: 'generalization step',
  delay: 'delay',
  delayRatio: 'delay ratio',
  finalTrainAccuracy: 'final train accuracy',
  finalTestAccuracy: 'final test accuracy',
  finalTrainLoss: 'final train loss',
  finalTestLoss: 'final test loss',
};

const statisticWords: Record<Exclude<ClaimOperand['statistic'], 'share'>, string> = {
  median: 'median',
  min: 'smallest',
  max: 'largest',
  mean: 'mean',
};

function sideWords(
  operand: ClaimOperand,
  summary: Summary,
  counts: { n: number; censored: number; unknown: number },
): string {
  const quantity = quantityWords[operand.quantity];
  const name =
    operand.statistic === 'share'
      ? `the share of runs of ${operand.arm} with a ${quantity}`
      : `the ${statisticWords[operand.statistic]} ${quantity} of ${operand.arm}`;
  const seeds = [`${counts.n} ${counts.n === 1 ? 'seed' : 'seeds'}`];
  if (counts.censored > 0) seeds.push(`${counts.censored} censored`);
  if (counts.unknown > 0) seeds.push(`${counts.unknown} without a value`);
  return `${name}: ${valueWords(summary)} (${seeds.join(', ')})`;
}

function valueWords({ value, low, high }: Summary): string {
  if (value !== null) return print(value);
  if (low === -Infinity && high === Infinity) return 'unknown';
  if (high === Infinity) return `at least ${print(low)}`;
  if (low === -Infinity) return `at most ${print(high)}`;
  return `between ${print(low)} and ${print(high)}`;
}

/** Efforts as they are; fractions to four digits, so that 0.99 and 0.9901 stay apart. */
function print(value: number): string {
  return Number.isInteger(value)
    ? value.toLocaleString('en-US')
    : value.toLocaleString('en-US', { maximumSignificantDigits: 4 });
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
