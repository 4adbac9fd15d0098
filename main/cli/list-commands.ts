/** `latebloom presets`, `runs`, `devices`: what there is. */
import type { DeviceReport, KeptCheckpoints } from '../../shared/api.ts';
import { formatBytes, formatEffort, NO_VALUE } from '../../shared/format.ts';
import { effortUnitOf, familyOf } from '../../shared/model-spec.ts';
import { endedEarly } from '../../shared/run.ts';
import { armWords, repeatWords, runCount } from '../../shared/sweep.ts';
import { changesOf, scalesOf, type Preset } from '../../shared/preset.ts';
import type { Study } from '../../shared/study.ts';
import { DONE } from './failure.ts';
import { count, formatSeconds, formatTable } from './format.ts';
import { printJson, type Terminal } from './terminal.ts';

interface JsonOption {
  json?: boolean;
}

/** @param options `estimate`: also how long each scale takes on this machine, measured where that is not known yet */
export async function presetsCommand(
  { json, estimate }: JsonOption & { estimate?: boolean },
  terminal: Terminal,
): Promise<number> {
  const { readPresets } = await import('../presets.ts');
  const all = await readPresets();
  const seconds = estimate === true ? await estimates(all, terminal) : null;
  const presets = all.map((preset) => ({
    id: preset.study.id,
    title: preset.study.title,
    question: preset.study.question,
    paper: preset.study.paper,
    scales: scalesOf(preset).map(({ scale, study }) => ({
      scale,
      ...listed(study),
      ...(seconds === null ? {} : { secondsHere: seconds.get(study.id) ?? null }),
    })),
  }));
  if (json === true) {
    printJson(terminal, { presets });
    return DONE;
  }
  for (const preset of presets) {
    terminal.out(`${preset.id}  ${preset.title}\n  ${preset.question}\n`);
    const { paper } = preset;
    if (paper !== null) terminal.out(`  ${paper.citation} arXiv:${paper.arxiv}\n`);
    for (const { scale, runs, claims, changes, arms, ...rest } of preset.scales) {
      const chosen =
        preset.scales.length > 1 && scale === preset.scales[0]?.scale ? ', unless told otherwise' : '';
      const time = 'secondsHere' in rest ? `, about ${formatSeconds(rest.secondsHere ?? NaN)} here` : '';
      terminal.out(`  ${scale} scale${chosen}: ${count(runs, 'run')}${time}, ${count(claims, 'claim')}\n`);
      for (const change of changes) terminal.out(`    changed: ${change}\n`);
      for (const arm of arms) {
        const efforts = `${formatEffort(arm.maxEffort)} ${arm.effortUnit}s`;
        const each =
          arm.stopAfterGeneralization === null
            ? `${efforts} each`
            : `up to ${efforts}, less once generalized`;
        terminal.out(`    ${arm.id}: ${arm.title}; ${arm.repeats}, ${each}\n`);
      }
    }
    terminal.out('\n');
  }
  terminal.out('Run one with: latebloom run <preset> [--scale cpu|paper]\n');
  return DONE;
}

/** Seconds of every scale of every preset on this machine: study id → seconds. */
async function estimates(presets: readonly Preset[], terminal: Terminal): Promise<Map<string, number>> {
  const { withWorkbench } = await import('./host.ts');
  return withWorkbench(
    (text) => terminal.err(`${text}\n`),
    async (workbench) => {
      const seconds = new Map<string, number>();
      for (const { study } of presets.flatMap(scalesOf)) {
        terminal.err(`Measuring ${study.id}.\n`);
        seconds.set(study.id, (await workbench.call('estimate', { study })).seconds);
      }
      return seconds;
    },
  );
}

