import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { benchJob } from '../../../main/bench/jobs.ts';
import { contentIdOf } from '../../../main/content-id.ts';
import { diskIo } from '../../../main/journal/journal.ts';
import type { Workbench } from '../../../main/workbench.ts';
import type { HostEvent } from '../../../shared/api.ts';
import { joinBatches, type MetricBatch } from '../../../shared/run.ts';
import type { Study } from '../../../shared/study.ts';
import { fakeStudy, type FakeArm } from '../scheduler/fake-learner.ts';
import { temporaryFolder, waitFor, waitForStatus } from '../scheduler/processes.ts';
import { workbenches } from './workbenches.ts';

const benches = workbenches({ cores: 2 });
const { open } = benches;

function record(workbench: Workbench): HostEvent[] {
  const events: HostEvent[] = [];
  workbench.subscribe((event) => events.push(event));
  return events;
}

async function start(workbench: Workbench, ...arms: FakeArm[]) {
  return workbench.call('startStudy', { study: fakeStudy(arms) });
}

const isBatch = (event: HostEvent): event is Extract<HostEvent, { type: 'batch' }> => event.type === 'batch';
const slow: FakeArm = { title: 'microseconds=300', maxEffort: 2500, every: 20 };

async function withoutClock(workbench: Workbench, runId: string) {
  const { columns } = await workbench.readCurve(runId);
  return { effort: columns['effort'], train: columns['trainAccuracy'], test: columns['testAccuracy'] };
}

describe('the threads of a run', () => {
  /** Trained by the fake learner, whatever the model: the title says how slowly. */
  const wide = async (seeds: number[]): Promise<Study['arms'][number]> => {
    const { arm } = await benchJob('N');
    delete arm.measures;
    return {
      ...arm,
      title: 'microseconds=300',
      budget: { maxEffort: 2500 },
      record: { every: 20, perDecade: 5 },
      seeds,
    };
  };
  const startWith = async (workbench: Workbench, arms: Study['arms']) =>
    workbench.call('startStudy', { study: { ...fakeStudy([{}]), arms } });

  /** Once its trainer has said what it computes on. */
  const threadsOf = async (workbench: Workbench, id: string): Promise<number> => {
    for (;;) {
      const run = (await workbench.call('runs', null)).find((one) => one.id === id);
      const backend = run?.status === 'running' ? run.backend : null;
      if (backend !== null) return backend.threads;
      await sleep(5);
    }
  };

  it('are all of them for one transformer, kept when it goes on with fewer cores', async () => {
    const workbench = await open();
    const narrow = fakeStudy([{ id: 'narrow', maxEffort: 60 }]).arms;
    const { runIds } = await startWith(workbench, [await wide([0]), ...narrow]);
    const id = runIds[0] as string;
    expect(await threadsOf(workbench, id)).toBe(2);
    await workbench.call('control', { action: 'pause', runIds: [id] });
    await waitForStatus(workbench, id, 'paused');
    await workbench.call('saveSettings', { cores: 1 });
    await workbench.call('control', { action: 'resume', runIds: [id] });
    expect((await waitForStatus(workbench, id, 'finished')).backend?.threads).toBe(2);
  });

  it('are shared out among the transformers of a study, which then go side by side', async () => {
    const workbench = await open();
    const { runIds } = await startWith(workbench, [await wide([0, 1])]);
    expect(await Promise.all(runIds.map((id) => threadsOf(workbench, id)))).toEqual([1, 1]);
    await workbench.call('control', { action: 'stop', runIds });
  });
});

