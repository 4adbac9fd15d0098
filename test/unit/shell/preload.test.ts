import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { HostEvent } from '../../../shared/api.ts';
import type { HostBridge } from '../../../shared/bridge.ts';
import type * as electronStub from '../../setup/electron-stub.ts';

let stub: typeof electronStub;
let bridge: HostBridge;

beforeEach(async () => {
  vi.resetModules();
  vi.clearAllMocks();
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
  it('exposes its functions and nothing else', () => {
    expect(stub.contextBridge.exposeInMainWorld).toHaveBeenCalledOnce();
    const { shell, ...functions } = bridge;
    expect(Object.keys(functions).sort()).toEqual(['call', 'subscribe']);
    expect(Object.keys(shell).sort()).toEqual(['chooseFile', 'onCommand', 'onFile', 'setMenu', 'takeFile']);
    const all = [...Object.values(functions), ...Object.values(shell)];
    expect(all.every((value) => typeof value === 'function')).toBe(true);
  });

  it('calls over one channel', async () => {
    const outcome = { ok: true, value: [] };
    stub.ipcRenderer.invoke.mockResolvedValue(outcome);
    expect(await bridge.call('studies', null)).toBe(outcome);
    expect(stub.ipcRenderer.invoke).toHaveBeenCalledExactlyOnceWith('latebloom:call', 'studies', null);
  });

  it('asks the desktop over another one', async () => {
    stub.ipcRenderer.invoke.mockResolvedValue(null);
    await bridge.shell.setMenu([]);
    await bridge.shell.chooseFile();
    expect(await bridge.shell.takeFile()).toBeNull();
    expect(stub.ipcRenderer.invoke.mock.calls).toEqual([
      ['latebloom:shell', 'set-menu', []],
      ['latebloom:shell', 'choose-file', null],
      ['latebloom:shell', 'take-file', null],
    ]);
  });

  it('gives commands of the menu and word of files to listeners, without the IPC event', () => {
    const [command, file] = [vi.fn(), vi.fn()];
    const stops = [bridge.shell.onCommand(command), bridge.shell.onFile(file)];
    const say = (): void => {
      stub.ipcRenderer.emit('latebloom:command', { sender: 'secret' }, 'study.new');
      stub.ipcRenderer.emit('latebloom:file', { sender: 'secret' });
    };
    say();
    for (const stop of stops) stop();
    say();
    expect(command.mock.calls).toEqual([['study.new']]);
    expect(file.mock.calls).toEqual([[]]);
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
