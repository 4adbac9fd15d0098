/**
 * Statistics over seeds, and what a chart may leave out. Nothing here interpolates, smooths or samples: a band
 * stands on efforts that its runs recorded, and a decimated line says its rule and how many points it dropped.
 */
import type { Duration } from './delay.ts';
import type { RunCurve } from './run.ts';

/**
 * The median of durations of which some are censored. `n` counts the durations that are observed or censored,
 * `censored` the latter among them, `undefined` those left out because they do not exist (a run that never fitted).
 * `low` and `high` bound the 95 % confidence interval; null where the data leave that side open.
 * `atLeast` bounds every median that the censored durations could still produce.
 */
export type MedianResult =
  | {
      kind: 'observed';
      value: number;
      low: number | null;
      high: number | null;
      n: number;
      censored: number;
      undefined: number;
    }
  | { kind: 'not-reached'; atLeast: number; n: number; censored: number; undefined: number }
  | { kind: 'no-data'; n: 0; censored: 0; undefined: number };

/** Said beside every median and its interval. */
export const medianMethod =
  'Kaplan–Meier median; 95 % interval by Brookmeyer and Crowley (1982) with the log-log transformation';

interface SurvivalStep {
  time: number;
  survival: number;
  /** Σ d / (r (r − d)), Greenwood's sum up to this time; infinite once nobody is left. */
  greenwood: number;
}

const NORMAL_QUANTILE_975 = 1.959963984540054;
/** Survival is a product of fractions; R's `survfit` treats values this close as equal. */
const TOLERANCE = 1.5e-8;

/**
 * Median of right-censored durations (Kaplan & Meier 1958). Where the survival function stays at exactly ½ up to
 * the next event, the median is the middle of that stretch, so that without censoring it is the ordinary median.
 * Where it stays at ½ and no event follows, the median is not reached; R's `survfit` reports the stretch's start
 * there, which is below every median that the censored runs could still give.
 */
export function kaplanMeierMedian(durations: readonly Duration[]): MedianResult {
  const observed = durations.flatMap((d) => (d.kind === 'observed' ? [d.value] : []));
  const bounds = durations.flatMap((d) => (d.kind === 'censored' ? [d.atLeast] : []));
  const n = observed.length + bounds.length;
  const counts = { censored: bounds.length, undefined: durations.length - n };
  if (n === 0) return { kind: 'no-data', n: 0, censored: 0, undefined: counts.undefined };
  const steps = survivalSteps(observed, bounds);
  const value = halfCrossing(steps, (step) => step.survival, 'end-open');
  if (value === null) return { kind: 'not-reached', atLeast: median([...observed, ...bounds]), n, ...counts };
  const low = halfCrossing(steps, (step) => logLogLimit(step, 1), 'end-closed');
  const high = halfCrossing(steps, (step) => logLogLimit(step, -1), 'end-closed');
  return { kind: 'observed', value, low, high, n, ...counts };
}

/** Product-limit estimate after each event time. A duration censored at t is at risk at t. */
function survivalSteps(observed: readonly number[], bounds: readonly number[]): SurvivalStep[] {
  const times = [...new Set(observed)].sort((a, b) => a - b);
  let survival = 1;
  let greenwood = 0;
  return times.map((time) => {
    const events = observed.filter((value) => value === time).length;
    const atRisk = [...observed, ...bounds].filter((value) => value >= time).length;
    survival *= (atRisk - events) / atRisk;
    greenwood += events / (atRisk * (atRisk - events));
    return { time, survival, greenwood };
  });
}

/** Pointwise 95 % limit of the survival function, log(−log S) ± z·se; null where it does not exist (S = 0). */
function logLogLimit(step: SurvivalStep, side: 1 | -1): number | null {
  if (step.survival <= 0) return null;
  const logSurvival = Math.log(step.survival);
  const error = Math.sqrt(step.greenwood) / Math.abs(logSurvival);
  return Math.exp(logSurvival * Math.exp(side * NORMAL_QUANTILE_975 * error));
}

