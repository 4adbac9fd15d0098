/** `latebloom bench`: updates per second of the benchmark jobs on this machine. */
import { InputError, printValue } from '../../shared/errors.ts';
import { DONE } from './failure.ts';
import { printJson, type Terminal } from './terminal.ts';

export interface BenchOptions {
  job?: string;
  peer?: boolean;
  json?: boolean;
}

/** One line of the answer. `ratio` is ours over the peer's: above 1 is faster than the peer. */
interface JobResult {
  job: string;
  title: string;
  stepsPerSecond: number;
  /** Null without `--peer`, and where the peer cannot run: `peerNote` says why. */
  peerStepsPerSecond: number | null;
  ratio: number | null;
  peer: string;
  peerNote: string | null;
  threads: number;
}

const jobs: Record<string, (peer: boolean) => Promise<JobResult[]>> = {
  N: async (peer) => {
    const { benchJobN } = await import('../bench/job-n.ts');
    const result = await benchJobN({ peer, rounds: 3, seconds: 6 });
    return [{ ...result, title: 'N: full-batch step of the Nanda transformer', peer: 'tuned PyTorch' }];
  },
  GP: async (peer) => {
    const { benchGaussianProcess } = await import('../bench/gaussian-process.ts');
    const results: JobResult[] = [];
    for (const n of [300, 1000]) {
      const { milliseconds, peerMilliseconds, peerNote, threads } = await benchGaussianProcess({
        n,
        peer,
        rounds: 9,
      });
      const peerStepsPerSecond = peerMilliseconds === null ? null : 1000 / peerMilliseconds;
      results.push({
        job: `GP-${n}`,
        title: `GP: ELBO and gradient, n = ${n.toLocaleString('en-US')}`,
        stepsPerSecond: 1000 / milliseconds,
        peerStepsPerSecond,
        ratio: peerMilliseconds === null ? null : peerMilliseconds / milliseconds,
        peer: 'SciPy',
        peerNote,
        threads,
      });
    }
    return results;
  },
};

export async function benchCommand(options: BenchOptions, terminal: Terminal): Promise<number> {
  const names = options.job === undefined ? Object.keys(jobs) : [options.job];
  const results: JobResult[] = [];
  for (const name of names) {
    const run = jobs[name];
    if (run === undefined) {
      const expected = `one of ${Object.keys(jobs).join(', ')}`;
      throw new InputError('The command', [{ path: '--job', value: printValue(name), expected }]);
    }
    results.push(...(await run(options.peer === true)));
  }
  if (options.json === true) {
    printJson(terminal, { jobs: results });
    return DONE;
  }
  for (const { title, stepsPerSecond, peer, peerStepsPerSecond, ratio, peerNote, threads } of results) {
    terminal.out(`${title}: ${stepsPerSecond.toFixed(1)} steps/s on ${threads} threads\n`);
    if (ratio !== null)
      terminal.out(`   ${peer} ${peerStepsPerSecond?.toFixed(1)} steps/s; ratio ${ratio.toFixed(2)}\n`);
    if (peerNote !== null) terminal.err(`${peerNote}\n`);
  }
  return DONE;
}
