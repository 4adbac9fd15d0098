import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  checkpointKey,
  formerCheckpointKey,
  readCheckpoint,
  writeCheckpoint,
} from '../../../main/scheduler/checkpoint.ts';
import { nothingSeen } from '../../../shared/early-end.ts';
import type { ToTrainer } from '../../../main/scheduler/protocol.ts';
import { float64Backend } from '../../../main/models/float64-backend.ts';
import type { CreateLearner } from '../../../main/training/learner.ts';
import { createFakeLearner, type FakeArm } from './fake-learner.ts';
import {
  arm,
  ending,
  fast,
  pictures,
  rows,
  slow,
  train,
  trainer,
  trainerFolder,
} from './trainer-in-process.ts';

const folder = trainerFolder();

describe('a run in its trainer', () => {
  it('records effort 0, the scheduled efforts and the last one, and finishes', async () => {
    const messages = await train({ maxEffort: 25, every: 10 });
    expect(rows(messages).map((row) => row[0])).toEqual([0, 1, 2, 3, 4, 6, 10, 16, 20, 25]);
    expect(ending(messages)).toEqual({ status: 'finished', error: null });
  });

  it('goes on after a pause with the rows an uninterrupted run has', async () => {
    const whole = rows(await train(fast));
    const first = await train(slow, {}, (message, send) => {
      if (message.type === 'batch') send({ type: 'pause', runId: 'run' });
    });
    expect(ending(first)).toEqual({ status: 'paused', error: null });
    const paused = rows(first);
    expect(paused.length).toBeLessThan(whole.length);
    const last = paused[paused.length - 1]?.[0] as number;
    const second = await train(slow, { lastJournaledEffort: last });
    expect(second[0]).toMatchObject({ type: 'started', note: null });
    expect([...paused, ...rows(second)]).toEqual(whole);
  });

  it('takes the snapshots of an uninterrupted run, the grid once', async () => {
    const whole = pictures(await train(fast));
    expect(whole.map(({ effort }) => effort).slice(0, 4)).toEqual([0, 1, 2, 3]);
    expect(whole.at(-1)?.effort).toBe(1600);
    expect(whole.length).toBeLessThan(50);
    expect(whole.map(({ arrays }) => 'map.x' in arrays)).toEqual(whole.map((_, i) => i === 0));
    const first = await train(slow, {}, (message, send) => {
      if (message.type === 'batch') send({ type: 'pause', runId: 'run' });
    });
    const last = rows(first).at(-1)?.[0] as number;
    const second = await train(slow, { lastJournaledEffort: last });
    expect([...pictures(first), ...pictures(second)]).toEqual(whole);
  });

  it('sends the rows again that were never journaled, out of the checkpoint', async () => {
    const whole = rows(await train(fast));
    await train(slow, {}, (message, send) => {
      if (message.type === 'batch') send({ type: 'stop', runId: 'run' });
    });
    const second = await train(slow, { lastJournaledEffort: 14 });
    expect(second[0]).toMatchObject({ type: 'started', note: null });
    expect(second[0]?.type === 'started' && second[0].resumedFrom).toBeGreaterThan(14);
    expect(rows(second)).toEqual(whole.filter((row) => (row[0] as number) > 14));
    const snapshots = pictures(await train(fast, { checkpointPath: folder.join('none') }));
    expect(pictures(second)).toEqual(snapshots.filter(({ effort }) => effort > 14));
  });

  it('starts over, and says so, when the checkpoint lacks rows that the journal lacks too', async () => {
    const whole = rows(await train(fast));
    await train(slow, {}, (message, send) => {
      if (message.type !== 'batch') return;
      const efforts = message.columns['effort'] ?? new Float64Array();
      send({ type: 'journaled', runId: 'run', effort: efforts[efforts.length - 1] as number });
      send({ type: 'pause', runId: 'run' });
    });
    const second = await train(slow, { lastJournaledEffort: 14 });
    expect(second[0]).toMatchObject({ resumedFrom: null });
    expect(second[0]?.type === 'started' && second[0].note).toMatch('the journal lacks rows before it');
    expect(rows(second)).toEqual(whole.filter((row) => (row[0] as number) > 14));
  });

  it('starts over, and says so, when the checkpoint is damaged', async () => {
    await train(slow, {}, (message, send) => {
      if (message.type === 'batch') send({ type: 'pause', runId: 'run' });
    });
    const path = folder.join('checkpoint.bin');
    const bytes = readFileSync(path);
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] as number) ^ 1;
    writeFileSync(path, bytes);
    const second = await train(fast, { arm: arm(slow) });
    expect(second[0]?.type === 'started' && second[0].note).toMatch('it is damaged');
    expect(rows(second)).toEqual(rows(await train(fast, { checkpointPath: folder.join('none') })));
  });

  it('keeps the curve of a run that diverges, without the row that is not finite', async () => {
    const fromUpdate = await train({ title: 'diverge=55', every: 10 });
    expect(rows(fromUpdate).map((row) => row[0])).toEqual([0, 1, 2, 3, 4, 6, 10, 16, 20, 25, 30, 40, 50]);
    expect(ending(fromUpdate)).toMatchObject({ status: 'failed', error: { code: 'diverged', effort: 55 } });
    const fromMetric = await train({ title: 'nan=50', every: 10 });
    expect(rows(fromMetric).map((row) => row[0])).toEqual([0, 1, 2, 3, 4, 6, 10, 16, 20, 25, 30, 40]);
    expect(ending(fromMetric)).toMatchObject({
      status: 'failed',
      error: { code: 'diverged', message: 'The run diverged at effort 50: testAccuracy is NaN.' },
    });
  });

  it('is paused with the reason when its checkpoint cannot be written', async () => {
    const messages = await train(
      slow,
      { checkpointPath: folder.join('missing', 'checkpoint.bin') },
      (message, send) => {
        if (message.type === 'batch') send({ type: 'stop', runId: 'run' });
      },
    );
    expect(ending(messages)?.error?.message).toMatch('ENOENT');
  });
});

