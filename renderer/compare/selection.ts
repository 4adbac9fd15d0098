/** Which runs a comparison is of. */
import type { RunRecord, StudyRecord } from '../../shared/run.ts';
import type { Pick } from '../../shared/charts/view.ts';

export interface Picked {
  /** In the order of their studies, and of the runs of a study. */
  runs: RunRecord[];
  studies: StudyRecord[];
  /** Picks that name nothing that is here. */
  missing: Pick[];
}

type RunsByStudy = ReadonlyMap<string, readonly RunRecord[]>;

export function pickedRuns(
  picks: readonly Pick[],
  studies: readonly StudyRecord[],
  runsByStudy: RunsByStudy,
): Picked {
  const wanted = new Set(picks.map(({ kind, id }) => `${kind} ${id}`));
  const found = new Set<string>();
  const isWanted = (name: string): boolean => {
    if (!wanted.has(name)) return false;
    found.add(name);
    return true;
  };
  const shown: StudyRecord[] = [];
  const runs = studies.flatMap((study) => {
    const whole = isWanted(`study ${study.id}`);
    const own = (runsByStudy.get(study.id) ?? []).filter((run) => {
      // Each is asked, so that a pick that names the same run twice counts as found.
      const named = [isWanted(`arm ${study.id}/${run.armId}`), isWanted(`run ${run.id}`)];
      return whole || named.includes(true);
    });
    if (own.length > 0) shown.push(study);
    return own;
  });
  return { runs, studies: shown, missing: picks.filter(({ kind, id }) => !found.has(`${kind} ${id}`)) };
}

/**
 * The picks for a set of runs, as few as can be: a study of which all runs are in it is picked whole, and so is an arm. Picks
 * of what is not here stay.
 */
export function picksFor(
  ids: ReadonlySet<string>,
  studies: readonly StudyRecord[],
  runsByStudy: RunsByStudy,
  missing: readonly Pick[] = [],
): Pick[] {
  const picks = studies.flatMap(({ id }): Pick[] => {
    const runs = runsByStudy.get(id) ?? [];
    const chosen = runs.filter((run) => ids.has(run.id));
    if (chosen.length === 0) return [];
    if (chosen.length === runs.length) return [{ kind: 'study', id }];
    const arms = [...new Set(chosen.map(({ armId }) => armId))];
    return arms.flatMap((armId): Pick[] => {
      const own = chosen.filter((run) => run.armId === armId);
      const all = runs.filter((run) => run.armId === armId).length === own.length;
      return all
        ? [{ kind: 'arm', id: `${id}/${armId}` }]
        : own.map((run): Pick => ({ kind: 'run', id: run.id }));
    });
  });
  return [...picks, ...missing];
}

/** The set with these runs in it, or without them. */
export function withRuns(
  ids: ReadonlySet<string>,
  runs: readonly RunRecord[],
  isIn: boolean,
): ReadonlySet<string> {
  const next = new Set(ids);
  for (const { id } of runs) {
    if (isIn) next.add(id);
    else next.delete(id);
  }
  return next;
}

/** Whether all, some or none of the runs are in the set. */
export function pickState(ids: ReadonlySet<string>, runs: readonly RunRecord[]): 'all' | 'some' | 'none' {
  const chosen = runs.filter(({ id }) => ids.has(id)).length;
  return chosen === 0 ? 'none' : chosen === runs.length ? 'all' : 'some';
}