describe('a study', () => {
  it('runs to the end: the events, the stored batches and the record tell the same', async () => {
    const workbench = await open();
    const events = record(workbench);
    const { studyId, runIds } = await start(
      workbench,
      { id: 'a', seeds: [1, 2], maxEffort: 200 },
      { id: 'b' },
    );
    expect(runIds).toEqual(['a.s1', 'a.s2', 'b.s0'].map((tail) => `${studyId}.${tail}`));
    const runs = await Promise.all(runIds.map((id) => waitForStatus(workbench, id, 'finished')));
    for (const run of runs) {
      const sent = events.filter(isBatch).flatMap(({ batch }) => (batch.runId === run.id ? [batch] : []));
      const stored = await workbench.call('readBatches', { runId: run.id, fromSeq: 0, limit: 1000 });
      expect(stored).toEqual(sent);
      expect(stored.length).toBe(run.batches);
      const curve = await workbench.readCurve(run.id);
      expect(curve).toEqual(joinBatches(run.id, sent));
      expect(run.effort).toBe(run.arm.budget.maxEffort);
      expect(run.latest['trainAccuracy']).toBe(curve.columns['trainAccuracy']?.at(-1));
      expect(run.contentId).toBe(contentIdOf(run, curve));
      expect(run.backend?.threads).toBe(1);
      expect(existsSync(join(benches.home, 'studies', studyId, 'runs', run.id, 'checkpoint.bin'))).toBe(true);
      expect(run.checkpointEffort).toBe(run.effort);
    }
    expect(events.filter((event) => event.type === 'study').length).toBe(1);
  });

  it('that is not valid leaves nothing behind', async () => {
    const workbench = await open();
    const study = fakeStudy([{}]);
    await expect(workbench.call('startStudy', { study: { ...study, arms: [] } })).rejects.toMatchObject({
      code: 'bad-input',
    });
    await expect(workbench.call('startStudy', { study, seeds: 0 })).rejects.toMatchObject({
      code: 'bad-input',
    });
    await expect(workbench.call('startStudy', { study, device: 'abacus' })).rejects.toMatchObject({
      code: 'device-unavailable',
      message: 'There is no device "abacus".',
      nextStep: expect.stringContaining('onnxruntime-cpu') as string,
    });
    expect(readdirSync(join(benches.home, 'studies'))).toEqual([]);
    expect(await workbench.call('studies', null)).toEqual([]);
  });

  it('keeps the curve of a run that diverges', async () => {
    const workbench = await open();
    const { runIds } = await start(workbench, { title: 'diverge=55' });
    const run = await waitForStatus(workbench, runIds[0] as string, 'failed');
    expect(run.error).toMatchObject({ code: 'diverged', effort: 55 });
    expect(run.effort).toBe(50);
    expect((await workbench.readCurve(run.id)).columns['effort']?.at(-1)).toBe(50);
  });

  it('is deleted with all its files, but not while it runs', async () => {
    const workbench = await open();
    const events = record(workbench);
    const { studyId, runIds } = await start(workbench, slow);
    await waitFor(workbench, isBatch);
    await expect(workbench.call('deleteStudy', { studyId })).rejects.toMatchObject({ code: 'conflict' });
    await workbench.call('control', { action: 'stop', runIds });
    await waitForStatus(workbench, runIds[0] as string, 'stopped');
    await workbench.call('deleteStudy', { studyId });
    expect(await workbench.call('runs', null)).toEqual([]);
    expect(readdirSync(join(benches.home, 'studies'))).toEqual([]);
    expect(events.at(-1)).toEqual({ type: 'study-deleted', studyId });
    await expect(workbench.readCurve(runIds[0] as string)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('retry', () => {
  it('trains a stopped run again from its start, to the curve of one that was never stopped', async () => {
    const workbench = await open();
    const rows = waitFor(workbench, isBatch);
    const { runIds } = await start(workbench, { ...slow, seeds: [1] });
    const id = runIds[0] as string;
    await rows;
    await workbench.call('control', { action: 'stop', runIds });
    const stopped = await waitForStatus(workbench, id, 'stopped');
    expect(stopped.effort).toBeGreaterThan(0);
    const events = record(workbench);
    await workbench.call('control', { action: 'retry', runIds });
    const finished = await waitForStatus(workbench, id, 'finished');
    expect(finished.contentId).not.toBe(stopped.contentId);
    const first = events.find((event) => event.type === 'run');
    expect(first).toMatchObject({ run: { status: 'queued', batches: 0, effort: -1, startedAt: null } });
    expect(events.filter(isBatch)[0]?.batch.seq).toBe(0);
    const { runIds: others } = await start(workbench, { ...slow, seeds: [1] });
    await waitForStatus(workbench, others[0] as string, 'finished');
    expect(await withoutClock(workbench, id)).toEqual(await withoutClock(workbench, others[0] as string));
  });

  it('takes a failed run, without its error, and leaves alone what it does not fit', async () => {
    const workbench = await open();
    const { runIds } = await start(workbench, { title: 'diverge=55' }, { id: 'b' });
    const [failing, fine] = runIds as [string, string];
    await waitForStatus(workbench, failing, 'failed');
    const done = await waitForStatus(workbench, fine, 'finished');
    const events = record(workbench);
    await workbench.call('control', { action: 'retry', runIds });
    const again = await waitForStatus(workbench, failing, 'failed');
    expect(events.find((event) => event.type === 'run')).toMatchObject({
      run: { id: failing, status: 'queued', error: null, endedAt: null },
    });
    expect(again.error).toMatchObject({ code: 'diverged', effort: 55 });
    expect((await workbench.readCurve(failing)).columns['effort']?.at(-1)).toBe(50);
    expect((await workbench.call('runs', null)).find((run) => run.id === fine)).toEqual(done);
  });
});

describe('pause, resume and stop', () => {
  it('pause and resume give the curve of an uninterrupted run, bit for bit', async () => {
    const workbench = await open();
    const { runIds } = await start(workbench, slow);
    const [runId] = runIds as [string];
    await waitFor(workbench, isBatch);
    await workbench.call('control', { action: 'pause', runIds });
    const paused = await waitForStatus(workbench, runId, 'paused');
    expect(paused.checkpointEffort).toBeGreaterThan(0);
    expect(paused.effort).toBeLessThan(2500);
    await workbench.call('control', { action: 'resume', runIds });
    await waitForStatus(workbench, runId, 'finished');

    const whole = await start(workbench, { ...slow, title: 'fast' });
    await waitForStatus(workbench, whole.runIds[0] as string, 'finished');
    expect(await withoutClock(workbench, runId)).toEqual(
      await withoutClock(workbench, whole.runIds[0] as string),
    );
  });

  it('act on waiting runs too, and leave alone what they do not fit', async () => {
    const workbench = await open({ cores: 1 });
    const { runIds } = await start(workbench, { ...slow, seeds: [0, 1, 2] });
    const [first, second, third] = runIds as [string, string, string];
    await waitForStatus(workbench, first, 'running');
    await workbench.call('control', { action: 'pause', runIds: [second] });
    await workbench.call('control', { action: 'stop', runIds: [third] });
    const records = await workbench.call('runs', null);
    expect(records.map((run) => run.status)).toEqual(['running', 'paused', 'stopped']);
    expect(records[2]?.contentId).toMatch(/^[0-9a-f]{64}$/);
    await workbench.call('control', { action: 'resume', runIds: [second] });
    await workbench.call('control', { action: 'stop', runIds: [first] });
    await waitForStatus(workbench, first, 'stopped');
    await waitForStatus(workbench, second, 'running');
    await workbench.call('control', { action: 'pause', runIds: [second] });
    await workbench.call('control', { action: 'resume', runIds: [second] });
    await waitForStatus(workbench, second, 'paused');
    await waitForStatus(workbench, second, 'finished');
    await workbench.call('control', { action: 'stop', runIds: [second] });
    expect((await workbench.call('runs', null))[1]?.status).toBe('finished');
    await expect(workbench.call('control', { action: 'stop', runIds: ['nobody'] })).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

describe('a full disk', () => {
  it('pauses the run, says so, and loses nothing', async () => {
    let full = false;
    const journalIo = {
      ...diskIo,
      write: async (...args: Parameters<typeof diskIo.write>) => {
        if (full)
          throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
        await diskIo.write(...args);
      },
    };
    const workbench = await open({ journalIo });
    const events = record(workbench);
    const { runIds } = await start(workbench, slow);
    const [runId] = runIds as [string];
    await waitFor(workbench, isBatch);
    full = true;
    const paused = await waitForStatus(workbench, runId, 'paused');
    expect(paused.note).toMatch(/^Disk full/);
    expect(events).toContainEqual({ type: 'notice', level: 'error', message: `${runId}: ${paused.note}` });
    await workbench.call('control', { action: 'resume', runIds });
    await waitForStatus(workbench, runId, 'paused');
    full = false;
    await workbench.call('control', { action: 'resume', runIds });
    const finished = await waitForStatus(workbench, runId, 'finished');
    expect(finished.note).toBeNull();

    const whole = await start(workbench, { ...slow, title: 'fast' });
    await waitForStatus(workbench, whole.runIds[0] as string, 'finished');
    expect(await withoutClock(workbench, runId)).toEqual(
      await withoutClock(workbench, whole.runIds[0] as string),
    );
  });
});

describe('a bundle', () => {
  it('brings a study to another folder once, however often it is imported', async () => {
    const here = await open();
    const { studyId, runIds } = await start(here, { seeds: [1, 2] });
    for (const id of runIds) await waitForStatus(here, id, 'finished');
    const licence = 'CC-BY-4.0';
    const bundle = await here.call('exportStudy', { studyId, licence, author: 'A. Uthor' });
    const again = await here.call('importBundle', { bytes: bundle.bytes });
    expect(again).toMatchObject({ studyId, added: [], alreadyHere: runIds, environmentDifferences: [] });

    const other = temporaryFolder();
    const there = await open({ home: other.path });
    const events = record(there);
    expect(await there.call('importBundle', { bytes: bundle.bytes })).toMatchObject({
      added: runIds,
      alreadyHere: [],
    });
    expect(await there.call('importBundle', { bytes: bundle.bytes })).toMatchObject({
      added: [],
      alreadyHere: runIds,
    });
    expect(events.filter((event) => event.type === 'run').length).toBe(2);
    for (const id of runIds) {
      const [local, imported] = await Promise.all([here.readCurve(id), there.readCurve(id)]);
      expect(imported).toEqual(local);
      const batches: MetricBatch[] = await there.call('readBatches', { runId: id, fromSeq: 0, limit: 100 });
      expect(joinBatches(id, batches)).toEqual(imported);
    }
    const exportedAgain = await there.call('exportStudy', { studyId, licence, author: 'A. Uthor' });
    expect((await there.call('studies', null))[0]?.imported?.manifestHash).toBe(bundle.manifestHash);
    expect(exportedAgain.fileName).toBe(bundle.fileName);
    await there.close();
    other.remove();
  });

  it('is not made of runs that have not ended, nor of a curve that was changed', async () => {
    const workbench = await open();
    const { studyId, runIds } = await start(workbench, slow);
    await waitFor(workbench, isBatch);
    const request = { studyId, licence: 'CC0-1.0', author: 'A. Uthor' };
    await expect(workbench.call('exportStudy', request)).rejects.toMatchObject({ code: 'conflict' });
    await workbench.call('control', { action: 'stop', runIds });
    await waitForStatus(workbench, runIds[0] as string, 'stopped');
    const journal = join(benches.home, 'studies', studyId, 'runs', runIds[0] as string, 'journal.bin');
    const bytes = readFileSync(journal);
    writeFileSync(journal, bytes.subarray(0, bytes.length - 3));
    await expect(workbench.call('exportStudy', request)).rejects.toMatchObject({ code: 'damaged-journal' });
  });

  it('with another content for a run that is here is refused, naming the run', async () => {
    const here = await open();
    const { studyId, runIds } = await start(here, slow);
    await waitFor(here, isBatch);
    await here.call('control', { action: 'stop', runIds });
    await waitForStatus(here, runIds[0] as string, 'stopped');
    const { bytes } = await here.call('exportStudy', { studyId, licence: 'CC0-1.0', author: 'A. Uthor' });
    await here.call('control', { action: 'resume', runIds });
    const finished = await waitForStatus(here, runIds[0] as string, 'finished');
    await expect(here.call('importBundle', { bytes })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(finished.id) as string,
    });
    expect((await here.call('runs', null))[0]?.contentId).toBe(finished.contentId);
  });
});

describe('an estimate', () => {
  it('is measured in a trainer, then kept, then replaced by what finished runs took', async () => {
    const workbench = await open();
    const study = fakeStudy([{ title: 'microseconds=200', maxEffort: 3000, seeds: [0, 1] }]);
    const first = await workbench.call('estimate', { study });
    expect(first).toMatchObject({ runs: 2, slots: 2 });
    expect(first.arms[0]?.basis).toMatch(/^measured for /);
    // The fake learner waits by the clock, what other processes took is left out: only that something was measured holds.
    expect(first.arms[0]?.secondsPerRun).toBeGreaterThan(0);
    expect(first.arms[0]?.effortsPerSecond).toBeGreaterThan(0);
    expect(first.seconds).toBe(first.arms[0]?.secondsPerRun);
    const { runIds } = await workbench.call('startStudy', { study, seeds: 1 });
    await waitForStatus(workbench, runIds[0] as string, 'finished');
    expect((await workbench.call('estimate', { study })).arms[0]?.basis).toBe(
      'from 1 finished run on this machine',
    );
  });
});
