/** In which order waiting runs go, what moves them, and how many go at once. */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeForkTrainer } from '../../../main/scheduler/fork-trainer.ts';
import { Workbench } from '../../../main/workbench.ts';
import type { HostEvent } from '../../../shared/api.ts';
import type { RunRecord } from '../../../shared/run.ts';
import { fakeStudy } from '../scheduler/fake-learner.ts';
import { waitFor, waitForStatus } from '../scheduler/processes.ts';
import { workbenches } from './workbenches.ts';

const benches = workbenches({ cores: 1 });
const { open, opened } = benches;

const endless = { title: 'microseconds=300', maxEffort: 1_000_000, every: 1000, seeds: [0, 1, 2, 3, 4] };
const seed = (id: string): string => id.split('.').at(-1) as string;

/** Resolves at the first queue told that has this order. */
async function queue(workbench: Workbench, ...order: string[]): Promise<void> {
  await waitFor(
    workbench,
    (event): event is Extract<HostEvent, { type: 'queue' }> =>
      event.type === 'queue' && event.runIds.map(seed).join(' ') === order.join(' '),
  );
}

/** Stops the run that goes, and gives the seed of the one that starts in its place. */
async function next(workbench: Workbench, going: string, waiting: readonly string[]): Promise<string> {
  const started = waitFor(
    workbench,
    (event): event is Extract<HostEvent, { type: 'run' }> =>
      event.type === 'run' && event.run.status === 'running' && waiting.includes(event.run.id),
  );
  await workbench.call('control', { action: 'stop', runIds: [going] });
  return seed((await started).run.id);
}

describe('runs that wait', () => {
  it('go next or last when they are told to, singly and together', async () => {
    const workbench = await open();
    const { runIds } = await workbench.call('startStudy', { study: fakeStudy([endless]) });
    const [first, second, third, fourth, fifth] = runIds as [string, string, string, string, string];
    await waitForStatus(workbench, first, 'running');
    await queue(workbench, 's1', 's2', 's3', 's4');
    await workbench.call('control', { action: 'last', runIds: [second] });
    await queue(workbench, 's2', 's3', 's4', 's1');
    // In the order in which they wait, whatever order they are named in; what runs is left alone.
    await workbench.call('control', { action: 'first', runIds: [fifth, fourth, first] });
    await queue(workbench, 's3', 's4', 's2', 's1');
    expect(await next(workbench, first, [second, third, fourth, fifth])).toBe('s3');
    await queue(workbench, 's4', 's2', 's1');
  });

  it('keep their places under the next host, and lose them when they are started anew', async () => {
    const before = await open();
    const { runIds } = await before.call('startStudy', { study: fakeStudy([endless]) });
    await waitForStatus(before, runIds[0] as string, 'running');
    await before.call('control', { action: 'first', runIds: [runIds[4] as string] });
    await before.call('control', { action: 'last', runIds: [runIds[1] as string] });
    await opened.pop()?.close();

    const after = await open();
    await after.call('control', { action: 'resume', runIds });
    // The first goes at once: a place of its own goes before what it had begun.
    await waitForStatus(after, runIds[4] as string, 'running');
    await queue(after, 's0', 's2', 's3', 's1');
    await after.call('control', { action: 'stop', runIds: [runIds[1] as string] });
    await waitForStatus(after, runIds[1] as string, 'stopped');
    await after.call('control', { action: 'retry', runIds: [runIds[1] as string] });
    const retried = (await after.call('runs', null)).find(({ id }) => id === runIds[1]) as RunRecord;
    expect(retried).toMatchObject({ status: 'queued', priority: 0 });
  });

  it('are told to a window that comes later', async () => {
    const workbench = await open();
    const { runIds } = await workbench.call('startStudy', { study: fakeStudy([endless]) });
    await waitForStatus(workbench, runIds[0] as string, 'running');
    const greeting = await waitFor(
      workbench,
      (event): event is Extract<HostEvent, { type: 'queue' }> => event.type === 'queue',
    );
    expect(greeting.runIds).toEqual(runIds.slice(1));
  });
});

