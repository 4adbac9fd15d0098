/** Time estimates: asked for one at a time (each may measure for seconds), and remembered while the host runs. */
import type { Estimate, StartRequest, WorkbenchApi } from '../../shared/api.ts';
import { canonicalJson } from '../../shared/canonical.ts';
import type { LatebloomError } from '../../shared/errors.ts';
import { asLatebloomError } from './task.svelte.ts';

/** An estimate that is being made, is known, or could not be had. */
export class Estimation {
  estimate = $state.raw<Estimate | null>(null);
  problem = $state.raw<LatebloomError | null>(null);
}

export class EstimateStore {
  readonly #api: Pick<WorkbenchApi, 'call'>;
  // Bookkeeping: nothing on screen reads it.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly #known = new Map<string, Estimation>();
  /** What has not been asked yet, in order. */
  #waiting: { key: string; request: StartRequest; estimation: Estimation }[] = [];
  #asking = false;

  constructor(api: Pick<WorkbenchApi, 'call'>) {
    this.#api = api;
  }

  /** @param first whether to ask before everything else that waits: the user looks at this one */
  for(request: StartRequest, first = false): Estimation {
    const key = canonicalJson(request);
    let estimation = this.#known.get(key);
    let task = this.#waiting.find((one) => one.estimation === estimation);
    if (estimation === undefined) {
      estimation = new Estimation();
      this.#known.set(key, estimation);
      task = { key, request, estimation };
      this.#waiting.push(task);
    }
    if (first && task !== undefined) {
      this.#waiting = [task, ...this.#waiting.filter((one) => one !== task)];
    }
    void this.#work();
    return estimation;
  }

  /** Nobody looks at this one any more: it is not asked for, unless that has begun. */
  drop(request: StartRequest): void {
    const key = canonicalJson(request);
    if (!this.#waiting.some((task) => task.key === key)) return;
    this.#waiting = this.#waiting.filter((task) => task.key !== key);
    this.#known.delete(key);
  }

  async #work(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    for (let task = this.#waiting.shift(); task !== undefined; task = this.#waiting.shift()) {
      const { key, request, estimation } = task;
      try {
        estimation.estimate = await this.#api.call('estimate', request);
      } catch (error) {
        estimation.problem = asLatebloomError(error);
        if (this.#known.get(key) === estimation) this.#known.delete(key);
      }
    }
    this.#asking = false;
  }

  /** Forgets everything: another host, another machine. */
  clear(): void {
    this.#known.clear();
    this.#waiting = [];
  }
}
