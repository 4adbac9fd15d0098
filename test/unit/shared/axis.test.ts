import { describe, expect, it } from 'vitest';
import { axisKinds, axisValues, logSafe, zeroPosition } from '../../../shared/axis.ts';
import { analyseDelay } from '../../../shared/delay.ts';
import { accuracyCurve, linearArm, runOf } from './support.ts';

const arm = linearArm('lin', 400);
const one = runOf(arm, 0, accuracyCurve([0, 20, 100, 200], [0, 1, 1, 1], [0, 0, 0, 1]));
const delay = analyseDelay(one.curve, arm.thresholds);

describe('axisValues', () => {
  it('puts a run on every axis', () => {
    const x = Object.fromEntries(
      axisKinds.map((kind) => {
        const values = axisValues(one.run, one.curve, kind, delay);
        return [kind, 'x' in values ? [...values.x] : values.unavailable];
      }),
    );
    expect(x).toEqual({
      effort: [0, 20, 100, 200],
      steps: [0, 20, 100, 200],
      epochs: [0, 5, 25, 50],
      examples: [0, 10, 50, 100],
      seconds: [0, 0.2, 1, 2],
      'relative-to-fit': [0, 1, 5, 10],
      'relative-to-budget': [0, 0.05, 0.25, 0.5],
    });
    expect(axisValues(one.run, one.curve, 'effort', delay)).toMatchObject({ label: 'gradient-descent step' });
  });

  it('says why a run that never fitted, or fitted at 0, has no place relative to its fit', () => {
    const never = runOf(arm, 1, accuracyCurve([0, 1000], [0, 0], [0, 0]));
    expect(
      axisValues(never.run, never.curve, 'relative-to-fit', analyseDelay(never.curve, arm.thresholds)),
    ).toEqual({ unavailable: 'The run did not fit its training data within 1,000.' });
    const early = runOf(arm, 2, accuracyCurve([0, 1000], [1, 1], [0, 0]));
    expect(
      axisValues(early.run, early.curve, 'relative-to-fit', analyseDelay(early.curve, arm.thresholds)),
    ).toEqual({ unavailable: 'The run fits its training data at effort 0, which cannot be a unit.' });
  });

  it('counts neither steps nor passes nor examples of a run whose effort is no step', () => {
    const run = { ...one.run, effortUnit: 'leaf node' };
    for (const kind of ['steps', 'epochs', 'examples'] as const) {
      expect(axisValues(run, one.curve, kind, delay)).toEqual({
        unavailable: 'Its effort counts leaf nodes, which are no steps through the training data.',
      });
    }
    expect(axisValues(run, one.curve, 'effort', delay)).toMatchObject({ label: 'leaf node' });
  });

  it('has no values for a run without rows', () => {
    const curve = { runId: 'run', length: 0, columns: {} };
    const values = axisValues(one.run, curve, 'effort', analyseDelay(curve, arm.thresholds));
    expect(values).toEqual({ unavailable: 'The run has no recorded rows yet.' });
  });
});

describe('logSafe', () => {
  it('draws 0 at half of the smallest positive value and says so', () => {
    const safe = logSafe(Float64Array.of(0, 1, 10));
    expect([...safe.x]).toEqual([0.5, 1, 10]);
    expect(safe.zeroAt).toBe(0.5);
    expect(safe.note).toBe('0 has no place on a log axis: it is drawn at 0.5.');
  });

  it('moves nothing where there is no 0', () => {
    const x = Float64Array.of(1, 10);
    expect(logSafe(x)).toEqual({ x, zeroAt: null, note: null });
  });

  it('uses one place for all lines of a chart', () => {
    const lines = [Float64Array.of(0, 0.4, 3), Float64Array.of(0, 8)];
    const zeroAt = zeroPosition(lines);
    expect(zeroAt).toBe(0.2);
    expect([...logSafe(lines[1] as Float64Array, zeroAt).x]).toEqual([0.2, 8]);
    expect(zeroPosition([Float64Array.of(0)])).toBe(0.5);
    expect(zeroPosition([Float64Array.of(2)])).toBeNull();
  });
});
