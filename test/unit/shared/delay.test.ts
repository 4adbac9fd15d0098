import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyseDelay, type CrossingEvent } from '../../../shared/delay.ts';
import { accuracyCurve, accuracyThresholds, curveOf } from './support.ts';

const at = accuracyThresholds;

function observed(effort: number, after: number | null, rest: Partial<CrossingEvent> = {}): CrossingEvent {
  return { kind: 'observed', effort, after, sustained: true, relapses: 0, ...rest } as CrossingEvent;
}

describe('analyseDelay', () => {
  it('finds both events, their intervals and the delay', () => {
    const curve = accuracyCurve([0, 10, 20, 50, 100], [0.1, 0.95, 1, 1, 1], [0.1, 0.1, 0.2, 0.85, 0.93]);
    const result = analyseDelay(curve, at(0.9));
    expect(result.fit).toEqual(observed(10, 0));
    expect(result.generalization).toEqual(observed(100, 50));
    expect(result.delay).toEqual({ kind: 'observed', value: 90 });
    expect(result.delayRatio).toEqual({ kind: 'observed', value: 10 });
  });

  it('counts a value equal to the threshold as past it', () => {
    const curve = accuracyCurve([0, 1], [0.5, 0.9], [0.9, 0.9]);
    expect(analyseDelay(curve, at(0.9)).fit).toEqual(observed(1, 0));
    expect(analyseDelay(curve, at(0.9)).generalization).toEqual(observed(0, null));
  });

  it('reads loss thresholds downwards', () => {
    const curve = curveOf([0, 1, 2, 3], { trainLoss: [2, 0.1, 0.05, 0.01], testLoss: [2, 3, 1, 0.2] });
    const result = analyseDelay(curve, { metric: 'loss', train: 0.1, test: 0.2, sustain: 1 });
    expect(result.fit).toEqual(observed(1, 0));
    expect(result.generalization).toEqual(observed(3, 2));
  });

  it('censors a run that never generalized at its last recorded effort', () => {
    const curve = accuracyCurve([0, 20, 1500], [0, 1, 1], [0, 0.5, 0.5]);
    const result = analyseDelay(curve, at(0.9));
    expect(result.generalization).toEqual({ kind: 'censored', at: 1500 });
    expect(result.delay).toEqual({ kind: 'censored', atLeast: 1480 });
    expect(result.delayRatio).toEqual({ kind: 'censored', atLeast: 75 });
    expect(result.sharpness.kind).toBe('undefined');
  });

  it('leaves the delay of a run that never fitted undefined, whatever its test metric did', () => {
    const curve = accuracyCurve([0, 5, 1200], [0, 0.4, 0.4], [0, 1, 1]);
    const result = analyseDelay(curve, at(0.9));
    expect(result.generalization).toEqual(observed(5, 0));
    expect(result.delay).toEqual({
      kind: 'undefined',
      reason: 'The run did not fit its training data within 1,200.',
    });
    expect(result.delayRatio).toEqual(result.delay);
  });

  it('gives a negative delay when the test metric crosses first', () => {
    const curve = accuracyCurve([0, 10, 40], [0, 0.5, 1], [0, 1, 1]);
    const result = analyseDelay(curve, at(0.9));
    expect(result.delay).toEqual({ kind: 'observed', value: -30 });
    expect(result.delayRatio).toEqual({ kind: 'observed', value: 0.25 });
  });

  it('has no delay ratio for a fit at effort 0, and says so', () => {
    const curve = accuracyCurve([0, 1, 600], [1, 1, 1], [0, 0, 1]);
    const result = analyseDelay(curve, at(0.9));
    expect(result.fit).toEqual(observed(0, null));
    expect(result.delay).toEqual({ kind: 'observed', value: 600 });
    expect(result.delayRatio).toEqual({
      kind: 'undefined',
      reason: 'The run fits its training data at effort 0, before any update.',
    });
  });

  it('analyses an empty curve and one row without failing', () => {
    const empty = analyseDelay({ runId: 'run', length: 0, columns: {} }, at(0.9));
    expect(empty.fit).toEqual({ kind: 'censored', at: 0 });
    expect(empty.delay).toEqual({ kind: 'undefined', reason: 'The run has no recorded rows yet.' });
    const one = analyseDelay(accuracyCurve([0], [0.5], [0.5]), at(0.9));
    expect(one.generalization).toEqual({ kind: 'censored', at: 0 });
  });

  it('never takes NaN as past a threshold', () => {
    const curve = accuracyCurve([0, 1, 2, 3], [NaN, NaN, 1, 1], [0, NaN, NaN, 1]);
    const result = analyseDelay(curve, at(0.9));
    expect(result.fit).toEqual(observed(2, 1));
    expect(result.generalization).toEqual(observed(3, 2));
    const loss = curveOf([0, 1], { trainLoss: [NaN, NaN], testLoss: [NaN, NaN] });
    expect(analyseDelay(loss, { metric: 'loss', train: 1, test: 1, sustain: 1 }).fit.kind).toBe('censored');
  });

  it('says what a curve lacks that its thresholds read, and what follows from that', () => {
    const none = analyseDelay(curveOf([0, 1], { trainLoss: [1, 1], testLoss: [1, 1] }), at(0.9));
    const lacks = (name: string): string => `The run records no "${name}", which its thresholds read.`;
    expect(none.fit).toEqual({ kind: 'unknown', reason: lacks('trainAccuracy') });
    expect(none.generalization).toEqual({ kind: 'unknown', reason: lacks('testAccuracy') });
    for (const name of ['delay', 'delayRatio'] as const)
      expect(none[name]).toEqual({ kind: 'undefined', reason: lacks('trainAccuracy') });
    expect(none.sharpness).toEqual({ kind: 'undefined', reason: lacks('testAccuracy') });
    const half = analyseDelay(curveOf([0, 1], { trainAccuracy: [0, 1] }), at(0.9));
    expect(half.fit).toEqual(observed(1, 0));
    expect(half.delay).toEqual({ kind: 'undefined', reason: lacks('testAccuracy') });
  });
});

