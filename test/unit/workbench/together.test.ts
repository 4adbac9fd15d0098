import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeForkTrainer } from '../../../main/scheduler/fork-trainer.ts';
import type { TrainerHandle } from '../../../main/scheduler/protocol.ts';
import { Workbench } from '../../../main/workbench.ts';
import type { HostEvent } from '../../../shared/api.ts';
import type { RunRecord } from '../../../shared/run.ts';
import { parseStudy, type Study } from '../../../shared/study.ts';
import {
  buildProgram,
  removePrograms,
  root,
  temporaryFolder,
  waitFor,
  waitForStatus,
} from '../scheduler/processes.ts';

const folder = temporaryFolder();
const handles: TrainerHandle[] = [];
let workbench: Workbench;

beforeAll(async () => {
  const fork = nodeForkTrainer(await buildProgram('trainer', join(root, 'main')));
  workbench = await Workbench.open({
    home: folder.path,
    cores: 1,
    checkpointEvery: 0.2,
    forkTrainer: () => {
      const handle = fork();
      handles.push(handle);
      return handle;
    },
  });
});
afterAll(async () => {
  await workbench.close();
  folder.remove();
  removePrograms();
});

/** A small network on minibatches, two learning rates. One core: what is not alone goes in one trainer. */
function study(seeds: number[], maxEffort: number, learningRates = [0.05, 0.1]): Study {
  return parseStudy({
    schemaVersion: 1,
    id: 'together',
    title: 'Together',
    question: 'Does company change a curve?',
    paper: null,
    claims: [],
    arms: [
      {
        id: 'arm',
        title: 'a small network',
        dataset: {
          kind: 'hidden-parity',
          parityBits: 2,
          decoys: 4,
          decoyKind: 'bits',
          trainSize: 60,
          testSize: 64,
        },
        model: {
          kind: 'mlp',
          hidden: [16],
          activation: 'relu',
          outputBias: true,
          init: 'torch-default',
          initScale: 1,
        },
        trainer: { kind: 'sgd', learningRate: 0.05, weightDecay: 0.001, momentum: 0.9, batchSize: 16 },
        budget: { maxEffort },
        thresholds: { metric: 'accuracy', train: 0.99, test: 0.99, sustain: 1 },
        record: { every: 500, perDecade: 4, snapshotsPerDecade: 2 },
        measures: ['weight-norms'],
        sweep: [{ path: 'trainer.learningRate', values: learningRates }],
        seeds,
      },
    ],
  });
}

async function start(one: Study): Promise<string[]> {
  return (await workbench.call('startStudy', { study: one })).runIds;
}

async function record(runId: string): Promise<RunRecord> {
  const run = (await workbench.call('runs', null)).find(({ id }) => id === runId);
  if (run === undefined) throw new Error(`no run ${runId}`);
  return run;
}

const batchPast =
  (runId: string, effort: number) =>
  (event: HostEvent): event is Extract<HostEvent, { type: 'batch' }> =>
    event.type === 'batch' &&
    event.batch.runId === runId &&
    (event.batch.columns['effort']?.at(-1) ?? -1) > effort;

/** All of a curve but the clock. */
async function values(runId: string) {
  const { columns, snapshots } = await workbench.readCurve(runId);
  return { columns: Object.entries(columns).filter(([name]) => name !== 'seconds'), snapshots };
}

/** The same run with nobody beside it. */
async function alone(run: RunRecord): Promise<string> {
  const { seed, point, arm } = run;
  const [id] = await start(study([seed], arm.budget.maxEffort, [point['trainer.learningRate'] as number]));
  const finished = await waitForStatus(workbench, id as string, 'finished');
  expect(finished.backend?.lanes).toBeUndefined();
  return finished.id;
}

describe('runs that are trained together', () => {
  it('keep their own curves, records and files, and are the runs alone, bit for bit', async () => {
    const runIds = await start(study([1, 2, 3], 4000));
    const runs = await Promise.all(runIds.map((id) => waitForStatus(workbench, id, 'finished')));
    expect(runs.map(({ backend }) => backend?.lanes)).toEqual(runs.map(() => 6));
    expect(new Set(runs.map(({ contentId }) => contentId)).size).toBe(6);
    expect(runs.map(({ effort }) => effort)).toEqual(runs.map(() => 4000));
    for (const run of [runs[0], runs[5]] as RunRecord[])
      expect(await values(run.id)).toEqual(await values(await alone(run)));
  });

  it('pause, stop and go on one by one', async () => {
    const budget = 20_000;
    const runIds = await start(study([1, 2], budget));
    const [paused, stopped, ...rest] = runIds as [string, string, string, string];
    await waitFor(workbench, batchPast(paused, 0));
    await workbench.call('control', { action: 'pause', runIds: [paused] });
    await workbench.call('control', { action: 'stop', runIds: [stopped] });
    const left = [
      await waitForStatus(workbench, paused, 'paused'),
      await waitForStatus(workbench, stopped, 'stopped'),
    ];
    for (const run of left) {
      expect(run.checkpointEffort).toBeGreaterThan(0);
      expect(run.effort).toBeLessThan(budget);
    }
    for (const id of rest) expect((await record(id)).status).toBe('running');
    await workbench.call('control', { action: 'resume', runIds: [paused, stopped] });
    const runs = await Promise.all(runIds.map((id) => waitForStatus(workbench, id, 'finished')));
    expect(runs.map(({ note, error }) => [note, error])).toEqual(runs.map(() => [null, null]));
    for (const run of [runs[0], runs[1], runs[2]] as RunRecord[])
      expect(await values(run.id)).toEqual(await values(await alone(run)));
  });

  it('that diverge fail by themselves', async () => {
    const [fine, diverging] = (await start(study([1], 2000, [0.05, 1000]))) as [string, string];
    const failed = await waitForStatus(workbench, diverging, 'failed');
    expect(failed.error?.code).toBe('diverged');
    expect(failed.backend?.lanes).toBe(2);
    const finished = await waitForStatus(workbench, fine, 'finished');
    expect(await values(fine)).toEqual(await values(await alone(finished)));
  });

  it('are all interrupted when their trainer is killed, and each goes on from its checkpoint', async () => {
    const runIds = await start(study([1, 2], 20_000));
    const [first] = runIds as [string];
    await waitFor(
      workbench,
      (event): event is Extract<HostEvent, { type: 'run' }> =>
        event.type === 'run' && event.run.id === first && (event.run.checkpointEffort ?? 0) > 0,
    );
    for (const handle of handles) handle.kill();
    const cut = await Promise.all(runIds.map((id) => waitForStatus(workbench, id, 'interrupted')));
    expect(cut.map(({ note }) => note)).toEqual(cut.map(() => 'The trainer was ended by SIGKILL.'));
    // One alone, then the others together.
    await workbench.call('control', { action: 'resume', runIds: [first] });
    await workbench.call('control', { action: 'resume', runIds: runIds.slice(1) });
    const runs = await Promise.all(runIds.map((id) => waitForStatus(workbench, id, 'finished')));
    expect(runs.map(({ note }) => note)).toEqual(runs.map(() => null));
    for (const run of [runs[0], runs[3]] as RunRecord[])
      expect(await values(run.id)).toEqual(await values(await alone(run)));
  });
});
