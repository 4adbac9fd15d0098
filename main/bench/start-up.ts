/** From starting a study to the first step of its run: a trainer process, its data set, its compiled graph. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseStudy, STUDY_SCHEMA_VERSION, type Arm } from '../../shared/study.ts';
import { nodeForkTrainer } from '../scheduler/fork-trainer.ts';
import { Workbench } from '../workbench.ts';

/** Seconds until the row of the first step has arrived, in a data folder of its own. @throws Error when the run fails */
export async function startUpSeconds(arm: Arm, trainerProgram?: string): Promise<number> {
  const home = mkdtempSync(join(tmpdir(), 'latebloom-start-'));
  const workbench = await Workbench.open({ home, forkTrainer: nodeForkTrainer(trainerProgram) });
  try {
    const study = parseStudy({
      schemaVersion: STUDY_SCHEMA_VERSION,
      id: 'start-up',
      title: 'Start-up',
      question: 'How long until the first step?',
      paper: null,
      arms: [{ ...arm, seeds: [0], budget: { maxEffort: 1 } }],
      claims: [],
    });
    const started = performance.now();
    const stepped = new Promise<number>((resolve, reject) => {
      const unsubscribe = workbench.subscribe((event) => {
        const failed = event.type === 'run' && ['failed', 'interrupted'].includes(event.run.status);
        if (failed) reject(new Error(`The run of one step failed: ${event.run.note ?? 'no reason'}`));
        const done = event.type === 'batch' && (event.batch.columns['effort']?.at(-1) ?? 0) >= 1;
        if (done) resolve((performance.now() - started) / 1000);
        if (failed || done) unsubscribe();
      });
    });
    await workbench.call('startStudy', { study });
    return await stepped;
  } finally {
    await workbench.close();
    rmSync(home, { recursive: true, force: true });
  }
}
