/** Which runs are trained together: those of one arm whose updates are the same work, from about the same effort on. */
import { canonicalJson } from '../../shared/canonical.ts';
import type { RunRecord } from '../../shared/run.ts';
import { shapeOf } from '../sweep-cost.ts';
import { hardwareOf, lanesAtOnce } from '../training/lane-count.ts';
import type { Together } from './plan.ts';

/** Part of the budget that two runs may stand apart: the one ahead waits until the other has caught up. */
const SLACK = 0.02;

export type Joinable = Pick<RunRecord, 'studyId' | 'armId' | 'arm' | 'checkpointEffort'>;

/** Null for a run that is trained alone: on this device it gains nothing by company. */
export function togetherFor(run: Joinable, threads: number, device: string | null): Together | null {
  const { arm } = run;
  const limit = lanesAtOnce(arm, device);
  if (limit === 1) return null;
  const { record, measures = null } = arm;
  const { maxEffort, extendedFrom } = arm.budget;
  const key = { study: run.studyId, arm: run.armId, shape: shapeOf(arm), record, measures, threads };
  return {
    key: canonicalJson({ ...key, maxEffort, ...(extendedFrom === undefined ? {} : { extendedFrom }) }),
    limit,
    overCores: hardwareOf(device) === 'cpu',
    effort: run.checkpointEffort ?? 0,
    slack: SLACK * maxEffort,
  };
}
