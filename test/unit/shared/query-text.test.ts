/** Against URLSearchParams, which wrote the addresses before. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseQuery, queryText } from '../../../shared/query-text.ts';

describe('queryText', () => {
  it('writes what URLSearchParams writes, and each reads the other', () => {
    const entries = fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })));
    fc.assert(
      fc.property(entries, (pairs) => {
        const theirs = new URLSearchParams(pairs);
        expect(queryText(pairs)).toBe(theirs.toString());
        expect(parseQuery(theirs.toString())).toEqual([...theirs]);
      }),
    );
  });

  it('writes half a surrogate pair as the replacement character, as URLSearchParams does', () => {
    expect(queryText([['a', 'x\ud800y']])).toBe(new URLSearchParams([['a', 'x\ud800y']]).toString());
  });

  it('takes what is not properly encoded as it stands', () => {
    expect(parseQuery('?a=100%&b&&=c')).toEqual([
      ['a', '100%'],
      ['b', ''],
      ['', 'c'],
    ]);
  });
});
