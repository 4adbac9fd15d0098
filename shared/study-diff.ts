/** What differs between two studies, setting by setting: arms and claims are compared by their ids, not their places. */
import { canonicalJson } from './canonical.ts';
import { printValue } from './errors.ts';
import { isContainer } from './json-path.ts';

export interface Difference {
  /** As messages write it, with ids in the place of numbers: `arms[mlp].model.hidden`. */
  path: string;
  /** Printed; null where nothing stands. */
  before: string | null;
  after: string | null;
}

const MAX_LISTED = 12;

/** In the order of `after`, then what is gone. */
export function studyDifferences(before: unknown, after: unknown): Difference[] {
  return differences(before, after, '');
}

function differences(before: unknown, after: unknown, at: string): Difference[] {
  if (same(before, after)) return [];
  const old = membersOf(before);
  const now = membersOf(after);
  // A list that was not there is told entry by entry, as one that was empty.
  if (before === undefined && Array.isArray(after) && now !== null) return differences([], after, at);
  if (after === undefined && Array.isArray(before) && old !== null) return differences(before, [], at);
  if (old === null || now === null || before === undefined || after === undefined) {
    return [{ path: at, before: printed(before), after: printed(after) }];
  }
  const keys = [...new Set([...now.keys(), ...old.keys()])];
  return keys.flatMap((key) =>
    differences(old.get(key), now.get(key), `${at}${at === '' || key.startsWith('[') ? key : `.${key}`}`),
  );
}

function same(before: unknown, after: unknown): boolean {
  if (before === undefined || after === undefined) return before === after;
  return canonicalJson(before) === canonicalJson(after);
}

/** What an object holds by key, and a list of objects with ids by those; null for what is compared as a whole. */
function membersOf(value: unknown): Map<string, unknown> | null {
  if (!isContainer(value)) return null;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  const ids = (value as unknown[]).map((one) => (isContainer(one) ? (one['id'] ?? one['path']) : undefined));
  const usable = ids.every((id) => typeof id === 'string') && new Set(ids).size === ids.length;
  return usable ? new Map(value.map((one: unknown, i) => [`[${String(ids[i])}]`, one])) : null;
}

function printed(value: unknown): string | null {
  if (value === undefined) return null;
  if (Array.isArray(value) && value.length > MAX_LISTED) {
    return `a list of ${value.length.toLocaleString('en-US')} entries`;
  }
  if (isContainer(value) && !Array.isArray(value)) {
    const name = value['title'] ?? value['text'] ?? value['kind'];
    if (typeof name === 'string') return name;
    if (Array.isArray(value['values'])) return printed(value['values']);
  }
  return printValue(value);
}
