/** How the sides of a claim read. */
import type { ClaimOperand, ClaimQuantity, ColumnPoint, ColumnQuantity } from './claim-spec.ts';
import type { ClaimSide, Counts, Statistic, Summary } from './claim-summary.ts';
import type { RunWithCurve } from './delay-table.ts';
import { formatEffort } from './format.ts';
import { LEVEL, type ConfidenceInterval } from './intervals.ts';
import { pointKey, pointWords } from './sweep.ts';

const quantityNames: Record<Extract<ClaimQuantity, string>, string> = {
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

/** "delay", "restrictedLoss at the generalization step", "change of weightNorm from the fit step to the end". */
export function quantityWords(quantity: ClaimQuantity): string {
  if (typeof quantity === 'string') return quantityNames[quantity];
  if ('phase' in quantity) return quantity.phase;
  const { column, when, since, as } = quantity;
  const within = windowWords(quantity);
  if (since === undefined) {
    return when === 'max' || when === 'min'
      ? `${when === 'max' ? 'highest' : 'lowest'} ${column}${within}`
      : `${column} at ${momentWords(when)}`;
  }
  return as === 'ratio'
    ? `ratio of ${column} at ${momentWords(when)} to that at ${momentWords(since)}${within}`
    : `change of ${column} from ${momentWords(since)} to ${momentWords(when)}${within}`;
}

function windowWords({ between }: ColumnQuantity): string {
  return between === undefined ? '' : ` between ${momentWords(between[0])} and ${momentWords(between[1])}`;
}

function momentWords(moment: ColumnPoint): string {
  switch (moment) {
    case 'start':
    case 'end':
      return `the ${moment}`;
    case 'fit':
      return 'the fit step';
    case 'generalization':
      return 'the generalization step';
    case 'max':
      return 'its highest';
    case 'min':
      return 'its lowest';
    default:
      return `effort ${formatEffort(moment.effort)}`;
  }
}

/** "the median delay of mlp at initScale = 2", "the delay of each run of mlp". */
export function operandWords(operand: ClaimOperand, arms: readonly string[] = [operand.arm]): string {
  const { statistic, at } = operand;
  const quantity = quantityWords(operand.quantity);
  const of = `${list(arms)}${at === undefined || pointWords(at) === '' ? '' : ` at ${pointWords(at)}`}`;
  switch (statistic) {
    case 'share':
      return typeof operand.quantity === 'object'
        ? `the share of runs of ${of} in ${quantity}`
        : `the share of runs of ${of} with a ${quantity}`;
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

/** Said where a measure has no value at the moment itself. */
export function snapshotWords(quantities: readonly ClaimQuantity[], moved: boolean): string {
  if (!moved) return '';
  const after = quantities.some(
    (one) => typeof one === 'object' && 'nearest' in one && one.nearest === 'after',
  );
  return after
    ? ', read at the first snapshot at or after it'
    : ', read at the last snapshot at or before it';
}

export function valueWords({ value, low, high }: Summary): string {
  if (value !== null) return printNumber(value);
  if (low === -Infinity && high === Infinity) return 'unknown';
  if (high === Infinity) return `at least ${printNumber(low)}`;
  if (low === -Infinity) return `at most ${printNumber(high)}`;
  return `between ${printNumber(low)} and ${printNumber(high)}`;
}

/** "95 % interval 640 to 710 (percentile bootstrap over runs, 2,000 resamples)"; an open side is said. */
export function intervalWords({ low, high, method }: ConfidenceInterval): string {
  const print = (value: number | null): string => (value === null ? 'open' : printNumber(value));
  return `${LEVEL * 100} % interval ${print(low)} to ${print(high)} (${method})`;
}

/** "n = 5", "n = 5, 2 censored"; empty for a number that the claim itself gives. */
export function sampleWords({ n, censored, unknown }: ClaimSide): string {
  if (n === 0) return '';
  return [
    `n = ${n}`,
    ...(censored > 0 ? [`${censored} censored`] : []),
    ...(unknown > 0 ? [`${unknown} without a value`] : []),
  ].join(', ');
}

/** Efforts as they are; fractions to four digits, so that 0.99 and 0.9901 stay apart. */
export function printNumber(value: number): string {
  return Number.isInteger(value)
    ? value.toLocaleString('en-US')
    : value.toLocaleString('en-US', { maximumSignificantDigits: 4 });
}
