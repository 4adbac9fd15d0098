import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  metricWords,
  progressLine,
  ProgressView,
  secondsLeft,
  statusLine,
  summaryLine,
} from '../../../main/cli/progress.ts';
import type { Terminal } from '../../../main/cli/terminal.ts';
import type { RunRecord } from '../../../shared/run.ts';
import { runOf } from '../bundle/fixtures.ts';

function running(changes: Partial<RunRecord> = {}): RunRecord {
  const { run } = runOf('mlp', 0, 'running');
  return {
    ...run,
    arm: { ...run.arm, budget: { maxEffort: 1000 } },
    effort: 250,
    effortsPerSecond: 125,
    latest: { trainAccuracy: 1, testAccuracy: 0.5126 },
    ...changes,
  };
}

class FakeTerminal implements Terminal {
  readonly isTty: boolean;
  readonly columns = 40;
  written: string[] = [];

  constructor(isTty: boolean) {
    this.isTty = isTty;
  }

  out(): void {
    throw new Error('Progress belongs on stderr.');
  }

  err(text: string): void {
    this.written.push(text);
  }
}

describe('progressLine', () => {
  it('names the run, its effort, both metrics, the speed and the time left', () => {
    expect(progressLine(running())).toBe(
      'mlp seed 0  250 / 1,000  25 %  train 1.000  test 0.513  125 steps/s  6.0 s left',
    );
  });

  it('names the sweep point', () => {
    expect(progressLine(running({ point: { 'model.initScale': 2 } }))).toMatch(
      /^mlp, initScale = 2, seed 0  250 /,
    );
    expect(progressLine(running())).toMatch(/^mlp seed 0  /);
  });

  it('says so before there is a speed, and makes up no time left', () => {
    const run = running({ effort: -1, effortsPerSecond: null, latest: {} });
    expect(secondsLeft(run)).toBeNull();
    expect(progressLine(run)).toBe('mlp seed 0  0 / 1,000  0 %  starting');
  });
});

describe('metricWords', () => {
  it('never rounds an accuracy up to 1', () => {
    expect(metricWords(running({ latest: { trainAccuracy: 0.9999, testAccuracy: 1 } }))).toBe(
      'train 0.999…  test 1.000',
    );
  });

  it('shows losses where there is no accuracy', () => {
    expect(metricWords(running({ latest: { trainLoss: 0.00123, testLoss: 12 } }))).toBe(
      'train loss 1.23e-3  test loss 1.20e+1',
    );
  });
});

describe('statusLine', () => {
  it('speaks of endings and their reasons, and is silent about what the live lines show', () => {
    expect(statusLine(running())).toBeNull();
    expect(statusLine({ ...runOf('mlp', 1, 'failed').run, effort: 20 })).toBe(
      'mlp seed 1 failed at 20: It diverged.',
    );
    expect(statusLine(running({ status: 'paused', note: 'disk full: paused' }))).toBe(
      'mlp seed 0 paused at 250: disk full: paused',
    );
    expect(statusLine(running({ status: 'finished', effort: 1000 }))).toBe(
      'mlp seed 0 finished at 1,000  train 1.000  test 0.513',
    );
    const whole = running({ status: 'finished', effort: 300 });
    const arm = { ...whole.arm, budget: { maxEffort: 1000, stopAfterGeneralization: 2 } };
    expect(statusLine({ ...whole, arm })).toBe(
      'mlp seed 0 finished at 300, once it had generalized  train 1.000  test 0.513',
    );
  });
});

describe('ProgressView', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('prints a line every few seconds where there is no terminal', () => {
    const terminal = new FakeTerminal(false);
    const view = new ProgressView(terminal, [running(), running({ id: 'other', status: 'queued' })]);
    const line = `${progressLine(running())}\n`;
    vi.advanceTimersByTime(5000);
    expect(terminal.written).toEqual([line]);
    vi.advanceTimersByTime(1000);
    expect(terminal.written).toEqual([line, line]);
    view.end();
    vi.advanceTimersByTime(60_000);
    expect(terminal.written).toHaveLength(2);
  });

  it('draws over its own block on a terminal, cut to its width, and leaves nothing behind', () => {
    const terminal = new FakeTerminal(true);
    const view = new ProgressView(terminal, [running()]);
    vi.advanceTimersByTime(160);
    const block = terminal.written.join('');
    expect(block.split('\n').every((line) => [...line].length <= 39)).toBe(true);
    expect(block).toContain('0 of 1 run ended, 1 running, 0 waiting');
    view.update(running({ status: 'stopped' }));
    expect(terminal.written.slice(1).join('')).toBe('\u001b[2A\u001b[0Jmlp seed 0 stopped at 250\n');
    vi.advanceTimersByTime(160);
    view.end();
    expect(terminal.written.at(-1)).toBe('\u001b[1A\u001b[0J');
  });

  it('says a status once, and nothing of runs of other studies', () => {
    const terminal = new FakeTerminal(false);
    const view = new ProgressView(terminal, [running()]);
    view.update(running({ status: 'stopped' }));
    view.update(running({ status: 'stopped' }));
    view.update(running({ id: 'foreign', status: 'failed' }));
    view.end();
    expect(terminal.written).toEqual(['mlp seed 0 stopped at 250\n']);
  });
});

describe('summaryLine', () => {
  it('counts', () => {
    const runs = [running(), running({ status: 'queued' }), running({ status: 'failed' })];
    expect(summaryLine(runs)).toBe('1 of 3 runs ended, 1 running, 1 waiting');
  });
});
