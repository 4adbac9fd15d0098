/** A delay over one setting of a sweep: a point per run, the median per sweep point, and a law through the runs. */
import type { MedianResult } from '../aggregate.ts';
import type { Duration } from '../delay.ts';
import { fitLaw, intervalMethod, lawValue, type Law, type LawFit } from '../law.ts';
import { operandsOf } from '../claim-operands.ts';
import type { Family } from '../model-spec.ts';
import type { Study } from '../study.ts';
import { armWords, axisName, pointKey, pointWords, type SweepPoint } from '../sweep.ts';
import type { Figure, FigureLine, FigurePoints, LegendEntry, LineStyle, Origin } from './figure.ts';
import type { ArmEntry, ArmGroup } from './groups.ts';
import type { Look, Variant } from './palette.ts';
import { durationOf, sweepQuantities, type SweepQuantity } from './sweep-quantities.ts';
import { formatValue } from './table.ts';
import { inLegendOrder, lookOf, rampWords, variantsOf } from './variants.ts';

export const lawTitles: Record<Law | 'none', string> = {
  none: 'none',
  exponential: 'exponential: exp(a·x + b)',
  power: 'power: c·x^a',
};

export interface SweepOptions {
  title: string;
  /** A path of `sweepAxes`. */
  axis: string;
  quantity: SweepQuantity;
  law: Law | 'none';
}

/** Settings that some group sweeps over at least two numbers; those with the most values first. */
export function sweepAxes(groups: readonly ArmGroup[]): string[] {
  const values = new Map<string, Set<number>>();
  for (const { point } of groups) {
    for (const [path, value] of Object.entries(point)) {
      if (typeof value !== 'number') continue;
      const known = values.get(path);
      if (known === undefined) values.set(path, new Set([value]));
      else known.add(value);
    }
  }
  const axes = [...values].filter(([, known]) => known.size > 1);
  return axes.toSorted(([, a], [, b]) => b.size - a.size).map(([path]) => path);
}

/** The axis along which a claim of these studies says that something grows exponentially; null where none does. */
export function loggedAxis(studies: readonly Pick<Study, 'claims'>[]): string | null {
  for (const { claims } of studies) {
    for (const { check } of claims) {
      for (const { over } of [check.left, check.right].flatMap(operandsOf)) {
        if (over?.trend === 'log-linear') return over.axis;
      }
    }
  }
  return null;
}

/** Groups that differ in the axis alone. */
interface Series {
  key: string;
  label: string;
  armKey: string;
  armTitle: string;
  family: Family;
  /** The sweep point without the axis. */
  point: SweepPoint;
  look: Look;
  variant: Variant;
  groups: { x: number; group: ArmGroup }[];
}

interface RunPoint {
  series: Series;
  x: number;
  entry: ArmEntry;
  duration: Duration;
}

/**
 * A censored run is an open point at the bound that it exceeds. The law is fitted to the observed runs of an arm, over
 * all its other settings together. A value of 0 or less has no logarithm: where a law is drawn, it is not.
 */
export function sweepFigure(groups: readonly ArmGroup[], options: SweepOptions): Figure {
  const { axis, quantity, law } = options;
  const series = seriesOf(groups, axis);
  const points = series.flatMap((one) => runPoints(one, quantity));
  const fits = law === 'none' ? [] : armFits(points, law);
  const drawn = points.filter(({ duration, x }) => {
    const value = valueOf(duration);
    return value !== null && (law === 'none' || (value > 0 && (law === 'exponential' || x > 0)));
  });
  const what = sweepQuantities[quantity];
  const name = axisName(axis);
  const unit =
    quantity === 'delayRatio'
      ? ''
      : ` (${[...new Set(series.flatMap((one) => one.groups.map(({ group }) => `${group.effortUnit}s`)))].join(', ')})`;
  const origin = (one: Series, seed: number | null, statistic: string): Origin => ({
    arm: one.label,
    seed,
    column: what,
    statistic,
    xUnit: name,
  });
  const medians = series.map((one): FigureLine => medianLine(one, options, origin(one, null, 'median')));
  return {
    view: `sweep ${axis} ${quantity}`,
    title: options.title,
    description: [
      `The ${what} over ${name}: a point per run, a line through the medians.`,
      ...fits.map(({ words }) => `${words}.`),
    ].join(' '),
    xLabel: name,
    yLabel: `${what}${unit}`,
    xRange: null,
    yRange: null,
    categories: null,
    lines: [...medians, ...fits.map(({ line }) => line)],
    marks: [],
    spans: [],
    rules: [],
    points: drawn.map((point) => pointMark(point, what, origin(point.series, point.entry.run.seed, 'run'))),
    legend: [
      ...medians.map(({ key, label, style }): LegendEntry => ({ key, label, style, band: false })),
      ...fits.map(({ line: { key, style }, words }) => ({ key, label: words, style, band: false })),
    ],
    notes: [...rampWords(series), ...notesOf(points, drawn.length, options, fits.length > 0)],
  };
}

