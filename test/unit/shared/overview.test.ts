import { describe, expect, it } from 'vitest';
import { OVERVIEW_ROWS, overviewCurve, overviewsOf } from '../../../shared/overview.ts';
import { analyseDelay } from '../../../shared/delay.ts';
import type { MetricColumn, RunCurve } from '../../../shared/run.ts';
import { curveOf, linearArm } from './support.ts';

const column = (name: string, quantity: string, more: Partial<MetricColumn> = {}): MetricColumn => ({
  name,
  label: name,
  quantity,
  unit: '',
  split: null,
  direction: null,
  ...more,
});
const columns = [
  column('trainAccuracy', 'accuracy'),
  column('testAccuracy', 'accuracy'),
  column('norm', 'norm'),
  column('rank', 'rank', { sparse: true }),
];
const arm = linearArm('lin', 50_000);
const rows = 20_001;
const efforts = Array.from({ length: rows }, (_, i) => i);

/** Fits at 123, generalizes at 15,117; a spike of the norm at 9,876; a rank at every 400th row. */
function long(): RunCurve {
  return curveOf(efforts, {
    trainAccuracy: efforts.map((effort) => (effort >= 123 ? 1 : 0)),
    testAccuracy: efforts.map((effort) => (effort >= 15_117 ? 1 : effort / 100_000)),
    norm: efforts.map((effort) => (effort === 9876 ? 99 : 1 + effort / 1e6)),
    rank: efforts.map((effort) => (effort % 400 === 0 ? effort : NaN)),
  });
}

describe('overviewsOf', () => {
  const whole = long();
  const overviews = overviewsOf({ id: 'run', columns, arm }, whole, 7);
  const of = (quantity: string) => {
    const found = overviews.find((one) => one.quantity === quantity);
    if (found === undefined) throw new Error(`There is no overview of ${quantity}.`);
    return found;
  };

  it('makes one per quantity, of few rows, each as it was recorded', () => {
    expect(overviews.map(({ quantity, batches }) => [quantity, batches])).toEqual([
      ['accuracy', 7],
      ['norm', 7],
      ['rank', 7],
    ]);
    const curve = overviewCurve(of('accuracy'));
    expect(curve.length).toBeLessThanOrEqual(OVERVIEW_ROWS + 3);
    expect(curve.length).toBeGreaterThan(270);
    const { effort, testAccuracy, seconds } = curve.columns as Record<string, Float64Array>;
    effort?.forEach((at, i) => {
      expect(testAccuracy?.[i]).toBe(whole.columns['testAccuracy']?.[at]);
      expect(seconds?.[i]).toBe(at / 100);
    });
    expect([effort?.[0], effort?.at(-1)]).toEqual([0, 20_000]);
  });

  it('keeps events, extremes, and every measured point of a sparse column', () => {
    expect([...(of('accuracy').columns['effort'] ?? [])]).toEqual(expect.arrayContaining([123, 15_117]));
    expect(of('norm').columns['norm']).toContain(99);
    const { rank } = of('rank').columns;
    expect(rank?.filter((value) => !Number.isNaN(value)).length).toBe(51);
    expect(of('rank').recorded).toEqual({ rank: 51 });
    expect(of('norm').recorded).toEqual({ norm: rows });
  });

  it('says of every run what the whole curve says', () => {
    const result = analyseDelay(whole, arm.thresholds);
    for (const { analysed } of overviews) {
      expect(analysed.result).toEqual(result);
      expect(analysed.last).toMatchObject({ effort: 20_000, norm: 1.02, trainAccuracy: 1 });
    }
  });

  it('is every row of a short curve, and no row of an empty one', () => {
    const short = curveOf([0, 5, 9], { trainAccuracy: [0, 1, 1], testAccuracy: [0, 0, 1] });
    const [accuracy] = overviewsOf({ id: 'run', columns: columns.slice(0, 2), arm }, short, 1);
    expect([...(accuracy?.columns['effort'] ?? [])]).toEqual([0, 5, 9]);
    const [empty] = overviewsOf({ id: 'run', columns: [], arm }, { runId: 'run', length: 0, columns: {} }, 0);
    expect(empty).toBeUndefined();
  });
});
