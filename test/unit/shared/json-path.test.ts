import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  parsePath,
  printPath,
  valueAt,
  withoutAt,
  withValueAt,
  type Path,
} from '../../../shared/json-path.ts';

const key = fc.stringMatching(/^[a-zA-Z]{1,4}$/);
const path = fc.tuple(key, fc.array(fc.oneof(key, fc.nat(9)))).map(([first, rest]) => [first, ...rest]);

test('a path is read as it was written', () => {
  expect(printPath(['arms', 0, 'model', 'hidden', 1])).toBe('arms[0].model.hidden[1]');
  fc.assert(
    fc.property(path, (keys) => {
      expect(parsePath(printPath(keys))).toEqual(keys);
    }),
  );
});

/** Every place in a value. */
function places(value: unknown, at: Path = []): Path[] {
  if (value === null || typeof value !== 'object') return [at];
  const inside = Array.isArray(value)
    ? value.flatMap((one, i) => places(one, [...at, i]))
    : Object.entries(value).flatMap(([key, one]) => places(one, [...at, key]));
  return [at, ...inside];
}

test('a value that is put somewhere is there, everything else is as before, and the original is not touched', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(), (value, pick) => {
      const before = JSON.stringify(value);
      const all = places(value);
      const at = all[pick % all.length] as Path;
      const changed = withValueAt(value, at, 'new');
      expect(valueAt(changed, at)).toBe('new');
      expect(JSON.stringify(value)).toBe(before);
      for (const other of all) {
        const related = at.every((key, i) => i >= other.length || other[i] === key);
        if (!related) expect(valueAt(changed, other)).toBe(valueAt(value, other));
      }
      if (at.length > 0) {
        const parent = at.slice(0, -1);
        const size = (one: unknown): number => Object.keys(one as object).length;
        expect(size(valueAt(withoutAt(value, at), parent))).toBe(size(valueAt(value, parent)) - 1);
      }
      expect(JSON.stringify(value)).toBe(before);
    }),
  );
});

test('nothing is where nothing stands', () => {
  expect(valueAt({ a: [1] }, ['a', 1])).toBeUndefined();
  expect(valueAt({ a: 1 }, ['toString'])).toBeUndefined();
  const value = { a: [1] };
  expect(withoutAt(value, ['b', 'c'])).toBe(value);
  expect(withoutAt({ a: [1, 2], b: 3 }, ['a', 0])).toEqual({ a: [2], b: 3 });
  expect(() => withValueAt({ a: 1 }, ['a', 'b'], 2)).toThrow(RangeError);
});
