/** `latebloom extend`: more budget for ended runs, which go on from their last checkpoints and are followed to their end. */
import { analyseDelay } from '../../shared/delay.ts';
import { LatebloomError } from '../../shared/errors.ts';
import { extensionRefusal } from '../../shared/extend.ts';
import { formatEffort } from '../../shared/format.ts';
import type { RunRecord, StudyRecord } from '../../shared/run.ts';
import { MAX_EFFORT } from '../../shared/effort.ts';
import type { Workbench } from '../workbench.ts';
import { count } from './format.ts';
import { runsOf, studyRecord } from './host.ts';
import { runToEnd } from './run-command.ts';
import { integerOption } from './study-source.ts';
import type { Terminal } from './terminal.ts';

export interface ExtendOptions {
  maxEffort: string;
  censored?: boolean;
  recompute?: boolean;
  cores?: string;
  json?: boolean;
}

/** @param source id of a run, or of a study: then all its finished runs that can have the new budget */
export async function extendCommand(
  source: string,
  options: ExtendOptions,
  terminal: Terminal,
): Promise<number> {
  const maxEffort = integerOption('--max-effort', options.maxEffort, 2, MAX_EFFORT);
  return runToEnd(
    async (workbench) => {
      const { study, runs } = await chosenRuns(workbench, source, maxEffort, options, terminal);
      await workbench.call('extend', {
        runIds: runs.map((run) => run.id),
        maxEffort,
        ...(options.recompute === true ? { recompute: true } : {}),
      });
      terminal.err(
        `Extending ${count(runs.length, 'run')} of ${study.id} to ${formatEffort(maxEffort)}. Ctrl-C stops and keeps what was computed.\n`,
      );
      return study;
    },
    options,
    terminal,
  );
}

interface Chosen {
  study: StudyRecord;
  runs: RunRecord[];
}

/** @throws NotFoundError, LatebloomError 'conflict' when no run is left */
async function chosenRuns(
  workbench: Workbench,
  source: string,
  maxEffort: number,
  { censored = false }: ExtendOptions,
  terminal: Terminal,
): Promise<Chosen> {
  const one = (await workbench.call('runs', null)).find((run) => run.id === source);
  const study = await studyRecord(workbench, one?.studyId ?? source);
  if (one !== undefined) return { study, runs: [one] };
  const runs: RunRecord[] = [];
  for (const run of await runsOf(workbench, study)) {
    if (run.status !== 'finished') continue;
    if (censored && !(await isCensored(workbench, run))) continue;
    const refusal = extensionRefusal(run, study.imported !== null, maxEffort);
    if (refusal === null) runs.push(run);
    else terminal.err(`Left out: ${refusal}\n`);
  }
  if (runs.length > 0) return { study, runs };
  throw new LatebloomError(
    'conflict',
    `No ${censored ? 'censored' : 'finished'} run of ${study.id} can be extended to ${formatEffort(maxEffort)}.`,
    'List its runs: latebloom runs.',
  );
}

/** Whether it did not generalize within its budget. */
async function isCensored(workbench: Workbench, run: RunRecord): Promise<boolean> {
  const curve = await workbench.readCurve(run.id);
  return analyseDelay(curve, run.arm.thresholds).generalization.kind === 'censored';
}
