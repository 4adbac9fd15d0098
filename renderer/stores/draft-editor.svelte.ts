/** One draft that is being edited: its history, what is wrong with it, and its copy in the store. */
import { isDraft, type Draft } from '../../shared/draft.ts';
import type { InputFault } from '../../shared/errors.ts';
import { printPath, valueAt, withoutAt, withValueAt, type Path } from '../../shared/json-path.ts';
import type { Study } from '../../shared/study.ts';
import { draftFaults, faultsAt, faultsUnder } from '../compose/faults.ts';
import { historyOf, recorded, redone, sealed, undone } from '../compose/history.ts';
import { draftNow, type StoredDraft } from '../db/drafts.ts';

/** A sweep of thousands of points takes a moment to check; typing does not wait for it. */
const CHECK_AFTER = 120;

export class DraftEditor {
  readonly id: string;
  readonly base: Study | null;
  /** What the user was told about the last change, such as claims that went with an arm. */
  notice = $state('');
  #history = $state.raw(historyOf<Draft>({}));
  /** The draft that `faults` are of. */
  #checked = $state.raw<{ draft: Draft | null; faults: InputFault[] }>({ draft: null, faults: [] });
  #timer: ReturnType<typeof setTimeout> | null = null;
  readonly #presetIds: () => readonly string[];
  readonly #save: (draft: StoredDraft) => void;

  constructor(
    { id, study, base }: StoredDraft,
    presetIds: () => readonly string[],
    save: (draft: StoredDraft) => void,
  ) {
    this.id = id;
    this.base = base;
    this.#presetIds = presetIds;
    this.#save = save;
    this.#history = historyOf(study);
    this.check();
  }

  get draft(): Draft {
    return this.#history.present;
  }

  get faults(): InputFault[] {
    return this.#checked.faults;
  }

  /** The study, once it is known to be valid as it stands. */
  get study(): Study | null {
    const { draft, faults } = this.#checked;
    return draft === this.draft && faults.length === 0 ? (draft as unknown as Study) : null;
  }

  /** Whether the last change has been checked. */
  get isChecked(): boolean {
    return this.#checked.draft === this.draft;
  }

  get canUndo(): boolean {
    return this.#history.past.length > 0;
  }

  get canRedo(): boolean {
    return this.#history.future.length > 0;
  }

  valueAt(path: Path): unknown {
    return valueAt(this.draft, path);
  }

  faultsAt(at: string): InputFault[] {
    return faultsAt(this.faults, at);
  }

  faultsUnder(at: string): InputFault[] {
    return faultsUnder(this.faults, at);
  }

  /** Puts a value somewhere, or takes it away where it is undefined. Typing in one field is one step. */
  set(path: Path, value: unknown): void {
    const changed = value === undefined ? withoutAt(this.draft, path) : withValueAt(this.draft, path, value);
    if (isDraft(changed)) this.#change(changed, printPath(path));
  }

  /** A change that is a step of its own. */
  apply(draft: Draft, notice = ''): void {
    this.#change(draft, null);
    this.notice = notice;
  }

  /** The field was left: what is typed next is another step. */
  seal(): void {
    this.#history = sealed(this.#history);
  }

  undo(): void {
    this.#move(undone(this.#history));
  }

  redo(): void {
    this.#move(redone(this.#history));
  }

  /** Checks the draft as it stands. */
  check(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const { draft } = this;
    this.#checked = { draft, faults: draftFaults(draft, this.#presetIds()) };
  }

  #change(draft: Draft, group: string | null): void {
    this.notice = '';
    this.#move(recorded(this.#history, draft, group));
  }

  #move(history: ReturnType<typeof historyOf<Draft>>): void {
    if (history.present !== this.draft) {
      this.#history = history;
      this.#save(draftNow(this.id, this.draft, this.base));
      this.#timer ??= setTimeout(() => this.check(), CHECK_AFTER);
    } else {
      this.#history = history;
    }
  }
}
