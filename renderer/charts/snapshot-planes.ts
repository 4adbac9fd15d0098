/** Snapshot panels over a plane: matrices, points, decision regions. */
import type { MatrixPanel, RegionsPanel, ScatterPanel } from '../../shared/snapshot.ts';
import type { Figure, FigurePoints, HeatScale } from '../../shared/charts/figure.ts';
import { measureColor } from '../../shared/charts/palette.ts';
import type { Axes } from './snapshot-figure.ts';
import { emptyFigure, extentOf, none, type Parts, type Scene } from './snapshot-scene.ts';

/** More points than this would hide one another's names. */
const MOST_NAMED = 64;

/** The first row on top, as matrices are written; one colour scale for all snapshots, around 0 where there are both signs. */
export function matrixFigure(panel: MatrixPanel, scene: Scene): Figure {
  const count = (n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => i);
  return {
    ...emptyFigure(panel, scene, panel.xLabel, panel.yLabel),
    yDown: true,
    heat: {
      key: panel.name,
      label: panel.zLabel,
      origin: scene.origin(panel.zLabel, panel.xLabel),
      x: count(panel.columns),
      y: count(panel.rows),
      z: scene.parts['z'] ?? none,
      scale: scene.once('scale', () => matrixScale(extentOf(scene.frames.map((frame) => frame['z'])))),
    },
    notes: [panel.description, 'One colour scale for all snapshots.'],
  };
}

function matrixScale(range: [number, number] | null): HeatScale {
  if (range === null || range[0] >= 0 || range[1] <= 0) return { kind: 'sequential', range };
  const size = Math.max(-range[0], range[1]);
  return { kind: 'diverging', range: [-size, size] };
}

export function scatterFigure(panel: ScatterPanel, scene: Scene, axes: Axes): Figure {
  const { xLabel, yLabel, parts, frames } = inPlane(panel, scene, axes);
  const { x = none, y = none, group } = parts;
  const groups = group === undefined ? [0] : [...new Set(group)].sort((a, b) => a - b);
  const points = groups.map((value): FigurePoints => {
    const indices = Array.from(x.keys()).filter((i) => group === undefined || group[i] === value);
    const label = group === undefined ? panel.title : `group ${value}`;
    return {
      key: `${panel.name} ${value}`,
      label,
      origin: scene.origin(label, xLabel),
      color: measureColor(value),
      shade: 0,
      open: false,
      x: Float64Array.from(indices, (i) => x[i] as number),
      y: Float64Array.from(indices, (i) => y[i] as number),
      stem: null,
      names: indices.map((i) => panel.items[i] ?? String(i)),
    };
  });
  return {
    ...emptyFigure(panel, scene, xLabel, yLabel),
    xRange: scene.once(`along ${xLabel}`, () => extentOf(frames.map((frame) => frame['x']))),
    yRange: scene.once(`along ${yLabel}`, () => extentOf(frames.map((frame) => frame['y']))),
    points,
    named: x.length <= MOST_NAMED,
  };
}

interface Plane {
  xLabel: string;
  yLabel: string;
  parts: Parts;
  frames: readonly Parts[];
}

/** A panel of many components as one of two. */
function inPlane(panel: ScatterPanel, scene: Scene, axes: Axes): Plane {
  const { components } = panel;
  if (components === undefined) return { ...panel, parts: scene.parts, frames: scene.frames };
  const last = components.length - 1;
  const [x, y] = [Math.min(axes[0], last), Math.min(axes[1], last)];
  const along = (values: Float64Array, axis: number): Float64Array =>
    Float64Array.from(panel.items, (_, i) => values[i * components.length + axis] ?? NaN);
  const inBoth = ({ components: values = none, ...others }: Parts): Parts => ({
    ...others,
    x: along(values, x),
    y: along(values, y),
  });
  return {
    xLabel: components[x] ?? panel.xLabel,
    yLabel: components[y] ?? panel.yLabel,
    parts: inBoth(scene.parts),
    frames: scene.once(`frames ${x} ${y}`, () => scene.frames.map(inBoth)),
  };
}

/** Regions are told apart by their colours, their examples by the same, and by what is said of each. */
export function regionsFigure(panel: RegionsPanel, scene: Scene): Figure {
  const { parts } = scene;
  const { x = none, y = none, z = none } = parts;
  const colors = panel.classes.map((_, i) => measureColor(i));
  const points = (['train', 'test'] as const).flatMap((split) => {
    const [px, py, labels] = ['X', 'Y', 'Class'].map((part) => parts[`${split}${part}`] ?? none);
    return panel.classes.map((name, index): FigurePoints => {
      const rows = Array.from(labels?.keys() ?? []).filter((i) => labels?.[i] === index);
      const label = `${split} examples of class ${name}`;
      return {
        key: `${split} ${index}`,
        label,
        origin: scene.origin(label, panel.xLabel),
        color: colors[index] as string,
        shade: 0.35,
        open: split === 'test',
        x: Float64Array.from(rows, (i) => px?.[i] as number),
        y: Float64Array.from(rows, (i) => py?.[i] as number),
        stem: null,
        names: rows.map(() => label),
      };
    });
  });
  const edges = (grid: Float64Array): [number, number] | null =>
    grid.length === 0 ? null : [grid[0] as number, grid.at(-1) as number];
  return {
    ...emptyFigure(panel, scene, panel.xLabel, panel.yLabel),
    xRange: edges(x),
    yRange: edges(y),
    heat: {
      key: panel.name,
      label: 'class',
      origin: scene.origin('class answered', panel.xLabel),
      x,
      y,
      z,
      scale: { kind: 'classes', names: panel.classes, colors },
    },
    points: points.filter((one) => one.x.length > 0),
    notes: [panel.description, 'Filled points: training data; open points: test data.'],
  };
}
