/** The study that a command names: a shipped preset by its id, or a study file by its path. */
import { access, constants, readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { InputError, NotFoundError, printValue } from '../../shared/errors.ts';
import { parseJsonText } from '../../shared/json-text.ts';
import {
  atScale,
  changesOf,
  findPreset,
  scaleNames,
  scalesOf,
  type Preset,
  type ScaledStudy,
  type ScaleName,
} from '../../shared/preset.ts';
import { parseStudy, type Study } from '../../shared/study.ts';
import { embedTables } from '../datasets/csv-file.ts';
import { readPresets } from '../presets.ts';

/** A study, and what is said of the scale that was chosen; null for a study that has no other. */
export interface FoundStudy {
  study: Study;
  said: string | null;
}

/**
 * @param scale of a preset; its quick one where nothing is asked for
 * @throws NotFoundError, InputError
 */
export async function findStudy(source: string, scale?: string): Promise<FoundStudy> {
  const asked = scale === undefined ? null : scaleOption(scale);
  if (looksLikePath(source)) {
    if (scale !== undefined) throw badScale(scale, 'nothing beside a study file: only presets have scales');
    const text = await readInput(
      source,
      (reason) => new NotFoundError(`The study file ${source} cannot be read: ${reason}.`),
    );
    const json = parseJsonText(new TextDecoder().decode(text), source);
    return { study: parseStudy(await embedTables(json, dirname(source)), source), said: null };
  }
  const presets = await readPresets();
  const found = findPreset(presets, source);
  if (found !== null) {
    const chosen = atScale(found.preset, asked ?? found.scale);
    if (chosen !== null) return { study: chosen.study, said: scaleWords(found.preset, chosen) };
    const [only] = scalesOf(found.preset);
    throw badScale(asked, `"${only.scale}", the one scale of ${source}, or none`);
  }
  throw new NotFoundError(
    `There is no preset "${source}".`,
    `The presets are ${presets.map(({ study }) => study.id).join(', ')}. A study file is named by its path, like ./study.json.`,
  );
}

/** @throws InputError */
export function scaleOption(scale: string): ScaleName {
  const known = scaleNames.find((name) => name === scale);
  if (known === undefined) throw badScale(scale, `one of ${scaleNames.join(', ')}`);
  return known;
}

function badScale(scale: unknown, expected: string): InputError {
  return new InputError('The command', [{ path: '--scale', value: printValue(scale), expected }]);
}

/** Says which scale runs, what differs from the paper, and how the other one is had. */
function scaleWords(preset: Preset, { scale, study }: ScaledStudy): string | null {
  const changes = changesOf(study).map((change) => `  - ${change}\n`);
  const head = `${preset.study.id} at the ${scale} scale`;
  const changed =
    changes.length === 0 ? '.\n' : `, in which this differs from the paper:\n${changes.join('')}`;
  const other = scalesOf(preset).find((one) => one.scale !== scale);
  if (other === undefined) return changes.length === 0 ? null : `${head}${changed}`;
  return `${head}${changed}The other one: --scale ${other.scale}\n`;
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

/** A whole number from an option's text. @throws InputError naming the option */
export function integerOption(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new InputError('The command', [
    { path: option, value: JSON.stringify(text), expected: `an integer from ${min} to ${max}` },
  ]);
}

/** A bundle is read in parts. @throws NotFoundError where there is no file at that path */
export async function checkBundlePath(path: string): Promise<void> {
  const refuse = (reason: string): never => {
    throw new NotFoundError(`The file ${path} cannot be read: ${reason}.`);
  };
  try {
    await access(path, constants.R_OK);
    if ((await stat(path)).isDirectory()) refuse(reasons['EISDIR'] as string);
  } catch (error) {
    if (error instanceof NotFoundError) throw error;
    refuse(reasons[(error as NodeJS.ErrnoException).code ?? ''] ?? String(error));
  }
}

/** `--cores`: of this machine's, those that runs may use. @throws InputError */
export function coresOption(text: string): number {
  return integerOption('--cores', text, 1, availableParallelism());
}
