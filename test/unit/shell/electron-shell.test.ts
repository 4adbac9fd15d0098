import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LatebloomError } from '../../../shared/errors.ts';
import {
  CALL_CHANNEL,
  COMMAND_CHANNEL,
  EVENT_CHANNEL,
  FILE_CHANNEL,
  SHELL_CHANNEL,
} from '../../../main/shell/channels.ts';
import { openElectronShell } from '../../../main/shell/electron-shell.ts';
import { OpenedFiles } from '../../../main/shell/opened-files.ts';
import { READY_LINE, REFUSED_STATUS } from '../../../main/shell/signals.ts';
import * as electron from '../../setup/electron-stub.ts';
import { FakeApi } from '../../setup/fake-api.ts';

const { app, BrowserWindow, dialog, fire, ipcMain, protocol, session, shell } = electron;
const { open } = vi.hoisted(() => ({ open: vi.fn() }));
vi.mock('../../../main/workbench.ts', () => ({ Workbench: { open } }));

class FakeWorkbench extends FakeApi {
  close = vi.fn(async () => undefined);
}

const page = 'app://latebloom/index.html';
let folder = '';
let api = new FakeWorkbench();
let opened = new OpenedFiles();
const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
const logError = vi.spyOn(console, 'error').mockImplementation(() => undefined);

