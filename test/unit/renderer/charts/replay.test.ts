import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  advancePlace,
  axisFraction,
  largestSize,
  logPositions,
  rowAt,
  rowForKey,
} from '../../../../renderer/charts/cursor.ts';
import { pacer, type Clock } from '../../../../renderer/charts/pace.ts';
import { replayPanels } from '../../../../renderer/charts/replay.ts';
import { analyseDelay } from '../../../../shared/delay.ts';
import { column, entry } from './fixtures.ts';

const efforts = fc
  .uniqueArray(fc.nat(1_000_000), { minLength: 1, maxLength: 60 })
  .map((values) => Float64Array.from(values).sort());

describe('the cursor', () => {
  it('spreads rows evenly over decades, with 0 where a log axis draws it', () => {
    const positions = logPositions(Float64Array.of(0, 1, 2, 4));
    [0, 1 / 3, 2 / 3, 1].forEach((place, row) => expect(positions[row]).toBeCloseTo(place, 12));
  });

  it('finds every row again at its own place', () => {
    fc.assert(
      fc.property(efforts, (values) => {
        const positions = logPositions(values);
        positions.forEach((place, row) => expect(rowAt(positions, place)).toBe(row));
      }),
    );
  });

  it('finds the nearest row anywhere', () => {
    fc.assert(
      fc.property(efforts, fc.double({ min: -0.5, max: 1.5, noNaN: true }), (values, place) => {
        const positions = logPositions(values);
        const distances = Array.from(positions, (one) => Math.abs(one - place));
        expect(distances[rowAt(positions, place)]).toBe(Math.min(...distances));
      }),
    );
  });

  it('survives a curve of one row and of none', () => {
    expect([...logPositions(Float64Array.of(0))]).toEqual([0]);
    expect(rowAt(logPositions(new Float64Array()), 0.5)).toBe(0);
  });

  it('moves by keys and stays inside', () => {
    expect(rowForKey('ArrowRight', 3, 100)).toBe(4);
    expect(rowForKey('ArrowLeft', 0, 100)).toBe(0);
    expect(rowForKey('ArrowUp', 99, 100)).toBe(99);
    expect(rowForKey('PageUp', 3, 100)).toBe(8);
    expect(rowForKey('Home', 3, 100)).toBe(0);
    expect(rowForKey('End', 3, 100)).toBe(99);
    expect(rowForKey('x', 3, 100)).toBeNull();
    expect(rowForKey('End', 0, 0)).toBe(0);
  });

  it('lies where the axis draws its x', () => {
    expect(axisFraction(10, [0, 2], 'log')).toBe(0.5);
    expect(axisFraction(10, [0, 40], 'linear')).toBe(0.25);
    expect(axisFraction(1e9, [0, 2], 'log')).toBe(1);
  });

  it('plays the whole curve in twelve seconds, faster by the speed', () => {
    expect(advancePlace(0, 6000, 1)).toBe(0.5);
    expect(advancePlace(0.25, 1500, 2)).toBe(0.5);
    expect(advancePlace(0.9, 60_000, 1)).toBe(1);
  });

  it('scales bars by the largest finite size', () => {
    expect(largestSize([Float64Array.of(1, -3, NaN), Float64Array.of(-Infinity, 2)])).toBe(3);
    expect(largestSize([])).toBe(0);
  });
});

