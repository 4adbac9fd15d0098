/**
 * A study that is being written: plain JSON that need not be valid yet. Every function returns a new draft, or what it
 * was given where it does not apply.
 */
import { claimArms } from './claim-operands.ts';
import { claimSpec } from './claim-spec.ts';
import { isContainer, valueAt, withoutAt, withValueAt } from './json-path.ts';
import type { ModelKind } from './model-spec.ts';
import { startingArm } from './starting-arms.ts';
import type { Study } from './study.ts';

const MAX_ID = 64;
const MAX_TITLE = 200;

export type Draft = Record<string, unknown>;

export function isDraft(value: unknown): value is Draft {
  return isContainer(value) && !Array.isArray(value);
}

/** The arms as far as they are objects. */
export function draftArms(draft: Draft): Draft[] {
  const arms = draft['arms'];
  return Array.isArray(arms) && arms.every(isDraft) ? arms : [];
}

/** "copy", or "copy-2" and so on where that is taken: an id of at most 64 characters. */
export function uniqueId(base: string, taken: readonly string[]): string {
  for (let n = 1; ; n += 1) {
    const tail = n === 1 ? '' : `-${n}`;
    const id = `${base.slice(0, MAX_ID - tail.length)}${tail}`;
    if (!taken.includes(id)) return id;
  }
}

/** A study of one's own that starts as this one. */
export function copyOf(study: Study, taken: readonly string[]): Study {
  const id = uniqueId(`${study.id.slice(0, MAX_ID - '-copy-99'.length)}-copy`, taken);
  return { ...study, id, title: `Copy of ${study.title}`.slice(0, MAX_TITLE) };
}

function armIds(draft: Draft): string[] {
  return draftArms(draft).map((arm) => String(arm['id']));
}

/** `arm` after the arm of this index, under an id that is free. */
export function insertArm(draft: Draft, after: number, arm: Draft): Draft {
  const arms = draftArms(draft);
  const id = uniqueId(String(arm['id']), armIds(draft));
  return { ...draft, arms: [...arms.slice(0, after + 1), { ...arm, id }, ...arms.slice(after + 1)] };
}

export function addArm(draft: Draft, model: ModelKind): Draft {
  return insertArm(draft, draftArms(draft).length - 1, startingArm(model));
}

export function duplicateArm(draft: Draft, index: number): Draft {
  const arm = draftArms(draft)[index];
  if (arm === undefined) return draft;
  const title = `Copy of ${String(arm['title'])}`.slice(0, MAX_TITLE);
  const id = `${String(arm['id']).slice(0, MAX_ID - '-copy-99'.length)}-copy`;
  return insertArm(draft, index, { ...arm, id, title });
}

/** Without an arm, and without the claims about it: nothing could check those. `claims` are their texts. */
export function removeArm(draft: Draft, index: number): { draft: Draft; claims: string[] } {
  const arm = draftArms(draft)[index];
  if (arm === undefined) return { draft, claims: [] };
  const rest = withoutAt(draft, ['arms', index]) as Draft;
  const all: unknown[] = Array.isArray(draft['claims']) ? draft['claims'] : [];
  const lost = all.flatMap((claim) => {
    const { success, data } = claimSpec.safeParse(claim);
    return success && claimArms(data).includes(String(arm['id'])) ? [{ claim, text: data.text }] : [];
  });
  if (lost.length === 0) return { draft: rest, claims: [] };
  const claims = all.filter((claim) => lost.every((one) => one.claim !== claim));
  return { draft: { ...rest, claims }, claims: lost.map(({ text }) => text) };
}

/** The arm under another id, and the claims about it with it, where both ids are its alone. */
export function renameArm(draft: Draft, index: number, id: string): Draft {
  const before = valueAt(draft, ['arms', index, 'id']);
  const renamed = withValueAt(draft, ['arms', index, 'id'], id) as Draft;
  const others = armIds(draft).filter((_, i) => i !== index);
  if (typeof before !== 'string' || others.includes(before) || others.includes(id)) return renamed;
  return { ...renamed, claims: replaced(draft['claims'], before, id) };
}

/** Ids of arms in claims: under the keys `arm` and `alsoArms`. */
function replaced(value: unknown, before: string, after: string): unknown {
  const swap = (one: unknown): unknown => (one === before ? after : one);
  if (Array.isArray(value)) return value.map((one) => replaced(one, before, after));
  if (!isContainer(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => {
      if (key === 'arm') return [key, swap(one)];
      if (key === 'alsoArms' && Array.isArray(one)) return [key, one.map(swap)];
      return [key, replaced(one, before, after)];
    }),
  );
}

/** Runs that a draft would have: arms × points × seeds, as far as those are lists already. */
export function draftRuns(draft: Draft): number {
  const length = (list: unknown): number => (Array.isArray(list) ? list.length : 0);
  return draftArms(draft).reduce((sum, arm) => {
    const axes = Array.isArray(arm['sweep']) ? (arm['sweep'] as unknown[]) : [];
    const points = axes.reduce<number>((product, axis) => product * length(valueAt(axis, ['values'])), 1);
    return sum + points * length(arm['seeds']);
  }, 0);
}
