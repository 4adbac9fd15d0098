/** Runs computed again: real learners beside the curves that they gave before, as they are and with one value changed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chooseRuns,
  exactnessFaults,
  relativeDifference,
  rerun,
  RERUN_TOLERANCE,
} from '../../../main/rerun.ts';
import { createLearner } from '../../../main/training/registry.ts';
import type { RunRecord } from '../../../shared/run.ts';
import type { Arm } from '../../../shared/study.ts';
import { DEFAULT_SNAPSHOTS_PER_DECADE, isSnapshotDue } from '../../../shared/snapshot.ts';
import { RecordSchedule } from '../../../main/scheduler/record-schedule.ts';
import { environment, study } from '../bundle/fixtures.ts';
import { pictures, train, trainerFolder } from '../scheduler/trainer-in-process.ts';
import { curveOf, runOf } from '../shared/support.ts';
import type { StoredRun } from '../../../main/rerun.ts';

trainerFolder();

/** The arm's run with this seed, as the trainer records it. */
async function stored(armId: string, seed: number, maxEffort: number): Promise<StoredRun> {
  const whole = study.arms.find(({ id }) => id === armId);
  if (whole === undefined) throw new Error(`No arm ${armId}.`);
  const arm = { ...whole, budget: { maxEffort } };
  const learner = await createLearner(arm, seed, { threads: 1, device: null });
  const schedule = new RecordSchedule(arm.record, arm.budget);
  const efforts: number[] = [];
  const rows: Float64Array[] = [];
  let previous = -1;
  for (let next = schedule.next(-1); next !== null; next = schedule.next(next)) {
    while (learner.effort < next) await learner.advance(next, Infinity);
    rows.push(await learner.evaluate(isSnapshotDue(previous, next, maxEffort, DEFAULT_SNAPSHOTS_PER_DECADE)));
    efforts.push(next);
    previous = next;
  }
  const columns = Object.fromEntries(
    learner.columns.map(({ name }, j) => [name, rows.map((row) => row[j] as number)]),
  );
  const base = runOf(arm, seed, curveOf(efforts, columns));
  const run: RunRecord = {
    ...base.run,
    columns: [...learner.columns],
    backend: learner.backend,
    environment,
  };
  await learner.dispose();
  return { run, curve: base.curve };
}

