import { describe, expect, it } from 'vitest';
import { groupEntries, type ArmGroup } from '../../../../shared/charts/groups.ts';
import {
  loggedAxis,
  sweepAxes,
  sweepFigure,
  type SweepOptions,
} from '../../../../shared/charts/sweep-figure.ts';
import { figureTable } from '../../../../shared/charts/table.ts';
import { readPresets } from '../../../../main/presets.ts';
import { entry, study } from './fixtures.ts';

const efforts = Array.from({ length: 2000 }, (_, i) => i);
const options: SweepOptions = {
  title: 'T',
  axis: 'dataset.dimensions',
  quantity: 'delay',
  law: 'exponential',
};

/** Runs of one arm that fit at 10 and generalize after the delays, given per value of the axis; null: never. */
function swept(delays: Record<number, (number | null)[]>, rest: Record<string, string> = {}): ArmGroup[] {
  const entries = Object.entries(delays).flatMap(([value, perSeed]) =>
    perSeed.map((delay, seed) =>
      entry({
        efforts,
        seed,
        fitAt: 10,
        point: { ...rest, 'dataset.dimensions': Number(value) },
        ...(delay === null ? {} : { generalizeAt: 10 + delay }),
      }),
    ),
  );
  return groupEntries(entries, [study('s', 'S', ['arm'])]);
}

describe('sweepFigure', () => {
  it('draws a point per run at its delay, a line through the medians, and the law', () => {
    const groups = swept({ 0: [100, 100, 120], 1: [200, 210, 190], 2: [400, 390, 410] });
    const figure = sweepFigure(groups, options);
    expect(figure.points?.map(({ x, y, open }) => [x[0], y[0], open])).toEqual([
      [0, 100, false],
      [0, 100, false],
      [0, 120, false],
      [1, 200, false],
      [1, 210, false],
      [1, 190, false],
      [2, 400, false],
      [2, 390, false],
      [2, 410, false],
    ]);
    const [medians, law] = figure.lines;
    expect([...(medians?.x ?? [])]).toEqual([0, 1, 2]);
    expect([...(medians?.y ?? [])]).toEqual([100, 200, 400]);
    // ln 2 per unit, within the scatter of the seeds.
    const first = law?.y[0] as number;
    expect(Math.log((law?.y.at(-1) as number) / first) / 2).toBeCloseTo(Math.LN2, 1);
    expect(law?.label).toMatch(/exp\(0\.6\d+·x \+ 4\.6\d*\).*9 runs/);
  });

  it('leaves a censored run out of the law, draws it open at its bound, and says both', () => {
    const figure = sweepFigure(swept({ 0: [100, 110], 1: [200, null], 2: [400, 410] }), options);
    const open = figure.points?.filter((points) => points.open) ?? [];
    expect(open.map(({ x, y, origin }) => [x[0], y[0], origin.statistic])).toEqual([
      [1, 1989, 'run, censored'],
    ]);
    expect(figure.lines.at(-1)?.label).toContain('5 runs');
    expect(figure.notes.join(' ')).toContain('1 run censored');
    expect(figure.notes.join(' ')).toContain('makes it too low');
  });

  it('says which runs have no logarithm, and draws them where no law asks for one', () => {
    const groups = swept({ 0: [0, 10], 1: [20, 20], 2: [40, 40] });
    const withLaw = sweepFigure(groups, options);
    expect(withLaw.points).toHaveLength(5);
    expect(withLaw.notes.join(' ')).toContain('1 run without a logarithm');
    const plain = sweepFigure(groups, { ...options, law: 'none' });
    expect(plain.points).toHaveLength(6);
    expect(plain.lines).toHaveLength(1);
  });

  it('has a line per value of the other settings, and one law per arm over all of them', () => {
    const x = { 0: [100], 1: [200], 2: [400] };
    const groups = [
      ...swept(x, { 'dataset.of.operation': 'x+y' }),
      ...swept(x, { 'dataset.of.operation': 'x/y' }),
    ];
    const figure = sweepFigure(groups, options);
    expect(figure.lines.map(({ label }) => label.replace(/: .*/, ''))).toEqual([
      'operation = x+y',
      'operation = x/y',
      'arm',
    ]);
  });

  it('has every drawn point in its table', () => {
    const figure = sweepFigure(swept({ 1: [100, 200], 2: [300, null] }), { ...options, law: 'none' });
    const rows = figureTable(figure).rows.filter((row) => String(row[3]).startsWith('run'));
    expect(rows.map((row) => [row[1], row[3], row[5], row[6]])).toEqual([
      [0, 'run', 1, 100],
      [1, 'run', 1, 200],
      [0, 'run', 2, 300],
      [1, 'run, censored', 2, 1989],
    ]);
  });
});

describe('sweepAxes', () => {
  it('lists settings that take several numbers, the longest first', () => {
    const point = (point: Record<string, number | string>): ArmGroup[] =>
      groupEntries([entry({ efforts: [0], point })]);
    const groups = [
      ...point({ a: 1, b: 1, c: 'x', d: 5 }),
      ...point({ a: 2, b: 1, c: 'y', d: 5 }),
      ...point({ a: 2, b: 2, c: 'y', d: 5 }),
      ...point({ a: 2, b: 3, c: 'y', d: 5 }),
    ];
    expect(sweepAxes(groups)).toEqual(['b', 'a']);
  });
});

describe('loggedAxis', () => {
  it('is the axis of the exponential law that the concealment preset claims', async () => {
    const presets = (await readPresets()).map((preset) => preset.study);
    expect(loggedAxis(presets.filter(({ id }) => id === 'miller-2023-concealment'))).toBe(
      'dataset.dimensions',
    );
    expect(loggedAxis(presets.filter(({ id }) => id === 'nanda-2023'))).toBeNull();
  });
});
