/** A figure's axes, margins and words as a Plotly layout. Margins are fixed: nothing jumps while a curve grows. */
import type { Layout, LayoutAxis } from 'plotly.js-dist-min';
import { xExtent, allX, type Figure, type FigureGrid, type Scale } from '../../shared/charts/figure.ts';
import { plainText } from './plotly-text.ts';
import { shown, wrap, zeroNote, zeroOf } from '../../shared/charts/look.ts';
import type { ChartTheme } from './theme.ts';

export { wrap, zeroNote };

export interface LayoutOptions {
  xScale: Scale;
  yScale: Scale;
  theme: ChartTheme;
  width: number;
  height: number;
  /** Counts up when the user resets the zoom. */
  zoom: number;
}

export interface Margins {
  l: number;
  r: number;
  t: number;
  b: number;
}

type Annotation = NonNullable<Layout['annotations']>[number];

const FONT = 'system-ui, sans-serif';
const LINE_HEIGHT = 15;
const CHARACTER_WIDTH = 6.6;
const ROW_HEIGHT = 20;
const LEFT = 64;
/** Room on the right for the colour bar of a surface or a grid. */
const COLOR_BAR = 110;
/** Of tick labels that have no room beside each other, in degrees. */
const SLANT = 30;

/** Height of a chart of rows; charts with a numeric y axis have a free height. */
export function categoryHeight(figure: Figure, width: number): number {
  const margins = figureMargins(figure, width);
  return margins.t + margins.b + ROW_HEIGHT * (figure.categories?.length ?? 0);
}

export function figureMargins(figure: Figure, width: number): Margins {
  const lines = wrap(figure.xLabel, labelWidth(width)).length;
  return {
    l: LEFT,
    r: figure.heat === undefined && figure.grid === undefined ? 18 : COLOR_BAR,
    t: figure.rules.length > 0 ? 40 : 12,
    b: 38 + LINE_HEIGHT * lines + slantHeight(figure.grid?.xTicks ?? [], width),
  };
}

/** What slanted words under a grid's columns take in height; 0 where the columns are wide enough for upright ones. */
function slantHeight(xTicks: readonly string[], width: number): number {
  const widest = CHARACTER_WIDTH * Math.max(0, ...xTicks.map((tick) => tick.length));
  if (widest + CHARACTER_WIDTH <= (width - LEFT - COLOR_BAR) / xTicks.length) return 0;
  return widest * Math.sin((SLANT * Math.PI) / 180);
}

/** What the axes of a chart of this size enclose. */
export function plotSize(figure: Figure, width: number, height: number): { width: number; height: number } {
  const { l, r, t, b } = figureMargins(figure, width);
  return { width: width - l - r, height: height - t - b };
}

function labelWidth(width: number): number {
  return Math.max(16, Math.floor((width - LEFT) / CHARACTER_WIDTH));
}

export function figureLayout(figure: Figure, options: LayoutOptions): Partial<Layout> {
  const { theme, xScale, yScale, width, height } = options;
  const range = xAxisRange(figure, xScale);
  return {
    width,
    height,
    autosize: false,
    margin: { ...figureMargins(figure, width), pad: 0 },
    paper_bgcolor: 'rgba(0, 0, 0, 0)',
    plot_bgcolor: 'rgba(0, 0, 0, 0)',
    font: { family: FONT, size: 12, color: theme.text },
    showlegend: false,
    hovermode: 'closest',
    hoverlabel: {
      bgcolor: theme.background,
      bordercolor: theme.line,
      font: { color: theme.text },
      align: 'left',
    },
    dragmode: 'zoom',
    uirevision: `${figure.view} ${xScale} ${yScale} ${options.zoom}`,
    xaxis: {
      ...axisLook(theme),
      type: xScale,
      ...(range === null ? {} : { range, autorange: false }),
      title: { text: wrap(figure.xLabel, labelWidth(width)).map(plainText).join('<br>'), standoff: 8 },
    },
    yaxis: { ...axisLook(theme), ...yAxis(figure, yScale) },
    ...(figure.grid === undefined ? {} : gridAxes(figure, figure.grid, options)),
    shapes: figure.rules.map((rule) => ({
      type: 'line' as const,
      xref: 'x' as const,
      yref: 'paper' as const,
      x0: rule.x,
      x1: rule.x,
      y0: 0,
      y1: 1,
      line: {
        color: shown(rule, theme),
        width: 1,
        dash: rule.row === 0 ? ('dash' as const) : ('solid' as const),
      },
    })),
    annotations: [
      ...ruleLabels(figure, options, range),
      ...zeroLabel(figure, options),
      ...categoryHeaders(figure, options),
    ],
  };
}