describe('replayPanels', () => {
  const described = [
    column('elbo', 'objective', null, 'nat'),
    column('kl', 'objective', null, 'nat'),
    column('trainLoss', 'loss', 'train'),
    column('norm', 'weight norm'),
    column('absent', 'never recorded'),
  ];
  const values = [1, 2, 3];
  const { run, curve } = entry({
    efforts: [0, 1, 10],
    fitAt: 1,
    described,
    columns: { elbo: values, kl: values, trainLoss: values, norm: values },
  });
  const panels = replayPanels(run, curve, analyseDelay(curve, run.arm.thresholds));

  it('has one panel per recorded quantity, accuracy and loss first', () => {
    expect(panels.map((panel) => [panel.heading, panel.columns.map((one) => one.name)])).toEqual([
      ['Accuracy', ['trainAccuracy', 'testAccuracy']],
      ['Loss', ['trainLoss']],
      ['Objective', ['elbo', 'kl']],
      ['Norm', ['norm']],
    ]);
  });

  it('shows bars for several parts of one measure only', () => {
    expect(panels.map((panel) => panel.bars)).toEqual([false, false, true, false]);
    const looks = panels[2]?.figure.lines.map((line) => `${line.style.color}${line.style.symbol}`);
    expect(new Set(looks).size).toBe(2);
  });

  it('tells the parts of a measure apart where all belong to one split', () => {
    const parts = [column('fitTerm', 'objective', 'train'), column('complexity', 'objective', 'train')];
    const linear = entry({
      efforts: [0, 1, 10],
      described: parts,
      columns: { fitTerm: values, complexity: values },
    });
    const panel = replayPanels(
      linear.run,
      linear.curve,
      analyseDelay(linear.curve, linear.run.arm.thresholds),
    )[1];
    expect(panel?.bars).toBe(true);
    expect(panel?.figure.lines.map((line) => line.style.dash)).toEqual(['dash', 'dash']);
    expect(new Set(panel?.figure.lines.map((line) => `${line.style.color}${line.style.symbol}`)).size).toBe(
      2,
    );
  });

  it('marks what was observed and says what was not', () => {
    expect(panels[0]?.figure.rules.map((rule) => rule.label)).toEqual(['fit 1']);
    expect(panels[0]?.figure.description).toContain('generalization step not within 10.');
    expect(panels[2]?.figure.yLabel).toBe('objective (nat)');
  });
});

describe('pacer', () => {
  function manualClock(): Clock & {
    time: number;
    frames: (() => void)[];
    timers: { at: number; run: () => void }[];
  } {
    const clock = {
      time: 0,
      frames: [] as (() => void)[],
      timers: [] as { at: number; run: () => void }[],
      now: () => clock.time,
      frame: (callback: () => void) => clock.frames.push(callback),
      cancelFrame: () => void (clock.frames = []),
      later: (run: () => void, milliseconds: number) =>
        clock.timers.push({ at: clock.time + milliseconds, run }),
      cancelLater: () => void (clock.timers = []),
    };
    return clock;
  }
  const paint = (clock: ReturnType<typeof manualClock>): void =>
    clock.frames.splice(0).forEach((frame) => frame());
  const pass = (clock: ReturnType<typeof manualClock>, milliseconds: number): void => {
    clock.time += milliseconds;
    const due = clock.timers.filter((timer) => timer.at <= clock.time);
    clock.timers = clock.timers.filter((timer) => timer.at > clock.time);
    due.forEach((timer) => timer.run());
  };

  it('works in the next frame, then once per interval however often it is asked', () => {
    const clock = manualClock();
    let done = 0;
    const pace = pacer(200, () => done++, clock);
    for (let i = 0; i < 5; i++) pace.request();
    expect(done).toBe(0);
    paint(clock);
    expect(done).toBe(1);
    for (let i = 0; i < 19; i++) {
      pace.request();
      pass(clock, 10);
      paint(clock);
    }
    expect(done).toBe(1);
    pass(clock, 10);
    paint(clock);
    expect(done).toBe(2);
  });

  it('does nothing while no frames are painted, and nothing after it is cancelled', () => {
    const clock = manualClock();
    let done = 0;
    const pace = pacer(200, () => done++, clock);
    pace.request();
    pass(clock, 10_000);
    expect(done).toBe(0);
    pace.cancel();
    paint(clock);
    expect(done).toBe(0);
    pace.request();
    paint(clock);
    expect(done).toBe(1);
  });
});
