/** A phase diagram: what became of an arm at each combination of two of its swept settings (Liu et al. 2022, fig. 6). */
import type { MedianResult } from '../aggregate.ts';
import { formatAxisValues, formatInterval, formatMedian, NO_VALUE } from '../format.ts';
import { GROKKING_DELAY, phaseMethod, phaseOf, phases, phaseVote } from '../phase.ts';
import { endedStatuses } from '../run.ts';
import { axisName, isAt, pointKey, pointWords, type SweepPoint, type SweepValue } from '../sweep.ts';
import { capital } from './describe.ts';
import type { Figure, FigureGrid, GridCell } from './figure.ts';
import type { ArmGroup } from './groups.ts';
import { printQuantity, sweepQuantities, type SweepQuantity } from './sweep-quantities.ts';

export type GridQuantity = SweepQuantity | 'phase' | 'generalized';
export const gridQuantities: Record<GridQuantity, string> = {
  phase: 'phase (Liu et al. 2022)',
  ...sweepQuantities,
  generalized: 'share of seeds that generalized',
};

export interface GridOptions {
  title: string;
  x: string;
  y: string;
  quantity: GridQuantity;
  /** Values of the settings that are on neither axis. */
  at: SweepPoint;
  grokkingDelay: number;
  contours: boolean;
}

export const defaultGrokkingDelay = GROKKING_DELAY;

/** Of the phases, worst first; Okabe and Ito's, none of which a family has. */
const phaseColors = ['#4d4d4d', '#e69f00', '#56b4e9', '#f0e442'] as const;

export interface SweptArm {
  /** `studyId/armId`. */
  key: string;
  title: string;
  groups: ArmGroup[];
  /** Settings that take several values, and these in order. */
  axes: { path: string; values: SweepValue[] }[];
}

/** Arms that sweep two settings or more. */
export function gridArms(groups: readonly ArmGroup[]): SweptArm[] {
  const byArm = new Map<string, ArmGroup[]>();
  for (const group of groups) {
    const known = byArm.get(group.armKey);
    if (known === undefined) byArm.set(group.armKey, [group]);
    else known.push(group);
  }
  return [...byArm].flatMap(([key, own]) => {
    const axes = sweptAxes(own);
    return axes.length < 2 ? [] : [{ key, title: own[0]?.armTitle ?? key, groups: own, axes }];
  });
}

function sweptAxes(groups: readonly ArmGroup[]): SweptArm['axes'] {
  const paths = [...new Set(groups.flatMap(({ point }) => Object.keys(point)))];
  return paths.flatMap((path) => {
    const values = [...new Set(groups.flatMap(({ point }) => point[path] ?? []))];
    return values.length < 2 ? [] : [{ path, values: inOrder(values) }];
  });
}

/** Numbers by size; words as the study lists them. */
function inOrder(values: SweepValue[]): SweepValue[] {
  return values.every((value) => typeof value === 'number') ? values.toSorted((a, b) => a - b) : values;
}

/** The values of the settings on neither axis: those asked for where they exist, else the first. */
export function sliceOf(arm: SweptArm, x: string, y: string, asked: SweepPoint): SweepPoint {
  return Object.fromEntries(
    arm.axes
      .filter(({ path }) => path !== x && path !== y)
      .map(({ path, values }) => {
        const wanted = asked[path];
        const value = wanted !== undefined && values.includes(wanted) ? wanted : values[0];
        return [path, value as SweepValue];
      }),
  );
}

