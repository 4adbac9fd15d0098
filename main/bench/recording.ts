/** Job R: what recorded rows, measures and snapshots add to a run's time at the arm's own settings. */
import { availableParallelism } from 'node:os';
import type { Arm } from '../../shared/study.ts';
import { secondsOf, type Measured } from '../calibration-entries.ts';
import { measureSpeed } from '../scheduler/measure-speed.ts';
import { threadsFor } from '../scheduler/plan.ts';
import { createLearner } from '../training/registry.ts';

export interface RecordingResult {
  /** Over a whole run, set-up left out. */
  stepsPerSecond: number;
  /** Of updates alone. */
  bareStepsPerSecond: number;
  threads: number;
}

export async function runRecording(arm: Arm, seconds: number): Promise<RecordingResult> {
  const threads = threadsFor(arm.model.kind, availableParallelism(), 1);
  const speed = await measureSpeed(arm, 0, { threads, device: null }, seconds, createLearner);
  const measured: Measured = { ...speed, kind: 'measured', threads, disturbedBy: null };
  return {
    stepsPerSecond: arm.budget.maxEffort / (secondsOf(measured, arm) - speed.secondsSetUp),
    bareStepsPerSecond: 1 / speed.secondsPerUpdate,
    threads,
  };
}
