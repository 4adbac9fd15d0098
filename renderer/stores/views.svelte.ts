/** The saved comparisons of this browser. */
import type { LatebloomError } from '../../shared/errors.ts';
import { ViewDatabase, viewNow, type StoredView } from '../db/views.ts';
import { asLatebloomError } from './task.svelte.ts';

export class ViewStore {
  /** Saved last, first. */
  views = $state.raw<StoredView[]>([]);
  /** Why views are not kept; null while they are. */
  problem = $state.raw<LatebloomError | null>(null);
  readonly #db: ViewDatabase;

  constructor(db = new ViewDatabase()) {
    this.#db = db;
  }

  /** Reads what is stored. */
  async load(): Promise<void> {
    await this.#attempt(async () => {
      this.views = await this.#db.views.orderBy('savedAt').reverse().toArray();
    });
  }

  /** Saves a comparison; one of the same name and data folder is replaced. */
  async save(name: string, query: string, home: string): Promise<void> {
    const before = this.views.find((view) => view.name === name && view.home === home);
    const id = before?.id ?? crypto.randomUUID();
    await this.put(viewNow(id, name, query, home));
  }

  async put(view: StoredView): Promise<void> {
    this.views = [view, ...this.views.filter(({ id }) => id !== view.id)];
    await this.#attempt(() => this.#db.views.put(view));
  }

  async delete(id: string): Promise<void> {
    this.views = this.views.filter((view) => view.id !== id);
    await this.#attempt(() => this.#db.views.delete(id));
  }

  async #attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      this.problem = null;
    } catch (error) {
      this.problem = asLatebloomError(error);
    }
  }
}
