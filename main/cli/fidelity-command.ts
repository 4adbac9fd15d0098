/**
 * `latebloom fidelity`: runs the presets through the workbench and writes what their claims came to, in pieces where asked:
 * every preset's part is kept beside the report.
 */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { evaluateClaims } from '../../shared/claims.ts';
import type { RunWithCurve } from '../../shared/delay-table.ts';
import { InputError, LatebloomError, printValue } from '../../shared/errors.ts';
import type { FidelityPart } from '../../shared/fidelity-part.ts';
import { atScale, scalesOf, type Preset, type ScaledStudy, type ScaleName } from '../../shared/preset.ts';
import { resumableStatuses, type RunRecord } from '../../shared/run.ts';
import type { Study } from '../../shared/study.ts';
import { studyFigure } from '../fidelity/figure.ts';
import { isOf, partFile, readPart, withSeeds } from '../fidelity/kept-parts.ts';
import { fidelityPart } from '../fidelity/part.ts';
import { explanationIn, reportMarkdown, type ReportPart } from '../fidelity/report.ts';
import { projectRoot, studiesFolder } from '../paths.ts';
import { storedArms } from '../fidelity/stored-arms.ts';
import { readPresets } from '../presets.ts';
import { studyHashOf } from '../start-study.ts';
import type { Workbench } from '../workbench.ts';
import { DONE, FAILED } from './failure.ts';
import { follow, StopSignal } from './follow.ts';
import { count, formatSeconds } from './format.ts';
import { studyRecord, withWorkbench } from './host.ts';
import { ProgressView } from './progress.ts';
import { integerOption, scaleOption } from './study-source.ts';
import type { Terminal } from './terminal.ts';

export interface FidelityOptions {
  scale?: string;
  presets?: string;
  seeds?: string;
  device?: string;
  resume?: boolean;
  out?: string;
}

/** A preset at a scale, as it is to be run. */
interface Job extends ScaledStudy {
  preset: Preset;
  /** With the seeds asked for. */
  asked: Study;
  studyHash: string;
}

/** Where a report lies: FIDELITY.md, and a folder of parts and figures beside it. */
interface ReportPlace {
  markdown: string;
  folder: string;
}

/** Returns 0 when every run of the presets asked for has finished, 1 when one has not. */
export async function fidelityCommand(options: FidelityOptions, terminal: Terminal): Promise<number> {
  const scale = options.scale === undefined ? 'cpu' : scaleOption(options.scale);
  const seeds = options.seeds === undefined ? null : integerOption('--seeds', options.seeds, 1, 1000);
  const all = await readPresets();
  const jobs = chosen(all, options.presets).map((preset) => jobOf(preset, scale, seeds));
  const place = await reportPlace(options.out);
  let say = (text: string): void => terminal.err(`${text}\n`);
  const status = await withWorkbench(
    (text) => {
      say(text);
    },
    async (workbench) => {
      const stop = new StopSignal();
      try {
        let done = true;
        for (const [i, job] of jobs.entries()) {
          if (stop.asked) return FAILED;
          terminal.err(`${i + 1} of ${jobs.length}: ${job.study.id}, ${job.scale} scale.\n`);
          const setSay = (next: (text: string) => void): void => {
            say = next;
          };
          const part = await runJob(workbench, job, { seeds, options, place, terminal, stop, setSay });
          done &&= part !== null && part.runs.finished === part.runs.total;
          await writeReport(all, place);
        }
        return done ? DONE : FAILED;
      } finally {
        stop.dispose();
      }
    },
  );
  await writeReport(all, place);
  terminal.out(`${place.markdown}\n`);
  if (status !== DONE) terminal.err('Not every run has finished. Go on with: latebloom fidelity --resume\n');
  return status;
}

/** @throws InputError naming a preset that there is not */
function chosen(all: readonly Preset[], names: string | undefined): Preset[] {
  if (names === undefined) return [...all];
  return names.split(',').map((name) => {
    const preset = all.find(({ study }) => study.id === name.trim());
    if (preset !== undefined) return preset;
    const expected = `one of ${all.map(({ study }) => study.id).join(', ')}`;
    throw new InputError('The command', [{ path: '--presets', value: printValue(name), expected }]);
  });
}

/** A preset without a reduced scale takes minutes as it is: its only one stands for both. */
function jobOf(preset: Preset, scale: ScaleName, seeds: number | null): Job {
  const taken = atScale(preset, scale) ?? scalesOf(preset)[0];
  const asked = withSeeds(taken.study, seeds);
  return { ...taken, preset, asked, studyHash: studyHashOf(asked) };
}

/** @throws InputError when nothing is said and this is no checkout, or the folder cannot be written */
async function reportPlace(out: string | undefined): Promise<ReportPlace> {
  if (out === undefined && !existsSync(join(projectRoot, '.git'))) {
    const expected = 'a folder to write the report to: this is no checkout, whose studies/ it would go to';
    throw new InputError('The command', [{ path: '--out', value: 'nothing', expected }]);
  }
  const base = out ?? studiesFolder;
  const place = { markdown: join(base, 'FIDELITY.md'), folder: join(base, 'fidelity') };
  try {
    await mkdir(place.folder, { recursive: true });
  } catch (error) {
    const expected = `a folder that can be written (${(error as Error).message})`;
    throw new InputError('The command', [{ path: '--out', value: printValue(base), expected }]);
  }
  return place;
}

