/** What becomes of the window when its renderer process dies. Runs are not touched: they live in other processes. */

export type CrashResponse = 'ignore' | 'reload' | 'ask';

/** Crashes within this time of each other count as one trouble that a reload does not mend. */
const WINDOW_MS = 60_000;

/**
 * @param reason of Electron's `render-process-gone`
 * @param earlier times of earlier crashes, in milliseconds
 * @param now in milliseconds on the same clock
 */
export function crashResponse(reason: string, earlier: readonly number[], now: number): CrashResponse {
  if (reason === 'clean-exit') return 'ignore';
  return earlier.some((time) => now - time < WINDOW_MS) ? 'ask' : 'reload';
}
