/** What the host says about something that is being edited: only the answer to the newest question counts. */
import { untrack } from 'svelte';
import type { LatebloomError } from '../../shared/errors.ts';
import { asLatebloomError } from './task.svelte.ts';

/** How long typing has to rest before what it came to is asked about, in milliseconds. */
export const PAUSE_MS = 400;

export class LatestAnswer<T> {
  value = $state.raw<T | null>(null);
  problem = $state.raw<LatebloomError | null>(null);

  /**
   * Asks at once when nothing is shown yet, else once typing pauses. The result withdraws the question, for the
   * clean-up of an effect: an answer that comes after it, as when its component is gone, changes nothing.
   */
  ask(question: () => Promise<T>): () => void {
    let wanted = true;
    const settle = async (): Promise<void> => {
      let value: T | null = null;
      let problem: LatebloomError | null = null;
      try {
        value = await question();
      } catch (error) {
        problem = asLatebloomError(error);
      }
      if (!wanted) return;
      this.value = value;
      this.problem = problem;
    };
    const pause = untrack(() => this.value) === null ? 0 : PAUSE_MS;
    const timer = setTimeout(() => void settle(), pause);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }
}