describe('how many runs go at once', () => {
  const here = availableParallelism();
  const running = async (workbench: Workbench): Promise<number> =>
    (await workbench.call('runs', null)).filter(({ status }) => status === 'running').length;

  it('is set for what starts next, is told to every window, and counts in estimates', async () => {
    const workbench = await open();
    const events: HostEvent[] = [];
    workbench.subscribe((event) => events.push(event));
    const study = fakeStudy([endless]);
    const { runIds } = await workbench.call('startStudy', { study });
    await waitForStatus(workbench, runIds[0] as string, 'running');
    expect(await running(workbench)).toBe(1);
    // More cores than one: the next run starts at once.
    const settings = await workbench.call('saveSettings', { cores: here });
    expect(settings).toEqual({ cores: here, coresHere: here, keepCheckpoints: true });
    expect(events).toContainEqual({ type: 'settings', settings });
    await waitForStatus(workbench, runIds[Math.min(here, 5) - 1] as string, 'running');
    const short = fakeStudy([{ seeds: [0, 1, 2, 3], maxEffort: 50 }]);
    expect((await workbench.call('estimate', { study: short })).slots).toBe(Math.min(here, 4));
    // Fewer: what runs goes on, and nothing takes the place of what ends.
    await workbench.call('saveSettings', { cores: 1 });
    expect((await workbench.call('estimate', { study: short })).slots).toBe(1);
    expect(await running(workbench)).toBe(Math.min(here, 5));
    await workbench.call('control', { action: 'stop', runIds: [runIds[0] as string] });
    await waitForStatus(workbench, runIds[0] as string, 'stopped');
    expect(await running(workbench)).toBe(Math.min(here, 5) - (here > 1 ? 1 : 0));
  });

  it('is kept for the next host, which a command line can overrule for itself', async () => {
    const first = await open();
    expect(await first.call('settings', null)).toMatchObject({ cores: 1, coresHere: here });
    await first.call('saveSettings', { cores: null });
    await opened.pop()?.close();
    const saved = JSON.parse(readFileSync(join(benches.home, 'settings.json'), 'utf8')) as unknown;
    expect(saved).toEqual({ schemaVersion: 1, cores: null, keepCheckpoints: true });
    writeFileSync(join(benches.home, 'settings.json'), JSON.stringify({ schemaVersion: 1, cores: 1 }));
    const forkTrainer = nodeForkTrainer(benches.trainer);
    const kept = await Workbench.open({ home: benches.home, forkTrainer });
    opened.push(kept);
    expect(await kept.call('settings', null)).toMatchObject({ cores: 1, coresHere: here });
    await opened.pop()?.close();
    expect(await (await open({ cores: 2 })).call('settings', null)).toMatchObject({
      cores: 2,
      coresHere: here,
    });
  });

  it('is all of them where the file says nothing that can be used; more than there are is refused', async () => {
    writeFileSync(join(benches.home, 'settings.json'), '{"cores": "many"}');
    const forkTrainer = nodeForkTrainer(benches.trainer);
    const workbench = await Workbench.open({ home: benches.home, forkTrainer });
    opened.push(workbench);
    const notice = await waitFor(
      workbench,
      (event): event is Extract<HostEvent, { type: 'notice' }> => event.type === 'notice',
    );
    expect(notice.message).toMatch(
      /settings\.json cannot be used: runs use all cores, and keep their last checkpoints\.$/,
    );
    expect(await workbench.call('settings', null)).toEqual({
      cores: null,
      coresHere: here,
      keepCheckpoints: true,
    });
    await expect(workbench.call('saveSettings', { cores: here + 1 })).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining(
        `cores: got ${here + 1}; expected an integer from 1 to ${here}`,
      ) as string,
    });
  });
});
