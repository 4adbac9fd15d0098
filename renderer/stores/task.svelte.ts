/** One thing a user asked for: whether it is going on, and what went wrong with it. */
import { fromErrorReport, LatebloomError, toErrorReport } from '../../shared/errors.ts';

export class Task {
  busy = $state(false);
  problem = $state.raw<LatebloomError | null>(null);

  /** The result, or null when it failed: then `problem` says why. */
  async run<T>(work: () => Promise<T>): Promise<T | null> {
    this.busy = true;
    this.problem = null;
    try {
      return await work();
    } catch (error) {
      this.problem = asLatebloomError(error);
      return null;
    } finally {
      this.busy = false;
    }
  }
}

export function asLatebloomError(error: unknown): LatebloomError {
  return error instanceof LatebloomError ? error : fromErrorReport(toErrorReport(error));
}
