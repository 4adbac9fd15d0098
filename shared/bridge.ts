/** What Electron's preload script exposes to the page, and nothing else. */
import type { HostEvent, MethodName, RequestOf, ResponseOf } from './api.ts';
import type { ErrorReport } from './errors.ts';
import type { MenuEntry } from './menu.ts';

/** Its name on `window`. */
export const BRIDGE_NAME = 'latebloomHost';

/** The answer to one call, as it crosses Electron's context bridge: class identity and fields of errors do not. */
export type HostOutcome<M extends MethodName> =
  { ok: true; value: ResponseOf<M> } | { ok: false; error: ErrorReport };

/** A study file that the desktop opened for the window, or why it could not be read. */
export type OpenedFile =
  { name: string; ok: true; bytes: Uint8Array } | { name: string; ok: false; error: ErrorReport };

/** The desktop around the window: its menu, and study files that are opened from outside. */
export interface ShellBridge {
  /** What the application menu offers now. */
  setMenu(entries: MenuEntry[]): Promise<void>;
  /** Asks for a study file; what is chosen comes as an opened file. */
  chooseFile(): Promise<void>;
  /** The next file that was opened and not taken yet; null for none. */
  takeFile(): Promise<OpenedFile | null>;
  /** Hears the ids of the menu's commands. Returns a function that unsubscribes. */
  onCommand(listener: (id: string) => void): () => void;
  /** Hears that a file waits to be taken. Returns a function that unsubscribes. */
  onFile(listener: () => void): () => void;
}

export interface HostBridge {
  call<M extends MethodName>(method: M, request: RequestOf<M>): Promise<HostOutcome<M>>;
  /** Returns a function that unsubscribes. */
  subscribe(listener: (event: HostEvent) => void): () => void;
  shell: ShellBridge;
}
