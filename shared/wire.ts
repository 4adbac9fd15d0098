/**
 * How the contract of `api.ts` crosses a boundary: MessagePack frames over a WebSocket, and structured clones over
 * Electron's IPC. Columns travel bit for bit, NaN payloads and signed zeros included.
 */
import { decode, encode, ExtensionCodec } from '@msgpack/msgpack';
import { methodNames, type ClientFrame, type HostFrame, type MethodName } from './api.ts';
import { LatebloomError, printValue } from './errors.ts';

export { BRIDGE_NAME, type HostBridge, type HostOutcome } from './bridge.ts';

/** The path of the WebSocket, beside the static files. */
export const API_PATH = '/api';

/** The largest study file that a window may send, in bytes. */
export const MAX_BUNDLE_BYTES = 512 * 1024 * 1024;

/** A frame does not follow the protocol. `id` is the call it answers to, where that much could be read. */
export class WireError extends LatebloomError {
  readonly id: number | null;

  constructor(message: string, id: number | null = null, options?: ErrorOptions) {
    super('bad-input', message, 'Reload the page: it may be of another version than the host.', options);
    this.id = id;
  }
}

const TIMESTAMP = -1;
const FLOAT64_ARRAY = 1;
const FLOAT64_BYTES = Float64Array.BYTES_PER_ELEMENT;

const extensionCodec = new ExtensionCodec();
extensionCodec.register({
  type: FLOAT64_ARRAY,
  // Both ends of a loopback socket are one machine: its byte order is the wire's.
  encode(value: unknown): Uint8Array | null {
    if (value instanceof Float64Array)
      return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    refuseLossy(value);
    return null;
  },
  decode(bytes: Uint8Array): Float64Array {
    if (bytes.byteLength % FLOAT64_BYTES !== 0) {
      throw new RangeError(`a float64 column of ${bytes.byteLength} bytes`);
    }
    // A copy: the column lies at any offset of the frame, and must not keep the frame alive.
    const values = new Float64Array(bytes.byteLength / FLOAT64_BYTES);
    new Uint8Array(values.buffer).set(bytes);
    return values;
  },
});

// Takes the place of MessagePack's own dates, which the contract does not have: times are ISO texts.
extensionCodec.register({
  type: TIMESTAMP,
  encode(value: unknown): null {
    if (value instanceof Date) refuseLossy(value);
    return null;
  },
  decode(): never {
    throw new RangeError('a MessagePack timestamp');
  },
});

/** MessagePack would turn these into something else without a word. */
function refuseLossy(value: unknown): void {
  if (Array.isArray(value) || value instanceof Uint8Array) return;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return;
  throw new TypeError(`a ${(value as object).constructor.name} cannot cross the wire`);
}

/** One frame as MessagePack. Keys whose value is `undefined` are left out. @throws WireError */
export function encodeFrame(frame: ClientFrame | HostFrame): Uint8Array {
  try {
    return encode(frame, { extensionCodec, ignoreUndefined: true });
  } catch (error) {
    throw new WireError(`A frame could not be encoded: ${reasonOf(error)}.`, null, { cause: error });
  }
}

/** The call in a frame from a window. Its `request` is still unchecked: see `validateRequest`. @throws WireError */
export function decodeClientFrame(bytes: Uint8Array): ClientFrame {
  const frame = decodeMap(bytes);
  const { id, method, request } = frame;
  if (!Number.isSafeInteger(id) || (id as number) < 0) {
    throw new WireError(`A frame's id is ${printValue(id)}; expected an integer from 0.`);
  }
  if (!isMethodName(method)) {
    throw new WireError(
      `A frame's method is ${printValue(method)}; expected one of ${methodNames.join(', ')}.`,
      id as number,
    );
  }
  const unknownKey = Object.keys(frame).find((key) => key !== 'id' && key !== 'method' && key !== 'request');
  if (unknownKey !== undefined)
    throw new WireError(`A frame has the unknown key "${unknownKey}".`, id as number);
  return { id: id as number, method, request: request === undefined ? null : request };
}

/** A frame from the host, which is trusted: its kind is checked, its content is not. @throws WireError */
export function decodeHostFrame(bytes: Uint8Array): HostFrame {
  const frame = decodeMap(bytes);
  const isEvent = frame['kind'] === 'event' && isObject(frame['event']);
  const isResponse =
    frame['kind'] === 'response' &&
    Number.isSafeInteger(frame['id']) &&
    (frame['ok'] === true || (frame['ok'] === false && isObject(frame['error'])));
  if (!isEvent && !isResponse)
    throw new WireError(`The host sent a frame of kind ${printValue(frame['kind'])}.`);
  return frame as HostFrame;
}

export function isMethodName(value: unknown): value is MethodName {
  return (methodNames as readonly unknown[]).includes(value);
}

function decodeMap(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    // A plain view: from Node's Buffer, byte strings would come out as Buffers, whose `slice` does not copy.
    value = decode(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), { extensionCodec });
  } catch (error) {
    throw new WireError(`A frame is not MessagePack: ${reasonOf(error)}.`, null, { cause: error });
  }
  if (!isObject(value) || Array.isArray(value)) throw new WireError('A frame is not a map.');
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object';
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