describe('sustain', () => {
  const effort = [0, 100, 105, 112, 200, 300];

  it('skips a crossing that falls back inside its window', () => {
    const curve = accuracyCurve(effort, [0, 1, 0.5, 1, 1, 1], [0, 0, 0, 0, 0, 0]);
    expect(analyseDelay(curve, at(0.9, 1.1)).fit).toEqual(observed(112, 105));
    expect(analyseDelay(curve, at(0.9, 1)).fit).toEqual(observed(100, 0, { relapses: 1 } as never));
  });

  it('asks for the first row at or beyond the window, because between rows nothing is known', () => {
    const curve = accuracyCurve(effort, [0, 1, 1, 0.5, 1, 1], [0, 0, 0, 0, 0, 0]);
    expect(analyseDelay(curve, at(0.9, 1.1)).fit).toEqual(observed(200, 112));
    expect(analyseDelay(curve, at(0.9, 1.05)).fit).toEqual(observed(100, 0, { relapses: 1 } as never));
  });

  it('takes a row exactly at the end of the window as reaching it', () => {
    const curve = accuracyCurve([0, 100, 110, 120], [0, 1, 1, 0], [0, 0, 0, 0]);
    expect(analyseDelay(curve, at(0.9, 1.1)).fit).toMatchObject({ effort: 100, sustained: true });
  });

  it('says when the run ended before the window did', () => {
    const curve = accuracyCurve([0, 100, 200], [0, 0, 1], [0, 0, 0]);
    expect(analyseDelay(curve, at(0.9, 1.1)).fit).toEqual(observed(200, 100, { sustained: false } as never));
    expect(analyseDelay(curve, at(0.9, 1)).fit).toEqual(observed(200, 100));
  });

  it('asks for the next row at effort 0, where a factor says nothing', () => {
    const chance = accuracyCurve([0, 1, 2], [1, 0.5, 1], [0, 0, 0]);
    expect(analyseDelay(chance, at(0.9, 1.1)).fit).toMatchObject({ effort: 2 });
    expect(analyseDelay(chance, at(0.9, 1)).fit).toMatchObject({ effort: 0, relapses: 1 });
    const held = accuracyCurve([0, 1, 2], [1, 1, 0.5], [0, 0, 0]);
    expect(analyseDelay(held, at(0.9, 1.1)).fit).toMatchObject({ effort: 0, relapses: 1 });
  });

  it('counts every later fall as one relapse', () => {
    const curve = accuracyCurve([0, 1, 2, 3, 4, 5, 6, 7], [0, 1, 0, 0, 1, 1, 0, 1], [0, 0, 0, 0, 0, 0, 0, 0]);
    expect(analyseDelay(curve, at(0.9)).fit).toMatchObject({ effort: 1, relapses: 2 });
  });
});

describe('sharpness', () => {
  it('is the effort between the last passages of 10 % and 90 % of the rise', () => {
    // From 0.5 to 0.9: the levels are 0.54 and 0.86; the early excursion to 0.6 does not count.
    const test = [0.5, 0.6, 0.5, 0.55, 0.7, 0.87, 0.9];
    const curve = accuracyCurve([0, 10, 20, 30, 40, 50, 60], [1, 1, 1, 1, 1, 1, 1], test);
    expect(analyseDelay(curve, at(0.9)).sharpness).toEqual({ kind: 'observed', value: 20 });
  });

  it('is 0 for a jump between two rows and undefined where nothing rises', () => {
    const jump = accuracyCurve([0, 10], [1, 1], [0, 1]);
    expect(analyseDelay(jump, at(0.9)).sharpness).toEqual({ kind: 'observed', value: 0 });
    const flat = accuracyCurve([0, 10], [1, 1], [1, 1]);
    expect(analyseDelay(flat, at(0.9)).sharpness.kind).toBe('undefined');
  });
});

