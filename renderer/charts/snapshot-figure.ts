/** A snapshot panel as a figure, at one effort. */
import { formatEffort } from '../../shared/format.ts';
import type { RunRecord } from '../../shared/run.ts';
import {
  partsOf,
  type BarsPanel,
  type FunctionPanel,
  type LandscapePanel,
  type Panel,
  type Snapshot,
} from '../../shared/snapshot.ts';
import type { Figure, FigureLine, FigurePoints, LineStyle } from '../../shared/charts/figure.ts';
import { familyColors, measureColor } from '../../shared/charts/palette.ts';
import { matrixFigure, regionsFigure, scatterFigure } from './snapshot-planes.ts';
import { emptyFigure, extentOf, none, type Parts, type Scene } from './snapshot-scene.ts';

/** Numbers of two components, from 0. */
export type Axes = readonly [number, number];

/** The pictures of one panel, one per snapshot; what they share (ranges, colour scales) is found once. */
export class PanelFilm {
  readonly run: RunRecord;
  readonly panel: Panel;
  /** Of its snapshots, ascending. */
  readonly efforts: Float64Array;
  readonly #frames: readonly Parts[];
  readonly #found = new Map<string, unknown>();

  constructor(run: RunRecord, panel: Panel, snapshots: readonly Snapshot[]) {
    this.run = run;
    this.panel = panel;
    this.efforts = Float64Array.from(snapshots, ({ effort }) => effort);
    const frames: Parts[] = [];
    // Arrays that do not change come once: a frame has the newest of each.
    for (const { arrays } of snapshots) frames.push({ ...frames.at(-1), ...partsOf(panel, arrays) });
    this.#frames = frames;
  }

  /** The newest snapshot at or before this effort; −1 before the first. */
  indexAt(effort: number): number {
    return this.efforts.findLastIndex((one) => one <= effort);
  }

  /** @param axes Which components of a scatter panel lie along x and y. */
  figureAt(index: number, axes: Axes = [0, 1]): Figure {
    const { run, panel } = this;
    const scene: Scene = {
      run,
      frames: this.#frames,
      index,
      parts: this.#frames[index] ?? {},
      origin: (column, xUnit) => ({
        arm: run.arm.title,
        seed: run.seed,
        column,
        statistic: 'run',
        xUnit,
      }),
      once: (key, find) => this.#once(key, find),
    };
    const drawn = drawPanel(panel, scene, axes);
    const at = this.efforts[index];
    const place = at === undefined ? 'before the first snapshot' : `${run.effortUnit} ${formatEffort(at)}`;
    return {
      ...drawn,
      notes: [`Snapshot at ${place}, ${this.efforts.length} in all, log-spaced in effort.`, ...drawn.notes],
    };
  }

  #once<T>(key: string, find: () => T): T {
    if (!this.#found.has(key)) this.#found.set(key, find());
    return this.#found.get(key) as T;
  }
}

/** The panel at one effort; for many of them a `PanelFilm` is quicker. */
export function snapshotFigure(
  run: RunRecord,
  panel: Panel,
  snapshots: readonly Snapshot[],
  effort: number,
  axes: Axes = [0, 1],
): Figure {
  const film = new PanelFilm(run, panel, snapshots);
  return film.figureAt(film.indexAt(effort), axes);
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
      return scatterFigure(panel, scene, axes);
    case 'regions':
      return regionsFigure(panel, scene);
  }
}

function plain(color: string, dash: LineStyle['dash'] = 'solid'): LineStyle {
  return { color, shade: 0, dash, width: 2, opacity: 1, symbol: null };
}

function functionFigure(panel: FunctionPanel, scene: Scene): Figure {
  const { parts, run } = scene;
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
    yRange: scene.once('range', () => functionRange(scene.frames)),
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
function functionRange(frames: readonly Parts[]): [number, number] | null {
  const hasData = frames.some((parts) => parts['trainY'] !== undefined);
  const range = extentOf(
    frames.flatMap(({ mean, lower, upper, trainY, testY }) =>
      hasData ? [mean, trainY, testY] : [mean, lower, upper],
    ),
  );
  if (range === null) return null;
  const room = hasData ? 0.25 * (range[1] - range[0]) : 0;
  return [range[0] - room, range[1] + room];
}

function landscapeFigure(panel: LandscapePanel, scene: Scene): Figure {
  const { parts, run, frames, index } = scene;
  const { x = none, y = none, z = none } = parts;
  const path = frames.slice(0, index + 1).map((frame) => frame['position'] ?? Float64Array.of(NaN, NaN));
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
    heat: {
      key: panel.name,
      label: panel.zLabel,
      origin: scene.origin(panel.zLabel, panel.xLabel),
      x,
      y,
      z,
      scale: {
        kind: 'sequential',
        range: scene.once('z', () => extentOf(frames.map((frame) => frame['z']))),
      },
    },
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
  const base = panel.log ? smallest(scene) : 0;
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
    yRange: barsRange(panel, scene),
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
  const base = panel.log ? smallest(scene) : 0;
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
    xRange: barsRange(panel, scene),
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

function allBars({ frames, once }: Scene): number[] {
  return once('bars', () =>
    frames.flatMap(({ values = none, reference = none }) =>
      [...values, ...reference].filter(Number.isFinite),
    ),
  );
}

function smallest(scene: Scene): number {
  return scene.once('smallest', () => {
    const positive = allBars(scene).filter((value) => value > 0);
    return positive.length === 0 ? 1 : positive.reduce((low, value) => Math.min(low, value)) / 1.5;
  });
}

function barsRange(panel: BarsPanel, scene: Scene): [number, number] | null {
  return scene.once('range', () => {
    const values = allBars(scene);
    if (values.length === 0) return null;
    const start = panel.log ? smallest(scene) : 0;
    return [
      values.reduce((low, value) => Math.min(low, value), start),
      values.reduce((high, value) => Math.max(high, value), start),
    ];
  });
}