/** Every value has a tick at its column or row. */
function gridAxes(
  figure: Figure,
  { xTicks, yTicks }: FigureGrid,
  { theme, width }: LayoutOptions,
): Pick<Layout, 'xaxis' | 'yaxis'> {
  const axis = (ticks: readonly string[]): Partial<LayoutAxis> => ({
    ...axisLook(theme),
    type: 'linear',
    showgrid: false,
    fixedrange: true,
    range: [-0.5, ticks.length - 0.5],
    autorange: false,
    tickvals: ticks.map((_, i) => i),
    ticktext: ticks.map(plainText),
  });
  return {
    xaxis: {
      ...axis(xTicks),
      tickangle: slantHeight(xTicks, width) > 0 ? SLANT : 0,
      title: { text: wrap(figure.xLabel, labelWidth(width)).map(plainText).join('<br>'), standoff: 8 },
    },
    yaxis: { ...axis(yTicks), title: { text: plainText(figure.yLabel), standoff: 6 } },
  } as Pick<Layout, 'xaxis' | 'yaxis'>;
}

function axisLook(theme: ChartTheme): Partial<LayoutAxis> {
  return {
    gridcolor: theme.line,
    linecolor: theme.muted,
    zeroline: false,
    showline: true,
    ticks: 'outside',
    ticklen: 4,
    tickcolor: theme.muted,
    exponentformat: 'power',
    automargin: false,
  };
}

/** The range in Plotly's terms (exponents on a log axis), with room at both ends; null without points. */
export function xAxisRange(figure: Figure, xScale: Scale): [number, number] | null {
  const extent = figure.xRange ?? xExtent(figure);
  if (extent === null) return null;
  const zeroAt = zeroOf(figure, xScale);
  let [low, high] = extent;
  if (xScale === 'log') {
    const positive = zeroAt ?? smallestPositive(figure);
    low = Math.log10(low > 0 ? low : positive);
    high = Math.log10(high > 0 ? high : positive);
  }
  const room = low === high ? 0.5 : (high - low) * 0.02;
  return [low - room, high + room];
}

function smallestPositive(figure: Figure): number {
  let smallest = Infinity;
  for (const values of allX(figure)) {
    for (const value of values) if (value > 0 && value < smallest) smallest = value;
  }
  return smallest === Infinity ? 1 : smallest;
}

function yAxis(figure: Figure, yScale: Scale): Partial<LayoutAxis> {
  if (figure.categories !== null) {
    const rows = figure.categories.flatMap(({ header }, y) => (header ? [] : [y]));
    return {
      range: [figure.categories.length - 0.5, -0.5],
      tickvals: rows,
      ticktext: rows.map((y) => plainText(figure.categories?.[y]?.label ?? '')),
      showgrid: false,
      fixedrange: true,
    };
  }
  const title = { text: plainText(figure.yLabel), standoff: 6 };
  if (figure.yRange === null)
    return { type: yScale, title, autorange: figure.yDown === true ? 'reversed' : true };
  let [low, high] = figure.yRange;
  if (yScale === 'log') {
    if (low <= 0) return { type: yScale, title, autorange: true };
    [low, high] = [Math.log10(low), Math.log10(high)];
  }
  const room = (high - low) * 0.03;
  return { type: yScale, title, range: [low - room, high + room], autorange: false };
}

function ruleLabels(
  figure: Figure,
  options: LayoutOptions,
  range: [number, number] | null,
): Partial<Annotation>[] {
  if (range === null) return [];
  const zeroAt = zeroOf(figure, options.xScale);
  return figure.rules.map((rule) => {
    const placed = rule.x === 0 && zeroAt !== null ? zeroAt : rule.x;
    const x = options.xScale === 'log' ? Math.log10(placed) : placed;
    const leftHalf = (x - range[0]) / (range[1] - range[0]) < 0.5;
    return {
      xref: 'x',
      yref: 'paper',
      x,
      y: 1,
      yshift: rule.row === 0 ? 18 : 2,
      yanchor: 'bottom',
      xanchor: leftHalf ? 'left' : 'right',
      text: plainText(rule.label),
      showarrow: false,
      font: { size: 11, color: options.theme.text },
    };
  });
}

/** "0" under the place where a log axis draws 0. */
function zeroLabel(figure: Figure, { xScale, theme }: LayoutOptions): Partial<Annotation>[] {
  const zeroAt = zeroOf(figure, xScale);
  if (zeroAt === null) return [];
  return [
    {
      xref: 'x',
      yref: 'paper',
      x: Math.log10(zeroAt),
      y: 0,
      yshift: -5,
      yanchor: 'top',
      text: '0',
      showarrow: false,
      // Covers a tick label that would stand in the same place.
      bgcolor: theme.background,
      borderpad: 2,
      font: { color: theme.text },
    },
  ];
}

function categoryHeaders(figure: Figure, { theme }: LayoutOptions): Partial<Annotation>[] {
  return (figure.categories ?? []).flatMap(({ label, header }, y) =>
    header
      ? [
          {
            xref: 'paper' as const,
            yref: 'y' as const,
            x: 0,
            y,
            xanchor: 'left' as const,
            text: `<b>${plainText(label)}</b>`,
            showarrow: false,
            font: { color: theme.text },
          },
        ]
      : [],
  );
}
