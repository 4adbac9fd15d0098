/**
 * Stands in for `electron` in unit tests (see the alias in vitest.config.ts): real handlers run, on objects that
 * remember what was asked of them. `resetElectron()` gives every test a fresh one.
 */
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { vi } from 'vitest';

type Handler = (...args: never[]) => unknown;

/** Fires an event with a `preventDefault` that is remembered. */
export function fire(emitter: EventEmitter, name: string, details: object = {}, ...args: unknown[]): boolean {
  let prevented = false;
  const event = { ...details, preventDefault: () => (prevented = true) };
  emitter.emit(name, event, ...args);
  return prevented;
}

export class StubWebContents extends EventEmitter {
  url = 'about:blank';
  sent: unknown[][] = [];
  windowOpenHandler: ((details: { url: string }) => { action: string }) | null = null;
  reload = vi.fn();
  getURL(): string {
    return this.url;
  }
  send(...message: unknown[]): void {
    this.sent.push(message);
  }
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.windowOpenHandler = handler;
  }
}

export class BrowserWindow extends EventEmitter {
  static readonly all: BrowserWindow[] = [];
  static getAllWindows(): BrowserWindow[] {
    return BrowserWindow.all;
  }
  readonly webContents = new StubWebContents();
  readonly options: { webPreferences: Record<string, unknown> } & Record<string, unknown>;
  loaded: string[] = [];
  destroyed = false;
  minimized = false;
  maximize = vi.fn();
  restore = vi.fn();
  focus = vi.fn();
  show = vi.fn();
  setTitle = vi.fn();
  setProgressBar = vi.fn();
  setBackgroundColor = vi.fn();

  constructor(options: BrowserWindow['options']) {
    super();
    this.options = options;
    BrowserWindow.all.push(this);
    app.emit('web-contents-created', {}, this.webContents);
  }
  async loadURL(url: string): Promise<void> {
    this.loaded.push(url);
    this.webContents.url = url;
    this.emit('ready-to-show');
  }
  isDestroyed(): boolean {
    return this.destroyed;
  }
  isMinimized(): boolean {
    return this.minimized;
  }
  isMaximized(): boolean {
    return false;
  }
  getNormalBounds(): { x: number; y: number; width: number; height: number } {
    return { x: 10, y: 20, width: 1000, height: 700 };
  }
}

class App extends EventEmitter {
  isPackaged = false;
  hasLock = true;
  paths: Record<string, string> = {};
  exit = vi.fn();
  quit = vi.fn();
  enableSandbox = vi.fn();
  setPath(name: string, path: string): void {
    this.paths[name] = path;
  }
  said: unknown = null;
  requestSingleInstanceLock(additionalData?: unknown): boolean {
    this.said = additionalData;
    return this.hasLock;
  }
  async whenReady(): Promise<void> {
    return undefined;
  }
}

class Session extends EventEmitter {
  requestHandler: Handler | null = null;
  checkHandler: Handler | null = null;
  deviceHandler: Handler | null = null;
  flushStorageData = vi.fn();
  setPermissionRequestHandler(handler: Handler): void {
    this.requestHandler = handler;
  }
  setPermissionCheckHandler(handler: Handler): void {
    this.checkHandler = handler;
  }
  setDevicePermissionHandler(handler: Handler): void {
    this.deviceHandler = handler;
  }
}

class HandlerTable {
  readonly handlers = new Map<string, Handler>();
  readonly registered: unknown[] = [];
  handle(name: string, handler: Handler): void {
    this.handlers.set(name, handler);
  }
  registerSchemesAsPrivileged(schemes: unknown): void {
    this.registered.push(schemes);
  }
}

export class StubUtilityProcess extends EventEmitter {
  pid: number | undefined = undefined;
  readonly stderr = new PassThrough();
  readonly posted: unknown[] = [];
  readonly forked: unknown[];
  constructor(forked: unknown[]) {
    super();
    this.forked = forked;
  }
  postMessage(message: unknown): void {
    this.posted.push(message);
  }
}

export const app = new App();
export const session = { defaultSession: new Session() };
export const ipcMain = new HandlerTable();
export const protocol = new HandlerTable();
export const nativeTheme = Object.assign(new EventEmitter(), { shouldUseDarkColors: false, themeSource: '' });
export const screen = {
  getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1040 } }],
};
export const shell = { openExternal: vi.fn<(url: string) => Promise<void>>(async () => undefined) };
export const dialog = {
  showErrorBox: vi.fn(),
  showMessageBox: vi.fn(async () => ({ response: 0 })),
  showOpenDialog: vi.fn(async () => ({ canceled: true, filePaths: [] as string[] })),
};
export const Menu = {
  buildFromTemplate: (template: unknown) => template,
  setApplicationMenu: vi.fn(),
};
export const utilityProcess = {
  children: [] as StubUtilityProcess[],
  fork: (...forked: unknown[]) => {
    const child = new StubUtilityProcess(forked);
    utilityProcess.children.push(child);
    return child;
  },
};
export const contextBridge = { exposeInMainWorld: vi.fn() };
export const ipcRenderer = Object.assign(new EventEmitter(), { invoke: vi.fn() });

export function resetElectron(): void {
  for (const emitter of [app, session.defaultSession, nativeTheme, ipcRenderer]) emitter.removeAllListeners();
  app.hasLock = true;
  app.paths = {};
  ipcMain.handlers.clear();
  protocol.handlers.clear();
  protocol.registered.length = 0;
  BrowserWindow.all.length = 0;
  utilityProcess.children.length = 0;
  nativeTheme.shouldUseDarkColors = false;
  vi.clearAllMocks();
}
