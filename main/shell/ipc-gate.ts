/**
 * The one way from the window into the host: checks who sends, which method, and the request's shape; answers with an
 * outcome, since an error's class and fields do not survive the crossing.
 */
import type { WorkbenchApi } from '../../shared/api.ts';
import { LatebloomError, printValue, toErrorReport, type ErrorReport } from '../../shared/errors.ts';
import { validateRequest } from '../../shared/requests.ts';
import { isMethodName } from '../../shared/wire.ts';
import { maySend } from './policies.ts';

/** A message came from a frame that is not our page. */
export class ForeignSenderError extends LatebloomError {
  constructor(url: string | null) {
    super('not-allowed', `A message from ${url ?? 'a frame that is gone'} was refused.`);
  }
}

/** What the gate reads of Electron's `WebFrameMain`. */
export interface SenderFrame {
  readonly url: string;
  readonly parent: unknown;
}

/** What the gate reads of Electron's `IpcMainInvokeEvent`. */
export interface GateEvent {
  readonly senderFrame: SenderFrame | null;
  readonly sender: unknown;
}

export type GateOutcome = { ok: true; value: unknown } | { ok: false; error: ErrorReport };

export interface GateOptions {
  /** Whether a `webContents` is our window's. */
  isOwnWindow(sender: unknown): boolean;
  /** Our page has called: it is there and listens to events. */
  onCall(): void;
  /** Told of refused senders and of internal errors. */
  report(error: unknown): void;
}

/** A handler for `ipcMain.handle`. */
export function ipcGate(
  api: WorkbenchApi,
  { isOwnWindow, onCall, report }: GateOptions,
): (event: GateEvent, method: unknown, request: unknown) => Promise<GateOutcome> {
  return async (event, method, request) => {
    try {
      const frame = event.senderFrame;
      const isTopFrame = frame?.parent === null && isOwnWindow(event.sender);
      if (!maySend(frame === null ? null : { url: frame.url, isTopFrame })) {
        throw new ForeignSenderError(frame?.url ?? null);
      }
      onCall();
      if (!isMethodName(method)) {
        throw new LatebloomError('bad-input', `There is no method ${printValue(method)}.`);
      }
      return { ok: true, value: await api.call(method, validateRequest(method, request)) };
    } catch (error) {
      const outcome = toErrorReport(error);
      if (outcome.code === 'internal' || outcome.code === 'not-allowed') report(error);
      return { ok: false, error: outcome };
    }
  };
}
