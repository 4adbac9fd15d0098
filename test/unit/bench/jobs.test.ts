import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { benchJob, jobIds, recordingJobs, smallJob } from '../../../main/bench/jobs.ts';
import { runMany } from '../../../main/bench/many-runs.ts';
import { runRecording } from '../../../main/bench/recording.ts';
import { runJob, runLanes } from '../../../main/bench/run-job.ts';
import { handoverWords } from '../../../main/cli/bench-command.ts';
import { median } from '../../../shared/aggregate.ts';
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

  it('tells every round, of which the median counts, and what the cores were to each other', async () => {
    const result = await runJob(await benchJob('T'), false, { rounds: 3, seconds: 0.01 });
    expect(result.each).toHaveLength(3);
    expect(result.stepsPerSecond).toBe(median(result.each.map((round) => round.stepsPerSecond)));
    for (const { handovers, peerStepsPerSecond } of result.each) {
      expect(peerStepsPerSecond).toBeNull();
      expect(handovers).toHaveLength(availableParallelism() > 1 ? 2 : 0);
      // Light takes a nanosecond for 30 cm; a thread that is woken by the system takes microseconds.
      for (const nanoseconds of handovers) expect(nanoseconds).toBeGreaterThan(1);
    }
    const words = handoverWords([34.2, 160, 40]);
    expect(words).toMatch(/^Two threads took 34 to 160 ns to hand a value over, median 40\. /);
    expect(handoverWords([34.2])).toMatch(/^Two threads took 34 ns to hand/);
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
