/** The checkpoints that ended runs keep, so that they can go on: what they take, and giving the disk back. */
import type { HostEvent, KeptCheckpoints } from '../../shared/api.ts';
import type { RunRecord } from '../../shared/run.ts';
import type { Store } from '../journal/store.ts';
import type { Scheduler } from './scheduler.ts';

interface Kept {
  run: RunRecord;
  bytes: number;
}

export async function keptCheckpoints(store: Store, scheduler: Scheduler): Promise<KeptCheckpoints> {
  return summary(await allKept(store, scheduler));
}

/** Returns what they were. Of runs that go, wait, are paused or were interrupted, none is touched. */
export async function dropCheckpoints(
  store: Store,
  scheduler: Scheduler,
  emit: (event: HostEvent) => void,
): Promise<KeptCheckpoints> {
  const kept = await allKept(store, scheduler);
  for (const { run } of kept) {
    // The file first: on a full disk it makes room for the record.
    await store.dropCheckpoint(run.id);
    emit({ type: 'run', run: store.change(run.id, { checkpointEffort: null }) });
    await store.saveRun(run.id);
  }
  return summary(kept);
}

async function allKept(store: Store, scheduler: Scheduler): Promise<Kept[]> {
  await scheduler.settle(store.runs().map(({ id }) => id));
  const ended = store
    .runs()
    .filter(({ id, status }) => (status === 'finished' || status === 'stopped') && !scheduler.isActive(id));
  const sizes = await Promise.all(ended.map((run) => store.checkpointBytes(run)));
  return ended.flatMap((run, i) => {
    const bytes = sizes[i] ?? null;
    return bytes === null ? [] : [{ run, bytes }];
  });
}

function summary(kept: readonly Kept[]): KeptCheckpoints {
  const finished = kept.filter(({ run }) => run.status === 'finished').length;
  const bytes = kept.reduce((sum, one) => sum + one.bytes, 0);
  return { finished, stopped: kept.length - finished, bytes };
}
