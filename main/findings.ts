/** Notes on studies, saved one revision after the other. */
import { isEmpty, type Findings, type SaveFindings } from '../shared/findings/findings.ts';
import { ConflictError } from './exchange.ts';
import type { Store } from './journal/store.ts';

/**
 * Saving what is there already changes nothing.
 * @throws ConflictError when another window saved since `revision`; nothing is written
 */
export async function saveFindings(store: Store, request: SaveFindings): Promise<Findings> {
  const { studyId, notes, views, revision } = request;
  const present = store.findings(studyId);
  const same = present.notes === notes && JSON.stringify(present.views) === JSON.stringify(views);
  if (same || (present.savedAt === null && isEmpty(request))) return present;
  if (present.revision !== revision) {
    throw new ConflictError(
      'The notes were changed in another window since you opened them.',
      'Your text is kept in this browser. Copy what you need from the saved text, then save yours in its place.',
    );
  }
  const findings: Findings = {
    schemaVersion: 1,
    studyId,
    notes,
    views,
    revision: revision + 1,
    savedAt: new Date().toISOString(),
  };
  await store.saveFindings(findings);
  return findings;
}
