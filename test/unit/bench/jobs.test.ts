import { describe, expect, it } from 'vitest';
import { benchJob, jobIds } from '../../../main/bench/jobs.ts';
import { runJob, runLanes } from '../../../main/bench/run-job.ts';

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
});
