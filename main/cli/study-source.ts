/** The study that a command names: a shipped preset by its id, or a study file by its path. */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InputError, NotFoundError } from '../../shared/errors.ts';
import { parseJsonText } from '../../shared/json-text.ts';
import { parseStudy, type Study } from '../../shared/study.ts';
import { embedTables } from '../datasets/csv-file.ts';
import { readPresets } from '../presets.ts';

/** @throws NotFoundError, InputError */
export async function findStudy(source: string): Promise<Study> {
  if (looksLikePath(source)) {
    const text = await readInput(
      source,
      (reason) => new NotFoundError(`The study file ${source} cannot be read: ${reason}.`),
    );
    const json = parseJsonText(new TextDecoder().decode(text), source);
    return parseStudy(await embedTables(json, dirname(source)), source);
  }
  const presets = await readPresets();
  const preset = presets.find(({ study }) => study.id === source);
  if (preset !== undefined) return preset.study;
  throw new NotFoundError(
    `There is no preset "${source}".`,
    `The presets are ${presets.map(({ study }) => study.id).join(', ')}. A study file is named by its path, like ./study.json.`,
  );
}

function looksLikePath(source: string): boolean {
  return /[/\\]|\.json$/.test(source);
}

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'it may not be read',
};

/** A file's bytes. @throws what `fail` makes of the reason, when it cannot be read */
export async function readInput(path: string, fail: (reason: string) => Error): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw fail(reasons[(error as NodeJS.ErrnoException).code ?? ''] ?? String(error));
  }
}

/** A bundle's bytes. @throws NotFoundError */
export function readBundleFile(path: string): Promise<Uint8Array> {
  return readInput(path, (reason) => new NotFoundError(`The file ${path} cannot be read: ${reason}.`));
}

/** A whole number from an option's text. @throws InputError naming the option */
export function integerOption(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new InputError('The command', [
    { path: option, value: JSON.stringify(text), expected: `an integer from ${min} to ${max}` },
  ]);
}
