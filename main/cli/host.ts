/** One workbench for the length of a command. */
import { existsSync } from 'node:fs';
import type { HostEvent } from '../../shared/api.ts';
import { evaluateClaims } from '../../shared/claims.ts';
import { delayTable, type RunWithCurve } from '../../shared/delay-table.ts';
import { NotFoundError } from '../../shared/errors.ts';
import type { RunRecord, StudyRecord } from '../../shared/run.ts';
import { resolveHome } from '../home.ts';
import { Workbench } from '../workbench.ts';
import type { DelayReport } from './delays-text.ts';
import { checkBundlePath } from './study-source.ts';
import type { Terminal } from './terminal.ts';

/** Opens the data folder, hands it to `task`, and gives it back in any case. `notice` hears what the host says. */
export async function withWorkbench<T>(
  notice: (text: string) => void,
  task: (workbench: Workbench) => Promise<T>,
  options: { cores?: number } = {},
): Promise<T> {
  const workbench = await Workbench.open({ home: resolveHome(), ...options });
  const unsubscribe = workbench.subscribe((event: HostEvent) => {
    if (event.type === 'notice') notice(event.message);
  });
  try {
    return await task(workbench);
  } finally {
    unsubscribe();
    await workbench.close();
  }
}

/** @throws NotFoundError */
export async function studyRecord(workbench: Workbench, studyId: string): Promise<StudyRecord> {
  const studies = await workbench.call('studies', null);
  const found = studies.find((study) => study.id === studyId);
  if (found !== undefined) return found;
  const known = studies.map((study) => study.id).join(', ');
  throw new NotFoundError(
    `There is no study "${studyId}" here.`,
    known === '' ? 'This data folder holds no studies yet.' : `Studies here: ${known}.`,
  );
}

/** The records of a study's runs, in the study's order. */
export async function runsOf(workbench: Workbench, study: StudyRecord): Promise<RunRecord[]> {
  const runs = new Map((await workbench.call('runs', null)).map((run) => [run.id, run]));
  return study.runIds.flatMap((id) => runs.get(id) ?? []);
}

/**
 * What the stored runs of a study say, from its id or its bundle's path. A bundle is read without touching the data folder.
 * @throws NotFoundError, BundleError
 */
export async function readReport(source: string, terminal: Terminal): Promise<DelayReport> {
  if (existsSync(source)) {
    const { readBundle } = await import('../bundle/index.ts');
    await checkBundlePath(source);
    const { study, runs } = await readBundle(source);
    return delayReport(study, runs);
  }
  return withWorkbench(
    (text) => terminal.err(`${text}\n`),
    async (workbench) => delaysOf(workbench, await studyRecord(workbench, source)),
  );
}

/** A study's delays, read from the journals. */
export async function delaysOf(workbench: Workbench, study: StudyRecord): Promise<DelayReport> {
  const runs: RunWithCurve[] = [];
  for (const run of await runsOf(workbench, study)) {
    runs.push({ run, curve: await workbench.readCurve(run.id) });
  }
  return delayReport(study, runs);
}

export function delayReport({ id, study }: StudyRecord, runs: readonly RunWithCurve[]): DelayReport {
  return { studyId: id, study, runs, table: delayTable(runs), claims: evaluateClaims(study, runs) };
}
