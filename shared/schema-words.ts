/**
 * Says in words what a Zod schema accepts at a path, from its JSON Schema: "an integer from 2 to 1000". The words
 * follow the schema, so that a message never disagrees with the check behind it.
 */
import { z } from 'zod';
import { printValue } from './errors.ts';
import { valueAt } from './json-path.ts';

/** A schema as JSON Schema. */
export type Node = z.core.JSONSchema.BaseSchema;

const known = new WeakMap<z.ZodType, Node>();

export function jsonSchema(schema: z.ZodType): Node {
  let node = known.get(schema);
  if (node === undefined) {
    node = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
    known.set(schema, node);
  }
  return node;
}

/** What would be valid at `path` of `root`, as a noun phrase; null where the schema cannot say. */
export function expectedAt(schema: z.ZodType, path: readonly PropertyKey[], root: unknown): string | null {
  const node = nodeAt(schema, path, root);
  return node === null ? null : words(node);
}

/** The keys that the object at `path` of `root` may have; empty where the schema cannot say. */
export function keysAt(schema: z.ZodType, path: readonly PropertyKey[], root: unknown): string[] {
  const node = nodeAt(schema, path, root);
  return node === null ? [] : [...new Set(fitting(node, valueAt(root, path)).flatMap(ownKeys))];
}

function nodeAt(schema: z.ZodType, path: readonly PropertyKey[], root: unknown): Node | null {
  let nodes: Node[] = [jsonSchema(schema)];
  path.forEach((key, depth) => {
    const value = valueAt(root, path.slice(0, depth));
    nodes = nodes.flatMap((node) => fitting(node, value)).flatMap((node) => children(node, key));
  });
  const [first, ...rest] = nodes;
  if (first === undefined) return null;
  return rest.length === 0 ? first : { anyOf: nodes };
}

function children(node: Node, key: PropertyKey): Node[] {
  if (typeof key === 'number') return isNode(node.items) ? [node.items] : [];
  const child = node.properties?.[String(key)];
  return isNode(child) ? [child] : [];
}

export function isNode(value: unknown): value is Node {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** The options of a union, nested ones included; null where there is no choice. */
export function options(node: Node): Node[] | null {
  const list = node.anyOf ?? node.oneOf;
  return list === undefined ? null : list.filter(isNode).flatMap((option) => options(option) ?? [option]);
}

/** The options of a union whose fixed properties (its discriminator) agree with the value; all when none does. */
export function fitting(node: Node, value: unknown): Node[] {
  const all = options(node) ?? [node];
  const agreeing = all.filter((option) =>
    Object.entries(option.properties ?? {}).every(
      ([key, property]) =>
        !isNode(property) || property.const === undefined || valueAt(value, [key]) === property.const,
    ),
  );
  return agreeing.length === 0 ? all : agreeing;
}

function ownKeys(node: Node): string[] {
  return Object.keys(node.properties ?? {});
}

/** What a node accepts, as a noun phrase; null where it cannot say. */
export function words(node: Node): string | null {
  const union = options(node);
  if (union !== null) return unionWords(union);
  if (node.const !== undefined) return printValue(node.const);
  if (node.enum !== undefined) return oneOf(node.enum);
  switch (node.type) {
    case 'integer':
      return `an integer${range(node)}`;
    case 'number':
      return range(node) === '' ? 'a finite number' : `a number${range(node)}`;
    case 'string':
      return stringWords(node);
    case 'array':
      return listWords(node);
    case 'object':
      return `an object with the keys ${ownKeys(node).join(', ')}`;
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'null';
    default:
      return null;
  }
}

function unionWords(union: readonly Node[]): string | null {
  const constants = union.flatMap(
    (option) => option.enum ?? (option.const === undefined ? [] : [option.const]),
  );
  const rest = union.filter((option) => option.const === undefined && option.enum === undefined);
  const kinds = rest.flatMap((option) => {
    const kind = option.properties?.['kind'];
    return isNode(kind) && kind.const !== undefined ? [kind.const] : [];
  });
  const others =
    kinds.length > 0 && kinds.length === rest.length
      ? [`an object whose kind is ${oneOf(kinds)}`]
      : rest.map((option) => words(option));
  const parts = [...(constants.length > 0 ? [oneOf([...new Set(constants)])] : []), ...others];
  return parts.includes(null) ? null : [...new Set(parts)].join(', or ');
}

function oneOf(values: readonly unknown[]): string {
  const printed = values.map((value) => printValue(value));
  return printed.length === 1 ? (printed[0] as string) : `one of ${printed.join(', ')}`;
}

function range(node: Node): string {
  const low = node.minimum !== undefined && node.minimum > Number.MIN_SAFE_INTEGER ? node.minimum : undefined;
  const high =
    node.maximum !== undefined && node.maximum < Number.MAX_SAFE_INTEGER ? node.maximum : undefined;
  if (low !== undefined && high !== undefined) return ` from ${low} to ${high}`;
  const bounds = [
    low === undefined ? null : `at least ${low}`,
    node.exclusiveMinimum === undefined ? null : `greater than ${node.exclusiveMinimum}`,
    high === undefined ? null : `at most ${high}`,
    node.exclusiveMaximum === undefined ? null : `less than ${node.exclusiveMaximum}`,
  ].filter((bound) => bound !== null);
  return bounds.length === 0 ? '' : `, ${bounds.join(' and ')}`;
}

function stringWords(node: Node): string {
  if (node.pattern !== undefined) return node.description ?? `text that matches ${node.pattern}`;
  return `text${count(node.minLength, node.maxLength, 'character')}`;
}

function listWords(node: Node): string {
  const list = `a list${count(node.minItems, node.maxItems, 'entry')}`;
  const each = isNode(node.items) && node.items.type !== 'object' ? words(node.items) : null;
  return each === null ? list : `${list}, each ${each}`;
}

function count(low: number | undefined, high: number | undefined, noun: 'character' | 'entry'): string {
  const counted = (n: number): string =>
    `${n} ${n === 1 ? noun : noun === 'entry' ? 'entries' : 'characters'}`;
  if (low !== undefined && high !== undefined) return ` of ${low} to ${counted(high)}`;
  if (low !== undefined) return ` of at least ${counted(low)}`;
  return high === undefined ? '' : ` of at most ${counted(high)}`;
}
