/** Reads a table from a text file of comma-, semicolon- or tab-separated values (RFC 4180 quoting). */
import { InputError, printValue } from './errors.ts';
import type { Cell } from './table.ts';

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** A file above this is not read: a study takes 20,000 cells at most. */
export const MAX_CSV_BYTES = 4_000_000;

export interface CsvTable {
  columns: string[];
  /** Cells that read as a number are numbers; all others are texts without surrounding space. */
  rows: Cell[][];
}

/**
 * The first line names the columns; the separator is the one of comma, semicolon and tab that it has most of. Empty
 * lines are left out. Whether cells are what a dataset needs is not checked here.
 * @throws InputError when there is no line of names, or a quote is not closed
 */
export function readCsv(text: string, file: string): CsvTable {
  const plain = text.replace(/^\uFEFF/, '');
  const firstLine = plain.slice(0, plain.search(/[\r\n]|$/));
  const [separator] = [',', ';', '\t'].sort(
    (a, b) => firstLine.split(b).length - firstLine.split(a).length,
  ) as [string];
  const [names, ...lines] = records(plain, separator, file).filter(
    (cells) => cells.length > 1 || cells[0] !== '',
  );
  if (names === undefined || names.every((name) => name === '' || number.test(name))) {
    throw new InputError(file, [
      { path: 'line 1', value: printValue(firstLine), expected: 'the names of the columns' },
    ]);
  }
  return { columns: names, rows: lines.map((cells) => cells.map(readCell)) };
}

/** The table with only these columns, in the file's order. A short row stays short, so that it is refused as such. */
export function selectColumns({ columns, rows }: CsvTable, names: readonly string[]): CsvTable {
  const kept = columns.map((name, j) => ({ name, j })).filter(({ name }) => names.includes(name));
  return {
    columns: kept.map(({ name }) => name),
    rows: rows.map((row) => (row.length === columns.length ? kept.map(({ j }) => row[j] ?? '') : row)),
  };
}

/** Columns that can be inputs as they stand: numbers in every row, not all alike. */
export function inputColumns({ columns, rows }: CsvTable, target: string): string[] {
  return columns.filter((name, j) => {
    const cells = rows.map((row) => row[j]);
    return name !== target && cells.every((cell) => typeof cell === 'number') && new Set(cells).size > 1;
  });
}

function readCell(text: string): Cell {
  return number.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Lines of cells; a quoted cell may hold separators, line breaks and doubled quotes. */
function records(text: string, separator: string, file: string): string[][] {
  const result: string[][] = [];
  let cells: string[] = [];
  let at = 0;
  while (at < text.length) {
    const cell = text[at] === '"' ? quotedCell(text, at, file) : plainCell(text, at, separator);
    cells.push(cell.text.trim());
    at = cell.end;
    if (text[at] === separator) {
      at += 1;
      if (at < text.length) continue;
      cells.push('');
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at += 1;
    at += 1;
    result.push(cells);
    cells = [];
  }
  return result;
}

function plainCell(text: string, start: number, separator: string): { text: string; end: number } {
  let end = start;
  while (end < text.length && text[end] !== separator && text[end] !== '\n' && text[end] !== '\r') end += 1;
  return { text: text.slice(start, end), end };
}

function quotedCell(text: string, start: number, file: string): { text: string; end: number } {
  let cell = '';
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) {
      const line = text.slice(0, start).split('\n').length;
      throw new InputError(file, [
        {
          path: `line ${line}`,
          value: printValue(text.slice(start, start + 60)),
          expected: 'a closing quote',
        },
      ]);
    }
    cell += text.slice(at, quote);
    at = quote + 1;
    if (text[at] !== '"') return { text: cell, end: at };
    cell += '"';
    at += 1;
  }
}