function seriesOf(groups: readonly ArmGroup[], axis: string): Series[] {
  const found = new Map<string, Omit<Series, 'look' | 'variant'>>();
  const swept = groups.filter(({ point }) => typeof point[axis] === 'number');
  const single = new Set(swept.map(({ armKey }) => armKey)).size === 1;
  for (const group of groups) {
    const x = group.point[axis];
    if (typeof x !== 'number') continue;
    const rest: SweepPoint = Object.fromEntries(
      Object.entries(group.point).filter(([path]) => path !== axis),
    );
    const { armKey, armTitle } = group;
    const restWords = pointWords(rest);
    const key = `${armKey}/${pointKey(rest)}`;
    const known = found.get(key);
    if (known !== undefined) {
      known.groups.push({ x, group });
      continue;
    }
    found.set(key, {
      key,
      label: single && restWords !== '' ? restWords : armWords(armTitle, rest),
      armKey,
      armTitle,
      family: group.family,
      point: rest,
      groups: [{ x, group }],
    });
  }
  const all = [...found.values()];
  const variants = variantsOf(all);
  const series = all.map((one, i): Series => {
    const variant = variants[i] as Variant;
    const look = lookOf({ family: one.family, variant });
    return { ...one, variant, look, groups: one.groups.toSorted((a, b) => a.x - b.x) };
  });
  return inLegendOrder(series);
}

function runPoints(series: Series, quantity: SweepQuantity): RunPoint[] {
  return series.groups.flatMap(({ x, group }) =>
    group.entries.map((entry) => ({ series, x, entry, duration: durationOf(entry, quantity) })),
  );
}

/** The value, or the bound that a censored one exceeds. */
function valueOf(duration: Duration): number | null {
  if (duration.kind === 'undefined') return null;
  return duration.kind === 'observed' ? duration.value : duration.atLeast;
}

function medianLine(series: Series, { law, quantity }: SweepOptions, origin: Origin): FigureLine {
  const known = series.groups.flatMap(({ x, group }) => {
    const median: MedianResult = group.row[quantity];
    if (median.kind !== 'observed') return [];
    return law !== 'none' && (median.value <= 0 || (law === 'power' && x <= 0))
      ? []
      : [{ x, y: median.value, low: median.low, high: median.high, n: median.n }];
  });
  const style: LineStyle = {
    ...series.look,
    dash: 'solid',
    width: 1.5,
    opacity: 1,
    symbol: series.variant.symbol,
  };
  const x = Float64Array.from(known, (point) => point.x);
  const y = Float64Array.from(known, (point) => point.y);
  const spread = {
    low: Float64Array.from(known, (point) => point.low ?? NaN),
    high: Float64Array.from(known, (point) => point.high ?? NaN),
    n: Int32Array.from(known, (point) => point.n),
    drawn: false,
  };
  return { key: `${series.key} median`, label: `${series.label}: median`, origin, style, x, y, spread };
}

function pointMark({ series, x, entry, duration }: RunPoint, what: string, origin: Origin): FigurePoints {
  const value = valueOf(duration) as number;
  const open = duration.kind === 'censored';
  const said = `${what} ${open ? 'more than ' : ''}${formatValue(value)}`;
  return {
    key: `${entry.run.id} ${what}`,
    label: series.label,
    origin: open ? { ...origin, statistic: 'run, censored' } : origin,
    ...series.look,
    open,
    faint: true,
    x: Float64Array.of(x),
    y: Float64Array.of(value),
    stem: null,
    names: [`${series.label}, seed ${entry.run.seed}: ${said}`],
  };
}

