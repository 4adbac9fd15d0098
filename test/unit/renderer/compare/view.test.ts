import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandEstimators } from '../../../../shared/aggregate.ts';
import { axisKinds } from '../../../../shared/axis.ts';
import { gridQuantities, type GridQuantity } from '../../../../shared/charts/sweep-grid.ts';
import { sweepQuantities, type SweepQuantity } from '../../../../shared/charts/sweep-quantities.ts';
import {
  defaultView,
  parseView,
  shows,
  viewQuery,
  type ComparisonView,
  type PanelsBy,
} from '../../../../shared/charts/view.ts';
import { parseRoute, routeHash } from '../../../../renderer/stores/router.svelte.ts';

const text = fc.string({ minLength: 1, maxLength: 12 }).filter((one) => !/[\ud800-\udfff]/.test(one));
const path = fc.stringMatching(/^(?:model|trainer)\.[a-zA-Z]{1,6}$/);
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null });
const sweep = fc.constantFrom(...(Object.keys(sweepQuantities) as SweepQuantity[]));
const views: fc.Arbitrary<ComparisonView> = fc.record({
  picks: fc.array(fc.record({ kind: fc.constantFrom('study', 'arm', 'run'), id: text }), { maxLength: 4 }),
  hidden: fc.array(text, { maxLength: 3 }),
  quantities: fc.array(text, { maxLength: 3 }),
  axis: fc.constantFrom(...axisKinds),
  panels: fc.oneof(
    fc.constant(null),
    fc.constantFrom<PanelsBy>('together', 'arm', 'family'),
    path.map((one): PanelsBy => `sweep:${one}`),
  ),
  sharedAxes: fc.boolean(),
  estimator: fc.constantFrom(...bandEstimators),
  without: fc.subarray([...shows]),
  xScale: maybe(fc.constantFrom('log', 'linear')),
  yScale: maybe(fc.constantFrom('log', 'linear')),
  everyPoint: fc.boolean(),
  baseline: maybe(text),
  effect: fc.constantFrom('ratio', 'difference'),
  effectOf: sweep,
  sweepAxis: maybe(path),
  sweepQuantity: sweep,
  law: maybe(fc.constantFrom('none', 'exponential', 'power')),
  gridArm: maybe(text),
  gridX: maybe(path),
  gridY: maybe(path),
  gridQuantity: fc.constantFrom(...(Object.keys(gridQuantities) as GridQuantity[])),
  gridAt: fc.dictionary(path, fc.oneof(fc.integer(), text), { maxKeys: 2 }),
  grokkingDelay: fc.double({ min: 0, max: 1e9, noNaN: true }),
  contours: fc.boolean(),
});

describe('a comparison', () => {
  it('survives its address, whatever it is', () => {
    fc.assert(
      fc.property(views, (view) => {
        const query = viewQuery(view);
        const route = parseRoute(routeHash({ view: 'comparisons', query }));
        expect(route).toEqual(query === '' ? { view: 'comparisons' } : { view: 'comparisons', query });
        // −0 and 0 are one number in an address.
        const read = parseView(query);
        expect(read).toEqual({ ...view, gridAt: { ...view.gridAt }, grokkingDelay: view.grokkingDelay + 0 });
      }),
    );
  });

  it('has an empty address when nothing was chosen', () => {
    expect(viewQuery(defaultView)).toBe('');
    expect(parseView('')).toEqual(defaultView);
  });

  it('takes what it does not know as by default', () => {
    const read = parseView(
      'x=furlongs&panels=nowhere&band=guess&law=moore&grokking=soon&mapat=oops&without=sound',
    );
    expect(read).toEqual(defaultView);
  });

  it('reads an address as a person writes it', () => {
    expect(parseView('study=a&arm=b/mlp&x=seconds&quantity=loss&panels=sweep:model.width')).toEqual({
      ...defaultView,
      picks: [
        { kind: 'study', id: 'a' },
        { kind: 'arm', id: 'b/mlp' },
      ],
      axis: 'seconds',
      quantities: ['loss'],
      panels: 'sweep:model.width',
    });
  });
});
