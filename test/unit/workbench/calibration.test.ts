import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Calibration, otherWork } from '../../../main/calibration.ts';
import { environmentRecord } from '../../../main/environment.ts';
import { newStudyRecords } from '../../../main/start-study.ts';
import type { FromTrainer, TrainerHandle } from '../../../main/scheduler/protocol.ts';
import { TrainerPool } from '../../../main/scheduler/trainer-pool.ts';
import type { HostEvent } from '../../../shared/api.ts';
import { fakeStudy } from '../scheduler/fake-learner.ts';
import { temporaryFolder } from '../scheduler/processes.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  folder.remove();
});

const environment = { ...environmentRecord(), cpu: 'Abacus 3' };

/** A trainer that claims 10 ms per update and 1 s per row, and counts how often it was asked. */
function fakePool(): { pool: TrainerPool; asked: number[] } {
  const asked: number[] = [];
  const handle = (): TrainerHandle => {
    let listener: (message: FromTrainer) => void = () => undefined;
    return {
      send: (message) => {
        if (message.type !== 'calibrate') return;
        asked.push(message.seconds);
        const { id, seconds } = message;
        queueMicrotask(() => {
          listener({ type: 'calibrated', id, secondsPerUpdate: 0.01, secondsPerRecord: 1, seconds });
        });
      },
      onMessage: (added) => {
        listener = added;
      },
      onExit: () => undefined,
      kill: () => undefined,
    };
  };
  return { pool: new TrainerPool(handle), asked };
}

async function open(disturbance: () => string | null = () => null) {
  const { pool, asked } = fakePool();
  const events: HostEvent[] = [];
  const emit = (event: HostEvent): void => {
    events.push(event);
  };
  return {
    calibration: await Calibration.open(folder.path, { pool, environment, cores: 2, disturbance, emit }),
    asked,
    events,
  };
}

const study = fakeStudy([{ maxEffort: 100, every: 50, seeds: [0, 1, 2] }]);

describe('an estimate', () => {
  it('counts updates, recorded rows and slots, and is measured once per machine', async () => {
    const { calibration, asked } = await open();
    const estimate = await calibration.estimate(study, null);
    // Rows at 0, 1, 2, 3, 4, 6, 10, 16, 25, 40, 50, 63, 100: 13 s, and 100 updates: 1 s. Three runs in two slots.
    expect(estimate).toEqual({
      runs: 3,
      slots: 2,
      seconds: 28,
      arms: [
        {
          armId: 'arm-0',
          runs: 3,
          secondsPerRun: 14,
          effortsPerSecond: 100 / 14,
          basis: 'measured for 1.0 s on Abacus 3, 1 thread',
        },
      ],
    });
    const again = await open();
    expect(await again.calibration.estimate(study, null)).toEqual(estimate);
    expect([asked, again.asked]).toEqual([[1], []]);
  });

  it('is shorter and says so on a busy machine, and is made again on a quiet one', async () => {
    let busy: string | null = 'another run was going';
    const { calibration, asked } = await open(() => busy);
    const basis = async () => (await calibration.estimate(study, null)).arms[0]?.basis;
    const hurried =
      'measured for 0.2 s on Abacus 3, 1 thread, while another run was going: the true time is likely shorter';
    expect(await basis()).toBe(hurried);
    expect(await basis()).toBe(hurried);
    expect(asked).toEqual([0.2]);
    busy = null;
    expect(await basis()).toBe('measured for 1.0 s on Abacus 3, 1 thread');
    expect(asked).toEqual([0.2, 1]);
  });

  it('prefers finished runs, which count recording as it was', async () => {
    const { calibration } = await open();
    const [run] = newStudyRecords(study, environment).runs;
    if (run === undefined) throw new Error('no run');
    await calibration.learnFrom({ ...run, effort: 100, latest: { seconds: 4 } }, null);
    await calibration.learnFrom({ ...run, effort: 100, latest: { seconds: 6 } }, null);
    const { arms } = await calibration.estimate(study, null);
    expect(arms[0]).toMatchObject({ secondsPerRun: 5, basis: 'from 2 finished runs on this machine' });
    const elsewhere = fakeStudy([{ maxEffort: 100, every: 7 }]);
    expect((await calibration.estimate(elsewhere, null)).arms[0]?.basis).toMatch(/^measured/);
  });

  it('starts afresh from a file that is not JSON', async () => {
    writeFileSync(join(folder.path, 'calibration.json'), '{"half');
    const { calibration, asked } = await open();
    await calibration.estimate(study, null);
    expect(asked).toEqual([1]);
  });
});

describe('other work', () => {
  it('is runs that are going, or a load beyond the cores', () => {
    expect(otherWork(0, 2, 2.4)).toBeNull();
    expect(otherWork(1, 2, 0)).toBe('another run was going');
    expect(otherWork(3, 2, 0)).toBe('3 other runs were going');
    expect(otherWork(0, 2, 5.71)).toBe('the machine had other work (load 5.7 on 2 cores)');
  });
});
