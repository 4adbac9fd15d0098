import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisKinds } from '../../../../shared/axis.ts';
import { gridQuantities } from '../../../../shared/charts/sweep-grid.ts';
import { sweepQuantities } from '../../../../shared/charts/sweep-quantities.ts';
import {
  parseDirective,
  printDirective,
  type FigureDirective,
} from '../../../../shared/findings/directive.ts';
import { parseMarkdown } from '../../../../shared/markdown.ts';

const keys = <T extends string>(titles: Record<T, string>): T[] => Object.keys(titles) as T[];

describe('parseDirective', () => {
  it('reads kinds, lists, and words in quotation marks', () => {
    expect(parseDirective('curves quantity="train loss" x=steps arms=mlp,gp')).toEqual({
      kind: 'curves',
      quantity: 'train loss',
      axis: 'steps',
      arms: ['mlp', 'gp'],
    });
    expect(parseDirective('view name="All seeds, by step"')).toEqual({
      kind: 'view',
      name: 'All seeds, by step',
    });
    expect(parseDirective('claims')).toEqual({ kind: 'claims', ids: [] });
  });

  it.each([
    ['', '"" is no kind of figure; there are curves, delays,'],
    ['pie of=delay', '"pie" is no kind of figure'],
    ['curves x=hours', 'x=hours is not known; there are effort, steps'],
    ['delays x=steps', '"x=steps" means nothing to a figure of delays; it takes arms.'],
    ['curves accuracy', '"accuracy" means nothing to a figure of curves; it takes quantity, x, arms.'],
    ['delays arms=a arms=b', 'arms is given twice.'],
    ['view', 'A figure of a view needs name="…".'],
    ['view name="open', 'has a quotation mark that does not end.'],
  ])('says of "%s" what is wrong', (text, fault) => {
    expect(parseDirective(text)).toEqual({ fault: expect.stringContaining(fault) as string });
  });

  it('reads what it prints, from a line of notes', () => {
    const id = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,12}$/);
    const ids = fc.array(id, { maxLength: 3 });
    const axis = fc.constantFrom(...axisKinds);
    const path = fc.option(fc.constantFrom('trainer.weightDecay', 'dataset.trainFraction'));
    const name = fc.stringMatching(/^[A-Za-zäé][A-Za-z0-9 ,.()=-]{0,30}[A-Za-z)]$/);
    const directives: fc.Arbitrary<FigureDirective> = fc.oneof(
      fc.record({ kind: fc.constant('curves' as const), quantity: fc.option(name), axis, arms: ids }),
      fc.record({ kind: fc.constant('delays' as const), arms: ids }),
      fc.record({ kind: fc.constant('bars' as const), axis, arms: ids }),
      fc.record({
        kind: fc.constant('sweep' as const),
        of: fc.constantFrom(...keys(sweepQuantities)),
        over: path,
        arms: ids,
      }),
      fc.record({
        kind: fc.constant('map' as const),
        of: fc.constantFrom(...keys(gridQuantities)),
        arm: fc.option(id),
        x: path,
        y: path,
      }),
      fc.record({ kind: fc.constant('claims' as const), ids }),
      fc.record({ kind: fc.constant('view' as const), name }),
    );
    fc.assert(
      fc.property(directives, (directive) => {
        const [block, ...rest] = parseMarkdown(printDirective(directive));
        expect(rest).toEqual([]);
        expect(block?.kind === 'figure' ? parseDirective(block.directive) : block).toEqual(directive);
      }),
    );
  });
});

describe('a figure in notes', () => {
  it('stands in a line of its own, and nowhere else', () => {
    expect(parseMarkdown('Before\n{{figure claims}}\nafter')).toEqual([
      { kind: 'paragraph', children: [{ kind: 'text', text: 'Before' }] },
      { kind: 'figure', directive: 'claims' },
      { kind: 'paragraph', children: [{ kind: 'text', text: 'after' }] },
    ]);
    expect(parseMarkdown('as in {{figure claims}} here')[0]?.kind).toBe('paragraph');
    expect(parseMarkdown('```\n{{figure claims}}\n```')).toEqual([
      { kind: 'code', text: '{{figure claims}}' },
    ]);
  });
});
