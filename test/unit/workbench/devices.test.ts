/** Engines tried by the host: in processes that may crash or hang. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Devices } from '../../../main/devices.ts';
import { devices as known } from '../../../main/engine/devices.ts';
import { nodeForkTrainer } from '../../../main/scheduler/fork-trainer.ts';
import type { ForkTrainer } from '../../../main/scheduler/protocol.ts';
import { TrainerPool } from '../../../main/scheduler/trainer-pool.ts';
import { Workbench } from '../../../main/workbench.ts';
import { fakeStudy } from '../scheduler/fake-learner.ts';
import { buildProgram, removePrograms, temporaryFolder, waitForStatus } from '../scheduler/processes.ts';

let trainer = '';
let folder: ReturnType<typeof temporaryFolder>;
beforeAll(async () => {
  trainer = await buildProgram('fake-trainer');
});
afterAll(removePrograms);
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const crashes = 'onnxruntime-cuda';

describe('a driver that takes its process with it', () => {
  it('is one that does not work, beside those that do', async () => {
    const pool = new TrainerPool(nodeForkTrainer(trainer));
    const devices = new Devices(pool);
    const reports = await devices.list();
    expect(reports.map(({ id }) => id)).toEqual(known.map(({ id }) => id));
    expect(reports.filter(({ available }) => !available)).toEqual([
      {
        id: crashes,
        title: 'ONNX Runtime on CUDA',
        available: false,
        reason: 'the process that tried it was ended by SIGSEGV',
      },
      { id: 'tfjs-node', title: 'A bad one', available: false, reason: 'it is not plugged in' },
    ]);
    expect(await devices.fault(crashes)).toMatch('SIGSEGV');
    expect(await devices.fault('tfjs-cpu')).toBeNull();
    await pool.close();
  });

  it('is not tried again by a run that asks for it: the run is told', async () => {
    const workbench = await Workbench.open({
      home: folder.path,
      cores: 2,
      forkTrainer: nodeForkTrainer(trainer),
    });
    const study = fakeStudy([{ maxEffort: 50 }]);
    const { runIds } = await workbench.call('startStudy', { study, device: crashes });
    const run = await waitForStatus(workbench, runIds[0] as string, 'finished');
    expect(run.note).toMatch(/the process that tried it was ended by SIGSEGV/);
    await workbench.close();
  });
});

describe('a driver that hangs', () => {
  it('is given up after a time, and asked once per session', async () => {
    let started = 0;
    const silent: ForkTrainer = () => {
      started++;
      let exit: (how: string) => void = () => undefined;
      return {
        send: ({ type }) => {
          if (type === 'shutdown') exit('shut down');
        },
        onMessage: () => undefined,
        onExit: (listener) => {
          exit = listener;
        },
        kill: () => {
          exit('ended by SIGKILL');
        },
      };
    };
    const devices = new Devices(new TrainerPool(silent), 1000);
    const fault = devices.fault('onnxruntime-webgpu');
    expect(await fault).toBe('it gave no answer within 1 s');
    expect(await devices.fault('onnxruntime-webgpu')).toBe('it gave no answer within 1 s');
    expect(started).toBe(1);
  });
});
