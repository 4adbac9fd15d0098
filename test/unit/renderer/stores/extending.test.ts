import { describe, expect, it } from 'vitest';
import {
  extensionSeconds,
  planExtension,
  proposedBudget,
  readBudget,
} from '../../../../renderer/stores/extending.ts';
import { arm, runRecord } from '../records.ts';

const done = { status: 'finished', effort: 5000, checkpointEffort: 5000, latest: { seconds: 10 } } as const;

describe('what more budget would do', () => {
  it('says which runs go on, which are computed again, and why the others cannot', () => {
    const runs = [
      runRecord('kept', done),
      runRecord('old', { ...done, checkpointEffort: 4800 }),
      runRecord('going', { status: 'running' }),
      runRecord('abroad', { ...done, studyId: 's2' }),
      runRecord('long', { ...done, arm: { ...arm, budget: { maxEffort: 9000 } } }),
    ];
    const plan = planExtension(runs, (run) => run.studyId === 's2', 8000);
    expect(plan.ready.map(({ id }) => id)).toEqual(['kept']);
    expect(plan.lacking.map(({ id }) => id)).toEqual(['old']);
    expect(plan.refusals).toEqual([
      expect.stringMatching(/^going is running: /),
      expect.stringMatching(/^abroad was imported: /),
      expect.stringMatching(/^long has a budget of 9,000 /),
    ]);
  });

  it('takes the time that the efforts took before', () => {
    const [a, b] = [runRecord('a', done), runRecord('b', done)];
    // 5,000 efforts in 10 s: 3,000 more take 6 s, all 8,000 again 16 s.
    expect(extensionSeconds({ ready: [a], lacking: [] }, 8000, 2)).toBeCloseTo(6, 10);
    expect(extensionSeconds({ ready: [], lacking: [a] }, 8000, 2)).toBeCloseTo(16, 10);
    expect(extensionSeconds({ ready: [a, b], lacking: [] }, 8000, 1)).toBeCloseTo(12, 10);
    expect(extensionSeconds({ ready: [a, b], lacking: [] }, 8000, 4)).toBeCloseTo(6, 10);
    expect(extensionSeconds({ ready: [runRecord('c')], lacking: [] }, 8000, 2)).toBeNull();
  });

  it('proposes twice the budget, up to the largest', () => {
    expect(
      proposedBudget([runRecord('a'), runRecord('b', { arm: { ...arm, budget: { maxEffort: 7 } } })]),
    ).toBe(10_000);
    expect(proposedBudget([runRecord('a', { arm: { ...arm, budget: { maxEffort: 60_000_000 } } })])).toBe(
      100_000_000,
    );
  });

  it('reads a budget, or says what is wrong with it', () => {
    expect(readBudget(' 40,000 ')).toBe(40_000);
    for (const text of ['', '1', '1e3', '-5', '100000001', 'many'])
      expect(readBudget(text)).toBe(`Got “${text}”; expected 2 to 100,000,000.`);
  });
});
