/**
 * The query of the table of runs: words that a run has to hold, and conditions on its fields.
 * `grokking status:failed seed>=3 weightDecay=0.1 -model:transformer arm:"linear regression"`
 */
import type { RunRecord } from '../../shared/run.ts';
import { runTitle } from '../../shared/sweep.ts';
import { familyTitles } from '../../shared/charts/palette.ts';

export type FieldValue = string | number | boolean;

type Operator = ':' | '=' | '<' | '<=' | '>' | '>=';

export interface Term {
  negated: boolean;
  /** Lower case; null for a word that may stand in any field. */
  field: string | null;
  operator: Operator;
  /** Lower case. */
  value: string;
}

/** Names of a run's own fields; every setting of its arm is a field, too. */
export const ownFields = [
  'study',
  'arm',
  'run',
  'family',
  'status',
  'seed',
  'dataset',
  'model',
  'trainer',
  'effort',
  'device',
  'note',
] as const;

/** Words and conditions, all of which have to hold. A condition without a value is still being typed: it is left out. */
export function parseRunQuery(text: string): Term[] {
  const tokens = text.toLowerCase().match(/(?:"[^"]*"?|[^\s"])+/g) ?? [];
  return tokens.flatMap((token): Term[] => {
    const negated = /^-[a-z"]/.test(token);
    const rest = negated ? token.slice(1) : token;
    const [, field = null, operator = ':', raw = rest] =
      /^([a-z][\w.[\]]*)(<=|>=|[:=<>])(.*)$/.exec(rest) ?? [];
    const value = raw.replaceAll('"', '');
    return value === '' ? [] : [{ negated, field, operator: operator as Operator, value }];
  });
}

/** A run's fields by lower-case name; its settings by their path: `trainer.weightdecay`. */
export function runFields(run: RunRecord, study: string): Map<string, FieldValue> {
  const fields = new Map<string, FieldValue>();
  for (const section of ['dataset', 'model', 'trainer', 'budget', 'thresholds', 'record'] as const) {
    addLeaves(fields, section, run.arm[section]);
  }
  const own: Record<(typeof ownFields)[number], FieldValue> = {
    study,
    arm: `${runTitle(run)} ${run.armId}`,
    run: run.id,
    family: `${run.family} ${familyTitles[run.family]}`,
    status: run.status,
    seed: run.seed,
    dataset: run.arm.dataset.kind,
    model: run.arm.model.kind,
    trainer: run.arm.trainer.kind,
    effort: Math.max(0, run.effort),
    device: run.backend === null ? '' : `${run.backend.engine} ${run.backend.device}`,
    note: [run.error?.message, run.note].filter((part) => typeof part === 'string').join(' '),
  };
  for (const [name, value] of Object.entries(own)) fields.set(name, value);
  return fields;
}

function addLeaves(fields: Map<string, FieldValue>, path: string, value: unknown): void {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    fields.set(path.toLowerCase(), value);
  } else if (Array.isArray(value)) {
    fields.set(path.toLowerCase(), value.map((item) => leafText(item)).join(' '));
  } else if (value !== null && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) addLeaves(fields, `${path}.${key}`, inner);
  }
}

function leafText(item: unknown): string {
  return typeof item === 'object' ? JSON.stringify(item) : String(item);
}

/** The values that a name stands for: a field of that name, else every setting whose path ends with it. */
export function fieldValues(fields: ReadonlyMap<string, FieldValue>, name: string): FieldValue[] {
  const exact = fields.get(name);
  if (exact !== undefined) return [exact];
  return [...fields].flatMap(([path, value]) => (path.endsWith(`.${name}`) ? [value] : []));
}

/** Whether a field's value is what the condition asks; numbers compare as numbers. */
export function holds(value: FieldValue, { operator, value: asked }: Term): boolean {
  if (operator === ':' || operator === '=') {
    if (typeof value === 'number') return value === Number(asked);
    const said = String(value).toLowerCase();
    return operator === '=' ? said === asked : said.includes(asked);
  }
  if (typeof value !== 'number') return false;
  const bound = Number(asked);
  switch (operator) {
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
  }
}

/** What is wrong with a query, in words; null for nothing. `known` says whether any run has a field of that name. */
export function queryFault(terms: readonly Term[], known: (name: string) => boolean): string | null {
  for (const { field, operator, value } of terms) {
    if (field === null) continue;
    if (!known(field)) {
      return `No run has a field “${field}”. Fields are ${ownFields.join(', ')}, and every setting of an arm, such as weightDecay.`;
    }
    if (operator !== ':' && operator !== '=' && Number.isNaN(Number(value))) {
      return `${field}${operator}${value}: “${value}” is not a number.`;
    }
  }
  return null;
}
