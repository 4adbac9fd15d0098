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

/** To be called while a component is set up. */
export function pacedGroups(read: () => GroupSource): { readonly current: ArmGroup[] } {
  let groups = $state.raw<ArmGroup[]>(untrack(() => groupEntries(read().entries, read().studies)));
  let wanted: GroupSource | null = null;
  const pace = pacer(REFRESH_INTERVAL, () => {
    if (wanted !== null) groups = groupEntries(wanted.entries, wanted.studies, groups);
  });
  $effect(() => {
    wanted = read();
    pace.request();
  });
  $effect(() => () => pace.cancel());
  return {
    get current() {
      return groups;
    },
  };
}
