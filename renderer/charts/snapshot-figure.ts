/** A snapshot panel as a figure, at one effort. */
import { formatEffort } from '../../shared/format.ts';
import type { RunRecord } from '../../shared/run.ts';
import {
  arraysAt,
  partsOf,
  type BarsPanel,
  type FunctionPanel,
  type LandscapePanel,
  type MatrixPanel,
  type Panel,
  type ScatterPanel,
  type Snapshot,
} from '../../shared/snapshot.ts';
import type { Figure, FigureLine, FigurePoints, LineStyle, Origin } from '../../shared/charts/figure.ts';
import { familyColors, measureColor } from '../../shared/charts/palette.ts';

type Parts = Record<string, Float64Array>;

/** Numbers of two components, from 0. */
export type Axes = readonly [number, number];

const none = new Float64Array();

/** What all figures of one run's snapshots share. */
interface Scene {
  run: RunRecord;
  snapshots: readonly Snapshot[];
  /** The cursor's effort. */
  effort: number;
  parts: Parts;
  origin: (column: string, xUnit: string) => Origin;
}

/** Effort of the newest snapshot at or before this one; null before the first. */
export function snapshotEffort(snapshots: readonly Snapshot[], effort: number): number | null {
  return snapshots.findLast((snapshot) => snapshot.effort <= effort)?.effort ?? null;
}

/** @param axes Which components of a scatter panel lie along x and y. */
export function snapshotFigure(
  run: RunRecord,
  panel: Panel,
  snapshots: readonly Snapshot[],
  effort: number,
  axes: Axes = [0, 1],
): Figure {
  const scene: Scene = {
    run,
    snapshots,
    effort,
    parts: partsOf(panel, arraysAt(snapshots, effort)),
    origin: (column, xUnit) => ({ arm: run.arm.title, seed: run.seed, column, statistic: 'run', xUnit }),
  };
  const drawn = drawPanel(panel, scene, axes);
  const at = snapshotEffort(snapshots, effort);
  const place = at === null ? 'before the first snapshot' : `${run.effortUnit} ${formatEffort(at)}`;
  return {
    ...drawn,
    notes: [`Snapshot at ${place}, ${snapshots.length} in all, log-spaced in effort.`, ...drawn.notes],
  };
}

function drawPanel(panel: Panel, scene: Scene, axes: Axes): Figure {
  switch (panel.kind) {
    case 'function':
      return functionFigure(panel, scene);
    case 'landscape':
      return landscapeFigure(panel, scene);
    case 'bars':
      return barsFigure(panel, scene);
    case 'matrix':
      return matrixFigure(panel, scene);
    case 'scatter':
      return scatterFigure(panel.components === undefined ? panel : inPlane(panel, scene, axes), scene);
  }
}

function emptyFigure(panel: Panel, { run }: Scene, xLabel: string, yLabel: string): Figure {
  return {
    view: `snapshot ${panel.name}`,
    title: `${panel.title}: ${run.arm.title}, seed ${run.seed}`,
    description: panel.description,
    xLabel,
    yLabel,
    xRange: null,
    yRange: null,
    categories: null,
    lines: [],
    marks: [],
    spans: [],
    rules: [],
    legend: [],
    notes: [panel.description],
  };
}

function plain(color: string, dash: LineStyle['dash'] = 'solid'): LineStyle {
  return { color, shade: 0, dash, width: 2, opacity: 1, symbol: null };
}

function functionFigure(panel: FunctionPanel, scene: Scene): Figure {
  const { parts, run, snapshots } = scene;
  const color = familyColors[run.family];
  const { x = none, mean = none, lower, upper } = parts;
  const origin = scene.origin(panel.yLabel, panel.xLabel);
  const banded = lower !== undefined && upper !== undefined;
  const line: FigureLine = {
    key: panel.name,
    label: panel.band === null ? panel.yLabel : `${panel.yLabel}, with ${panel.band}`,
    origin,
    style: plain(color),
    x,
    y: mean,
    spread: banded ? { low: lower, high: upper, n: new Int32Array(x.length), drawn: true } : null,
  };
  const data = (['train', 'test'] as const).flatMap((split): FigurePoints[] => {
    const [px, py] = [parts[`${split}X`], parts[`${split}Y`]];
    if (px === undefined || py === undefined) return [];
    const named = scene.origin(`${split} data`, panel.xLabel);
    const label = `${split} data`;
    return [
      {
        key: split,
        label,
        origin: named,
        color,
        shade: 0.6,
        open: split === 'test',
        x: px,
        y: py,
        stem: null,
        names: null,
      },
    ];
  });
  return {
    ...emptyFigure(panel, scene, panel.xLabel, panel.yLabel),
    yRange: functionRange(panel, snapshots),
    lines: [line],
    points: data,
    legend: [{ key: panel.name, label: line.label, style: line.style, band: banded }],
    notes: [
      panel.description,
      ...(data.length === 0 ? [] : ['Filled points: training data; open points: test data.']),
    ],
  };
}