/** Time at which a falling step function crosses ½; the middle of the stretch where it stays at ½ exactly. */
function halfCrossing(
  steps: readonly SurvivalStep[],
  level: (step: SurvivalStep) => number | null,
  atEnd: 'end-open' | 'end-closed',
): number | null {
  const known = steps.flatMap((step) => {
    const value = level(step);
    return value === null ? [] : [{ time: step.time, value }];
  });
  const first = known.findIndex(({ value }) => value < 0.5 + TOLERANCE);
  const crossing = known[first];
  if (crossing === undefined) return null;
  if (Math.abs(crossing.value - 0.5) >= TOLERANCE) return crossing.time;
  const next = known[first + 1];
  if (next !== undefined) return (crossing.time + next.time) / 2;
  return atEnd === 'end-open' ? null : crossing.time;
}

/** The ordinary median; the middle of a finite and an infinite value is the infinite one. NaN for no values. */
export function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

/** Quantile of sorted values by linear interpolation (Hyndman & Fan 1996, type 7; the default of R and NumPy). */
export function quantile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) return NaN;
  const position = (sorted.length - 1) * share;
  const below = Math.floor(position);
  const weight = position - below;
  const low = sorted[below] as number;
  if (weight === 0) return low;
  const high = sorted[below + 1] as number;
  return low === high ? low : (1 - weight) * low + weight * high;
}

export const bandEstimators = ['median-minmax', 'median-quartiles', 'mean-deviation', 'mean-error'] as const;
export type BandEstimator = (typeof bandEstimators)[number];

export interface Band {
  effort: Float64Array;
  center: Float64Array;
  low: Float64Array;
  high: Float64Array;
  /** Runs behind each effort: it falls where runs ended early. */
  n: Int32Array;
  /** "median and range (min–max)", for the legend; n belongs beside it. */
  label: string;
}

export const bandLabels: Record<BandEstimator, string> = {
  'median-minmax': 'median and range (min–max)',
  'median-quartiles': 'median and quartiles (25–75 %)',
  'mean-deviation': 'mean ± standard deviation (n − 1)',
  'mean-error': 'mean ± standard error',
};

/** What the line in the middle of a band is. */
export const bandCenters: Record<BandEstimator, 'median' | 'mean'> = {
  'median-minmax': 'median',
  'median-quartiles': 'median',
  'mean-deviation': 'mean',
  'mean-error': 'mean',
};

/**
 * Center and spread over runs at the efforts they share: an effort counts when every run whose curve spans it
 * recorded it. Values that are not finite are left out and lower n; an effort with none is left out.
 * @throws Error when a curve with rows lacks `effort` or the column.
 */
export function bandOverSeeds(curves: readonly RunCurve[], column: string, estimator: BandEstimator): Band {
  const series = curves
    .filter((curve) => curve.length > 0)
    .map((curve) => ({ effort: values(curve, 'effort'), y: values(curve, column) }));
  const cursors = series.map(() => 0);
  const columns = { effort: [], center: [], low: [], high: [], n: [] } as Record<
    keyof Spread | 'effort' | 'n',
    number[]
  >;
  // One list for all rows: a live chart comes here five times a second, and lists of its own would be most of its garbage.
  const here: number[] = [];
  for (const effort of allEfforts(series.map((one) => one.effort))) {
    here.length = 0;
    let shared = true;
    series.forEach(({ effort: own, y }, i) => {
      let row = cursors[i] as number;
      while (row < own.length && (own[row] as number) < effort) row++;
      cursors[i] = row;
      if (row >= own.length) return;
      const value = y[row] as number;
      if (own[row] !== effort) shared &&= (own[0] as number) >= effort;
      else if (Number.isFinite(value)) here.push(value);
    });
    if (!shared || here.length === 0) continue;
    const { center, low, high } = spreadOf(
      here.sort((a, b) => a - b),
      estimator,
    );
    columns.effort.push(effort);
    columns.center.push(center);
    columns.low.push(low);
    columns.high.push(high);
    columns.n.push(here.length);
  }
  return {
    effort: Float64Array.from(columns.effort),
    center: Float64Array.from(columns.center),
    low: Float64Array.from(columns.low),
    high: Float64Array.from(columns.high),
    n: Int32Array.from(columns.n),
    label: bandLabels[estimator],
  };
}

