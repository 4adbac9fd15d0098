/** Which step of the tour is shown; whether it has been seen is remembered in this browser. */
import { TOUR_KEY } from './seen.ts';
import { tourSteps } from './steps.ts';

export class Tour {
  /** From 0; null while it is not shown. */
  step = $state<number | null>(null);
  readonly #storage: Pick<Storage, 'getItem' | 'setItem'>;
  readonly #home: () => void;

  /** @param home opens the page on which the tour takes place */
  constructor(home: () => void, storage: Pick<Storage, 'getItem' | 'setItem'> = localStorage) {
    this.#home = home;
    this.#storage = storage;
  }

  get isSeen(): boolean {
    return this.#storage.getItem(TOUR_KEY) === 'seen';
  }

  /** From its first step, whether it was seen or not. */
  start(): void {
    this.#home();
    this.step = 0;
  }

  next(): void {
    if (this.step !== null && this.step + 1 < tourSteps.length) this.step += 1;
  }

  back(): void {
    if (this.step !== null && this.step > 0) this.step -= 1;
  }

  end(): void {
    this.step = null;
    this.#storage.setItem(TOUR_KEY, 'seen');
  }
}
