import { describe, expect, it } from 'vitest';
import {
  controllable,
  runFraction,
  runRate,
  runSecondsLeft,
  studyProgress,
} from '../../../../renderer/stores/progress.ts';
import type { ControlAction } from '../../../../shared/api.ts';
import { arm, runRecord } from '../records.ts';

const running = runRecord('r', { effort: 1000, effortsPerSecond: 100 });
const queued = runRecord('q', { status: 'queued' });
const finished = runRecord('f', { status: 'finished', effort: 5000, latest: { seconds: 25 } });

describe('runSecondsLeft', () => {
  it('is the rest of the budget at the current rate', () => {
    expect(runSecondsLeft(running)).toBe(40);
  });

  it('is not known before a rate is, nor for a run that does not go on', () => {
    expect(runSecondsLeft(runRecord('r'))).toBeNull();
    expect(runSecondsLeft(finished)).toBeNull();
  });
});

describe('runFraction', () => {
  it('is the share of the budget, and all of it once a run has ended because it generalized', () => {
    expect(runFraction(running)).toBe(0.2);
    expect(runFraction(runRecord('n'))).toBe(0);
    const early = { ...arm, budget: { maxEffort: 5000, stopAfterGeneralization: 2 } };
    expect(runFraction(runRecord('e', { arm: early, status: 'finished', effort: 1000 }))).toBe(1);
    expect(runFraction(runRecord('e', { arm: early, status: 'stopped', effort: 1000 }))).toBe(0.2);
  });
});

describe('runRate', () => {
  it('falls back on the mean over the computing time', () => {
    expect(runRate(finished)).toBe(200);
    expect(runRate(queued)).toBeNull();
  });
});

describe('studyProgress', () => {
  it('counts a stopped run as done and gives waiting runs the rate of their arm', () => {
    const stopped = runRecord('s', { status: 'stopped', effort: 10 });
    const progress = studyProgress([running, queued, finished, stopped]);
    expect(progress.fraction).toBeCloseTo((0.2 + 0 + 1 + 1) / 4, 12);
    expect(progress.ended).toBe(2);
    // The rate of the arm is the mean of 100 and 200; one run goes on at a time.
    expect(progress.secondsLeft).toBeCloseTo(40 + 5000 / 150, 9);
  });

  it('is at least as long as the longest run', () => {
    const slow = runRecord('slow', { effort: 0, effortsPerSecond: 1 });
    expect(studyProgress([running, slow]).secondsLeft).toBe(5000);
  });

  it('does not guess while an arm has no rate', () => {
    expect(
      studyProgress([running, runRecord('o', { armId: 'other', status: 'queued' })]).secondsLeft,
    ).toBeNull();
    expect(studyProgress([finished]).secondsLeft).toBeNull();
  });

  it('does not add up efforts of different units', () => {
    const other = runRecord('o', { effortUnit: 'optimizer step', effortsPerSecond: 5 });
    expect(studyProgress([running, other]).effortsPerSecond).toBeNull();
    expect(studyProgress([running, { ...running, id: 'r2' }]).effortsPerSecond).toBe(200);
  });
});

describe('controllable', () => {
  const runs = (['queued', 'running', 'paused', 'interrupted', 'stopped', 'failed', 'finished'] as const).map(
    (status) => runRecord(status, { status }),
  );
  const ids = (action: ControlAction, imported = false): string[] =>
    controllable(runs, action, imported).map((run) => run.id);

  it('offers what the scheduler does', () => {
    expect(ids('pause')).toEqual(['queued', 'running']);
    expect(ids('resume')).toEqual(['paused', 'interrupted', 'stopped']);
    expect(ids('stop')).toEqual(['queued', 'running', 'paused', 'interrupted']);
    expect(ids('retry')).toEqual(['stopped', 'failed']);
    expect(ids('first')).toEqual(['queued']);
    expect(ids('last')).toEqual(['queued']);
  });

  it('does not offer to resume what was computed elsewhere', () => {
    expect(ids('resume', true)).toEqual([]);
    expect(ids('retry', true)).toEqual([]);
  });
});
