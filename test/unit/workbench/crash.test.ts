import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { nodeForkTrainer } from '../../../main/scheduler/fork-trainer.ts';
import type { TrainerHandle } from '../../../main/scheduler/protocol.ts';
import type { Workbench } from '../../../main/workbench.ts';
import type { HostEvent } from '../../../shared/api.ts';
import { fakeStudy } from '../scheduler/fake-learner.ts';
import { buildProgram, waitFor, waitForStatus } from '../scheduler/processes.ts';
import { workbenches } from './workbenches.ts';

const benches = workbenches({ cores: 2 });
const { open } = benches;
let host = '';
beforeAll(async () => {
  host = await buildProgram('fake-host');
});

const isBatch = (event: HostEvent): event is Extract<HostEvent, { type: 'batch' }> => event.type === 'batch';
const slow = { title: 'microseconds=300', maxEffort: 2500, every: 20 };

async function values(workbench: Workbench, runId: string) {
  const { columns } = await workbench.readCurve(runId);
  return { effort: columns['effort'], train: columns['trainAccuracy'], test: columns['testAccuracy'] };
}

/** What the host tells a window that connects now. */
async function greetings(workbench: Workbench): Promise<string[]> {
  const messages: string[] = [];
  const unsubscribe = workbench.subscribe((event) => {
    if (event.type === 'notice') messages.push(event.message);
  });
  await sleep(0);
  unsubscribe();
  return messages;
}

/** Resumes everything, waits for the end, and compares with runs that nothing disturbed. */
async function expectSameAsUndisturbed(
  workbench: Workbench,
  runIds: readonly string[],
  seeds: number[],
): Promise<void> {
  await workbench.call('control', { action: 'resume', runIds: [...runIds] });
  for (const id of runIds) await waitForStatus(workbench, id, 'finished');
  const undisturbed = await workbench.call('startStudy', {
    study: fakeStudy([{ ...slow, title: 'fast', seeds }]),
  });
  for (const id of undisturbed.runIds) await waitForStatus(workbench, id, 'finished');
  const notes = (await workbench.call('runs', null))
    .filter((run) => runIds.includes(run.id))
    .map((run) => run.note);
  expect(notes).toEqual(runIds.map(() => null));
  for (const [i, id] of runIds.entries()) {
    expect(await values(workbench, id)).toEqual(await values(workbench, undisturbed.runIds[i] as string));
  }
}

describe('a trainer that is killed', () => {
  it('interrupts its own run only, which goes on to the same curve', async () => {
    const handles: TrainerHandle[] = [];
    const fork = nodeForkTrainer(benches.trainer);
    const forkTrainer = (): TrainerHandle => {
      const handle = fork();
      handles.push(handle);
      return handle;
    };
    const workbench = await open({ forkTrainer });
    const { runIds } = await workbench.call('startStudy', { study: fakeStudy([{ ...slow, seeds: [0, 1] }]) });
    await waitFor(workbench, isBatch);
    handles[0]?.kill();
    await Promise.all(runIds.map((id) => waitForStatus(workbench, id, 'interrupted', 'finished')));
    const runs = await workbench.call('runs', null);
    expect(runs.map((run) => run.status).sort()).toEqual(['finished', 'interrupted']);
    const interrupted = runs.find((run) => run.status === 'interrupted');
    expect(interrupted?.note).toBe('The trainer was ended by SIGKILL.');
    await expectSameAsUndisturbed(workbench, runIds, [0, 1]);
  });

  it('leaves its last words in the note, and the queue goes on', async () => {
    const workbench = await open({ cores: 1 });
    const arms = [{ title: 'exit=20' }, { title: 'fast' }];
    const { runIds } = await workbench.call('startStudy', { study: fakeStudy(arms) });
    const interrupted = await waitForStatus(workbench, runIds[0] as string, 'interrupted');
    expect(interrupted.note).toBe('The trainer was ended with exit code 7.');
    await waitForStatus(workbench, runIds[1] as string, 'finished');
  });

  it('that cannot be started interrupts the run and says why', async () => {
    const workbench = await open({ forkTrainer: nodeForkTrainer('/nowhere/trainer.js') });
    const { runIds } = await workbench.call('startStudy', { study: fakeStudy([{}]) });
    const interrupted = await waitForStatus(workbench, runIds[0] as string, 'interrupted');
    expect(interrupted.note).toContain('/nowhere/trainer.js is missing');
  });
});

/** Starts a host process on the folder and waits until it has journaled a few batches. */
async function hostWithRuns(
  seeds: number[],
): Promise<{ child: ChildProcess; gone: Promise<void>; seen: Map<string, number> }> {
  const study = JSON.stringify(fakeStudy([{ ...slow, seeds }]));
  const child = spawn(process.execPath, [host, benches.home, benches.trainer, study], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => {
      resolve();
    });
  });
  const seen = new Map<string, number>();
  await new Promise<void>((resolve) => {
    let buffered = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (buffered + text).split('\n');
      buffered = lines.pop() ?? '';
      for (const line of lines) {
        const { runId, seq } = JSON.parse(line) as { runId: string; seq: number };
        seen.set(runId, seq);
      }
      if (seen.size >= 2 && Math.max(...seen.values()) >= 1) resolve();
    });
  });
  return { child, gone, seen };
}

