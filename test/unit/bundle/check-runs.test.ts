import { describe, expect, it } from 'vitest';
import { RunChecks } from '../../../main/bundle/check-runs.ts';
import { contentIdOf } from '../../../main/content-id.ts';
import { studyHashOf } from '../../../main/start-study.ts';
import type { Arm, Study } from '../../../shared/study.ts';
import { curveOf, runOf, study } from './fixtures.ts';

/** What is wrong with a finished run of the MLP with these test accuracies at efforts 0, 10, 20, … */
function faultsOf(budget: Arm['budget'], testAccuracies: readonly number[]): string[] {
  const planned: Study = { ...study, arms: study.arms.map((arm) => ({ ...arm, budget })) };
  const studyHash = studyHashOf(planned);
  const { run: made } = runOf('mlp', 0);
  const curve = curveOf(
    made.id,
    testAccuracies.map((test) => [1, test, 0.1, 0.1, 0]),
  );
  const arm = { ...made.arm, budget };
  const run = { ...made, arm, studyHash, effort: (curve.length - 1) * 10 };
  const checks = new RunChecks(planned, {
    schemaVersion: 1,
    id: made.studyId,
    studyHash,
    createdAt: made.createdAt,
    runIds: [made.id],
  });
  checks.add(run.id, { ...run, contentId: contentIdOf(run, curve) }, curve);
  return checks.faults.map(({ fault }) => fault);
}

describe('where a finished run ends', () => {
  it('is the end of its budget', () => {
    expect(faultsOf({ maxEffort: 30 }, [0, 0, 1, 1])).toEqual([]);
    expect(faultsOf({ maxEffort: 40 }, [0, 0, 1, 1])).toEqual([
      'is finished, but its curve ends at 30 of a budget of 40',
    ]);
    expect(faultsOf({ maxEffort: 40 }, [])).toEqual(['is finished, but its curve has no row']);
  });

  it('is before it where the budget asks for that and its rows say that it had generalized', () => {
    const budget = { maxEffort: 100, stopAfterGeneralization: 2 };
    expect(faultsOf(budget, [0, 1, 1])).toEqual([]);
    expect(faultsOf(budget, [0, 0, 1, 1, 1])).toEqual([]);
    expect(faultsOf(budget, [0, 0, 1, 1])).toEqual([
      'is finished, but its curve ends at 30 of a budget of 100',
    ]);
    expect(faultsOf(budget, [0, 0, 1, 0, 1])).toEqual([
      'is finished, but its curve ends at 40 of a budget of 100',
    ]);
  });

  it('is no later than that', () => {
    expect(faultsOf({ maxEffort: 30, stopAfterGeneralization: 2 }, [0, 1, 1, 1])).toEqual([
      'goes on after effort 20, where its budget ends it once it has generalized',
    ]);
  });
});
