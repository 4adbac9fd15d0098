/** What ended runs keep so that they can go on: giving its disk back, not keeping it, and going on without it. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeForkTrainer } from '../../../main/scheduler/fork-trainer.ts';
import { Workbench } from '../../../main/workbench.ts';
import type { HostEvent } from '../../../shared/api.ts';
import { extendedBudget, hasLastCheckpoint } from '../../../shared/extend.ts';
import type { RunCurve, RunRecord } from '../../../shared/run.ts';
import { fakeStudy, type FakeArm } from '../scheduler/fake-learner.ts';
import { waitForStatus } from '../scheduler/processes.ts';
import { workbenches } from './workbenches.ts';

const benches = workbenches({ cores: 2, checkpointEvery: 0.05 });
const { open, opened } = benches;

async function start(workbench: Workbench, ...arms: FakeArm[]): Promise<string[]> {
  return (await workbench.call('startStudy', { study: fakeStudy(arms) })).runIds;
}

async function finished(workbench: Workbench, ...arms: FakeArm[]): Promise<RunRecord[]> {
  const runIds = await start(workbench, ...arms);
  return Promise.all(runIds.map((id) => waitForStatus(workbench, id, 'finished')));
}

const slow: FakeArm = { title: 'microseconds=300', maxEffort: 1_000_000, every: 100 };

/** Started, and far enough to have written a checkpoint. */
async function going(workbench: Workbench, runId: string): Promise<void> {
  await waitForStatus(workbench, runId, 'running');
  await expect.poll(() => existsSync(checkpoint(runId)), { timeout: 20_000 }).toBe(true);
}

function runFile(runId: string, name: string): string {
  return join(benches.home, 'studies', runId.split('.')[0] as string, 'runs', runId, name);
}

function checkpoint(runId: string): string {
  return runFile(runId, 'checkpoint.bin');
}

function recordOnDisk(runId: string): RunRecord {
  return JSON.parse(readFileSync(runFile(runId, 'run.json'), 'utf8')) as RunRecord;
}

/** Without the clock's column. */
function values({ columns, snapshots }: RunCurve): unknown {
  return { ...columns, seconds: null, snapshots };
}

const none = { finished: 0, stopped: 0, bytes: 0 };

describe('the checkpoints that ended runs keep', () => {
  it('are counted with their bytes and deleted; every window and the disk hear of it', async () => {
    const workbench = await open();
    expect(await workbench.call('checkpoints', null)).toEqual(none);
    const [one, two] = (await finished(workbench, { seeds: [0, 1] })) as [RunRecord, RunRecord];
    const [stopping] = (await start(workbench, slow)) as [string];
    await going(workbench, stopping);
    await workbench.call('control', { action: 'stop', runIds: [stopping] });
    await waitForStatus(workbench, stopping, 'stopped');
    const ended = [one.id, two.id, stopping];
    const bytes = ended.reduce((sum, id) => sum + statSync(checkpoint(id)).size, 0);
    const kept = { finished: 2, stopped: 1, bytes };
    expect(await workbench.call('checkpoints', null)).toEqual(kept);

    const events: HostEvent[] = [];
    workbench.subscribe((event) => events.push(event));
    const curves = await Promise.all(ended.map((id) => workbench.readCurve(id)));
    expect(await workbench.call('dropCheckpoints', null)).toEqual(kept);
    expect(await workbench.call('checkpoints', null)).toEqual(none);
    for (const id of ended) {
      expect(existsSync(checkpoint(id))).toBe(false);
      expect(recordOnDisk(id).checkpointEffort).toBeNull();
      const run = expect.objectContaining({ id, checkpointEffort: null }) as RunRecord;
      expect(events).toContainEqual({ type: 'run', run });
    }
    expect(await Promise.all(ended.map((id) => workbench.readCurve(id)))).toEqual(curves);
    expect(await workbench.call('dropCheckpoints', null)).toEqual(none);
  });

  it('are not those of runs that go, wait or are paused', async () => {
    const workbench = await open();
    const [runs, pausing, waiting] = (await start(workbench, { ...slow, seeds: [0, 1, 2] })) as [
      string,
      string,
      string,
    ];
    await Promise.all([going(workbench, runs), going(workbench, pausing)]);
    await workbench.call('control', { action: 'pause', runIds: [waiting, pausing] });
    await waitForStatus(workbench, pausing, 'paused');
    // It has a checkpoint, and waits behind another for its turn.
    const [other] = (await start(workbench, slow)) as [string];
    await waitForStatus(workbench, other, 'running');
    await workbench.call('control', { action: 'resume', runIds: [pausing] });
    await waitForStatus(workbench, pausing, 'queued');
    await workbench.call('control', { action: 'pause', runIds: [runs] });
    await waitForStatus(workbench, runs, 'paused');

    expect(await workbench.call('dropCheckpoints', null)).toEqual(none);
    expect([runs, pausing].map((id) => existsSync(checkpoint(id)))).toEqual([true, true]);
  });

  it('are not those of runs that were interrupted: these go on from there', async () => {
    const before = await open();
    const [id] = (await start(before, slow)) as [string];
    await going(before, id);
    await opened.pop()?.close();
    const workbench = await open();
    const [run] = (await workbench.call('runs', null)) as [RunRecord];
    expect(run.status).toBe('interrupted');
    expect(await workbench.call('dropCheckpoints', null)).toEqual(none);
    expect(existsSync(checkpoint(id))).toBe(true);
  });
});

