import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { InputError } from '../../../shared/errors.ts';
import { fieldsOf, leaves, type Field } from '../../../shared/fields.ts';
import { printPath, valueAt, withValueAt } from '../../../shared/json-path.ts';
import { familyOf, type ModelKind } from '../../../shared/model-spec.ts';
import {
  startingArm,
  startingDatasets,
  startingFilters,
  startingGroup,
  startingModels,
  startingNoises,
  startingSchedules,
  startingPaper,
  startingStudy,
  startingTrainers,
} from '../../../shared/starting-arms.ts';
import { armSpec, parseStudy, studySpec } from '../../../shared/study.ts';
import { startingClaim } from './claims-support.ts';

/** Every object schema in a schema, by Zod's own structure: its kind, if it has one, and its keys. */
function shapes(schema: z.core.$ZodType, at = ''): [string, string[]][] {
  const { def } = schema._zod as unknown as { def: { type: string } & Record<string, unknown> };
  const inside = (inner: unknown, where = at): [string, string[]][] =>
    shapes(inner as z.core.$ZodType, where);
  switch (def.type) {
    case 'object': {
      const shape = def['shape'] as Record<string, z.core.$ZodType>;
      const kind = (shape['kind'] as { value?: string } | undefined)?.value ?? '';
      const keys = Object.keys(shape).filter((key) => key !== 'kind');
      return [
        [`${at}:${kind}`, keys],
        ...keys.flatMap((key) => inside(shape[key], at === '' ? key : `${at}.${key}`)),
      ];
    }
    case 'union':
      return (def['options'] as unknown[]).flatMap((option) => inside(option));
    case 'array':
      return inside(def['element'], `${at}[]`);
    case 'optional':
    case 'nullable':
      return inside(def['innerType']);
    default:
      return [];
  }
}

/** The same of what a form shows for an arm. */
function shown(fields: readonly Field[], value: unknown, at = ''): [string, string[]][] {
  const kind = valueAt(value, ['kind']);
  return [
    [`${at}:${typeof kind === 'string' ? kind : ''}`, fields.map(({ name }) => name)],
    ...fields.flatMap((field) => {
      const inner = valueAt(value, [field.name]);
      const where = at === '' ? field.name : `${at}.${field.name}`;
      if (field.kind === 'group' || field.kind === 'variant') {
        return inner === undefined || inner === null ? [] : shown(field.fields, inner, where);
      }
      if (field.kind !== 'entries') return [];
      return field.entries.flatMap((entry, i) => shown(entry, valueAt(inner, [i]), `${where}[]`));
    }),
  ];
}

const full = {
  ...startingArm('mlp'),
  sweep: [{ path: 'model.initScale', values: [1, 2] }],
  trainer: { ...startingTrainers.adamw, groups: [startingGroup] },
};

/** An arm for every kind at every place. */
const arms: unknown[] = [
  full,
  ...Object.values(startingDatasets).flatMap((dataset) => [
    { ...full, dataset },
    { ...full, dataset: { ...startingDatasets['random-labels'], of: dataset } },
    { ...full, dataset: { ...startingDatasets.concealment, of: dataset } },
    {
      ...full,
      dataset: { ...startingDatasets.concealment, of: { ...startingDatasets['random-labels'], of: dataset } },
    },
  ]),
  ...Object.values(startingModels).map((model) => ({ ...full, model })),
  ...Object.values(startingTrainers).flatMap((trainer): unknown[] =>
    trainer.kind === 'direct'
      ? [{ ...full, trainer }]
      : [
          ...Object.values(startingFilters).map((gradientFilter) => ({
            ...full,
            trainer: { ...trainer, gradientFilter, groups: [startingGroup] },
          })),
          ...Object.values(startingNoises).map((noise) => ({ ...full, trainer: { ...trainer, noise } })),
          ...Object.values(startingSchedules).map((schedule) => ({
            ...full,
            trainer: { ...trainer, schedule },
          })),
        ],
  ),
];

