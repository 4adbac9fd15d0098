/** Curves of arms on one chart: seeds faint, their median bold, a band on the efforts they truly share. */
import { bandCenters, bandOverSeeds, decimateLog, type Band, type BandEstimator } from '../aggregate.ts';
import { axisTitles, axisValues, type AxisKind } from '../axis.ts';
import { formatEffort } from '../format.ts';
import { overviewRule } from '../overview.ts';
import { filledRows } from '../points.ts';
import { endedEarly, type MetricColumn, type RunCurve } from '../run.ts';
import { describeCurves } from './describe.ts';
import { eventMarks } from './events.ts';
import type { Dash, Figure, FigureLine, FigureMark, FigureRule, LegendEntry, LineStyle } from './figure.ts';
import { groupColumns, seedsInWords, type ArmEntry, type ArmGroup } from './groups.ts';
import { Kept } from './kept.ts';
import { measureSymbol, type LineSymbol } from './palette.ts';
import { inLegendOrder, lookOf, rampWords, rowOf } from './variants.ts';

export interface CurveOptions {
  title: string;
  quantity: string;
  axis: AxisKind;
  estimator: BandEstimator;
  members: boolean;
  band: boolean;
  train: boolean;
  test: boolean;
  events: boolean;
  /** Mark the medians of the fit and generalization step; for a chart of one arm. */
  medianRules: boolean;
  /** What a legend calls a group among others; its `short` where absent. */
  nameOf?: (group: ArmGroup) => string;
  /** Let x reach to the budget, so that a growing curve moves no axis. */
  toBudget: boolean;
}

/** What of a recorded curve is drawn. `overview`: some of it was left out before, by the overview's rule. */
export interface Counted {
  shown: number;
  of: number;
  overview: boolean;
}

export const MAX_POINTS_PER_CURVE = 2000;
/** SVG stays quick up to about this many points a chart. */
const MAX_POINTS = 24_000;
/** In steps (R10 of ISO 3), so that one more run seldom changes what is drawn of the others. */
const pointSteps: readonly number[] = [
  MAX_POINTS_PER_CURVE,
  1600,
  1250,
  1000,
  800,
  630,
  500,
  400,
  315,
  250,
  200,
];
const MIN_POINTS_PER_CURVE = 160;

export function pointsPerCurve(lines: number): number {
  const share = MAX_POINTS / Math.max(1, lines);
  return pointSteps.find((step) => step <= share) ?? MIN_POINTS_PER_CURVE;
}

/** Groups stay the same objects while their runs stand still, and most of a comparison does while one run joins it. */
const drawnColumns = new Kept<ArmGroup, DrawnColumn>();
const drawnEvents = new Kept<ArmGroup, FigureMark[]>();

/** A column of a group in the legend; `rank`: its place among the group's columns. */
interface LegendGroup extends ArmGroup {
  entry: LegendEntry;
  rank: number;
}

export function curveFigure(groups: readonly ArmGroup[], options: CurveOptions): Figure {
  const { quantity, axis, estimator, members, band, train, test } = options;
  const lines: FigureLine[] = [];
  const legend: LegendGroup[] = [];
  const notes = new Set<string>();
  const counted: Counted = { shown: 0, of: 0, overview: false };
  const columnsOf = (group: ArmGroup): MetricColumn[] =>
    groupColumns(group).filter((column) => column.quantity === options.quantity && isShown(column, options));
  const lineCount = groups.reduce(
    (sum, group) => sum + columnsOf(group).length * (group.entries.length + 1),
    0,
  );
  const maxPoints = pointsPerCurve(lineCount);
  for (const group of groups) {
    columnsOf(group).forEach((column, rank, columns) => {
      const look = columnLook(columns, column, group.variant.symbol);
      const prefix = groups.length === 1 ? '' : `${options.nameOf?.(group) ?? group.short}, `;
      const from = JSON.stringify([look, prefix, axis, estimator, members, band, maxPoints]);
      const drawn = drawnColumns.get(group, column.name, from, () =>
        drawColumn(group, column, look, prefix, options, maxPoints),
      );
      lines.push(...drawn.lines);
      if (drawn.legend !== null) legend.push({ ...group, entry: inSeries(drawn.legend, group, rank), rank });
      for (const note of drawn.notes) notes.add(note);
      counted.shown += drawn.counted.shown;
      counted.of += drawn.counted.of;
      counted.overview ||= drawn.counted.overview;
    });
  }
  const shownEvents = JSON.stringify([axis, train, test]);
  const eventsOf = (group: ArmGroup): FigureMark[] =>
    drawnEvents.get(group, quantity, shownEvents, () => eventMarks(group, options));
  const units = groups.filter((group) => group.entries.some(({ curve }) => curve.length > 0));
  return {
    view: `${options.quantity} ${options.axis}`,
    title: options.title,
    description: describeCurves(groups, options),
    xLabel: xLabel(units, options.axis),
    yLabel: yLabel(groups, options.quantity),
    xRange: options.toBudget ? budgetRange(groups, options.axis) : null,
    yRange: options.quantity === 'accuracy' ? [0, 1] : null,
    categories: null,
    // Members first: the median lies on top.
    lines: lines.toSorted((a, b) => a.style.width - b.style.width),
    marks: options.events ? groups.flatMap(eventsOf) : [],
    spans: [],
    rules: rulesOf(groups, options, lines.length > 0),
    legend: inLegendOrder(legend, (a, b) => a.rank - b.rank).map(({ entry }) => entry),
    notes: [...rampWords(groups), ...countNotes(counted, maxPoints), ...notes],
  };
}

