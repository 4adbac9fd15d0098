/** The two scales of a preset: how they are read, found and told apart. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findStudy } from '../../../main/cli/study-source.ts';
import { studiesFolder } from '../../../main/paths.ts';
import { readPresets } from '../../../main/presets.ts';
import { InputError } from '../../../shared/errors.ts';
import { atScale, changesOf, findPreset, presetIdOf, scalesOf } from '../../../shared/preset.ts';
import { parseStudyText, type Study } from '../../../shared/study.ts';

let folder: string;
let paper: Study;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latebloom-scales-'));
  cpSync(join(studiesFolder, 'levi-2023', 'notes.md'), join(folder, 'levi-2023', 'notes.md'));
  paper = {
    ...parseStudyText(readFileSync(join(studiesFolder, 'levi-2023', 'study.json'), 'utf8')),
    scale: { name: 'paper' },
  };
  write('study.json', paper);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, study: unknown): void {
  writeFileSync(join(folder, 'levi-2023', name), JSON.stringify(study));
}

const quick = (): Study => ({
  ...paper,
  id: 'levi-2023-cpu',
  scale: { name: 'cpu', changes: ['fewer seeds'] },
});

async function only() {
  const [preset] = await readPresets(folder);
  if (preset === undefined) throw new Error('no preset');
  return preset;
}

describe('readPresets', () => {
  it('reads both scales; the quick one is what runs where nothing is said', async () => {
    write('cpu.json', quick());
    const preset = await only();
    expect(scalesOf(preset).map(({ scale, study }) => [scale, study.id])).toEqual([
      ['cpu', 'levi-2023-cpu'],
      ['paper', 'levi-2023'],
    ]);
    expect(atScale(preset, null)?.scale).toBe('cpu');
    expect(atScale(preset, 'paper')?.study.id).toBe('levi-2023');
    expect(changesOf(quick())).toEqual(['fewer seeds']);
    expect(changesOf(paper)).toEqual([]);
  });

  it('has one scale where there is one file', async () => {
    const preset = await only();
    expect(scalesOf(preset)).toHaveLength(1);
    expect(atScale(preset, null)?.scale).toBe('paper');
    expect(atScale(preset, 'cpu')).toBeNull();
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [
      { id: 'levi-2023' },
      /The cpu scale of the preset levi-2023 .*\n {2}id: got "levi-2023"; expected "levi-2023-cpu"/,
    ],
    [{ scale: { name: 'paper' } }, /scale\.name: got "paper"; expected "cpu"/],
    [{ scale: { name: 'cpu', changes: [] } }, /scale\.changes: got \[\]; expected/],
    [{ schemaVersion: 7 }, /schemaVersion: got 7; expected at most 1: a newer Latebloom wrote this/],
  ])('refuses %j, and says why', async (changes, message) => {
    write('cpu.json', { ...quick(), ...changes });
    await expect(readPresets(folder)).rejects.toThrow(InputError);
    await expect(readPresets(folder)).rejects.toThrow(message);
  });
});

describe('findPreset', () => {
  it('knows a preset by the id of either scale', async () => {
    write('cpu.json', quick());
    const presets = [await only()];
    expect(findPreset(presets, 'levi-2023')).toMatchObject({ scale: null });
    expect(findPreset(presets, 'levi-2023-cpu')).toMatchObject({ scale: 'cpu' });
    expect(findPreset(presets, 'levi')).toBeNull();
    expect(presetIdOf('levi-2023-cpu')).toBe('levi-2023');
  });
});

describe('findStudy', () => {
  it('refuses a scale that is none, that a preset lacks, and one of a file', async () => {
    await expect(findStudy('levi-2023', 'fast')).rejects.toThrow(
      /--scale: got "fast"; expected one of cpu, paper/,
    );
    await expect(findStudy('./study.json', 'cpu')).rejects.toThrow(/only presets have scales/);
  });
});
