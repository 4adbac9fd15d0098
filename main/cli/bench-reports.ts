/** `latebloom bench --profile` and `--soak`: where the time of a step goes, and whether memory stays flat. */
import { InputError, printValue } from '../../shared/errors.ts';
import { benchJob, jobIds, type JobId } from '../bench/jobs.ts';
import { profileJob, type JobProfile } from '../bench/profile.ts';
import { soakJob, type SoakResult } from '../bench/soak.ts';
import type { BenchOptions } from './bench-command.ts';
import { DONE } from './failure.ts';
import { formatSeconds, formatTable } from './format.ts';
import { integerOption } from './study-source.ts';
import { printJson, type Terminal } from './terminal.ts';

export async function profileCommand(options: BenchOptions, terminal: Terminal): Promise<number> {
  const chosen = jobsOf(options, jobIds);
  const seconds = options.seconds === undefined ? 4 : integerOption('--seconds', options.seconds, 1, 600);
  const profiles: JobProfile[] = [];
  for (const id of chosen) {
    const profile = await profileJob(await benchJob(id), seconds);
    profiles.push(profile);
    if (options.json !== true) terminal.out(profileText(profile));
  }
  if (options.json === true) printJson(terminal, { profiles });
  return DONE;
}

/** Kinds that together take less than this share are not listed one by one. */
const LEAST_SHARE = 0.01;

export function profileText(profile: JobProfile): string {
  const { job, title, threads, precision, stepMicroseconds, kinds } = profile;
  const { productGigaflop, productRate, peakRate } = profile;
  const total = kinds.reduce((sum, { microseconds }) => sum + microseconds, 0);
  const listed = kinds.filter(({ microseconds }) => microseconds >= LEAST_SHARE * total);
  const rest = kinds.filter((kind) => !listed.includes(kind));
  const row = (name: string, nodes: number, microseconds: number): string[] => [
    name,
    String(nodes),
    microseconds.toFixed(0),
    `${((100 * microseconds) / total).toFixed(1)} %`,
  ];
  const sum = (of: 'nodes' | 'microseconds'): number => rest.reduce((all, kind) => all + kind[of], 0);
  const table = formatTable(
    [
      { header: 'operator' },
      { header: 'nodes', align: 'right' },
      { header: 'µs per step', align: 'right' },
      { header: 'share', align: 'right' },
    ],
    [
      ...listed.map(({ kind, nodes, microseconds }) => row(kind, nodes, microseconds)),
      ...(rest.length === 0 ? [] : [row(`${rest.length} others`, sum('nodes'), sum('microseconds'))]),
    ],
  );
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  const wholeStep = productGigaflop / (stepMicroseconds * 1e-6);
  return `${job}: ${title}
${table}A step takes ${stepMicroseconds.toFixed(0)} µs on ${threads} threads, its operators ${total.toFixed(0)} µs. Its matrix products are ${(1000 * productGigaflop).toFixed(1)} MFLOP in ${precision}:
${productRate.toFixed(1)} GFLOP/s while they run, ${percent(productRate / peakRate)} of this machine's best of ${peakRate.toFixed(0)}; over the whole step ${percent(wholeStep / peakRate)} of it.

`;
}

/** Steps of the soak. */
const soakSteps: Partial<Record<JobId, number>> = { T: 100_000, G: 20_000 };
const SAMPLES = 20;

export async function soakCommand(options: BenchOptions, terminal: Terminal): Promise<number> {
  const chosen = jobsOf(options, Object.keys(soakSteps) as JobId[]);
  const results: SoakResult[] = [];
  for (const id of chosen) {
    const job = await benchJob(id);
    const result = await soakJob(job, soakSteps[id] as number, SAMPLES, ({ step, mebibytes }) => {
      terminal.err(`${id}: step ${step.toLocaleString('en-US')}, ${mebibytes.toFixed(1)} MiB\n`);
    });
    results.push(result);
    if (options.json !== true) terminal.out(soakText(result));
  }
  if (options.json === true) printJson(terminal, { soaks: results });
  return DONE;
}

export function soakText({
  job,
  title,
  steps,
  seconds,
  samples,
  mebibytesPerThousandSteps,
}: SoakResult): string {
  const sizes = samples.map(({ mebibytes }) => mebibytes.toFixed(0)).join(' ');
  const slope = mebibytesPerThousandSteps.toFixed(4);
  return `${job}: ${title}
${steps.toLocaleString('en-US')} steps in ${formatSeconds(seconds)}. Resident memory in MiB, every ${(steps / samples.length).toLocaleString('en-US')} steps: ${sizes}
Slope over the later half: ${slope} MiB per 1,000 steps.
`;
}

/** @throws InputError for a job that is not among `known` */
function jobsOf({ job }: BenchOptions, known: readonly JobId[]): readonly JobId[] {
  if (job === undefined) return known;
  const found = known.find((id) => id === job);
  if (found !== undefined) return [found];
  const expected = `one of ${known.join(', ')}`;
  throw new InputError('The command', [{ path: '--job', value: printValue(job), expected }]);
}
