import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../shared/canonical.ts';

/** The value with the keys of every object in reverse order of insertion. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, entry]) => [key, reversed(entry)]),
  );
}

describe('canonicalJson', () => {
  it('sorts keys by code units and writes numbers as ECMAScript does (RFC 8785, 3.2.3 and appendix B)', () => {
    expect(canonicalJson({ ö: 1, '€': 2, b: [1e21, 1e-7, 0.1, -0], a: null, '1': 'é"\n' })).toBe(
      '{"1":"é\\"\\n","a":null,"b":[1e+21,1e-7,0.1,0],"ö":1,"€":2}',
    );
  });

  it('leaves out undefined entries and refuses what JSON cannot hold', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
    for (const value of [NaN, Infinity, undefined, [undefined], new Date(0), new Map(), Float64Array.of(1)]) {
      expect(() => canonicalJson(value)).toThrow(TypeError);
    }
  });

  it('survives a round trip and does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(value))).toBe(text);
      }),
    );
  });
});
