/** `latebloom delays`, `export`, `verify`, `import`: studies as files. */
import { existsSync, statSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ImportPreview, ImportResponse } from '../../shared/api.ts';
import { InputError, LatebloomError } from '../../shared/errors.ts';
import type { RerunResult } from '../rerun.ts';
import { delayJson, delayText } from './delays-text.ts';
import { DONE, FAILED } from './failure.ts';
import { count, formatSeconds } from './format.ts';
import { checkBundlePath, integerOption } from './study-source.ts';
import { printJson, type Terminal } from './terminal.ts';

interface JsonOption {
  json?: boolean;
}

/** @param source a study's id, or a bundle's path; a bundle is read without touching the data folder */
export async function delaysCommand(
  source: string,
  { json }: JsonOption,
  terminal: Terminal,
): Promise<number> {
  const { readReport } = await import('./host.ts');
  const report = await readReport(source, terminal);
  if (json === true) printJson(terminal, delayJson(report));
  else terminal.out(`${report.studyId}  ${report.study.title}\n\n${delayText(report)}`);
  return DONE;
}

export interface ExportOptions extends JsonOption {
  output: string;
  licence?: string;
  author?: string;
}

export async function exportCommand(
  studyId: string,
  options: ExportOptions,
  terminal: Terminal,
): Promise<number> {
  const { NO_AUTHOR, NO_LICENCE, parseAuthor, parseLicence } = await import('../bundle/licence.ts');
  const licence = parseLicence(options.licence ?? NO_LICENCE).id;
  const author = parseAuthor(options.author ?? NO_AUTHOR);
  const { studyRecord, withWorkbench } = await import('./host.ts');
  const folderGiven = existsSync(options.output) && statSync(options.output).isDirectory();
  const { file, bytes, manifestHash } = await withWorkbench(
    (text) => terminal.err(`${text}\n`),
    async (workbench) => {
      await studyRecord(workbench, studyId);
      return workbench.exportTo({ studyId, licence, author }, (fileName) =>
        folderGiven ? join(options.output, fileName) : options.output,
      );
    },
  );
  if (options.licence === undefined || options.author === undefined) {
    terminal.err(
      'The bundle states no licence or no author: others may check it, but not reuse or cite it.\n' +
        'State both before you publish it: --licence CC-BY-4.0 --author "Your Name".\n',
    );
  }
  if (options.json === true) printJson(terminal, { file, bytes, manifestHash });
  else
    terminal.out(`Wrote ${file} (${bytes.toLocaleString('en-US')} bytes).\nManifest hash: ${manifestHash}\n`);
  return DONE;
}

