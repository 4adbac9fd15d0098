import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  inOrder,
  interleaveArms,
  nextStarts,
  priorityAt,
  simulateDuration,
  threadsFor,
} from '../../../main/scheduler/plan.ts';
import { RecordSchedule } from '../../../main/scheduler/record-schedule.ts';

describe('which runs start next', () => {
  const one = (runId: string) => ({ runId, threads: 1 });
  const ids = (groups: { runId: string }[][]) => groups.map((runs) => runs.map((run) => run.runId).join('+'));

  it('fills the cores in order', () => {
    expect(ids(nextStarts([one('a'), one('b'), one('c')], 0, 2))).toEqual(['a', 'b']);
    expect(ids(nextStarts([one('a'), one('b')], 1, 2))).toEqual(['a']);
    expect(nextStarts([one('a')], 2, 2)).toEqual([]);
  });

  it('lets nothing overtake a run that waits for more cores', () => {
    expect(nextStarts([{ runId: 'big', threads: 2 }, one('small')], 1, 2)).toEqual([]);
  });

  it('starts a run that wants more than there is when nothing else is going', () => {
    expect(ids(nextStarts([{ runId: 'big', threads: 4 }, one('small')], 0, 2))).toEqual(['big']);
  });

  it('gives a transformer up to four cores and everything else one', () => {
    expect([1, 2, 4, 16].map((cores) => threadsFor('transformer', cores, 1))).toEqual([1, 2, 4, 4]);
    expect(
      (['mlp', 'gp-classifier', 'linear-regression'] as const).map((kind) => threadsFor(kind, 16, 1)),
    ).toEqual([1, 1, 1]);
  });

  it('shares the cores out where a study has several transformers', () => {
    const threads = (cores: number): number[] =>
      [0, 1, 2, 3, 8, 99].map((runs) => threadsFor('transformer', cores, runs));
    expect(threads(2)).toEqual([2, 2, 1, 1, 1, 1]);
    expect(threads(8)).toEqual([4, 4, 4, 2, 1, 1]);
  });

  const like = (key: string, runId: string, effort = 0) => ({
    runId,
    threads: 1,
    together: { key, limit: 4, overCores: true, effort, slack: 10 },
  });
  const many = (key: string, count: number) =>
    Array.from({ length: count }, (_, i) => like(key, `${key}${i}`));

  it('lets runs of a kind share a trainer, and spreads them over the cores', () => {
    expect(ids(nextStarts(many('a', 8), 0, 2))).toEqual(['a0+a1+a2+a3', 'a4+a5+a6+a7']);
    expect(ids(nextStarts(many('a', 6), 0, 2))).toEqual(['a0+a1+a2', 'a3+a4+a5']);
    expect(ids(nextStarts(many('a', 6), 1, 2))).toEqual(['a0+a1+a2']);
    expect(ids(nextStarts(many('a', 1), 0, 2))).toEqual(['a0']);
    expect(ids(nextStarts(many('a', 9), 0, 1))).toEqual(['a0+a1+a2']);
  });

  it('leaves as many to one program as it takes on a device with cores of its own', () => {
    const queue = many('a', 6).map((run) => ({ ...run, together: { ...run.together, overCores: false } }));
    expect(ids(nextStarts(queue, 0, 4))).toEqual(['a0+a1+a2', 'a3+a4+a5']);
    expect(ids(nextStarts(many('a', 6), 0, 4))).toEqual(['a0+a1', 'a2+a3', 'a4', 'a5']);
  });

  it('gives each of two kinds a core where there are two', () => {
    const queue = [like('a', 'a0'), like('b', 'b0'), like('a', 'a1'), like('b', 'b1'), one('c')];
    expect(ids(nextStarts(queue, 0, 2))).toEqual(['a0+a1', 'b0+b1']);
  });

  it('leaves apart what stands far apart', () => {
    const queue = [like('a', 'a0', 100), like('a', 'a1', 105), like('a', 'a2', 0)];
    expect(ids(nextStarts(queue, 0, 1))).toEqual(['a0+a1']);
  });

  it('loses no run and starts none twice, whatever there is', () => {
    const waiting = fc.record({
      threads: fc.integer({ min: 1, max: 3 }),
      key: fc.constantFrom('a', 'b', null),
      limit: fc.integer({ min: 2, max: 5 }),
      overCores: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(waiting), fc.integer({ min: 1, max: 4 }), (all, cores) => {
        let queue = all.map(({ threads, key, limit, overCores }, i) => ({
          runId: String(i),
          threads: key === null ? threads : 1,
          together: key === null ? null : { key, limit, overCores, effort: 0, slack: 0 },
        }));
        const started: string[] = [];
        while (queue.length > 0) {
          const groups = nextStarts(queue, 0, cores);
          expect(groups[0]?.[0]).toBe(queue[0]);
          for (const group of groups)
            expect(group.length).toBeLessThanOrEqual(group[0]?.together?.limit ?? 1);
          started.push(...groups.flat().map(({ runId }) => runId));
          queue = queue.filter((run) => !groups.flat().includes(run));
        }
        expect(started.sort()).toEqual(all.map((_, i) => String(i)).sort());
      }),
    );
  });

  it('takes along only what has the same priority', () => {
    const moved = (run: ReturnType<typeof like>, priority: number) => ({ ...run, priority });
    const queue = [moved(like('a', 'a0'), 1), like('a', 'a1'), like('a', 'a2'), moved(like('a', 'a3'), -1)];
    expect(ids(nextStarts(queue, 0, 1))).toEqual(['a0']);
    expect(ids(nextStarts(queue.slice(1), 0, 1))).toEqual(['a1+a2']);
  });

  it('puts runs before or behind all others, whatever was moved before, and loses none', () => {
    const moves = fc.array(
      fc.record({
        place: fc.constantFrom('first' as const, 'last' as const),
        chosen: fc.uniqueArray(fc.integer({ min: 0, max: 7 }), { minLength: 1 }),
      }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), moves, (count, all) => {
        let queue = Array.from({ length: count }, (_, id) => ({ id, priority: 0 }));
        for (const { place, chosen } of all) {
          const [those, others] = [true, false].map((is) =>
            queue.filter(({ id }) => chosen.includes(id) === is),
          ) as [typeof queue, typeof queue];
          const priority = priorityAt(place, others);
          queue = inOrder(queue.map((run) => (chosen.includes(run.id) ? { ...run, priority } : run)));
          const expected = place === 'first' ? [...those, ...others] : [...others, ...those];
          expect(queue.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
        }
      }),
    );
  });

  it('takes one seed of every arm in turn', () => {
    const runs = ['a1', 'a2', 'a3', 'b1', 'c1', 'c2'].map((id) => ({
      id,
      armId: id.charAt(0),
      point: {},
    }));
    expect(interleaveArms(runs).map((run) => run.id)).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
    expect(interleaveArms([])).toEqual([]);
  });
});

