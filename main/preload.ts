/** Runs sandboxed before the page: gives it the two functions of `HostBridge`, never `ipcRenderer` itself. */
import { contextBridge, ipcRenderer } from 'electron';
import type { HostEvent } from '../shared/api.ts';
import { BRIDGE_NAME, type HostBridge } from '../shared/bridge.ts';
import { CALL_CHANNEL, EVENT_CHANNEL } from './shell/channels.ts';

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
};

contextBridge.exposeInMainWorld(BRIDGE_NAME, bridge);
