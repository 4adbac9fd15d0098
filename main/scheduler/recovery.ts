/** What a host does with the runs that the one before it left behind. */
import type { HostEvent } from '../../shared/api.ts';
import { toErrorReport } from '../../shared/errors.ts';
import type { RunRecord } from '../../shared/run.ts';
import { DamagedJournalError } from '../journal/format.ts';
import type { Store } from '../journal/store.ts';

/**
 * Runs that were going or waiting become 'interrupted' and wait for the user; every run that can go on is brought in
 * line with its journal, which is newer than its record after a crash. Returns sentences for the user.
 */
export async function recoverRuns(store: Store): Promise<string[]> {
  const notices: string[] = [];
  for (const run of store.runs()) {
    if (run.status === 'finished' || run.status === 'failed') continue;
    const recovered = store.change(run.id, { ...interruption(run), ...(await fromJournal(store, run)) });
    if (recovered.error !== null) notices.push(recovered.error.message);
    if (!differ(run, recovered)) continue;
    try {
      await store.saveRun(run.id);
    } catch (error) {
      notices.push(`${run.id}: its record could not be written (${toErrorReport(error).message}).`);
    }
  }
  return notices;
}

/** Says how many interrupted runs can go on here; nothing when there are none. */
export function interruptedNotice(store: Store): HostEvent[] {
  const waiting = store
    .runs()
    .filter((run) => run.status === 'interrupted' && store.study(run.studyId).imported === null).length;
  if (waiting === 0) return [];
  const runs = waiting === 1 ? '1 interrupted run waits' : `${waiting} interrupted runs wait`;
  const message = `${runs} for you to resume: each goes on from its last checkpoint.`;
  return [{ type: 'notice', level: 'warning', message, about: 'interrupted' }];
}

function interruption(run: RunRecord): Partial<RunRecord> {
  if (run.status !== 'running' && run.status !== 'queued') return {};
  const doing = run.status === 'running' ? 'going' : 'waiting for its turn';
  return {
    status: 'interrupted',
    note: `Latebloom ended while this run was ${doing}.`,
    effortsPerSecond: null,
  };
}

/** A damaged journal fails its run: it cannot be appended to, and what stands before the damage can be read. */
async function fromJournal(store: Store, run: RunRecord): Promise<Partial<RunRecord>> {
  const scan = await store.reader(run).refresh();
  const fields = { batches: scan.entries.length, effort: scan.lastEffort, latest: scan.latest };
  if (scan.fault === null) return fields;
  const error = toErrorReport(new DamagedJournalError(store.journalPath(run), scan.end, scan.fault));
  return { ...fields, status: 'failed', error, endedAt: new Date().toISOString() };
}

function differ(a: RunRecord, b: RunRecord): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}
