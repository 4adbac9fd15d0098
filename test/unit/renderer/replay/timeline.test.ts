import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halfWayOf, measureEvents } from '../../../../renderer/replay/measure-events.ts';
import { parseReplayQuery, replayQuery } from '../../../../renderer/replay/query.ts';
import { stopAt, timelineOf } from '../../../../renderer/replay/timeline.ts';
import { numberLabel, ticksOf } from '../../../../renderer/charts/ticks.ts';
import type { MetricColumn, RunCurve } from '../../../../shared/run.ts';
import { runRecord } from '../records.ts';

const efforts = fc
  .uniqueArray(fc.nat(100_000), { minLength: 1, maxLength: 40 })
  .map((values) => Float64Array.from([...new Set([0, ...values])]).sort());

describe('the timeline of two runs', () => {
  it('stops at every row of both, each run at its newest one', () => {
    const { values, rows, positions } = timelineOf([
      { efforts: Float64Array.of(0, 1, 4), unit: 1 },
      { efforts: Float64Array.of(0, 2, 3, 8), unit: 1 },
    ]);
    expect([...values]).toEqual([0, 1, 2, 3, 4, 8]);
    expect([...(rows[0] ?? [])]).toEqual([0, 1, 1, 1, 2, 2]);
    expect([...(rows[1] ?? [])]).toEqual([0, 0, 1, 2, 2, 3]);
    expect(positions[0]).toBe(0);
    expect(positions.at(-1)).toBe(1);
  });

  it('lays fit steps over each other', () => {
    const { values, rows } = timelineOf([
      { efforts: Float64Array.of(0, 10, 100), unit: 10 },
      { efforts: Float64Array.of(0, 500, 1000), unit: 500 },
    ]);
    const fit = values.indexOf(1);
    expect([rows[0]?.[fit], rows[1]?.[fit]]).toEqual([1, 1]);
  });

  it('finds every row again after its unit was taken out and put back', () => {
    fc.assert(
      fc.property(efforts, efforts, fc.integer({ min: 1, max: 9999 }), (a, b, unit) => {
        const timeline = timelineOf([
          { efforts: a, unit },
          { efforts: b, unit: 3 },
        ]);
        a.forEach((effort, row) => {
          const stop = stopAt(timeline, ((effort / unit) * unit) / unit);
          expect(timeline.rows[0]?.[stop]).toBe(row);
        });
        timeline.values.forEach((value, stop) => {
          expect(stopAt(timeline, (value * unit) / unit)).toBe(stop);
        });
      }),
    );
  });
});

describe('events of measures', () => {
  it('are where a measure has crossed the middle for good', () => {
    expect(halfWayOf(Float64Array.of(0, 6, 4, 6, 10))).toBe(3);
    expect(halfWayOf(Float64Array.of(10, 4, 6, 5, 0))).toBe(3);
    expect(halfWayOf(Float64Array.of(2, 2, 2))).toBeNull();
    expect(halfWayOf(Float64Array.of(NaN, 2, 2))).toBeNull();
    expect(halfWayOf(Float64Array.of(0, 1))).toBeNull();
  });

  it('are read off the rows that were measured, four of a quantity at most', () => {
    const column = (name: string, changes: Partial<MetricColumn> = {}): MetricColumn => ({
      name,
      label: name,
      quantity: 'rank',
      unit: '',
      split: null,
      direction: null,
      ...changes,
    });
    const columns = [
      ...['a', 'b', 'c', 'd', 'e'].map((name) => column(name, { sparse: true })),
      column('testLoss', { quantity: 'loss', split: 'test' }),
      column('trainLoss', { quantity: 'loss', split: 'train' }),
    ];
    const sparse = Float64Array.of(0, NaN, 1, NaN, 1);
    const curve: RunCurve = {
      runId: 'r',
      length: 5,
      columns: {
        effort: Float64Array.of(0, 1, 2, 3, 4),
        ...Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, sparse])),
        testLoss: Float64Array.of(1, 2, 9, 3, 0),
        trainLoss: Float64Array.of(4, 3, 2, 1, 0),
      },
    };
    const { events, of } = measureEvents(runRecord('r', { columns }), curve);
    expect(of).toBe(6);
    expect(events.map(({ label, effort }) => [label, effort])).toEqual([
      ['a: half-way', 2],
      ['b: half-way', 2],
      ['c: half-way', 2],
      ['d: half-way', 2],
      ['largest testLoss', 2],
    ]);
  });
});

describe('the address of a replay', () => {
  it.each([
    { beside: null, align: 'effort' },
    { beside: 'a/b.arm.s1', align: 'effort' },
    { beside: 'a/b.arm.s1', align: 'fit' },
  ] as const)('survives: %j', (query) => {
    expect(parseReplayQuery(replayQuery(query))).toEqual(query);
  });

  it('is the plain one for what it does not know', () => {
    expect(parseReplayQuery('align=what&beside=')).toEqual({ beside: null, align: 'effort' });
  });
});

describe('ticks', () => {
  it('are round numbers inside a linear range', () => {
    expect(ticksOf([-0.03, 1.03], 'linear', 6).map(({ label }) => label)).toEqual(
      ['0', '0.2', '0.4', '0.6', '0.8', '1'].map((label) => (label === '0' ? '0' : Number(label).toFixed(1))),
    );
  });

  it('are powers of ten on a log axis, and digits between where there is no room for two', () => {
    expect(ticksOf([-3.2, 5.1], 'log', 20).map(({ label }) => label)).toEqual([
      ...['10⁻³', '0.01', '0.1', '1', '10', '100', '1,000', '10⁴', '10⁵'],
    ]);
    expect(ticksOf([0.1, 0.9], 'log', 20).map(({ value }) => value)).toEqual([2, 5]);
  });

  it('of all ranges lie within them and rise', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        fc.integer({ min: 2, max: 12 }),
        (low, size, most) => {
          const ticks = ticksOf([low, low + size], 'linear', most);
          expect(ticks.length).toBeLessThanOrEqual(most + 1);
          ticks.forEach(({ value }, i) => {
            expect(value).toBeGreaterThanOrEqual(low - size * 1e-6);
            expect(value).toBeLessThanOrEqual(low + size * (1 + 1e-6));
            if (i > 0) expect(value).toBeGreaterThan(ticks[i - 1]?.value as number);
          });
        },
      ),
    );
  });

  it('write very large and very small numbers with a power of ten', () => {
    expect(numberLabel(2.5e7, 1e6)).toBe('2.5·10⁷');
    expect(numberLabel(-3e-7, 1e-7)).toBe('−3·10⁻⁷');
    expect(numberLabel(-0.25, 0.01)).toBe('−0.25');
  });
});
