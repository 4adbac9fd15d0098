/** `latebloom run`: starts or resumes a study, follows it, and ends with its delays. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArmEstimate, StartRequest } from '../../shared/api.ts';
import { delayTableCsv } from '../../shared/delay-table.ts';
import { InputError, LatebloomError, printValue } from '../../shared/errors.ts';
import { resumableStatuses, type StudyRecord } from '../../shared/run.ts';
import { MAX_EFFORT } from '../../shared/effort.ts';
import { csvColumns, curveToCsv } from '../bundle/csv.ts';
import { applyOverrides } from '../start-study.ts';
import type { Workbench } from '../workbench.ts';
import { delayJson, delayText, type DelayReport } from './delays-text.ts';
import { DONE, FAILED } from './failure.ts';
import { follow, StopSignal } from './follow.ts';
import { count, formatSeconds } from './format.ts';
import { delaysOf, runsOf, studyRecord, withWorkbench } from './host.ts';
import { ProgressView } from './progress.ts';
import { coresOption, findStudy, integerOption } from './study-source.ts';
import { printJson, type Terminal } from './terminal.ts';

export interface RunOptions {
  scale?: string;
  arms?: string;
  seeds?: string;
  maxEffort?: string;
  device?: string;
  out?: string;
  resume?: string;
  cores?: string;
  json?: boolean;
}

/** Returns 0 when every run has finished, 1 when one failed, was stopped or waits to be resumed. */
export async function runCommand(
  source: string | undefined,
  options: RunOptions,
  terminal: Terminal,
): Promise<number> {
  const request = await startRequest(source, options, terminal);
  if (options.out !== undefined) await prepareFolder(options.out);
  return runToEnd((workbench, stop) => begin(workbench, request, options, terminal, stop), options, terminal);
}

/**
 * Follows a study's runs to their end, prints its delays, and returns the exit status.
 * @param begin queues the runs; null where it was stopped before that
 */
export async function runToEnd(
  begin: (workbench: Workbench, stop: StopSignal) => Promise<StudyRecord | null>,
  options: Pick<RunOptions, 'out' | 'json' | 'cores'>,
  terminal: Terminal,
): Promise<number> {
  const cores = options.cores === undefined ? {} : { cores: coresOption(options.cores) };
  // Notices of the time before there is a view, and of the time after it, are plain lines.
  let say = (text: string): void => terminal.err(`${text}\n`);
  return withWorkbench(
    (text) => {
      say(text);
    },
    async (workbench) => {
      const stop = new StopSignal();
      try {
        const study = await begin(workbench, stop);
        if (study === null) return FAILED;
        const view = new ProgressView(terminal, await runsOf(workbench, study));
        say = (text) => {
          view.say(text);
        };
        try {
          await follow(workbench, study.runIds, view, stop);
        } finally {
          view.end();
          say = (text) => terminal.err(`${text}\n`);
        }
        return await conclude(workbench, study, options, terminal);
      } finally {
        stop.dispose();
      }
    },
    cores,
  );
}

/** What to start, checked before anything is opened or written; null to resume. @throws InputError, NotFoundError */
async function startRequest(
  source: string | undefined,
  options: RunOptions,
  terminal: Terminal,
): Promise<StartRequest | null> {
  if (options.resume !== undefined) {
    const { scale, arms, seeds, maxEffort, device } = options;
    const beside = [source, scale, arms, seeds, maxEffort, device].find((value) => value !== undefined);
    if (beside === undefined) return null;
    throw badOption('--resume', options.resume, `neither a preset nor settings beside it (${beside})`);
  }
  if (source === undefined) {
    throw badOption(
      '<preset | study.json>',
      undefined,
      'a preset (latebloom presets lists them), or the path of a study file',
    );
  }
  const { study, said } = await findStudy(source, options.scale);
  const { arms, seeds, maxEffort, device } = options;
  const request: StartRequest = {
    study,
    ...(arms === undefined ? {} : { arms: arms.split(',').map((arm) => arm.trim()) }),
    ...(seeds === undefined ? {} : { seeds: integerOption('--seeds', seeds, 1, 1000) }),
    ...(maxEffort === undefined
      ? {}
      : { maxEffort: integerOption('--max-effort', maxEffort, 1, MAX_EFFORT) }),
    ...(device === undefined ? {} : { device: await knownDevice(device) }),
  };
  applyOverrides(request);
  if (said !== null) terminal.err(said);
  return request;
}

