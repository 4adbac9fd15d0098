/** Steps per second of a benchmark job, beside PyTorch's in the same minutes. Rounds alternate; medians are reported. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { median } from '../../shared/aggregate.ts';
import { projectRoot } from '../paths.ts';
import { handoverNanoseconds } from './handover.ts';
import type { Job } from './jobs.ts';
import { jobLearners, stepsPerSecond } from './learners.ts';

export interface JobResult {
  job: string;
  title: string;
  stepsPerSecond: number;
  /** As the paper's code does it. Null without `peer`, and where PyTorch cannot run: `peerNote` says why. */
  peerStepsPerSecond: number | null;
  ratio: number | null;
  /** Of PyTorch on the maths that ours has after simplification; null where that is what the paper's code does. */
  identicalStepsPerSecond: number | null;
  identicalRatio: number | null;
  target: number;
  peerNote: string | null;
  rounds: number;
  threads: number;
  /** Of PyTorch; null where it was not measured. */
  peerThreads: number | null;
  /** What the medians are of, round by round. */
  each: Round[];
}

export interface Round {
  stepsPerSecond: number;
  peerStepsPerSecond: number | null;
  identicalStepsPerSecond: number | null;
  /** Nanoseconds that two threads took to hand a value over, before and after the round; none on one core. */
  handovers: number[];
}

export interface BenchLength {
  rounds: number;
  /** Of each engine, in each round. */
  seconds: number;
}

/** Jobs whose graph is simplified into fewer operations than the paper's code has. */
const reduced = ['N', 'P', 'G'];

/** PyTorch gets as many threads as we do, or one where it is faster so. */
export async function runJob(job: Job, peer: boolean, { rounds, seconds }: BenchLength): Promise<JobResult> {
  const threads = Math.min(4, availableParallelism());
  const learners = await jobLearners(job, [0], { threads, device: null });
  const each: Round[] = [];
  let peerNote: string | null = null;
  let peerThreads = threads;
  const rateOfPeer = (...form: 'identical'[]): number | null => {
    const rate = runPeer([job.id, String(seconds), ...form], peerThreads);
    if (typeof rate === 'number') return rate;
    peerNote = rate;
    return null;
  };
  try {
    await stepsPerSecond(learners, 0.5);
    if (peer) peerThreads = bestPeerThreads(job.id, threads);
    for (let round = 0; round < rounds; round++) {
      const before = await handoverNanoseconds();
      const stepsPerSecondNow = await stepsPerSecond(learners, seconds);
      const asked = peer && peerNote === null;
      const peerNow = asked ? rateOfPeer() : null;
      const identicalNow = peerNow !== null && reduced.includes(job.id) ? rateOfPeer('identical') : null;
      const handovers = [before, await handoverNanoseconds()].filter((one) => one !== null);
      each.push({
        stepsPerSecond: stepsPerSecondNow,
        peerStepsPerSecond: peerNow,
        identicalStepsPerSecond: identicalNow,
        handovers,
      });
    }
  } finally {
    for (const learner of learners) await learner.dispose();
  }
  const rate = median(each.map((one) => one.stepsPerSecond));
  const peerRate = medianOf(each.map((one) => one.peerStepsPerSecond));
  const identicalRate = medianOf(each.map((one) => one.identicalStepsPerSecond));
  return {
    job: job.id,
    title: job.title,
    stepsPerSecond: rate,
    peerStepsPerSecond: peerRate,
    ratio: peerRate === null ? null : rate / peerRate,
    identicalStepsPerSecond: identicalRate,
    identicalRatio: identicalRate === null ? null : rate / identicalRate,
    target: job.target,
    peerNote,
    rounds,
    threads,
    peerThreads: peerRate === null ? null : peerThreads,
    each,
  };
}

/** Of what was measured; null where nothing was. */
function medianOf(values: readonly (number | null)[]): number | null {
  const measured = values.filter((value) => value !== null);
  return measured.length === 0 ? null : median(measured);
}

export interface LanesResult {
  job: string;
  title: string;
  lanes: number;
  /** Run-steps per second of so many runs trained together. */
  stepsPerSecond: number;
  /** Steps per second of one run by itself. */
  aloneStepsPerSecond: number;
  ratio: number;
  rounds: number;
  threads: number;
}

/**
 * Job S: many seeds at once, beside one alone on the same threads. Rounds alternate; medians are reported. At a ratio of 1
 * no seed is slower than it would be in its turn.
 */
export async function runLanes(
  job: Job,
  lanes: number,
  { rounds, seconds }: BenchLength,
  threads: number,
): Promise<LanesResult> {
  const options = { threads, device: null };
  const seeds = Array.from({ length: lanes }, (_, seed) => seed);
  const alone = await jobLearners(job, [0], options);
  const together = await jobLearners(job, seeds, options);
  const [single, many]: [number[], number[]] = [[], []];
  try {
    for (const learners of [alone, together]) await stepsPerSecond(learners, 0.1);
    for (let round = 0; round < rounds; round++) {
      single.push(await stepsPerSecond(alone, seconds));
      many.push(lanes * (await stepsPerSecond(together, seconds)));
    }
  } finally {
    for (const learner of [...alone, ...together]) await learner.dispose();
  }
  const [rate, aloneRate] = [median(many), median(single)];
  return {
    job: `S-${job.id}`,
    title: `${lanes} seeds at once of ${job.title}`,
    lanes,
    stepsPerSecond: rate,
    aloneStepsPerSecond: aloneRate,
    ratio: rate / aloneRate,
    rounds,
    threads,
  };
}

/** Without it Debian's PyTorch runs, too, but its two sets of threads disturb each other: jobs K, M and T ran four to six times slower. */
const openBlas = '/usr/lib/x86_64-linux-gnu/openblas-openmp';
const peerRemedy = 'On Debian: apt-get install python3-torch libopenblas0-openmp.';

/** Small steps are faster without a second thread to wait for: tried twice, for a second each. */
function bestPeerThreads(job: string, threads: number): number {
  const best = (count: number): number =>
    Math.max(...[1, 2].map(() => Number(runPeer([job, '1'], count)) || 0));
  return best(1) > best(threads) ? 1 : threads;
}

/** Steps per second of PyTorch in its best measured environment, or why it did not run. */
function runPeer(args: readonly string[], threads: number): number | string {
  if (!existsSync(openBlas))
    return `PyTorch did not run: there is no ${openBlas}, and without it PyTorch would be a badly tuned peer. ${peerRemedy}`;
  const script = join(projectRoot, 'main', 'bench', 'peer_jobs.py');
  const result = spawnSync('/usr/bin/python3', [script, ...args], {
    encoding: 'utf8',
    env: {
      ...process.env,
      LD_LIBRARY_PATH: openBlas,
      MALLOC_MMAP_THRESHOLD_: '4294967296',
      MALLOC_TRIM_THRESHOLD_: '8589934592',
      OMP_NUM_THREADS: String(threads),
    },
  });
  const rate = Number(result.stdout);
  if (result.status === 0 && rate > 0) return rate;
  const reason = result.error?.message ?? result.stderr.trim().split('\n').at(-1) ?? '';
  return `PyTorch did not run (${reason}). ${peerRemedy}`;
}