export function sweepGrid(arm: SweptArm, options: GridOptions): Figure {
  const { x, y, at, quantity } = options;
  const valuesOf = (path: string): SweepValue[] => arm.axes.find((axis) => axis.path === path)?.values ?? [];
  const [columns, rows] = [valuesOf(x), valuesOf(y)];
  const byPoint = new Map(
    arm.groups.filter(({ point }) => isAt(point, at)).map((one) => [pointKey(one.point), one]),
  );
  const group = (column: SweepValue, row: SweepValue): ArmGroup | undefined =>
    byPoint.get(pointKey({ ...at, [x]: column, [y]: row }));
  const cells = rows.flatMap((row) =>
    columns.map((column): GridCell => {
      const here = pointWords({ [x]: column, [y]: row });
      return cellOf(group(column, row), here, [column, row], options);
    }),
  );
  const paths = [x, y];
  const label = quantity === 'phase' ? 'phase' : gridQuantities[quantity];
  const scale = scaleOf(quantity, cells);
  const contours = options.contours && quantity !== 'phase' ? contourLevels(cells, scale) : null;
  const unit = arm.groups[0]?.effortUnit ?? 'effort';
  const hatched = cells.filter((cell) => cell.hatched).length;
  return {
    view: `grid ${arm.key} ${x} ${y} ${quantity}`,
    title: options.title,
    description: describeGrid(arm, options, cells),
    xLabel: axisName(x, paths),
    yLabel: axisName(y, paths),
    xRange: null,
    yRange: null,
    categories: null,
    lines: [],
    marks: [],
    spans: [],
    rules: [],
    grid: {
      key: `grid ${arm.key}`,
      label: hasUnit(quantity) ? `${label} (${unit}s)` : label,
      xTicks: formatAxisValues(columns),
      yTicks: formatAxisValues(rows),
      cells,
      scale,
      contours,
      columns: [axisName(x, paths), axisName(y, paths), ...tableColumns(quantity)],
    },
    legend: [],
    notes: [
      `Showing ${cells.length} of ${cells.length} cells${pointWords(at) === '' ? '' : ` at ${pointWords(at)}`}, one per sweep point; rows and columns are evenly spaced, whatever their values.`,
      quantity === 'phase'
        ? `${phaseMethod(options.grokkingDelay)}. A cell has the phase of most of its seeds, of a tie the worse one.`
        : quantity === 'generalized'
          ? 'Share of the runs with recorded rows that generalized within them.'
          : 'Kaplan–Meier medians over seeds.',
      ...(hatched === 0 ? [] : [`${hatched} hatched: the median is censored, and exceeds what is written.`]),
      ...(contours === null
        ? []
        : [
            `Lines of equal value at ${contours.map(printQuantity(quantity as SweepQuantity)).join(', ')}, straight between the centres of cells.`,
          ]),
    ],
  };
}

function hasUnit(quantity: GridQuantity): boolean {
  return !['phase', 'generalized', 'delayRatio'].includes(quantity);
}

function tableColumns(quantity: GridQuantity): string[] {
  switch (quantity) {
    case 'phase':
      return ['phase', 'tied', ...phases, 'unfinished', 'n'];
    case 'generalized':
      return ['share generalized', 'generalized', 'n'];
    default:
      return [sweepQuantities[quantity], 'bound only', 'low', 'high', 'n', 'censored', 'undefined'];
  }
}

function cellOf(
  group: ArmGroup | undefined,
  here: string,
  place: SweepValue[],
  options: GridOptions,
): GridCell {
  if (group === undefined || group.row.n === 0) {
    return { value: null, text: '', said: `${here}: no rows yet`, hatched: false, row: [...place, null] };
  }
  const { quantity } = options;
  if (quantity === 'phase') return phaseCell(group, here, place, options.grokkingDelay);
  if (quantity === 'generalized') {
    const { generalized, n } = group.row;
    return {
      value: generalized / n,
      text: `${generalized} of ${n}`,
      said: `${here}: ${generalized} of ${n} generalized`,
      hatched: false,
      row: [...place, generalized / n, generalized, n],
    };
  }
  return medianCell(group.row[quantity], quantity, here, place);
}

function medianCell(
  median: MedianResult,
  quantity: SweepQuantity,
  here: string,
  place: SweepValue[],
): GridCell {
  const print = printQuantity(quantity);
  const { n, censored } = median;
  const counts = [n, censored, median.undefined];
  if (median.kind === 'no-data') {
    const said = `${here}: no ${sweepQuantities[quantity]}, ${median.undefined} without one`;
    return {
      value: null,
      text: NO_VALUE,
      said,
      hatched: false,
      row: [...place, null, null, null, null, ...counts],
    };
  }
  const open = median.kind === 'not-reached';
  const value = open ? median.atLeast : median.value;
  const interval = formatInterval(median, print);
  const said = [
    `${here}: ${sweepQuantities[quantity]} ${formatMedian(median, print)}`,
    ...(interval === '' ? [] : [interval]),
    `n = ${n}`,
    ...(censored === 0 ? [] : [`${censored} censored`]),
    ...(median.undefined === 0 ? [] : [`${median.undefined} undefined`]),
  ].join(', ');
  const [low, high] = open ? [value, null] : [median.low, median.high];
  return {
    value,
    text: formatMedian(median, print),
    said,
    hatched: open,
    row: [...place, value, open ? 'yes' : 'no', low, high, ...counts],
  };
}

