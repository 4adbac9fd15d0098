/**
 * Colours and symbols of charts. Family = colour (Okabe & Ito 2008), split = dash, seed = opacity, censored = open
 * marker; nothing is told apart by colour alone.
 */
import type { Family } from '../model-spec.ts';

export const familyColors: Record<Family, string> = {
  neural: '#0072b2',
  'gaussian-process': '#d55e00',
  linear: '#009e73',
  tree: '#cc79a7',
};

export const familyTitles: Record<Family, string> = {
  neural: 'neural network',
  'gaussian-process': 'Gaussian process',
  linear: 'linear model',
  tree: 'tree ensemble',
};

/** Cividis (Nuñez et al. 2018): perceptually uniform, and alike for readers with and without colour vision deficiency. */
export const cividis: readonly string[] = [
  ...['#00204c', '#002a66', '#00346e', '#273f6c', '#3c4a6b', '#4c556b', '#5b5f6d', '#686a70', '#757575'],
  ...['#838178', '#928c78', '#a19876', '#b0a572', '#c0b16d', '#d1bf66', '#e1cc5c', '#f3db4f', '#ffe945'],
];

/** Lines of one run that are no split of each other (weights, parts of an objective). */
const measureColors = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'] as const;
const armSymbols = ['square', 'triangle-down', 'cross', 'star', 'hexagon', 'pentagon'] as const;
const armShades = [0, 0.4, 0.65] as const;

export type LineSymbol = (typeof armSymbols)[number];

/** A colour before it is drawn on a theme. */
export interface Look {
  color: string;
  /** Share of the text colour, 0 to 1. */
  shade: number;
  /** Its place on the ramp of the colour, 0 to 1, in place of a shade: the higher, the farther from the background. */
  tone?: number;
}

/** How a line is told from others of its colour. */
export interface Variant {
  shade: number;
  /** Of a point of a sweep: where its value lies on the ramp, and the setting whose value it is. */
  ramp?: { tone: number; path: string };
  symbol: LineSymbol | null;
}

/** The first arm of a family is the plain colour; further ones differ in lightness and in sparse markers. */
export function armVariant(index: number): Variant {
  return { shade: armShades[index % armShades.length] as number, symbol: measureSymbol(index) };
}

export function measureColor(index: number): string {
  return measureColors[index % measureColors.length] as string;
}

export function measureSymbol(index: number): LineSymbol | null {
  return index === 0 ? null : (armSymbols[(index - 1) % armSymbols.length] as LineSymbol);
}

type Rgb = readonly [number, number, number];

/** Channels from 0 to 255 of `#rrggbb`, `#rgb`, `rgb(…)` or `rgba(…)`. @throws RangeError for anything else. */
export function parseColor(color: string): Rgb {
  const text = color.trim();
  const short = /^#([\da-f])([\da-f])([\da-f])$/i.exec(text);
  if (short !== null) return channels(short.slice(1).map((digit) => parseInt(digit + digit, 16)));
  const long = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(text);
  if (long !== null) return channels(long.slice(1).map((pair) => parseInt(pair, 16)));
  const functional = /^rgba?\(([^)]*)\)$/i.exec(text);
  const numbers = functional?.[1]?.split(/[\s,/]+/).map(Number) ?? [];
  if (numbers.length >= 3 && numbers.every(Number.isFinite)) return channels(numbers);
  throw new RangeError(`"${color}" is not a colour in hexadecimal or rgb() notation.`);
}

function channels(values: readonly number[]): Rgb {
  return [values[0] as number, values[1] as number, values[2] as number];
}

/** `share` = 0 gives `a`, 1 gives `b`; mixed in sRGB. */
export function mix(a: string, b: string, share: number): string {
  const [from, to] = [parseColor(a), parseColor(b)];
  const hex = from.map((value, i) => {
    const mixed = Math.round(value + share * ((to[i] as number) - value));
    return mixed.toString(16).padStart(2, '0');
  });
  return `#${hex.join('')}`;
}

export function withAlpha(color: string, alpha: number): string {
  const [r, g, b] = parseColor(color);
  return `rgba(${r}, ${g}, ${b}, ${alpha})`;
}

/** Contrast ratio of WCAG 2.2, from 1 to 21. */
export function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [r, g, b] = parseColor(color).map((value) => {
    const c = value / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Lightness L* of CIE 1976, from 0 to 100: equal steps look equal. */
export function lightness(color: string): number {
  return lightnessOf(luminance(color));
}

function lightnessOf(luminance: number): number {
  return luminance > 216 / 24389 ? 116 * Math.cbrt(luminance) - 16 : (luminance * 24389) / 27;
}

/** Of the ends of a ramp. More would leave nothing of the hue at its far end. */
const RAMP_SPAN = 40;
/** Contrast of the near end: marks stand out from the background by 3:1, rounding included. */
const RAMP_CONTRAST = 3.05;

/** The colour in its own hue, from as near to the background as marks may come (tone 0) to far from it (1), in equal steps. */
export function onRamp(color: string, tone: number, background: string): string {
  const ground = luminance(background) + 0.05;
  const isDark = lightness(background) < 50;
  const near = lightnessOf((isDark ? ground * RAMP_CONTRAST : ground / RAMP_CONTRAST) - 0.05);
  return withLightness(color, near + (isDark ? 1 : -1) * tone * RAMP_SPAN);
}

/** Tinted or shaded to a lightness. */
function withLightness(color: string, target: number): string {
  const pole = lightness(color) < target ? '#ffffff' : '#000000';
  const isTint = pole === '#ffffff';
  let [low, high] = [0, 1];
  for (let i = 0; i < 12; i++) {
    const middle = (low + high) / 2;
    if (lightness(mix(color, pole, middle)) < target === isTint) low = middle;
    else high = middle;
  }
  return mix(color, pole, (low + high) / 2);
}

/** The colour, moved towards the text colour until marks stand out from the background by 3:1 (WCAG 1.4.11). */
export function readable(color: string, background: string, text: string): string {
  for (let share = 0; share < 1; share += 0.1) {
    const candidate = mix(color, text, share);
    if (contrast(candidate, background) >= 3) return candidate;
  }
  return text;
}
