/** What was found in a study: notes in Markdown, and the comparisons that were saved with them. */
import { z } from 'zod';

/** Notes travel whole with every save. */
export const MAX_NOTES = 500_000;
const MAX_VIEWS = 200;

const recordId = z
  .string()
  .max(300)
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.))*$/);

/** A comparison of a study's runs under a name. */
export const savedViewSpec = z.strictObject({
  id: z.string().min(1).max(100),
  name: z.string().min(1).max(200),
  /** As in the address of the comparison (see `charts/view.ts`). */
  query: z.string().max(20_000),
  savedAt: z.iso.datetime(),
});

export type SavedView = z.infer<typeof savedViewSpec>;

export const findingsSpec = z.strictObject({
  schemaVersion: z.literal(1),
  studyId: recordId,
  notes: z.string().max(MAX_NOTES),
  views: z.array(savedViewSpec).max(MAX_VIEWS),
  /** Counts the saves: a save on top of another one than it was written from is refused. */
  revision: z.int().min(0),
  savedAt: z.iso.datetime().nullable(),
});

export type Findings = z.infer<typeof findingsSpec>;

export const saveFindingsSpec = z.strictObject({
  studyId: recordId,
  notes: z.string().max(MAX_NOTES),
  views: z.array(savedViewSpec).max(MAX_VIEWS),
  /** The revision that the text was written from. */
  revision: z.int().min(0),
});

export type SaveFindings = z.infer<typeof saveFindingsSpec>;

/** Of a study that nobody has written about. */
export function noFindings(studyId: string): Findings {
  return { schemaVersion: 1, studyId, notes: '', views: [], revision: 0, savedAt: null };
}

export function isEmpty({ notes, views }: Pick<Findings, 'notes' | 'views'>): boolean {
  return notes.trim() === '' && views.length === 0;
}
