import { describe, expect, it } from 'vitest';
import {
  groupEntries,
  livePanels,
  quantitiesOf,
  seedsInWords,
  studiesInWords,
} from '../../../../shared/charts/groups.ts';
import { column, entry, study } from './fixtures.ts';

const efforts = [0, 1, 10, 100];

it('names the studies that have groups, once each, and not one whose curves are still to come', () => {
  const groups = groupEntries([entry({ efforts, studyId: 'b' }), entry({ efforts, studyId: 'a' })]);
  const studies = [study('a', 'First', ['arm']), study('b', 'Second', ['arm']), study('c', 'Third', ['arm'])];
  expect(studiesInWords(groups, studies)).toBe('First and Second');
  expect(studiesInWords(groups, [study('a', 'Same', ['arm']), study('b', 'Same', ['arm'])])).toBe('Same');
  expect(studiesInWords([], studies)).toBe('');
});

describe('groupEntries', () => {
  it('never pools arms of different studies, and names the studies then', () => {
    const groups = groupEntries(
      [
        entry({ efforts, studyId: 'a', armId: 'net' }),
        entry({ efforts, studyId: 'b', armId: 'net', seed: 1 }),
      ],
      [study('a', 'First', ['net']), study('b', 'Second', ['net'])],
    );
    expect(groups.map((group) => [group.key, group.label, group.row.n])).toEqual([
      ['a/net', 'First: net', 1],
      ['b/net', 'Second: net', 1],
    ]);
  });

  it('tells two studies of one title apart by their start', () => {
    const groups = groupEntries(
      [entry({ efforts, studyId: 'a' }), entry({ efforts, studyId: 'b' })],
      [study('a', 'Same', ['arm']), study('b', 'Same', ['arm'], '2026-02-03T04:05:06.000Z')],
    );
    expect(groups.map((group) => group.label)).toEqual([
      'Same (2026-01-01 10:00): arm',
      'Same (2026-02-03 04:05): arm',
    ]);
  });

  it('adds the id where two arms of a study have one title', () => {
    const groups = groupEntries([
      entry({ efforts, armId: 'p', title: 'Net' }),
      entry({ efforts, armId: 'q', title: 'Net' }),
    ]);
    expect(groups.map((group) => group.label)).toEqual(['Net (p)', 'Net (q)']);
  });

  it('orders arms as their study does and runs by seed', () => {
    const groups = groupEntries(
      [
        entry({ efforts, armId: 'z', seed: 2 }),
        entry({ efforts, armId: 'y' }),
        entry({ efforts, armId: 'z', seed: 1 }),
      ],
      [study('s', 'S', ['y', 'z'])],
    );
    expect(groups.map((group) => group.key)).toEqual(['s/y', 's/z']);
    expect(groups[1]?.entries.map(({ run }) => run.seed)).toEqual([1, 2]);
  });

  it('keeps the sweep points of an arm apart, in the order of its sweep, and names them', () => {
    const path = 'model.initScale';
    const record = study('s', 'S', ['net']);
    const arms = record.study.arms.map((arm) => ({ ...arm, sweep: [{ path, values: [8, 1] }] }));
    const at = (value: number, seed: number) =>
      entry({ efforts, armId: 'net', seed, point: { [path]: value } });
    const groups = groupEntries(
      [at(1, 0), at(8, 1), at(8, 0)],
      [{ ...record, study: { ...record.study, arms } }],
    );
    expect(
      groups.map(({ label, point, entries }) => [label, point, entries.map(({ run }) => run.seed)]),
    ).toEqual([
      ['net, initScale = 8', { [path]: 8 }, [0, 1]],
      ['net, initScale = 1', { [path]: 1 }, [0]],
    ]);
    expect(new Set(groups.map((group) => group.key)).size).toBe(2);
  });

  it('varies the look within a family only', () => {
    const groups = groupEntries([
      entry({ efforts, armId: 'a', family: 'neural' }),
      entry({ efforts, armId: 'b', family: 'linear' }),
      entry({ efforts, armId: 'c', family: 'neural' }),
    ]);
    expect(groups.map((group) => group.variant.symbol === null)).toEqual([true, true, false]);
  });

  it('keeps the group object of runs that stand still, and only theirs', () => {
    const still = entry({ efforts, armId: 'still' });
    const before = entry({ efforts: [0, 1], armId: 'grows', fitAt: 10 });
    const after = entry({ efforts, armId: 'grows', fitAt: 10 });
    const first = groupEntries([still, before]);
    const second = groupEntries([still, { run: before.run, curve: after.curve }], [], first);
    expect(second[0]).toBe(first[0]);
    expect(second[1]).not.toBe(first[1]);
    expect(second[1]?.row.fitStep).toMatchObject({ kind: 'observed', value: 10 });
  });

  it('says which runs did not end well', () => {
    const [group] = groupEntries([
      entry({ efforts, seed: 0 }),
      entry({ efforts, seed: 1, status: 'failed' }),
      entry({ efforts, seed: 2, status: 'stopped' }),
    ]);
    expect(group && seedsInWords(group)).toBe('3 seeds (1 failed, 1 stopped)');
  });
});

it('lists accuracy and loss before measures, each quantity once', () => {
  const described = [
    column('norm', 'weight norm'),
    column('trainLoss', 'loss', 'train'),
    column('testLoss', 'loss', 'test'),
  ];
  const groups = groupEntries([entry({ efforts, described }), entry({ efforts, armId: 'b' })]);
  expect(quantitiesOf(groups)).toEqual(['accuracy', 'loss', 'weight norm']);
});

describe('the panels of the live view', () => {
  const swept = (armId: string, points: number) =>
    Array.from({ length: points }, (_, i) => entry({ efforts, armId, point: { 'model.initScale': i + 1 } }));

  it('are one per arm and sweep point, but one for all points of an arm with many', () => {
    const groups = groupEntries([
      ...swept('few', 3),
      ...swept('many', 7),
      entry({ efforts, armId: 'plain' }),
    ]);
    const panels = livePanels(groups);
    expect(panels.map((panel) => [panel.title, panel.groups.length])).toEqual([
      ['few, initScale = 1', 1],
      ['few, initScale = 2', 1],
      ['few, initScale = 3', 1],
      ['many', 7],
      ['plain', 1],
    ]);
    expect(new Set(panels.map((panel) => panel.key)).size).toBe(panels.length);
    expect(panels.flatMap((panel) => panel.groups)).toEqual(groups);
  });
});
