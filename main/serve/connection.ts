/**
 * One window over a WebSocket: its calls, and what it is told. A window that reads slowly is not allowed to fill the
 * host's memory: it loses batches first (it sees the gap in `seq`, or in the run's count, and fetches them), then its
 * connection.
 */
import type { WebSocket } from 'ws';
import type { ClientFrame, HostEvent, HostFrame, WorkbenchApi } from '../../shared/api.ts';
import { toErrorReport } from '../../shared/errors.ts';
import { validateRequest } from '../../shared/requests.ts';
import { decodeClientFrame, encodeFrame, WireError } from '../../shared/wire.ts';

export interface ConnectionLimits {
  /** Bytes of events on their way above which batches are dropped. */
  dropBatchesAbove: number;
  /** Bytes of events on their way above which the connection is ended. */
  endAbove: number;
  /** Calls not yet answered, and answers not yet taken, above which nothing more is read. */
  callsInFlight: number;
}

export const defaultLimits: ConnectionLimits = {
  dropBatchesAbove: 4 * 1024 * 1024,
  endAbove: 32 * 1024 * 1024,
  callsInFlight: 32,
};

const UNSUPPORTED_DATA = 1003;
const INVALID_PAYLOAD = 1007;

/** @param report is told of internal errors; the window is told as well */
export function serveConnection(
  socket: WebSocket,
  api: WorkbenchApi,
  report: (error: unknown) => void,
  limits: ConnectionLimits = defaultLimits,
): void {
  let eventBytes = 0;
  let calls = 0;

  const tell = (event: HostEvent): void => {
    if (socket.readyState !== socket.OPEN) return;
    if (event.type === 'batch' && eventBytes > limits.dropBatchesAbove) return;
    if (eventBytes > limits.endAbove) {
      socket.terminate();
      return;
    }
    const bytes = encodeFrame({ kind: 'event', event });
    eventBytes += bytes.byteLength;
    // Called when the operating system has taken the bytes, or when the connection has ended.
    socket.send(bytes, () => {
      eventBytes -= bytes.byteLength;
    });
  };

  const answer = async (frame: ClientFrame): Promise<void> => {
    calls += 1;
    if (calls >= limits.callsInFlight) socket.pause();
    const bytes = await outcomeOf(api, frame, report);
    socket.send(bytes, () => {
      calls -= 1;
      if (calls < limits.callsInFlight && socket.isPaused) socket.resume();
    });
  };

  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (!isBinary) {
      socket.close(UNSUPPORTED_DATA, 'Frames are binary.');
      return;
    }
    try {
      void answer(decodeClientFrame(data));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      if (error.id === null) socket.close(INVALID_PAYLOAD, 'A frame was not valid.');
      else {
        const frame: HostFrame = { kind: 'response', id: error.id, ok: false, error: toErrorReport(error) };
        socket.send(encodeFrame(frame));
      }
    }
  });
  // ws closes the connection itself after a protocol error; without a listener it would end the host.
  socket.on('error', report);

  const unsubscribe = api.subscribe(tell);
  socket.on('close', unsubscribe);
}

async function outcomeOf(
  api: WorkbenchApi,
  { id, method, request }: ClientFrame,
  report: (error: unknown) => void,
): Promise<Uint8Array> {
  try {
    const value = await api.call(method, validateRequest(method, request));
    return encodeFrame({ kind: 'response', id, ok: true, value });
  } catch (error) {
    const outcome = toErrorReport(error);
    if (outcome.code === 'internal') report(error);
    return encodeFrame({ kind: 'response', id, ok: false, error: outcome });
  }
}
