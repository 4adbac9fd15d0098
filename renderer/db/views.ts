/**
 * Comparisons that were saved under a name: a database of their own, for they are nowhere else, unlike the copies of runs.
 */
import { Dexie, type EntityTable } from 'dexie';

export interface StoredView {
  id: string;
  name: string;
  /** The address of the comparison, after its `?` (see `compare/view.ts`). */
  query: string;
  /** The data folder whose runs it names. */
  home: string;
  /** ISO 8601. */
  savedAt: string;
}

/** A comparison as it is saved now. */
export function viewNow(id: string, name: string, query: string, home: string): StoredView {
  return { id, name, query, home, savedAt: new Date().toISOString() };
}

export class ViewDatabase extends Dexie {
  declare readonly views: EntityTable<StoredView, 'id'>;

  constructor(name = 'latebloom-views') {
    super(name, { chromeTransactionDurability: 'strict' });
    this.version(1).stores({ views: 'id, savedAt' });
  }
}
