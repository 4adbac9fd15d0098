/** `latebloom presets`, `runs`, `devices`: what there is. */
import type { DeviceReport } from '../../shared/api.ts';
import { formatEffort, NO_VALUE } from '../../shared/format.ts';
import { effortUnitOf, familyOf } from '../../shared/model-spec.ts';
import { armWords, repeatWords, runCount } from '../../shared/sweep.ts';
import { DONE } from './failure.ts';
import { formatTable } from './format.ts';
import { printJson, type Terminal } from './terminal.ts';

interface JsonOption {
  json?: boolean;
}

export async function presetsCommand({ json }: JsonOption, terminal: Terminal): Promise<number> {
  const { readPresets } = await import('../presets.ts');
  const presets = (await readPresets()).map(({ study }) => ({
    id: study.id,
    title: study.title,
    question: study.question,
    paper: study.paper,
    runs: runCount(study),
    arms: study.arms.map((arm) => ({
      id: arm.id,
      title: arm.title,
      family: familyOf[arm.model.kind],
      seeds: arm.seeds,
      sweep: arm.sweep ?? [],
      repeats: repeatWords(arm),
      maxEffort: arm.budget.maxEffort,
      effortUnit: effortUnitOf(arm.model.kind),
    })),
    claims: study.claims.length,
  }));
  if (json === true) {
    printJson(terminal, { presets });
    return DONE;
  }
  for (const preset of presets) {
    terminal.out(`${preset.id}  ${preset.title}\n  ${preset.question}\n`);
    if (preset.paper !== null) terminal.out(`  ${preset.paper.citation}, arXiv:${preset.paper.arxiv}\n`);
    for (const arm of preset.arms) {
      terminal.out(
        `  ${arm.id}: ${arm.title}; ${arm.repeats}, ${formatEffort(arm.maxEffort)} ${arm.effortUnit}s each\n`,
      );
    }
    terminal.out('\n');
  }
  terminal.out('Run one with: latebloom run <preset>\n');
  return DONE;
}

export async function runsCommand({ json }: JsonOption, terminal: Terminal): Promise<number> {
  const { withWorkbench } = await import('./host.ts');
  const [studies, runs] = await withWorkbench(
    (text) => terminal.err(`${text}\n`),
    async (workbench) => Promise.all([workbench.call('studies', null), workbench.call('runs', null)]),
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
        run.error?.message ?? run.note ?? '',
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
