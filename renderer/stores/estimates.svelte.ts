/** Time estimates: asked for one after another (each may measure for seconds), and remembered while the host runs. */
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
  #turn: Promise<void> = Promise.resolve();

  constructor(api: Pick<WorkbenchApi, 'call'>) {
    this.#api = api;
  }

  for(request: StartRequest): Estimation {
    const key = canonicalJson(request);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const estimation = new Estimation();
    this.#known.set(key, estimation);
    this.#turn = this.#turn.then(async () => {
      try {
        estimation.estimate = await this.#api.call('estimate', request);
      } catch (error) {
        estimation.problem = asLatebloomError(error);
        if (this.#known.get(key) === estimation) this.#known.delete(key);
      }
    });
    return estimation;
  }

  /** Forgets everything: another host, another machine. */
  clear(): void {
    this.#known.clear();
  }
}