/** The file appears whole or not at all. @throws LatebloomError */
async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${file}.${process.pid}.part`;
  try {
    await mkdir(dirname(file), { recursive: true });
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    throw new LatebloomError(
      code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'not-allowed',
      `${file} cannot be written: ${message}.`,
      'Free some space, or choose another place.',
      { cause: error },
    );
  }
}

export interface VerifyOptions extends JsonOption {
  rerun?: boolean;
  runs?: string;
}

/** Checks a bundle, and with --rerun computes its runs again. Returns 1 for a damaged one and for another curve. */
export async function verifyCommand(
  file: string,
  { json, rerun, runs }: VerifyOptions,
  terminal: Terminal,
): Promise<number> {
  const most = runs === undefined ? Infinity : integerOption('--runs', runs, 1, 1_000_000);
  if (runs !== undefined && rerun !== true)
    throw new InputError('The command', [
      { path: '--runs', value: runs, expected: '--rerun beside it, which it counts the runs of' },
    ]);
  const { NOT_RUN, verifyBundle } = await import('../bundle/index.ts');
  await checkBundlePath(file);
  const report = await verifyBundle(file);
  if (json === true) {
    const again = rerun === true && report.ok ? await rerunRuns(file, most, () => undefined) : null;
    printJson(terminal, { file, ...report, ...(again === null ? {} : { rerun: again }) });
    return report.ok && (again ?? []).every(({ difference }) => difference === null) ? DONE : FAILED;
  }
  for (const check of report.checks) {
    const outcome = check.ok ? 'ok' : check.detail === NOT_RUN ? '-' : 'FAILED';
    terminal.out(`${outcome.padEnd(6)}  ${check.name.padEnd(9)}  ${check.detail}\n`);
  }
  for (const fault of report.faults) terminal.out(`${fault.file}: ${fault.fault}\n`);
  terminal.out(
    report.ok
      ? `${file} is whole.\n`
      : `${file} is damaged: ${count(report.faults.length, 'fault')}. Do not rely on it.\n`,
  );
  if (!report.ok || rerun !== true) return report.ok ? DONE : FAILED;
  const again = await rerunRuns(file, most, (result) => {
    terminal.out(`${rerunText(result)}\n`);
  });
  const differing = again.filter(({ difference }) => difference !== null).length;
  terminal.out(
    differing === 0
      ? `${count(again.length, 'run')} computed again: the curves agree.\n`
      : `${count(again.length, 'run')} computed again: ${differing} ${differing === 1 ? 'differs' : 'differ'}.\n`,
  );
  return differing === 0 ? DONE : FAILED;
}

async function rerunRuns(
  file: string,
  most: number,
  tell: (result: RerunResult) => void,
): Promise<RerunResult[]> {
  const { openBundle } = await import('../bundle/index.ts');
  const { chooseRuns, rerun } = await import('../rerun.ts');
  const { createLearner } = await import('../training/registry.ts');
  const { environmentRecord } = await import('../environment.ts');
  const bundle = await openBundle(file);
  try {
    const results: RerunResult[] = [];
    for (const { run, read } of chooseRuns(bundle.runs, most)) {
      const result = await rerun({ run, curve: await read() }, environmentRecord(), createLearner);
      tell(result);
      results.push(result);
    }
    return results;
  } finally {
    bundle.close();
  }
}

/** "same    gp-parity.s42: 61 rows, bit for bit (3.1 s)" */
export function rerunText({
  runId,
  rows,
  tolerance,
  because,
  difference,
  largest,
  seconds,
}: RerunResult): string {
  const asked =
    tolerance === 0
      ? 'bit for bit'
      : `within ${tolerance}, largest difference ${largest.toPrecision(2)}; not bit for bit because of ${because.join('; ')}`;
  const time = formatSeconds(seconds);
  if (difference === null) return `same    ${runId}: ${count(rows, 'row')}, ${asked} (${time})`;
  const { effort, column, there, here } = difference;
  return `DIFFERS ${runId}: first at effort ${effort}, ${column}: ${there} there, ${here} here (asked for: ${asked}; ${time})`;
}

export interface ImportOptions extends JsonOption {
  dryRun?: boolean;
}

/** Returns 1 for a dry run of what could not be imported. */
export async function importCommand(
  file: string,
  { json, dryRun }: ImportOptions,
  terminal: Terminal,
): Promise<number> {
  await checkBundlePath(file);
  const { withWorkbench } = await import('./host.ts');
  return withWorkbench(
    (text) => terminal.err(`${text}\n`),
    async (workbench) => {
      if (dryRun === true) {
        const preview = await workbench.previewFrom(file);
        if (json === true) printJson(terminal, preview);
        else terminal.out(previewText(preview));
        return preview.refusal === null ? DONE : FAILED;
      }
      const response = await workbench.importFrom(file);
      if (json === true) printJson(terminal, response);
      else terminal.out(importText(response));
      return DONE;
    },
  );
}

const studyWords: Record<ImportPreview['study'], string> = {
  new: 'new here',
  extended: 'here already, runs would be added',
  same: 'here already, nothing would change',
  different: 'here already with other settings',
};

const notesWords: Record<ImportPreview['notes'], string> = {
  none: 'none in the bundle',
  new: 'would be added',
  same: 'the same are here already',
  kept: 'others are here, and would stay',
};

/** What an import would do. */
export function previewText(preview: ImportPreview): string {
  const { studyId, title, runs, environmentDifferences } = preview;
  const counts = (['new', 'same', 'different'] as const).map(
    (state) => `${runs.filter((run) => run.state === state).length} ${state}`,
  );
  const lines = [
    `${studyId}  ${title}`,
    `Study:  ${studyWords[preview.study]}.`,
    `Runs:   ${counts.join(', ')}.`,
    ...runs.map(
      ({ id, state, status, rows }) => `  ${state.padEnd(9)}  ${id}  ${status}, ${count(rows, 'row')}`,
    ),
    `Notes:  ${notesWords[preview.notes]}.`,
    ...(preview.views.length === 0 ? [] : [`Saved comparisons: ${preview.views.join(', ')}.`]),
    `Author: ${preview.author}. Licence: ${preview.licence}.`,
    `Manifest hash: ${preview.manifestHash}`,
    ...(environmentDifferences.length === 0
      ? []
      : ['It was written in another environment:', ...environmentDifferences.map((line) => `  ${line}`)]),
    preview.refusal === null
      ? 'Nothing was written. Without --dry-run it would be imported.'
      : `It cannot be imported: ${preview.refusal}`,
  ];
  return `${lines.join('\n')}\n`;
}

export interface ReportOptions extends JsonOption {
  out: string;
  licence?: string;
  author?: string;
}

/** @param source a study's id, or a bundle's path; a bundle is read without touching the data folder */
export async function reportCommand(
  source: string,
  options: ReportOptions,
  terminal: Terminal,
): Promise<number> {
  const { NO_AUTHOR, NO_LICENCE, parseAuthor, parseLicence } = await import('../bundle/licence.ts');
  const html = existsSync(source)
    ? await reportOfBundle(source, options)
    : await reportOfStudy(source, {
        licence: parseLicence(options.licence ?? NO_LICENCE).id,
        author: parseAuthor(options.author ?? NO_AUTHOR),
        terminal,
      });
  await writeWhole(options.out, new TextEncoder().encode(html));
  if (options.json === true) printJson(terminal, { file: options.out, bytes: html.length });
  else terminal.out(`Wrote ${options.out}: it opens in any browser, with no network.\n`);
  return DONE;
}

async function reportOfStudy(
  studyId: string,
  { licence, author, terminal }: { licence: string; author: string; terminal: Terminal },
): Promise<string> {
  const { studyRecord, withWorkbench } = await import('./host.ts');
  return withWorkbench(
    (text) => terminal.err(`${text}\n`),
    async (workbench) => {
      await studyRecord(workbench, studyId);
      return (await workbench.call('reportStudy', { studyId, licence, author })).html;
    },
  );
}

/** Under the licence and by the author that the bundle states, where no others are named. */
async function reportOfBundle(file: string, { licence, author }: ReportOptions): Promise<string> {
  const { openBundle } = await import('../bundle/index.ts');
  const { writeReport } = await import('../report/write.ts');
  const bundle = await openBundle(file);
  try {
    const { study, runs, findings, environment } = bundle;
    const report = await writeReport({
      study,
      runs,
      findings,
      environment,
      licence: licence ?? bundle.licence,
      author: author ?? bundle.author,
    });
    return report.html;
  } finally {
    bundle.close();
  }
}

export function importText({
  studyId,
  manifestHash,
  added,
  alreadyHere,
  environmentDifferences,
}: ImportResponse): string {
  const lines = [
    `${studyId}: ${count(added.length, 'run')} added, ${alreadyHere.length} already here.`,
    `Manifest hash: ${manifestHash}`,
  ];
  if (environmentDifferences.length > 0) {
    lines.push(
      'It was written in another environment:',
      ...environmentDifferences.map((line) => `  ${line}`),
    );
  }
  lines.push(`Look at it with: latebloom delays ${studyId}`);
  return `${lines.join('\n')}\n`;
}
