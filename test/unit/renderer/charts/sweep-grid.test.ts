import { describe, expect, it } from 'vitest';
import { figureLayout, plotSize } from '../../../../renderer/charts/layout.ts';
import { printFigure } from '../../../../renderer/charts/export.ts';
import { groupEntries, type Entry } from '../../../../shared/charts/groups.ts';
import {
  contourLevels,
  gridArms,
  sliceOf,
  sweepGrid,
  type GridOptions,
  type SweptArm,
} from '../../../../shared/charts/sweep-grid.ts';
import { figureSvg } from '../../../../shared/charts/svg.ts';
import { svgText } from '../../../../shared/charts/svg-node.ts';
import { gridTraces } from '../../../../renderer/charts/grid-traces.ts';
import { figureTable } from '../../../../shared/charts/table.ts';
import { printTheme } from '../../../../renderer/charts/theme.ts';
import { entry } from './fixtures.ts';

const efforts = Array.from({ length: 3001 }, (_, i) => i);
const [rate, decay] = ['trainer.learningRate', 'trainer.weightDecay'] as const;

/** Runs of one sweep point that fit at 10; null fits never, Infinity never generalizes. */
function point(x: number, y: number, delays: (number | null)[], more: Record<string, string> = {}): Entry[] {
  return delays.map((delay, seed) =>
    entry({
      efforts,
      seed,
      point: { [rate]: x, [decay]: y, ...more },
      ...(delay === null ? {} : { fitAt: 10 }),
      ...(delay === null || delay === Infinity ? {} : { generalizeAt: 10 + delay }),
    }),
  );
}

function armOf(entries: readonly Entry[]): SweptArm {
  const [arm] = gridArms(groupEntries(entries));
  if (arm === undefined) throw new Error('No arm sweeps two settings.');
  return arm;
}

const options: GridOptions = {
  title: 'T',
  x: rate,
  y: decay,
  quantity: 'delay',
  at: {},
  grokkingDelay: 1000,
  contours: true,
};
const four = [
  ...point(0.1, 0, [10, 20, 30]),
  ...point(0.01, 0, [1500, 1600, 40]),
  ...point(0.1, 5, [Infinity, Infinity, 7]),
  ...point(0.01, 5, [null, null, null]),
];

