/**
 * Which arms of a study this data folder has run already, for whatever study they were run: a claim added or a sentence
 * changed asks for no run again, a setting that a curve depends on does.
 */
import { canonicalJson } from '../../shared/canonical.ts';
import { endedStatuses, resumableStatuses, type RunRecord, type StudyRecord } from '../../shared/run.ts';
import { DEFAULT_SNAPSHOTS_PER_DECADE } from '../../shared/snapshot.ts';
import type { Arm, Study } from '../../shared/study.ts';

/** Equal for arms whose runs have equal curves and delays. */
export function armPlan(arm: Arm): string {
  const snapshotsPerDecade = arm.record.snapshotsPerDecade ?? DEFAULT_SNAPSHOTS_PER_DECADE;
  return canonicalJson({ ...arm, title: '', record: { ...arm.record, snapshotsPerDecade } });
}

/**
 * Per arm of the study, by id, its runs from the newest stored study that has the arm as it is and whose runs of it have
 * all ended, else of one whose can go on. An arm that is not there has to be run.
 */
export function storedArms(
  { arms }: Pick<Study, 'arms'>,
  studies: readonly StudyRecord[],
  runs: readonly RunRecord[],
): Map<string, RunRecord[]> {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const newestFirst = [...studies].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  return new Map(
    arms.flatMap((arm): [string, RunRecord[]][] => {
      const plan = armPlan(arm);
      const stored = newestFirst
        .filter(({ study }) => study.arms.some((other) => armPlan(other) === plan))
        .map(({ runIds }) => ({ runIds, own: runIds.flatMap((id) => byId.get(id) ?? []) }))
        .filter(({ runIds, own }) => own.length === runIds.length)
        .map(({ own }) => own.filter(({ armId }) => armId === arm.id));
      const found = stored.find((own) => own.every(hasEnded)) ?? stored.find((own) => own.every(canEnd));
      return found === undefined ? [] : [[arm.id, found]];
    }),
  );
}

/** A stopped run has an end that says nothing: it goes on. */
function hasEnded({ status }: RunRecord): boolean {
  return endedStatuses.includes(status) && status !== 'stopped';
}

function canEnd(run: RunRecord): boolean {
  return hasEnded(run) || resumableStatuses.includes(run.status);
}