interface JobContext {
  seeds: number | null;
  options: FidelityOptions;
  place: ReportPlace;
  terminal: Terminal;
  stop: StopSignal;
  setSay: (say: (text: string) => void) => void;
}

/** Runs a preset, or with --resume what is not there of it: its arms run here, else its part of an earlier report. */
async function runJob(workbench: Workbench, job: Job, context: JobContext): Promise<FidelityPart | null> {
  const { options, place, terminal } = context;
  const stored =
    options.resume === true
      ? storedArms(job.asked, await workbench.call('studies', null), await workbench.call('runs', null))
      : new Map<string, RunRecord[]>();
  const missing = job.asked.arms.filter(({ id }) => !stored.has(id)).map(({ id }) => id);
  if (options.resume === true && missing.length > 0) {
    const kept = await readPart(place.folder, job.study.id);
    if (kept !== null && kept.studyHash === job.studyHash && kept.runs.finished === kept.runs.total) {
      terminal.err(`Kept from ${kept.endedAt ?? 'before'}: ${kept.machine}.\n`);
      return kept;
    }
  }
  const here = [...stored.values()].flat();
  if (here.length > 0) terminal.err(`${count(here.length, 'run')} of it here already.\n`);
  const waiting = here.filter(({ status }) => resumableStatuses.includes(status));
  if (waiting.length > 0) {
    terminal.err(`Resuming ${count(waiting.length, 'run')}.\n`);
    await workbench.call('control', { action: 'resume', runIds: waiting.map(({ id }) => id) });
  }
  const started = missing.length === 0 ? [] : await startArms(workbench, job, missing, context);
  if (started === null) return null;
  const ids = new Set([...here.map(({ id }) => id), ...started]);
  const runs = inStudyOrder(job.asked, await workbench.call('runs', null), ids);
  await followed(workbench, runs, context);
  const ended: RunWithCurve[] = [];
  for (const run of inStudyOrder(job.asked, await workbench.call('runs', null), ids)) {
    ended.push({ run, curve: await workbench.readCurve(run.id) });
  }
  const { svg, caption } = studyFigure(job.study.title, ended);
  const figure = `${job.study.id}.svg`;
  const part = fidelityPart({
    preset: job.preset.study.id,
    scale: job.scale,
    study: job.asked,
    studyHash: job.studyHash,
    seedsAsked: context.seeds,
    runs: ended,
    claims: evaluateClaims(job.asked, ended),
    figure,
    caption,
  });
  await written(join(place.folder, figure), svg);
  await written(partFile(place.folder, job.study.id), `${JSON.stringify(part, null, 2)}\n`);
  return part;
}

/** Starts these arms of the study; returns their runs' ids, null where the user has stopped it before. */
async function startArms(
  workbench: Workbench,
  job: Job,
  arms: readonly string[],
  { seeds, options, terminal, stop }: JobContext,
): Promise<readonly string[] | null> {
  const request = {
    study: job.study,
    arms: [...arms],
    ...(seeds === null ? {} : { seeds }),
    ...(options.device === undefined ? {} : { device: options.device }),
  };
  const { runs, seconds } = await workbench.call('estimate', request);
  terminal.err(`${count(runs, 'run')}, about ${formatSeconds(seconds)} on this machine.\n`);
  if (stop.asked) return null;
  const { studyId } = await workbench.call('startStudy', request);
  return (await studyRecord(workbench, studyId)).runIds;
}

/** These runs, arm by arm in the study's order. */
function inStudyOrder({ arms }: Study, runs: readonly RunRecord[], ids: ReadonlySet<string>): RunRecord[] {
  return arms.flatMap(({ id }) => runs.filter((run) => run.armId === id && ids.has(run.id)));
}

async function followed(
  workbench: Workbench,
  runs: readonly RunRecord[],
  { terminal, stop, setSay }: JobContext,
): Promise<void> {
  const view = new ProgressView(terminal, [...runs]);
  setSay((text) => {
    view.say(text);
  });
  try {
    const ids = runs.map(({ id }) => id);
    await follow(workbench, ids, view, stop);
  } finally {
    view.end();
    setSay((text) => terminal.err(`${text}\n`));
  }
}

/** Writes the report anew from all parts whose study is the one that is shipped. */
async function writeReport(presets: readonly Preset[], place: ReportPlace): Promise<void> {
  const parts: ReportPart[] = [];
  const missing: string[] = [];
  for (const preset of presets) {
    for (const { study, scale } of scalesOf(preset)) {
      const part = await readPart(place.folder, study.id);
      const name = `${preset.study.id}, ${scale} scale`;
      if (part === null) missing.push(`${name}: not run yet`);
      else if (!isOf(part, study)) {
        missing.push(
          `${name}: its study has changed since it was run (${part.endedAt ?? 'at an unknown time'})`,
        );
      } else {
        parts.push({ part, figure: `fidelity/${part.figure}`, explanation: explanationIn(preset.notes) });
      }
    }
  }
  const createdAt = new Date().toISOString();
  await written(place.markdown, reportMarkdown({ parts, missing, createdAt }));
  const document = { schemaVersion: 1, createdAt, parts: parts.map(({ part }) => part), missing };
  await written(join(place.folder, 'report.json'), `${JSON.stringify(document, null, 2)}\n`);
}

async function written(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new LatebloomError(
      (error as NodeJS.ErrnoException).code === 'ENOSPC' ? 'disk-full' : 'not-allowed',
      `The report could not be written to ${path}: ${(error as Error).message}.`,
      'The runs are kept: latebloom fidelity --resume',
      { cause: error },
    );
  }
}
