import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../shared/errors.ts';
import { parseJsonText } from '../../../shared/json-text.ts';

function faultOf(text: string): string {
  try {
    parseJsonText(text, 'The file');
  } catch (error) {
    if (error instanceof InputError) return error.message.split('\n').slice(1).join('').trim();
    throw error;
  }
  throw new Error('no fault');
}

describe('parseJsonText', () => {
  it('reads JSON, also after a byte order mark', () => {
    expect(parseJsonText('{"a": [1, 2.5e-3, null, true, "é"]}', 'x')).toEqual({
      a: [1, 2.5e-3, null, true, 'é'],
    });
    expect(parseJsonText('\uFEFF[]', 'x')).toEqual([]);
  });

  it('names line, column, what stands there and what may', () => {
    expect(faultOf('{\n  "a": 1\n  "b": 2\n}')).toBe('line 3, column 3: got "\\""; expected a comma or }.');
    expect(faultOf('{"a": 1,}')).toBe('line 1, column 9: got "}"; expected a key in double quotes.');
    expect(faultOf('[1, 2')).toBe('line 1, column 6: got the end of the text; expected a comma or ].');
    expect(faultOf('')).toBe('line 1, column 1: got the end of the text; expected a JSON value.');
    expect(faultOf('hello')).toBe('line 1, column 1: got "h"; expected a JSON value.');
    expect(faultOf('{"a" 1}')).toBe('line 1, column 6: got "1"; expected a colon after the key.');
    expect(faultOf("{'a': 1}")).toBe('line 1, column 2: got "\'"; expected a key in double quotes.');
    expect(faultOf('[01]')).toBe('line 1, column 3: got "1"; expected a comma or ].');
    expect(faultOf('[] []')).toBe('line 1, column 4: got "["; expected the end of the text.');
    expect(faultOf('"abc')).toBe(
      'line 1, column 5: got the end of the text; expected a closing double quote.',
    );
    expect(faultOf('"a\\x"')).toContain('line 1, column 3: got "\\\\"; expected an escape such as');
    expect(faultOf('"a\nb"')).toContain('line 1, column 3: got "\\n"; expected a closing double quote');
    expect(faultOf('{"lr": NaN}')).toBe('line 1, column 8: got "N"; expected a JSON value.');
  });

  it('finds a place in every broken text and accepts exactly what JSON.parse accepts', () => {
    const mutated = fc.tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom('', ',', '"', '}', ']', '\\', '0', 'x', '\n'),
    );
    fc.assert(
      fc.property(mutated, ([json, where, insert]) => {
        const at = where % (json.length + 1);
        const text = json.slice(0, at) + insert + json.slice(at + (insert === '' ? 1 : 0));
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        if (valid) expect(parseJsonText(text, 'x')).toEqual(JSON.parse(text));
        else expect(faultOf(text)).toMatch(/^line \d+, column \d+: got .+; expected .+\.$/s);
      }),
      { numRuns: 500 },
    );
  });
});
