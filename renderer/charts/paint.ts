/**
 * A figure drawn with a pen, quickly enough for many of them in every frame of a film. It shows what Plotly shows of the same
 * figure: lines, bands, points, stems, bars in rows, marks, rules and heat maps.
 */
import { xAtFraction } from './cursor.ts';
import type { Figure, FigureHeat, FigurePoints, Scale } from '../../shared/charts/figure.ts';
import { heatRange, heatStep, heatStops, heatTable } from './heat-colors.ts';
import { xAxisRange } from './layout.ts';
import { formatValue } from '../../shared/charts/table.ts';
import type { ChartTheme } from './theme.ts';
import { shown, zeroOf } from './traces.ts';
import { fitted, textWidth, type Box, type Pen } from './pen.ts';
import { ticksOf, type Tick } from './ticks.ts';

export interface PaintOptions {
  theme: ChartTheme;
  xScale: Scale;
  yScale: Scale;
  /** What lies right of this x is veiled; null for no cursor. */
  cursor: number | null;
}

/** Where a figure was drawn: pixels of the plot, and the ranges of its axes in Plotly's terms. */
export interface PlotPlace extends Box {
  xRange: [number, number];
  yRange: [number, number];
  xScale: Scale;
  yScale: Scale;
  /** Whether y grows downwards. */
  down: boolean;
  /** Where a log axis draws 0. */
  zeroAt: number | null;
}

const TICK = 10.5;
const TITLE = 11.5;
const ROW_OF_WORDS = 13;
const RADIUS = 3.2;
const VEIL = 0.72;

/** The longest label of a row, up to a third of the width. */
function leftMargin(figure: Figure, width: number): number {
  if (figure.categories === null) return 52;
  const longest = Math.max(0, ...figure.categories.map(({ label }) => label.length));
  return Math.min(width / 3, 14 + textWidth('x'.repeat(longest), TICK));
}

export function plotPlace(figure: Figure, box: Box, { xScale, yScale }: PaintOptions): PlotPlace {
  const left = leftMargin(figure, box.width);
  const top = figure.rules.length > 0 ? 2 * ROW_OF_WORDS + 4 : 8;
  const right = figure.heat === undefined ? 14 : 74;
  return {
    x: box.x + left,
    y: box.y + top,
    width: Math.max(1, box.width - left - right),
    height: Math.max(1, box.height - top - 36),
    xRange: isMatrix(figure) ? around(figure.heat?.x) : (xAxisRange(figure, xScale) ?? [0, 1]),
    yRange: yAxisRange(figure, yScale),
    xScale,
    yScale: figure.categories === null ? yScale : 'linear',
    down: figure.categories !== null || figure.yDown === true,
    zeroAt: zeroOf(figure, xScale),
  };
}

function isMatrix(figure: Figure): boolean {
  return figure.heat !== undefined && figure.yDown === true;
}

/** Whole cells of rows or columns that are counted from 0. */
function around(cells: Float64Array | undefined): [number, number] {
  return [-0.5, (cells?.length ?? 1) - 0.5];
}

function yAxisRange(figure: Figure, scale: Scale): [number, number] {
  if (figure.categories !== null) return [-0.5, figure.categories.length - 0.5];
  if (isMatrix(figure)) return around(figure.heat?.y);
  let [low, high] = figure.yRange ?? dataRange(figure, scale);
  if (scale === 'log') {
    if (low <= 0) [low, high] = dataRange(figure, scale);
    [low, high] = [Math.log10(low), Math.log10(high)];
  }
  const room = low === high ? 0.5 : (high - low) * (figure.yRange === null ? 0.05 : 0.03);
  return [low - room, high + room];
}