describe('the time that runs will take', () => {
  const run = (seconds: number, threads = 1) => ({ seconds, threads });

  it('is that of the slots', () => {
    expect(simulateDuration([], 2)).toBe(0);
    expect(simulateDuration([run(3), run(3), run(3)], 2)).toBe(6);
    expect(simulateDuration([run(1), run(5), run(4)], 2)).toBe(5);
    expect(simulateDuration([run(1), run(2, 2), run(1)], 2)).toBe(4);
    expect(simulateDuration([run(2, 8)], 2)).toBe(2);
  });

  it('counts runs that are trained together once', () => {
    const together = { key: 'a', limit: 4, overCores: true, effort: 0, slack: 0 };
    const runs = Array.from({ length: 8 }, () => ({ ...run(3), together }));
    expect(simulateDuration(runs, 2)).toBe(3);
    expect(simulateDuration(runs, 1)).toBe(6);
    expect(simulateDuration([...runs.slice(0, 1), run(10), ...runs.slice(1)], 2)).toBe(10);
  });

  it('lies between perfect packing and one after another', () => {
    const some = fc.array(
      fc.record({
        seconds: fc.double({ min: 0.1, max: 50, noNaN: true }),
        threads: fc.integer({ min: 1, max: 4 }),
      }),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(some, (runs) => {
        const total = runs.reduce((sum, { seconds }) => sum + seconds, 0);
        const work = runs.reduce((sum, { seconds, threads }) => sum + seconds * threads, 0);
        const duration = simulateDuration(runs, 4);
        expect(duration).toBeLessThanOrEqual(total + 1e-6);
        expect(duration).toBeGreaterThanOrEqual(
          Math.max(work / 4, ...runs.map(({ seconds }) => seconds)) - 1e-6,
        );
      }),
    );
  });
});

