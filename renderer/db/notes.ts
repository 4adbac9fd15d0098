/**
 * Notes that the host has not saved yet, kept in this browser: a database of their own, for they are nowhere else, unlike
 * the copies of runs.
 */
import { Dexie, type Table } from 'dexie';
import type { SavedView } from '../../shared/findings/findings.ts';

export interface UnsavedNotes {
  /** The data folder of the study. */
  home: string;
  studyId: string;
  notes: string;
  views: SavedView[];
  /** The revision that they were written from. */
  revision: number;
  /** ISO 8601. */
  changedAt: string;
}

export class NotesDatabase extends Dexie {
  declare readonly unsaved: Table<UnsavedNotes, [string, string]>;

  constructor(name = 'latebloom-notes') {
    // Strict: what was typed is on disk when the write is done.
    super(name, { chromeTransactionDurability: 'strict' });
    this.version(1).stores({ unsaved: '[home+studyId]' });
  }
}

/** Notes as they are kept now. */
export function unsavedNow(unsaved: Omit<UnsavedNotes, 'changedAt'>): UnsavedNotes {
  return { ...unsaved, changedAt: new Date().toISOString() };
}
