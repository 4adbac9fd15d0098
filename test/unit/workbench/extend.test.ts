/** Runs that go on after their end: the fake learner for what the host does, real ones for the bits. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readBundle, verifyBundle } from '../../../main/bundle/index.ts';
import { contentIdOf } from '../../../main/content-id.ts';
import { rerun } from '../../../main/rerun.ts';
import { nodeForkTrainer } from '../../../main/scheduler/fork-trainer.ts';
import { createLearner } from '../../../main/training/registry.ts';
import type { Workbench } from '../../../main/workbench.ts';
import type { HostEvent } from '../../../shared/api.ts';
import { extendedBudget } from '../../../shared/extend.ts';
import type { RunCurve, RunRecord } from '../../../shared/run.ts';
import { parseStudy, type Arm, type Study } from '../../../shared/study.ts';
import { fakeStudy, type FakeArm } from '../scheduler/fake-learner.ts';
import { buildProgram, root, waitForStatus } from '../scheduler/processes.ts';
import { workbenches } from './workbenches.ts';

const benches = workbenches({ cores: 2 });
const { open, opened } = benches;
let realTrainer = '';
beforeAll(async () => {
  realTrainer = await buildProgram('trainer', join(root, 'main'));
});

async function runStudy(workbench: Workbench, study: Study): Promise<RunRecord[]> {
  const { runIds } = await workbench.call('startStudy', { study });
  return Promise.all(runIds.map((id) => waitForStatus(workbench, id, 'finished')));
}

async function extended(workbench: Workbench, runs: RunRecord[], maxEffort: number): Promise<RunRecord[]> {
  await workbench.call('extend', { runIds: runs.map(({ id }) => id), maxEffort });
  return Promise.all(runs.map(({ id }) => waitForStatus(workbench, id, 'finished')));
}

/** The study with the budget that extensions make of its arms' own. */
function withBudget(study: Study, ...steps: number[]): Study {
  const arms = study.arms.map((arm) => ({ ...arm, budget: steps.reduce(extendedBudget, arm.budget) }));
  return { ...study, arms };
}

/** Without the clock's column. */
function values({ columns, snapshots }: RunCurve): unknown {
  return { ...columns, seconds: null, snapshots };
}

const plain: FakeArm = { maxEffort: 404, every: 50, seeds: [1, 2] };

describe('a finished run with more budget', () => {
  it('has the curve, snapshots and content of a run that had it from the beginning', async () => {
    const workbench = await open();
    const study = fakeStudy([plain]);
    const first = await runStudy(workbench, study);
    expect(first.map(({ checkpointEffort }) => checkpointEffort)).toEqual([404, 404]);
    await extended(workbench, first, 800);
    const twice = await extended(workbench, first, 1111);
    expect(twice.map(({ arm }) => arm.budget)).toEqual(
      twice.map(() => ({ maxEffort: 1111, extendedFrom: [404, 800] })),
    );
    const whole = await runStudy(workbench, withBudget(study, 800, 1111));
    for (const [i, run] of twice.entries()) {
      const other = whole[i] as RunRecord;
      const [ours, theirs] = [await workbench.readCurve(run.id), await workbench.readCurve(other.id)];
      expect(values(ours)).toEqual({ ...(values(theirs) as object) });
      expect(ours.columns['effort']).toContain(404);
      expect(ours.snapshots?.map(({ effort }) => effort)).toEqual(expect.arrayContaining([404, 800, 1111]));
      expect(run.note).toBeNull();
      expect(run.contentId).toBe(contentIdOf(run, ours));
      expect(run.arm).toEqual(other.arm);
    }
  });

  it('keeps the study and its hash, and says to every window that it waits again', async () => {
    const workbench = await open();
    const [run] = (await runStudy(workbench, fakeStudy([{ ...plain, seeds: [1] }]))) as [RunRecord];
    const before = await workbench.call('studies', null);
    const events: HostEvent[] = [];
    workbench.subscribe((event) => events.push(event));
    await extended(workbench, [run], 500);
    expect(await workbench.call('studies', null)).toEqual(before);
    const first = events.find((event) => event.type === 'run');
    expect(first).toMatchObject({
      run: { status: 'queued', effort: 404, batches: run.batches, contentId: null, endedAt: null },
    });
    const batches = events.flatMap((event) => (event.type === 'batch' ? [event.batch.seq] : []));
    expect(batches[0]).toBe(run.batches);
  });

  it('goes on under another host, also when it was stopped', async () => {
    const slow = fakeStudy([{ title: 'microseconds=300', maxEffort: 2500, every: 20 }]);
    const workbench = await open();
    const { runIds } = await workbench.call('startStudy', { study: slow });
    const [id] = runIds as [string];
    await waitForStatus(workbench, id, 'running');
    await new Promise((resolve) => setTimeout(resolve, 400));
    await workbench.call('control', { action: 'stop', runIds });
    const stopped = await waitForStatus(workbench, id, 'stopped');
    await opened.pop()?.close();
    const next = await open();
    const [longer] = (await extended(next, [stopped], 3000)) as [RunRecord];
    const [whole] = (await runStudy(
      next,
      withBudget(fakeStudy([{ title: 'fast', maxEffort: 2500, every: 20 }]), 3000),
    )) as [RunRecord];
    expect(values(await next.readCurve(longer.id))).toEqual(values(await next.readCurve(whole.id)));
  });

  it('is computed again from its beginning where its checkpoint was not kept, if the user agrees', async () => {
    const workbench = await open();
    const study = fakeStudy([{ ...plain, seeds: [1] }]);
    const [run] = (await runStudy(workbench, study)) as [RunRecord];
    const checkpoint = join(benches.home, 'studies', run.studyId, 'runs', run.id, 'checkpoint.bin');
    expect(existsSync(checkpoint)).toBe(true);
    rmSync(checkpoint);
    await expect(extended(workbench, [run], 800)).rejects.toMatchObject({
      code: 'conflict',
      message: `The last checkpoint of ${run.id} was not kept: extending it computes it again from its beginning.`,
    });
    await workbench.call('extend', { runIds: [run.id], maxEffort: 800, recompute: true });
    await waitForStatus(workbench, run.id, 'finished');
    const [whole] = (await runStudy(workbench, withBudget(study, 800))) as [RunRecord];
    expect(values(await workbench.readCurve(run.id))).toEqual(values(await workbench.readCurve(whole.id)));
  });

  it('is not extended where one of those named with it cannot be', async () => {
    const workbench = await open();
    const study = fakeStudy([
      { ...plain, id: 'a', seeds: [1] },
      { id: 'b', title: 'diverge=55' },
    ]);
    const { runIds } = await workbench.call('startStudy', { study });
    const [fine, failing] = runIds as [string, string];
    const done = await waitForStatus(workbench, fine, 'finished');
    await waitForStatus(workbench, failing, 'failed');
    await expect(workbench.call('extend', { runIds, maxEffort: 800 })).rejects.toMatchObject({
      code: 'conflict',
      message: `${failing} failed: more effort does not change that. Retry trains it again.`,
    });
    await expect(workbench.call('extend', { runIds: [fine], maxEffort: 404 })).rejects.toMatchObject({
      message: expect.stringMatching(/has a budget of 404 .* already/) as string,
    });
    expect((await workbench.call('runs', null))[0]).toEqual(done);
  });
});

