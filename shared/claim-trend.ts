/** A side of a claim that is the trend of a quantity along an axis of a sweep, or with another quantity. */
import { missingRuns, readRun, runsOf, type Reading } from './claim-readings.ts';
import { operandArms, operandQuantities } from './claim-operands.ts';
import type { ClaimOperand, Trend } from './claim-spec.ts';
import {
  bootstrapped,
  countsOf,
  exactly,
  nothingKnown,
  reducers,
  summarize,
  type Item,
  type MeasuredSide,
  type Sample,
  type Summary,
} from './claim-summary.ts';
import {
  countWords,
  operandWords,
  printNumber,
  quantityWords,
  snapshotWords,
  valueWords,
} from './claim-words.ts';
import type { RunWithCurve } from './delay-table.ts';
import type { Study } from './study.ts';
import { axisName, pointKey, pointsOf } from './sweep.ts';
import { logLinearFit, spearman, spearmanBounds, type Interval, type LogLinearFit } from './trend.ts';

/** A data point of a trend: what is known of both its coordinates. Those of one group are runs at one sweep point. */
interface DataPoint {
  group: string;
  x: Interval;
  y: Interval;
}

/** Points of which fewer have no bootstrap. */
const FEWEST_POINTS = 5;

interface ReadRun {
  one: RunWithCurve;
  reading: Reading;
  /** Of the quantity that a `spearman-with` correlates with. */
  other: Reading | null;
}

/** @param over the operand's own trend */
export function trendSide(
  study: Study,
  operand: ClaimOperand,
  over: Trend,
  runs: readonly RunWithCurve[],
): MeasuredSide {
  const arms = operandArms(operand);
  const own = runsOf(arms, operand, runs);
  const read = own.map((one): ReadRun => {
    const arm = study.arms.find(({ id }) => id === one.run.armId);
    const other = over.trend === 'spearman-with' ? readRun(one, operand, arm, over.with) : null;
    return { one, reading: readRun(one, operand, arm), other };
  });
  const isShort = study.arms.some((arm) => arms.includes(arm.id) && missingRuns(arm, operand) > 0);
  const points = arms.flatMap((arm) =>
    over.trend === 'spearman-with'
      ? pairedPoints(study, arm, operand, read)
      : dataPoints(study, arm, operand, over.axis, read),
  );
  const readings = read.flatMap(({ reading, other }) => (other === null ? [reading] : [reading, other]));
  const counts = countsOf(read.map(({ reading }) => reading));
  const moved = snapshotWords(
    operandQuantities(operand),
    readings.some((one) => one.moved),
  );
  const counted = `${points.length} points, ${countWords(own, counts)}${moved}`;
  const law = lawOf(over);
  const known = !isShort && points.every(isKnown);
  const items = known ? points.map(({ x, y }): Item => ({ x: x.low, y: y.low })) : [];
  const sample = known ? sampleOf(points, operand, read, over, law) : null;
  const what = operandWords(operand, arms);
  const base = { ...counts, sample, counted };
  if (law === null) {
    const summary = isShort ? unknownTrend('correlation') : rankCorrelation(points);
    const against =
      over.trend === 'spearman-with'
        ? `${quantityWords(over.with)}`
        : axisName(over.trend === 'spearman' ? over.axis : '');
    const name = `the rank correlation (Spearman) of ${against} with ${what}`;
    return finished({ ...base, ...summary, name });
  }
  const fits = {
    logZero: known ? law.fit(items, 'log-zero') : null,
    leftOut: known ? law.fit(items, 'left-out') : null,
  };
  const isZeroed = over.trend === 'log-linear' && over.nonPositive === 'log-zero';
  const [taken, instead] = isZeroed ? [fits.logZero, fits.leftOut] : [fits.leftOut, fits.logZero];
  const value = law.report(taken);
  const without = items.filter(({ y }) => y <= 0).length;
  const reading = known ? readingWords(without, over, law.report(instead)) : 'some points are not known';
  const summary = value === null ? unknownTrend(law.reported) : exactly(value);
  const name = `the ${law.name(what)}`;
  return finished({
    ...base,
    ...summary,
    name,
    counted: `${counted}; ${reading}`,
    ...(over.trend === 'log-linear' ? { fits } : {}),
  });
}

function finished(side: Omit<MeasuredSide, 'words' | 'confidence'>): MeasuredSide {
  return {
    ...side,
    words: `${side.name}: ${valueWords(side)} (${side.counted})`,
    confidence: side.value === null ? null : bootstrapped(side.sample),
  };
}

/** A line of least squares in log y: exponential in x, or a power of it. */
interface FittedLaw {
  fit: (points: readonly Item[], nonPositive: 'log-zero' | 'left-out') => LogLinearFit | null;
  report: (fit: LogLinearFit | null) => number | null;
  reported: 'correlation' | 'slope' | 'intercept';
  name: (what: string) => string;
}

const reportNames: Record<FittedLaw['reported'], string> = {
  correlation: 'correlation (Pearson)',
  slope: 'slope of the line of least squares',
  intercept: 'intercept of the line of least squares',
};

/** Null for a rank correlation, which fits nothing. */
function lawOf(over: Trend): FittedLaw | null {
  if (over.trend !== 'log-linear' && over.trend !== 'power-law') return null;
  const isPower = over.trend === 'power-law';
  const reported = over.report === 'exponent' ? 'slope' : over.report;
  const along = axisName(over.axis);
  return {
    fit: (points, nonPositive) =>
      logLinearFit(
        points.map(({ x }) => (isPower ? Math.log(x) : x)),
        points.map(({ y }) => y),
        nonPositive,
      ),
    report: (fit) => (fit === null ? null : fit[reported]),
    reported,
    name: (what) =>
      isPower && reported === 'slope'
        ? `exponent of the power law of ${what} in ${along}`
        : `${reportNames[reported]} of log ${what} against ${isPower ? 'log ' : ''}${along}`,
  };
}

