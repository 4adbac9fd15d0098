import fc from 'fast-check';
import type { ScatterData } from 'plotly.js-dist-min';
import { describe, expect, it } from 'vitest';
import {
  curveFigure,
  pointsPerCurve,
  shareScale,
  xLabel,
  type CurveOptions,
} from '../../../../shared/charts/curves.ts';
import { groupEntries } from '../../../../shared/charts/groups.ts';
import { figureTraces } from '../../../../renderer/charts/traces.ts';
import { printTheme } from '../../../../shared/charts/look.ts';
import { column, entry } from './fixtures.ts';

const options: CurveOptions = {
  title: 'T',
  quantity: 'accuracy',
  axis: 'effort',
  estimator: 'median-minmax',
  members: true,
  band: true,
  train: true,
  test: true,
  events: false,
  medianRules: false,
  toBudget: false,
};
const efforts = [0, 1, 10, 100, 1000];
const seeds = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, seed) =>
    entry({ efforts, seed, fitAt: 10, generalizeAt: seed === 0 ? 100 : 1000, ...more }),
  );

describe('curveFigure', () => {
  it('draws every seed and, on top, the median with its spread and n', () => {
    const figure = curveFigure(groupEntries(seeds(3)), options);
    const test = figure.lines.filter((line) => line.origin.column === 'testAccuracy');
    expect(test.map((line) => line.origin.seed)).toEqual([0, 1, 2, null]);
    const median = test.at(-1);
    expect(median?.label).toBe('arm, test accuracy: median and range (min–max), n = 3');
    expect([...(median?.y ?? [])]).toEqual([0.5, 0.5, 0.5, 0.5, 1]);
    expect([...(median?.spread?.high ?? [])]).toEqual([0.5, 0.5, 0.5, 1, 1]);
    expect([...(median?.spread?.low ?? [])]).toEqual([0.5, 0.5, 0.5, 0.5, 1]);
    expect([...(median?.spread?.n ?? [])]).toEqual([3, 3, 3, 3, 3]);
  });

  it('dashes train and draws test solid', () => {
    const figure = curveFigure(groupEntries(seeds(2)), options);
    for (const line of figure.lines) {
      expect(line.style.dash).toBe(line.origin.column === 'trainAccuracy' ? 'dash' : 'solid');
    }
  });

  it('tells columns of one quantity and split apart', () => {
    const described = ['a', 'b'].map((name) => column(name, 'objective', 'train'));
    const groups = groupEntries(seeds(2, { described, columns: { a: efforts, b: efforts } }));
    const figure = curveFigure(groups, { ...options, quantity: 'objective' });
    const looks = figure.legend.map(({ style }) => `${style.dash} ${style.symbol}`);
    expect(looks).toEqual(['dash null', 'dash square']);
  });

  it('tones the values of a sweep on lines, marks and legend, which lists them by size and says so', () => {
    const path = 'trainer.learningRate';
    const groups = groupEntries([4, 1, 2].flatMap((value) => seeds(2, { point: { [path]: value } })));
    const figure = curveFigure(groups, { ...options, events: true });
    const tones = (column: string) =>
      new Set(figure.lines.flatMap(({ origin, style }) => (origin.column === column ? [style.tone] : [])));
    expect(tones('trainAccuracy')).toEqual(new Set([1, 0, 0.5]));
    expect(new Set(figure.marks.map(({ tone }) => tone))).toEqual(new Set([1, 0, 0.5]));
    expect(figure.legend.map(({ label }) => label.replace(/ accuracy:.*/, ''))).toEqual([
      ...[1, 2, 4].map((value) => `learningRate = ${value}, train`),
      ...[1, 2, 4].map((value) => `learningRate = ${value}, test`),
    ]);
    expect(new Set(figure.legend.map(({ series }) => series)).size).toBe(2);
    expect(figure.notes).toContain('Contrast rises with learningRate: 1, 2, 4.');
    const drawn = figureTraces(figure, {
      xScale: 'log',
      theme: printTheme,
      plot: { width: 600, height: 300 },
      legend: false,
    });
    const marks = (drawn as Partial<ScatterData>[]).filter(({ mode }) => mode === 'markers');
    expect(new Set(marks.map(({ marker }) => marker?.color)).size).toBe(3);
  });

  it('says n as a range where a run ended early', () => {
    const short = entry({ efforts: [0, 1, 10], seed: 9, status: 'stopped' });
    const figure = curveFigure(groupEntries([...seeds(2), short]), options);
    expect(figure.legend[1]?.label).toBe('test accuracy: median and range (min–max), n = 2 to 3');
  });

  it('draws one seed as a plain line without a median', () => {
    const figure = curveFigure(groupEntries(seeds(1)), options);
    expect(figure.lines.map((line) => line.origin.statistic)).toEqual(['run', 'run']);
    expect(figure.lines[0]?.style.opacity).toBe(1);
  });

  it('keeps the median when the seeds are hidden, and its numbers when a group is hidden', () => {
    const groups = groupEntries([...seeds(3), ...seeds(3, { armId: 'other', family: 'linear' })]);
    const both = curveFigure(groups, { ...options, members: false });
    const alone = curveFigure(groups.slice(0, 1), { ...options, members: false });
    expect(both.lines).toHaveLength(4);
    const y = (figure: typeof both) =>
      figure.lines.find((line) => line.key === 's/arm testAccuracy median')?.y;
    expect(y(alone)).toEqual(y(both));
  });

  it('hides splits', () => {
    const figure = curveFigure(groupEntries(seeds(2)), { ...options, train: false });
    expect(new Set(figure.lines.map((line) => line.origin.column))).toEqual(new Set(['testAccuracy']));
  });

  it('gives no median on an axis where runs share no x, and says so', () => {
    const runs = [
      entry({ efforts, seed: 0, secondsPerEffort: 0.5 }),
      entry({ efforts, seed: 1, secondsPerEffort: 0.7 }),
    ];
    const figure = curveFigure(groupEntries(runs), { ...options, axis: 'seconds', members: false });
    expect(figure.lines.every((line) => line.origin.seed !== null)).toBe(true);
    expect(figure.lines).toHaveLength(4);
    expect(figure.notes.join(' ')).toContain('share no x');
    expect(figure.legend.every((one) => !one.band)).toBe(true);
  });

  it('puts the median on epochs and on shares of the budget', () => {
    const groups = groupEntries(seeds(2, { epoch: 4, budget: 2000 }));
    const last = (axis: CurveOptions['axis']) =>
      curveFigure(groups, { ...options, axis })
        .lines.at(-1)
        ?.x.at(-1);
    expect(last('epochs')).toBe(250);
    expect(last('relative-to-budget')).toBe(0.5);
  });

  it('leaves out a run without a place on the axis, and says why', () => {
    const figure = curveFigure(groupEntries([entry({ efforts, seed: 3 })]), {
      ...options,
      axis: 'relative-to-fit',
    });
    expect(figure.lines).toEqual([]);
    expect(figure.notes.join(' ')).toContain('seed 3. The run did not fit its training data within 1,000.');
  });

  it('says how many points are shown of how many', () => {
    const long = Array.from({ length: 20_000 }, (_, i) => i);
    const figure = curveFigure(groupEntries([entry({ efforts: long })]), options);
    const drawn = figure.lines.reduce((sum, line) => sum + line.x.length, 0);
    expect(figure.lines.every((line) => line.x.length <= 2000)).toBe(true);
    expect(figure.notes[0]).toBe(
      `Showing ${drawn.toLocaleString('en-US')} of 40,000 points: at most 2,000 a run and 2,000 a median: first, last, lowest and highest of log-spaced buckets.`,
    );
  });

  it('keeps the extremes of a decimated band', () => {
    const long = Array.from({ length: 9000 }, (_, i) => i + 1);
    const spiky = (at: number, to: number) => long.map((effort) => (effort === at ? to : 0.5));
    const described = [column('norm', 'norm')];
    const runs = [7000, 7001, 7002].map((at, seed) =>
      entry({ efforts: long, seed, described, columns: { norm: spiky(at, seed === 0 ? -9 : 9) } }),
    );
    const median = curveFigure(groupEntries(runs), { ...options, quantity: 'norm' }).lines.at(-1);
    expect(median?.x.length).toBeLessThanOrEqual(2000);
    expect(median?.spread?.low).toContain(-9);
    expect(median?.spread?.high).toContain(9);
  });

  it('marks medians on a chart of one arm and reaches to the budget', () => {
    const figure = curveFigure(groupEntries(seeds(3)), { ...options, medianRules: true, toBudget: true });
    expect(figure.rules.map((rule) => [rule.label, rule.x])).toEqual([
      ['median fit 10', 10],
      ['median generalization 1,000', 1000],
    ]);
    expect(figure.xRange).toEqual([0, 1000]);
  });

  it('reaches no further than runs that ended once they had generalized', () => {
    const early = seeds(2, { budget: 50_000 }).map(({ run, curve }) => {
      const budget = { maxEffort: 50_000, stopAfterGeneralization: 2 };
      return { run: { ...run, arm: { ...run.arm, budget } }, curve };
    });
    const rangeOf = (entries: typeof early) =>
      curveFigure(groupEntries(entries), { ...options, toBudget: true }).xRange;
    expect(rangeOf(early)).toEqual([0, 1000]);
    const going = early.map(({ run, curve }, i) => ({
      run: i === 0 ? run : { ...run, status: 'running' as const },
      curve,
    }));
    expect(rangeOf(going)).toEqual([0, 50_000]);
  });

  it('has a median only as far as all runs went that are left by those that have generalized', () => {
    const budget = { maxEffort: 1000, stopAfterGeneralization: 1.5 };
    const [first, ...others] = seeds(3).map(({ run, curve }) => ({
      run: { ...run, arm: { ...run.arm, budget } },
      curve,
    }));
    if (first === undefined) throw new Error('no runs');
    const rows = efforts.findIndex((effort) => effort > 100);
    const columns = Object.entries(first.curve.columns).map(([name, values]) => [
      name,
      values.slice(0, rows),
    ]);
    const early = {
      run: { ...first.run, effort: 100 },
      curve: {
        ...first.curve,
        length: rows,
        columns: Object.fromEntries(columns) as typeof first.curve.columns,
      },
    };
    const figure = curveFigure(groupEntries([early, ...others]), options);
    const median = figure.lines.filter((line) => line.origin.seed === null);
    expect(median.map((line) => line.x.at(-1))).toEqual([100, 100]);
    expect(median.every((line) => line.label.endsWith('n = 3'))).toBe(true);
    expect(figure.notes.join(' ')).toContain(
      'The median of arm ends at 100, where the first run ended that had generalized.',
    );
    // Where all runs went equally far there is nothing to say.
    const whole = curveFigure(groupEntries([first, ...others]), options);
    expect(whole.notes.join(' ')).not.toContain('ends at');
    expect(whole.lines.find((line) => line.origin.seed === null)?.x.at(-1)).toBe(1000);
  });

  it('is empty, and says so, for runs that have not begun', () => {
    const figure = curveFigure(groupEntries([entry({ efforts: [] })]), options);
    expect(figure.lines).toEqual([]);
    expect(figure.notes).toEqual(['No rows are recorded yet.']);
  });
});

