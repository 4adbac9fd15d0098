/** The studies shipped with the program: studies/<id>/study.json, notes.md, and for some cpu.json, a reduced scale. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Preset } from '../shared/api.ts';
import { InputError, printValue, type InputFault } from '../shared/errors.ts';
import { parseStudy, type Study } from '../shared/study.ts';
import { readJson } from './journal/files.ts';
import { studiesFolder } from './paths.ts';

/** @throws InputError when a shipped study is not valid: a mistake of ours. */
export async function readPresets(folder: string = studiesFolder): Promise<Preset[]> {
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder)).filter((name) => existsSync(join(folder, name, 'study.json'))).sort();
  return Promise.all(
    names.map(async (name) => {
      const study = parseStudy(await readJson(join(folder, name, 'study.json')), `The preset ${name}`);
      const quick = join(folder, name, 'cpu.json');
      const cpu = existsSync(quick) ? parseCpuScale(await readJson(quick), study) : null;
      return { study, cpu, notes: await readFile(join(folder, name, 'notes.md'), 'utf8') };
    }),
  );
}

/** @throws InputError where the two scales of a preset cannot be told apart */
function parseCpuScale(json: unknown, paper: Study): Study {
  const subject = `The cpu scale of the preset ${paper.id}`;
  const cpu = parseStudy(json, subject);
  const faults: InputFault[] = [];
  const fault = (path: string, value: unknown, expected: string): void => {
    faults.push({ path, value: printValue(value), expected });
  };
  const id = `${paper.id}-cpu`;
  if (cpu.id !== id) fault('id', cpu.id, `"${id}"`);
  if (cpu.scale?.name !== 'cpu') fault('scale.name', cpu.scale?.name, '"cpu"');
  if (paper.scale?.name === 'cpu') {
    fault('scale.name', 'cpu', '"paper" in study.json, beside which this one stands');
  }
  if (faults.length > 0) throw new InputError(subject, faults);
  return cpu;
}
