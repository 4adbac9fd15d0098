/** The table behind a chart: exactly the points drawn. */
import { csvField } from '../delay-table.ts';
import type { Figure, FigureHeat, Origin } from './figure.ts';

export interface FigureTable {
  columns: string[];
  /** Null is an empty cell. */
  rows: (string | number | null)[][];
}

const columns = ['arm', 'seed', 'column', 'statistic', 'xUnit', 'x', 'y', 'low', 'high', 'n'];

/** One row per drawn point, then one per marked event; a surface has one row per cell, its value in `z`. On a chart of categories, y only names the run's place. */
export function figureTable(figure: Figure): FigureTable {
  if (figure.grid !== undefined) {
    return { columns: figure.grid.columns, rows: figure.grid.cells.map(({ row }) => row) };
  }
  const rows: FigureTable['rows'] = [];
  for (const { origin, x, y, spread } of figure.lines) {
    for (let i = 0; i < x.length; i++) {
      const edges = spread === null ? [null, null, null] : [spread.low[i], spread.high[i], spread.n[i]];
      rows.push([...lead(origin), x[i] as number, y[i] as number, ...edges.map((edge) => edge ?? null)]);
    }
  }
  for (const { origin, x, y } of figure.points ?? []) {
    x.forEach((value, i) => rows.push([...lead(origin), value, y[i] as number, null, null, null]));
  }
  for (const { origin, x, y } of figure.marks) {
    rows.push([...lead(origin), x, figure.categories === null ? y : null, null, null, null]);
  }
  if (figure.heat === undefined) return { columns, rows };
  return {
    columns: [...columns, 'z'],
    rows: [...rows.map((row) => [...row, null]), ...heatRows(figure.heat)],
  };
}

function heatRows({ origin, x, y, z }: FigureHeat): FigureTable['rows'] {
  return Array.from(z, (value, i) => [
    ...lead(origin),
    x[i % x.length] as number,
    y[Math.floor(i / x.length)] as number,
    null,
    null,
    null,
    value,
  ]);
}

function lead(origin: Origin): (string | number | null)[] {
  return [origin.arm, origin.seed, origin.column, origin.statistic, origin.xUnit];
}

/** The table as CSV (RFC 4180), numbers at full precision; NaN and infinities as JavaScript writes them. */
export function tableCsv(table: FigureTable): string {
  return [table.columns, ...table.rows].map((row) => `${row.map(csvField).join(',')}\r\n`).join('');
}

/** A cell as a reader sees it: at most six significant digits. */
export function formatCell(cell: string | number | null): string {
  if (cell === null) return '';
  if (typeof cell === 'string') return cell;
  return formatValue(cell);
}

/** Made once: a report writes some ten thousand cells. */
const sixDigits = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 6 });

/** A value on a chart: six significant digits, exponents for the very small and very large. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'not a number' : value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9))
    return value.toExponential(3).replaceAll('-', '−').replace('e+', 'e');
  return sixDigits.format(value).replace('-', '−');
}
