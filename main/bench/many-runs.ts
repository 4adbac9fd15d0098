/** Job Q: many seeds of an arm, as the scheduler runs a user's study on this machine, beside one seed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../../shared/aggregate.ts';
import type { RunRecord } from '../../shared/run.ts';
import type { Arm, Study } from '../../shared/study.ts';
import type { ForkTrainer } from '../scheduler/protocol.ts';
import { Workbench } from '../workbench.ts';
import type { BenchLength } from './run-job.ts';

export interface ManyRunsResult {
  /** Run-steps per second of all seeds that go on at once. */
  stepsPerSecond: number;
  aloneStepsPerSecond: number;
  /** The most that share one program. */
  lanes: number;
  threads: number;
}

/** Rounds alternate; medians are reported. @param forkTrainer that of a shell when absent */
export async function runMany(
  arm: Arm,
  seeds: number,
  { rounds, seconds }: BenchLength,
  forkTrainer?: ForkTrainer,
): Promise<ManyRunsResult> {
  const home = await mkdtemp(join(tmpdir(), 'latebloom-bench-'));
  const workbench = await Workbench.open({ home, ...(forkTrainer === undefined ? {} : { forkTrainer }) });
  const [alone, many]: [number[], number[]] = [[], []];
  let lanes = 1;
  let threads = 1;
  try {
    for (let round = 0; round < rounds; round++) {
      alone.push(rateOf(await going(workbench, arm, 1, seconds)));
      const runs = await going(workbench, arm, seeds, seconds);
      many.push(rateOf(runs));
      lanes = Math.max(lanes, ...runs.map(({ backend }) => backend?.lanes ?? 1));
      threads = runs[0]?.backend?.threads ?? threads;
    }
  } finally {
    await workbench.close();
    await rm(home, { recursive: true, force: true });
  }
  return { stepsPerSecond: median(many), aloneStepsPerSecond: median(alone), lanes, threads };
}

/** The runs that are going after so many seconds of training. They are stopped then. */
async function going(workbench: Workbench, arm: Arm, seeds: number, seconds: number): Promise<RunRecord[]> {
  const study: Study = {
    schemaVersion: 1,
    id: 'bench',
    title: 'Benchmark',
    question: 'How fast?',
    paper: null,
    arms: [{ ...arm, seeds: Array.from({ length: seeds }, (_, seed) => seed) }],
    claims: [],
  };
  const { studyId, runIds } = await workbench.call('startStudy', { study });
  const running = async (): Promise<RunRecord[]> => {
    const runs = await workbench.call('runs', null);
    return runs.filter((run) => run.studyId === studyId && run.status === 'running');
  };
  const isMeasured = (run: RunRecord): boolean => run.effortsPerSecond !== null;
  while (!(await running()).some(isMeasured)) await sleep(20);
  await sleep(1000 * seconds);
  const runs = (await running()).filter(isMeasured);
  await workbench.call('control', { action: 'stop', runIds });
  while ((await running()).length > 0) await sleep(20);
  await workbench.call('deleteStudy', { studyId });
  return runs;
}

function rateOf(runs: readonly RunRecord[]): number {
  return runs.reduce((sum, run) => sum + (run.effortsPerSecond ?? 0), 0);
}
