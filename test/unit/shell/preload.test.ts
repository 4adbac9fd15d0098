import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { HostEvent } from '../../../shared/api.ts';
import type { HostBridge } from '../../../shared/bridge.ts';
import type * as electronStub from '../../setup/electron-stub.ts';

let stub: typeof electronStub;
let bridge: HostBridge;

beforeEach(async () => {
  vi.resetModules();
  stub = (await import('electron')) as unknown as typeof electronStub;
  await import('../../../main/preload.ts');
  const [name, exposed] = stub.contextBridge.exposeInMainWorld.mock.calls[0] as [string, HostBridge];
  expect(name).toBe('latebloomHost');
  bridge = exposed;
});

const deleted = (studyId: string): HostEvent => ({ type: 'study-deleted', studyId });
const arrive = (event: HostEvent): void => {
  stub.ipcRenderer.emit('latebloom:event', { sender: 'secret' }, event);
};

describe('the preload script', () => {
  it('exposes two functions and nothing else', () => {
    expect(stub.contextBridge.exposeInMainWorld).toHaveBeenCalledOnce();
    expect(Object.keys(bridge).sort()).toEqual(['call', 'subscribe']);
    expect(Object.values(bridge).every((value) => typeof value === 'function')).toBe(true);
  });

  it('calls over one channel', async () => {
    const outcome = { ok: true, value: [] };
    stub.ipcRenderer.invoke.mockResolvedValue(outcome);
    expect(await bridge.call('studies', null)).toBe(outcome);
    expect(stub.ipcRenderer.invoke).toHaveBeenCalledExactlyOnceWith('latebloom:call', 'studies', null);
  });

  it('gives events to listeners, without the IPC event', () => {
    const listener = vi.fn();
    const stop = bridge.subscribe(listener);
    arrive(deleted('a'));
    expect(listener.mock.calls).toEqual([[deleted('a')]]);
    stop();
    arrive(deleted('b'));
    expect(listener).toHaveBeenCalledOnce();
  });

  it('keeps events that come before the first listener, in order and once', () => {
    arrive(deleted('a'));
    arrive(deleted('b'));
    const [first, second] = [vi.fn(), vi.fn()];
    bridge.subscribe(first);
    bridge.subscribe(second);
    arrive(deleted('c'));
    expect(first.mock.calls.flat()).toEqual([deleted('a'), deleted('b'), deleted('c')]);
    expect(second.mock.calls.flat()).toEqual([deleted('c')]);
  });
});
