/** The notes that are open in this window. They stay open when their tab is left, so that undo does. */
import type { LatebloomError } from '../../shared/errors.ts';
import { noFindings } from '../../shared/findings/findings.ts';
import { NotesDatabase, unsavedNow } from '../db/notes.ts';
import { FindingsEditor } from './findings-editor.svelte.ts';
import { asLatebloomError } from './task.svelte.ts';
import type { WorkbenchStore } from './workbench.svelte.ts';

export class FindingsStore {
  /** Why unsaved notes are not kept in this browser; null while they are. */
  problem = $state.raw<LatebloomError | null>(null);
  readonly #workbench: Pick<WorkbenchStore, 'connection' | 'findings' | 'home'>;
  readonly #db: NotesDatabase;
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- looked up, not watched
  readonly #editors = new Map<string, Promise<FindingsEditor>>();

  constructor(workbench: Pick<WorkbenchStore, 'connection' | 'findings' | 'home'>, db = new NotesDatabase()) {
    this.#workbench = workbench;
    this.#db = db;
    addEventListener('pagehide', () => {
      for (const editor of this.#editors.values()) void editor.then((one) => one.keepNow());
    });
  }

  /** The editor of a study's notes, with what was typed and not saved. */
  open(studyId: string): Promise<FindingsEditor> {
    const home = this.#workbench.home ?? '';
    const key = `${home} ${studyId}`;
    const known = this.#editors.get(key);
    if (known !== undefined) return known;
    const opened = this.#open(home, studyId);
    this.#editors.set(key, opened);
    return opened;
  }

  async #open(home: string, studyId: string): Promise<FindingsEditor> {
    const unsaved = await this.#attempt(() => this.#db.unsaved.get([home, studyId]));
    const saved = this.#workbench.findings.get(studyId) ?? noFindings(studyId);
    return new FindingsEditor(saved, unsaved ?? null, {
      save: (request) => this.#workbench.connection.call('saveFindings', request),
      keep: async (text) => {
        await this.#attempt<unknown>(() =>
          text === null
            ? this.#db.unsaved.delete([home, studyId])
            : this.#db.unsaved.put(unsavedNow({ home, studyId, ...text })),
        );
      },
    });
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      const done = await work();
      this.problem = null;
      return done;
    } catch (error) {
      this.problem = asLatebloomError(error);
      return undefined;
    }
  }
}
