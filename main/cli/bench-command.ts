/** `latebloom bench`: updates per second of the benchmark jobs on this machine. */
import { InputError, printValue } from '../../shared/errors.ts';
import type { JobId } from '../bench/jobs.ts';
import type { BenchLength } from '../bench/run-job.ts';
import { formatRate, formatTable, type TableColumn } from './format.ts';
import { DONE } from './failure.ts';
import { integerOption } from './study-source.ts';
import { printJson, type Terminal } from './terminal.ts';

export interface BenchOptions {
  job?: string;
  peer?: boolean;
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
    return [{ ...result, beside: 'PyTorch', besideStepsPerSecond: peerStepsPerSecond }];
  };

const SEEDS_AT_ONCE = 16;

const seedsAtOnce: Run = async (_peer, length) => {
  const [{ benchJob }, { runLanes }] = await Promise.all([
    import('../bench/jobs.ts'),
    import('../bench/run-job.ts'),
  ]);
  const { aloneStepsPerSecond, ...result } = await runLanes(await benchJob('T'), SEEDS_AT_ONCE, length);
  const none = { identicalStepsPerSecond: null, identicalRatio: null, peerNote: null };
  return [
    { ...result, ...none, threads: 1, beside: 'alone', besideStepsPerSecond: aloneStepsPerSecond, target: 8 },
  ];
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
  for (const run of chosen) lines.push(...(await run(options.peer === true, length)));
  if (options.json === true) {
    printJson(terminal, { ...length, jobs: lines });
    return DONE;
  }
  terminal.out(formatTable(columns, lines.map(cells)));
  for (const note of new Set(lines.flatMap(({ peerNote }) => peerNote ?? []))) terminal.err(`${note}\n`);
  return DONE;
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
