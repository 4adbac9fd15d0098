/** A figure as Plotly traces. Lines are SVG `scatter` traces: no WebGL context, sharp on paper. */
import type { Data, ScatterData } from 'plotly.js-dist-min';
import {
  type Figure,
  type FigureHeat,
  type FigureLine,
  type FigureMark,
  type FigurePoints,
  type MarkSymbol,
  type Scale,
} from '../../shared/charts/figure.ts';
import { markTitles, shown, zeroOf } from '../../shared/charts/look.ts';
import { gridTraces } from './grid-traces.ts';
import { heatRange, heatStops } from './heat-colors.ts';
import { withAlpha, type Look } from '../../shared/charts/palette.ts';
import { plainText, traceId } from './plotly-text.ts';
import type { ChartTheme } from './theme.ts';

export { markTitles, shown, zeroOf };

export interface TraceOptions {
  xScale: Scale;
  theme: ChartTheme;
  /** What the axes enclose, in pixels. */
  plot: { width: number; height: number };
  /** Adds Plotly's legend entries, for a figure that leaves the page. */
  legend: boolean;
}

const markerSymbols = {
  fit: 'circle',
  generalization: 'diamond',
  censored: 'triangle-right-open',
  failed: 'x-thin-open',
} as const satisfies Record<MarkSymbol, string>;
const MARKERS_PER_LINE = 12;

export function figureTraces(figure: Figure, options: TraceOptions): Data[] {
  const zeroAt = zeroOf(figure, options.xScale);
  const place = (x: number): number => (x === 0 && zeroAt !== null ? zeroAt : x);
  return [
    ...(figure.heat === undefined ? [] : [heatTrace(figure.heat, options)]),
    ...(figure.grid === undefined ? [] : gridTraces(figure.grid, options.theme, options.plot)),
    ...figure.lines.flatMap((line) => bandTrace(line, place, options.theme)),
    ...figure.spans.map((span): Partial<ScatterData> => ({
      type: 'scatter',
      mode: 'lines',
      uid: traceId(span.key),
      x: span.x.map(place),
      y: [span.y, span.y],
      line: { color: shown(span, options.theme), width: 3, dash: span.dash },
      hoverinfo: 'skip',
      showlegend: false,
    })),
    ...lineBundles(figure.lines).map((lines) => lineTrace(lines, place, options.theme)),
    ...(figure.points ?? []).map((points) => pointsTrace(points, place, options.theme)),
    ...markBundles(figure.marks).map((marks) => markTrace(marks, place, options.theme)),
    ...(options.legend ? legendTraces(figure, options.theme) : []),
  ] as Data[];
}

/**
 * Lines that are drawn as one trace: the seeds of one column, which look alike. A trace costs Plotly more than its points, and
 * fifty runs have a hundred lines.
 */
function lineBundles(lines: readonly FigureLine[]): FigureLine[][] {
  return bundled(lines, ({ style, origin, key, spread }) =>
    origin.seed === null || spread !== null || style.symbol !== null
      ? key
      : [origin.arm, origin.column, lookKey(style), style.dash, style.width, style.opacity].join(' '),
  );
}

/** Marks that look alike. */
function markBundles(marks: readonly FigureMark[]): FigureMark[][] {
  return bundled(marks, (mark) => [mark.symbol, lookKey(mark)].join(' '));
}

function lookKey({ color, shade, tone }: Look): string {
  return [color, shade, tone ?? ''].join(' ');
}

/** In the order of the first of each bundle. */
function bundled<T>(all: readonly T[], keyOf: (one: T) => string): T[][] {
  const bundles = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const known = bundles.get(key);
    if (known === undefined) bundles.set(key, [one]);
    else known.push(one);
  }
  return [...bundles.values()];
}

function lineTrace(
  lines: readonly FigureLine[],
  place: (x: number) => number,
  theme: ChartTheme,
): Partial<ScatterData> {
  const [line] = lines as [FigureLine, ...FigureLine[]];
  return lines.length === 1 ? singleTrace(line, place, theme) : bundleTrace(lines, place, theme);
}

