/** Which settings of an arm a sweep can vary, and lists of values for it. */
import { fieldsOf, leaves, type Field } from './fields.ts';
import { printPath, valueAt } from './json-path.ts';
import { armSpec } from './study.ts';
import type { SweepValue } from './sweep-spec.ts';

export interface SweepField {
  /** From the arm on: `model.hidden[0]`. */
  path: string;
  kind: 'number' | 'choice';
  integer: boolean;
  /** Of a choice. */
  options: string[];
  /** What stands there now; null where that is nothing that can be swept. */
  value: SweepValue | null;
}

const swept = ['dataset', 'model', 'trainer'];

/** Every number and every choice of several, entries of lists of numbers among them. */
export function sweepFields(arm: unknown): SweepField[] {
  const sections = fieldsOf(armSpec, arm).filter(({ name }) => swept.includes(name));
  return leaves(sections).flatMap((field) => fieldsUnder(field, valueAt(arm, field.path)));
}

function fieldsUnder(field: Field, value: unknown): SweepField[] {
  if (field.kind === 'number') {
    return [
      { path: field.at, kind: 'number', integer: field.integer, options: field.words, value: plain(value) },
    ];
  }
  if (field.kind === 'choice' && field.options.length > 1) {
    return [{ path: field.at, kind: 'choice', integer: false, options: field.options, value: plain(value) }];
  }
  if (field.kind === 'list' && (field.of === 'number' || field.of === 'integer') && Array.isArray(value)) {
    return value.map((one: unknown, i) => ({
      path: printPath([...field.path, i]),
      kind: 'number',
      integer: field.of === 'integer',
      options: [],
      value: plain(one),
    }));
  }
  return [];
}

function plain(value: unknown): SweepValue | null {
  return typeof value === 'number' || typeof value === 'string' ? value : null;
}

export const MAX_AXIS_VALUES = 1000;

export interface Spacing {
  scale: 'linear' | 'log';
  from: number;
  to: number;
  count: number;
}

/**
 * `count` values from `from` to `to`, evenly spaced, or evenly spaced in their logarithms; at most six significant
 * digits each. Integers are rounded, each one once: then there may be fewer.
 * @returns the values, or what is wrong in a sentence
 */
export function spacedValues({ scale, from, to, count }: Spacing, integer: boolean): number[] | string {
  if (!Number.isFinite(from) || !Number.isFinite(to)) return 'From and to are numbers.';
  if (!Number.isInteger(count) || count < 1 || count > MAX_AXIS_VALUES) {
    return `The number of values is an integer from 1 to ${MAX_AXIS_VALUES}.`;
  }
  if (scale === 'log' && (from <= 0 || to <= 0)) return 'Logarithmic spacing needs numbers above 0.';
  const values = Array.from({ length: count }, (_, i) => {
    const share = count === 1 ? 0 : i / (count - 1);
    const value = scale === 'linear' ? from + share * (to - from) : from * (to / from) ** share;
    if (!integer && (i === 0 || i === count - 1)) return i === 0 ? from : to;
    return integer ? Math.round(value) : Number(value.toPrecision(6));
  });
  return [...new Set(values)];
}