/** The run folders of the only study. */
function runsFolder(): string {
  const studies = join(benches.home, 'studies');
  return join(studies, readdirSync(studies)[0] as string, 'runs');
}

/** Processes whose command line names this test's trainer program (Linux). */
function trainersAlive(): number {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')[1] === benches.trainer;
    } catch {
      // The process ended while the list was read.
      return false;
    }
  }).length;
}

describe('a host that is killed', () => {
  it('leaves no trainer running, loses at most half a record, and its runs go on to the same curves', async () => {
    const seeds = [5, 6, 7];
    const { child, gone, seen } = await hostWithRuns(seeds);
    child.kill('SIGKILL');
    await gone;
    if (process.platform === 'linux') {
      for (let tries = 0; trainersAlive() > 0 && tries < 100; tries++) await sleep(20);
      expect(trainersAlive()).toBe(0);
    }
    const [victim] = [...seen.keys()] as [string];
    const journal = join(runsFolder(), victim, 'journal.bin');
    appendFileSync(journal, readFileSync(journal).subarray(8, 60));

    const workbench = await open();
    const runs = await workbench.call('runs', null);
    expect(runs.map((run) => run.status)).toEqual(['interrupted', 'interrupted', 'interrupted']);
    expect(runs.map((run) => run.note)).toEqual([
      'Latebloom ended while this run was going.',
      'Latebloom ended while this run was going.',
      'Latebloom ended while this run was waiting for its turn.',
    ]);
    expect(readdirSync(join(runsFolder(), victim))).toContain('checkpoint.bin');
    for (const run of runs) {
      expect(run.batches).toBeGreaterThan(seen.get(run.id) ?? -1);
      expect((await workbench.readCurve(run.id)).columns['effort']?.at(-1) ?? -1).toBe(run.effort);
    }
    const greeting = await waitFor(
      workbench,
      (event): event is Extract<HostEvent, { type: 'notice' }> => event.type === 'notice',
    );
    expect(greeting.message).toBe(
      '3 interrupted runs wait for you to resume: each goes on from its last checkpoint.',
    );
    await expectSameAsUndisturbed(
      workbench,
      runs.map((run) => run.id),
      seeds,
    );
  });

  it('and a journal damaged in its middle fail that run by name; the rest stays readable', async () => {
    const { child, gone, seen } = await hostWithRuns([0, 1]);
    child.kill('SIGKILL');
    await gone;
    const runs = runsFolder();
    // A run with at least two batches: its first is not its last.
    const [victim] = [...seen].find(([, seq]) => seq >= 1) as [string, number];
    const bytes = readFileSync(join(runs, victim, 'journal.bin'));
    bytes[40] = (bytes[40] as number) ^ 1;
    writeFileSync(join(runs, victim, 'journal.bin'), bytes);
    const workbench = await open();
    const records = await workbench.call('runs', null);
    expect(records.find((run) => run.id === victim)).toMatchObject({
      status: 'failed',
      error: { code: 'damaged-journal' },
    });
    await expect(workbench.readCurve(victim)).rejects.toMatchObject({ code: 'damaged-journal', offset: 8 });
    expect(records.find((run) => run.id !== victim)?.status).toBe('interrupted');
    await workbench.call('control', { action: 'resume', runIds: [victim] });
    expect((await workbench.call('runs', null)).find((run) => run.id === victim)?.status).toBe('failed');
  });
});

describe('a host that is closed', () => {
  it('interrupts its runs at a checkpoint; the next one goes on to the same curves', async () => {
    const first = await open({ cores: 1 });
    const { runIds } = await first.call('startStudy', { study: fakeStudy([{ ...slow, seeds: [0, 1] }]) });
    await waitFor(first, isBatch);
    await first.close();
    await expect(first.call('runs', null)).rejects.toMatchObject({ code: 'conflict' });
    const second = await open();
    const runs = await second.call('runs', null);
    expect(runs.map((run) => run.status)).toEqual(['interrupted', 'interrupted']);
    expect(runs[0]?.note).toBe('Latebloom was closed while this run was going.');
    expect(runs[0]?.checkpointEffort).toBeGreaterThan(0);
    expect(await greetings(second)).toEqual([
      '2 interrupted runs wait for you to resume: each goes on from its last checkpoint.',
    ]);
    await expectSameAsUndisturbed(second, runIds, [0, 1]);
    expect(await greetings(second)).toEqual([]);
  });

  it('refuses a second one on the same folder while it is open', async () => {
    await open();
    await expect(open()).rejects.toMatchObject({ code: 'home-in-use' });
  });
});
