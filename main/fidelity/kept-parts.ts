/** Parts of a report as they lie beside it: <studyId>.json, and the figure that it names. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { countVerdicts } from '../../shared/claims.ts';
import { InputError, printValue } from '../../shared/errors.ts';
import {
  partSchema,
  type FidelityPart,
  type ReportedCounts,
  type ReportedScale,
} from '../../shared/fidelity-part.ts';
import { scalesOf, type Preset } from '../../shared/preset.ts';
import type { Study } from '../../shared/study.ts';
import { studiesFolder } from '../paths.ts';
import { applyOverrides, studyHashOf } from '../start-study.ts';

const shippedReport = join(studiesFolder, 'fidelity');

export function partFile(folder: string, studyId: string): string {
  return join(folder, `${studyId}.json`);
}

/** A part as an earlier report left it; null where there is none, or it is of another form. */
export async function readPart(folder: string, studyId: string): Promise<FidelityPart | null> {
  const path = partFile(folder, studyId);
  if (!existsSync(path)) return null;
  const { success, data } = partSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
  return success ? data : null;
}

/** The study with so many seeds per arm, where a number was asked for. */
export function withSeeds(study: Study, seeds: number | null): Study {
  return applyOverrides({ study, ...(seeds === null ? {} : { seeds }) });
}

/** Whether a part is of the study as it is now. */
export function isOf({ studyHash, seedsAsked }: FidelityPart, study: Study): boolean {
  return studyHash === studyHashOf(withSeeds(study, seedsAsked));
}

/**
 * What the shipped report says of a preset, at every scale that it was run at as it is now: none after a change.
 * @throws InputError when there is no such preset
 */
export async function reportOf(
  presets: readonly Preset[],
  id: string,
  folder: string = shippedReport,
): Promise<ReportedScale[]> {
  const preset = presets.find(({ study }) => study.id === id);
  if (preset === undefined) {
    const expected = `one of ${presets.map(({ study }) => study.id).join(', ')}`;
    throw new InputError('The request', [{ path: 'preset', value: printValue(id), expected }]);
  }
  const parts = await currentParts(preset, folder);
  return Promise.all(
    parts.map(async (part) => {
      const figure = await readFile(join(folder, part.figure), 'utf8');
      return { part, figure };
    }),
  );
}

/** How many claims of every preset and scale came to what, as far as the shipped report has it. */
export async function reportedCounts(
  presets: readonly Preset[],
  folder: string = shippedReport,
): Promise<ReportedCounts[]> {
  const parts = await Promise.all(presets.map((preset) => currentParts(preset, folder)));
  return parts.flat().map(({ studyId, claims }) => ({ studyId, counts: countVerdicts(claims) }));
}

async function currentParts(preset: Preset, folder: string): Promise<FidelityPart[]> {
  const parts = await Promise.all(
    scalesOf(preset).map(async ({ study }) => {
      const part = await readPart(folder, study.id);
      return part === null || !isOf(part, study) ? [] : [part];
    }),
  );
  return parts.flat();
}
