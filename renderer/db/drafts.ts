/**
 * Studies that are being written, kept in this browser: a database of their own, for they are nowhere else, unlike the
 * copies of runs.
 */
import { Dexie, type EntityTable } from 'dexie';
import type { Draft } from '../../shared/draft.ts';
import type { Study } from '../../shared/study.ts';

export interface StoredDraft {
  id: string;
  study: Draft;
  /** The preset that it was made from; null for one made from nothing or from a file. */
  base: Study | null;
  /** ISO 8601. */
  changedAt: string;
}

/** A draft as it is stored now. */
export function draftNow(id: string, study: Draft, base: Study | null): StoredDraft {
  return { id, study, base, changedAt: new Date().toISOString() };
}

export class DraftDatabase extends Dexie {
  declare readonly drafts: EntityTable<StoredDraft, 'id'>;

  constructor(name = 'latebloom-drafts') {
    // Strict: what was typed is on disk when the write is done.
    super(name, { chromeTransactionDurability: 'strict' });
    this.version(1).stores({ drafts: 'id, changedAt' });
  }
}
