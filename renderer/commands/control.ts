/** Pause, resume, stop and retry as commands, for whatever runs a page is about. */
import type { ControlAction } from '../../shared/api.ts';
import type { RunRecord } from '../../shared/run.ts';
import { controllable } from '../stores/progress.ts';
import type { Command } from './command.ts';

const titles: Record<'pause' | 'resume' | 'stop' | 'retry', string> = {
  pause: 'Pause',
  resume: 'Resume',
  stop: 'Stop',
  retry: 'Retry',
};

export interface Controlled {
  runs: readonly RunRecord[];
  /** Whether a run came with an imported study: it cannot go on here. */
  isImported: (run: RunRecord) => boolean;
  /** "this run", "the runs of this study" */
  what: string;
  /** False without a host, or while an action is going on. */
  isFree: boolean;
  control: (action: ControlAction, runs: RunRecord[]) => void;
}

export function controlCommands({ runs, isImported, what, isFree, control }: Controlled): Command[] {
  const own = runs.filter((run) => !isImported(run));
  const foreign = runs.filter(isImported);
  return (Object.keys(titles) as (keyof typeof titles)[]).map((action) => {
    const fitting = [...controllable(own, action, false), ...controllable(foreign, action, true)];
    return {
      id: `run.${action}`,
      title: `${titles[action]} ${what}`,
      group: 'page',
      detail: runs.length > 1 ? `${fitting.length.toLocaleString('en-US')} of ${runs.length}` : '',
      enabled: isFree && fitting.length > 0,
      run: () => control(action, fitting),
    };
  });
}