describe('the efforts at which a run is recorded', () => {
  const all = (schedule: RecordSchedule): number[] => {
    const efforts: number[] = [];
    for (let next = schedule.next(-1); next !== null; next = schedule.next(next)) efforts.push(next);
    return efforts;
  };

  it('are 0, the multiples, the log-spaced ones and the last', () => {
    const schedule = new RecordSchedule({ every: 40, perDecade: 3 }, { maxEffort: 101 });
    expect(all(schedule)).toEqual([0, 1, 2, 5, 10, 22, 40, 46, 80, 100, 101]);
  });

  it('hold the ends that a budget had before, each with a snapshot', () => {
    const record = { every: 40, perDecade: 3 };
    const extended = new RecordSchedule(record, { maxEffort: 150, extendedFrom: [33, 101] });
    expect(all(extended)).toEqual([0, 1, 2, 5, 10, 22, 33, 40, 46, 80, 100, 101, 120, 150]);
    expect(extended.count()).toBe(14);
    expect([33, 101, 150].every((effort) => extended.isSnapshotDue(effort - 1, effort, 1, false))).toBe(true);
    expect(extended.isSnapshotDue(32, 33, 0, false)).toBe(false);
    expect(extended.isSnapshotDue(100, 120, 1, false)).toBe(false);
    expect(extended.isSnapshotDue(100, 120, 1, true)).toBe(true);
    expect(extended.isSnapshotDue(100, 120, 0, true)).toBe(false);
  });

  it('of a budget are those of any extension of it, as far as it went', () => {
    const numbers = fc.tuple(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 50 }),
      fc.uniqueArray(fc.integer({ min: 1, max: 3000 }), { minLength: 2, maxLength: 5 }),
    );
    fc.assert(
      fc.property(numbers, ([every, perDecade, efforts]) => {
        const ends = efforts.sort((a, b) => a - b);
        const maxEffort = ends.pop() as number;
        const whole = new RecordSchedule({ every, perDecade }, { maxEffort, extendedFrom: ends });
        expect(all(whole).length).toBe(whole.count());
        const [first] = ends as [number];
        const short = new RecordSchedule({ every, perDecade }, { maxEffort: first });
        expect(all(whole).filter((effort) => effort <= first)).toEqual(all(short));
      }),
    );
  });

  it('increase strictly, are counted right, and are the same from any point on', () => {
    const specs = fc.tuple(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 900 }),
    );
    fc.assert(
      fc.property(specs, fc.nat(900), ([every, perDecade, maxEffort], from) => {
        const schedule = new RecordSchedule({ every, perDecade }, { maxEffort });
        const efforts = all(schedule);
        expect(efforts).toEqual([...new Set(efforts)].sort((a, b) => a - b));
        expect(efforts.length).toBe(schedule.count());
        expect([efforts[0], efforts[efforts.length - 1]]).toEqual([0, maxEffort]);
        for (let k = 0; k <= maxEffort; k += every) expect(efforts).toContain(k);
        expect(schedule.next(from)).toBe(efforts.find((effort) => effort > from) ?? null);
      }),
    );
  });
});
