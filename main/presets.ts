/** The studies shipped with the program: studies/<id>/study.json and notes.md. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Preset } from '../shared/api.ts';
import { parseStudy } from '../shared/study.ts';
import { readJson } from './journal/files.ts';
import { studiesFolder } from './paths.ts';

/** @throws InputError when a shipped study is not valid: a mistake of ours. */
export async function readPresets(folder: string = studiesFolder): Promise<Preset[]> {
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder)).filter((name) => existsSync(join(folder, name, 'study.json'))).sort();
  return Promise.all(
    names.map(async (name) => {
      const study = parseStudy(await readJson(join(folder, name, 'study.json')), `The preset ${name}`);
      return { study, notes: await readFile(join(folder, name, 'notes.md'), 'utf8') };
    }),
  );
}
