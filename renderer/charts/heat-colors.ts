/** Colours of heat maps: for a value, and as the stops of a colour bar. */
import type { FigureHeat, HeatScale } from '../../shared/charts/figure.ts';
import { cividis, mix, parseColor, readable } from '../../shared/charts/palette.ts';
import type { ChartTheme } from './theme.ts';

/** Of Okabe & Ito 2008: what is below 0, and what is above. */
const [below, above] = ['#0072b2', '#d55e00'];
/** Share of the background in a region's colour, so that its examples stand out. */
const PALE = 0.6;

function hex(color: string): string {
  return mix(color, color, 0);
}

/** Evenly spaced over the scale's range, or one per class. */
export function heatStops(scale: HeatScale, theme: ChartTheme): string[] {
  const own = (color: string): string => readable(color, theme.background, theme.text);
  switch (scale.kind) {
    case 'sequential':
      return [...cividis];
    case 'diverging':
      return [own(below), hex(theme.background), own(above)];
    case 'classes':
      return scale.colors.map((color) => mix(color, theme.background, PALE));
  }
}

/** The values of the two ends of the colours. */
export function heatRange({ scale, z }: FigureHeat): [number, number] {
  if (scale.kind === 'classes') return [0, Math.max(1, scale.names.length - 1)];
  if (scale.range !== null) return scale.range;
  let [low, high] = [Infinity, -Infinity];
  for (const value of z) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return [0, 1];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/** Colours of 256 steps from the lowest to the highest value, as channels from 0 to 255. */
export function heatTable(heat: FigureHeat, theme: ChartTheme): Uint8Array {
  const stops = heatStops(heat.scale, theme).map(parseColor);
  const table = new Uint8Array(256 * 3);
  for (let step = 0; step < 256; step++) {
    const place = (step / 255) * (stops.length - 1);
    const from = Math.min(Math.floor(place), stops.length - 2);
    // Classes have nothing between them.
    const share = heat.scale.kind === 'classes' ? Math.round(place - from) : place - from;
    for (let c = 0; c < 3; c++) {
      const [a = 0, b = 0] = [stops[from]?.[c], stops[from + 1]?.[c]];
      table[3 * step + c] = Math.round(a + share * (b - a));
    }
  }
  return table;
}

/** Where a value stands in the table; −1 for a value that is no number. */
export function heatStep(value: number, [low, high]: readonly [number, number]): number {
  if (Number.isNaN(value)) return -1;
  return Math.min(255, Math.max(0, Math.round((255 * (value - low)) / (high - low))));
}

export function heatColor(table: Uint8Array, step: number): string {
  const hex = (c: number): string => (table[3 * step + c] ?? 0).toString(16).padStart(2, '0');
  return `#${hex(0)}${hex(1)}${hex(2)}`;
}
