/**
 * A chart before it is drawn. Traces, layout, table and CSV are all read from this one value, so that they cannot
 * disagree. x values are true ones; where a log axis draws 0 is decided when drawing.
 */
import type { LineSymbol, Look } from './palette.ts';

export type Scale = 'log' | 'linear';
export type Dash = 'solid' | 'dash' | 'dot' | 'dashdot';

/** Where a point comes from: the leading columns of the table and the CSV. */
export interface Origin {
  arm: string;
  /** Null for a statistic over seeds. */
  seed: number | null;
  /** What y holds: the column of the curve. */
  column: string;
  /** "run", or the estimator with its n. */
  statistic: string;
  xUnit: string;
}

export interface LineStyle extends Look {
  dash: Dash;
  width: number;
  opacity: number;
  /** Drawn sparsely along the line. */
  symbol: LineSymbol | null;
}

export interface FigureLine {
  key: string;
  label: string;
  origin: Origin;
  style: LineStyle;
  /** Both of one length. */
  x: Float64Array;
  y: Float64Array;
  /** Spread over seeds at the same x. */
  spread: { low: Float64Array; high: Float64Array; n: Int32Array; drawn: boolean } | null;
}

export type MarkSymbol = 'fit' | 'generalization' | 'censored' | 'failed';

/** One event of one run. A censored event lies at the last recorded effort, and is open. */
export interface FigureMark extends Look {
  key: string;
  label: string;
  origin: Origin;
  symbol: MarkSymbol;
  x: number;
  /** A value, or an index into the figure's categories. */
  y: number;
}

/** A horizontal bar between two x of one category: from the fit to the generalization step. */
export interface FigureSpan extends Look {
  key: string;
  dash: Dash;
  x: [number, number];
  y: number;
}

/** A row of a chart without a numeric y axis; a header stands over the rows that follow. */
export interface Category {
  label: string;
  header: boolean;
}

/** Points that no line joins: data, or items in the plane. y may be an index into the figure's categories. */
export interface FigurePoints extends Look {
  key: string;
  label: string;
  origin: Origin;
  open: boolean;
  /** One run among others that have a statistic of their own. */
  faint?: boolean;
  x: Float64Array;
  y: Float64Array;
  /** Draws a stem from this y to each point; null for none. */
  stem: number | null;
  /** What each point is; null where they have no names. */
  names: string[] | null;
}

/**
 * What colours mean: from the lowest to the highest value; around 0, with a colour for each sign; or a colour per class, whose
 * index is the value. A null range is that of the values drawn.
 */
export type HeatScale =
  | { kind: 'sequential'; range: [number, number] | null }
  | { kind: 'diverging'; range: [number, number] }
  | { kind: 'classes'; names: readonly string[]; colors: readonly string[] };

/** A surface over two axes, as a heat map. */
export interface FigureHeat {
  key: string;
  label: string;
  origin: Origin;
  /** Columns and rows; `z` is row-major [y, x]. */
  x: Float64Array;
  y: Float64Array;
  z: Float64Array;
  scale: HeatScale;
}

/** A cell of a `FigureGrid`. */
export interface GridCell {
  /** Null where there is nothing to show. */
  value: number | null;
  /** Written into the cell where there is room; lines are parted by a line feed. */
  text: string;
  /** Said on hover. */
  said: string;
  /** A value that only bounds what was not seen. */
  hatched: boolean;
  /** Its row of the table, in the grid's columns. */
  row: (string | number | null)[];
}

/** Cells over two settings. Each value has a column or row of its own: what lies between two is not drawn to scale. */
export interface FigureGrid {
  key: string;
  label: string;
  xTicks: string[];
  yTicks: string[];
  /** Row-major [y, x]. */
  cells: GridCell[];
  /** Of numbers; or words, to which the values are indices. */
  scale: 'log' | 'linear' | { words: readonly string[]; colors: readonly string[] };
  /** Draws lines of equal value through the centres of cells that are not hatched. */
  contours: number[] | null;
  /** Of the table. */
  columns: string[];
}

/** A vertical line with words over its top. */
export interface FigureRule extends Look {
  x: number;
  label: string;
  /** Words of different rows cannot collide. */
  row: 0 | 1;
}

export interface LegendEntry {
  key: string;
  label: string;
  style: LineStyle;
  band: boolean;
  /** Entries that differ by one value alone have one series: what else they say is said once. */
  series?: string;
}

export interface Figure {
  /** Zoom is kept while this stays the same. */
  view: string;
  title: string;
  /** One sentence or more; read out in place of the picture. */
  description: string;
  xLabel: string;
  yLabel: string;
  /** True x values; null: from the data. */
  xRange: [number, number] | null;
  /** Null: from the data. */
  yRange: [number, number] | null;
  /** Whether y grows downwards, as the rows of a matrix do. */
  yDown?: boolean;
  /** Whether the names of points are written beside them. */
  named?: boolean;
  /** Rows from top to bottom, or null for a numeric y axis. */
  categories: Category[] | null;
  lines: FigureLine[];
  marks: FigureMark[];
  spans: FigureSpan[];
  rules: FigureRule[];
  points?: FigurePoints[];
  heat?: FigureHeat;
  grid?: FigureGrid;
  legend: LegendEntry[];
  /** Said under the chart: what is shown of what, by which rule; what is left out, and why. */
  notes: string[];
}

export type FigureGeometry = Pick<Figure, 'lines' | 'marks' | 'spans' | 'rules' | 'points' | 'heat'>;

/** All x of a figure, line by line and then the single ones. */
export function allX(figure: FigureGeometry): Float64Array[] {
  const single = [
    ...figure.marks.map((mark) => mark.x),
    ...figure.spans.flatMap((span) => span.x),
    ...figure.rules.map((rule) => rule.x),
  ];
  return [
    ...figure.lines.map((line) => line.x),
    ...(figure.points ?? []).map((points) => points.x),
    ...(figure.heat === undefined ? [] : [figure.heat.x]),
    Float64Array.from(single),
  ];
}

/** Smallest and largest x, or null for a figure without points. */
export function xExtent(figure: FigureGeometry): [number, number] | null {
  let low = Infinity;
  let high = -Infinity;
  for (const values of allX(figure)) {
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : null;
}

/** Whether a log y axis can show every finite value. */
export function allowsLogY(figure: Figure): boolean {
  if (figure.categories !== null || figure.grid !== undefined) return false;
  const positive = (value: number): boolean => !Number.isFinite(value) || value > 0;
  let some = false;
  const surfaces = figure.heat === undefined ? [] : [figure.heat];
  for (const { y } of [...(figure.points ?? []), ...surfaces]) {
    if (!y.every(positive)) return false;
    some ||= y.length > 0;
  }
  for (const line of figure.lines) {
    if (!line.y.every(positive)) return false;
    if (line.spread?.drawn === true && !line.spread.low.every(positive)) return false;
    some ||= line.y.length > 0;
  }
  return some;
}
