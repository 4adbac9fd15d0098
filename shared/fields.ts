/**
 * The fields of a form, derived from a schema and the value that is edited: what a study may say is said once, in its
 * schemas. A place where one of several kinds of object may stand has the fields of the kind that stands there.
 */
import type { z } from 'zod';
import { printPath, valueAt, type Key, type Path } from './json-path.ts';
import { fitting, isNode, jsonSchema, options, words, type Node } from './schema-words.ts';

interface Common {
  path: Path;
  /** The path as messages write it: `arms[0].dataset.p`. */
  at: string;
  /** The last key. */
  name: string;
  /** What may stand for nothing there: no key at all, or null; false where a value is needed. */
  optional: 'absent' | 'null' | false;
  /** What it is, or else what would be valid; empty where the form shows that by itself. */
  hint: string;
}

export type Field = Common &
  (
    | { kind: 'text' }
    | { kind: 'boolean' }
    /** `words` are texts that may stand in the place of a number. */
    | { kind: 'number'; integer: boolean; words: string[] }
    | { kind: 'choice'; options: string[] }
    /** Several of the options. */
    | { kind: 'choices'; options: string[] }
    | { kind: 'list'; of: 'number' | 'integer' | 'text' | 'any' }
    /** A list of lists. */
    | { kind: 'table' }
    | { kind: 'group'; fields: Field[] }
    /** An object whose `kind` says which other fields it has. */
    | { kind: 'variant'; kinds: string[]; fields: Field[] }
    /** A list of objects, with the fields of each. */
    | { kind: 'entries'; entries: Field[][] }
  );

/** The fields of an object that the schema describes, in the schema's order. */
export function fieldsOf(schema: z.ZodType, value: unknown, at: Path = []): Field[] {
  return objectFields(jsonSchema(schema), value, at);
}

function objectFields(node: Node, value: unknown, at: Path): Field[] {
  const [object] = fitting(node, value).filter((one) => one.type === 'object');
  if (object === undefined) return [];
  return Object.entries(object.properties ?? {}).flatMap(([key, property]) =>
    isNode(property)
      ? [fieldOf(property, valueAt(value, [key]), [...at, key], !(object.required ?? []).includes(key))]
      : [],
  );
}

function fieldOf(node: Node, value: unknown, path: Path, optional: boolean): Field {
  const common: Common = {
    path,
    at: printPath(path),
    name: String(path.at(-1) as Key),
    optional: optional ? 'absent' : false,
    hint: node.description ?? '',
  };
  const union = options(node);
  if (union !== null) return unionField(node, union, value, common);
  return plainField(node, value, common);
}

function plainField(node: Node, value: unknown, common: Common): Field {
  const hinted = common.hint === '' ? { ...common, hint: words(node) ?? '' } : common;
  const fixed = node.const === undefined ? node.enum : [node.const];
  if (fixed !== undefined) return { ...common, kind: 'choice', options: fixed.map(String) };
  switch (node.type) {
    case 'integer':
    case 'number':
      return { ...hinted, kind: 'number', integer: node.type === 'integer', words: [] };
    case 'boolean':
      return { ...common, kind: 'boolean' };
    case 'array':
      return listField(node, value, hinted);
    case 'object':
      return {
        ...common,
        kind: 'group',
        fields: absent(value) ? [] : objectFields(node, value, common.path),
      };
    default:
      return { ...hinted, kind: 'text' };
  }
}

function absent(value: unknown): boolean {
  return value === undefined || value === null;
}

function unionField(node: Node, union: Node[], value: unknown, outer: Common): Field {
  const common: Common = union.some((one) => one.type === 'null') ? { ...outer, optional: 'null' } : outer;
  const objects = union.filter((one) => one.type === 'object');
  const kinds = objects.flatMap((one) => {
    const kind = one.properties?.['kind'];
    return isNode(kind) && typeof kind.const === 'string' ? [kind.const] : [];
  });
  const fields = absent(value) ? [] : objectFields({ anyOf: objects }, value, common.path);
  if (kinds.length > 0) {
    // A value of no known kind has no fields but its kind.
    const known = kinds.includes(valueAt(value, ['kind']) as string);
    return {
      ...common,
      kind: 'variant',
      kinds,
      fields: known ? fields.filter(({ name }) => name !== 'kind') : [],
    };
  }
  if (objects.length > 0) return { ...common, kind: 'group', fields };
  const number = union.find((one) => one.type === 'integer' || one.type === 'number');
  const texts = union.flatMap((one) => (typeof one.const === 'string' ? [one.const] : []));
  if (number !== undefined)
    return {
      ...common,
      hint: common.hint === '' ? (words(node) ?? '') : common.hint,
      kind: 'number',
      integer: number.type === 'integer',
      words: texts,
    };
  return texts.length > 0 ? { ...common, kind: 'choice', options: texts } : { ...common, kind: 'text' };
}

function listField(node: Node, value: unknown, common: Common): Field {
  const item = isNode(node.items) ? node.items : {};
  if (item.enum !== undefined)
    return { ...common, hint: node.description ?? '', kind: 'choices', options: item.enum.map(String) };
  if (item.type === 'array') return { ...common, kind: 'table' };
  if (item.type === 'object') {
    const group = { ...common, hint: node.description ?? '' };
    const list: unknown[] = Array.isArray(value) ? value : [];
    const entries = list.map((one, i) => objectFields(item, one, [...common.path, i]));
    return { ...group, kind: 'entries', entries };
  }
  if (item.type === 'integer' || item.type === 'number') return { ...common, kind: 'list', of: item.type };
  return { ...common, kind: 'list', of: options(item) === null ? 'text' : 'any' };
}

/** The fields that hold a value of their own: all but groups, variants and lists of objects, whose fields stand for them. */
export function leaves(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) => {
    switch (field.kind) {
      case 'group':
        return leaves(field.fields);
      case 'variant':
        return leaves(field.fields);
      case 'entries':
        return field.entries.flatMap(leaves);
      default:
        return [field];
    }
  });
}