/** One trace of several lines, a gap between each two. */
function bundleTrace(
  lines: readonly FigureLine[],
  place: (x: number) => number,
  theme: ChartTheme,
): Partial<ScatterData> {
  const [{ key, style, origin }] = lines as [FigureLine, ...FigureLine[]];
  const size = lines.reduce((sum, { x }) => sum + x.length + 1, -1);
  const x = new Float64Array(size).fill(NaN);
  const trueX = new Float64Array(size).fill(NaN);
  const y = new Float64Array(size).fill(NaN);
  const names = new Array<string>(size).fill('');
  let from = 0;
  for (const line of lines) {
    x.set(line.x.map(place), from);
    trueX.set(line.x, from);
    y.set(line.y, from);
    names.fill(plainText(line.label), from, from + line.x.length);
    from += line.x.length + 1;
  }
  return {
    type: 'scatter',
    mode: 'lines',
    uid: traceId(`${key} and others`),
    x,
    y,
    text: names,
    customdata: trueX as unknown as number[],
    connectgaps: false,
    line: { color: shown(style, theme), width: style.width, dash: style.dash },
    opacity: style.opacity,
    hovertemplate: `%{text}<br>%{customdata:,.6~g} ${plainText(origin.xUnit)}: %{y:.6~g}<extra></extra>`,
    showlegend: false,
  };
}

function singleTrace(
  line: FigureLine,
  place: (x: number) => number,
  theme: ChartTheme,
): Partial<ScatterData> {
  const { style } = line;
  const color = shown(style, theme);
  return {
    type: 'scatter',
    mode: style.symbol === null ? 'lines' : 'lines+markers',
    uid: traceId(line.key),
    name: plainText(line.label),
    x: line.x.map(place),
    y: line.y,
    customdata: line.x as unknown as number[],
    line: { color, width: style.width, dash: style.dash },
    opacity: style.opacity,
    ...(style.symbol === null
      ? {}
      : { marker: { symbol: style.symbol, size: 7, color, maxdisplayed: MARKERS_PER_LINE } }),
    hovertemplate: `${plainText(line.label)}<br>%{customdata:,.6~g} ${plainText(line.origin.xUnit)}: %{y:.6~g}<extra></extra>`,
    showlegend: false,
  };
}

function heatTrace(heat: FigureHeat, { theme }: TraceOptions): Data {
  const width = heat.x.length;
  const { scale } = heat;
  const [low, high] = heatRange(heat);
  const stops = heatStops(scale, theme);
  const isClasses = scale.kind === 'classes';
  return {
    type: 'heatmap',
    uid: traceId(heat.key),
    x: heat.x,
    y: heat.y,
    z: Array.from(heat.y, (_, row) => [...heat.z.subarray(row * width, (row + 1) * width)]),
    colorscale: isClasses ? steps(stops) : stops.map((color, i) => [i / (stops.length - 1), color]),
    zmin: isClasses ? -0.5 : low,
    zmax: isClasses ? stops.length - 0.5 : high,
    colorbar: {
      ...(isClasses ? { tickvals: scale.names.map((_, i) => i), ticktext: scale.names.map(plainText) } : {}),
      title: { text: plainText(heat.label), side: 'right', font: { size: 11, color: theme.text } },
      thickness: 12,
      outlinewidth: 0,
      tickfont: { size: 10, color: theme.text },
    },
    hovertemplate: `%{x:.6~g}, %{y:.6~g}: %{z:.6~g}<extra></extra>`,
  } as Data;
}

/** A colour from each i / n to (i + 1) / n. */
function steps(colors: readonly string[]): [number, string][] {
  const n = colors.length;
  return colors.flatMap((color, i): [number, string][] => [
    [i / n, color],
    [(i + 1) / n, color],
  ]);
}

