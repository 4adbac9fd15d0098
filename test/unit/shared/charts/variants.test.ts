import { describe, expect, it } from 'vitest';
import { inLegendOrder, lookOf, rampWords, variantsOf } from '../../../../shared/charts/variants.ts';
import type { Family } from '../../../../shared/model-spec.ts';
import type { SweepPoint } from '../../../../shared/sweep.ts';

const rate = 'trainer.learningRate';
const decay = 'trainer.weightDecay';

const at = (point: SweepPoint, armKey = 's/net', family: Family = 'neural') => ({ family, armKey, point });

function varied(groups: readonly ReturnType<typeof at>[]) {
  const variants = variantsOf(groups);
  return groups.map((group, i) => ({ ...group, variant: variants[i] as (typeof variants)[number] }));
}

describe('the looks of groups', () => {
  it('put the values of a sweep on the ramp by size, whatever their order, each with a symbol', () => {
    const variants = variantsOf([8, 0.5, 2].map((value) => at({ [rate]: value })));
    expect(variants.map(({ ramp }) => ramp)).toEqual([
      { tone: 1, path: rate },
      { tone: 0, path: rate },
      { tone: 0.5, path: rate },
    ]);
    expect(variants.map(({ symbol }) => symbol)).toEqual(['triangle-down', null, 'square']);
  });

  it('of two settings tone the longer one, and give each value of the other a symbol', () => {
    const groups = [0, 1].flatMap((weight) =>
      [1, 2, 4].map((value) => at({ [decay]: weight, [rate]: value })),
    );
    const variants = variantsOf(groups);
    expect(variants.map(({ ramp }) => ramp?.tone)).toEqual([0, 0.5, 1, 0, 0.5, 1]);
    expect(variants.map(({ symbol }) => symbol)).toEqual([null, null, null, 'square', 'square', 'square']);
  });

  it('tone numbers rather than words, and words where there is nothing else', () => {
    const both = [
      at({ [rate]: 1, 'model.init': 'a' }),
      at({ [rate]: 2, 'model.init': 'b' }),
      at({ [rate]: 2, 'model.init': 'c' }),
    ];
    expect(new Set(variantsOf(both).map(({ ramp }) => ramp?.path))).toEqual(new Set([rate]));
    const words = variantsOf(['z', 'a'].map((init) => at({ 'model.init': init })));
    expect(words.map(({ ramp }) => ramp?.tone)).toEqual([0, 1]);
  });

  it('are an arm’s own: arms of a family differ in their symbol, and only those with a sweep are toned', () => {
    const variants = variantsOf([
      at({ [rate]: 1 }),
      at({ [rate]: 2 }),
      at({}, 's/plain'),
      at({}, 's/line', 'linear'),
      at({ [rate]: 5 }, 's/single'),
    ]);
    expect(variants.map(({ ramp, symbol }) => [ramp?.tone, symbol])).toEqual([
      [0, null],
      [1, null],
      [undefined, 'square'],
      [undefined, null],
      [undefined, 'triangle-down'],
    ]);
    const [toned, , plain] = variants;
    expect(toned && lookOf({ family: 'neural', variant: toned })).toMatchObject({ tone: 0 });
    expect(plain && lookOf({ family: 'neural', variant: plain })).not.toHaveProperty('tone');
  });

  it('are listed by value within what else they have in common, and the order is said', () => {
    const groups = varied([
      at({ [rate]: 8, [decay]: 0 }),
      at({ [rate]: 8, [decay]: 1 }),
      at({ [rate]: 2, [decay]: 1 }),
      at({ [rate]: 4, [decay]: 0 }),
    ]);
    expect(inLegendOrder(groups).map(({ point }) => Object.values(point))).toEqual([
      [4, 0],
      [8, 0],
      [2, 1],
      [8, 1],
    ]);
    expect(rampWords(groups)).toEqual(['Contrast rises with learningRate: 2, 4, 8.']);
    expect(rampWords(groups.slice(0, 2))).toEqual([]);
    expect(rampWords(varied(['z', 'a'].map((init) => at({ 'model.init': init }))))).toEqual([
      'Contrast tells apart init: z, a.',
    ]);
  });
});
