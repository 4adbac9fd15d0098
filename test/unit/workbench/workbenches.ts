/** Workbenches on a data folder of each test's own, with trainers of the fake learner; closed and removed after it. */
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { nodeForkTrainer } from '../../../main/scheduler/fork-trainer.ts';
import { Workbench, type WorkbenchOptions } from '../../../main/workbench.ts';
import { buildProgram, removePrograms, temporaryFolder } from '../scheduler/processes.ts';

export interface Workbenches {
  /** The data folder of the test that is going. */
  readonly home: string;
  /** The trainer's program. */
  readonly trainer: string;
  /** Not closed yet, the last one last. */
  readonly opened: Workbench[];
  open: (options?: Partial<WorkbenchOptions>) => Promise<Workbench>;
}

/** Registers the hooks of a file of tests. @param defaults what its workbenches are opened with */
export function workbenches(defaults: Partial<WorkbenchOptions>): Workbenches {
  let trainer = '';
  let folder: ReturnType<typeof temporaryFolder>;
  const opened: Workbench[] = [];

  beforeAll(async () => {
    trainer = await buildProgram('fake-trainer');
  });
  afterAll(removePrograms);
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((workbench) => workbench.close()));
    folder.remove();
  });

  return {
    get home() {
      return folder.path;
    },
    get trainer() {
      return trainer;
    },
    opened,
    open: async (options = {}) => {
      const forkTrainer = nodeForkTrainer(trainer);
      const workbench = await Workbench.open({ home: folder.path, forkTrainer, ...defaults, ...options });
      opened.push(workbench);
      return workbench;
    },
  };
}