interface Spread {
  center: number;
  low: number;
  high: number;
}

/** A single value has no deviation: its band is as thin as the line, and n = 1 is said beside it. */
function spreadOf(sorted: readonly number[], estimator: BandEstimator): Spread {
  switch (estimator) {
    case 'median-minmax':
      return {
        center: quantile(sorted, 0.5),
        low: sorted[0] as number,
        high: sorted[sorted.length - 1] as number,
      };
    case 'median-quartiles':
      return {
        center: quantile(sorted, 0.5),
        low: quantile(sorted, 0.25),
        high: quantile(sorted, 0.75),
      };
    case 'mean-deviation':
    case 'mean-error': {
      const n = sorted.length;
      const center = sorted.reduce((sum, value) => sum + value, 0) / n;
      const squares = sorted.reduce((sum, value) => sum + (value - center) ** 2, 0);
      const deviation = n === 1 ? 0 : Math.sqrt(squares / (n - 1));
      const half = estimator === 'mean-error' ? deviation / Math.sqrt(n) : deviation;
      return { center, low: center - half, high: center + half };
    }
  }
}

function values(curve: RunCurve, name: string): Float64Array {
  const found = curve.columns[name];
  if (found === undefined) throw new Error(`Run ${curve.runId}: the curve has no column "${name}".`);
  return found;
}

function allEfforts(efforts: readonly Float64Array[]): Float64Array {
  const distinct = new Set<number>();
  for (const own of efforts) for (const effort of own) distinct.add(effort);
  return Float64Array.from(distinct).sort();
}

export interface Decimation {
  /** Rows to draw, increasing. */
  indices: Int32Array;
  shown: number;
  of: number;
  /** Said beside the chart: "showing 412 of 10,050 points: …". */
  rule: string;
}

/**
 * Chooses at most `maxPoints` rows of a line for a log axis: efforts fall into buckets of equal width in log effort
 * (effort 0 into its own), and of each bucket the first, last, lowest and highest rows stay (M4, Jugel et al. 2014).
 * @param effort strictly increasing, not negative
 * @throws RangeError when `maxPoints` is below 5
 */
export function decimateLog(effort: Float64Array, values: Float64Array, maxPoints: number): Decimation {
  if (maxPoints < 5) throw new RangeError(`Decimation needs at least 5 points, not ${maxPoints}.`);
  const of = effort.length;
  if (of <= maxPoints) {
    return { indices: Int32Array.from({ length: of }, (_, i) => i), shown: of, of, rule: 'every point' };
  }
  const start = effort[0] === 0 ? 1 : 0;
  const buckets = Math.floor((maxPoints - start) / 4);
  const origin = Math.log(effort[start] as number);
  const width = (Math.log(effort[of - 1] as number) - origin) / buckets;
  const kept = new Set<number>(start === 1 ? [0] : []);
  let row = start;
  for (let bucket = 0; row < of; bucket++) {
    const limit = bucket === buckets - 1 ? Infinity : origin + (bucket + 1) * width;
    const first = row;
    while (row < of && Math.log(effort[row] as number) < limit) row++;
    if (row > first) keepBucket(values, first, row - 1, kept);
  }
  const indices = Int32Array.from(kept).sort();
  const rule = `first, last, lowest and highest of each of ${buckets} log-spaced buckets`;
  return { indices, shown: indices.length, of, rule };
}

function keepBucket(values: Float64Array, first: number, last: number, kept: Set<number>): void {
  let lowest = -1;
  let highest = -1;
  for (let row = first; row <= last; row++) {
    const value = values[row] as number;
    if (Number.isNaN(value)) continue;
    if (lowest < 0 || value < (values[lowest] as number)) lowest = row;
    if (highest < 0 || value > (values[highest] as number)) highest = row;
  }
  for (const row of [first, last, lowest, highest]) if (row >= 0) kept.add(row);
}