/** Accuracies on a coarse grid, so that thresholds are often met exactly; now and then NaN. */
const accuracy = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 0, max: 4 }).map((k) => k / 4) },
  {
    weight: 1,
    arbitrary: fc.constant(NaN),
  },
);
const rows = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), accuracy, accuracy), {
  minLength: 1,
  maxLength: 40,
});
const sustain = fc.constantFrom(1, 1.1, 1.5, 3);

function build(steps: readonly [number, number, number][], start = 0) {
  let effort = start;
  const efforts = steps.map(([step], i) => (effort += i === 0 ? 0 : step));
  return {
    efforts,
    train: steps.map(([, value]) => value),
    test: steps.map(([, , value]) => value),
  };
}

describe('invariants', () => {
  it('scales with the unit of effort; the ratio does not', () => {
    fc.assert(
      fc.property(rows, sustain, fc.constantFrom(2, 4, 0.5), (steps, window, factor) => {
        const { efforts, train, test } = build(steps);
        const plain = analyseDelay(accuracyCurve(efforts, train, test), at(0.75, window));
        const scaled = analyseDelay(
          accuracyCurve(
            efforts.map((e) => e * factor),
            train,
            test,
          ),
          at(0.75, window),
        );
        expect(scaled.delayRatio.kind).toBe(plain.delayRatio.kind);
        if (plain.delayRatio.kind !== 'undefined') expect(scaled.delayRatio).toEqual(plain.delayRatio);
        for (const name of ['fit', 'generalization'] as const) {
          const [one, other] = [plain[name], scaled[name]];
          expect(other.kind).toBe(one.kind);
          if (one.kind === 'observed' && other.kind === 'observed') {
            expect(other.effort).toBe(one.effort * factor);
            expect(other.relapses).toBe(one.relapses);
          }
        }
        if (plain.delay.kind === 'observed') {
          expect(scaled.delay).toEqual({ kind: 'observed', value: plain.delay.value * factor });
        }
      }),
    );
  });

  it('shifts with effort when the first crossing counts; the delay stays', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 1000 }), (steps, shift) => {
        const before = build(steps);
        const after = build(steps, shift);
        const plain = analyseDelay(accuracyCurve(before.efforts, before.train, before.test), at(0.75));
        const shifted = analyseDelay(accuracyCurve(after.efforts, after.train, after.test), at(0.75));
        expect(shifted.delay.kind).toBe(plain.delay.kind);
        if (plain.delay.kind === 'observed' || plain.delay.kind === 'censored') {
          expect(shifted.delay).toEqual(plain.delay);
        }
      }),
    );
  });

  it('keeps a sustained event when rows are added, and only moves censoring outwards', () => {
    fc.assert(
      fc.property(rows, rows, sustain, (first, more, window) => {
        const all = build([...first, ...more]);
        const head = first.length;
        const short = analyseDelay(
          accuracyCurve(all.efforts.slice(0, head), all.train.slice(0, head), all.test.slice(0, head)),
          at(0.75, window),
        );
        const long = analyseDelay(accuracyCurve(all.efforts, all.train, all.test), at(0.75, window));
        for (const name of ['fit', 'generalization'] as const) {
          const [early, late] = [short[name], long[name]];
          if (early.kind === 'observed' && early.sustained)
            expect(late).toMatchObject({ effort: early.effort });
          if (early.kind === 'censored') {
            if (late.kind === 'unknown') throw new Error(late.reason);
            expect(late.kind === 'censored' ? late.at : late.effort).toBeGreaterThan(early.at);
          }
        }
      }),
    );
  });

  it('agrees with itself: past at the event, not past before it, censored only without a sustained stretch', () => {
    fc.assert(
      fc.property(rows, sustain, (steps, window) => {
        const { efforts, train, test } = build(steps);
        const result = analyseDelay(accuracyCurve(efforts, train, test), at(0.75, window));
        const { fit, generalization, delay } = result;
        if (fit.kind === 'observed') {
          const row = efforts.indexOf(fit.effort);
          expect(train[row]).toBeGreaterThanOrEqual(0.75);
          expect(fit.after).toBe(row === 0 ? null : efforts[row - 1]);
          if (row > 0) expect((train[row - 1] as number) >= 0.75).toBe(false);
          const inWindow = train.filter((_, i) => i >= row && (efforts[i] as number) <= window * fit.effort);
          expect(inWindow.every((value) => value >= 0.75)).toBe(true);
        } else {
          expect(fit).toMatchObject({ kind: 'censored', at: efforts.at(-1) });
          expect((train.at(-1) as number) >= 0.75).toBe(false);
          if (window === 1) expect(train.some((value) => value >= 0.75)).toBe(false);
        }
        if (fit.kind === 'observed' && generalization.kind === 'observed') {
          expect(delay).toEqual({ kind: 'observed', value: generalization.effort - fit.effort });
        }
        if (result.sharpness.kind === 'observed') {
          expect(result.sharpness.value).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
