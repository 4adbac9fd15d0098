/** A user's table inside a study: columns and rows as they stood in the file, and the rules that they must keep. */
import { z } from 'zod';

/** A table travels with every run's record: it has to be small. */
export const MAX_TABLE_CELLS = 20_000;
/** Cells that a message names before it says that there are more. */
const MAX_NAMED_CELLS = 5;

export type Cell = number | string;

export const tableFields = {
  /** Where the cells came from, for people; nothing is read from there. */
  file: z.string().min(1).max(200),
  columns: z.array(z.string().min(1).max(200)).min(2).max(1000),
  rows: z
    .array(z.array(z.union([z.number(), z.string().max(200)])))
    .min(2)
    .max(10_000),
  /** The column to predict; all others are inputs. */
  target: z.string().min(1).max(200),
  /** Shift and scale every input to mean 0 and variance 1 over the training rows. */
  standardize: z.boolean(),
  trainFraction: z
    .number()
    .gt(0)
    .lt(1)
    .describe('share of the rows (of each class) used for training, strictly between 0 and 1'),
};

export interface Table {
  file: string;
  columns: string[];
  rows: Cell[][];
  target: string;
  trainFraction: number;
}

export type TableTask = 'classification' | 'regression';

/** Class names in the order of their numbers: by size where all are numbers, else by code point. */
export function tableClasses({ columns, rows, target }: Table): string[] {
  const at = columns.indexOf(target);
  const cells = rows.flatMap((row) => row[at] ?? []);
  const distinct = [...new Set(cells.map(String))];
  if (cells.every((cell) => typeof cell === 'number')) return distinct.sort((a, b) => Number(a) - Number(b));
  return distinct.sort((a, b) => (a < b ? -1 : 1));
}

/** Rows of each class, in the order of `tableClasses`. */
function classSizes(table: Table): { name: string; rows: number }[] {
  const at = table.columns.indexOf(table.target);
  return tableClasses(table).map((name) => ({
    name,
    rows: table.rows.filter((row) => String(row[at]) === name).length,
  }));
}

/** Training rows among `rows`: rounded down, as a share of each class where there are classes. */
export function trainRows(rows: number, fraction: number): number {
  return Math.floor(rows * fraction + 1e-9);
}

export function tableSizes(
  table: Table,
  task: TableTask,
): { train: number; test: number; available: number } {
  const available = table.rows.length;
  const train =
    task === 'regression'
      ? trainRows(available, table.trainFraction)
      : classSizes(table).reduce((sum, { rows }) => sum + trainRows(rows, table.trainFraction), 0);
  return { train, test: available - train, available };
}

type AddIssue = (path: (string | number)[], message: string) => void;

/** Adds what is wrong with a table: every message names the row, the column and what would be valid. */
export function addTableIssues(table: Table, task: TableTask, context: z.RefinementCtx<Table>): void {
  const add: AddIssue = (path, message) => context.addIssue({ code: 'custom', path, message });
  const { columns, rows, target } = table;
  columns.forEach((name, j) => {
    if (columns.indexOf(name) !== j) add(['columns', j], 'a name that no other column has');
  });
  if (!columns.includes(target)) {
    add(['target'], `one of the columns ${columns.slice(0, 20).join(', ')}`);
    return;
  }
  const cells = rows.length * columns.length;
  if (cells > MAX_TABLE_CELLS) {
    const most = Math.floor(MAX_TABLE_CELLS / columns.length);
    add(
      ['rows'],
      `at most ${most} rows of ${columns.length} columns (${MAX_TABLE_CELLS} cells): these are ${cells} cells`,
    );
    return;
  }
  if (addCellIssues(table, task, add)) return;
  columns.forEach((name, j) => {
    if (name === target || rows.some((row) => row[j] !== rows[0]?.[j])) return;
    const said = `"${name}" is ${String(rows[0]?.[j])} in every row`;
    add(['columns', j], `a column whose values differ: ${said}; leave it out`);
  });
  if (task === 'classification') addClassIssues(table, add);
}

/** Whether there was any. */
function addCellIssues({ columns, rows, target }: Table, task: TableTask, add: AddIssue): boolean {
  let faults = 0;
  const fault: AddIssue = (path, message) => {
    faults += 1;
    if (faults <= MAX_NAMED_CELLS) add(path, message);
  };
  rows.forEach((row, i) => {
    if (row.length !== columns.length) {
      fault(['rows', i], `${columns.length} cells, one per column: row ${i + 1} has ${row.length}`);
      return;
    }
    row.forEach((cell, j) => {
      const name = columns[j] as string;
      const where = `row ${i + 1}, column "${name}"`;
      const isMissing = typeof cell === 'string' && cell.trim() === '';
      if (name === target && task === 'classification') {
        if (isMissing)
          fault(['rows', i, j], `a class name (${where} is empty): fill it in or leave the row out`);
      } else if (typeof cell !== 'number') {
        const said = isMissing ? 'is empty' : 'is not a number';
        fault(['rows', i, j], `a number (${where} ${said}): fill it in, or leave the row or the column out`);
      }
    });
  });
  if (faults > MAX_NAMED_CELLS) {
    add(
      ['rows'],
      `no faulty cell: besides the ones named, ${faults - MAX_NAMED_CELLS} more are empty or not numbers`,
    );
  }
  return faults > 0;
}

function addClassIssues(table: Table, add: AddIssue): void {
  const sizes = classSizes(table);
  if (sizes.length < 2) {
    add(
      ['target'],
      `a column with at least two classes: "${table.target}" has only "${sizes[0]?.name ?? ''}"`,
    );
    return;
  }
  if (sizes.length > table.rows.length / 2) {
    add(
      ['target'],
      `a column of classes: "${table.target}" has ${sizes.length} different values in ${table.rows.length} rows`,
    );
    return;
  }
  for (const { name, rows } of sizes) {
    if (trainRows(rows, table.trainFraction) >= 1) continue;
    const said = `class "${name}" has ${rows} ${rows === 1 ? 'row' : 'rows'} and would get no training example`;
    add(['trainFraction'], `a larger share: ${said}; or leave that class out`);
  }
}
