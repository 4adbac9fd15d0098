import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseInline, parseMarkdown, type Block, type Inline } from '../../../../shared/markdown.ts';

const text = (value: string): Inline => ({ kind: 'text', text: value });

describe('parseMarkdown', () => {
  it('reads headings, paragraphs, lists, quotes and code', () => {
    const source =
      '# Title #\n\nOne\ntwo\n- a\n  more\n- b\n\n1. x\n2) y\n\n> said\n> so\n\n```js\n# not a heading\n```\n';
    expect(parseMarkdown(source)).toEqual([
      { kind: 'heading', level: 1, children: [text('Title')] },
      { kind: 'paragraph', children: [text('One two')] },
      { kind: 'list', ordered: false, items: [[text('a more')], [text('b')]] },
      { kind: 'list', ordered: true, items: [[text('x')], [text('y')]] },
      { kind: 'quote', children: [text('said so')] },
      { kind: 'code', text: '# not a heading' },
    ] satisfies Block[]);
  });

  it('reads tables with escaped bars', () => {
    expect(parseMarkdown('| a | b |\n|---|:-:|\n| 1 \\| 2 | |\n\nafter')).toEqual([
      { kind: 'table', head: [[text('a')], [text('b')]], rows: [[[text('1 | 2')], []]] },
      { kind: 'paragraph', children: [text('after')] },
    ]);
  });

  it('ends on any text, and loses no letter of plain words', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom('word', '#', '- ', '1. ', '|', '---', '\n', '```', '> ', ' ', '*', '_', '`'),
        ),
        (pieces) => {
          const source = pieces.join('');
          const seen = JSON.stringify(parseMarkdown(source)).split('word').length;
          // The line that opens a fence may carry a language, which is not shown.
          if (!source.includes('```')) expect(seen).toBe(source.split('word').length);
        },
      ),
    );
  });
});

describe('parseInline', () => {
  it('reads emphasis, code and links', () => {
    expect(parseInline('a **b _c_** `x*y*` [paper](https://arxiv.org/abs/1) https://a.org/x.')).toEqual([
      text('a '),
      { kind: 'strong', children: [text('b '), { kind: 'em', children: [text('c')] }] },
      text(' '),
      { kind: 'code', text: 'x*y*' },
      text(' '),
      { kind: 'link', href: 'https://arxiv.org/abs/1', children: [text('paper')] },
      text(' '),
      { kind: 'link', href: 'https://a.org/x', children: [text('https://a.org/x')] },
      text('.'),
    ]);
  });

  it('takes a sign after a backslash as it is, but not in code', () => {
    expect(parseInline('x\\*y\\*z, \\[a\\](https), c:\\dir and `\\*`')).toEqual([
      text('x*y*z, [a](https), c:\\dir and '),
      { kind: 'code', text: '\\*' },
    ]);
    expect(parseInline('*x\\* y* **a \\* b**')).toEqual([
      text('*x* y* '),
      { kind: 'strong', children: [text('a * b')] },
    ]);
  });

  it('leaves names with underscores and products with stars alone', () => {
    expect(parseInline('std_of_init and 2 * 3 * 4')).toEqual([text('std_of_init and 2 * 3 * 4')]);
  });

  it.each([
    '[x](javascript:alert(1))',
    '[x](http://a.org)',
    '[x](data:text/html,1)',
    '<script>alert(1)</script>',
    '[x](//a.org)',
  ])('makes no link and no element of %s', (source) => {
    expect(parseInline(source).every((part) => part.kind === 'text')).toBe(true);
  });
});