describe('runs in one trainer', () => {
  const startOf = (runId: string, settings: FakeArm): Extract<ToTrainer, { type: 'start' }> => ({
    type: 'start',
    runId,
    arm: arm(settings),
    seed: 1,
    checkpointPath: folder.join(`${runId}.bin`),
    checkpointEvery: 5,
    lastJournaledEffort: -1,
    threads: 1,
    device: null,
    deviceFault: null,
  });

  /** All messages until as many runs have ended. */
  async function together(
    starts: Extract<ToTrainer, { type: 'start' }>[],
    react: Parameters<typeof trainer>[0] = () => undefined,
    createLearner?: CreateLearner,
  ) {
    const ended = new Set<string>();
    let finish: () => void = () => undefined;
    const all = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const { received, send } = trainer((message, answer) => {
      react(message, answer);
      if (message.type === 'ended') ended.add(message.runId);
      if (ended.size === starts.length) finish();
    }, createLearner);
    send({ type: 'start-together', runs: starts });
    await all;
    return (runId: string) => received.filter((message) => 'runId' in message && message.runId === runId);
  }

  it('answer for themselves: one finishes, one diverges, one is paused', async () => {
    const of = await together(
      [
        startOf('whole', fast),
        startOf('diverging', { ...fast, title: 'diverge=55' }),
        startOf('paused', slow),
      ],
      (message, send) => {
        if (message.type === 'batch' && message.runId === 'paused') send({ type: 'pause', runId: 'paused' });
      },
    );
    expect(ending(of('whole'))).toEqual({ status: 'finished', error: null });
    expect(rows(of('whole'))).toEqual(rows(await train(fast)));
    expect(ending(of('diverging'))).toMatchObject({
      status: 'failed',
      error: { code: 'diverged', effort: 55 },
    });
    expect(ending(of('paused'))).toEqual({ status: 'paused', error: null });
    expect(rows(of('paused')).at(-1)?.[0]).toBeLessThan(1600);
  });

  it('share the time: each counts its part', async () => {
    const settings = { title: 'microseconds=500', maxEffort: 400, every: 100 };
    const begun = performance.now();
    const of = await together(['a', 'b', 'c', 'd'].map((runId) => startOf(runId, settings)));
    const wall = (performance.now() - begun) / 1000;
    const seconds = ['a', 'b', 'c', 'd'].map((runId) =>
      Math.max(
        ...of(runId).flatMap((message) =>
          message.type === 'batch' ? [...(message.columns['seconds'] ?? [])] : [],
        ),
      ),
    );
    expect(seconds.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(wall);
    for (const one of seconds) expect(one).toBeGreaterThan(0);
  });

  it('fail by themselves where a learner cannot be made', async () => {
    const of = await together(
      [startOf('fine', fast), startOf('broken', { title: 'broken' })],
      undefined,
      (one, ...rest) =>
        one.title === 'broken' ? Promise.reject(new Error('no such thing')) : createFakeLearner(one, ...rest),
    );
    expect(ending(of('fine'))?.status).toBe('finished');
    expect(ending(of('broken'))).toMatchObject({ status: 'failed', error: { message: 'no such thing' } });
  });

  it('free their learner where its checkpoint does not fit', async () => {
    writeCheckpoint(folder.join('odd.bin'), checkpointKey(arm(fast), 1), {
      learner: { effort: 10, arrays: {}, json: {} },
      seconds: 1,
      unconfirmed: [],
      earlyEnd: nothingSeen,
    });
    let disposed = 0;
    const of = await together(
      [{ ...startOf('odd', fast), lastJournaledEffort: 10 }],
      undefined,
      async (...given) => {
        const learner = await createFakeLearner(...given);
        return Object.assign(learner, {
          restore: () => {
            throw new Error('it does not fit');
          },
          dispose: () => {
            disposed++;
            return Promise.resolve();
          },
        });
      },
    );
    expect(ending(of('odd'))).toMatchObject({ status: 'failed', error: { message: 'it does not fit' } });
    expect(disposed).toBe(1);
  });
});

describe('a calibration', () => {
  const calibrate = async (settings: FakeArm, lanes = 1) => {
    const { received, end, send } = trainer(() => undefined);
    // Two threads: by the clock, which the fake learner's waiting goes by.
    const asked = { id: 3, arm: arm(settings), seed: 0, threads: 2, device: null, deviceFault: null };
    send({ type: 'calibrate', ...asked, seconds: 0.1, lanes });
    await end;
    return received[0];
  };

  it('tells seconds per update and per recorded row', async () => {
    const result = await calibrate({ title: 'microseconds=1000', maxEffort: 100_000 });
    if (result?.type !== 'calibrated') throw new Error('not calibrated');
    expect(result.speed.secondsPerUpdate).toBeGreaterThanOrEqual(0.001);
    for (const name of ['secondsSetUp', 'secondsPerRecord', 'secondsPerSnapshot'] as const)
      expect(result.speed[name]).toBeGreaterThanOrEqual(0);
  });

  it('uses what there is when the budget ends, or the run diverges, before the time is up', async () => {
    for (const settings of [{ maxEffort: 3 }, { title: 'diverge=500', maxEffort: 100_000 }]) {
      const result = await calibrate(settings);
      if (result?.type !== 'calibrated') throw new Error('not calibrated');
      expect(result.speed.secondsPerUpdate).toBeGreaterThan(0);
    }
  });

  it('of several runs counts what all of them take', async () => {
    const result = await calibrate({ title: 'microseconds=1000', maxEffort: 100_000 }, 3);
    if (result?.type !== 'calibrated') throw new Error('not calibrated');
    expect(result.speed.secondsPerUpdate).toBeGreaterThanOrEqual(0.003);
  });

  it('fails with the arm', async () => {
    expect(await calibrate({ title: 'diverge=1' })).toMatchObject({
      type: 'calibration-failed',
      error: { code: 'diverged' },
    });
  });
});

describe('a checkpoint', () => {
  const key = checkpointKey(arm({}), 1);

  it('gives back every kind of array bit for bit', () => {
    const path = folder.join('c.bin');
    const checkpoint = {
      learner: {
        effort: 12,
        arrays: {
          weights: Float32Array.of(0.1, -0, Number.MIN_VALUE),
          moments: Float64Array.of(0.1, Math.PI),
          order: Int32Array.of(-1, 2, 3),
          empty: new Float32Array(),
        },
        json: { generator: [1, -2], spareNormal: null },
      },
      seconds: 0.1 + 0.2,
      earlyEnd: { train: 3, test: null, isOver: false },
      unconfirmed: [
        {
          columns: { effort: Float64Array.of(1, 2), seconds: Float64Array.of(0.5, 0.75) },
          snapshots: [
            {
              effort: 2,
              arrays: { 'picture.z': Float64Array.of(1, Number.NaN), 'picture.x': new Float64Array() },
            },
          ],
        },
      ],
    };
    writeCheckpoint(path, key, checkpoint);
    expect(readCheckpoint(path, key)).toEqual(checkpoint);
  });

  it('is refused whole for any cut, and for other settings', () => {
    const path = folder.join('c.bin');
    writeCheckpoint(path, key, {
      learner: { effort: 1, arrays: { w: Float64Array.of(1, 2) }, json: null },
      seconds: 1,
      unconfirmed: [],
      earlyEnd: nothingSeen,
    });
    const bytes = readFileSync(path);
    expect(readCheckpoint(path, checkpointKey(arm({}), 2))).toBe('it belongs to other settings');
    for (let length = 0; length < bytes.length; length++) {
      writeFileSync(path, bytes.subarray(0, length));
      expect(readCheckpoint(path, key)).toMatch(/^it is /);
    }
  });

  it('belongs to its settings whatever the budget; one from before that is still taken', () => {
    const path = folder.join('c.bin');
    const [short, long] = [arm({ maxEffort: 100 }), arm({ maxEffort: 200 })];
    expect(checkpointKey(short, 1)).toBe(checkpointKey(long, 1));
    expect(formerCheckpointKey(short, 1)).not.toBe(formerCheckpointKey(long, 1));
    const learner = { effort: 1, arrays: {}, json: null };
    writeCheckpoint(path, formerCheckpointKey(short, 1), {
      learner,
      seconds: 1,
      unconfirmed: [],
      earlyEnd: nothingSeen,
    });
    const keysOf = (one: typeof short) => [checkpointKey(one, 1), formerCheckpointKey(one, 1)];
    expect(readCheckpoint(path, ...keysOf(short))).toMatchObject({ learner });
    expect(readCheckpoint(path, ...keysOf(long))).toBe('it belongs to other settings');
  });

  it('is none where there is no file', () => {
    expect(readCheckpoint(folder.join('none'), key)).toBeNull();
  });
});

it('says where a family does not use the device that was asked for', async () => {
  const inFloat64: CreateLearner = async (...given) =>
    Object.assign(await createFakeLearner(...given), { backend: float64Backend });
  const fallbackOn = async (device: string | null) => {
    const messages = await train({ maxEffort: 2 }, { device }, () => undefined, inFloat64);
    return messages.find((message) => message.type === 'started')?.backend.fallback;
  };
  expect(await fallbackOn('tfjs-cpu')).toContain('tfjs-cpu was asked for; javascript-float64 is used');
  rmSync(folder.join('checkpoint.bin'), { force: true });
  expect(await fallbackOn(null)).toBeNull();
});
