/** A side of a claim that is the trend of a quantity along an axis of a sweep. */
import { missingRuns, readRun, runsOf, type Reading } from './claim-readings.ts';
import { operandArms } from './claim-operands.ts';
import type { ClaimOperand, Trend } from './claim-spec.ts';
import { countsOf, exactly, nothingKnown, summarize, type ClaimSide, type Summary } from './claim-summary.ts';
import { countWords, operandWords, printNumber, valueWords } from './claim-words.ts';
import type { RunWithCurve } from './delay-table.ts';
import type { Study } from './study.ts';
import { axisName } from './sweep.ts';
import { logLinearFit, spearmanBounds, type LogLinearFit } from './trend.ts';

/** A data point of a trend: the axis value, and what is known of the quantity there. */
interface DataPoint extends Summary {
  x: number;
}

/** @param over the operand's own trend */
export function trendSide(
  study: Study,
  operand: ClaimOperand,
  over: Trend,
  runs: readonly RunWithCurve[],
): ClaimSide {
  const arms = operandArms(operand);
  const own = runsOf(arms, operand, runs);
  const read = own.map((one) => ({
    one,
    reading: readRun(
      one,
      operand,
      study.arms.find((arm) => arm.id === one.run.armId),
    ),
  }));
  const isShort = study.arms.some((arm) => arms.includes(arm.id) && missingRuns(arm, operand) > 0);
  const points = arms.flatMap((arm) => dataPoints(study, arm, operand, over, read));
  const counts = countsOf(read.map(({ reading }) => reading));
  const what = operandWords(operand, arms);
  const along = axisName(over.axis);
  const runsSaid = countWords(own, counts);
  if (over.trend === 'spearman') {
    const summary = isShort ? unknownTrend('correlation') : rankCorrelation(points);
    const values = `${points.length} points, ${runsSaid}`;
    const words = `the rank correlation (Spearman) of ${along} with ${what}: ${valueWords(summary)} (${values})`;
    return { ...summary, ...counts, words };
  }
  const [x, y] = [points.map((point) => point.x), points.map(({ value }) => value)];
  const known = !isShort && y.every((value) => value !== null);
  const fits = {
    logZero: known ? logLinearFit(x, y, 'log-zero') : null,
    leftOut: known ? logLinearFit(x, y, 'left-out') : null,
  };
  const [taken, other] =
    over.nonPositive === 'log-zero' ? [fits.logZero, fits.leftOut] : [fits.leftOut, fits.logZero];
  const value = reported(taken, over.report);
  const summary = value === null ? unknownTrend(over.report) : exactly(value);
  const without = y.filter((one) => one !== null && one <= 0).length;
  const reading = known
    ? readingWords(without, over, reported(other, over.report))
    : 'some points are not known';
  const name = `${reportNames[over.report]} of log ${what} against ${along}`;
  const words = `the ${name}: ${valueWords(summary)} (${points.length} points, ${runsSaid}; ${reading})`;
  return { ...summary, ...counts, words, fits };
}

const reportNames: Record<Extract<Trend, { trend: 'log-linear' }>['report'], string> = {
  correlation: 'correlation (Pearson)',
  slope: 'slope of the line of least squares',
  intercept: 'intercept of the line of least squares',
};

interface ReadRun {
  one: RunWithCurve;
  reading: Reading;
}

/** One point per axis value, or with the statistic "each" per run. An axis value without runs is a point nothing is known of. */
function dataPoints(
  study: Study,
  armId: string,
  { statistic }: ClaimOperand,
  { axis: path }: Trend,
  read: readonly ReadRun[],
): DataPoint[] {
  const axis = study.arms.find((arm) => arm.id === armId)?.sweep?.find((one) => one.path === path);
  return (axis?.values ?? []).flatMap((x) => {
    if (typeof x !== 'number') return [];
    const here = read.filter(({ one }) => one.run.armId === armId && one.run.point[path] === x);
    if (statistic !== 'each' || here.length === 0) {
      const readings = here.map(({ reading }) => reading);
      return [{ x, ...(statistic === 'each' ? nothingKnown : summarize(readings, statistic)) }];
    }
    return here.map(({ reading: { low, high, kind } }) => ({
      x,
      value: kind === 'observed' ? low : null,
      low,
      high,
    }));
  });
}

function rankCorrelation(points: readonly DataPoint[]): Summary {
  const bounds = spearmanBounds(
    points.map(({ x }) => x),
    points,
  );
  if (bounds === null) return unknownTrend('correlation');
  return { ...bounds, value: bounds.low === bounds.high ? bounds.low : null };
}

/** What is known of a trend where values are missing. */
function unknownTrend(report: keyof typeof reportNames): Summary {
  return report === 'correlation' ? { value: null, low: -1, high: 1 } : nothingKnown;
}

function reported(fit: LogLinearFit | null, report: keyof typeof reportNames): number | null {
  return fit === null ? null : fit[report];
}

/** Says what was done with values that have no logarithm, and what the other reading gives. */
function readingWords(
  count: number,
  { nonPositive }: Extract<Trend, { trend: 'log-linear' }>,
  other: number | null,
): string {
  if (count === 0) return 'all values above 0';
  const [done, instead] =
    nonPositive === 'log-zero' ? ['counted as log = 0', 'left out'] : ['left out', 'counted as log = 0'];
  const alternative = other === null ? 'nothing' : printNumber(other);
  return `${count} of 0 or less ${done}, ${instead} it would be ${alternative}`;
}
