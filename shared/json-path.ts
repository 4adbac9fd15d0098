/** Places in a JSON value, as a list of keys and as a user writes them: `arms[0].dataset.p`. Values are never changed. */

export type Key = string | number;
export type Path = readonly Key[];

export function parsePath(text: string): Key[] {
  return [...text.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([key, index]) =>
    index === undefined ? key : Number(index),
  );
}

export function printPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`,
    '',
  );
}

export function isContainer(value: unknown): value is Record<Key, unknown> {
  return value !== null && typeof value === 'object';
}

/** What stands there; undefined where nothing does. */
export function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (isContainer(value) && Object.hasOwn(value, key) ? value[key as Key] : undefined),
    root,
  );
}

/** A copy with another value at a place; everything beside the way there is shared with the original. @throws RangeError */
export function withValueAt(root: unknown, path: Path, value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (!isContainer(root)) throw new RangeError(`There is nothing that could hold "${String(key)}".`);
  const inner = withValueAt(root[key], rest, value);
  if (!Array.isArray(root)) return { ...root, [key]: inner };
  const list = [...(root as unknown[])];
  list[key as number] = inner;
  return list;
}

/** A copy without what stands at a place: later entries of a list move up. Where nothing stands, the value itself. */
export function withoutAt(root: unknown, path: Path): unknown {
  const [key, ...rest] = path;
  if (key === undefined || !isContainer(root) || !Object.hasOwn(root, key)) return root;
  if (rest.length > 0) return withValueAt(root, [key], withoutAt(root[key], rest));
  if (Array.isArray(root)) return root.filter((_, i) => i !== key);
  return Object.fromEntries(Object.entries(root).filter(([name]) => name !== String(key)));
}
