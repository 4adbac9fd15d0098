import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClientFrame, HostFrame } from '../../../shared/api.ts';
import { decodeClientFrame, decodeHostFrame, encodeFrame, WireError } from '../../../shared/wire.ts';

function bitsOf(values: Float64Array): bigint[] {
  return [
    ...new BigUint64Array(values.buffer.slice(values.byteOffset, values.byteOffset + values.byteLength)),
  ];
}

function throughHost(value: unknown): unknown {
  const frame = decodeHostFrame(encodeFrame({ kind: 'response', id: 7, ok: true, value }));
  if (frame.kind !== 'response' || !frame.ok) throw new Error('not a response');
  return frame.value;
}

/** Any 64 bits: NaNs with payloads, infinities, subnormals and both zeros among them. */
const anyColumn = fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })).map((bits) => {
  return new Float64Array(BigUint64Array.from(bits).buffer);
});

/** What `api.ts` allows: no `undefined`, no -0 outside of columns, no bigint. */
const anyValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true }).map((x) => (Object.is(x, -0) ? 0 : x)),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.uint8Array(),
    fc.array(tie('value')),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
      { noNullPrototype: true },
    ),
  ),
})).value;

describe('frames', () => {
  it('carries columns bit for bit', () => {
    fc.assert(
      fc.property(anyColumn, (column) => {
        const back = throughHost({ columns: { x: column } }) as { columns: { x: Float64Array } };
        expect(back.columns.x).toBeInstanceOf(Float64Array);
        expect(bitsOf(back.columns.x)).toEqual(bitsOf(column));
      }),
    );
  });

  it('carries every value that the contract allows', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(throughHost(value)).toEqual(value);
      }),
    );
  });

  it('carries a window into a larger buffer, and gives back a column of its own', () => {
    const whole = Float64Array.from([1, 2, 3, 4]);
    const back = throughHost(whole.subarray(1, 3)) as Float64Array;
    expect([...back]).toEqual([2, 3]);
    expect(back.buffer.byteLength).toBe(16);
  });

  it('leaves out keys whose value is undefined', () => {
    expect(throughHost({ a: 1, b: undefined })).toEqual({ a: 1 });
  });

  it.each([
    ['a Date', new Date(0)],
    ['a Map', new Map()],
    ['float32 values', new Float32Array(1)],
    ['32-bit integers', new Int32Array(1)],
    ['a bigint', 1n],
    ['a function', () => 1],
  ])('refuses %s, which would arrive as something else', (_name, value) => {
    expect(() => encodeFrame({ kind: 'response', id: 1, ok: true, value: { deep: [value] } })).toThrow(
      WireError,
    );
  });

  it('carries events and errors', () => {
    const frames: HostFrame[] = [
      {
        kind: 'event',
        event: { type: 'batch', batch: { runId: 'r', seq: 3, columns: { effort: new Float64Array(2) } } },
      },
      {
        kind: 'response',
        id: 0,
        ok: false,
        error: { name: 'E', code: 'internal', message: 'm', nextStep: '' },
      },
    ];
    for (const frame of frames) expect(decodeHostFrame(encodeFrame(frame))).toEqual(frame);
  });
});

describe('decodeClientFrame', () => {
  it('gives back what encodeFrame took', () => {
    fc.assert(
      fc.property(fc.nat(), anyValue, (id, request) => {
        const frame: ClientFrame = { id, method: 'checkStudy', request };
        expect(decodeClientFrame(encodeFrame(frame))).toEqual(frame);
      }),
    );
  });

  it('never throws anything but a WireError, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeClientFrame(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['an array', [1, 'hello', null]],
    ['null', null],
    ['no id', { method: 'hello' }],
    ['a fractional id', { id: 0.5, method: 'hello' }],
    ['a negative id', { id: -1, method: 'hello' }],
    ['a text id', { id: '1', method: 'hello' }],
  ])('refuses %s without an id to answer to', (_name, frame) => {
    expect(refusal(encode(frame)).id).toBeNull();
  });

  it.each([
    ['an unknown method', { id: 4, method: 'format' }, /"format"; expected one of hello/],
    ['a method of Object', { id: 4, method: 'constructor' }, /"constructor"/],
    ['no method', { id: 4 }, /nothing/],
    ['an unknown key', { id: 4, method: 'hello', request: null, token: 'x' }, /"token"/],
  ])('names %s and the call it belongs to', (_name, frame, message) => {
    const error = refusal(encode(frame));
    expect(error.id).toBe(4);
    expect(error.message).toMatch(message);
  });

  it('refuses a column of a length that is no multiple of eight bytes', () => {
    // fixext 4, type 1: four bytes under the column's extension.
    const frame = [0x83, 0xa2, 0x69, 0x64, 1, 0xa6, ...Buffer.from('method'), 0xa5, ...Buffer.from('hello')];
    const bytes = Uint8Array.from([...frame, 0xa7, ...Buffer.from('request'), 0xd6, 1, 0, 0, 0, 0]);
    expect(refusal(bytes).message).toMatch(/4 bytes/);
  });

  it("refuses MessagePack's own timestamps", () => {
    expect(refusal(encode({ id: 1, method: 'checkStudy', request: { json: new Date(0) } })).message).toMatch(
      /timestamp/,
    );
  });

  it('takes a missing request for null', () => {
    expect(decodeClientFrame(encode({ id: 1, method: 'hello' })).request).toBeNull();
  });
});

function refusal(bytes: Uint8Array): WireError {
  try {
    decodeClientFrame(bytes);
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
  throw new Error('The frame was accepted.');
}

describe('decodeHostFrame', () => {
  it.each([
    ['no kind', {}],
    ['an unknown kind', { kind: 'greeting' }],
    ['an event without its content', { kind: 'event' }],
    ['a response without an id', { kind: 'response', ok: true, value: 1 }],
    ['a failure without its error', { kind: 'response', id: 1, ok: false }],
  ])('refuses %s', (_name, frame) => {
    expect(() => decodeHostFrame(encode(frame))).toThrow(WireError);
  });
});
