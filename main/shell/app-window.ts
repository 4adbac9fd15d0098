/** The one window. */
import { BrowserWindow, nativeTheme, screen } from 'electron';
import type { WorkbenchApi } from '../../shared/api.ts';
import { preloadFile } from '../paths.ts';
import { EVENT_CHANNEL } from './channels.ts';
import { APP_ORIGIN } from './policies.ts';
import {
  MIN_HEIGHT,
  MIN_WIDTH,
  readWindowState,
  windowPlace,
  writeWindowState,
  type WindowState,
} from './window-state.ts';

/** Shown until the page has drawn: no flash of the other theme. */
function backgroundColor(): string {
  return nativeTheme.shouldUseDarkColors ? '#16181d' : '#ffffff';
}

/** Creates the window, hidden until its page has drawn. @param stateFile where its place is kept */
export async function createAppWindow(stateFile: string): Promise<BrowserWindow> {
  const workAreas = screen.getAllDisplays().map((display) => display.workArea);
  const { maximized, ...bounds } = windowPlace(await readWindowState(stateFile), workAreas);
  const window = new BrowserWindow({
    ...bounds,
    minWidth: MIN_WIDTH,
    minHeight: MIN_HEIGHT,
    title: 'Latebloom',
    show: false,
    backgroundColor: backgroundColor(),
    webPreferences: {
      preload: preloadFile,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      // Curves go on being mirrored while the window is covered.
      backgroundThrottling: false,
    },
  });
  if (maximized) window.maximize();
  const recolour = (): void => {
    window.setBackgroundColor(backgroundColor());
  };
  nativeTheme.on('updated', recolour);
  window.once('closed', () => nativeTheme.off('updated', recolour));
  return window;
}

export async function showPage(window: BrowserWindow): Promise<void> {
  const drawn = new Promise<void>((resolve) => {
    window.once('ready-to-show', () => {
      resolve();
    });
  });
  await window.loadURL(`${APP_ORIGIN}/index.html`);
  await drawn;
  window.show();
}

export async function keepPlace(window: BrowserWindow, stateFile: string): Promise<void> {
  const { x, y, width, height } = window.getNormalBounds();
  const state: WindowState = { x, y, width, height, maximized: window.isMaximized() };
  await writeWindowState(stateFile, state);
}

/**
 * Sends the host's events to the page that is loaded. A page hears nothing until `start` says that it is there, since
 * Electron drops what it is sent before; after a reload or a crash, the next page starts anew.
 */
export class EventFeed {
  readonly #api: WorkbenchApi;
  readonly #window: BrowserWindow;
  #stop: (() => void) | null = null;

  constructor(api: WorkbenchApi, window: BrowserWindow) {
    this.#api = api;
    this.#window = window;
    const stop = (): void => {
      this.stop();
    };
    window.webContents.on('did-start-navigation', (details) => {
      if (details.isMainFrame && !details.isSameDocument) stop();
    });
    window.webContents.on('render-process-gone', stop);
    window.on('closed', stop);
  }

  start(): void {
    this.#stop ??= this.#api.subscribe((event) => {
      this.#window.webContents.send(EVENT_CHANNEL, event);
    });
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
  }
}
