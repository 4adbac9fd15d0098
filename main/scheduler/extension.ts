/** Whether runs can be given more budget: all that are named, or none. */
import type { ExtendRequest } from '../../shared/api.ts';
import { LatebloomError } from '../../shared/errors.ts';
import { extensionRefusal } from '../../shared/extend.ts';
import type { RunRecord } from '../../shared/run.ts';
import type { Store } from '../journal/store.ts';

/** Sentences beyond these are counted. */
const SAID = 5;

/** @throws LatebloomError 'conflict' with a sentence for every run that cannot be extended; NotFoundError */
export async function extendableRuns(store: Store, request: ExtendRequest): Promise<RunRecord[]> {
  const { runIds, maxEffort, recompute = false } = request;
  const runs = [...new Set(runIds)].map((id) => store.run(id));
  const refusals: string[] = [];
  let lacking = 0;
  for (const run of runs) {
    const imported = store.study(run.studyId).imported !== null;
    const refusal = extensionRefusal(run, imported, maxEffort);
    if (refusal !== null) refusals.push(refusal);
    else if (!recompute && !(await hasCheckpoint(store, run))) {
      lacking++;
      refusals.push(
        `The last checkpoint of ${run.id} was not kept: extending it computes it again from its beginning.`,
      );
    }
  }
  if (refusals.length === 0) return runs;
  const more = refusals.length - SAID;
  const rest = more > 0 ? ` So it is with ${more} more.` : '';
  throw new LatebloomError(
    'conflict',
    `${refusals.slice(0, SAID).join(' ')}${rest}`,
    lacking === refusals.length
      ? 'Nothing was extended. Agree to computing again what was not kept (--recompute), or leave those runs out.'
      : 'Nothing was extended. Leave those runs out, or choose another budget.',
  );
}

async function hasCheckpoint(store: Store, run: RunRecord): Promise<boolean> {
  // Of a run that finished, one from somewhere in its middle may have stayed: that is not the last.
  if (run.status === 'finished' && (run.checkpointEffort ?? -1) < run.effort) return false;
  return (await store.checkpointBytes(run)) !== null;
}
