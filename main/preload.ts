/** Runs sandboxed before the page: gives it the functions of `HostBridge`, never `ipcRenderer` itself. */
import { contextBridge, ipcRenderer } from 'electron';
import type { HostEvent } from '../shared/api.ts';
import { BRIDGE_NAME, type HostBridge } from '../shared/bridge.ts';
import {
  CALL_CHANNEL,
  COMMAND_CHANNEL,
  EVENT_CHANNEL,
  FILE_CHANNEL,
  SHELL_CHANNEL,
} from './shell/channels.ts';

const listeners = new Set<(event: HostEvent) => void>();
/** Events that came before the page listened. */
let early: HostEvent[] | null = [];

ipcRenderer.on(EVENT_CHANNEL, (_ipcEvent, event: HostEvent) => {
  early?.push(event);
  for (const listener of listeners) listener(event);
});

const bridge: HostBridge = {
  call: (method, request) => ipcRenderer.invoke(CALL_CHANNEL, method, request),
  subscribe: (listener) => {
    listeners.add(listener);
    const missed = early ?? [];
    early = null;
    for (const event of missed) listener(event);
    return () => {
      listeners.delete(listener);
    };
  },
  shell: {
    setMenu: (entries) => ipcRenderer.invoke(SHELL_CHANNEL, 'set-menu', entries),
    chooseFile: () => ipcRenderer.invoke(SHELL_CHANNEL, 'choose-file', null),
    takeFile: () => ipcRenderer.invoke(SHELL_CHANNEL, 'take-file', null),
    onCommand: (listener) =>
      listen(COMMAND_CHANNEL, (id) => {
        listener(String(id));
      }),
    onFile: (listener) =>
      listen(FILE_CHANNEL, () => {
        listener();
      }),
  },
};

/** The page's listeners never see the IPC event. Returns a function that unsubscribes. */
function listen(channel: string, hear: (value: unknown) => void): () => void {
  const heard = (_ipcEvent: unknown, value: unknown): void => {
    hear(value);
  };
  ipcRenderer.on(channel, heard);
  return () => {
    ipcRenderer.off(channel, heard);
  };
}

contextBridge.exposeInMainWorld(BRIDGE_NAME, bridge);