function inSeries(entry: LegendEntry, group: ArmGroup, rank: number): LegendEntry {
  return group.variant.ramp === undefined ? entry : { ...entry, series: `${rowOf(group)} ${rank}` };
}

/** Medians of one arm's steps; or the step at which all families are aligned. */
function rulesOf(groups: readonly ArmGroup[], options: CurveOptions, drawn: boolean): FigureRule[] {
  if (options.axis === 'relative-to-fit' && drawn) {
    return [{ x: 1, label: 'fit step of each run', row: 0, color: '#6e7781', shade: 0 }];
  }
  return options.medianRules && options.axis === 'effort' ? groups.flatMap(medianRules) : [];
}

function isShown(column: MetricColumn, options: CurveOptions): boolean {
  return column.split === null || (column.split === 'train' ? options.train : options.test);
}

const unsplitDashes: readonly Dash[] = ['solid', 'dot', 'dashdot', 'dash'];

/** Place of a column among those of one quantity and split: 0 for all but the parts of one measure. */
export function rankInSplit(columns: readonly MetricColumn[], column: MetricColumn): number {
  return columns.filter((other) => other.split === column.split).indexOf(column);
}

/** Dash = split; of several columns of one split, the later ones have symbols of their own. */
function columnLook(
  columns: readonly MetricColumn[],
  column: MetricColumn,
  armSymbol: LineSymbol | null,
): Pick<LineStyle, 'dash' | 'symbol'> {
  const rank = rankInSplit(columns, column);
  if (column.split === null) {
    return { dash: unsplitDashes[rank % unsplitDashes.length] as Dash, symbol: armSymbol };
  }
  return {
    dash: column.split === 'train' ? 'dash' : 'solid',
    symbol: rank === 0 ? armSymbol : measureSymbol(rank),
  };
}

interface DrawnColumn {
  lines: FigureLine[];
  legend: LegendEntry | null;
  notes: string[];
  counted: Counted;
}

/** A run with its place on the chosen axis. */
interface Placed {
  entry: ArmEntry;
  x: Float64Array;
  xUnit: string;
}

function drawColumn(
  group: ArmGroup,
  column: MetricColumn,
  look: Pick<LineStyle, 'dash' | 'symbol'>,
  prefix: string,
  options: CurveOptions,
  maxPoints: number,
): DrawnColumn {
  const drawn: DrawnColumn = {
    lines: [],
    legend: null,
    notes: [],
    counted: { shown: 0, of: 0, overview: false },
  };
  const placed = placeRuns(group, column, options.axis, drawn.notes);
  if (placed.length === 0) return drawn;
  const bold: LineStyle = {
    ...lookOf(group),
    ...look,
    width: 2.5,
    opacity: 1,
  };
  const entries = placed.map(({ entry }) => entry);
  const shared = entries.length > 1 && shareScale(entries, options.axis);
  if (entries.length > 1 && !shared) {
    drawn.notes.push(
      `No ${bandCenters[options.estimator]} and no band where the runs of an arm share no x on this axis.`,
    );
  }
  if (options.members || !shared) {
    const style = shared
      ? { ...bold, symbol: null, width: 1, opacity: 0.3 }
      : { ...bold, ...(entries.length > 1 ? { width: 1, opacity: 0.6 } : { width: 2 }) };
    for (const one of placed) addLine(drawn, ...memberLine(group, column, one, style, maxPoints));
  }
  let label = `${column.label}: ${seedsInWords(group)}`;
  if (shared) {
    const end = firstEarlyEnd(entries);
    const [median, counted] = medianLine(group, column, entries, options, end);
    if (entries.some(({ run }) => run.effort > end)) {
      drawn.notes.push(
        `The ${bandCenters[options.estimator]} of ${group.label} ends at ${formatEffort(end)}, where the first run ended that had generalized.`,
      );
    }
    ({ label } = median);
    addLine(drawn, { ...median, label: `${group.label}, ${label}`, style: bold }, counted);
  }
  drawn.legend = {
    key: `${group.key} ${column.name}`,
    label: `${prefix}${label}`,
    style: bold,
    band: shared && options.band,
  };
  return drawn;
}

