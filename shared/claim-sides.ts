/** One side of a claim as measured: a number, a quantity of an arm's runs, or a ratio or difference of two. */
import { missingReading, missingRuns, readRun, runsOf } from './claim-readings.ts';
import { operandQuantities } from './claim-operands.ts';
import type { ClaimOperand, ClaimTerm } from './claim-spec.ts';
import {
  bootstrapped,
  confidenceOf,
  countsOf,
  exactly,
  nothingKnown,
  sampleOf,
  summarize,
  type ClaimSide,
  type MeasuredSide,
  type Sample,
  type Summary,
} from './claim-summary.ts';
import { trendSide } from './claim-trend.ts';
import { countWords, operandWords, printNumber, snapshotWords, valueWords } from './claim-words.ts';
import type { RunWithCurve } from './delay-table.ts';
import type { Study } from './study.ts';

export function claimSide(study: Study, term: ClaimTerm | number, runs: readonly RunWithCurve[]): ClaimSide {
  const measured = measure(study, term, runs);
  const { value, low, high, n, censored, unknown, words, fits, confidence } = measured;
  return {
    value,
    low,
    high,
    n,
    censored,
    unknown,
    words,
    ...(fits === undefined ? {} : { fits }),
    confidence,
  };
}

function measure(study: Study, term: ClaimTerm | number, runs: readonly RunWithCurve[]): MeasuredSide {
  if (typeof term === 'number') {
    const words = printNumber(term);
    const none = { n: 0, censored: 0, unknown: 0, confidence: null, sample: null };
    return { ...exactly(term), ...none, name: words, counted: '', words };
  }
  if ('ratio' in term) return composed('ratio', term.ratio, study, runs);
  if ('difference' in term) return composed('difference', term.difference, study, runs);
  return operandSide(study, term, runs);
}

function operandSide(study: Study, operand: ClaimOperand, runs: readonly RunWithCurve[]): MeasuredSide {
  const { statistic, over } = operand;
  if (over !== undefined) return trendSide(study, operand, over, runs);
  if (statistic === 'each') throw new RangeError('Only a trend takes each run for itself.');
  const arm = study.arms.find((candidate) => candidate.id === operand.arm);
  const own = runsOf([operand.arm], operand, runs);
  const readings = own.map((one) => readRun(one, operand, arm));
  const missing = Array.from({ length: missingRuns(arm, operand) }, () => missingReading(operand));
  const all = [...readings, ...missing];
  const summary = summarize(all, statistic);
  const counts = countsOf(readings);
  const name = operandWords(operand);
  const moved = snapshotWords(
    operandQuantities(operand),
    readings.some((reading) => reading.moved),
  );
  const counted = `${countWords(own, counts)}${moved}`;
  return {
    ...summary,
    ...counts,
    name,
    counted,
    words: `${name}: ${valueWords(summary)} (${counted})`,
    sample: sampleOf(all, statistic),
    confidence: confidenceOf(all, statistic),
  };
}

function composed(
  kind: 'ratio' | 'difference',
  operands: readonly [ClaimOperand, ClaimOperand],
  study: Study,
  runs: readonly RunWithCurve[],
): MeasuredSide {
  const [a, b] = operands.map((operand) => operandSide(study, operand, runs)) as [MeasuredSide, MeasuredSide];
  const summary = kind === 'ratio' ? quotient(a, b) : subtracted(a, b);
  const counts = { n: a.n + b.n, censored: a.censored + b.censored, unknown: a.unknown + b.unknown };
  const name =
    kind === 'ratio' ? `the ratio of ${a.name} to ${b.name}` : `the difference of ${a.name} and ${b.name}`;
  const counted = `${valueWords(a)} (${a.counted}) ${kind === 'ratio' ? 'by' : 'less'} ${valueWords(b)} (${b.counted})`;
  const sample = composedSample(kind, a.sample, b.sample);
  return {
    ...summary,
    ...counts,
    name,
    counted,
    words: `${name}: ${valueWords(summary)}, ${counted}`,
    sample,
    confidence: summary.value === null ? null : bootstrapped(sample),
  };
}

/** Both sides are drawn anew: their runs are independent of each other. */
function composedSample(kind: 'ratio' | 'difference', a: Sample | null, b: Sample | null): Sample | null {
  if (a === null || b === null) return null;
  const first = a.strata.length;
  return {
    strata: [...a.strata, ...b.strata],
    statistic: (drawn) => {
      const [left, right] = [a.statistic(drawn.slice(0, first)), b.statistic(drawn.slice(first))];
      if (left === null || right === null) return null;
      return kind === 'ratio' ? left / right : left - right;
    },
    over: `${a.over} of both`,
  };
}

/** Every quotient that the bounds allow; nothing is known where the divisor may be 0 or less. */
function quotient(a: Summary, b: Summary): Summary {
  if (a.low === a.high && b.low === b.high && b.low !== 0) return exactly(a.low / b.low);
  if (b.low <= 0) return nothingKnown;
  const low = a.low >= 0 ? a.low / b.high : a.low / b.low;
  const high = a.high >= 0 ? a.high / b.low : a.high / b.high;
  return { value: low === high ? low : null, low, high };
}

function subtracted(a: Summary, b: Summary): Summary {
  const [low, high] = [a.low - b.high, a.high - b.low];
  return { value: low === high ? low : null, low, high };
}
