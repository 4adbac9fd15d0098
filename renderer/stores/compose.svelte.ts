/** The drafts of this browser: listed, opened, written to IndexedDB with every change. */
import { copyOf, uniqueId, type Draft } from '../../shared/draft.ts';
import type { LatebloomError } from '../../shared/errors.ts';
import { startingStudy } from '../../shared/starting-arms.ts';
import type { Study } from '../../shared/study.ts';
import { DraftDatabase, draftNow, type StoredDraft } from '../db/drafts.ts';
import { DraftEditor } from './draft-editor.svelte.ts';
import { asLatebloomError } from './task.svelte.ts';

export class ComposeStore {
  /** Last changed first. */
  drafts = $state.raw<StoredDraft[]>([]);
  loaded = $state(false);
  /** Why drafts are not kept; null while they are. */
  problem = $state.raw<LatebloomError | null>(null);
  readonly #db: DraftDatabase;
  readonly #presetIds: () => readonly string[];
  // Bookkeeping: nothing on screen reads these.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly #editors = new Map<string, DraftEditor>();
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly #waiting = new Map<string, StoredDraft | null>();
  #writing: Promise<void> | null = null;

  constructor(presetIds: () => readonly string[], db = new DraftDatabase()) {
    this.#presetIds = presetIds;
    this.#db = db;
  }

  /** Reads what is stored. */
  async load(): Promise<void> {
    try {
      const stored = await this.#db.drafts.orderBy('changedAt').reverse().toArray();
      const here = this.drafts.map(({ id }) => id);
      this.drafts = [...this.drafts, ...stored.filter(({ id }) => !here.includes(id))];
    } catch (error) {
      this.problem = asLatebloomError(error);
    }
    this.loaded = true;
  }

  /** The editor of a draft, with its undo history as long as the window is open; null where there is no such draft. */
  editor(id: string): DraftEditor | null {
    const known = this.#editors.get(id);
    if (known !== undefined) return known;
    const stored = this.drafts.find((draft) => draft.id === id);
    if (stored === undefined) return null;
    const editor = new DraftEditor(stored, this.#presetIds, (draft) => this.#keep(draft));
    this.#editors.set(id, editor);
    return editor;
  }

  /** A copy of a preset, compared with it from then on. Returns the draft's id. */
  copy(preset: Study): string {
    return this.add(copyOf(preset, this.#takenIds()) as unknown as Draft, preset);
  }

  /** A small study that runs as it is. Returns the draft's id. */
  create(): string {
    const study = startingStudy();
    return this.add({ ...study, id: uniqueId(study.id, this.#takenIds()) });
  }

  /** Returns the draft's id. */
  add(study: Draft, base: Study | null = null): string {
    const id = crypto.randomUUID();
    this.#keep(draftNow(id, study, base));
    return id;
  }

  delete(id: string): void {
    this.#editors.delete(id);
    this.drafts = this.drafts.filter((draft) => draft.id !== id);
    this.#write(id, null);
  }

  /** Resolves when everything is stored, or refused. */
  async flush(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  #takenIds(): string[] {
    return [...this.#presetIds(), ...this.drafts.map(({ study }) => String(study['id']))];
  }

  #keep(draft: StoredDraft): void {
    this.drafts = [draft, ...this.drafts.filter(({ id }) => id !== draft.id)];
    this.#write(draft.id, draft);
  }

  /** Of several changes during one write only the last is written. */
  #write(id: string, draft: StoredDraft | null): void {
    this.#waiting.set(id, draft);
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null;
    });
  }

  async #writeAll(): Promise<void> {
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      const [id, draft] = next;
      this.#waiting.delete(id);
      try {
        if (draft === null) await this.#db.drafts.delete(id);
        else await this.#db.drafts.put(draft);
        this.problem = null;
      } catch (error) {
        this.problem = asLatebloomError(error);
      }
    }
  }
}
