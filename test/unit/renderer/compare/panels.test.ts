import { describe, expect, it } from 'vitest';
import { curveFigure, type CurveOptions } from '../../../../shared/charts/curves.ts';
import { groupEntries } from '../../../../shared/charts/groups.ts';
import { panelsOf, sweptPaths, usualPanels, withSharedAxes } from '../../../../shared/charts/panels.ts';
import { entry } from '../charts/fixtures.ts';

const efforts = [0, 1, 10];
const groups = groupEntries([
  entry({ efforts, armId: 'net', title: 'Net', point: { 'model.width': 100, 'trainer.kind': 'sgd' } }),
  entry({ efforts, armId: 'net', title: 'Net', point: { 'model.width': 20, 'trainer.kind': 'sgd' } }),
  entry({ efforts, armId: 'gp', title: 'GP', family: 'gaussian-process' }),
]);
const titles = (by: Parameters<typeof panelsOf>[1]) =>
  panelsOf(groups, by).map(({ title, groups: own }) => [title, own.length]);

describe('panelsOf', () => {
  it('parts by arm, by family, and by a swept value in the order of its size', () => {
    expect(titles('together')).toEqual([[null, 3]]);
    expect(titles('arm')).toEqual([
      ['Net', 2],
      ['GP', 1],
    ]);
    expect(titles('family')).toEqual([
      ['Neural network', 2],
      ['Gaussian process', 1],
    ]);
    expect(titles('sweep:model.width')).toEqual([
      ['width = 20', 1],
      ['width = 100', 1],
      ['without width', 1],
    ]);
  });

  it('offers the settings that take several values', () => {
    expect(sweptPaths(groups)).toEqual(['model.width']);
  });
});

describe('usualPanels', () => {
  const grid = (widths: number[], rates: number[]) =>
    groupEntries(
      widths.flatMap((width) =>
        rates.map((rate) =>
          entry({ efforts, point: { 'model.width': width, 'trainer.learningRate': rate } }),
        ),
      ),
    );

  it('keeps a few groups together, and parts many into as few panels as can be read', () => {
    expect(usualPanels(groups)).toBe('together');
    expect(usualPanels(grid([1, 2, 3], [1, 2, 3, 4, 5]))).toBe('sweep:model.width');
    expect(usualPanels(grid([1, 2, 3, 4, 5], [1, 2, 3]))).toBe('sweep:trainer.learningRate');
  });

  it('parts arms without a sweep by family', () => {
    const arms = ['neural', 'linear', 'gaussian-process'].flatMap((family, i) =>
      [0, 1].map((n) => entry({ efforts, armId: `arm-${i}-${n}`, family: family as 'neural' })),
    );
    expect(usualPanels(groupEntries(arms))).toBe('family');
  });
});

describe('withSharedAxes', () => {
  const options: CurveOptions = {
    title: 'T',
    quantity: 'norm',
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
  const described = [
    { name: 'norm', label: 'norm', quantity: 'norm', unit: '', split: null, direction: null } as const,
  ];
  const one = (last: number, norm: number[]) =>
    curveFigure(groupEntries([entry({ efforts: [0, 1, last], described, columns: { norm } })]), options);

  it('gives every panel the ranges of all, and leaves values that are not finite out of them', () => {
    const shared = withSharedAxes([one(10, [3, 2, NaN]), one(500, [-1, 9, 4])]);
    expect(shared.map(({ xRange, yRange }) => [xRange, yRange])).toEqual([
      [
        [0, 500],
        [-1, 9],
      ],
      [
        [0, 500],
        [-1, 9],
      ],
    ]);
  });

  it('leaves figures without a point as they are', () => {
    const empty = curveFigure([], options);
    expect(withSharedAxes([empty, empty])).toEqual([empty, empty]);
  });
});