/** "gp: 5 runs of 0.8 s (0.1 s of it set-up), measured for …" */
export function armEstimateText(arm: ArmEstimate): string {
  const [least, most] = arm.secondsPerRunRange.map(formatSeconds) as [string, string];
  const each = least === most ? most : `${least} to ${most}`;
  return `${arm.armId}: ${count(arm.runs, 'run')} of ${each} (${formatSeconds(arm.secondsSetUp)} of it set-up), ${arm.basis}`;
}

function badOption(path: string, value: string | undefined, expected: string): InputError {
  return new InputError('The command', [{ path, value: printValue(value), expected }]);
}

async function knownDevice(id: string): Promise<string> {
  const { devices } = await import('../engine/devices.ts');
  const known = devices.map((device) => device.id);
  if (known.includes(id)) return id;
  throw badOption('--device', id, `one of ${known.join(', ')}`);
}

async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw badOption('--out', folder, `a folder that can be written (${(error as Error).message})`);
  }
}

/** Starts the study, or queues the runs of an interrupted one again. Null when stopped before that. */
async function begin(
  workbench: Workbench,
  request: StartRequest | null,
  options: RunOptions,
  terminal: Terminal,
  stop: StopSignal,
): Promise<StudyRecord | null> {
  if (request === null) {
    const study = await studyRecord(workbench, options.resume as string);
    const waiting = (await runsOf(workbench, study)).filter((run) => resumableStatuses.includes(run.status));
    terminal.err(
      waiting.length === 0
        ? `Nothing to resume: all runs of ${study.id} have ended.\n`
        : `Resuming ${count(waiting.length, 'run')} of ${study.id}.\n`,
    );
    if (waiting.length > 0) {
      await workbench.call('control', { action: 'resume', runIds: waiting.map((run) => run.id) });
    }
    return study;
  }
  const { runs, seconds, slots, arms } = await workbench.call('estimate', request);
  const bound = request.study.arms.some(({ budget }) => budget.stopAfterGeneralization !== undefined)
    ? 'at most about'
    : 'about';
  terminal.err(
    `${count(runs, 'run')}, ${bound} ${formatSeconds(seconds)} on this machine (${count(slots, 'run')} at a time).\n`,
  );
  for (const arm of arms) terminal.err(`  ${armEstimateText(arm)}\n`);
  if (stop.asked) {
    terminal.err('Stopped before anything was started.\n');
    return null;
  }
  const { studyId } = await workbench.call('startStudy', request);
  terminal.err(`Started ${studyId}. Ctrl-C stops it and keeps what was computed.\n`);
  return studyRecord(workbench, studyId);
}

async function conclude(
  workbench: Workbench,
  study: StudyRecord,
  options: Pick<RunOptions, 'out' | 'json'>,
  terminal: Terminal,
): Promise<number> {
  const report = await delaysOf(workbench, study);
  if (options.out !== undefined) {
    const folder = await writeFiles(options.out, report);
    terminal.err(`Wrote ${folder}.\n`);
  }
  if (options.json === true) printJson(terminal, delayJson(report));
  else terminal.out(`\n${delayText(report)}`);
  const records = report.runs.map(({ run }) => run);
  const resumable = records.filter((run) => resumableStatuses.includes(run.status));
  if (resumable.length > 0 && study.imported === null) {
    terminal.err(
      `${count(resumable.length, 'run')} can go on from where ${resumable.length === 1 ? 'it' : 'they'} stopped: latebloom run --resume ${study.id}\n`,
    );
  }
  return records.every((run) => run.status === 'finished') ? DONE : FAILED;
}

/** DIR/<studyId>/: study.json, delays.csv, runs/<runId>/metrics.csv. */
async function writeFiles(out: string, { studyId, study, runs, table }: DelayReport): Promise<string> {
  const folder = join(out, studyId);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'study.json'), `${JSON.stringify(study, null, 2)}\n`);
    await writeFile(join(folder, 'delays.csv'), delayTableCsv(table));
    for (const { run, curve } of runs) {
      await mkdir(join(folder, 'runs', run.id), { recursive: true });
      await writeFile(
        join(folder, 'runs', run.id, 'metrics.csv'),
        curveToCsv(curve, csvColumns(run.columns)),
      );
    }
  } catch (error) {
    throw new LatebloomError(
      (error as NodeJS.ErrnoException).code === 'ENOSPC' ? 'disk-full' : 'not-allowed',
      `The files could not be written to ${folder}: ${(error as Error).message}.`,
      `The study itself is kept: latebloom delays ${studyId}`,
      { cause: error },
    );
  }
  return folder;
}
