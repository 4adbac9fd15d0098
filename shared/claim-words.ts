/** How the sides of a claim read. */
import type { ClaimOperand } from './claim-spec.ts';
import type { Counts, Statistic, Summary } from './claim-summary.ts';
import type { RunWithCurve } from './delay-table.ts';
import { pointKey, pointWords } from './sweep.ts';

const quantityNames: Record<ClaimOperand['quantity'], string> = {
  fitStep: 'fit step',
  generalizationStep: 'generalization step',
  delay: 'delay',
  delayRatio: 'delay ratio',
  finalTrainAccuracy: 'final train accuracy',
  finalTestAccuracy: 'final test accuracy',
  finalTrainLoss: 'final train loss',
  finalTestLoss: 'final test loss',
};

const statisticNames: Record<Exclude<Statistic, 'share'>, string> = {
  median: 'median',
  min: 'smallest',
  max: 'largest',
  mean: 'mean',
};

/** "the median delay of mlp at initScale = 2", "the delay of each run of mlp". */
export function operandWords(operand: ClaimOperand, arms: readonly string[] = [operand.arm]): string {
  const { statistic, at } = operand;
  const quantity = quantityNames[operand.quantity];
  const of = `${list(arms)}${at === undefined || pointWords(at) === '' ? '' : ` at ${pointWords(at)}`}`;
  switch (statistic) {
    case 'share':
      return `the share of runs of ${of} with a ${quantity}`;
    case 'each':
      return `the ${quantity} of each run of ${of}`;
    default:
      return `the ${statisticNames[statistic]} ${quantity} of ${of}`;
  }
}

export function list(names: readonly string[]): string {
  const last = names[names.length - 1] ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

/** "5 seeds, 2 censored", "15 runs at 3 sweep points". */
export function countWords(runs: readonly RunWithCurve[], counts: Counts): string {
  const points = new Set(runs.map(({ run }) => pointKey(run.point))).size;
  const parts = [
    points > 1
      ? `${counts.n} runs at ${points} sweep points`
      : `${counts.n} ${counts.n === 1 ? 'seed' : 'seeds'}`,
  ];
  if (counts.censored > 0) parts.push(`${counts.censored} censored`);
  if (counts.unknown > 0) parts.push(`${counts.unknown} without a value`);
  return parts.join(', ');
}

export function valueWords({ value, low, high }: Summary): string {
  if (value !== null) return printNumber(value);
  if (low === -Infinity && high === Infinity) return 'unknown';
  if (high === Infinity) return `at least ${printNumber(low)}`;
  if (low === -Infinity) return `at most ${printNumber(high)}`;
  return `between ${printNumber(low)} and ${printNumber(high)}`;
}

/** Efforts as they are; fractions to four digits, so that 0.99 and 0.9901 stay apart. */
export function printNumber(value: number): string {
  return Number.isInteger(value)
    ? value.toLocaleString('en-US')
    : value.toLocaleString('en-US', { maximumSignificantDigits: 4 });
}
