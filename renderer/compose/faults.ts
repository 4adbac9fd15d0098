/** What is wrong with a draft, and at which field of the form it is said. */
import { isDraft } from '../../shared/draft.ts';
import { InputError, printValue, type InputFault } from '../../shared/errors.ts';
import { parseStudy } from '../../shared/study.ts';

/** @param presetIds ids that a study of one's own must not have */
export function draftFaults(draft: unknown, presetIds: readonly string[]): InputFault[] {
  const faults = [...ownFaults(draft, presetIds), ...studyFaultsOf(draft)];
  const words = faults.map((fault) => JSON.stringify(fault));
  return faults.filter((_, i) => words.indexOf(words[i] as string) === i);
}

function ownFaults(draft: unknown, presetIds: readonly string[]): InputFault[] {
  const id = isDraft(draft) ? draft['id'] : undefined;
  if (typeof id !== 'string' || !presetIds.includes(id)) return [];
  return [{ path: 'id', value: printValue(id), expected: 'an id that no preset has' }];
}

function studyFaultsOf(draft: unknown): InputFault[] {
  try {
    parseStudy(draft);
    return [];
  } catch (error) {
    if (error instanceof InputError) return error.faults;
    throw error;
  }
}

/** Faults at a place or inside it. */
export function faultsUnder(faults: readonly InputFault[], at: string): InputFault[] {
  return faults.filter(({ path }) => path === at || path.startsWith(`${at}.`) || path.startsWith(`${at}[`));
}

/** Faults of a place itself, not of what is inside it. */
export function faultsAt(faults: readonly InputFault[], at: string): InputFault[] {
  return faults.filter(({ path }) => path === at);
}

/** "Got 0; expected an integer from 2 to 1000." A fault inside the field says where. */
export function faultWords({ path, value, expected }: InputFault, at: string): string {
  const inside = path === at ? '' : `${path.slice(at.length).replace(/^\./, '')}: `;
  return `${inside}got ${value}; expected ${expected}.`;
}
