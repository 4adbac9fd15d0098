/** Electron's shell over one workbench: window, protocol, gate, policies; and an orderly end. */
import { app, dialog, ipcMain, nativeTheme, protocol, session, type BrowserWindow } from 'electron';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toErrorReport } from '../../shared/errors.ts';
import { rendererFolder } from '../paths.ts';
import { Workbench } from '../workbench.ts';
import { createAppWindow, EventFeed, keepPlace, showPage } from './app-window.ts';
import { CALL_CHANNEL } from './channels.ts';
import { crashResponse } from './crash.ts';
import { electronForkTrainer } from './electron-trainer.ts';
import { ipcGate } from './ipc-gate.ts';
import { setApplicationMenu } from './menu.ts';
import { APP_SCHEME } from './policies.ts';
import { appProtocolHandler } from './protocol.ts';
import { secureContents, secureSession } from './secure.ts';
import { READY_LINE, REFUSED_STATUS } from './signals.ts';

/** How long the window waits for checkpoints before it goes all the same; the journal is safe either way. */
const SAVE_LIMIT_MS = 15_000;

function report(error: unknown): void {
  console.error(error);
}

/** Opens the workbench and its window; Electron has to be ready. Ends the process when the workbench is refused. */
export async function openElectronShell(home: string, userData: string): Promise<void> {
  secureContents(app, report);
  secureSession(session.defaultSession);
  protocol.handle(APP_SCHEME, appProtocolHandler(rendererFolder));
  nativeTheme.themeSource = 'system';
  setApplicationMenu(process.platform, app.isPackaged);

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
  endOrderly(window, workbench, stateFile);
  survive(window);
  app.on('second-instance', () => {
    if (window.isMinimized()) window.restore();
    window.focus();
  });
  await showPage(window);
  console.log(READY_LINE);
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
