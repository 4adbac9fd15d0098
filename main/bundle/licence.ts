/** The licence that a user chose for a bundle: an SPDX id that we can name, or the address of any other licence. */
import { InputError, printValue } from '../../shared/errors.ts';

export interface Licence {
  /** SPDX id, or the address as given. */
  id: string;
  name: string;
  url: string;
}

/** Licences in use for research data and code (names of the SPDX licence list 3.27). */
const known: Record<string, string> = {
  'CC0-1.0': 'Creative Commons Zero v1.0 Universal',
  'CC-BY-4.0': 'Creative Commons Attribution 4.0 International',
  'CC-BY-SA-4.0': 'Creative Commons Attribution Share Alike 4.0 International',
  'CC-BY-NC-4.0': 'Creative Commons Attribution Non Commercial 4.0 International',
  'CC-BY-NC-SA-4.0': 'Creative Commons Attribution Non Commercial Share Alike 4.0 International',
  'CC-BY-ND-4.0': 'Creative Commons Attribution No Derivatives 4.0 International',
  'CC-BY-NC-ND-4.0': 'Creative Commons Attribution Non Commercial No Derivatives 4.0 International',
  'ODbL-1.0': 'Open Data Commons Open Database License v1.0',
  'ODC-By-1.0': 'Open Data Commons Attribution License v1.0',
  'PDDL-1.0': 'Open Data Commons Public Domain Dedication & License 1.0',
  'CDLA-Permissive-2.0': 'Community Data License Agreement Permissive 2.0',
  MIT: 'MIT License',
  'Apache-2.0': 'Apache License 2.0',
  'BSD-2-Clause': 'BSD 2-Clause "Simplified" License',
  'BSD-3-Clause': 'BSD 3-Clause "New" or "Revised" License',
  'GPL-3.0-only': 'GNU General Public License v3.0 only',
  'GPL-3.0-or-later': 'GNU General Public License v3.0 or later',
};

/** SPDX's word for a licence that nobody has stated: the content may be read and checked, not reused. */
export const NO_LICENCE = 'NOASSERTION';
/** What stands in the author's place when none was named. */
export const NO_AUTHOR = 'not stated';
const notStated: Licence = { id: NO_LICENCE, name: 'No licence stated', url: '#no-licence-stated' };

export const knownLicences: readonly string[] = Object.keys(known);

/** SPDX ids match without regard to case. @throws InputError naming the field */
export function parseLicence(text: string): Licence {
  const trimmed = text.trim();
  if (trimmed === NO_LICENCE) return notStated;
  const id = knownLicences.find((candidate) => candidate.toLowerCase() === trimmed.toLowerCase());
  if (id !== undefined) return { id, name: known[id] as string, url: `https://spdx.org/licenses/${id}` };
  if (/^https?:\/\/\S+$/.test(trimmed) && URL.canParse(trimmed))
    return { id: trimmed, name: trimmed, url: trimmed };
  throw new InputError('The export', [
    {
      path: 'licence',
      value: trimmed === '' ? 'nothing' : printValue(trimmed),
      expected: `an SPDX id (${knownLicences.join(', ')}) or the https address of another licence`,
    },
  ]);
}

/** The author as to be cited. @throws InputError naming the field */
export function parseAuthor(text: string): string {
  const trimmed = text.replaceAll(/\s+/g, ' ').trim();
  if (trimmed !== '') return trimmed;
  throw new InputError('The export', [
    { path: 'author', value: 'nothing', expected: 'a name, as to be cited' },
  ]);
}
