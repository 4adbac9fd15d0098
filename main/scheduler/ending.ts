/** What a run's record gets when the run comes to an end. */
import { toErrorReport } from '../../shared/errors.ts';
import { endedStatuses, type RunRecord, type RunStatus } from '../../shared/run.ts';
import { contentIdOf } from '../content-id.ts';
import type { Store } from '../journal/store.ts';

/**
 * End time and content id, from the curve as it stands on disk. When that cannot be read back, the run has failed,
 * whatever its trainer said.
 */
export async function endingFields(
  store: Store,
  runId: string,
  status: RunStatus,
): Promise<Partial<RunRecord>> {
  if (!endedStatuses.includes(status)) return {};
  const endedAt = new Date().toISOString();
  try {
    return { endedAt, contentId: contentIdOf(store.run(runId), await store.readCurve(runId)) };
  } catch (error) {
    return { status: 'failed', error: toErrorReport(error), endedAt };
  }
}
