/** `latebloom bench`: updates per second of the benchmark jobs on this machine. */
import { availableParallelism } from 'node:os';
import { median } from '../../shared/aggregate.ts';
import { InputError, printValue } from '../../shared/errors.ts';
import type { JobId } from '../bench/jobs.ts';
import type { BenchLength, Round } from '../bench/run-job.ts';
import { formatRate, formatTable, type TableColumn } from './format.ts';
import { DONE } from './failure.ts';
import { integerOption } from './study-source.ts';
import { printJson, type Terminal } from './terminal.ts';

export interface BenchOptions {
  job?: string;
  peer?: boolean;
  profile?: boolean;
  soak?: boolean;
  seconds?: string;
  rounds?: string;
  json?: boolean;
}

/** One line of the answer. Ratios are ours over the other: above 1 is faster. */
interface Line {
  job: string;
  title: string;
  stepsPerSecond: number;
  threads: number;
  /** What it is beside: PyTorch, SciPy, one run alone, or the same without recording. */
  beside: string;
  /** Null without `--peer`, and where the peer cannot run: `peerNote` says why. */
  besideStepsPerSecond: number | null;
  ratio: number | null;
  /** Of PyTorch on the maths that is left after simplification; null where that is what the paper's code does. */
  identicalStepsPerSecond: number | null;
  identicalRatio: number | null;
  target: number | null;
  peerNote: string | null;
  /** Round by round, of training jobs. */
  each?: Round[];
}

type Run = (peer: boolean, length: BenchLength) => Promise<Line[]>;

const training =
  (id: JobId): Run =>
  async (peer, length) => {
    const [{ benchJob }, { runJob }] = await Promise.all([
      import('../bench/jobs.ts'),
      import('../bench/run-job.ts'),
    ]);
    const { peerStepsPerSecond, ...result } = await runJob(await benchJob(id), peer, length);
    const fewer = result.peerThreads !== null && result.peerThreads < result.threads;
    const beside = fewer ? 'PyTorch, one thread' : 'PyTorch';
    return [{ ...result, beside, besideStepsPerSecond: peerStepsPerSecond }];
  };

const SEEDS_AT_ONCE = 16;

/** Jobs of which many seeds are trained at once, with what their run-steps per second come to over those of one seed. */
const seedTargets = { T: 8, G: 1, N: 1 } as const;

const seedsAtOnce: Run = async (_peer, length) => {
  const [{ benchJob }, { runLanes }] = await Promise.all([
    import('../bench/jobs.ts'),
    import('../bench/run-job.ts'),
  ]);
  const lines: Line[] = [];
  for (const [id, target] of Object.entries(seedTargets)) {
    const threads = Math.min(4, availableParallelism());
    const job = await benchJob(id as JobId);
    const { aloneStepsPerSecond, ...result } = await runLanes(job, SEEDS_AT_ONCE, length, threads);
    lines.push({
      ...result,
      beside: 'alone',
      besideStepsPerSecond: aloneStepsPerSecond,
      identicalStepsPerSecond: null,
      identicalRatio: null,
      target,
      peerNote: null,
    });
  }
  return lines;
};

const alone = { identicalStepsPerSecond: null, identicalRatio: null, peerNote: null };

/** In lanes of one program where that is faster, and on all cores. */
const asScheduled: Run = async (_peer, length) => {
  const [{ benchJob, smallJob }, { runMany }] = await Promise.all([
    import('../bench/jobs.ts'),
    import('../bench/many-runs.ts'),
  ]);
  const lines: Line[] = [];
  for (const [job, target] of [
    [smallJob(), null],
    [await benchJob('T'), 8],
    [await benchJob('G'), 1],
    [await benchJob('N'), 1],
  ] as const) {
    const { lanes, aloneStepsPerSecond, ...result } = await runMany(job.arm, SEEDS_AT_ONCE, length);
    const shared = lanes === 1 ? 'a program each' : `${lanes} to a program`;
    lines.push({
      ...alone,
      ...result,
      job: `Q-${job.id}`,
      title: `${SEEDS_AT_ONCE} seeds as scheduled, ${shared}, of ${job.title}`,
      beside: 'one seed',
      besideStepsPerSecond: aloneStepsPerSecond,
      ratio: result.stepsPerSecond / aloneStepsPerSecond,
      target,
    });
  }
  return lines;
};

const recording: Run = async (_peer, { seconds }) => {
  const [{ recordingJobs }, { runRecording }] = await Promise.all([
    import('../bench/jobs.ts'),
    import('../bench/recording.ts'),
  ]);
  const lines: Line[] = [];
  for (const { id, title, arm } of await recordingJobs()) {
    const { bareStepsPerSecond, ...result } = await runRecording(arm, seconds);
    lines.push({
      ...alone,
      ...result,
      job: `R-${id}`,
      title: `with rows, measures and snapshots: ${title}`,
      beside: 'bare',
      besideStepsPerSecond: bareStepsPerSecond,
      ratio: result.stepsPerSecond / bareStepsPerSecond,
      target: 0.95,
    });
  }
  return lines;
};

