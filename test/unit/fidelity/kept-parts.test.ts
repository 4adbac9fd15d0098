import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isOf, reportedCounts, reportOf } from '../../../main/fidelity/kept-parts.ts';
import { readPresets } from '../../../main/presets.ts';
import { applyOverrides, studyHashOf } from '../../../main/start-study.ts';
import { InputError } from '../../../shared/errors.ts';
import type { FidelityPart } from '../../../shared/fidelity-part.ts';
import type { Preset } from '../../../shared/preset.ts';
import { linearArm, studyOf } from '../shared/support.ts';

const study = { ...studyOf([{ ...linearArm('lin', 1000), seeds: [0, 1, 2] }]), id: 'someone-2020' };
const preset: Preset = { study, cpu: null, notes: '' };
const part: FidelityPart = {
  schemaVersion: 1,
  preset: 'someone-2020',
  studyId: 'someone-2020',
  scale: 'paper',
  title: 'A study',
  arxiv: null,
  changes: [],
  studyHash: studyHashOf(study),
  seedsAsked: null,
  seeds: '3 seeds',
  runs: { total: 3, finished: 3, failed: 0, open: 0 },
  claims: [],
  computingSeconds: 3,
  wallSeconds: 3,
  endedAt: '2026-11-26T10:00:00.000Z',
  machine: 'a machine',
  appVersion: '0.1.0',
  figure: 'someone-2020.svg',
  caption: 'A caption.',
};

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'latebloom-test-')), 'fidelity');
  await mkdir(folder);
});
afterEach(() => rm(join(folder, '..'), { recursive: true }));

async function keep(kept: unknown): Promise<void> {
  await writeFile(join(folder, 'someone-2020.json'), JSON.stringify(kept));
  await writeFile(join(folder, 'someone-2020.svg'), '<svg/>');
}

describe('reportOf', () => {
  it('is a preset’s part with its figure', async () => {
    await keep(part);
    expect(await reportOf([preset], 'someone-2020', folder)).toEqual([{ part, figure: '<svg/>' }]);
  });

  it('says nothing of a study that has changed since, of one never run, and of a part in another form', async () => {
    expect(await reportOf([preset], 'someone-2020', folder)).toEqual([]);
    await keep({ ...part, studyHash: studyHashOf({ ...study, question: 'Another?' }) });
    expect(await reportOf([preset], 'someone-2020', folder)).toEqual([]);
    await keep({ ...part, schemaVersion: 2 });
    expect(await reportOf([preset], 'someone-2020', folder)).toEqual([]);
  });

  it('is counted for all presets at once, without those that have changed', async () => {
    const claim = { id: 'a', text: '', source: '', quote: '', found: '', claimed: '', value: 1 };
    const more = { confidence: [], sample: '', why: '' };
    const verdicts = ['holds', 'fails', 'holds'] as const;
    const claims = verdicts.map((verdict) => ({ ...claim, ...more, verdict }));
    await keep({ ...part, claims });
    const counts = { holds: 2, fails: 1, 'not-enough-data': 0 };
    expect(await reportedCounts([preset], folder)).toEqual([{ studyId: 'someone-2020', counts }]);
    const changed = { ...preset, study: { ...study, question: 'Another?' } };
    expect(await reportedCounts([changed], folder)).toEqual([]);
  });

  it('names the presets that there are', async () => {
    const asked = reportOf([preset], 'nobody-1999', folder);
    await expect(asked).rejects.toThrow(InputError);
    await expect(asked).rejects.toThrow(/nobody-1999.*someone-2020/s);
  });

  it('has something to say of every shipped preset', async () => {
    const presets = await readPresets();
    expect(presets.length).toBeGreaterThan(20);
    for (const { study: shipped } of presets) {
      const found = await reportOf(presets, shipped.id);
      expect(
        found.map(({ part: { preset: id } }) => id),
        shipped.id,
      ).toContain(shipped.id);
      expect(found[0]?.figure).toMatch(/^<svg/);
    }
  });
});

describe('isOf', () => {
  it('takes the seeds that were asked for into account', () => {
    const asked = { ...part, seedsAsked: 2, studyHash: studyHashOf(applyOverrides({ study, seeds: 2 })) };
    expect(isOf(asked, study)).toBe(true);
    expect(isOf({ ...asked, seedsAsked: null }, study)).toBe(false);
  });
});
