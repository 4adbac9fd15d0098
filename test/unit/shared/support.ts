/** Small curves, arms and runs for the tests of shared/. */
import type { RunWithCurve } from '../../../shared/delay-table.ts';
import { effortUnit, familyOf } from '../../../shared/model-spec.ts';
import type { RunCurve, RunRecord, RunStatus } from '../../../shared/run.ts';
import { parseStudy, type Arm, type Claim, type Study, type ThresholdSpec } from '../../../shared/study.ts';

export const accuracyThresholds = (level: number, sustain = 1): ThresholdSpec => ({
  metric: 'accuracy',
  train: level,
  test: level,
  sustain,
});

export function curveOf(effort: readonly number[], columns: Record<string, readonly number[]>): RunCurve {
  const typed = Object.entries(columns).map(([name, values]) => [name, Float64Array.from(values)] as const);
  return {
    runId: 'run',
    length: effort.length,
    columns: {
      effort: Float64Array.from(effort),
      seconds: Float64Array.from(effort, (e) => e / 100),
      ...Object.fromEntries(typed),
    },
  };
}

/** A curve of accuracies with losses 1 − accuracy. */
export function accuracyCurve(
  effort: readonly number[],
  train: readonly number[],
  test: readonly number[],
): RunCurve {
  return curveOf(effort, {
    trainAccuracy: train,
    testAccuracy: test,
    trainLoss: train.map((value) => 1 - value),
    testLoss: test.map((value) => 1 - value),
  });
}

export function linearArm(id: string, maxEffort: number, thresholds = accuracyThresholds(0.9)): Arm {
  return {
    id,
    title: `Arm ${id}`,
    dataset: { kind: 'slope-regression', slope: 0.3, points: 100, trainSize: 2, testSize: 98 },
    model: {
      kind: 'linear-regression',
      features: ['x'],
      initialWeights: [0.5],
      noiseVariance: 0.002,
      weightVariance: 0.5,
    },
    trainer: { kind: 'sgd', learningRate: 0.001, weightDecay: 0, momentum: 0, batchSize: 'full' },
    budget: { maxEffort },
    thresholds,
    record: { every: 1, perDecade: 10 },
    seeds: [0],
  };
}

export function studyOf(arms: readonly Arm[], claims: readonly Claim[] = []): Study {
  return parseStudy({
    schemaVersion: 1,
    id: 'test-study',
    title: 'Test study',
    question: 'Does it?',
    paper: null,
    arms,
    claims,
  });
}

export function runOf(
  arm: Arm,
  seed: number,
  curve: RunCurve,
  status: RunStatus = 'finished',
  point: RunRecord['point'] = {},
): RunWithCurve {
  const id = `test-study-1.${arm.id}.${Object.values(point).join('-')}.s${seed}`.replace('..', '.');
  const run: RunRecord = {
    schemaVersion: 1,
    id,
    studyId: 'test-study-1',
    armId: arm.id,
    family: familyOf[arm.model.kind],
    seed,
    studyHash: '0'.repeat(64),
    arm,
    point,
    effortUnit: effortUnit[familyOf[arm.model.kind]],
    effortsPerEpoch: 4,
    trainSize: 2,
    testSize: 98,
    status,
    columns: [],
    effort: curve.columns['effort']?.at(-1) ?? -1,
    batches: 1,
    checkpointEffort: null,
    effortsPerSecond: null,
    latest: {},
    backend: null,
    environment: {
      app: 'latebloom',
      appVersion: '0.1.0',
      node: '20.20.0',
      electron: null,
      os: 'linux',
      osRelease: '6.1',
      arch: 'x64',
      cpu: null,
      cores: 2,
      memoryBytes: 1,
      gpu: null,
      libraries: {},
    },
    error: null,
    note: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    startedAt: null,
    endedAt: null,
    contentId: null,
  };
  return { run, curve: { ...curve, runId: id } };
}
