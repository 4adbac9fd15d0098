/**
 * A run's curve as CSV (RFC 4180): one row per recorded effort, every float64 in its shortest form that reads back
 * to the same bits (ECMAScript Number::toString), NaN and infinities spelled out, −0 as "-0".
 */
import type { MetricColumn, RunCurve } from '../../shared/run.ts';

/** A CSV text that is not a curve. `message` is a short noun phrase with the line. */
export class CsvError extends Error {}

/** The columns of a run's CSV, in order. */
export function csvColumns(columns: readonly MetricColumn[]): string[] {
  return ['effort', 'seconds', ...columns.map((column) => column.name)];
}

/** @throws Error when a curve with rows lacks a column. */
export function curveToCsv(curve: RunCurve, names: readonly string[]): string {
  return [...csvParts(curve, names)].join('');
}

const ROWS_PER_PART = 1024;

/** The same in parts, so that the text of a long curve need not be held beside its bytes. */
export function* csvParts(curve: RunCurve, names: readonly string[]): Generator<string> {
  const columns = names.map((name) => {
    const values = curve.columns[name];
    if (values === undefined && curve.length > 0)
      throw new Error(`Run ${curve.runId} lacks the column "${name}".`);
    return values ?? new Float64Array(0);
  });
  yield `${names.map(quote).join(',')}\n`;
  for (let from = 0; from < curve.length; from += ROWS_PER_PART) {
    let part = '';
    for (let row = from; row < Math.min(from + ROWS_PER_PART, curve.length); row++) {
      part += `${columns.map((values) => printNumber(values[row] as number)).join(',')}\n`;
    }
    yield part;
  }
}

/**
 * The curve a CSV text holds.
 * @throws CsvError when the header is not `names`, a row has another number of fields, or a field is no number.
 */
export function csvToCurve(runId: string, text: string, names: readonly string[]): RunCurve {
  if (!text.endsWith('\n')) throw new CsvError('last line is incomplete');
  const header = names.map(quote).join(',');
  let end = text.indexOf('\n');
  if (text.slice(0, end) !== header)
    throw new CsvError(`header differs from the columns of run.json, ${header}`);
  const length = countOf(text, '\n') - 1;
  const columns = names.map(() => new Float64Array(length));
  // A line at a time: all lines of a long curve at once are several times its text.
  for (let row = 0; row < length; row++) {
    const start = end + 1;
    end = text.indexOf('\n', start);
    const fields = text.slice(start, end).split(',');
    if (fields.length !== names.length) {
      throw new CsvError(`line ${row + 2} has ${fields.length} fields instead of ${names.length}`);
    }
    columns.forEach((values, i) => {
      values[row] = parseNumber(fields[i] as string, row + 2);
    });
  }
  return {
    runId,
    length,
    columns: Object.fromEntries(names.map((name, i) => [name, columns[i] as Float64Array])),
  };
}

function countOf(text: string, character: string): number {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) count++;
  return count;
}

/** The shortest decimal that reads back to the same float64. */
export function printNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

const numberPattern = /^-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Infinity)$/;

function parseNumber(field: string, line: number): number {
  if (field === 'NaN') return NaN;
  if (!numberPattern.test(field))
    throw new CsvError(`line ${line} has a field that is not a number, "${field.slice(0, 40)}"`);
  return Number(field);
}

function quote(name: string): string {
  return /[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}
