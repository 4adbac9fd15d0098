/**
 * The way to the host: Electron's bridge where there is one, else a WebSocket that reconnects by itself. Calls made
 * while the host cannot be reached are refused at once and never repeated behind the user's back.
 */
import type { HostEvent, MethodName, RequestOf, ResponseOf, WorkbenchApi } from '../../shared/api.ts';
import { fromErrorReport, LatebloomError } from '../../shared/errors.ts';
import type { ShellBridge } from '../../shared/bridge.ts';
import { API_PATH, BRIDGE_NAME, decodeHostFrame, encodeFrame, type HostBridge } from '../../shared/wire.ts';

export type ConnectionState = 'connecting' | 'open' | 'lost';

export interface Connection extends WorkbenchApi {
  readonly state: ConnectionState;
  /** Why a host that runs does not let this page in; null where it is not running or is connected. */
  readonly refusal: string | null;
  /** Called on every change of `state` or `refusal`. Returns a function that unsubscribes. */
  onState(listener: (state: ConnectionState) => void): () => void;
  /** Tries again now instead of after the current pause. */
  retry(): void;
  close(): void;
}

export class HostUnreachableError extends LatebloomError {
  constructor(message = 'The host is not running.') {
    super(
      'host-unreachable',
      message,
      'Start Latebloom again where it ran; this page reconnects by itself. Stored runs can still be replayed.',
    );
  }
}

/** What a socket has to do; a browser's `WebSocket` does. */
export interface SocketLike {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  send(bytes: Uint8Array): void;
  close(): void;
}

export interface SocketOptions {
  open: () => SocketLike;
  /** Asked after an attempt failed: what the host says against this page, or null. */
  explain?: () => Promise<string | null>;
  /** Pause before the attempt of this number (from 0), in milliseconds. */
  pause?: (attempt: number) => number;
  schedule?: (task: () => void, milliseconds: number) => () => void;
}

function hostBridge(): HostBridge | null {
  return ((globalThis as Record<string, unknown>)[BRIDGE_NAME] as HostBridge | undefined) ?? null;
}

/** The desktop around this page; null in a browser. */
export function shellBridge(): ShellBridge | null {
  return hostBridge()?.shell ?? null;
}

export function connect(): Connection {
  const bridge = hostBridge();
  if (bridge !== null) return bridgeConnection(bridge);
  const address = new URL(API_PATH, location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  address.hash = '';
  address.search = '';
  address.searchParams.set('token', new URLSearchParams(location.search).get('token') ?? '');
  return new SocketConnection({
    open: () => new WebSocket(address) as unknown as SocketLike,
    explain: () => askForRefusal(address),
  });
}

/** The host answers a plain request for the API with 426 when this page may connect, else with its reason. */
async function askForRefusal(address: URL): Promise<string | null> {
  const plain = new URL(address);
  plain.protocol = location.protocol;
  try {
    const answer = await fetch(plain, { cache: 'no-store' });
    return answer.status === 426 ? null : (await answer.text()).trim();
  } catch (error) {
    // fetch says with a TypeError that nobody answers.
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** Electron: the host lives as long as the window. */
export function bridgeConnection(bridge: Pick<HostBridge, 'call' | 'subscribe'>): Connection {
  return {
    state: 'open',
    refusal: null,
    onState: () => () => undefined,
    retry: () => undefined,
    close: () => undefined,
    call: async (method, request) => {
      const outcome = await bridge.call(method, request);
      if (outcome.ok) return outcome.value;
      throw fromErrorReport(outcome.error);
    },
    subscribe: (listener) => bridge.subscribe(listener),
  };
}

interface PendingCall {
  bytes: Uint8Array;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

/** 0.25, 0.5, 1, 2, 4, then every 5 seconds. */
const defaultPause = (attempt: number): number => Math.min(250 * 2 ** attempt, 5000);

const defaultSchedule = (task: () => void, milliseconds: number): (() => void) => {
  const timer = setTimeout(task, milliseconds);
  return () => clearTimeout(timer);
};

export class SocketConnection implements Connection {
  readonly #open: () => SocketLike;
  readonly #explain: () => Promise<string | null>;
  readonly #pause: (attempt: number) => number;
  readonly #schedule: (task: () => void, milliseconds: number) => () => void;
  readonly #events = new Set<(event: HostEvent) => void>();
  readonly #states = new Set<(state: ConnectionState) => void>();
  /** Calls that wait for the first connection, or for their answer. */
  readonly #pending = new Map<number, PendingCall>();
  #state: ConnectionState = 'connecting';
  #refusal: string | null = null;
  #socket: SocketLike | null = null;
  #cancelRetry: (() => void) | null = null;
  #attempt = 0;
  #nextId = 0;
  #closed = false;

  constructor(options: SocketOptions) {
    this.#open = options.open;
    this.#explain = options.explain ?? (async () => null);
    this.#pause = options.pause ?? defaultPause;
    this.#schedule = options.schedule ?? defaultSchedule;
    this.#connect();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get refusal(): string | null {
    return this.#refusal;
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    this.#states.add(listener);
    return () => this.#states.delete(listener);
  }

  subscribe(listener: (event: HostEvent) => void): () => void {
    this.#events.add(listener);
    return () => this.#events.delete(listener);
  }

  async call<M extends MethodName>(method: M, request: RequestOf<M>): Promise<ResponseOf<M>> {
    if (this.#state === 'lost') throw new HostUnreachableError();
    const id = this.#nextId++;
    const bytes = encodeFrame({ id, method, request });
    return new Promise<ResponseOf<M>>((resolve, reject) => {
      this.#pending.set(id, { bytes, resolve: resolve as (value: unknown) => void, reject });
      if (this.#state === 'open') this.#socket?.send(bytes);
    });
  }

  retry(): void {
    if (this.#cancelRetry === null || this.#closed) return;
    this.#cancelRetry();
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    this.#cancelRetry?.();
    this.#socket?.close();
    this.#lose();
  }

  #connect(): void {
    this.#cancelRetry = null;
    const socket = this.#open();
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.#attempt = 0;
      this.#refusal = null;
      // Only calls made before the first connection are still waiting here.
      for (const call of this.#pending.values()) socket.send(call.bytes);
      this.#setState('open');
    };
    socket.onmessage = ({ data }) => this.#receive(new Uint8Array(data as ArrayBuffer));
    socket.onclose = () => {
      if (this.#socket !== socket || this.#closed) return;
      this.#lose();
      this.#cancelRetry = this.#schedule(() => this.#connect(), this.#pause(this.#attempt++));
      if (!opened) void this.#askWhy();
    };
  }

  async #askWhy(): Promise<void> {
    const refusal = await this.#explain();
    if (this.#state === 'open' || refusal === this.#refusal) return;
    this.#refusal = refusal;
    for (const listener of this.#states) listener(this.#state);
  }

  #receive(bytes: Uint8Array): void {
    const frame = decodeHostFrame(bytes);
    if (frame.kind === 'event') {
      for (const listener of this.#events) listener(frame.event);
      return;
    }
    const call = this.#pending.get(frame.id);
    if (call === undefined) return;
    this.#pending.delete(frame.id);
    if (frame.ok) call.resolve(frame.value);
    else call.reject(fromErrorReport(frame.error));
  }

  #lose(): void {
    this.#socket = null;
    const calls = [...this.#pending.values()];
    this.#pending.clear();
    for (const call of calls) {
      call.reject(new HostUnreachableError('The connection to the host was lost before it answered.'));
    }
    this.#setState('lost');
  }

  #setState(state: ConnectionState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#states) listener(state);
  }
}
