import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { delayFigure } from '../../../../shared/charts/delay-plot.ts';
import { eventMarks, rowOfEffort } from '../../../../shared/charts/events.ts';
import { groupEntries, type ArmGroup } from '../../../../shared/charts/groups.ts';
import { entry } from './fixtures.ts';

const efforts = [0, 1, 10, 100, 1000];
const options = { quantity: 'accuracy', axis: 'effort', train: true, test: true } as const;
const group = (...specs: Parameters<typeof entry>[0][]): ArmGroup =>
  groupEntries(specs.map(entry))[0] as ArmGroup;

describe('eventMarks', () => {
  it('puts observed steps on the curves they were read from', () => {
    const marks = eventMarks(group({ efforts, fitAt: 10, generalizeAt: 1000 }), options);
    expect(marks.map(({ symbol, x, y }) => ({ symbol, x, y }))).toEqual([
      { symbol: 'fit', x: 10, y: 1 },
      { symbol: 'generalization', x: 1000, y: 1 },
    ]);
  });

  it('opens a censored step of an ended run at its last effort', () => {
    const [, mark] = eventMarks(group({ efforts, fitAt: 10 }), options);
    expect(mark).toMatchObject({ symbol: 'censored', x: 1000, y: 0.5 });
    expect(mark?.label).toBe('arm, seed 0: generalization step not within 1,000');
    expect(mark?.origin.statistic).toBe('generalization step, censored');
  });

  it('does not call a step censored while the run goes on', () => {
    const marks = eventMarks(group({ efforts, fitAt: 10, status: 'running' }), options);
    expect(marks.map((mark) => mark.symbol)).toEqual(['fit']);
  });

  it('marks where a run failed', () => {
    const marks = eventMarks(group({ efforts, fitAt: 10, status: 'failed' }), options);
    expect(marks.at(-1)).toMatchObject({ symbol: 'failed', x: 1000 });
  });

  it('marks nothing on another quantity or a hidden split', () => {
    expect(eventMarks(group({ efforts, fitAt: 10 }), { ...options, quantity: 'loss' })).toEqual([]);
    expect(
      eventMarks(group({ efforts, fitAt: 10 }), { ...options, test: false }).map((mark) => mark.symbol),
    ).toEqual(['fit']);
  });
});

describe('delayFigure', () => {
  it('draws fit to generalization, open where censored, dotted while running', () => {
    const figure = delayFigure(
      [
        group(
          { efforts, seed: 0, fitAt: 10, generalizeAt: 100 },
          { efforts, seed: 1, fitAt: 10 },
          { efforts, seed: 2, fitAt: 1, status: 'running' },
          { efforts, seed: 3 },
        ),
      ],
      'effort',
    );
    expect(figure.categories?.map((one) => one.label)).toEqual([
      'arm',
      'seed 0',
      'seed 1',
      'seed 2',
      'seed 3',
    ]);
    expect(figure.spans.map(({ x, y, dash }) => ({ x, y, dash }))).toEqual([
      { x: [10, 100], y: 1, dash: 'solid' },
      { x: [10, 1000], y: 2, dash: 'solid' },
      { x: [1, 1000], y: 3, dash: 'dot' },
    ]);
    expect(figure.marks.map(({ symbol, x, y }) => [symbol, x, y])).toEqual([
      ['fit', 10, 1],
      ['generalization', 100, 1],
      ['fit', 10, 2],
      ['censored', 1000, 2],
      ['fit', 1, 3],
      ['censored', 1000, 4],
    ]);
    expect(figure.marks[3]?.label).toBe('arm, seed 1: generalization step not within 1,000, delay > 990');
  });

  it('moves with the axis, and says which run has no place on it', () => {
    const figure = delayFigure(
      [group({ efforts, seed: 0, fitAt: 10, generalizeAt: 100 }, { efforts, seed: 1 })],
      'relative-to-fit',
    );
    expect(figure.spans.map((span) => span.x)).toEqual([[1, 10]]);
    expect(figure.notes).toEqual([
      'Not drawn: arm, seed 1. The run did not fit its training data within 1,000.',
    ]);
  });

  it('says that a run has no rows yet', () => {
    expect(delayFigure([group({ efforts: [], status: 'queued' })], 'effort').notes).toEqual([
      'arm, seed 0: no rows recorded yet.',
    ]);
  });
});

it('finds the row of a recorded effort and no other', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(10_000), { minLength: 1 }), fc.nat(10_000), (values, wanted) => {
      const sorted = Float64Array.from(values).sort();
      expect(rowOfEffort(sorted, wanted)).toBe(sorted.indexOf(wanted));
    }),
  );
});
