/** Between the text of an input and the JSON value of its field. Text that is no value stays as it is, to be told apart. */
import type { Field } from '../../shared/fields.ts';

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const grouped = /^\d{1,3}(?:[,\u00a0\u202f]\d{3})+$/;
const range = /^(\d+)\s*[-–]\s*(\d+)$/;
/** A range above this is left as text: nobody means a million seeds. */
const MAX_RANGE = 10_000;

export type TextField = Extract<Field, { kind: 'text' | 'number' | 'list' }>;

export function isTextField(field: Field): field is TextField {
  return field.kind === 'text' || field.kind === 'number' || field.kind === 'list';
}

/** What an input shows for a value. */
export function printFieldText(field: TextField, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (field.kind !== 'list' || !Array.isArray(value)) {
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
  return field.name === 'seeds' ? printRanges(value) : value.map(String).join(', ');
}

/** The value that a text stands for; undefined where an optional field is left empty. */
export function readFieldText(field: TextField, text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === '' && field.optional !== false) return undefined;
  if (field.kind === 'text') return text;
  if (field.kind === 'number') return field.words.includes(trimmed) ? trimmed : readNumber(trimmed);
  const parts = trimmed.split(field.of === 'text' || field.of === 'any' ? /\s*[,;]\s*/ : /[\s,;]+/);
  const entries = (field.name === 'seeds' ? rangesOf(trimmed) : parts).filter((part) => part !== '');
  return field.of === 'text' ? entries : entries.flatMap(field.name === 'seeds' ? readRange : readNumber);
}

/** The number, or the text where it is none. */
export function readNumber(text: string): number | string {
  if (grouped.test(text)) return Number(text.replace(/\D/g, ''));
  return number.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Spaces around a dash belong to a range. */
function rangesOf(text: string): string[] {
  return text.replace(/\s*([-–])\s*/g, '$1').split(/[\s,;]+/);
}

function readRange(text: string): (number | string)[] {
  const [, from, to] = range.exec(text) ?? [];
  if (from === undefined || to === undefined) return [readNumber(text)];
  const length = Number(to) - Number(from) + 1;
  if (length < 1 || length > MAX_RANGE) return [text];
  return Array.from({ length }, (_, i) => Number(from) + i);
}

/** "0–4, 7": three and more integers in a row are a range. */
function printRanges(values: readonly unknown[]): string {
  const runs: unknown[][] = [];
  for (const value of values) {
    const last = runs.at(-1);
    const before = last?.at(-1);
    if (last !== undefined && typeof before === 'number' && value === before + 1) last.push(value);
    else runs.push([value]);
  }
  return runs
    .flatMap((run) => (run.length < 3 ? run.map(String) : [`${String(run[0])}–${String(run.at(-1))}`]))
    .join(', ');
}