/**
 * One range for the whole film, so that nothing jumps while it plays. Where there are data they and the means set it: a
 * prior's wide band would flatten everything that comes after it.
 */
function functionRange(panel: Panel, snapshots: readonly Snapshot[]): [number, number] | null {
  let [low, high] = [Infinity, -Infinity];
  const include = (values: Float64Array = none): void => {
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  };
  const all = snapshots.map(({ arrays }) => partsOf(panel, arrays));
  const hasData = all.some((parts) => parts['trainY'] !== undefined);
  for (const { mean, lower, upper, trainY, testY } of all) {
    for (const values of hasData ? [mean, trainY, testY] : [mean, lower, upper]) include(values);
  }
  if (!(low < high)) return null;
  const room = hasData ? 0.25 * (high - low) : 0;
  return [low - room, high + room];
}

function landscapeFigure(panel: LandscapePanel, scene: Scene): Figure {
  const { parts, run, snapshots, effort } = scene;
  const { x = none, y = none, z = none } = parts;
  const path = snapshots
    .filter((snapshot) => snapshot.effort <= effort)
    .map((snapshot) => partsOf(panel, snapshot.arrays)['position'] ?? Float64Array.of(NaN, NaN));
  const at = (i: 0 | 1): Float64Array => Float64Array.from(path, (position) => position[i] as number);
  const origin = scene.origin(`path of the run`, panel.xLabel);
  const here = path.at(-1);
  const color = familyColors[run.family];
  const trail: FigureLine = {
    key: `${panel.name} path`,
    label: `path from ${run.effortUnit} 0 to here`,
    origin,
    style: plain('#ffffff'),
    x: at(0),
    y: at(1),
    spread: null,
  };
  const point: FigurePoints = {
    key: `${panel.name} here`,
    label: 'here',
    origin: scene.origin('position', panel.xLabel),
    color,
    shade: 0,
    open: false,
    x: Float64Array.of(here?.[0] ?? NaN),
    y: Float64Array.of(here?.[1] ?? NaN),
    stem: null,
    names: null,
  };
  return {
    ...emptyFigure(panel, scene, panel.xLabel, panel.yLabel),
    heat: { key: panel.name, label: panel.zLabel, origin: scene.origin(panel.zLabel, panel.xLabel), x, y, z },
    lines: [trail],
    points: [point],
  };
}

/** More items than this stand side by side instead of one under another. */
const MOST_ROWS = 16;

function barsFigure(panel: BarsPanel, scene: Scene): Figure {
  return panel.items.length > MOST_ROWS ? stemsFigure(panel, scene) : rowsFigure(panel, scene);
}

/** One stem per item, in their order along x. */
function stemsFigure(panel: BarsPanel, scene: Scene): Figure {
  const { values = none, reference } = scene.parts;
  const x = Float64Array.from(panel.items, (_, i) => i + 1);
  const base = panel.log ? smallest(panel, scene.snapshots) : 0;
  const points = (
    key: string,
    label: string,
    y: Float64Array,
    color: string,
    stem: number | null,
  ): FigurePoints => ({
    key: `${panel.name} ${key}`,
    label,
    origin: scene.origin(label, 'item'),
    color,
    shade: 0,
    open: stem === null,
    x,
    y,
    stem,
    names: panel.items,
  });
  return {
    ...emptyFigure(
      panel,
      scene,
      `1 to ${panel.items.length}: ${panel.items[0]} to ${panel.items.at(-1)}`,
      panel.yLabel,
    ),
    yRange: barsRange(panel, scene.snapshots),
    points: [
      points('values', panel.yLabel, values, familyColors[scene.run.family], base),
      ...(reference === undefined
        ? []
        : [points('reference', panel.reference ?? 'reference', reference, measureColor(3), null)]),
    ],
    notes: [panel.description, ...(panel.reference === null ? [] : [`Open points: ${panel.reference}.`])],
  };
}

