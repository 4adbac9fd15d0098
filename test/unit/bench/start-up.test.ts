import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { benchJob } from '../../../main/bench/jobs.ts';
import { startUpSeconds } from '../../../main/bench/start-up.ts';
import { buildProgram, removePrograms, root } from '../scheduler/processes.ts';

afterAll(removePrograms);

it('times a study from its start to the first step, in a trainer process', async () => {
  const program = await buildProgram('trainer', join(root, 'main'));
  const seconds = await startUpSeconds((await benchJob('T')).arm, program);
  // A process has to start: it cannot be nothing.
  expect(seconds).toBeGreaterThan(0.01);
});

it('says why there was no first step', async () => {
  await expect(startUpSeconds((await benchJob('T')).arm, '/nowhere/trainer.mjs')).rejects.toThrow(
    /trainer program \/nowhere\/trainer\.mjs is missing|run of one step failed/,
  );
});
