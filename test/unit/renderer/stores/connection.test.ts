import { describe, expect, it } from 'vitest';
import {
  bridgeConnection,
  SocketConnection,
  type ConnectionState,
  type SocketLike,
} from '../../../../renderer/stores/connection.ts';
import type { HostEvent, HostFrame } from '../../../../shared/api.ts';
import { decodeClientFrame, encodeFrame } from '../../../../shared/wire.ts';

class FakeSocket implements SocketLike {
  binaryType = '';
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly sent: Uint8Array[] = [];

  send(bytes: Uint8Array): void {
    this.sent.push(bytes);
  }

  close(): void {
    this.onclose?.();
  }

  receive(frame: HostFrame): void {
    const bytes = encodeFrame(frame);
    this.onmessage?.({ data: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) });
  }

  /** Methods and ids of the calls sent. */
  get calls(): [string, number][] {
    return this.sent.map((bytes) => {
      const { method, id } = decodeClientFrame(bytes);
      return [method, id];
    });
  }
}

function setUp(explain?: () => Promise<string | null>) {
  const sockets: FakeSocket[] = [];
  const pauses: number[] = [];
  let task: (() => void) | null = null;
  const connection = new SocketConnection({
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    schedule: (next, milliseconds) => {
      pauses.push(milliseconds);
      task = next;
      return () => {
        task = null;
      };
    },
    ...(explain === undefined ? {} : { explain }),
  });
  const states: ConnectionState[] = [];
  connection.onState((state) => states.push(state));
  const elapse = (): void => {
    const next = task;
    task = null;
    next?.();
  };
  const latest = (): FakeSocket => sockets.at(-1) as FakeSocket;
  return { connection, sockets, pauses, states, elapse, latest, isWaiting: () => task !== null };
}

const notice: HostEvent = { type: 'notice', level: 'info', message: 'hello' };

describe('SocketConnection', () => {
  it('sends calls made while connecting once it is open, and matches answers by id', async () => {
    const { connection, latest } = setUp();
    const studies = connection.call('studies', null);
    const runs = connection.call('runs', null);
    expect(latest().sent).toEqual([]);
    latest().onopen?.();
    expect(latest().calls).toEqual([
      ['studies', 0],
      ['runs', 1],
    ]);
    latest().receive({ kind: 'response', id: 1, ok: true, value: ['the runs'] });
    latest().receive({ kind: 'response', id: 0, ok: true, value: ['the studies'] });
    expect(await runs).toEqual(['the runs']);
    expect(await studies).toEqual(['the studies']);
  });

  it('throws the named error that the host reports', async () => {
    const { connection, latest } = setUp();
    latest().onopen?.();
    const call = connection.call('deleteStudy', { studyId: 'x' });
    const error = {
      name: 'NotFoundError',
      code: 'not-found',
      message: 'There is no study "x".',
      nextStep: 'Look.',
    } as const;
    latest().receive({ kind: 'response', id: 0, ok: false, error });
    await expect(call).rejects.toMatchObject({ name: 'NotFoundError', code: 'not-found', nextStep: 'Look.' });
  });

  it('refuses open and new calls when the host is lost, and never sends them again', async () => {
    const { connection, latest, states, elapse, sockets } = setUp();
    latest().onopen?.();
    const open = connection.call('studies', null);
    latest().onclose?.();
    await expect(open).rejects.toMatchObject({ code: 'host-unreachable' });
    await expect(connection.call('runs', null)).rejects.toMatchObject({ code: 'host-unreachable' });
    elapse();
    latest().onopen?.();
    expect(sockets).toHaveLength(2);
    expect(latest().sent).toEqual([]);
    expect(states).toEqual(['open', 'lost', 'open']);
  });

  it('waits longer after every failed attempt, at most five seconds, and starts over after a success', () => {
    const { latest, pauses, elapse } = setUp();
    for (let i = 0; i < 7; i += 1) {
      latest().onclose?.();
      elapse();
    }
    expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
    latest().onopen?.();
    latest().onclose?.();
    expect(pauses.at(-1)).toBe(250);
  });

  it('keeps subscriptions over a reconnection', () => {
    const { connection, latest, elapse } = setUp();
    const heard: HostEvent[] = [];
    const unsubscribe = connection.subscribe((event) => heard.push(event));
    latest().onopen?.();
    latest().receive({ kind: 'event', event: notice });
    latest().onclose?.();
    elapse();
    latest().onopen?.();
    latest().receive({ kind: 'event', event: notice });
    expect(heard).toEqual([notice, notice]);
    unsubscribe();
    latest().receive({ kind: 'event', event: notice });
    expect(heard).toHaveLength(2);
  });

  it('tries at once when asked to, and only one attempt at a time', () => {
    const { connection, latest, sockets, isWaiting } = setUp();
    connection.retry();
    expect(sockets).toHaveLength(1);
    latest().onclose?.();
    connection.retry();
    expect(sockets).toHaveLength(2);
    expect(isWaiting()).toBe(false);
  });

  it('says why a running host refuses this page, and forgets it when it is let in', async () => {
    const { connection, latest, elapse } = setUp(async () => 'The token is not valid.');
    latest().onclose?.();
    await Promise.resolve();
    await Promise.resolve();
    expect(connection.refusal).toBe('The token is not valid.');
    elapse();
    latest().onopen?.();
    expect(connection.refusal).toBeNull();
  });

  it('does not come back after it was closed', async () => {
    const { connection, latest, isWaiting } = setUp();
    latest().onopen?.();
    connection.close();
    expect(isWaiting()).toBe(false);
    await expect(connection.call('runs', null)).rejects.toMatchObject({ code: 'host-unreachable' });
  });
});

describe('bridgeConnection', () => {
  it('gives values and throws reported errors', async () => {
    const outcomes: unknown[] = [
      { ok: true, value: [] },
      { ok: false, error: { name: 'InputError', code: 'bad-input', message: 'No.', nextStep: '' } },
    ];
    const connection = bridgeConnection({
      call: async () => outcomes.shift() as never,
      subscribe: () => () => undefined,
    });
    expect(await connection.call('studies', null)).toEqual([]);
    await expect(connection.call('studies', null)).rejects.toMatchObject({
      name: 'InputError',
      code: 'bad-input',
    });
  });
});