describe('a run computed again', () => {
  it.each(['mlp', 'linear'])('has the same bits (%s)', async (armId) => {
    const result = await rerun(await stored(armId, 0, 200), environment, createLearner);
    expect(result).toMatchObject({ tolerance: 0, because: [], difference: null, largest: 0 });
    expect(result.rows).toBeGreaterThan(20);
  });

  it('has the same bits where it ended once it had generalized, what is measured at that end included', async () => {
    const mlp = study.arms.find(({ id }) => id === 'mlp') as Arm;
    const arm: Arm = {
      ...mlp,
      thresholds: { metric: 'loss', train: 0.24, test: 0.3, sustain: 1 },
      budget: { maxEffort: 1000, stopAfterGeneralization: 1.5 },
      measures: ['weight-norms'],
      // Few: that at the end is one of its own.
      record: { ...mlp.record, snapshotsPerDecade: 1 },
    };
    const messages = await train({}, { arm, seed: 0 }, undefined, createLearner);
    const [started] = messages;
    if (started?.type !== 'started') throw new Error('The run did not start.');
    const batches = messages.flatMap((message) => (message.type === 'batch' ? [message.columns] : []));
    const names = Object.keys(batches[0] ?? {});
    const columns = names.map(
      (name) => [name, batches.flatMap((batch) => [...(batch[name] ?? [])])] as const,
    );
    const { run, curve } = runOf(
      arm,
      0,
      curveOf(
        batches.flatMap(({ effort = [] }) => [...effort]),
        Object.fromEntries(columns),
      ),
    );
    const last = curve.columns['effort']?.at(-1) as number;
    expect(last).toBeLessThan(1000);
    expect(pictures(messages).at(-1)?.effort).toBe(last);
    const sparse = started.columns.filter(({ sparse }) => sparse === true);
    expect(sparse.length).toBeGreaterThan(0);
    expect(sparse.every(({ name }) => Number.isFinite(curve.columns[name]?.at(-1)))).toBe(true);
    const record = { ...run, columns: started.columns, backend: started.backend, environment };
    const result = await rerun({ run: record, curve }, environment, createLearner);
    expect(result).toMatchObject({ tolerance: 0, difference: null, largest: 0, rows: curve.length });
  });

  it('names the first effort and column that differ', async () => {
    const one = await stored('mlp', 1, 200);
    const effort = one.curve.columns['effort'] as Float64Array;
    const row = effort.indexOf(50);
    const losses = one.curve.columns['trainLoss'] as Float64Array;
    const here = losses[row] as number;
    losses[row] = here * (1 + 1e-9);
    losses[row + 3] = 7;
    const { difference, rows } = await rerun(one, environment, createLearner);
    expect(difference).toEqual({ effort: 50, column: 'trainLoss', there: here * (1 + 1e-9), here });
    expect(rows).toBe(row + 1);
  });

  it('on another processor is held to the tolerance, and says so', async () => {
    const one = await stored('mlp', 0, 100);
    const losses = one.curve.columns['trainLoss'] as Float64Array;
    losses[5] = (losses[5] as number) + RERUN_TOLERANCE / 2;
    const elsewhere = { ...environment, cpu: 'another' };
    const result = await rerun(one, elsewhere, createLearner);
    expect(result).toMatchObject({
      tolerance: RERUN_TOLERANCE,
      because: ['cpu: unknown there, another here'],
      difference: null,
    });
    expect(result.largest).toBeGreaterThan(0);
    losses[5] += 2 * RERUN_TOLERANCE;
    expect((await rerun(one, elsewhere, createLearner)).difference).toMatchObject({ column: 'trainLoss' });
  });

  it('differs where the curve has a column that is not computed, or another effort', async () => {
    const one = await stored('linear', 0, 50);
    const extra = { ...one.curve, columns: { ...one.curve.columns, invented: new Float64Array(100) } };
    const columns = [
      ...one.run.columns,
      { ...(one.run.columns[0] as RunRecord['columns'][number]), name: 'invented' },
    ];
    const invented = await rerun({ run: { ...one.run, columns }, curve: extra }, environment, createLearner);
    expect(invented.difference).toMatchObject({ effort: 0, column: 'invented', here: NaN });
    const effort = Float64Array.from(one.curve.columns['effort'] as Float64Array);
    effort[1] = 999;
    const moved = { ...one.curve, columns: { ...one.curve.columns, effort } };
    const { difference } = await rerun({ run: one.run, curve: moved }, environment, createLearner);
    expect(difference).toEqual({ effort: 999, column: 'effort', there: 999, here: 1 });
  });
});

describe('what is asked for', () => {
  it('is bits on the same engine, and why not elsewhere', () => {
    const backend = {
      engine: 'onnxruntime-cpu',
      engineVersion: '1.30.0',
      device: 'CPU',
      precision: 'float32',
      threads: 2,
      fallback: null,
    } as const;
    const there = { backend, environment };
    expect(exactnessFaults(there, { backend, environment })).toEqual([]);
    expect(exactnessFaults(there, { backend: { ...backend, threads: 1 }, environment })).toEqual([
      'threads: 2 there, 1 here',
    ]);
    const gpu = { ...backend, engine: 'onnxruntime-webgpu' };
    expect(exactnessFaults({ backend: gpu, environment }, { backend: gpu, environment })).toEqual([
      'engine: onnxruntime-webgpu does not repeat bits',
    ]);
    expect(exactnessFaults({ backend: null, environment }, { backend, environment })).toHaveLength(3);
  });

  it('measures differences symmetrically, by the larger value above 1', () => {
    expect(relativeDifference(200, 100)).toBe(0.5);
    expect(relativeDifference(0.2, 0.1)).toBeCloseTo(0.1);
    expect(relativeDifference(NaN, NaN)).toBe(0);
    expect(relativeDifference(NaN, 1)).toBe(Infinity);
    fc.assert(
      fc.property(fc.double(), fc.double(), (a, b) => {
        expect(relativeDifference(a, b)).toBe(relativeDifference(b, a));
      }),
    );
  });

  it('takes the first seed of every arm before the second', () => {
    const runs = [
      ['mlp', 0],
      ['mlp', 1],
      ['linear', 0],
    ].map(([armId, seed]) => {
      const arm = study.arms.find(({ id }) => id === armId) as (typeof study.arms)[number];
      return runOf(arm, seed as number, curveOf([0], {}));
    });
    const chosen = chooseRuns(runs, 2).map(({ run }) => `${run.armId} ${run.seed}`);
    expect(chosen).toEqual(['mlp 0', 'linear 0']);
    expect(chooseRuns(runs, Infinity)).toHaveLength(3);
  });
});
