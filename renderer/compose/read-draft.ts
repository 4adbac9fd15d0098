/** A study from a file or the clipboard, to be edited: it need not be valid, but it has to have the form of a study. */
import { isDraft, type Draft } from '../../shared/draft.ts';
import { InputError, printValue } from '../../shared/errors.ts';
import { parseJsonText } from '../../shared/json-text.ts';

/** @throws InputError where the text is not JSON, or no study could be made of it by editing */
export function readDraft(text: string, subject: string): Draft {
  const value = parseJsonText(text, subject);
  if (!isDraft(value)) {
    throw new InputError(subject, [
      { path: 'the document', value: printValue(value), expected: 'an object that describes a study' },
    ]);
  }
  const arms = value['arms'];
  if (!Array.isArray(arms) || !arms.every(isDraft)) {
    throw new InputError(subject, [
      { path: 'arms', value: printValue(arms), expected: 'a list of arms, each an object' },
    ]);
  }
  return value;
}
