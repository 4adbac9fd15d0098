/** The colours of a grid's cells, and of words upon them. */
import type { FigureGrid, GridCell } from './figure.ts';
import { cividis, contrast } from './palette.ts';

/** A value as it is coloured: its exponent on a log scale. */
export function scaled({ scale }: FigureGrid, value: number): number {
  return scale === 'log' ? Math.log10(value) : value;
}

/** Smallest and largest coloured value; the largest is above the smallest. Null without values. */
export function colorRange(grid: FigureGrid): { low: number; high: number; span: number } | null {
  const known = grid.cells.flatMap(({ value }) => (value === null ? [] : [scaled(grid, value)]));
  if (known.length === 0) return null;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return { low, high, span: high > low ? high - low : 1 };
}

/** What colour a cell with a value has. */
export function cellColors(grid: FigureGrid): (cell: GridCell) => string {
  const { scale } = grid;
  if (typeof scale === 'object') return ({ value }) => scale.colors[value ?? 0] as string;
  const range = colorRange(grid) ?? { low: 0, span: 1 };
  return ({ value }) => {
    const share = value === null ? 0 : (scaled(grid, value) - range.low) / range.span;
    return cividis[Math.round(share * (cividis.length - 1))] as string;
  };
}

/** Exponents of 1, 2 and 5 times powers of ten between two exponents; of the powers alone where there are many. */
export function logTicks(low: number, high: number): number[] {
  const factors = high - low > 3 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power++) {
    for (const factor of factors) {
      const at = power + Math.log10(factor);
      if (at >= low - 1e-9 && at <= high + 1e-9) ticks.push(at);
    }
  }
  return ticks;
}

export function tickText(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

/** The darker or the lighter ink, by contrast. */
export function inkOn(color: string): '#ffffff' | '#1a1a1a' {
  return contrast('#ffffff', color) >= contrast('#1a1a1a', color) ? '#ffffff' : '#1a1a1a';
}