describe('curveFigure of groups that were drawn before', () => {
  it('draws the lines of a group that stands still as the same objects when a run joins another', () => {
    const still = seeds(2);
    const other = seeds(10, { armId: 'other', family: 'linear' });
    const before = groupEntries([...still, ...other.slice(0, 9)]);
    const first = curveFigure(before, { ...options, events: true });
    const second = curveFigure(groupEntries([...still, ...other], [], before), { ...options, events: true });
    const linesOf = (figure: typeof first, arm: string) =>
      figure.lines.filter(({ origin }) => origin.arm === arm);
    const kept = linesOf(first, 'arm');
    expect(kept).toHaveLength(6);
    expect(linesOf(second, 'arm').every((line, i) => line === kept[i])).toBe(true);
    expect(linesOf(second, 'other')).toHaveLength(22);
  });

  it('draws fewer points of them beside many others', () => {
    const long = Array.from({ length: 3000 }, (_, i) => i);
    const groups = groupEntries([
      entry({ efforts: long }),
      ...seeds(1, { armId: 'one' }),
      ...seeds(30, { armId: 'many' }),
    ]);
    const first = curveFigure(groups.slice(0, 2), options);
    const beside = curveFigure(groups, options);
    const counts = ({ lines }: typeof first) =>
      lines.filter(({ x }) => x.length > 5).map(({ x }) => x.length);
    expect(counts(first).every((count) => count > 315)).toBe(true);
    expect(counts(beside)).toHaveLength(2);
    expect(counts(beside).every((count) => count <= 315)).toBe(true);
  });

  it.each<Partial<CurveOptions>>([
    { axis: 'relative-to-budget' },
    { estimator: 'mean-deviation' },
    { members: false },
    { band: false },
    { train: false },
    { test: false },
    { events: false },
    { nameOf: ({ key }) => `named ${key}` },
  ])('draws them anew with %j, as if for the first time', (change) => {
    const make = () =>
      groupEntries([...seeds(3), ...seeds(2, { armId: 'other', family: 'linear', budget: 2000 })]);
    const groups = make();
    const usual = { ...options, events: true };
    const first = curveFigure(groups, usual);
    const changed = curveFigure(groups, { ...usual, ...change });
    expect(changed).toEqual(curveFigure(make(), { ...usual, ...change }));
    expect(changed).not.toEqual(first);
    expect(curveFigure(groups, usual)).toEqual(first);
  });
});

