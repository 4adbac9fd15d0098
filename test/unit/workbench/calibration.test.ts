import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Calibration, otherWork } from '../../../main/calibration.ts';
import { environmentRecord } from '../../../main/environment.ts';
import { benchJob, smallJob } from '../../../main/bench/jobs.ts';
import { newStudyRecords } from '../../../main/start-study.ts';
import type { Speed } from '../../../main/scheduler/measure-speed.ts';
import type { FromTrainer, TrainerHandle } from '../../../main/scheduler/protocol.ts';
import { TrainerPool } from '../../../main/scheduler/trainer-pool.ts';
import type { HostEvent } from '../../../shared/api.ts';
import type { RunRecord } from '../../../shared/run.ts';
import type { Arm, Study } from '../../../shared/study.ts';
import type { SweepAxis } from '../../../shared/sweep-spec.ts';
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

/**
 * A trainer that claims 2 s to set up, 10 ms per update of 100 points (growing with their square) and 1 s per row; it
 * remembers how often it was asked.
 */
function fakePool(cpuShare: number): { pool: TrainerPool; asked: number[]; lanes: number[] } {
  const asked: number[] = [];
  const lanes: number[] = [];
  const handle = (): TrainerHandle => {
    let listener: (message: FromTrainer) => void = () => undefined;
    return {
      send: (message) => {
        if (message.type !== 'calibrate') return;
        asked.push(message.seconds);
        lanes.push(message.lanes);
        const { id, seconds, arm } = message;
        const points = 'points' in arm.dataset ? arm.dataset.points : 100;
        const speed: Speed = {
          secondsSetUp: 2,
          secondsPerUpdate: 0.01 * (points / 100) ** 2,
          secondsPerRecord: 1,
          secondsPerSnapshot: 0,
          seconds,
          cpuShare,
        };
        queueMicrotask(() => {
          listener({ type: 'calibrated', id, speed });
        });
      },
      onMessage: (added) => {
        listener = added;
      },
      onExit: () => undefined,
      kill: () => undefined,
    };
  };
  return { pool: new TrainerPool(handle), asked, lanes };
}

async function open(disturbance: () => string | null = () => null, cpuShare = 1) {
  const { pool, asked, lanes } = fakePool(cpuShare);
  const events: HostEvent[] = [];
  const emit = (event: HostEvent): void => {
    events.push(event);
  };
  return {
    calibration: await Calibration.open(folder.path, {
      pool,
      environment,
      cores: () => 2,
      disturbance,
      emit,
      deviceFault: async () => null,
    }),
    asked,
    lanes,
    events,
  };
}

const study = fakeStudy([{ maxEffort: 100, every: 50, seeds: [0, 1, 2] }]);