const gaussianProcess: Run = async (peer, { rounds }) => {
  const { benchGaussianProcess } = await import('../bench/gaussian-process.ts');
  const lines: Line[] = [];
  for (const n of [300, 1000]) {
    const result = await benchGaussianProcess({ n, peer, rounds: 3 * rounds });
    const { milliseconds, peerMilliseconds, peerNote, threads } = result;
    lines.push({
      job: `GP-${n}`,
      title: `ELBO and gradient, n = ${n.toLocaleString('en-US')}`,
      stepsPerSecond: 1000 / milliseconds,
      threads,
      beside: 'SciPy',
      besideStepsPerSecond: peerMilliseconds === null ? null : 1000 / peerMilliseconds,
      ratio: peerMilliseconds === null ? null : peerMilliseconds / milliseconds,
      identicalStepsPerSecond: null,
      identicalRatio: null,
      target: 0.5,
      peerNote,
    });
  }
  return lines;
};

const jobs: Record<string, Run> = {
  N: training('N'),
  P: training('P'),
  G: training('G'),
  M: training('M'),
  K: training('K'),
  T: training('T'),
  S: seedsAtOnce,
  Q: asScheduled,
  R: recording,
  GP: gaussianProcess,
};

export async function benchCommand(options: BenchOptions, terminal: Terminal): Promise<number> {
  const { profile = false, soak = false, peer = false } = options;
  if (profile || soak) {
    const others = [profile && '--profile', soak && '--soak', peer && '--peer'].filter(
      (one) => one !== false,
    );
    if (others.length > 1) {
      const faults = [
        { path: others[0] as string, value: 'true', expected: `to stand without ${others[1]}` },
      ];
      throw new InputError('The command', faults);
    }
    const { profileCommand, soakCommand } = await import('./bench-reports.ts');
    return (profile ? profileCommand : soakCommand)(options, terminal);
  }
  const names = options.job === undefined ? Object.keys(jobs) : [options.job];
  const chosen = names.map((name) => {
    const run = jobs[name];
    if (run !== undefined) return run;
    const expected = `one of ${Object.keys(jobs).join(', ')}`;
    throw new InputError('The command', [{ path: '--job', value: printValue(name), expected }]);
  });
  const length = {
    rounds: options.rounds === undefined ? 3 : integerOption('--rounds', options.rounds, 1, 100),
    seconds: options.seconds === undefined ? 6 : integerOption('--seconds', options.seconds, 1, 600),
  };
  const lines: Line[] = [];
  let footprint: Footprint | null = null;
  for (const [i, run] of chosen.entries()) {
    lines.push(...(await run(peer, length)));
    // Later jobs would count the memory of those before them.
    if (i === 0 && names[0] === 'N') footprint = await footprintOfN();
  }
  if (options.json === true) {
    printJson(terminal, { ...length, jobs: lines, footprint });
    return DONE;
  }
  terminal.out(formatTable(columns, lines.map(cells)));
  if (footprint !== null) {
    const { peakMebibytes, startUpSeconds } = footprint;
    terminal.out(
      `Memory of job N: ${peakMebibytes.toFixed(0)} MiB at its peak (target: below 500).\n` +
        `Start-up: ${startUpSeconds.toFixed(2)} s from the start of a study of job N to its first step (target: below 1.5).\n`,
    );
  }
  const handovers = lines.flatMap(({ each = [] }) => each.flatMap((round) => round.handovers));
  if (handovers.length > 0) terminal.out(handoverWords(handovers));
  for (const note of new Set(lines.flatMap(({ peerNote }) => peerNote ?? []))) terminal.err(`${note}\n`);
  return DONE;
}

/** Exported for its test. @param handovers nanoseconds, at least one */
export function handoverWords(handovers: readonly number[]): string {
  const [least, most] = [Math.min(...handovers), Math.max(...handovers)].map((one) => one.toFixed(0));
  const range = least === most ? least : `${least} to ${most}`;
  return (
    `Two threads took ${range} ns to hand a value over, median ${median(handovers).toFixed(0)}. ` +
    'Where that varies, so does what a second thread gains: see the rounds in --json.\n'
  );
}

interface Footprint {
  peakMebibytes: number;
  startUpSeconds: number;
}

async function footprintOfN(): Promise<Footprint> {
  // In kibibytes on every system.
  const peakMebibytes = process.resourceUsage().maxRSS / 1024;
  const [{ benchJob }, { startUpSeconds }] = await Promise.all([
    import('../bench/jobs.ts'),
    import('../bench/start-up.ts'),
  ]);
  return { peakMebibytes, startUpSeconds: await startUpSeconds((await benchJob('N')).arm) };
}

const columns: readonly TableColumn[] = [
  { header: 'job' },
  { header: 'what' },
  { header: 'threads', align: 'right' },
  { header: 'steps/s', align: 'right' },
  { header: 'beside' },
  { header: 'steps/s', align: 'right' },
  { header: 'ratio', align: 'right' },
  { header: 'same maths', align: 'right' },
  { header: 'target', align: 'right' },
];

function cells(line: Line): string[] {
  const ratio = (value: number | null): string => (value === null ? '—' : value.toFixed(2));
  return [
    line.job,
    line.title,
    String(line.threads),
    formatRate(line.stepsPerSecond),
    line.beside,
    line.besideStepsPerSecond === null ? '—' : formatRate(line.besideStepsPerSecond),
    ratio(line.ratio),
    ratio(line.identicalRatio),
    line.target === null ? '—' : `≥ ${line.target}`,
  ];
}