/** A study at one scale, for lists. */
function listed(study: Study) {
  return {
    study: study.id,
    runs: runCount(study),
    claims: study.claims.length,
    changes: changesOf(study),
    arms: study.arms.map((arm) => ({
      id: arm.id,
      title: arm.title,
      family: familyOf[arm.model.kind],
      seeds: arm.seeds,
      sweep: arm.sweep ?? [],
      repeats: repeatWords(arm),
      maxEffort: arm.budget.maxEffort,
      stopAfterGeneralization: arm.budget.stopAfterGeneralization ?? null,
      effortUnit: effortUnitOf(arm.model.kind),
    })),
  };
}

/** @param options `dropCheckpoints`: first delete those that ended runs keep */
export async function runsCommand(
  { json, dropCheckpoints }: JsonOption & { dropCheckpoints?: boolean },
  terminal: Terminal,
): Promise<number> {
  const { withWorkbench } = await import('./host.ts');
  const [studies, runs] = await withWorkbench(
    (text) => terminal.err(`${text}\n`),
    async (workbench) => {
      if (dropCheckpoints === true) {
        terminal.err(droppedWords(await workbench.call('dropCheckpoints', null)));
      }
      return Promise.all([workbench.call('studies', null), workbench.call('runs', null)]);
    },
  );
  if (json === true) {
    const listed = studies.map(({ id, study, createdAt, runIds, imported }) => ({
      id,
      title: study.title,
      createdAt,
      runIds,
      imported,
    }));
    printJson(terminal, { studies: listed, runs });
    return DONE;
  }
  if (studies.length === 0) terminal.out('No studies yet. Start one with: latebloom run <preset>\n');
  for (const study of studies) {
    const origin = study.imported === null ? '' : `, imported ${study.imported.importedAt}`;
    terminal.out(`${study.id}  ${study.study.title}\n  started ${study.createdAt}${origin}\n`);
    const rows = runs
      .filter((run) => run.studyId === study.id)
      .map((run) => [
        armWords(run.armId, run.point),
        String(run.seed),
        run.status,
        run.effort < 0 ? NO_VALUE : formatEffort(run.effort),
        formatEffort(run.arm.budget.maxEffort),
        run.error?.message ?? run.note ?? (endedEarly(run) ? 'ended once it had generalized' : ''),
      ]);
    const columns = [
      { header: 'arm' },
      { header: 'seed', align: 'right' },
      { header: 'status' },
      { header: 'effort', align: 'right' },
      { header: 'budget', align: 'right' },
      { header: '' },
    ] as const;
    terminal.out(`${indent(formatTable(columns, rows))}\n`);
  }
  return DONE;
}

function droppedWords({ finished, stopped, bytes }: KeptCheckpoints): string {
  if (finished + stopped === 0) return 'No ended run keeps a checkpoint: nothing was deleted.\n';
  const runs = `${count(finished, 'finished run')} and ${count(stopped, 'stopped run')}`;
  return `Deleted the last checkpoints of ${runs}: ${formatBytes(bytes)}.\n`;
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}

/** Tried in trainer processes, without a data folder. */
async function triedDevices(): Promise<DeviceReport[]> {
  const [{ Devices }, { TrainerPool }, { nodeForkTrainer }] = await Promise.all([
    import('../devices.ts'),
    import('../scheduler/trainer-pool.ts'),
    import('../scheduler/fork-trainer.ts'),
  ]);
  const pool = new TrainerPool(nodeForkTrainer());
  try {
    return await new Devices(pool).list();
  } finally {
    await pool.close();
  }
}

export interface DevicesOptions extends JsonOption {
  fetchCuda?: boolean;
}

export async function devicesCommand(
  { json, fetchCuda }: DevicesOptions,
  terminal: Terminal,
): Promise<number> {
  if (fetchCuda === true) {
    const cuda = await import('./fetch-cuda.ts');
    await cuda.fetchCuda(terminal);
  }
  const devices = await triedDevices();
  if (json === true) {
    printJson(terminal, { devices });
    return DONE;
  }
  for (const { id, title, available, reason } of devices) {
    terminal.out(`${id}  ${title}\n  ${available ? 'available' : 'not available'}: ${reason}\n`);
  }
  return DONE;
}