beforeEach(async () => {
  electron.resetElectron();
  folder = await mkdtemp(join(tmpdir(), 'latebloom-shell-'));
  opened = new OpenedFiles();
  api = new FakeWorkbench({ studies: () => [] });
  open.mockResolvedValue(api);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function openWindow(): Promise<InstanceType<typeof BrowserWindow>> {
  await openElectronShell('/the/home', folder, opened);
  const [window] = BrowserWindow.all;
  if (window === undefined) throw new Error('no window');
  return window;
}

function call(
  window: InstanceType<typeof BrowserWindow>,
  method: string,
  request: unknown,
): Promise<unknown> {
  const gate = ipcMain.handlers.get(CALL_CHANNEL) as (...args: unknown[]) => Promise<unknown>;
  return gate({ senderFrame: { url: page, parent: null }, sender: window.webContents }, method, request);
}

describe('the window', () => {
  it('is sandboxed, isolated and without Node', async () => {
    const window = await openWindow();
    expect(window.options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
    });
    expect(window.options.webPreferences).not.toHaveProperty('allowRunningInsecureContent');
    expect(window.options.webPreferences).not.toHaveProperty('experimentalFeatures');
  });

  it('opens on the data folder, shows our page once it is drawn, and says so', async () => {
    const window = await openWindow();
    expect(open).toHaveBeenCalledWith({ home: '/the/home', forkTrainer: expect.any(Function) });
    expect(window.options['show']).toBe(false);
    expect(window.loaded).toEqual([page]);
    expect(window.show).toHaveBeenCalledOnce();
    expect(log).toHaveBeenLastCalledWith(READY_LINE);
    expect([...protocol.handlers.keys()]).toEqual(['app']);
    expect([...ipcMain.handlers.keys()]).toEqual([CALL_CHANNEL, SHELL_CHANNEL]);
  });

  it('is brought to the front by a second start', async () => {
    const window = await openWindow();
    window.minimized = true;
    app.emit('second-instance');
    expect(window.restore).toHaveBeenCalledOnce();
    expect(window.focus).toHaveBeenCalledOnce();
  });

  it('opens where it was', async () => {
    const state = { x: 50, y: 60, width: 1100, height: 700, maximized: true };
    await writeFile(join(folder, 'window-state.json'), JSON.stringify(state));
    const window = await openWindow();
    expect(window.options).toMatchObject({ x: 50, y: 60, width: 1100, height: 700 });
    expect(window.maximize).toHaveBeenCalledOnce();
  });

  it('follows the theme of the desktop', async () => {
    const window = await openWindow();
    const light = window.options['backgroundColor'];
    electron.nativeTheme.shouldUseDarkColors = true;
    electron.nativeTheme.emit('updated');
    expect(window.setBackgroundColor).toHaveBeenCalledOnce();
    expect(window.setBackgroundColor.mock.calls[0]?.[0]).not.toBe(light);
    window.emit('closed');
    electron.nativeTheme.emit('updated');
    expect(window.setBackgroundColor).toHaveBeenCalledOnce();
  });
});

describe('the desktop around the window', () => {
  const entry = {
    id: 'study.new',
    menu: 'file',
    title: 'New Study',
    enabled: true,
    checked: null,
    accelerator: 'CmdOrCtrl+N',
    separated: false,
  } as const;

  function ask(
    window: InstanceType<typeof BrowserWindow>,
    request: string,
    value: unknown = null,
  ): Promise<unknown> {
    const gate = ipcMain.handlers.get(SHELL_CHANNEL) as (...args: unknown[]) => Promise<unknown>;
    return gate({ senderFrame: { url: page, parent: null }, sender: window.webContents }, request, value);
  }

  it('draws the menu that the page says, and tells the page what is clicked', async () => {
    const window = await openWindow();
    await ask(window, 'set-menu', [entry]);
    const template = electron.Menu.setApplicationMenu.mock.calls.at(-1)?.[0] as {
      label?: string;
      submenu?: { label?: string; click?: () => void }[];
    }[];
    const item = template
      .find(({ label }) => label === 'File')
      ?.submenu?.find(({ label }) => label === 'New Study');
    item?.click?.();
    expect(window.webContents.sent).toEqual([[COMMAND_CHANNEL, 'study.new']]);
  });

  it('refuses a stranger, a menu that is none, and what it was never asked', async () => {
    const window = await openWindow();
    const before = electron.Menu.setApplicationMenu.mock.calls.length;
    await expect(ask(window, 'set-menu', [{ ...entry, accelerator: 'Q' }])).rejects.toThrow(/accelerator/);
    await expect(ask(window, 'set-menu', [{ ...entry, click: 'x' }])).rejects.toThrow(/click/);
    await expect(ask(window, 'quit')).rejects.toThrow('The window cannot be asked for "quit".');
    const gate = ipcMain.handlers.get(SHELL_CHANNEL) as (...args: unknown[]) => Promise<unknown>;
    const stranger = {
      senderFrame: { url: 'https://evil.example/', parent: null },
      sender: window.webContents,
    };
    await expect(gate(stranger, 'take-file', null)).rejects.toThrow(/refused/);
    expect(electron.Menu.setApplicationMenu.mock.calls).toHaveLength(before);
  });

  it('gives the window the files that were opened, each once, those of before it too', async () => {
    const path = join(folder, 'early.study.zip');
    await writeFile(path, 'PK');
    opened.add([path]);
    const window = await openWindow();
    expect(await ask(window, 'take-file')).toEqual({
      name: 'early.study.zip',
      ok: true,
      bytes: new TextEncoder().encode('PK'),
    });
    expect(await ask(window, 'take-file')).toBeNull();
    expect(window.webContents.sent).toEqual([]);
    window.minimized = true;
    app.emit('second-instance', {}, [], '/', { files: [join(folder, 'absent.study.zip'), 7] });
    expect(window.restore).toHaveBeenCalled();
    expect(window.webContents.sent).toEqual([[FILE_CHANNEL]]);
    expect(await ask(window, 'take-file')).toMatchObject({
      name: 'absent.study.zip',
      ok: false,
      error: {
        code: 'bad-input',
        message: 'absent.study.zip cannot be imported: it cannot be read (ENOENT).',
      },
    });
  });

  it('asks for a file, and takes none where none is chosen', async () => {
    const window = await openWindow();
    await ask(window, 'choose-file');
    expect(await ask(window, 'take-file')).toBeNull();
    const empty = join(folder, 'empty.zip');
    await writeFile(empty, '');
    dialog.showOpenDialog.mockResolvedValueOnce({ canceled: false, filePaths: [empty] });
    await ask(window, 'choose-file');
    expect(window.webContents.sent).toEqual([[FILE_CHANNEL]]);
    expect(await ask(window, 'take-file')).toMatchObject({
      error: { message: 'empty.zip cannot be imported: it is empty.' },
    });
  });
});

describe('a workbench that cannot be opened', () => {
  it('is refused with its reason, in words and in the exit status', async () => {
    open.mockRejectedValue(
      new LatebloomError('home-in-use', 'The folder is in use.', 'Close the other one.'),
    );
    await openElectronShell('/the/home', folder, opened);
    expect(BrowserWindow.all).toHaveLength(0);
    expect(dialog.showErrorBox).toHaveBeenCalledWith(
      'Latebloom cannot open',
      'The folder is in use.\n\nClose the other one.',
    );
    expect(logError).toHaveBeenLastCalledWith('The folder is in use. Close the other one.');
    expect(app.exit).toHaveBeenCalledExactlyOnceWith(REFUSED_STATUS);
  });
});

describe('events', () => {
  it('reach a page from its first call on, and stop with the page', async () => {
    const window = await openWindow();
    api.emit({ type: 'study-deleted', studyId: 'before' });
    expect(window.webContents.sent).toEqual([]);
    await call(window, 'studies', null);
    await call(window, 'studies', null);
    const event = { type: 'study-deleted', studyId: 's' } as const;
    api.emit(event);
    expect(window.webContents.sent).toEqual([[EVENT_CHANNEL, event]]);

    window.webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: true });
    window.webContents.emit('did-start-navigation', { isMainFrame: false, isSameDocument: false });
    expect(api.listeners.size).toBe(1);
    window.webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false });
    expect(api.listeners.size).toBe(0);
    await call(window, 'studies', null);
    expect(api.listeners.size).toBe(1);
    window.emit('closed');
    expect(api.listeners.size).toBe(0);
  });

  it('are not sent because of a stranger', async () => {
    const window = await openWindow();
    const gate = ipcMain.handlers.get(CALL_CHANNEL) as (...args: unknown[]) => Promise<unknown>;
    const stranger = {
      senderFrame: { url: 'https://evil.example/', parent: null },
      sender: window.webContents,
    };
    expect(await gate(stranger, 'studies', null)).toMatchObject({ ok: false });
    expect(api.listeners.size).toBe(0);
    expect(api.calls).toEqual([]);
  });
});

