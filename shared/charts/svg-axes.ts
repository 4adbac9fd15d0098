/** Where values lie on a drawing, and the ticks beside them. */
import { xExtent, type Figure, type Scale } from './figure.ts';
import { zeroOf } from './look.ts';

export interface Axis {
  scale: Scale;
  /** A value's share of the axis, from 0 to 1; NaN for one that a log axis cannot show. */
  share: (value: number) => number;
  ticks: { at: number; text: string }[];
}

const EMPTY: [number, number] = [0, 1];

export function xAxis(figure: Figure, scale: Scale): Axis {
  const zeroAt = zeroOf(figure, scale);
  const [low, high] = figure.xRange ?? xExtent(figure) ?? EMPTY;
  if (scale === 'linear') return linearAxis(low, high, 0.02);
  const positive = zeroAt ?? smallestPositive(figure);
  const axis = logAxis(low > 0 ? low : positive, high > 0 ? high : positive, 0.02);
  if (zeroAt === null) return axis;
  const share = (x: number): number => axis.share(x === 0 ? zeroAt : x);
  const ticks = axis.ticks.filter(({ at }) => Math.abs(axis.share(at) - axis.share(zeroAt)) > 0.03);
  return { ...axis, share, ticks: [{ at: 0, text: '0' }, ...ticks] };
}

export function yAxis(figure: Figure, scale: Scale): Axis {
  const range = figure.yRange ?? yExtent(figure, scale === 'log');
  if (range === null) return linearAxis(...EMPTY, 0);
  const [low, high] = range;
  if (scale === 'log' && high > 0) return logAxis(low > 0 ? low : high / 1000, high, 0.04);
  return linearAxis(low, high, figure.yRange === null ? 0.04 : 0.03);
}

function smallestPositive(figure: Figure): number {
  const values = [
    ...figure.lines.map(({ x }) => x),
    ...(figure.points ?? []).map(({ x }) => x),
    Float64Array.from([...figure.marks.map(({ x }) => x), ...figure.spans.flatMap(({ x }) => x)]),
  ];
  let smallest = Infinity;
  for (const line of values) for (const x of line) if (x > 0 && x < smallest) smallest = x;
  return smallest === Infinity ? 1 : smallest;
}

function yExtent(figure: Figure, positive: boolean): [number, number] | null {
  let low = Infinity;
  let high = -Infinity;
  const see = (values: Iterable<number>): void => {
    for (const value of values) {
      if (!Number.isFinite(value) || (positive && value <= 0)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  };
  for (const { y, spread } of figure.lines) {
    see(y);
    if (spread?.drawn === true) {
      see(spread.low);
      see(spread.high);
    }
  }
  for (const { y, stem } of figure.points ?? []) see(stem === null ? y : [...y, stem]);
  see(figure.marks.map(({ y }) => y));
  return low <= high ? [low, high] : null;
}

function linearAxis(low: number, high: number, room: number): Axis {
  const width = high > low ? high - low : 1;
  const [from, span] = [low - room * width, width * (1 + 2 * room)];
  const start = high > low ? from : from - 0.5;
  const step = roundStep(span / 6);
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  const ticks: Axis['ticks'] = [];
  for (let i = Math.ceil(start / step - 1e-9); i * step <= start + span + 1e-9 * span; i++) {
    const at = Number((i * step).toFixed(Math.min(100, digits)));
    ticks.push({ at, text: tickText(at) });
  }
  return { scale: 'linear', share: (value) => (value - start) / span, ticks };
}

function logAxis(low: number, high: number, room: number): Axis {
  const [bottom, top] = [Math.log10(low), Math.log10(high)];
  const width = top > bottom ? top - bottom : 1;
  const start = (top > bottom ? bottom : bottom - 0.5) - room * width;
  const span = width * (1 + 2 * room);
  const inside = (at: number): boolean => {
    const share = (Math.log10(at) - start) / span;
    return share >= -1e-9 && share <= 1 + 1e-9;
  };
  const ticks: Axis['ticks'] = [];
  const factors = span < 1.2 ? [1, 2, 3, 5, 7] : span < 2.5 ? [1, 2, 5] : [1];
  const stride = Math.max(1, Math.ceil(span / 8));
  for (let power = Math.floor(start); power <= Math.ceil(start + span); power++) {
    if (power % stride !== 0) continue;
    for (const factor of factors) {
      const at = factor * 10 ** power;
      if (inside(at)) ticks.push({ at, text: tickText(at) });
    }
  }
  return {
    scale: 'log',
    share: (value) => (value > 0 ? (Math.log10(value) - start) / span : NaN),
    ticks,
  };
}

/** 1, 2 or 5 times a power of ten, at least `size`. */
function roundStep(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size));
  const factor = [1, 2, 5].find((one) => one * power >= size * (1 - 1e-9)) ?? 10;
  return factor * power;
}

function tickText(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) {
    const [digits, power] = value.toExponential(2).split('e') as [string, string];
    const factor = String(Number(digits));
    const exponent = [...String(Number(power))].map((one) => superscripts[one] ?? one).join('');
    return factor === '1' ? `10${exponent}` : `${factor.replace('-', '−')}·10${exponent}`;
  }
  return value.toLocaleString('en-US', { maximumSignificantDigits: 4 }).replace('-', '−');
}

const superscripts: Record<string, string> = {
  '-': '⁻',
  ...Object.fromEntries([...'⁰¹²³⁴⁵⁶⁷⁸⁹'].map((one, i) => [String(i), one])),
};
