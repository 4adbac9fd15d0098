/**
 * A figure as one still SVG picture, drawn by pure code: the same in a window, in a report and in a bundle. Lines of equal
 * value of a grid and surfaces of snapshots are Plotly's to draw; figures that have them are not given here.
 */
import type { Dash, Figure, FigureLine, FigureMark, LineStyle, Scale } from './figure.ts';
import { markTitles, printTheme, shown, symbolOutlines, wrap, type ChartTheme } from './look.ts';
import type { LineSymbol } from './palette.ts';
import { xAxis, yAxis, type Axis } from './svg-axes.ts';
import { gridCells, gridLegend } from './svg-grid.ts';
import { line, node, round, text, type SvgNode } from './svg-node.ts';

export interface SvgOptions {
  xScale: Scale;
  yScale: Scale;
  theme?: ChartTheme;
  width?: number;
  /** Writes the title and the notes into the picture, for one that stands alone. */
  alone?: boolean;
}

/** The part of a picture in which values lie. */
interface Plot {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Placing {
  x: (value: number) => number;
  y: (value: number) => number;
  theme: ChartTheme;
}

const WIDTH = 760;
const HEIGHT = 300;
const ROW = 20;
const CELL = 46;
const LEGEND_LINE = 17;
const NOTE_LINE = 14;
const CHARACTER = 6.3;
const FONT = 'system-ui, sans-serif';
const MARKERS_PER_LINE = 12;

export const dashes: Record<Dash, string> = { solid: '', dash: '6 4', dot: '2 3', dashdot: '7 3 2 3' };

export function figureSvg(figure: Figure, options: SvgOptions): SvgNode {
  const { theme = printTheme, width = WIDTH, alone = false } = options;
  const top = (alone ? 34 : 8) + (figure.rules.length > 0 ? 32 : 4);
  const rows = figure.categories?.length ?? 0;
  const labels = (figure.categories ?? []).map(({ label, header }) => (header ? 0 : label.length));
  const yWords = figure.grid?.yTicks.map((tick) => tick.length) ?? [];
  const left = 34 + CHARACTER * Math.min(24, Math.max(5, ...labels, ...yWords));
  const right = figure.grid === undefined ? 18 : 120;
  const height =
    figure.grid !== undefined ? CELL * figure.grid.yTicks.length : rows > 0 ? ROW * rows : HEIGHT;
  const plot: Plot = { left, top, width: width - left - right, height };
  const legend = legendOf(figure, theme, width);
  const notes = alone ? figure.notes.flatMap((note) => wrap(note, Math.floor((width - 20) / 5.6))) : [];
  const below = top + height + 44;
  const total = below + legend.height + NOTE_LINE * notes.length + (notes.length > 0 ? 10 : 2);
  return node(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${round(total)}`,
      width,
      height: round(total),
      role: 'img',
      'aria-label': `${figure.title}. ${figure.description}`,
      'font-family': FONT,
      'font-size': 12,
      fill: theme.text,
    },
    [
      node('rect', { width: '100%', height: '100%', fill: theme.background }),
      ...(alone ? [text(figure.title, 10, 22, { 'font-size': 15, 'font-weight': 600 })] : []),
      ...(figure.grid === undefined
        ? drawn(figure, options, plot, theme)
        : gridCells(figure.grid, plot, theme)),
      text(figure.xLabel, left + plot.width / 2, top + height + 36, { 'text-anchor': 'middle' }),
      ...(figure.yLabel === '' ? [] : [sideways(figure.yLabel, 14, top + height / 2)]),
      ...(figure.grid === undefined ? [] : gridLegend(figure.grid, plot, theme)),
      node('g', { transform: `translate(0 ${round(below)})` }, legend.nodes),
      ...notes.map((line, i) =>
        text(line, 10, below + legend.height + 12 + NOTE_LINE * i, { 'font-size': 10, fill: theme.muted }),
      ),
    ],
  );
}

function drawn(figure: Figure, options: SvgOptions, plot: Plot, theme: ChartTheme): SvgNode[] {
  const x = xAxis(figure, options.xScale);
  const y = figure.categories === null ? yAxis(figure, options.yScale) : categoryAxis(plot);
  const place: Placing = {
    x: (value) => plot.left + plot.width * x.share(value),
    y: (value) => plot.top + plot.height * (figure.categories === null ? 1 - y.share(value) : y.share(value)),
    theme,
  };
  return [
    ...grid(figure, x, y, plot, place),
    ...figure.lines.flatMap((line) => band(line, place)),
    ...figure.spans.map((span) => {
      const [from, to] = span.x;
      return line(place.x(from), place.y(span.y), place.x(to), place.y(span.y), {
        stroke: shown(span, theme),
        'stroke-width': 3,
        ...dashed(span.dash),
      });
    }),
    ...figure.lines.flatMap((one) => curve(one, place)),
    ...(figure.points ?? []).flatMap((points) => {
      const color = shown(points, theme);
      return Array.from(points.x, (value, i): SvgNode[] => {
        const [cx, cy] = [place.x(value), place.y(points.y[i] as number)];
        if (!isPlace(cx, cy)) return [];
        const stem = points.stem === null ? [] : [line(cx, place.y(points.stem), cx, cy, { stroke: color })];
        const look = points.open
          ? { fill: 'none', stroke: color, 'stroke-width': 1.6 }
          : { fill: color, ...(points.faint === true ? { opacity: 0.45 } : {}) };
        return [
          ...stem,
          node('circle', { cx: round(cx), cy: round(cy), r: points.faint === true ? 3 : 4, ...look }),
        ];
      }).flat();
    }),
    ...figure.rules.flatMap((rule) => {
      const at = place.x(rule.x);
      const color = shown(rule, theme);
      const leftHalf = at < plot.left + plot.width / 2;
      return [
        line(at, plot.top, at, plot.top + plot.height, {
          stroke: color,
          ...dashed(rule.row === 0 ? 'dash' : 'solid'),
        }),
        text(rule.label, at, plot.top - (rule.row === 0 ? 20 : 5), {
          'font-size': 11,
          'text-anchor': leftHalf ? 'start' : 'end',
        }),
      ];
    }),
    ...figure.marks.flatMap((mark) => {
      const [cx, cy] = [place.x(mark.x), place.y(mark.y)];
      return isPlace(cx, cy) ? [markShape(mark.symbol, cx, cy, shown(mark, theme), theme)] : [];
    }),
  ];
}

function categoryAxis(plot: Plot): Axis {
  return { scale: 'linear', share: (value) => ((value + 0.5) * ROW) / plot.height, ticks: [] };
}

function grid(figure: Figure, x: Axis, y: Axis, plot: Plot, place: Placing): SvgNode[] {
  const { theme } = place;
  const bottom = plot.top + plot.height;
  const muted = { 'font-size': 11, fill: theme.muted };
  return [
    ...x.ticks.flatMap(({ at, text: words }) => {
      const cx = place.x(at);
      return [
        line(cx, plot.top, cx, bottom, { stroke: theme.line }),
        text(words, cx, bottom + 16, { ...muted, 'text-anchor': 'middle' }),
      ];
    }),
    ...y.ticks.flatMap(({ at, text: words }) => {
      const cy = place.y(at);
      return [
        line(plot.left, cy, plot.left + plot.width, cy, { stroke: theme.line }),
        text(words, plot.left - 6, cy + 4, { ...muted, 'text-anchor': 'end' }),
      ];
    }),
    ...(figure.categories ?? []).map(({ label, header }, row) =>
      header
        ? text(label, plot.left, place.y(row) + 4, { 'font-weight': 600 })
        : text(label, plot.left - 6, place.y(row) + 4, { ...muted, 'text-anchor': 'end' }),
    ),
    line(plot.left, bottom, plot.left + plot.width, bottom, { stroke: theme.muted }),
    line(plot.left, plot.top, plot.left, bottom, { stroke: theme.muted }),
  ];
}

function band({ x, spread, style }: FigureLine, place: Placing): SvgNode[] {
  if (spread?.drawn !== true || x.length < 2) return [];
  const points: string[] = [];
  const edge = (values: Float64Array, i: number): void => {
    const [cx, cy] = [place.x(x[i] as number), place.y(values[i] as number)];
    if (isPlace(cx, cy)) points.push(`${round(cx)} ${round(cy)}`);
  };
  for (let i = 0; i < x.length; i++) edge(spread.high, i);
  for (let i = x.length - 1; i >= 0; i--) edge(spread.low, i);
  if (points.length < 3) return [];
  return [node('path', { d: `M${points.join('L')}Z`, fill: shown(style, place.theme), opacity: 0.18 })];
}

/** A gap where a value does not exist. */
function curve({ x, y, style }: FigureLine, place: Placing): SvgNode[] {
  const color = shown(style, place.theme);
  let d = '';
  let pen = 'M';
  const seen: [number, number][] = [];
  for (let i = 0; i < x.length; i++) {
    const [cx, cy] = [place.x(x[i] as number), place.y(y[i] as number)];
    if (!isPlace(cx, cy)) {
      pen = 'M';
      continue;
    }
    d += `${pen}${round(cx)} ${round(cy)}`;
    pen = 'L';
    seen.push([cx, cy]);
  }
  if (d === '') return [];
  const only = seen.length === 1 ? [symbolShape('square', ...(seen[0] as [number, number]), color)] : [];
  return [
    node('path', {
      d,
      fill: 'none',
      stroke: color,
      'stroke-width': style.width,
      'stroke-linejoin': 'round',
      opacity: style.opacity,
      ...dashed(style.dash),
    }),
    ...(style.symbol === null ? only : sparse(seen).map(([cx, cy]) => lineSymbol(style, cx, cy, color))),
  ];
}

function sparse<T>(all: readonly T[]): T[] {
  const stride = Math.max(1, Math.ceil(all.length / MARKERS_PER_LINE));
  return all.filter((_, i) => i % stride === 0);
}

function lineSymbol(style: LineStyle, cx: number, cy: number, color: string): SvgNode {
  return symbolShape(style.symbol ?? 'square', cx, cy, color);
}

function symbolShape(symbol: LineSymbol, cx: number, cy: number, color: string): SvgNode {
  return node('path', {
    d: symbolOutlines[symbol],
    transform: `translate(${round(cx)} ${round(cy)})`,
    fill: color,
  });
}

function markShape(
  symbol: FigureMark['symbol'],
  cx: number,
  cy: number,
  color: string,
  theme: ChartTheme,
): SvgNode {
  const at = { transform: `translate(${round(cx)} ${round(cy)})` };
  const open = { ...at, fill: 'none', stroke: color, 'stroke-width': 2 };
  const full = { fill: color, stroke: theme.background, 'stroke-width': 1 };
  switch (symbol) {
    case 'fit':
      return node('circle', { cx: round(cx), cy: round(cy), r: 4.5, ...full });
    case 'generalization':
      return node('path', { d: 'M0 -6L6 0L0 6L-6 0Z', ...at, ...full });
    case 'censored':
      return node('path', { d: 'M-4 -5.5L5.5 0L-4 5.5Z', ...open });
    case 'failed':
      return node('path', { d: 'M-4.5 -4.5L4.5 4.5M-4.5 4.5L4.5 -4.5', ...open });
  }
}

/** One entry a line: the words say the estimator and n, and are long. */
function legendOf(figure: Figure, theme: ChartTheme, width: number): { nodes: SvgNode[]; height: number } {
  const nodes: SvgNode[] = [];
  let y = 0;
  const say = (words: string): void => {
    for (const part of wrap(words, Math.floor((width - 64) / CHARACTER))) {
      nodes.push(text(part, 54, y + 12));
      y += LEGEND_LINE;
    }
  };
  for (const { label, style, band: hasBand } of figure.legend) {
    const color = shown(style, theme);
    if (hasBand)
      nodes.push(node('rect', { x: 10, y: y + 1, width: 34, height: 14, fill: color, opacity: 0.18 }));
    nodes.push(line(10, y + 8, 44, y + 8, { stroke: color, 'stroke-width': 2.5, ...dashed(style.dash) }));
    if (style.symbol !== null) nodes.push(symbolShape(style.symbol, 27, y + 8, color));
    say(label);
  }
  for (const symbol of new Set(figure.marks.map((mark) => mark.symbol))) {
    nodes.push(markShape(symbol, 27, y + 8, theme.text, theme));
    say(markTitles[symbol]);
  }
  return { nodes, height: y };
}

function isPlace(x: number, y: number): boolean {
  return Number.isFinite(x) && Number.isFinite(y);
}

function dashed(dash: Dash): Record<string, string> {
  return dash === 'solid' ? {} : { 'stroke-dasharray': dashes[dash] };
}

function sideways(words: string, x: number, y: number): SvgNode {
  return node(
    'text',
    { transform: `translate(${round(x)} ${round(y)}) rotate(-90)`, 'text-anchor': 'middle' },
    [words],
  );
}