function phaseCell(group: ArmGroup, here: string, place: SweepValue[], grokkingDelay: number): GridCell {
  const ended = group.entries.filter(({ run }) => endedStatuses.includes(run.status));
  const vote = phaseVote(ended.map(({ row }) => phaseOf(row.result, grokkingDelay)));
  const unfinished = group.entries.length - ended.length;
  const counted = phases.flatMap((phase) =>
    vote.counts[phase] === 0 ? [] : [`${vote.counts[phase]} ${phase}`],
  );
  const open = unfinished === 0 ? [] : [`${unfinished} not finished`];
  const said = `${here}: ${[...counted, ...open].join(', ') || 'no phase'}`;
  const counts = phases.map((phase) => vote.counts[phase]);
  const row = [...place, vote.phase, vote.tied ? 'yes' : 'no', ...counts, unfinished, group.entries.length];
  if (vote.phase === null) return { value: null, text: NO_VALUE, said, hatched: false, row };
  const most = vote.counts[vote.phase];
  const share = most === group.entries.length ? '' : `\n${most} of ${group.entries.length}`;
  return {
    value: phases.indexOf(vote.phase),
    text: `${vote.phase}${share}`,
    said,
    hatched: false,
    row,
  };
}

function scaleOf(quantity: GridQuantity, cells: readonly GridCell[]): FigureGrid['scale'] {
  if (quantity === 'phase') return { words: phases, colors: phaseColors };
  if (quantity === 'generalized') return 'linear';
  const values = cells.flatMap(({ value }) => value ?? []);
  return values.length > 0 && values.every((value) => value > 0) ? 'log' : 'linear';
}

/** Round values between the smallest and the largest: some at powers of ten and their halves, or at even steps. */
export function contourLevels(cells: readonly GridCell[], scale: FigureGrid['scale']): number[] | null {
  const values = cells.flatMap(({ value, hatched }) => (value === null || hatched ? [] : [value]));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (values.length < 3 || low === high) return null;
  const within = (level: number): boolean => level > low && level < high;
  const levels: number[] = [];
  if (scale === 'log') {
    const factors = high / low > 1000 ? [1] : high / low > 30 ? [1, 3] : [1, 1.5, 2, 3, 5, 7];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
      levels.push(...factors.map((factor) => Number((factor * 10 ** power).toPrecision(3))).filter(within));
    }
  } else {
    const step = roundStep((high - low) / 4);
    for (let i = Math.ceil(low / step); i * step < high; i++) {
      levels.push(...[Number((i * step).toPrecision(6))].filter(within));
    }
  }
  return levels.length === 0 ? null : levels;
}

/** 1, 2 or 5 times a power of ten, at most `size`. */
function roundStep(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size));
  const factor = [5, 2].find((one) => one * power <= size) ?? 1;
  return factor * power;
}

function describeGrid(arm: SweptArm, { x, y, quantity }: GridOptions, cells: readonly GridCell[]): string {
  const paths = [x, y];
  const over = `over ${axisName(x, paths)} and ${axisName(y, paths)}`;
  const start = `${arm.title}: ${quantity === 'phase' ? 'phases' : gridQuantities[quantity]} ${over}, ${cells.length} cells`;
  if (quantity === 'phase') {
    const counted = phases.flatMap((phase, i) => {
      const count = cells.filter(({ value }) => value === i).length;
      return count === 0 ? [] : [`${count} in ${phase}`];
    });
    return `${start}: ${counted.join(', ') || 'none with a phase'}.`;
  }
  const known = cells.filter(({ value, hatched }) => value !== null && !hatched);
  if (known.length === 0) return `${start}, none with a value that was seen.`;
  const sorted = known.toSorted((a, b) => (a.value as number) - (b.value as number));
  return `${start}; smallest ${capital((sorted[0] as GridCell).said)}; largest ${(sorted.at(-1) as GridCell).said}.`;
}