describe('a run whose checkpoint was deleted', () => {
  it('is extended from its beginning, to the same curve, only if the user agrees', async () => {
    const workbench = await open();
    const arm = { maxEffort: 404, every: 50 };
    const [run] = (await finished(workbench, arm)) as [RunRecord];
    await workbench.call('dropCheckpoints', null);
    const request = { runIds: [run.id], maxEffort: 800 };
    await expect(workbench.call('extend', request)).rejects.toMatchObject({
      code: 'conflict',
      message: `The last checkpoint of ${run.id} was not kept: extending it computes it again from its beginning.`,
    });
    await workbench.call('extend', { ...request, recompute: true });
    await waitForStatus(workbench, run.id, 'finished');
    const study = fakeStudy([arm]);
    const arms = study.arms.map((one) => ({ ...one, budget: extendedBudget(one.budget, 800) }));
    const { runIds } = await workbench.call('startStudy', { study: { ...study, arms } });
    const whole = await waitForStatus(workbench, runIds[0] as string, 'finished');
    expect(values(await workbench.readCurve(run.id))).toEqual(values(await workbench.readCurve(whole.id)));
  });

  it('goes on from its beginning when it was stopped and is resumed, to the same curve', async () => {
    const workbench = await open();
    const arm = { title: 'microseconds=300', maxEffort: 3000, every: 20 };
    const [id] = (await start(workbench, arm)) as [string];
    await going(workbench, id);
    await workbench.call('control', { action: 'stop', runIds: [id] });
    const stopped = await waitForStatus(workbench, id, 'stopped');
    expect(stopped.effort).toBeLessThan(3000);
    expect(await workbench.call('dropCheckpoints', null)).toMatchObject({ finished: 0, stopped: 1 });
    await workbench.call('control', { action: 'resume', runIds: [id] });
    const resumed = await waitForStatus(workbench, id, 'finished');
    expect(resumed).toMatchObject({ note: null, error: null, effort: 3000 });
    const [whole] = (await finished(workbench, { ...arm, title: 'fast' })) as [RunRecord];
    expect(values(await workbench.readCurve(id))).toEqual(values(await workbench.readCurve(whole.id)));
  });
});

describe('whether runs that finish keep their last checkpoint', () => {
  it('is set: then they keep none, and those that are stopped still do', async () => {
    const workbench = await open();
    const events: HostEvent[] = [];
    workbench.subscribe((event) => events.push(event));
    const settings = await workbench.call('saveSettings', { keepCheckpoints: false });
    expect(settings.keepCheckpoints).toBe(false);
    expect(events).toContainEqual({ type: 'settings', settings });
    const [run] = (await finished(workbench, {})) as [RunRecord];
    expect(run.checkpointEffort).toBeNull();
    expect(hasLastCheckpoint(run)).toBe(false);
    // The record says so first: the file goes a moment later.
    expect(await workbench.call('checkpoints', null)).toEqual(none);
    expect(existsSync(checkpoint(run.id))).toBe(false);
    expect(recordOnDisk(run.id)).toMatchObject({ status: 'finished', checkpointEffort: null });
    const [stopping] = (await start(workbench, slow)) as [string];
    await going(workbench, stopping);
    await workbench.call('control', { action: 'stop', runIds: [stopping] });
    const stopped = await waitForStatus(workbench, stopping, 'stopped');
    expect(stopped.checkpointEffort).toBeGreaterThanOrEqual(stopped.effort);
    expect(await workbench.call('checkpoints', null)).toMatchObject({ finished: 0, stopped: 1 });
  });

  it('is kept for the next host, and saving it or the cores leaves the other', async () => {
    const before = await open();
    // What the command line says of cores stays for this host.
    expect(await before.call('saveSettings', { keepCheckpoints: false })).toMatchObject({ cores: 2 });
    await opened.pop()?.close();
    const workbench = await Workbench.open({
      home: benches.home,
      forkTrainer: nodeForkTrainer(benches.trainer),
    });
    opened.push(workbench);
    expect(await workbench.call('settings', null)).toMatchObject({ cores: null, keepCheckpoints: false });
    await workbench.call('saveSettings', { cores: 1 });
    expect(await workbench.call('settings', null)).toMatchObject({ cores: 1, keepCheckpoints: false });
    await workbench.call('saveSettings', { keepCheckpoints: true });
    expect(await workbench.call('settings', null)).toMatchObject({ cores: 1, keepCheckpoints: true });
  });

  it('is yes in a settings file of before there was a choice', async () => {
    writeFileSync(join(benches.home, 'settings.json'), JSON.stringify({ schemaVersion: 1, cores: 1 }));
    const workbench = await Workbench.open({
      home: benches.home,
      forkTrainer: nodeForkTrainer(benches.trainer),
    });
    opened.push(workbench);
    expect(await workbench.call('settings', null)).toMatchObject({ cores: 1, keepCheckpoints: true });
    const [run] = (await finished(workbench, { maxEffort: 55 })) as [RunRecord];
    expect(run.checkpointEffort).toBe(55);
  });
});
