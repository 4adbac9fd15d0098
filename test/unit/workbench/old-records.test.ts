import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { environmentRecord } from '../../../main/environment.ts';
import { Store } from '../../../main/journal/store.ts';
import { newStudyRecords } from '../../../main/start-study.ts';
import { fakeStudy } from '../scheduler/fake-learner.ts';
import { temporaryFolder } from '../scheduler/processes.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  folder.remove();
});

it('a run.json from before there were sweeps is read as a run without a sweep point', async () => {
  const { study, runs } = newStudyRecords(fakeStudy([{ seeds: [0] }]), environmentRecord());
  const [run] = runs;
  if (run === undefined) throw new Error('no run');
  const { store } = await Store.open(folder.path);
  await store.create(study, runs, { device: null });
  const file = join(folder.path, 'studies', study.id, 'runs', run.id, 'run.json');
  const record = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  expect(record['point']).toEqual({});
  delete record['point'];
  writeFileSync(file, JSON.stringify(record));
  const again = await Store.open(folder.path);
  expect(again.problems).toEqual([]);
  expect(again.store.run(run.id)).toEqual(run);
});
