/**
 * The notes on one study while they are written: their history, when the host last saved them, and a copy in this browser
 * of what it has not saved. Nothing that was typed is lost when the host, the window or the connection ends.
 */
import type { LatebloomError } from '../../shared/errors.ts';
import type { Findings, SavedView, SaveFindings } from '../../shared/findings/findings.ts';
import { historyOf, recorded, redone, sealed, undone } from '../compose/history.ts';
import type { UnsavedNotes } from '../db/notes.ts';
import { asLatebloomError } from './task.svelte.ts';

const SAVE_AFTER = 800;
const KEEP_AFTER = 150;
/** A pause in typing ends a step of undo. */
const SEAL_AFTER = 1200;

export interface FindingsHost {
  /** @throws LatebloomError */
  save: (request: SaveFindings) => Promise<Findings>;
  /** Keeps in this browser what the host has not saved; null lets go of it. */
  keep: (unsaved: Pick<UnsavedNotes, 'notes' | 'views' | 'revision'> | null) => Promise<void>;
}

export class FindingsEditor {
  readonly studyId: string;
  /** What the host has, as far as this window knows. */
  saved = $state.raw<Findings>() as Findings;
  saving = $state(false);
  /** Why the last save failed; null while saving works. */
  problem = $state.raw<LatebloomError | null>(null);
  #history = $state.raw(historyOf(''));
  #views = $state.raw<readonly SavedView[]>([]);
  /** The revision that the text was written from. */
  #revision = $state(0);
  readonly #host: FindingsHost;
  #saveTimer: ReturnType<typeof setTimeout> | null = null;
  #keepTimer: ReturnType<typeof setTimeout> | null = null;
  #sealTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(saved: Findings, unsaved: UnsavedNotes | null, host: FindingsHost) {
    this.studyId = saved.studyId;
    this.saved = saved;
    this.#host = host;
    this.#history = historyOf(unsaved?.notes ?? saved.notes);
    this.#views = unsaved?.views ?? saved.views;
    this.#revision = unsaved?.revision ?? saved.revision;
    if (unsaved !== null && this.isUnsaved) this.#saveSoon();
  }

  get text(): string {
    return this.#history.present;
  }

  get views(): readonly SavedView[] {
    return this.#views;
  }

  get isUnsaved(): boolean {
    return this.text !== this.saved.notes || !sameViews(this.#views, this.saved.views);
  }

  /** Whether the host has another text than this one was written from. */
  get isConflict(): boolean {
    return this.isUnsaved && this.saved.revision !== this.#revision;
  }

  get canUndo(): boolean {
    return this.#history.past.length > 0;
  }

  get canRedo(): boolean {
    return this.#history.future.length > 0;
  }

  /** What is typed without a pause is one step. */
  type(text: string): void {
    this.#change(recorded(this.#history, text, 'typing'));
    if (this.#sealTimer !== null) clearTimeout(this.#sealTimer);
    this.#sealTimer = setTimeout(() => (this.#history = sealed(this.#history)), SEAL_AFTER);
  }

  /** A change that is a step of its own. A view of the same name is replaced. */
  insert(text: string, view: SavedView | null = null): void {
    if (view !== null) this.#views = [...this.#views.filter(({ name }) => name !== view.name), view];
    this.#change(recorded(this.#history, text, null));
  }

  undo(): void {
    this.#change(undone(this.#history));
  }

  redo(): void {
    this.#change(redone(this.#history));
  }

  /** The host's findings arrived: what is not touched here follows them. */
  adopt(saved: Findings): void {
    if (saved.revision === this.saved.revision && saved.savedAt === this.saved.savedAt) return;
    const untouched = !this.isUnsaved;
    this.saved = saved;
    if (untouched) this.#takeSaved();
    else if (!this.isUnsaved) void this.#settle();
  }

  /** Puts this text in the place of the one that another window saved. */
  keepMine(): void {
    this.#revision = this.saved.revision;
    void this.save();
  }

  /** Gives this text up for the one that another window saved; undo brings it back. */
  takeTheirs(): void {
    this.#takeSaved();
    void this.#settle();
  }

  /** Saves now. */
  async save(): Promise<void> {
    if (this.#saveTimer !== null) clearTimeout(this.#saveTimer);
    this.#saveTimer = null;
    if (this.saving || !this.isUnsaved || this.isConflict) return;
    this.saving = true;
    const { text, views } = this;
    try {
      const saved = await this.#host.save({
        studyId: this.studyId,
        notes: text,
        views: [...views],
        revision: this.#revision,
      });
      this.problem = null;
      this.saved = saved;
      this.#revision = saved.revision;
    } catch (error) {
      this.problem = asLatebloomError(error);
    } finally {
      this.saving = false;
    }
    if (!this.isUnsaved) await this.#settle();
    // Typed while the save was under way.
    else if (this.problem === null) this.#saveSoon();
  }

  /** Writes what is unsaved to this browser without waiting: the page may be about to end. */
  async keepNow(): Promise<void> {
    if (this.#keepTimer !== null) clearTimeout(this.#keepTimer);
    this.#keepTimer = null;
    const { text, isUnsaved } = this;
    await this.#host.keep(
      isUnsaved ? { notes: text, views: [...this.#views], revision: this.#revision } : null,
    );
  }

  #takeSaved(): void {
    this.#history = recorded(this.#history, this.saved.notes, null);
    this.#views = this.saved.views;
    this.#revision = this.saved.revision;
  }

  #change(history: ReturnType<typeof historyOf<string>>): void {
    this.#history = history;
    this.#keepTimer ??= setTimeout(() => void this.keepNow(), KEEP_AFTER);
    this.#saveSoon();
  }

  #saveSoon(): void {
    if (this.#saveTimer !== null) clearTimeout(this.#saveTimer);
    this.#saveTimer = setTimeout(() => void this.save(), SAVE_AFTER);
  }

  async #settle(): Promise<void> {
    this.problem = null;
    this.#revision = this.saved.revision;
    await this.keepNow();
  }
}

function sameViews(a: readonly SavedView[], b: readonly SavedView[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
