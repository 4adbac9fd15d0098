/** A host process for the tests to kill: node fake-host.mjs <home> <trainer entry> <study JSON>. Checkpoints are frequent. */
import type { Study } from '../../../shared/study.ts';
import { nodeForkTrainer } from '../../../main/scheduler/fork-trainer.ts';
import { Workbench } from '../../../main/workbench.ts';

const [home, trainer, json] = process.argv.slice(2) as [string, string, string];
const workbench = await Workbench.open({
  home,
  cores: 2,
  checkpointEvery: 0.1,
  forkTrainer: nodeForkTrainer(trainer),
});
workbench.subscribe((event) => {
  if (event.type === 'batch') console.log(JSON.stringify({ runId: event.batch.runId, seq: event.batch.seq }));
});
await workbench.call('startStudy', { study: JSON.parse(json) as Study });