function pointsTrace(
  points: FigurePoints,
  place: (x: number) => number,
  theme: ChartTheme,
): Partial<ScatterData> {
  const color = shown(points, theme);
  return {
    type: 'scatter',
    mode: 'markers',
    uid: traceId(points.key),
    name: plainText(points.label),
    x: Array.from(points.x, place),
    y: points.y,
    ...(points.names === null ? {} : { text: points.names.map(plainText) }),
    ...(points.stem === null ? {} : { error_y: stemTo(points, points.stem, color) }),
    ...(points.faint === true ? { opacity: 0.5 } : {}),
    marker: {
      symbol: points.open ? 'circle-open' : 'circle',
      size: points.stem === null ? 7 : 5,
      color,
      line: { width: 1.5, color },
    },
    hovertemplate: `${points.names === null ? plainText(points.label) : '%{text}'}<br>%{x:.6~g}, %{y:.6~g}<extra></extra>`,
    showlegend: false,
  };
}

/** Plotly's error bars, one-sided and without caps. */
function stemTo({ y }: FigurePoints, base: number, color: string): NonNullable<ScatterData['error_y']> {
  return {
    type: 'data',
    symmetric: false,
    array: Array.from(y, (value) => Math.max(0, base - value)),
    arrayminus: Array.from(y, (value) => Math.max(0, value - base)),
    color,
    thickness: 2,
    width: 0,
  };
}

function bandTrace(
  line: FigureLine,
  place: (x: number) => number,
  theme: ChartTheme,
): Partial<ScatterData>[] {
  if (line.spread?.drawn !== true) return [];
  const x = Array.from(line.x, place);
  return [
    {
      type: 'scatter',
      mode: 'lines',
      uid: traceId(`${line.key} band`),
      x: [...x, ...x.toReversed()],
      y: [...line.spread.high, ...line.spread.low.toReversed()],
      fill: 'toself',
      fillcolor: withAlpha(shown(line.style, theme), line.style.dash === 'solid' ? 0.18 : 0.1),
      line: { width: 0 },
      hoverinfo: 'skip',
      showlegend: false,
    },
  ];
}

function markTrace(
  marks: readonly FigureMark[],
  place: (x: number) => number,
  theme: ChartTheme,
): Partial<ScatterData> {
  const [mark] = marks as [FigureMark, ...FigureMark[]];
  return {
    type: 'scatter',
    mode: 'markers',
    uid: traceId(mark.key),
    x: marks.map(({ x }) => place(x)),
    y: marks.map(({ y }) => y),
    text: marks.map(({ label }) => plainText(label)),
    marker: markMarker(mark.symbol, shown(mark, theme), theme),
    hovertemplate: `%{text}<extra></extra>`,
    showlegend: false,
    cliponaxis: false,
  };
}

function markMarker(
  symbol: MarkSymbol,
  color: string,
  theme: ChartTheme,
): NonNullable<ScatterData['marker']> {
  const open = symbol === 'censored' || symbol === 'failed';
  const line = open ? { width: 2, color } : { width: 1, color: theme.background };
  return { symbol: markerSymbols[symbol], size: open ? 11 : 9, color, line };
}

/** Entries of Plotly's own legend, from traces without a point. */
function legendTraces(figure: Figure, theme: ChartTheme): Partial<ScatterData>[] {
  const symbols = [...new Set(figure.marks.map((mark) => mark.symbol))];
  return [
    ...figure.legend.map(({ label, style, key }): Partial<ScatterData> => {
      const color = shown(style, theme);
      return {
        type: 'scatter',
        mode: style.symbol === null ? 'lines' : 'lines+markers',
        uid: traceId(`legend ${key}`),
        name: plainText(label),
        x: [null],
        y: [null],
        line: { color, width: style.width, dash: style.dash },
        ...(style.symbol === null ? {} : { marker: { symbol: style.symbol, size: 7, color } }),
        showlegend: true,
      };
    }),
    ...symbols.map((symbol): Partial<ScatterData> => ({
      type: 'scatter',
      mode: 'markers',
      uid: traceId(`legend ${symbol}`),
      name: markTitles[symbol],
      x: [null],
      y: [null],
      marker: markMarker(symbol, theme.text, theme),
      showlegend: true,
    })),
  ];
}
