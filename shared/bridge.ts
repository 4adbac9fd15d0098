/** What Electron's preload script exposes to the page, and nothing else. */
import type { HostEvent, MethodName, RequestOf, ResponseOf } from './api.ts';
import type { ErrorReport } from './errors.ts';

/** Its name on `window`. */
export const BRIDGE_NAME = 'latebloomHost';

/** The answer to one call, as it crosses Electron's context bridge: class identity and fields of errors do not. */
export type HostOutcome<M extends MethodName> =
  { ok: true; value: ResponseOf<M> } | { ok: false; error: ErrorReport };

export interface HostBridge {
  call<M extends MethodName>(method: M, request: RequestOf<M>): Promise<HostOutcome<M>>;
  /** Returns a function that unsubscribes. */
  subscribe(listener: (event: HostEvent) => void): () => void;
}
