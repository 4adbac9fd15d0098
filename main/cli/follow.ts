/** Follows runs to their end, and stops them when the user asks for it. */
import type { RunRecord } from '../../shared/run.ts';
import type { Workbench } from '../workbench.ts';
import type { ProgressView } from './progress.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves when none of the runs is running or waiting. A signal stops them all first. */
export async function follow(
  workbench: Workbench,
  runIds: readonly string[],
  view: ProgressView,
  stop: StopSignal,
): Promise<void> {
  const followed = new Set(runIds);
  const going = new Set(runIds);
  let settle = (): void => undefined;
  const note = (run: RunRecord): void => {
    if (!followed.has(run.id)) return;
    view.update(run);
    if (isGoing(run)) going.add(run.id);
    else going.delete(run.id);
    if (going.size === 0) settle();
  };
  const unsubscribe = workbench.subscribe((event) => {
    if (event.type === 'run') note(event.run);
  });
  try {
    await new Promise<void>((resolve, reject) => {
      settle = resolve;
      // Subscribed first, read then: nothing that happens in between is missed.
      workbench.call('runs', null).then((runs) => {
        runs.forEach(note);
      }, reject);
      stop.onSignal(() => {
        view.say('Stopping. Once more to end at once.');
        workbench.call('control', { action: 'stop', runIds: [...runIds] }).catch(reject);
      });
    });
  } finally {
    unsubscribe();
  }
}

function isGoing(run: RunRecord): boolean {
  return run.status === 'queued' || run.status === 'running';
}

/** The first Ctrl-C (or SIGTERM, SIGHUP) asks for a clean stop; the second ends the process as usual. */
export class StopSignal {
  asked = false;
  #listener: (() => void) | null = null;

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#receive);
  }

  /** Calls back once, at once when the signal has been there already. */
  onSignal(listener: () => void): void {
    this.#listener = listener;
    if (this.asked) listener();
  }

  dispose(): void {
    for (const signal of SIGNALS) process.off(signal, this.#receive);
  }

  readonly #receive = (): void => {
    this.asked = true;
    this.dispose();
    this.#listener?.();
  };
}