describe('the form', () => {
  test('has every field of every kind that the schemas know', () => {
    const seen = new Map<string, Set<string>>();
    for (const arm of arms) {
      for (const [place, names] of shown(fieldsOf(armSpec, arm), arm)) {
        seen.set(place, new Set([...(seen.get(place) ?? []), ...names]));
      }
    }
    const wanted = shapes(armSpec);
    expect(wanted.length).toBeGreaterThan(60);
    for (const [place, keys] of wanted)
      expect([...(seen.get(place) ?? [])].sort(), place).toEqual([...keys].sort());
  });

  test('has the fields of the study around its arms', () => {
    const study = { ...startingStudy(), paper: startingPaper };
    const at = leaves(fieldsOf(studySpec, study)).map((field) => field.at);
    expect(at).toEqual(
      expect.arrayContaining([
        'id',
        'title',
        'question',
        'paper.citation',
        'paper.arxiv',
        'arms[0].dataset.parityBits',
      ]),
    );
    const paper = fieldsOf(studySpec, startingStudy()).find(({ name }) => name === 'paper');
    expect(paper).toMatchObject({ kind: 'group', optional: 'null', fields: [] });
  });

  test('says what each field is', () => {
    const field = (at: string, arm: unknown = full): Field => {
      const sections = fieldsOf(armSpec, arm);
      return [...sections, ...leaves(sections)].find((one) => one.at === at) as Field;
    };
    expect(field('model.activation')).toMatchObject({
      kind: 'choice',
      options: ['relu', 'tanh', 'quadratic'],
    });
    expect(field('model.hidden')).toMatchObject({ kind: 'list', of: 'integer', optional: false });
    expect(field('trainer.batchSize')).toMatchObject({ kind: 'number', integer: true, words: ['full'] });
    expect(field('trainer.precision')).toMatchObject({ kind: 'choice', optional: 'absent' });
    expect(field('trainer.beta1')).toMatchObject({
      kind: 'number',
      integer: false,
      hint: 'a number, at least 0 and less than 1',
    });
    expect(field('measures').kind).toBe('choices');
    expect(field('model').kind).toBe('variant');
    expect(field('dataset.rows', { ...full, dataset: startingDatasets['csv-regression'] }).kind).toBe(
      'table',
    );
  });

  test('of a kind that does not exist shows the kinds there are and nothing else', () => {
    const dataset = fieldsOf(armSpec, { ...full, dataset: { kind: 'tarot', p: 3 } })[2] as Field;
    expect(dataset).toMatchObject({ kind: 'variant', fields: [] });
    expect((dataset as Extract<Field, { kind: 'variant' }>).kinds).toContain('modular-addition');
  });

  test('is there for any JSON at all', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom('dataset', 'model', 'trainer', 'sweep', 'seeds'),
        (value, key) => {
          expect(fieldsOf(armSpec, { ...full, [key]: value }).map(({ name }) => name)).toEqual(
            Object.keys(armSpec.shape),
          );
        },
      ),
    );
  });
});

/** Not valid in any field of this kind. */
function spoilt(field: Field): unknown {
  if (field.kind === 'text') return '';
  return field.kind === 'number' || field.kind === 'boolean' ? 'perhaps' : 'none of these';
}

test('a value that is not valid is a fault at exactly its field', () => {
  const kinds = Object.keys(familyOf) as ModelKind[];
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.nat(), (kind, pick) => {
      const study = { ...startingStudy(), arms: [startingArm(kind)], claims: [startingClaim(kind)] };
      const fields = leaves(fieldsOf(armSpec, study.arms[0], ['arms', 0])).filter(
        ({ optional }) => optional === false,
      );
      const field = fields[pick % fields.length] as Field;
      const faults = faultsOf(withValueAt(study, field.path, spoilt(field)));
      expect(faults).toEqual([printPath(field.path)]);
    }),
  );
});

function faultsOf(study: unknown): string[] {
  try {
    parseStudy(study);
    return [];
  } catch (error) {
    if (error instanceof InputError) return [...new Set(error.faults.map(({ path }) => path))];
    throw error;
  }
}
