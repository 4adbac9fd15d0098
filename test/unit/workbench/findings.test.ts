/** Notes on a study: on disk, in other windows, in a report, and through a bundle into another data folder. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nodeForkTrainer } from '../../../main/scheduler/fork-trainer.ts';
import { Workbench } from '../../../main/workbench.ts';
import type { HostEvent } from '../../../shared/api.ts';
import { fakeStudy } from '../scheduler/fake-learner.ts';
import { buildProgram, removePrograms, temporaryFolder, waitForStatus } from '../scheduler/processes.ts';

let trainer = '';
const folders: ReturnType<typeof temporaryFolder>[] = [];
const opened: Workbench[] = [];

beforeAll(async () => {
  trainer = await buildProgram('fake-trainer');
});
afterAll(removePrograms);
beforeEach(() => void folders.push(temporaryFolder()));
afterEach(async () => {
  await Promise.all(opened.splice(0).map((workbench) => workbench.close()));
  for (const folder of folders.splice(0)) folder.remove();
});

async function open(home = folders[0]?.path ?? ''): Promise<Workbench> {
  const workbench = await Workbench.open({ home, cores: 2, forkTrainer: nodeForkTrainer(trainer) });
  opened.push(workbench);
  return workbench;
}

async function finishedStudy(workbench: Workbench): Promise<{ studyId: string; runIds: string[] }> {
  const started = await workbench.call('startStudy', { study: fakeStudy([{ seeds: [1, 2] }]) });
  for (const id of started.runIds) await waitForStatus(workbench, id, 'finished');
  return started;
}

const view = { id: 'v', name: 'By step', query: 'x=steps', savedAt: '2026-11-25T10:00:00.000Z' };
const credits = { licence: 'CC-BY-4.0', author: 'A. Uthor' };

describe('notes', () => {
  it('are there after a restart, are told to every window, and go with their study', async () => {
    const first = await open();
    const { studyId } = await finishedStudy(first);
    const events: HostEvent[] = [];
    first.subscribe((event) => events.push(event));
    expect(await first.call('findings', null)).toEqual([]);
    const saved = await first.call('saveFindings', { studyId, notes: '# One', views: [view], revision: 0 });
    expect(saved).toMatchObject({ notes: '# One', views: [view], revision: 1 });
    expect(events).toContainEqual({ type: 'findings', findings: saved });
    // Saving what is there changes nothing.
    expect(await first.call('saveFindings', { studyId, notes: '# One', views: [view], revision: 1 })).toEqual(
      saved,
    );
    await first.close();

    const second = await open();
    expect(await second.call('findings', null)).toEqual([saved]);
    await second.call('deleteStudy', { studyId });
    expect(await second.call('findings', null)).toEqual([]);
  });

  it('are not overwritten by a window that has not seen them', async () => {
    const workbench = await open();
    const { studyId } = await finishedStudy(workbench);
    await workbench.call('saveFindings', { studyId, notes: 'theirs', views: [], revision: 0 });
    const late = workbench.call('saveFindings', { studyId, notes: 'mine', views: [], revision: 0 });
    await expect(late).rejects.toMatchObject({ code: 'conflict' });
    expect((await workbench.call('findings', null))[0]?.notes).toBe('theirs');
  });

  it('that are damaged on disk are said to be, and the study stays', async () => {
    const first = await open();
    const { studyId } = await finishedStudy(first);
    await first.call('saveFindings', { studyId, notes: 'text', views: [], revision: 0 });
    await first.close();
    const path = join(folders[0]?.path ?? '', 'studies', studyId, 'findings.json');
    writeFileSync(path, readFileSync(path).subarray(0, 20));
    const second = await open();
    const events: HostEvent[] = [];
    second.subscribe((event) => events.push(event));
    await Promise.resolve();
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'notice',
        message: expect.stringContaining(`The notes on ${studyId} cannot be read`) as string,
      }),
    );
    expect((await second.call('studies', null)).map(({ id }) => id)).toEqual([studyId]);
  });
});

describe('a report', () => {
  it('has the notes with their figure, the delays and the runs; also while runs go on', async () => {
    const workbench = await open();
    const { studyId } = await finishedStudy(workbench);
    const notes =
      'The **delay** is large.\n\n{{figure curves quantity=accuracy}}\n\n{{figure curves arms=none}}\n';
    await workbench.call('saveFindings', { studyId, notes, views: [], revision: 0 });
    const { fileName, html } = await workbench.call('reportStudy', { studyId, ...credits });
    expect(fileName).toBe(`${studyId}.report.html`);
    expect(html).toContain('The <strong>delay</strong> is large.');
    expect(html).toMatch(/<svg [^>]*aria-label="Accuracy/);
    expect(html).toContain('&quot;none&quot; is no arm of this study');
    expect(html).toContain('2 finished.');

    const slow = fakeStudy([{ title: 'microseconds=300', maxEffort: 2500, every: 20 }]);
    const going = await workbench.call('startStudy', { study: slow });
    const unended = await workbench.call('reportStudy', { studyId: going.studyId, ...credits });
    expect(unended.html).toContain('1 of the runs had not ended');
    await workbench.call('control', { action: 'stop', runIds: going.runIds });
    await waitForStatus(workbench, going.runIds[0] as string, 'stopped');
  });

  it('asks for a licence that is one', async () => {
    const workbench = await open();
    const { studyId } = await finishedStudy(workbench);
    await expect(
      workbench.call('reportStudy', { studyId, licence: 'CC-BY-4', author: 'A' }),
    ).rejects.toMatchObject({ faults: [{ path: 'licence' }] });
  });
});

describe('an import', () => {
  it('says first what would change, writes nothing before it is confirmed, and brings notes once', async () => {
    const here = await open();
    const { studyId, runIds } = await finishedStudy(here);
    await here.call('saveFindings', { studyId, notes: 'theirs', views: [view], revision: 0 });
    const { bytes } = await here.call('exportStudy', { studyId, ...credits });
    expect(await here.call('previewImport', { bytes })).toMatchObject({ study: 'same', notes: 'same' });

    const other = temporaryFolder();
    folders.push(other);
    const there = await open(other.path);
    const preview = await there.call('previewImport', { bytes });
    expect(preview).toMatchObject({
      studyId,
      study: 'new',
      notes: 'new',
      views: ['By step'],
      author: 'A. Uthor',
      licence: 'CC-BY-4.0',
      environmentDifferences: [],
      refusal: null,
    });
    expect(preview.runs.map(({ id, state, environment }) => [id, state, environment])).toEqual(
      runIds.map((id) => [id, 'new', []]),
    );
    expect(await there.call('studies', null)).toEqual([]);

    const events: HostEvent[] = [];
    there.subscribe((event) => events.push(event));
    const done = await there.call('importBundle', { bytes });
    expect(done).toMatchObject({ added: runIds, views: [view] });
    expect(await there.call('findings', null)).toMatchObject([
      { notes: 'theirs', views: [view], revision: 1 },
    ]);
    expect(events.some((event) => event.type === 'findings')).toBe(true);

    // Notes that were changed here stay, whatever is imported again.
    await there.call('saveFindings', { studyId, notes: 'mine', views: [view], revision: 1 });
    expect(await there.call('previewImport', { bytes })).toMatchObject({ study: 'same', notes: 'kept' });
    await there.call('importBundle', { bytes });
    expect((await there.call('findings', null))[0]?.notes).toBe('mine');
  });

  it('from and into a file is the same', async () => {
    const here = await open();
    const { studyId, runIds } = await finishedStudy(here);
    const file = join(folders[0]?.path ?? '', 'out', 'x.study.zip');
    const written = await here.exportTo({ studyId, ...credits }, () => file);
    const { bytes, manifestHash } = await here.call('exportStudy', { studyId, ...credits });
    expect(new Uint8Array(readFileSync(file))).toEqual(bytes);
    expect(written).toEqual({ file, bytes: bytes.length, manifestHash });

    const other = temporaryFolder();
    folders.push(other);
    const there = await open(other.path);
    expect(await there.previewFrom(file)).toEqual(await there.call('previewImport', { bytes }));
    expect(await there.importFrom(file)).toMatchObject({ added: runIds });
    for (const id of runIds) expect(await there.readCurve(id)).toEqual(await here.readCurve(id));
  });

  it('shows beside each run where its machine differs', async () => {
    const here = await open();
    const { studyId, runIds } = await finishedStudy(here);
    const record = join(folders[0]?.path ?? '', 'studies', studyId, 'runs', runIds[0] as string, 'run.json');
    await here.close();
    writeFileSync(record, readFileSync(record, 'utf8').replace(/"arch": "[^"]+"/, '"arch": "abacus"'));
    const again = await open();
    const { bytes } = await again.call('exportStudy', { studyId, ...credits });
    const { runs } = await again.call('previewImport', { bytes });
    expect(runs.map(({ environment }) => environment.length)).toEqual([1, 0]);
    expect(runs[0]?.environment[0]).toMatch(/^arch: abacus there, /);
  });
});
