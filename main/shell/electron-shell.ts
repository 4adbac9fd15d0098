/** Electron's shell over one workbench: window, protocol, gate, policies; and an orderly end. */
import { app, BrowserWindow, dialog, ipcMain, nativeTheme, protocol, session } from 'electron';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toErrorReport } from '../../shared/errors.ts';
import { rendererFolder } from '../paths.ts';
import { Workbench } from '../workbench.ts';
import { createAppWindow, EventFeed, keepPlace, showPage } from './app-window.ts';
import { CALL_CHANNEL, COMMAND_CHANNEL, FILE_CHANNEL, SHELL_CHANNEL } from './channels.ts';
import { crashResponse } from './crash.ts';
import { electronForkTrainer } from './electron-trainer.ts';
import { ipcGate } from './ipc-gate.ts';
import { setApplicationMenu, type MenuPlace } from './menu.ts';
import type { OpenedFiles } from './opened-files.ts';
import { APP_SCHEME } from './policies.ts';
import { appProtocolHandler } from './protocol.ts';
import { secureContents, secureSession } from './secure.ts';
import { shellGate } from './shell-gate.ts';
import { READY_LINE, REFUSED_STATUS } from './signals.ts';

/** How long the window waits for checkpoints before it goes all the same; the journal is safe either way. */
const SAVE_LIMIT_MS = 15_000;

function report(error: unknown): void {
  console.error(error);
}

/**
 * Opens the workbench and its window; Electron has to be ready. Ends the process when the workbench is refused.
 * @param opened study files that the window is to show
 */
export async function openElectronShell(home: string, userData: string, opened: OpenedFiles): Promise<void> {
  secureContents(app, report);
  secureSession(session.defaultSession);
  protocol.handle(APP_SCHEME, appProtocolHandler(rendererFolder));
  nativeTheme.themeSource = 'system';
  const place: MenuPlace = {
    platform: process.platform,
    isPackaged: app.isPackaged,
    onCommand: (id) => {
      BrowserWindow.getAllWindows()[0]?.webContents.send(COMMAND_CHANNEL, id);
    },
  };
  setApplicationMenu(place);

  let workbench: Workbench;
  try {
    workbench = await Workbench.open({ home, forkTrainer: electronForkTrainer() });
  } catch (error) {
    refuse(error);
    return;
  }
  const stateFile = join(userData, 'window-state.json');
  const window = await createAppWindow(stateFile);
  const feed = new EventFeed(workbench, window);
  ipcMain.handle(
    CALL_CHANNEL,
    ipcGate(workbench, {
      isOwnWindow: (sender) => !window.isDestroyed() && sender === window.webContents,
      onCall: () => {
        feed.start();
      },
      report,
    }),
  );
  ipcMain.handle(
    SHELL_CHANNEL,
    shellGate({
      isOwnWindow: (sender) => !window.isDestroyed() && sender === window.webContents,
      setMenu: (entries) => {
        setApplicationMenu(place, entries);
      },
      chooseFile: () => chooseStudyFile(window, opened),
      takeFile: () => opened.take(),
    }),
  );
  opened.onFile(() => {
    bringToFront(window);
    window.webContents.send(FILE_CHANNEL);
  });
  endOrderly(window, workbench, stateFile);
  survive(window);
  app.on('second-instance', (_event, _argv, _workingDirectory, said) => {
    bringToFront(window);
    opened.add(filesSaid(said));
  });
  await showPage(window);
  console.log(READY_LINE);
}

function bringToFront(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.focus();
}

async function chooseStudyFile(window: BrowserWindow, opened: OpenedFiles): Promise<void> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title: 'Open a study',
    properties: ['openFile'],
    filters: [{ name: 'Studies', extensions: ['zip'] }],
  });
  if (!canceled) opened.add(filePaths);
}

/** What a second instance says of its files (`main/index.ts`): it may be of another version. */
function filesSaid(said: unknown): string[] {
  const { files } = (said ?? {}) as { files?: unknown };
  return Array.isArray(files) ? files.filter((file) => typeof file === 'string') : [];
}

function refuse(error: unknown): void {
  const { message, nextStep } = toErrorReport(error);
  console.error(`${message} ${nextStep}`.trim());
  dialog.showErrorBox('Latebloom cannot open', `${message}\n\n${nextStep}`.trim());
  app.exit(REFUSED_STATUS);
}

/** On close or quit: keep the window's place, save the runs, then go. */
function endOrderly(window: BrowserWindow, workbench: Workbench, stateFile: string): void {
  let ending = false;
  const end = async (): Promise<void> => {
    if (ending) return;
    ending = true;
    window.setTitle('Latebloom: saving…');
    window.setProgressBar(2);
    await keepPlace(window, stateFile).catch(report);
    session.defaultSession.flushStorageData();
    const status = await Promise.race([
      workbench.close().then(() => 0),
      sleep(SAVE_LIMIT_MS, 1, { ref: false }),
    ]).catch((error: unknown) => {
      report(error);
      return 1;
    });
    app.exit(status);
  };
  const hold = (event: { preventDefault(): void }): void => {
    event.preventDefault();
    void end();
  };
  window.on('close', hold);
  app.on('before-quit', hold);
}

function survive(window: BrowserWindow): void {
  const crashes: number[] = [];
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    const now = performance.now();
    const response = crashResponse(reason, crashes, now);
    if (response === 'ignore') return;
    crashes.push(now);
    report(`The window's process ended (${reason}, exit code ${exitCode}). Runs go on.`);
    if (response === 'reload') window.webContents.reload();
    else void askToReload(window, reason);
  });
  app.on('child-process-gone', (_event, { type, reason, exitCode, serviceName }) => {
    if (reason === 'clean-exit') return;
    // A trainer's end is handled where it was started: its run becomes "interrupted" and says why.
    report(`A helper process ended: ${serviceName ?? type} (${reason}, exit code ${exitCode}).`);
  });
}

async function askToReload(window: BrowserWindow, reason: string): Promise<void> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'error',
    message: 'The window stopped working twice within a minute.',
    detail: `Reason: ${reason}. Runs go on in the background and nothing is lost.`,
    buttons: ['Reload the window', 'Quit'],
    defaultId: 0,
    cancelId: 0,
  });
  if (response === 0) window.webContents.reload();
  else app.quit();
}