describe('policies in force', () => {
  it('navigation leads nowhere but to papers, in the browser', async () => {
    const { webContents } = await openWindow();
    for (const name of ['will-navigate', 'will-redirect']) {
      expect(fire(webContents, name, { url: 'https://evil.example/' })).toBe(true);
      expect(fire(webContents, name, { url: `${page}#/runs` })).toBe(false);
    }
    expect(shell.openExternal).not.toHaveBeenCalled();
    expect(fire(webContents, 'will-navigate', { url: 'https://arxiv.org/abs/2301.05217' })).toBe(true);
    expect(shell.openExternal).toHaveBeenCalledExactlyOnceWith('https://arxiv.org/abs/2301.05217');
  });

  it('new windows are never made', async () => {
    const { webContents } = await openWindow();
    const ask = (url: string): unknown => webContents.windowOpenHandler?.({ url });
    expect(ask('https://evil.example/')).toEqual({ action: 'deny' });
    expect(ask(page)).toEqual({ action: 'deny' });
    expect(shell.openExternal).not.toHaveBeenCalled();
    expect(ask('https://doi.org/10.1/2')).toEqual({ action: 'deny' });
    expect(shell.openExternal).toHaveBeenCalledOnce();
  });

  it('web views are not attached, and every web contents is bound by this', async () => {
    await openWindow();
    const other = new electron.StubWebContents();
    app.emit('web-contents-created', {}, other);
    expect(fire(other, 'will-attach-webview')).toBe(true);
    expect(fire(other, 'will-navigate', { url: 'https://evil.example/' })).toBe(true);
    expect(other.windowOpenHandler?.({ url: 'https://evil.example/' })).toEqual({ action: 'deny' });
  });

  it('permissions are denied, whoever asks and however', async () => {
    await openWindow();
    const { checkHandler, deviceHandler, requestHandler } = session.defaultSession as unknown as Record<
      string,
      (...args: unknown[]) => unknown
    >;
    const request = (permission: string, requestingUrl: string): boolean => {
      const answer = vi.fn();
      requestHandler?.({}, permission, answer, { requestingUrl });
      return (answer.mock.calls[0] as [boolean])[0];
    };
    expect(request('geolocation', page)).toBe(false);
    expect(request('clipboard-sanitized-write', page)).toBe(true);
    expect(request('clipboard-sanitized-write', 'https://evil.example/')).toBe(false);
    expect(checkHandler?.({}, 'media', 'app://latebloom/')).toBe(false);
    expect(checkHandler?.(null, 'clipboard-sanitized-write', 'app://latebloom/')).toBe(true);
    expect(deviceHandler?.({ deviceType: 'usb' })).toBe(false);
  });

  it('downloads are what the page made itself', async () => {
    await openWindow();
    const download = (url: string): boolean =>
      fire(session.defaultSession, 'will-download', {}, { getURL: () => url });
    expect(download('blob:app://latebloom/1')).toBe(false);
    expect(download('https://evil.example/x.exe')).toBe(true);
  });
});