describe('an estimate', () => {
  it('counts set-up, updates, recorded rows and slots, and is measured once per machine', async () => {
    const { calibration, asked } = await open();
    const estimate = await calibration.estimate(study, null);
    // Rows at 0, 1, 2, 3, 4, 6, 10, 16, 25, 40, 50, 63, 100: 13 s, 100 updates: 1 s, set-up 2 s. Three runs in two slots.
    expect(estimate).toEqual({
      runs: 3,
      slots: 2,
      seconds: 32,
      arms: [
        {
          armId: 'arm-0',
          runs: 3,
          secondsPerRun: 16,
          secondsPerRunRange: [16, 16],
          secondsSetUp: 2,
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
      'measured for 0.5 s on Abacus 3, 1 thread, while another run was going: it takes longer as long as that lasts';
    expect(await basis()).toBe(hurried);
    expect(await basis()).toBe(hurried);
    expect(asked).toEqual([0.5]);
    busy = null;
    expect(await basis()).toBe('measured for 1.0 s on Abacus 3, 1 thread');
    expect(asked).toEqual([0.5, 1]);
  });

  it('says so where the machine left the measurement less than a core', async () => {
    const { calibration } = await open(() => null, 0.447);
    expect((await calibration.estimate(study, null)).arms[0]?.basis).toBe(
      'measured for 1.0 s on Abacus 3, 1 thread, while the machine left it 45 % of a core: it takes longer as long as that lasts',
    );
    const quiet = await open(() => null, 0.99);
    expect((await quiet.calibration.estimate(study, null)).arms[0]?.basis).toBe(
      'measured for 1.0 s on Abacus 3, 1 thread',
    );
  });

  it('prefers finished runs, which count recording as it was', async () => {
    const { calibration } = await open();
    const [run] = newStudyRecords(study, environment).runs;
    if (run === undefined) throw new Error('no run');
    await calibration.learnFrom({ ...run, effort: 100, latest: { seconds: 4 } }, null);
    await calibration.learnFrom({ ...run, effort: 100, latest: { seconds: 6 } }, null);
    const { arms } = await calibration.estimate(study, null);
    expect(arms[0]).toMatchObject({
      secondsPerRun: 5,
      secondsSetUp: 0,
      basis: 'from 2 finished runs on this machine (the slowest took 1.5 times as long as the fastest)',
    });
    const elsewhere = fakeStudy([{ maxEffort: 100, every: 7 }]);
    expect((await calibration.estimate(elsewhere, null)).arms[0]?.basis).toMatch(/^measured/);
  });

  it('takes the median of finished runs, so that one under load does not count, and their smallest set-up', async () => {
    const { calibration } = await open();
    const [run] = newStudyRecords(study, environment).runs;
    if (run === undefined) throw new Error('no run');
    const finished = (seconds: number, wall: number) => ({
      ...run,
      effort: 100,
      latest: { seconds },
      startedAt: '2026-03-04T10:00:00.000Z',
      endedAt: new Date(Date.parse('2026-03-04T10:00:00.000Z') + wall * 1000).toISOString(),
    });
    for (const [seconds, wall] of [
      [4, 4.5],
      [40, 43],
      [4.2, 5000],
    ] as const)
      await calibration.learnFrom(finished(seconds, wall), null);
    const { arms } = await calibration.estimate(study, null);
    expect(arms[0]?.secondsPerRun).toBeCloseTo(4.2 + 0.5, 12);
    expect(arms[0]?.basis).toBe(
      'from 3 finished runs on this machine (the slowest took 10.0 times as long as the fastest)',
    );
  });

  const swept = (...sweep: SweepAxis[]): Study => {
    const [arm] = study.arms;
    if (arm === undefined) throw new Error('no arm');
    return { ...study, arms: [{ ...arm, seeds: [0, 1], sweep }] };
  };

  it('measures once what costs the same at every sweep point', async () => {
    const { calibration, asked } = await open();
    const estimate = await calibration.estimate(
      swept(
        { path: 'trainer.learningRate', values: [0.1, 0.2, 0.3] },
        { path: 'trainer.weightDecay', values: [0, 1] },
      ),
      null,
    );
    expect(asked).toHaveLength(1);
    expect(estimate).toMatchObject({ runs: 12, seconds: 6 * 16 });
    expect(estimate.arms[0]).toMatchObject({ runs: 12, secondsPerRun: 16, secondsPerRunRange: [16, 16] });
  });

  it('measures each of a few sizes', async () => {
    const { calibration, asked } = await open();
    const estimate = await calibration.estimate(swept({ path: 'dataset.points', values: [100, 1000] }), null);
    expect(asked).toHaveLength(2);
    expect(estimate.arms[0]).toMatchObject({ secondsPerRun: (16 + 115) / 2, secondsPerRunRange: [16, 115] });
    expect(estimate.arms[0]?.basis).toBe('measured for 2.0 s on Abacus 3, 1 thread; 2 sizes measured');
    // Two at a time, the first seed of both points first: 16 and 115, then 16 from 16 on and 115 from 32 on.
    expect(estimate.seconds).toBe(147);
  });

  it('interpolates between the ends of an axis with many, above the truth, and says so', async () => {
    const { calibration, asked } = await open();
    const points = Array.from({ length: 20 }, (_, i) => 100 + 50 * i);
    const { arms } = await calibration.estimate(swept({ path: 'dataset.points', values: points }), null);
    expect(asked).toHaveLength(2);
    expect(arms[0]?.basis).toMatch(/; 2 of 20 sizes measured, the others interpolated$/);
    const truth = points.reduce((sum, n) => sum + 15 + (n / 100) ** 2, 0) / 20;
    expect(arms[0]?.secondsPerRunRange[0]).toBeCloseTo(16, 9);
    expect(arms[0]?.secondsPerRunRange[1]).toBeCloseTo(15 + 10.5 ** 2, 9);
    expect(arms[0]?.secondsPerRun).toBeGreaterThan(truth);
    expect(arms[0]?.secondsPerRun).toBeLessThan(2 * truth);
  });

  it('measures runs that are trained together together, and counts each trainer once', async () => {
    const { arm } = smallJob();
    const twenty = { ...arm, budget: { maxEffort: 100 }, record: { every: 50, perDecade: 5 } };
    const many: Study = { ...study, arms: [{ ...twenty, seeds: Array.from({ length: 20 }, (_, i) => i) }] };
    const { calibration, lanes } = await open();
    const estimate = await calibration.estimate(many, null);
    // Twenty runs on two cores: ten in each trainer.
    expect(lanes).toEqual([10]);
    expect(estimate).toMatchObject({ runs: 20, slots: 20, seconds: 16 });
    expect(estimate.arms[0]?.basis).toBe(
      'measured for 1.0 s on Abacus 3, 1 thread; 10 runs trained together take as long',
    );
    // A finished run has counted its part of the time.
    const [run] = newStudyRecords(many, environment).runs;
    if (run === undefined) throw new Error('no run');
    const backend = {
      engine: '',
      engineVersion: null,
      device: 'cpu',
      precision: 'float32',
      threads: 1,
      fallback: null,
    };
    const finished = { ...run, effort: 100, latest: { seconds: 0.5 } };
    await calibration.learnFrom(
      { ...finished, backend: { ...backend, lanes: 10 } as RunRecord['backend'] },
      null,
    );
    expect(await calibration.estimate(many, null)).toMatchObject({ seconds: 5 });
    const alone = await calibration.estimate({ ...many, arms: [{ ...twenty, seeds: [0] }] }, null);
    expect([alone.seconds, lanes]).toEqual([16, [10, 1]]);
  });

  it('has transformers side by side on a core each, and one alone on all cores', async () => {
    const { arm } = await benchJob('N');
    const wide = { ...arm, budget: { maxEffort: 100 }, record: { every: 50, perDecade: 5 } };
    delete (wide as Partial<Arm>).measures;
    const { calibration } = await open();
    const estimate = (seeds: number[]) =>
      calibration.estimate({ ...study, arms: [{ ...wide, seeds }] }, null);
    expect(await estimate([0])).toMatchObject({
      slots: 1,
      seconds: 16,
      arms: [{ basis: expect.stringMatching(/, 2 threads$/) as string }],
    });
    expect(await estimate([0, 1, 2])).toMatchObject({
      slots: 2,
      seconds: 32,
      arms: [{ basis: expect.stringMatching(/, 1 thread$/) as string }],
    });
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
