/** Reads JSON text and says where it is broken: every engine words its own message, and some leave the place out. */
import { InputError, printValue } from './errors.ts';

/**
 * The value of a JSON text.
 * @throws InputError with the line and column (from 1), what stands there, and what may stand there.
 */
export function parseJsonText(text: string, subject: string): unknown {
  const plain = text.startsWith('\uFEFF') ? text.slice(1) : text;
  try {
    return JSON.parse(plain) as unknown;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { offset, expected } = new Locator(plain).locate();
    const before = plain.slice(0, offset).split('\n');
    const column = (before.at(-1) ?? '').length + 1;
    const found = plain[offset];
    const value = found === undefined ? 'the end of the text' : printValue(found);
    throw new InputError(subject, [{ path: `line ${before.length}, column ${column}`, value, expected }]);
  }
}

class Fault extends Error {
  readonly offset: number;
  readonly expected: string;

  constructor(offset: number, expected: string) {
    super(expected);
    this.offset = offset;
    this.expected = expected;
  }
}

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /true|false|null/y;
const space = /[ \t\n\r]*/y;

/** Walks a text by the grammar of RFC 8259 up to the first place that breaks it. */
class Locator {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  locate(): { offset: number; expected: string } {
    try {
      this.#value();
      this.#skip(space);
      throw new Fault(this.#at, 'the end of the text');
    } catch (fault) {
      if (fault instanceof Fault) return fault;
      throw fault;
    }
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return false;
    this.#at = pattern.lastIndex;
    return true;
  }

  #value(): void {
    this.#skip(space);
    const next = this.#peek();
    if (next === '{') this.#members();
    else if (next === '[') this.#elements();
    else if (next === '"') this.#string();
    else if (!this.#skip(number) && !this.#skip(word)) throw new Fault(this.#at, 'a JSON value');
  }

  #members(): void {
    this.#at++;
    this.#skip(space);
    if (this.#peek() === '}') return void this.#at++;
    for (;;) {
      this.#skip(space);
      if (this.#peek() !== '"') throw new Fault(this.#at, 'a key in double quotes');
      this.#string();
      this.#skip(space);
      if (this.#peek() !== ':') throw new Fault(this.#at, 'a colon after the key');
      this.#at++;
      this.#value();
      if (this.#ends('}')) return;
    }
  }

  #elements(): void {
    this.#at++;
    this.#skip(space);
    if (this.#peek() === ']') return void this.#at++;
    for (;;) {
      this.#value();
      if (this.#ends(']')) return;
    }
  }

  /** After an entry: true at the closing bracket, false at a comma. */
  #ends(bracket: '}' | ']'): boolean {
    this.#skip(space);
    const next = this.#peek();
    if (next !== ',' && next !== bracket) throw new Fault(this.#at, `a comma or ${bracket}`);
    this.#at++;
    return next === bracket;
  }

  #string(): void {
    this.#at++;
    for (;;) {
      const next = this.#peek();
      if (next === '"') return void this.#at++;
      if (next === undefined) throw new Fault(this.#at, 'a closing double quote');
      if (next < ' ')
        throw new Fault(this.#at, 'a closing double quote (a line break inside text is written \\n)');
      if (next === '\\' && !this.#skip(/\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y)) {
        throw new Fault(this.#at, 'an escape such as \\" \\\\ \\n or \\u00e9');
      }
      if (next !== '\\') this.#at++;
    }
  }
}
