/** Groups of runs that follow their entries at most five times a second, however fast batches arrive. */
import { untrack } from 'svelte';
import type { StudyRecord } from '../../shared/run.ts';
import { groupEntries, type ArmGroup, type Entry } from '../../shared/charts/groups.ts';
import { pacer } from './pace.ts';

export interface GroupSource {
  entries: readonly Entry[];
  studies: readonly StudyRecord[];
}

const REFRESH_INTERVAL = 200;

/** To be called while a component is set up. `studies` are those that `current` was made with. */
export function pacedGroups(read: () => GroupSource): {
  readonly current: ArmGroup[];
  readonly studies: readonly StudyRecord[];
} {
  const made = ({ entries, studies }: GroupSource, before?: ArmGroup[]) => ({
    groups: groupEntries(entries, studies, before),
    studies,
  });
  let paced = $state.raw(untrack(() => made(read())));
  let wanted: GroupSource | null = null;
  const pace = pacer(REFRESH_INTERVAL, () => {
    if (wanted !== null) paced = made(wanted, paced.groups);
  });
  $effect(() => {
    wanted = read();
    pace.request();
  });
  $effect(() => () => pace.cancel());
  return {
    get current() {
      return paced.groups;
    },
    get studies() {
      return paced.studies;
    },
  };
}