function addLine(drawn: DrawnColumn, line: FigureLine, { shown, of, overview }: Counted): void {
  drawn.lines.push(line);
  drawn.counted.shown += shown;
  drawn.counted.of += of;
  drawn.counted.overview ||= overview;
}

function placeRuns(group: ArmGroup, column: MetricColumn, kind: AxisKind, notes: string[]): Placed[] {
  const begun = group.entries.filter(({ curve }) => curve.length > 0 && column.name in curve.columns);
  return begun.flatMap((entry) => {
    const axis = axisValues(entry.run, entry.curve, kind, entry.row.result);
    if ('x' in axis) return [{ entry, x: axis.x, xUnit: axis.label }];
    notes.push(`Not drawn: ${group.label}, seed ${entry.run.seed}. ${axis.unavailable}`);
    return [];
  });
}

function memberLine(
  group: ArmGroup,
  column: MetricColumn,
  { entry, x, xUnit }: Placed,
  style: LineStyle,
  maxPoints: number,
): [FigureLine, Counted] {
  const rows = filledRows(entry.curve, column);
  const filled = (values: Float64Array): Float64Array => (rows === null ? values : pick(values, rows));
  const y = filled(entry.curve.columns[column.name] as Float64Array);
  const effort = filled(entry.curve.columns['effort'] as Float64Array);
  const { indices, shown, of } = decimateLog(effort, y, maxPoints);
  const recorded = entry.recorded?.[column.name] ?? of;
  const line: FigureLine = {
    key: `${entry.run.id} ${column.name}`,
    label: `${group.label}, seed ${entry.run.seed}, ${column.label}`,
    origin: { arm: group.label, seed: entry.run.seed, column: column.name, statistic: 'run', xUnit },
    style,
    x: pick(filled(x), indices),
    y: pick(y, indices),
    spread: null,
  };
  return [line, { shown, of: recorded, overview: recorded > of }];
}

/** Whether one effort lies at one x in all runs: only then do they share x values. */
export function shareScale(entries: readonly ArmEntry[], axis: AxisKind): boolean {
  const same = (read: (entry: ArmEntry) => number): boolean => new Set(entries.map(read)).size === 1;
  switch (axis) {
    case 'effort':
    case 'steps':
      return true;
    case 'epochs':
      return same(({ run }) => run.effortsPerEpoch);
    case 'examples':
      return same(({ run }) => run.effortsPerEpoch / run.trainSize);
    case 'relative-to-budget':
      return same(({ run }) => run.arm.budget.maxEffort);
    case 'seconds':
    case 'relative-to-fit':
      return false;
  }
}

function medianLine(
  group: ArmGroup,
  column: MetricColumn,
  entries: readonly ArmEntry[],
  options: CurveOptions,
  end: number,
): [Omit<FigureLine, 'style'>, Counted] {
  const band = upTo(
    end,
    bandOverSeeds(
      entries.map(({ curve }) => curve),
      column.name,
      options.estimator,
    ),
  );
  const indices = decimateBand(band, MAX_POINTS_PER_CURVE);
  // The runs share one scale, so the first one's places the band.
  const { run, row } = entries[0] as ArmEntry;
  const efforts: RunCurve = { runId: run.id, length: band.effort.length, columns: { effort: band.effort } };
  const axis = axisValues(run, efforts, options.axis, row.result);
  const x = 'x' in axis ? axis.x : new Float64Array();
  const xUnit = 'x' in axis ? axis.label : group.effortUnit;
  const n = nInWords(band.n);
  const statistic = `${band.label}, n = ${n}`;
  const line = {
    key: `${group.key} ${column.name} median`,
    label: `${column.label}: ${options.band ? statistic : `${bandCenters[options.estimator]}, n = ${n}`}`,
    origin: { arm: group.label, seed: null, column: column.name, statistic, xUnit },
    x: pick(x, indices),
    y: pick(band.center, indices),
    spread: {
      low: pick(band.low, indices),
      high: pick(band.high, indices),
      n: Int32Array.from(indices, (i) => band.n[i] as number),
      drawn: options.band,
    },
  };
  return [line, { shown: indices.length, of: band.effort.length, overview: false }];
}