/** One row per item: a bar from 0 (on a log axis, from the smallest value) to its value. */
function rowsFigure(panel: BarsPanel, scene: Scene): Figure {
  const { parts, run } = scene;
  const { values = none, reference } = parts;
  const color = familyColors[run.family];
  const base = panel.log ? smallest(panel, scene.snapshots) : 0;
  const rows = Float64Array.from(values, (_, i) => i);
  const origin = scene.origin(panel.yLabel, panel.yLabel);
  const points: FigurePoints[] = [
    {
      key: panel.name,
      label: panel.yLabel,
      origin,
      color,
      shade: 0,
      open: false,
      x: values,
      y: rows,
      stem: null,
      names: panel.items,
    },
  ];
  if (reference !== undefined) {
    points.push({
      key: `${panel.name} reference`,
      label: panel.reference ?? 'reference',
      origin: scene.origin(panel.reference ?? 'reference', panel.yLabel),
      color: measureColor(3),
      shade: 0.3,
      open: true,
      x: reference,
      y: rows,
      stem: null,
      names: panel.items,
    });
  }
  return {
    ...emptyFigure(panel, scene, panel.yLabel, ''),
    xRange: barsRange(panel, scene.snapshots),
    categories: panel.items.map((label) => ({ label, header: false })),
    spans: Array.from(values, (value, y) => ({
      key: `${panel.name} ${y}`,
      color,
      shade: 0,
      dash: 'solid' as const,
      x: [base, value] as [number, number],
      y,
    })),
    points,
    notes: [panel.description, ...(panel.reference === null ? [] : [`Open points: ${panel.reference}.`])],
  };
}

function allBars(panel: BarsPanel, snapshots: readonly Snapshot[]): number[] {
  return snapshots.flatMap(({ arrays }) => {
    const { values = none, reference = none } = partsOf(panel, arrays);
    return [...values, ...reference].filter(Number.isFinite);
  });
}

function smallest(panel: BarsPanel, snapshots: readonly Snapshot[]): number {
  const positive = allBars(panel, snapshots).filter((value) => value > 0);
  return positive.length === 0 ? 1 : positive.reduce((low, value) => Math.min(low, value)) / 1.5;
}

function barsRange(panel: BarsPanel, snapshots: readonly Snapshot[]): [number, number] | null {
  const values = allBars(panel, snapshots);
  if (values.length === 0) return null;
  const start = panel.log ? smallest(panel, snapshots) : 0;
  return [
    values.reduce((low, value) => Math.min(low, value), start),
    values.reduce((high, value) => Math.max(high, value), start),
  ];
}

function matrixFigure(panel: MatrixPanel, scene: Scene): Figure {
  const count = (n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => i);
  return {
    ...emptyFigure(panel, scene, panel.xLabel, panel.yLabel),
    heat: {
      key: panel.name,
      label: panel.zLabel,
      origin: scene.origin(panel.zLabel, panel.xLabel),
      x: count(panel.columns),
      y: count(panel.rows),
      z: scene.parts['z'] ?? none,
    },
  };
}

/** A panel of many components as one of two: their labels, and, in the scene, their values. */
function inPlane(panel: ScatterPanel, scene: Scene, axes: Axes): ScatterPanel {
  const { components = [] } = panel;
  const last = components.length - 1;
  const [x, y] = [Math.min(axes[0], last), Math.min(axes[1], last)];
  const values = scene.parts['components'] ?? none;
  const along = (axis: number): Float64Array =>
    Float64Array.from(panel.items, (_, i) => values[i * components.length + axis] ?? NaN);
  scene.parts = { ...scene.parts, x: along(x), y: along(y) };
  return { ...panel, xLabel: components[x] ?? panel.xLabel, yLabel: components[y] ?? panel.yLabel };
}

function scatterFigure(panel: ScatterPanel, scene: Scene): Figure {
  const { x = none, y = none, group } = scene.parts;
  const groups = group === undefined ? [0] : [...new Set(group)].sort((a, b) => a - b);
  const points = groups.map((value): FigurePoints => {
    const indices = Array.from(x.keys()).filter((i) => group === undefined || group[i] === value);
    const label = group === undefined ? panel.title : `group ${value}`;
    return {
      key: `${panel.name} ${value}`,
      label,
      origin: scene.origin(label, panel.xLabel),
      color: measureColor(value),
      shade: 0,
      open: false,
      x: Float64Array.from(indices, (i) => x[i] as number),
      y: Float64Array.from(indices, (i) => y[i] as number),
      stem: null,
      names: indices.map((i) => panel.items[i] ?? String(i)),
    };
  });
  return { ...emptyFigure(panel, scene, panel.xLabel, panel.yLabel), points };
}