const adam = { learningRate: 1e-2, weightDecay: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, warmupSteps: 0 };
const base = {
  thresholds: { metric: 'accuracy', train: 0.99, test: 0.99, sustain: 1 },
  record: { every: 50, perDecade: 5 },
} satisfies Partial<Arm>;
const real: Study = parseStudy({
  schemaVersion: 1,
  id: 'real',
  title: 'Two families',
  question: 'Does an end in between change the curve?',
  paper: null,
  claims: [],
  arms: [
    {
      ...base,
      id: 'nn',
      title: 'A network with minibatches, in lanes',
      dataset: {
        kind: 'hidden-parity',
        parityBits: 2,
        decoys: 4,
        decoyKind: 'bits',
        trainSize: 64,
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
      trainer: { kind: 'adamw', ...adam, weightDecay: 0.1, batchSize: 16 },
      budget: { maxEffort: 400 },
      measures: ['weight-norms'],
      seeds: [0, 1],
    },
    {
      ...base,
      id: 'gp',
      title: 'A Gaussian process',
      dataset: { kind: 'zero-one', points: 40, trainSize: 12, testSize: 12 },
      model: { kind: 'gp-classifier', kernel: 'rbf', lengthScale: 0.05, outputScale: 1, jitter: 1e-4 },
      trainer: { kind: 'adam', ...adam, batchSize: 'full' },
      budget: { maxEffort: 400 },
      seeds: [3],
    },
  ],
});

describe('a network and a Gaussian process, 400 and then 800 efforts', () => {
  it('equal those of 800 bit for bit; the bundle says what was extended, and repeats', async () => {
    const workbench = await open({ forkTrainer: nodeForkTrainer(realTrainer) });
    const first = await runStudy(workbench, real);
    const longer = await extended(workbench, first, 800);
    const whole = await runStudy(workbench, withBudget(real, 800));
    for (const [i, run] of longer.entries()) {
      const other = whole[i] as RunRecord;
      expect(values(await workbench.readCurve(run.id)), run.id).toEqual(
        values(await workbench.readCurve(other.id)),
      );
    }
    const { bytes } = await workbench.call('exportStudy', {
      studyId: (first[0] as RunRecord).studyId,
      licence: 'CC-BY-4.0',
      author: 'Ada Lovelace',
    });
    expect((await verifyBundle(bytes)).faults).toEqual([]);
    const { runs } = await readBundle(bytes);
    expect(runs.map(({ run }) => run.arm.budget)).toEqual(
      runs.map(() => ({ maxEffort: 800, extendedFrom: [400] })),
    );
    const { environment } = await workbench.call('hello', null);
    for (const stored of runs) {
      const again = await rerun(stored, environment, createLearner);
      expect(again, stored.run.id).toMatchObject({
        tolerance: 0,
        difference: null,
        rows: stored.curve.length,
      });
    }
  });
});