/** One point per axis value, or with the statistic "each" per run. An axis value without runs is a point nothing is known of. */
function dataPoints(
  study: Study,
  armId: string,
  { statistic }: ClaimOperand,
  path: string,
  read: readonly ReadRun[],
): DataPoint[] {
  const axis = study.arms.find((arm) => arm.id === armId)?.sweep?.find((one) => one.path === path);
  return (axis?.values ?? []).flatMap((value): DataPoint[] => {
    if (typeof value !== 'number') return [];
    const [group, x] = [`${armId} ${value}`, exactly(value)];
    const here = read.filter(({ one }) => one.run.armId === armId && one.run.point[path] === value);
    if (statistic !== 'each') {
      return [
        {
          group,
          x,
          y: summarize(
            here.map(({ reading }) => reading),
            statistic,
          ),
        },
      ];
    }
    return here.length === 0
      ? [{ group, x, y: nothingKnown }]
      : here.map(({ reading }) => ({ group, x, y: reading }));
  });
}

/** One point per sweep point of an arm, or with the statistic "each" per run: what is known of both quantities. */
function pairedPoints(
  study: Study,
  armId: string,
  { statistic, at = {} }: ClaimOperand,
  read: readonly ReadRun[],
): DataPoint[] {
  const arm = study.arms.find(({ id }) => id === armId);
  const points = arm === undefined ? [] : pointsOf(arm);
  return points.flatMap((point): DataPoint[] => {
    if (Object.entries(at).some(([path, value]) => point[path] !== value)) return [];
    const key = pointKey(point);
    const here = read.filter(({ one }) => one.run.armId === armId && pointKey(one.run.point) === key);
    const group = `${armId} ${key}`;
    const pairs = here.map(({ reading, other }) => ({ x: other as Reading, y: reading }));
    if (here.length === 0) return [{ group, x: nothingKnown, y: nothingKnown }];
    if (statistic === 'each') return pairs.map((pair) => ({ group, ...pair }));
    const of = (side: 'x' | 'y'): Summary =>
      summarize(
        pairs.map((pair) => pair[side]),
        statistic,
      );
    return [{ group, x: of('x'), y: of('y') }];
  });
}

function isKnown({ x, y }: DataPoint): boolean {
  return x.low === x.high && y.low === y.high;
}

/**
 * What a bootstrap draws from: the runs at each sweep point where there are several at all of them and they were all seen,
 * else the points; null where there are too few.
 */
function sampleOf(
  points: readonly DataPoint[],
  { statistic }: ClaimOperand,
  read: readonly ReadRun[],
  over: Trend,
  law: FittedLaw | null,
): Sample | null {
  const trendOf = (items: readonly Item[]): number | null => {
    if (law === null) {
      return spearman(
        items.map(({ x }) => x),
        items.map(({ y }) => y),
      );
    }
    const isZeroed = over.trend === 'log-linear' && over.nonPositive === 'log-zero';
    return law.report(law.fit(items, isZeroed ? 'log-zero' : 'left-out'));
  };
  if (over.trend !== 'spearman-with') {
    const groups = new Map<string, Item[]>();
    for (const { one, reading } of read) {
      const x = Number(one.run.point[over.axis]);
      const key = `${one.run.armId} ${x}`;
      groups.set(key, [...(groups.get(key) ?? []), { x, y: reading.low }]);
    }
    const strata = [...groups.values()];
    const areSeen = read.every(({ reading }) => reading.kind === 'observed');
    if (areSeen && strata.length > 0 && strata.every((stratum) => stratum.length >= 2)) {
      return {
        strata,
        statistic: (drawn) =>
          trendOf(
            statistic === 'each'
              ? drawn.flat()
              : drawn.map((stratum) => ({
                  x: (stratum[0] as Item).x,
                  y: reducers[statistic](stratum.map(({ y }) => y)),
                })),
          ),
        over: 'the runs at each sweep point',
      };
    }
  }
  if (points.length < FEWEST_POINTS) return null;
  return {
    strata: [points.map(({ x, y }) => ({ x: x.low, y: y.low }))],
    statistic: ([drawn = []]) => trendOf(drawn),
    over: 'points',
  };
}

function rankCorrelation(points: readonly DataPoint[]): Summary {
  if (points.some(({ x }) => x.low !== x.high)) return unknownTrend('correlation');
  const bounds = spearmanBounds(
    points.map(({ x }) => x.low),
    points.map(({ y }) => y),
  );
  if (bounds === null) return unknownTrend('correlation');
  return { ...bounds, value: bounds.low === bounds.high ? bounds.low : null };
}

/** What is known of a trend where values are missing. */
function unknownTrend(report: keyof typeof reportNames): Summary {
  return report === 'correlation' ? { value: null, low: -1, high: 1 } : nothingKnown;
}

/** Says what was done with values that have no logarithm, and what the other reading gives. */
function readingWords(count: number, over: Trend, other: number | null): string {
  if (count === 0) return 'all values above 0';
  if (over.trend !== 'log-linear') return `${count} of 0 or less left out`;
  const [done, instead] =
    over.nonPositive === 'log-zero' ? ['counted as log = 0', 'left out'] : ['left out', 'counted as log = 0'];
  const alternative = other === null ? 'nothing' : printNumber(other);
  return `${count} of 0 or less ${done}, ${instead} it would be ${alternative}`;
}
