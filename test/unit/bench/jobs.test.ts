import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { benchJob, jobIds, recordingJobs, smallJob } from '../../../main/bench/jobs.ts';
import { runMany } from '../../../main/bench/many-runs.ts';
import { runRecording } from '../../../main/bench/recording.ts';
import { runJob, runLanes } from '../../../main/bench/run-job.ts';
import { nodeForkTrainer } from '../../../main/scheduler/fork-trainer.ts';
import { buildProgram, removePrograms, root } from '../scheduler/processes.ts';

let trainer = '';
beforeAll(async () => {
  trainer = await buildProgram('trainer', join(root, 'main'));
});
afterAll(removePrograms);

const short = { rounds: 1, seconds: 0.01 };

describe('the benchmark jobs', () => {
  it.each(jobIds)('%s is an arm that trains, and is timed', async (id) => {
    const result = await runJob(await benchJob(id), false, short);
    expect(result.stepsPerSecond).toBeGreaterThan(0);
    expect(result).toMatchObject({ job: id, peerStepsPerSecond: null, ratio: null, peerNote: null });
  });

  it('S counts the steps of all its runs', async () => {
    const result = await runLanes(await benchJob('T'), 3, short, 1);
    expect(result.ratio).toBeCloseTo(result.stepsPerSecond / result.aloneStepsPerSecond, 12);
    expect(result).toMatchObject({ job: 'S-T', lanes: 3, threads: 1 });
  });

  it('Q counts the steps of all runs that go on at once, in the programs that the scheduler gives them', async () => {
    const result = await runMany(smallJob().arm, 4, short, nodeForkTrainer(trainer));
    expect(result.lanes).toBeGreaterThan(1);
    expect(Math.min(result.stepsPerSecond, result.aloneStepsPerSecond)).toBeGreaterThan(0);
  });

  it('R counts rows, measures and snapshots', async () => {
    const toy = (await recordingJobs()).find(({ id }) => id === 'T');
    if (toy === undefined) throw new Error('no toy model');
    const result = await runRecording(toy.arm, 0.1);
    expect(result.stepsPerSecond).toBeGreaterThan(0);
    expect(result.stepsPerSecond).toBeLessThanOrEqual(result.bareStepsPerSecond);
  });
});