it('names each own unit on a shared axis of efforts', () => {
  const groups = groupEntries([...seeds(1), ...seeds(1, { armId: 'gp', family: 'gaussian-process' })]);
  expect(xLabel(groups, 'effort')).toBe(
    'effort (each in its own unit: optimizer steps, hyperparameter updates)',
  );
  expect(xLabel(groups.slice(0, 1), 'effort')).toBe('optimizer steps');
});

it('shares a scale only where equal efforts lie at equal x', () => {
  const members = (second: object) =>
    groupEntries([entry({ efforts }), entry({ efforts, seed: 1, ...second })])[0]?.entries ?? [];
  expect(shareScale(members({}), 'epochs')).toBe(true);
  expect(shareScale(members({ epoch: 2 }), 'epochs')).toBe(false);
  expect(shareScale(members({ budget: 5 }), 'relative-to-budget')).toBe(false);
  expect(shareScale(members({}), 'relative-to-fit')).toBe(false);
});

it('never allows more than 2,000 points a curve, nor less than a readable line', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5000 }), (lines) => {
      expect(pointsPerCurve(lines)).toBeLessThanOrEqual(2000);
      expect(pointsPerCurve(lines)).toBeGreaterThanOrEqual(160);
    }),
  );
});

it('keeps the points of a curve while one run joins fifty, and draws at most 24,000 of up to 150 curves', () => {
  // Two columns of fifty runs, and a median of each of their ten arms.
  expect(pointsPerCurve(122)).toBe(pointsPerCurve(124));
  for (let count = 1; count <= 150; count++)
    expect(count * pointsPerCurve(count)).toBeLessThanOrEqual(24_000);
});
