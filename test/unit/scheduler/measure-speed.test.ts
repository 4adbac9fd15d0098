import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { measureSpeed } from '../../../main/scheduler/measure-speed.ts';
import type { CreateLearner, Learner } from '../../../main/training/learner.ts';
import { DivergedError } from '../../../shared/errors.ts';
import type { Arm } from '../../../shared/study.ts';
import { createFakeLearner, fakeStudy } from './fake-learner.ts';

const options = { threads: 1, device: null };
const [arm] = fakeStudy([{ maxEffort: 20 }]).arms as [Arm];

/** A clock and a processor of our own: milliseconds pass only where a test says so. */
const machine = { now: 0, cpu: 0, share: 1 };
function work(milliseconds: number): void {
  machine.now += milliseconds / machine.share;
  machine.cpu += milliseconds;
}

beforeEach(() => {
  Object.assign(machine, { now: 1000, cpu: 0, share: 1 });
  vi.spyOn(performance, 'now').mockImplementation(() => machine.now);
  vi.spyOn(process, 'cpuUsage').mockImplementation((before) => ({
    user: machine.cpu * 1000 - (before?.user ?? 0),
    system: 0,
  }));
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A learner that takes 2 ms an update, 6 ms a row, 12 ms a snapshot and 100 ms to make; what is asked of it is counted. */
function watched(changes: (learner: Learner) => Partial<Learner> = () => ({})) {
  const counts = { made: 0, disposed: 0, restored: 0 };
  const create: CreateLearner = async (...args) => {
    const learner = await createFakeLearner(...args);
    counts.made++;
    work(100);
    const own: Partial<Learner> = {
      advance: async (until, deadline) => {
        do {
          await learner.advance(learner.effort + 1, 0);
          work(2);
        } while (learner.effort < until && machine.now < deadline);
      },
      evaluate: async () => {
        work(6);
        return learner.evaluate();
      },
      snapshot: async () => {
        work(12);
        return {};
      },
      restore: (state) => {
        counts.restored++;
        learner.restore(state);
      },
      dispose: async () => {
        counts.disposed++;
      },
      ...changes(learner),
    };
    return new Proxy(learner, {
      get(target, name: keyof Learner) {
        const value: unknown = own[name] ?? target[name];
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  };
  return { create, counts };
}

describe('the speed of an arm', () => {
  it('tells set-up, updates, rows and snapshots apart', async () => {
    const { create } = watched();
    const speed = await measureSpeed(arm, 0, options, 1, create);
    expect(speed.secondsSetUp).toBeCloseTo(0.1, 9);
    expect(speed.secondsPerUpdate).toBeCloseTo(0.002, 9);
    expect(speed.secondsPerRecord).toBeCloseTo(0.006, 9);
    expect(speed.secondsPerSnapshot).toBeCloseTo(0.012, 9);
    expect(speed.cpuShare).toBeCloseTo(1, 9);
    expect(speed.seconds).toBeGreaterThan(0.9);
    expect(speed.seconds).toBeLessThan(1.2);
  });

  it('is not deceived by a learner that keeps what it measured at an effort', async () => {
    let kept = -1;
    const { create } = watched((learner) => ({
      snapshot: async () => {
        if (kept !== learner.effort) work(12);
        kept = learner.effort;
        return Promise.resolve({});
      },
    }));
    const speed = await measureSpeed(arm, 0, options, 1, create);
    expect(speed.secondsPerSnapshot).toBeCloseTo(0.012, 9);
  });

  it('begins again where the budget ends, and leaves no learner behind', async () => {
    const { create, counts } = watched();
    await measureSpeed(arm, 0, options, 1, create);
    expect(counts.restored).toBeGreaterThan(10);
    expect(counts.disposed).toBe(counts.made);
  });

  it('goes on from the beginning where a run diverges', async () => {
    const diverging = { ...arm, title: 'diverge=5' };
    const { create, counts } = watched();
    const speed = await measureSpeed(diverging, 0, options, 1, create);
    // Four updates of 2 ms, and a fifth that ends before its time.
    expect(speed.secondsPerUpdate).toBeCloseTo(0.0016, 4);
    expect(counts.restored).toBeGreaterThan(10);
  });

  it('takes the best of several stretches: what only sometimes is slow does not count', async () => {
    const { create } = watched((learner) => ({
      advance: async () => {
        await learner.advance(learner.effort + 1, 0);
        // Other work comes and goes every fifth of a second.
        work(Math.floor(machine.now / 200) % 2 === 0 ? 2 : 20);
      },
    }));
    const speed = await measureSpeed(arm, 0, options, 1, create);
    expect(speed.secondsPerUpdate).toBeCloseTo(0.002, 9);
  });

  it('counts processor time where one thread was kept from working, and the clock with several', async () => {
    machine.share = 0.25;
    const { create } = watched();
    const one = await measureSpeed(arm, 0, options, 1, create);
    expect(one.secondsPerUpdate).toBeCloseTo(0.002, 9);
    expect(one.secondsPerRecord).toBeCloseTo(0.006, 9);
    expect(one.cpuShare).toBeCloseTo(0.25, 9);
    const two = await measureSpeed(arm, 0, { ...options, threads: 2 }, 1, create);
    expect(two.secondsPerUpdate).toBeCloseTo(0.008, 9);
  });

  it('stays within a few times its time on a machine that leaves it next to nothing', async () => {
    machine.share = 0.01;
    const { create } = watched();
    const before = machine.now;
    await measureSpeed(arm, 0, options, 1, create);
    // A set-up of 10 s, two snapshots of 1.2 s, and at most four seconds and a step for each kind of stretch.
    expect((machine.now - before) / 1000).toBeLessThan(10 + 2.4 + 4 + 15);
  });

  it('counts a quick set-up by its second time, and a slow one once', async () => {
    const quick = watched();
    const first: CreateLearner = async (...args) => {
      if (quick.counts.made === 0) work(200);
      return quick.create(...args);
    };
    expect((await measureSpeed(arm, 0, options, 0.1, first)).secondsSetUp).toBeCloseTo(0.1, 9);
    expect(quick.counts.made).toBe(2);
    const slow = watched();
    const every: CreateLearner = async (...args) => {
      work(500);
      return slow.create(...args);
    };
    expect((await measureSpeed(arm, 0, options, 0.1, every)).secondsSetUp).toBeCloseTo(0.6, 9);
    expect(slow.counts.made).toBe(1);
  });

  it('fails with an arm whose first update fails, and disposes of it', async () => {
    const { create, counts } = watched(() => ({
      advance: async () => {
        throw new DivergedError(1, 'train loss', NaN);
      },
    }));
    await expect(measureSpeed(arm, 0, options, 0.1, create)).rejects.toThrow('diverged at effort 1');
    expect(counts.disposed).toBe(counts.made);
  });
});