interface ArmFit {
  words: string;
  line: FigureLine;
}

const CURVE_POINTS = 60;

function armFits(points: readonly RunPoint[], law: Law): ArmFit[] {
  return [...new Set(points.map(({ series }) => series.armKey))].flatMap((armKey) => {
    const own = points.filter(({ series }) => series.armKey === armKey);
    const seen = own.flatMap(({ x, duration }) =>
      duration.kind === 'observed' ? [{ x, y: duration.value }] : [],
    );
    const fit = fitLaw(
      law,
      seen.map(({ x }) => x),
      seen.map(({ y }) => y),
    );
    const first = own[0]?.series;
    if (fit === null || first === undefined) return [];
    const fitted = seen.filter(({ x, y }) => y > 0 && (law === 'exponential' || x > 0)).map(({ x }) => x);
    const [low, high] = [Math.min(...fitted), Math.max(...fitted)];
    const x = Float64Array.from(
      { length: CURVE_POINTS },
      (_, i) => low + ((high - low) * i) / (CURVE_POINTS - 1),
    );
    const words = `${first.armTitle}: ${fitWords(fit)}`;
    const style: LineStyle = {
      color: first.look.color,
      shade: 0,
      dash: 'dash',
      width: 2.5,
      opacity: 1,
      symbol: null,
    };
    const origin = { arm: first.armTitle, seed: null, column: 'law', statistic: fitWords(fit), xUnit: '' };
    const line = {
      key: `${armKey} law`,
      label: words,
      origin,
      style,
      x,
      y: x.map((at) => lawValue(fit, at)),
      spread: null,
    };
    return [{ words, line }];
  });
}

/** "exp(0.0957·x + 4.38), a in [0.09, 0.1], r = 0.956, 88 runs" */
function fitWords({ law, slope, intercept, slopeInterval, correlation, n }: LawFit): string {
  const number = (value: number): string => Number(value.toPrecision(3)).toString().replace('-', '−');
  const formula =
    law === 'exponential'
      ? `exp(${number(slope)}·x ${intercept < 0 ? '−' : '+'} ${number(Math.abs(intercept))})`
      : `${number(Math.exp(intercept))}·x^${number(slope)}`;
  const interval =
    slopeInterval === null ? '' : `, a in [${number(slopeInterval.low)}, ${number(slopeInterval.high)}]`;
  return `${formula}${interval}${correlation === null ? '' : `, r = ${number(correlation)}`}, ${n} runs`;
}

function notesOf(
  points: readonly RunPoint[],
  drawn: number,
  { law }: SweepOptions,
  fitted: boolean,
): string[] {
  const censored = points.filter(({ duration }) => duration.kind === 'censored').length;
  const unknown = points.filter(({ duration }) => duration.kind === 'undefined').length;
  const withoutLog = points.length - unknown - drawn;
  const runs = (n: number): string => `${n.toLocaleString('en-US')} ${n === 1 ? 'run' : 'runs'}`;
  return [
    `Showing ${drawn.toLocaleString('en-US')} of ${runs(points.length)}, each as measured; lines join Kaplan–Meier medians over seeds, whose 95 % intervals are in the table.`,
    ...(unknown === 0 ? [] : [`${runs(unknown)} without a value: not run yet, or never fitted.`]),
    ...(censored === 0 ? [] : [`${runs(censored)} censored, drawn open at the bound they exceed.`]),
    ...(withoutLog === 0
      ? []
      : [
          `${runs(withoutLog)} without a logarithm (0 or less): neither drawn nor in the law. Choose law "none" to see them.`,
        ]),
    ...(fitted
      ? [
          `The law is a line of least squares in log y${law === 'power' ? ' over log x' : ''} through the observed runs of an arm${
            censored === 0 ? '' : ', without the censored ones, which makes it too low'
          }; interval of a: ${intervalMethod}.`,
        ]
      : []),
  ];
}
