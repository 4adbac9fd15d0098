import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold, fuzzyMatch, markedParts } from '../../../../renderer/commands/fuzzy.ts';

const score = (query: string, title: string, words = ''): number =>
  fuzzyMatch(query, title, words)?.score ?? -Infinity;
const marked = (query: string, title: string): string =>
  markedParts(title, fuzzyMatch(query, title)?.marks ?? [])
    .map(({ text, marked: is }) => (is ? `[${text}]` : text))
    .join('');

/** Of few letters, so that queries are found often, and with breaks between words. */
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'A', 'É', ' ', '-', '1'), maxLength: 24 });

describe('a fuzzy match', () => {
  it('takes parts of the title, in any case and without accents', () => {
    expect(marked('grok', 'Progress measures for grokking')).toBe('Progress measures for [grok]king');
    expect(marked('zunk', 'Žunkovič and Ilievski')).toBe('[Žunk]ovič and Ilievski');
    expect(marked('MILLER neural', 'Grokking beyond neural networks (Miller et al.)')).toBe(
      'Grokking beyond [neural] networks ([Miller] et al.)',
    );
  });

  it('takes letters in order, each in the same word or at the start of a later one', () => {
    expect(marked('nst', 'New study')).toBe('[N]ew [st]udy');
    expect(marked('cmpr', 'Compare')).toBe('[C]o[mp]a[r]e');
    expect(fuzzyMatch('wtd', 'New study')).toBeNull();
    expect(fuzzyMatch('ydut', 'New study')).toBeNull();
  });

  it('comes back from a letter that leads nowhere', () => {
    // Behind the first "a" there is no "b" that may be taken.
    expect(marked('abc', 'a-c ab-c')).toBe('a-c [ab]-[c]');
    expect(marked('sr', 'seed sr')).toBe('seed [sr]');
  });

  it('takes the start of a word before the middle of one', () => {
    expect(marked('run', 'Rerun a run')).toBe('Rerun a [run]');
    expect(score('run', 'Runs')).toBeGreaterThan(score('run', 'Run a rerun of everything'));
    expect(score('run', 'Open a run')).toBeGreaterThan(score('run', 'Rerun it'));
    expect(score('set', 'Settings')).toBeGreaterThan(score('set', 'Something', 'settings'));
    expect(score('sts', 'Switch to settings')).toBeGreaterThan(score('sts', 'A title', 'xsts'));
  });

  it('takes words that are not in the title, without a mark', () => {
    expect(fuzzyMatch('failed', 'MLP, seed 0', 'study.mlp.s0 failed')?.marks).toEqual([]);
    expect(fuzzyMatch('mlp finished', 'MLP, seed 0', 'failed')).toBeNull();
  });

  it('of nothing takes everything', () => {
    expect(fuzzyMatch('  ', 'Anything')?.marks).toEqual([]);
  });

  it('folds without moving a letter', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (any) => {
        expect(fold(any)).toHaveLength(any.length);
      }),
    );
  });

  it('finds every part of a title', () => {
    fc.assert(
      fc.property(text, fc.nat(30), fc.nat(30), (title, from, length) => {
        expect(fuzzyMatch(title.slice(from, from + length), title)).not.toBeNull();
      }),
    );
  });

  it('marks what spells the query, in order and apart', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1'), maxLength: 5 }),
        text,
        (word, title) => {
          const match = fuzzyMatch(word, title);
          fc.pre(match !== null);
          const spelled = (match?.marks ?? []).map(([from, to]) => fold(title.slice(from, to))).join('');
          expect(spelled).toBe(word);
          let end = -1;
          for (const [from, to] of match?.marks ?? []) {
            expect(from).toBeGreaterThan(end);
            expect(to).toBeGreaterThan(from);
            end = to;
          }
          expect(end).toBeLessThanOrEqual(title.length);
        },
      ),
    );
  });

  it('agrees with a plain search of all ways to place the letters', () => {
    const letter = (at: string): boolean => /[\p{L}\p{N}]/u.test(at);
    const start = (title: string, at: number): boolean =>
      letter(title[at] as string) && (at === 0 || !letter(title[at - 1] as string));
    const wordOf = (title: string, at: number): number => {
      let first = at;
      while (first > 0 && !start(title, first)) first--;
      return first;
    };
    const fits = (word: string, title: string, last: number | null): boolean =>
      word === '' ||
      [...title].some(
        (found, at) =>
          found === word[0] &&
          (last === null || at > last) &&
          (start(title, at) ||
            (last !== null && letter(found) && wordOf(title, at) === wordOf(title, last))) &&
          fits(word.slice(1), title, at),
      );
    const plain = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' '), maxLength: 12 });
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 }),
        plain,
        (word, title) => {
          expect(fuzzyMatch(word, title) !== null).toBe(title.includes(word) || fits(word, title, null));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('loses nothing when letters of the query are taken away', () => {
    fc.assert(
      fc.property(text, text, text, (query, title, words) => {
        fc.pre(fuzzyMatch(query, title, words) !== null);
        expect(fuzzyMatch(query.slice(0, -1), title, words)).not.toBeNull();
      }),
    );
  });

  it('splits a title into parts that make it up', () => {
    fc.assert(
      fc.property(text, text, (query, title) => {
        const marks = fuzzyMatch(query, title)?.marks ?? [];
        expect(
          markedParts(title, marks)
            .map((part) => part.text)
            .join(''),
        ).toBe(title);
      }),
    );
  });
});
