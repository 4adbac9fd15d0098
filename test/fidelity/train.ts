/** Trains an arm in this process and records its curve, for the checks against the papers. */
import { readPresets } from '../../main/presets.ts';
import { RecordSchedule } from '../../main/scheduler/record-schedule.ts';
import { createLearner } from '../../main/training/registry.ts';
import type { RunWithCurve } from '../../shared/delay-table.ts';
import type { Arm, Study } from '../../shared/study.ts';
import { curveOf, runOf } from '../unit/shared/support.ts';

export async function presetStudy(id: string): Promise<Study> {
  const preset = (await readPresets()).find(({ study }) => study.id === id);
  if (preset === undefined) throw new Error(`No preset ${id}.`);
  return preset.study;
}

export function armOf(study: Study, id: string): Arm {
  const arm = study.arms.find((candidate) => candidate.id === id);
  if (arm === undefined) throw new Error(`The study ${study.id} has no arm ${id}.`);
  return arm;
}

/** A whole run of the arm at its full budget, recorded as the scheduler records it. */
export async function trainRun(arm: Arm, seed: number, threads = 1): Promise<RunWithCurve> {
  const learner = await createLearner(arm, seed, { threads, device: null });
  const schedule = new RecordSchedule(arm.record, arm.budget);
  const efforts: number[] = [];
  const rows: Float64Array[] = [];
  try {
    for (let next = schedule.next(-1); next !== null; next = schedule.next(next)) {
      while (learner.effort < next) await learner.advance(next, Infinity);
      efforts.push(next);
      rows.push(await learner.evaluate());
    }
    const columns = learner.columns.map(
      ({ name }, j) => [name, rows.map((row) => row[j] as number)] as const,
    );
    return runOf(arm, seed, curveOf(efforts, Object.fromEntries(columns)));
  } finally {
    await learner.dispose();
  }
}

export async function trainSeeds(arm: Arm, threads = 1): Promise<RunWithCurve[]> {
  const runs: RunWithCurve[] = [];
  for (const seed of arm.seeds) runs.push(await trainRun(arm, seed, threads));
  return runs;
}

/** The mean over runs of a column at an effort that all of them recorded. */
export function meanAt(runs: readonly RunWithCurve[], column: string, effort: number): number {
  const values = runs.map(({ run, curve }) => {
    const row = curve.columns['effort']?.indexOf(effort) ?? -1;
    const value = curve.columns[column]?.[row];
    if (value === undefined) throw new Error(`Run ${run.id} has no ${column} at effort ${effort}.`);
    return value;
  });
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
