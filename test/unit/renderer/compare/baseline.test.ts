import { describe, expect, it } from 'vitest';
import { groupEntries, type ArmGroup, type Entry } from '../../../../shared/charts/groups.ts';
import { armsCsv, sortArms, type ArmRow } from '../../../../renderer/compare/arm-rows.ts';
import {
  baselineFor,
  effectText,
  intervalText,
  pairedEffect,
} from '../../../../renderer/compare/baseline.ts';
import { entry, type EntrySpec } from '../charts/fixtures.ts';

const efforts = Array.from({ length: 1001 }, (_, i) => i);
/** Runs that fit at 10 and generalize after the delays, seed by seed; null: never. */
function arm(armId: string, delays: (number | null)[], more: Partial<EntrySpec> = {}): Entry[] {
  return delays.map((delay, seed) =>
    entry({
      efforts,
      armId,
      seed,
      fitAt: 10,
      ...(delay === null ? {} : { generalizeAt: 10 + delay }),
      ...more,
    }),
  );
}
const find = (groups: readonly ArmGroup[], key: string): ArmGroup => {
  const found = groups.find((group) => group.key.startsWith(key));
  if (found === undefined) throw new Error(`There is no group ${key}.`);
  return found;
};

describe('baselineFor', () => {
  const width = (value: number) => ({ point: { 'model.width': value } });
  const groups = groupEntries([
    ...arm('control', [10], width(1)),
    ...arm('control', [20], width(2)),
    ...arm('net', [30], width(1)),
    ...arm('net', [40], width(2)),
    ...arm('other', [50]),
  ]);
  const [control1, control2, net1, net2, other] = groups as [
    ArmGroup,
    ArmGroup,
    ArmGroup,
    ArmGroup,
    ArmGroup,
  ];

  it('stands at the same sweep point where it can, else where it was pinned', () => {
    expect(baselineFor(net1, control2, groups)).toBe(control1);
    expect(baselineFor(net2, control2, groups)).toBe(control2);
    expect(baselineFor(other, control2, groups)).toBe(control2);
    expect(baselineFor(control1, control2, groups)).toBe(control2);
  });
});

describe('pairedEffect', () => {
  it('pairs runs of one seed and keeps a censored one as a bound', () => {
    const groups = groupEntries([...arm('control', [10, 20, 30]), ...arm('net', [40, 40, null])]);
    const effect = pairedEffect(find(groups, 's/net'), find(groups, 's/control'), 'delay', 'ratio');
    expect(effect).toMatchObject({
      pairs: [
        { seed: 0, low: 4, high: 4 },
        { seed: 1, low: 2, high: 2 },
        { seed: 2, low: 33, high: Infinity },
      ],
      median: { low: 4, high: 4 },
      later: 3,
    });
  });

  it('compares no efforts of different units, but their ratios', () => {
    const groups = groupEntries([...arm('net', [10]), ...arm('gp', [90], { family: 'gaussian-process' })]);
    const [net, gp] = [find(groups, 's/net'), find(groups, 's/gp')];
    expect(pairedEffect(gp, net, 'delay', 'ratio')).toMatchObject({
      kind: 'no-pairs',
      reason: 'Hyperparameter updates and optimizer steps are different units: compare delay ratios.',
    });
    expect(pairedEffect(gp, net, 'delayRatio', 'ratio')).toMatchObject({ median: { low: 5, high: 5 } });
  });
});

describe('words of an effect', () => {
  it('name the side that is known', () => {
    expect(effectText(2.4, 2.4, 'delay', 'ratio')).toBe('× 2.4');
    expect(effectText(2.4, Infinity, 'delay', 'ratio')).toBe('≥ × 2.4');
    expect(effectText(0, 0.5, 'delay', 'ratio')).toBe('≤ × 0.5');
    expect(effectText(0, Infinity, 'delay', 'ratio')).toBe('open: censored');
    expect(effectText(-1200, -1200, 'delay', 'difference')).toBe('− 1,200');
    expect(effectText(-10, 30, 'delay', 'difference')).toBe('− 10 to + 30');
    expect(intervalText({ low: 1.5, high: Infinity, coverage: 0.9375 }, 'delay', 'ratio')).toBe(
      '93.7 % interval × 1.5 to open',
    );
  });
});

describe('the table of arms', () => {
  const groups = groupEntries([
    ...arm('slow', [500, 600]),
    ...arm('never', [null, null]),
    ...arm('quick', [5, 7]),
    ...arm('empty', [1], { efforts: [] }),
  ]);
  const rows = groups.map((group): ArmRow => ({ group, paired: null }));
  const order = (...by: [Parameters<typeof sortArms>[1], boolean]) =>
    sortArms(rows, ...by).map(({ group }) => group.label);

  it('sorts by a median, a censored one by its bound and none last', () => {
    expect(order('delay', false)).toEqual(['quick', 'slow', 'never', 'empty']);
    expect(order('delay', true)).toEqual(['never', 'slow', 'quick', 'empty']);
    expect(order('arm', false)).toEqual(['empty', 'never', 'quick', 'slow']);
    expect(order(null, true)).toEqual(['slow', 'never', 'quick', 'empty']);
  });

  it('is saved with every number in full, and an empty field where there is none', () => {
    const [slow, never] = rows as [ArmRow, ArmRow];
    const paired = pairedEffect(never.group, slow.group, 'delay', 'ratio');
    const lines = armsCsv([slow, { ...never, paired }]).split('\r\n');
    const header = (lines[0] as string).split(',');
    const field = (line: number, name: string) => lines[line]?.split(',')[header.indexOf(name)];
    expect([field(1, 'delay'), field(1, 'delayCensored'), field(1, 'effectLow')]).toEqual(['550', '0', '']);
    expect([field(2, 'delay'), field(2, 'delayAtLeast'), field(2, 'generalized')]).toEqual(['', '990', '0']);
    expect([field(2, 'effectLow'), field(2, 'effectHigh')]).toEqual([
      String((990 / 500 + 990 / 600) / 2),
      'Infinity',
    ]);
    expect(field(2, 'effectPairs')).toBe('2');
  });
});
