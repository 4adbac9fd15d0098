/** Live progress: a block of lines on a terminal, a line now and then elsewhere. */
import { formatEffort } from '../../shared/format.ts';
import { endedEarly, type RunRecord, type RunStatus } from '../../shared/run.ts';
import { runWords } from '../../shared/sweep.ts';
import { count, cut, formatRate, formatSeconds, formatTable } from './format.ts';
import type { Terminal } from './terminal.ts';

const REDRAW_EVERY = 150;
const FIRST_LINE_AFTER = 1000;
const LINE_EVERY = 5000;

/** Seconds until a run's budget is spent at its present speed; null where that is unknown. */
export function secondsLeft(run: RunRecord): number | null {
  if (run.effortsPerSecond === null || run.effortsPerSecond <= 0) return null;
  return (run.arm.budget.maxEffort - Math.max(0, run.effort)) / run.effortsPerSecond;
}

/** The cells of a running run: name, effort, share, metrics, speed, time left. */
export function progressCells(run: RunRecord): string[] {
  const { maxEffort } = run.arm.budget;
  const effort = Math.max(0, run.effort);
  const left = secondsLeft(run);
  const unit = run.effortUnit.split(' ').at(-1) ?? run.effortUnit;
  return [
    runWords(run.armId, run.point, run.seed),
    `${formatEffort(effort)} / ${formatEffort(maxEffort)}`,
    `${Math.floor((100 * effort) / maxEffort)} %`,
    metricWords(run),
    run.effortsPerSecond === null ? 'starting' : `${formatRate(run.effortsPerSecond)} ${unit}s/s`,
    left === null ? '' : `${formatSeconds(left)} left`,
  ];
}

export function progressLine(run: RunRecord): string {
  return progressCells(run)
    .filter((cell) => cell !== '')
    .join('  ');
}

/** "train 1.000  test 0.512": accuracy, or the loss where the run has no accuracy. */
export function metricWords(run: RunRecord): string {
  const { trainAccuracy, testAccuracy, trainLoss, testLoss } = run.latest;
  if (trainAccuracy !== undefined && testAccuracy !== undefined) {
    return `train ${accuracy(trainAccuracy)}  test ${accuracy(testAccuracy)}`;
  }
  if (trainLoss === undefined || testLoss === undefined) return '';
  return `train loss ${trainLoss.toExponential(2)}  test loss ${testLoss.toExponential(2)}`;
}

/** Three decimals; what is not quite 1 never reads as 1. */
function accuracy(value: number): string {
  const text = value.toFixed(3);
  return text === '1.000' && value < 1 ? '0.999…' : text;
}

/** One sentence when a run's status changes; null for the changes that the live lines show. */
export function statusLine(run: RunRecord): string | null {
  const name = runWords(run.armId, run.point, run.seed);
  const at = run.effort < 0 ? '' : ` at ${formatEffort(run.effort)}`;
  const why = run.error?.message ?? run.note;
  const because = why === null ? '' : `: ${why}`;
  switch (run.status) {
    case 'queued':
    case 'running':
      return null;
    case 'finished': {
      const metrics = metricWords(run);
      const early = endedEarly(run) ? ', once it had generalized' : '';
      return `${name} finished${at}${early}${metrics === '' ? '' : `  ${metrics}`}`;
    }
    default:
      return `${name} ${run.status}${at}${because}`;
  }
}

export function summaryLine(runs: readonly RunRecord[]): string {
  const waiting = runs.filter((run) => run.status === 'queued').length;
  const running = runs.filter((run) => run.status === 'running').length;
  return `${runs.length - waiting - running} of ${count(runs.length, 'run')} ended, ${running} running, ${waiting} waiting`;
}

/** Follows the runs of one study on stderr. */
export class ProgressView {
  readonly #terminal: Terminal;
  readonly #runs = new Map<string, RunRecord>();
  readonly #said = new Map<string, RunStatus>();
  #timer: NodeJS.Timeout;
  #drawn = 0;

  constructor(terminal: Terminal, runs: readonly RunRecord[]) {
    this.#terminal = terminal;
    for (const run of runs) {
      this.#runs.set(run.id, run);
      this.#said.set(run.id, run.status);
    }
    this.#timer = this.#schedule(terminal.isTty ? REDRAW_EVERY : FIRST_LINE_AFTER);
  }

  #schedule(delay: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#tick();
      this.#timer = this.#schedule(this.#terminal.isTty ? REDRAW_EVERY : LINE_EVERY);
    }, delay);
  }

  update(run: RunRecord): void {
    if (!this.#runs.has(run.id)) return;
    this.#runs.set(run.id, run);
    if (this.#said.get(run.id) === run.status) return;
    this.#said.set(run.id, run.status);
    const line = statusLine(run);
    if (line !== null) this.say(line);
  }

  /** A line that stays, above the live block. */
  say(line: string): void {
    this.#erase();
    this.#terminal.err(`${line}\n`);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#erase();
  }

  #tick(): void {
    const runs = [...this.#runs.values()];
    const running = runs.filter((run) => run.status === 'running');
    if (!this.#terminal.isTty) {
      for (const run of running) this.#terminal.err(`${progressLine(run)}\n`);
      return;
    }
    const rows = formatTable(
      [
        { header: '' },
        { header: '', align: 'right' },
        { header: '', align: 'right' },
        { header: '' },
        { header: '' },
        { header: '' },
      ],
      running.map(progressCells),
    );
    const lines = [...rows.split('\n').slice(2, -1), summaryLine(runs)];
    this.#erase();
    // A line that wraps would be two to erase.
    this.#terminal.err(lines.map((line) => `${cut(line, this.#terminal.columns - 1)}\n`).join(''));
    this.#drawn = lines.length;
  }

  #erase(): void {
    if (this.#drawn > 0) this.#terminal.err(`\u001b[${this.#drawn}A\u001b[0J`);
    this.#drawn = 0;
  }
}