describe('the end', () => {
  it('waits until the runs are saved, once, and keeps the place of the window', async () => {
    const window = await openWindow();
    let saved = (): void => undefined;
    api.close.mockImplementation(() => new Promise((resolve) => (saved = () => resolve(undefined))));
    expect(fire(window, 'close')).toBe(true);
    expect(fire(app, 'before-quit')).toBe(true);
    await vi.waitFor(() => expect(api.close).toHaveBeenCalledOnce());
    expect(window.setTitle).toHaveBeenCalledWith('Latebloom: saving…');
    expect(session.defaultSession.flushStorageData).toHaveBeenCalledOnce();
    expect(app.exit).not.toHaveBeenCalled();
    saved();
    await vi.waitFor(() => expect(app.exit).toHaveBeenCalledExactlyOnceWith(0));
    expect(JSON.parse(await readFile(join(folder, 'window-state.json'), 'utf8'))).toEqual({
      x: 10,
      y: 20,
      width: 1000,
      height: 700,
      maximized: false,
    });
  });

  it('saves the runs even where the place of the window cannot be kept', async () => {
    const window = await openWindow();
    await rm(folder, { recursive: true });
    fire(window, 'close');
    await vi.waitFor(() => expect(app.exit).toHaveBeenCalledWith(0));
    expect(api.close).toHaveBeenCalledOnce();
    expect(logError).toHaveBeenCalled();
  });

  it('says with its status that saving failed', async () => {
    const window = await openWindow();
    api.close.mockRejectedValue(new Error('disk full'));
    fire(window, 'close');
    await vi.waitFor(() => expect(app.exit).toHaveBeenCalledWith(1));
    expect(logError).toHaveBeenCalledWith(expect.objectContaining({ message: 'disk full' }));
  });
});

describe('a renderer that dies', () => {
  it('is loaded again once; then the user is asked', async () => {
    const { webContents } = await openWindow();
    webContents.emit('render-process-gone', {}, { reason: 'clean-exit', exitCode: 0 });
    expect(webContents.reload).not.toHaveBeenCalled();
    webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 });
    expect(webContents.reload).toHaveBeenCalledOnce();
    expect(dialog.showMessageBox).not.toHaveBeenCalled();
    dialog.showMessageBox.mockResolvedValueOnce({ response: 1 });
    webContents.emit('render-process-gone', {}, { reason: 'oom', exitCode: 5 });
    expect(dialog.showMessageBox).toHaveBeenCalledOnce();
    await vi.waitFor(() => expect(app.quit).toHaveBeenCalledOnce());
    expect(webContents.reload).toHaveBeenCalledOnce();
  });

  it('stops its events until the next page calls', async () => {
    const window = await openWindow();
    await call(window, 'studies', null);
    window.webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 });
    expect(api.listeners.size).toBe(0);
  });

  it('other processes that die are reported by name', async () => {
    await openWindow();
    app.emit('child-process-gone', {}, { type: 'GPU', reason: 'clean-exit', exitCode: 0 });
    expect(logError).not.toHaveBeenCalled();
    app.emit('child-process-gone', {}, { type: 'GPU', reason: 'crashed', exitCode: 139 });
    expect(logError).toHaveBeenLastCalledWith('A helper process ended: GPU (crashed, exit code 139).');
  });
});