describe('sweepGrid', () => {
  const figure = sweepGrid(armOf(four), options);

  it('has a cell per pair of values, in the order of their size, with its median, bound or nothing', () => {
    expect(figure.grid?.xTicks).toEqual(['0.01', '0.1']);
    expect(figure.grid?.yTicks).toEqual(['0', '5']);
    expect(figure.grid?.cells.map(({ value, text, hatched }) => [value, text, hatched])).toEqual([
      [1500, '1,500', false],
      [20, '20', false],
      [null, '—', false],
      [2990, '≥ 2,990', true],
    ]);
    expect(figure.notes.join(' ')).toContain('1 hatched');
  });

  it('has every cell in its table', () => {
    const { columns, rows } = figureTable(figure);
    expect(columns).toEqual([
      'learningRate',
      'weightDecay',
      'delay',
      'bound only',
      'low',
      'high',
      'n',
      'censored',
      'undefined',
    ]);
    expect(rows.map((row) => [row[0], row[1], row[2], row[3], row[6], row[7], row[8]])).toEqual([
      [0.01, 0, 1500, 'no', 3, 0, 0],
      [0.1, 0, 20, 'no', 3, 0, 0],
      [0.01, 5, null, null, 0, 0, 3],
      [0.1, 5, 2990, 'yes', 3, 2, 0],
    ]);
  });

  it('shows the phases of Liu et al. and how many seeds are in each', () => {
    const phases = sweepGrid(armOf(four), { ...options, quantity: 'phase' });
    expect(phases.grid?.cells.map(({ text }) => text)).toEqual([
      'grokking\n2 of 3',
      'comprehension',
      'confusion',
      'memorization\n2 of 3',
    ]);
    expect(phases.grid?.cells[0]?.said).toBe(
      'learningRate = 0.01, weightDecay = 0: 2 grokking, 1 comprehension',
    );
    const sooner = sweepGrid(armOf(four), { ...options, quantity: 'phase', grokkingDelay: 15 });
    expect(sooner.grid?.cells[1]?.text).toBe('grokking\n2 of 3');
    expect(phases.description).toContain(
      '1 in confusion, 1 in memorization, 1 in grokking, 1 in comprehension',
    );
  });

  it('gives runs that go on no phase', () => {
    const going = four.map(({ run, curve }) => ({ run: { ...run, status: 'running' as const }, curve }));
    const phases = sweepGrid(armOf(going), { ...options, quantity: 'phase' });
    expect(phases.grid?.cells.every(({ value }) => value === null)).toBe(true);
    expect(phases.grid?.cells[0]?.said).toContain('3 not finished');
  });

  it('shows one slice of the other settings', () => {
    const operations = ['x+y', 'x-y'].flatMap((operation, i) =>
      [0.1, 0.01].flatMap((x) =>
        [0, 5].flatMap((y) => point(x, y, [100 + i], { 'dataset.operation': operation })),
      ),
    );
    const arm = armOf(operations);
    const at = sliceOf(arm, rate, decay, { 'dataset.operation': 'x-y' });
    expect(at).toEqual({ 'dataset.operation': 'x-y' });
    expect(sliceOf(arm, rate, decay, { 'dataset.operation': 'x*y' })).toEqual({ 'dataset.operation': 'x+y' });
    const slice = sweepGrid(arm, { ...options, at });
    expect(slice.grid?.cells.map(({ value }) => value)).toEqual([101, 101, 101, 101]);
    expect(slice.notes[0]).toContain('at operation = x-y');
  });

  it('is drawn as cells, hatching over the censored one, and axes of its values', () => {
    const grid = figure.grid;
    if (grid === undefined) throw new Error('There is no grid.');
    const traces = gridTraces(grid, printTheme, { width: 500, height: 300 }) as {
      type: string;
      uid: string;
      x: (number | null)[];
    }[];
    expect(traces[0]).toMatchObject({
      type: 'heatmap',
      text: [
        ['1,500', '20'],
        ['—', '≥ 2,990'],
      ],
      texttemplate: '%{text}',
      textfont: { size: 12 },
    });
    // A column of 30 pixels has no room for seven characters, nor has a row of 10 for a line.
    expect(gridTraces(grid, printTheme, { width: 60, height: 300 })[0]).not.toHaveProperty('texttemplate');
    expect(gridTraces(grid, printTheme, { width: 500, height: 20 })[0]).not.toHaveProperty('texttemplate');
    const hatching = traces.filter(({ uid }) => uid.includes('hatching'));
    expect(hatching).toHaveLength(1);
    // All within the one hatched cell, the second column's.
    expect(hatching[0]?.x.every((x) => x === null || (x >= 0.5 && x <= 1.5))).toBe(true);
    const look = {
      xScale: 'log',
      yScale: 'log',
      theme: printTheme,
      width: 600,
      height: 400,
      zoom: 0,
    } as const;
    const layout = figureLayout(figure, look);
    expect(layout.xaxis).toMatchObject({ type: 'linear', ticktext: ['0.01', '0.1'], range: [-0.5, 1.5] });
    const print = printFigure(figure, look);
    expect(print.data.length).toBe(traces.length);
    expect(print.data[0]).toMatchObject({ textfont: { size: 12 } });
    // Around the plot 64 and 110 pixels at the sides, 12 and 53 above and below it.
    expect(plotSize(figure, 600, 400)).toEqual({ width: 426, height: 335 });
  });

  it('has as a still picture the words that fit: the phases in wide cells, the seeds alone in narrow ones', () => {
    const phases = sweepGrid(armOf(four), { ...options, quantity: 'phase' });
    // Each phase stands in the legend once.
    const countOf = (word: string, width: number): number =>
      svgText(figureSvg(phases, { xScale: 'linear', yScale: 'linear', width })).split(`>${word}</text>`)
        .length - 1;
    expect([countOf('memorization', 760), countOf('2 of 3', 760)]).toEqual([2, 2]);
    expect([countOf('memorization', 320), countOf('2 of 3', 320)]).toEqual([1, 2]);
  });

  it('slants the values of columns that are narrower than these, with room for them above the name of the axis', () => {
    const rates = Array.from({ length: 10 }, (_, i) => Number((1e-5 * 10 ** (i / 3)).toPrecision(3)));
    const wide = sweepGrid(armOf(rates.flatMap((x) => [0, 5].flatMap((y) => point(x, y, [100])))), options);
    const look = { xScale: 'linear', yScale: 'linear', theme: printTheme, height: 500, zoom: 0 } as const;
    const [narrow, broad] = [600, 1400].map((width) => figureLayout(wide, { ...look, width }));
    expect(narrow?.xaxis?.tickangle).toBe(30);
    expect(broad?.xaxis?.tickangle).toBe(0);
    // "0.0000215" has nine characters of about 6.6 pixels, at 30 degrees half of it high.
    expect((narrow?.margin?.b ?? 0) - (broad?.margin?.b ?? 0)).toBeCloseTo(29.7, 1);
  });
});

describe('gridArms', () => {
  it('are those that sweep two settings', () => {
    expect(gridArms(groupEntries(four))).toHaveLength(1);
    expect(gridArms(groupEntries(point(0.1, 0, [1, 2])))).toEqual([]);
  });
});

describe('contourLevels', () => {
  const cells = (values: (number | null)[], hatched: number[] = []) =>
    values.map((value, i) => ({ value, text: '', said: '', hatched: hatched.includes(i), row: [] }));

  it('are round, and within the values that were seen', () => {
    expect(contourLevels(cells([10, 40, 25]), 'log')).toEqual([15, 20, 30]);
    expect(contourLevels(cells([10, 900, 25]), 'log')).toEqual([30, 100, 300]);
    expect(contourLevels(cells([-40, 60, 0]), 'linear')).toEqual([-20, 0, 20, 40]);
    expect(contourLevels(cells([10, 40, 900], [2]), 'log')).toBeNull();
    expect(contourLevels(cells([5, 5, 5, null]), 'log')).toBeNull();
  });
});