/** Where the first of an arm's runs ended because it had generalized: beyond it, what is left is not the arm. */
function firstEarlyEnd(entries: readonly ArmEntry[]): number {
  return Math.min(...entries.flatMap(({ run }) => (endedEarly(run) ? [run.effort] : [])));
}

function upTo(end: number, band: Band): Band {
  const rows = band.effort.findIndex((effort) => effort > end);
  if (rows < 0) return band;
  return {
    effort: band.effort.subarray(0, rows),
    center: band.center.subarray(0, rows),
    low: band.low.subarray(0, rows),
    high: band.high.subarray(0, rows),
    n: band.n.subarray(0, rows),
    label: band.label,
  };
}

/** Rows that keep the extremes of the median and of both edges of its band. */
function decimateBand(band: Band, maxPoints: number): Int32Array {
  const share = Math.floor(maxPoints / 3);
  const kept = [band.center, band.low, band.high].map(
    (values) => decimateLog(band.effort, values, share).indices,
  );
  if (band.effort.length <= maxPoints) return Int32Array.from(band.effort, (_, row) => row);
  return Int32Array.from(new Set(kept.flatMap((indices) => [...indices]))).sort();
}

/** "5", or "3 to 5" where runs ended early. */
function nInWords(n: Int32Array): string {
  const low = n.reduce((least, value) => Math.min(least, value), Infinity);
  const high = n.reduce((most, value) => Math.max(most, value), 0);
  return low < high ? `${low} to ${high}` : `${high}`;
}

function pick(values: Float64Array, indices: Int32Array): Float64Array {
  return Float64Array.from(indices, (row) => values[row] as number);
}

function countNotes({ shown, of, overview }: Counted, maxPoints: number): string[] {
  if (of === 0) return ['No rows are recorded yet.'];
  const rule =
    shown === of
      ? 'every recorded point'
      : overview
        ? `${overviewRule} (at most ${formatEffort(maxPoints)} a run)`
        : `at most ${formatEffort(maxPoints)} a run and ${formatEffort(MAX_POINTS_PER_CURVE)} a median: first, last, lowest and highest of log-spaced buckets`;
  return [`Showing ${formatEffort(shown)} of ${formatEffort(of)} points: ${rule}.`];
}

/** The axis in words; on an axis of own units, whose unit is which. */
export function xLabel(groups: readonly ArmGroup[], axis: AxisKind): string {
  const units = [...new Set(groups.map((group) => group.effortUnit))];
  if (axis === 'steps' || axis === 'relative-to-fit') {
    const named = units.map((unit) => `${unit}s`).join(', ');
    return named === '' ? axisTitles[axis] : `${axisTitles[axis].replace(/ \(.*/, '')} (${named})`;
  }
  if (axis !== 'effort') return axisTitles[axis];
  if (units.length === 0) return 'effort';
  if (units.length === 1) return `${units[0]}s`;
  return `effort (each in its own unit: ${units.map((unit) => `${unit}s`).join(', ')})`;
}

function yLabel(groups: readonly ArmGroup[], quantity: string): string {
  const columns = groups.flatMap(groupColumns).filter((column) => column.quantity === quantity);
  const units = new Set(columns.map((column) => column.unit).filter((unit) => unit !== ''));
  const labels = new Set(columns.filter((column) => column.split === null).map((column) => column.label));
  const name = labels.size === 1 ? ([...labels][0] as string) : quantity;
  return units.size === 1 ? `${name} (${[...units][0]})` : name;
}

function budgetRange(groups: readonly ArmGroup[], axis: AxisKind): [number, number] | null {
  if (axis !== 'effort') return null;
  const budgets = groups.flatMap(({ entries }) =>
    entries.map(({ run }) => (endedEarly(run) ? run.effort : run.arm.budget.maxEffort)),
  );
  const starts = groups.flatMap(({ entries }) =>
    entries.flatMap(({ curve }) => curve.columns['effort']?.[0] ?? []),
  );
  return budgets.length === 0 ? null : [Math.min(0, ...starts), Math.max(...budgets)];
}

function medianRules(group: ArmGroup): FigureRule[] {
  const { n, fitStep, generalizationStep } = group.row;
  const look = lookOf(group);
  const prefix = n === 1 ? '' : 'median ';
  const rules: FigureRule[] = [];
  if (fitStep.kind === 'observed') {
    rules.push({ x: fitStep.value, label: `${prefix}fit ${formatEffort(fitStep.value)}`, row: 0, ...look });
  }
  if (generalizationStep.kind === 'observed') {
    const label = `${prefix}generalization ${formatEffort(generalizationStep.value)}`;
    rules.push({ x: generalizationStep.value, label, row: 1, ...look });
  }
  return rules;
}