/** Of all finite y; on a log axis of the positive ones. */
function dataRange(figure: Figure, scale: Scale): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  const include = (values: Float64Array): void => {
    for (const value of values) {
      if (!Number.isFinite(value) || (scale === 'log' && value <= 0)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  };
  for (const { y, spread } of figure.lines) {
    include(y);
    if (spread?.drawn === true) {
      include(spread.low);
      include(spread.high);
    }
  }
  for (const { y, stem } of figure.points ?? []) {
    include(y);
    if (stem !== null) include(Float64Array.of(stem));
  }
  if (figure.heat !== undefined) include(figure.heat.y);
  include(Float64Array.from(figure.marks, (mark) => mark.y));
  return low <= high ? [low, high] : [scale === 'log' ? 1 : 0, scale === 'log' ? 10 : 1];
}

export function xPixel(place: PlotPlace, x: number): number {
  const value = x === 0 && place.zeroAt !== null ? place.zeroAt : x;
  const at = place.xScale === 'log' ? Math.log10(value) : value;
  return place.x + ((at - place.xRange[0]) / (place.xRange[1] - place.xRange[0])) * place.width;
}

export function yPixel(place: PlotPlace, y: number): number {
  const at = place.yScale === 'log' ? Math.log10(y) : y;
  const share = (at - place.yRange[0]) / (place.yRange[1] - place.yRange[0]);
  return place.y + (place.down ? share : 1 - share) * place.height;
}

/** Draws the figure into the box, without its title, legend and notes. */
export function paintFigure(pen: Pen, figure: Figure, box: Box, options: PaintOptions): PlotPlace {
  const { theme } = options;
  const place = plotPlace(figure, box, options);
  paintAxes(pen, figure, box, place, theme);
  pen.clipped(place, () => {
    if (figure.heat !== undefined) paintHeat(pen, figure.heat, place, theme);
    paintBands(pen, figure, place, theme);
    for (const span of figure.spans) {
      const [from, to] = [xPixel(place, span.x[0]), xPixel(place, span.x[1])];
      const at = yPixel(place, span.y);
      pen.line([from, at, to, at], { color: shown(span, theme), width: 3, dash: span.dash });
    }
    for (const line of figure.lines) {
      const { width, dash, opacity } = line.style;
      const color = shown(line.style, theme);
      pen.line(placesOf(line.x, line.y, place), { color, width, dash, opacity });
    }
    for (const points of figure.points ?? []) paintPoints(pen, points, figure.named === true, place, theme);
    for (const rule of figure.rules) {
      const at = xPixel(place, rule.x);
      const stroke = { color: shown(rule, theme), width: 1 };
      pen.line(
        [at, place.y, at, place.y + place.height],
        rule.row === 0 ? { ...stroke, dash: 'dash' } : { ...stroke },
      );
    }
    for (const mark of figure.marks) {
      const isOpen = mark.symbol === 'censored' || mark.symbol === 'failed';
      pen.disc(xPixel(place, mark.x), yPixel(place, mark.y), 4.5, shown(mark, theme), isOpen);
    }
    if (options.cursor !== null) paintCursor(pen, options.cursor, place, theme);
  });
  if (figure.heat !== undefined) paintColors(pen, figure.heat, box, place, theme);
  return place;
}

function placesOf(x: Float64Array, y: Float64Array, place: PlotPlace): Float64Array {
  const places = new Float64Array(2 * x.length);
  for (let i = 0; i < x.length; i++) {
    places[2 * i] = xPixel(place, x[i] as number);
    places[2 * i + 1] = yPixel(place, y[i] as number);
  }
  return places;
}

function paintBands(pen: Pen, figure: Figure, place: PlotPlace, theme: ChartTheme): void {
  for (const { x, spread, style } of figure.lines) {
    if (spread?.drawn !== true) continue;
    const above = placesOf(x, spread.high, place);
    const below = placesOf(x.toReversed(), spread.low.toReversed(), place);
    const outline = new Float64Array(above.length + below.length);
    outline.set(above);
    outline.set(below, above.length);
    pen.area(outline, shown(style, theme), style.dash === 'solid' ? 0.18 : 0.1);
  }
}

function paintPoints(
  pen: Pen,
  points: FigurePoints,
  named: boolean,
  place: PlotPlace,
  theme: ChartTheme,
): void {
  const color = shown(points, theme);
  points.x.forEach((value, i) => {
    const [x, y] = [xPixel(place, value), yPixel(place, points.y[i] as number)];
    if (points.stem !== null) pen.line([x, yPixel(place, points.stem), x, y], { color, width: 2 });
    pen.disc(x, y, points.stem === null ? RADIUS : 2.4, color, points.open);
    const name = points.names?.[i];
    if (named && name !== undefined && Number.isFinite(x) && Number.isFinite(y))
      pen.text(x + 5, y + 3, name, { size: 9.5, color: theme.text });
  });
}

/** What has not happened yet is veiled, as on the page. */
function paintCursor(pen: Pen, cursor: number, place: PlotPlace, theme: ChartTheme): void {
  const at = Math.min(place.x + place.width, Math.max(place.x, xPixel(place, cursor)));
  pen.rect({ ...place, x: at, width: place.x + place.width - at }, theme.background, VEIL);
  pen.line([at, place.y, at, place.y + place.height], { color: theme.text, width: 1.5 });
}

function paintAxes(pen: Pen, figure: Figure, box: Box, place: PlotPlace, theme: ChartTheme): void {
  const [right, bottom] = [place.x + place.width, place.y + place.height];
  const small = { size: TICK, color: theme.muted };
  const least = isMatrix(figure) ? 1 : 0;
  const zeroX = place.zeroAt === null ? null : xPixel(place, 0);
  for (const { value, label } of ticksOf(place.xRange, place.xScale, Math.max(2, place.width / 70), least)) {
    const x = xPixel(place, value);
    pen.line([x, place.y, x, bottom], { color: theme.line, width: 1 });
    // "0" stands in its place.
    if (zeroX === null || Math.abs(x - zeroX) > 14)
      pen.text(x, bottom + 14, label, { ...small, anchor: 'middle' });
  }
  if (zeroX !== null) pen.text(zeroX, bottom + 14, '0', { ...small, anchor: 'middle' });
  for (const { value, label } of yTicks(figure, place)) {
    const y = yPixel(place, value);
    if (figure.categories === null) pen.line([place.x, y, right, y], { color: theme.line, width: 1 });
    const words = fitted(label, TICK, place.x - box.x - 8);
    pen.text(place.x - 6, y + 3.5, words, { ...small, anchor: 'end' });
  }
  pen.line([place.x, place.y, place.x, bottom, right, bottom], { color: theme.muted, width: 1 });
  const title = { size: TITLE, color: theme.text, anchor: 'middle' as const };
  pen.text(
    place.x + place.width / 2,
    box.y + box.height - 5,
    fitted(figure.xLabel, TITLE, box.width - 20),
    title,
  );
  if (figure.categories === null) {
    const words = fitted(figure.yLabel, TITLE, place.height + 20);
    pen.text(box.x + 12, place.y + place.height / 2, words, { ...title, turned: true });
  }
  for (const { x, label, row } of figure.rules) {
    const at = xPixel(place, x);
    const anchor = at < place.x + place.width / 2 ? 'start' : 'end';
    const y = place.y - 4 - (row === 0 ? ROW_OF_WORDS : 0);
    pen.text(at, y, label, { size: TICK, color: theme.text, anchor });
  }
}

function yTicks(figure: Figure, place: PlotPlace): Tick[] {
  if (figure.categories === null) {
    const least = isMatrix(figure) ? 1 : 0;
    return ticksOf(place.yRange, place.yScale, Math.max(2, place.height / 40), least);
  }
  const every = Math.ceil((figure.categories.length * 12) / place.height);
  return figure.categories.flatMap(({ label }, value) => (value % every === 0 ? [{ value, label }] : []));
}

/** Halfway between the centres of neighbouring cells, in pixels. */
function edgesOf(centres: Float64Array, pixel: (value: number) => number): Float64Array {
  const places = centres.map(pixel);
  const n = places.length;
  const at = (i: number): number => places[i] as number;
  return Float64Array.from({ length: n + 1 }, (_, i) => {
    if (n === 1) return at(0) + (i === 0 ? -1 : 1) * Math.abs(pixel((centres[0] as number) + 0.5) - at(0));
    if (i === 0) return at(0) - (at(1) - at(0)) / 2;
    return i === n ? at(n - 1) + (at(n - 1) - at(n - 2)) / 2 : (at(i - 1) + at(i)) / 2;
  });
}

function paintHeat(pen: Pen, heat: FigureHeat, place: PlotPlace, theme: ChartTheme): void {
  if (heat.z.length === 0) return;
  const range = heatRange(heat);
  const table = heatTable(heat, theme);
  const steps = Int16Array.from(heat.z, (value) => heatStep(value, range));
  pen.cells(
    edgesOf(heat.x, (value) => xPixel(place, value)),
    edgesOf(heat.y, (value) => yPixel(place, value)),
    steps,
    table,
  );
}

/** The colour bar, or a colour per class with its name. */
function paintColors(pen: Pen, heat: FigureHeat, box: Box, place: PlotPlace, theme: ChartTheme): void {
  const left = place.x + place.width + 10;
  const words = { size: TICK, color: theme.muted };
  if (heat.scale.kind === 'classes') {
    const colors = heatStops(heat.scale, theme);
    const most = Math.floor(place.height / 16);
    heat.scale.names.slice(0, most).forEach((name, i) => {
      pen.rect({ x: left, y: place.y + 16 * i, width: 10, height: 10 }, colors[i] as string);
      pen.text(left + 14, place.y + 16 * i + 9, fitted(name, TICK, 46), words);
    });
    return;
  }
  const [low, high] = heatRange(heat);
  const table = heatTable(heat, theme);
  const edges = Float64Array.from({ length: 65 }, (_, i) => place.y + place.height * (1 - i / 64));
  pen.cells(
    [left, left + 10],
    edges,
    Array.from({ length: 64 }, (_, i) => Math.round((255 * i) / 63)),
    table,
  );
  for (const { value, label } of ticksOf([low, high], 'linear', Math.max(2, place.height / 50))) {
    const y = place.y + place.height * (1 - (value - low) / (high - low));
    pen.text(left + 13, y + 3.5, label, words);
  }
  const middle = place.y + place.height / 2;
  const title = fitted(heat.label, TICK, place.height);
  pen.text(box.x + box.width - 3, middle, title, {
    size: TICK,
    color: theme.text,
    anchor: 'middle',
    turned: true,
  });
}

/** What is drawn at a pixel, in words; null for nothing. */
export function wordsAt(figure: Figure, place: PlotPlace, px: number, py: number): string | null {
  const { x, y, width, height } = place;
  if (px < x || px > x + width || py < y || py > y + height) return null;
  const near = nearestPoint(figure, place, px, py);
  if (near !== null) return near;
  if (figure.heat !== undefined) return cellWords(figure.heat, place, px, py);
  const value = xAtFraction((px - x) / width, place.xRange, place.xScale);
  const words = figure.lines.flatMap((line) => {
    const at = nearestIndex(line.x, value);
    return at < 0
      ? []
      : [`${line.label} at ${formatValue(line.x[at] as number)}: ${formatValue(line.y[at] as number)}`];
  });
  return words.length === 0 ? null : words.slice(0, 4).join(' · ');
}

const REACH = 12;

function nearestPoint(figure: Figure, place: PlotPlace, px: number, py: number): string | null {
  let [best, words] = [REACH ** 2, null as string | null];
  for (const points of figure.points ?? []) {
    points.x.forEach((value, i) => {
      const y = points.y[i] as number;
      // A stem is reached anywhere along it.
      const dy = points.stem === null ? yPixel(place, y) - py : 0;
      const distance = (xPixel(place, value) - px) ** 2 + dy ** 2;
      if (distance >= best) return;
      best = distance;
      const name = points.names?.[i] ?? points.label;
      const isValue = points.stem !== null;
      const of = figure.categories === null ? `${formatValue(value)}, ${formatValue(y)}` : formatValue(value);
      words = isValue ? `${name}: ${formatValue(y)}` : `${name}: ${of}`;
    });
  }
  return words;
}

function cellWords(heat: FigureHeat, place: PlotPlace, px: number, py: number): string | null {
  const share = (py - place.y) / place.height;
  const column = nearestIndex(heat.x, xAtFraction((px - place.x) / place.width, place.xRange, place.xScale));
  const row = nearestIndex(heat.y, xAtFraction(place.down ? share : 1 - share, place.yRange, place.yScale));
  const value = heat.z[row * heat.x.length + column];
  if (value === undefined) return null;
  const { scale } = heat;
  const said = scale.kind === 'classes' ? (scale.names[value] ?? String(value)) : formatValue(value);
  return `${formatValue(heat.x[column] as number)}, ${formatValue(heat.y[row] as number)}: ${heat.label} ${said}`;
}

/** Of ascending values; −1 for none. */
function nearestIndex(values: Float64Array, value: number): number {
  let best = -1;
  for (let i = 0; i < values.length; i++) {
    const distance = Math.abs((values[i] as number) - value);
    if (best < 0 || distance < Math.abs((values[best] as number) - value)) best = i;
  }
  return best;
}
