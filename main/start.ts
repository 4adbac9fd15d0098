/** `latebloom open` and `latebloom serve`: one workbench, in Electron's window or for a browser. */
import { spawn } from 'node:child_process';
import { resolveHome } from './home.ts';
import { electronEntry, rendererFolder } from './paths.ts';
import { PortInUseError, serveWorkbench, type ServedWorkbench } from './serve.ts';
import { loadToken } from './serve/token.ts';
import { chooseShell, type ElectronBinary, type ShellChoice } from './shell/choose-shell.ts';
import { fetchElectron, findElectron } from './shell/electron-binary.ts';
import { READY_LINE, REFUSED_STATUS } from './shell/signals.ts';
import { Workbench } from './workbench.ts';

/** Stays as it is: a browser keeps its stored replays per address, port included. */
export const DEFAULT_PORT = 47113;
const PORTS_TRIED = 20;
const FETCH_LIMIT_MS = 15 * 60_000;

/**
 * Opens the workbench in Electron's window where there is a display and a binary; otherwise says why not and serves it
 * until Ctrl-C. Resolves to the exit status. @throws LatebloomError when the workbench cannot be opened
 */
export async function openWorkbench(): Promise<number> {
  const choice = await bringUpShell();
  let reason: string;
  if (choice.kind === 'electron') {
    for (const note of choice.notes) console.log(note);
    const ending = await runElectron(choice);
    if (ending.kind === 'ended') return ending.status;
    reason = ending.reason;
  } else {
    reason = choice.reason;
  }
  console.log(`No window: ${reason}.`);
  return serveUntilStopped();
}

/**
 * Serves the workbench to a browser on this machine until Ctrl-C; resolves to the exit status.
 * @param options.port exactly this one; when absent the default one, or the next that is free
 * @param options.cores that runs may use; what was saved when absent
 * @throws PortInUseError, LatebloomError when the workbench cannot be opened
 */
export async function serveUntilStopped(options: { port?: number; cores?: number } = {}): Promise<number> {
  const home = resolveHome();
  const stopped = stopSignal();
  const { cores } = options;
  const workbench = await Workbench.open({ home, ...(cores === undefined ? {} : { cores }) });
  try {
    const served = await listen(workbench, await loadToken(home), options.port);
    console.log(`Latebloom is open at ${served.url}`);
    console.log('Ctrl-C stops it; runs that are going are saved and can be resumed.');
    await stopped;
    console.log('Stopping: saving the runs that are going.');
    await served.close();
  } finally {
    await workbench.close();
  }
  return 0;
}

async function bringUpShell(): Promise<Exclude<ShellChoice, { kind: 'fetch-electron' }>> {
  const choose = (electron: ElectronBinary): ShellChoice =>
    chooseShell({
      platform: process.platform,
      environment: process.env,
      isRoot: process.getuid?.() === 0,
      electron,
    });
  const first = choose(findElectron());
  if (first.kind !== 'fetch-electron') return first;
  console.log('Fetching Electron (about 120 MB, once)…');
  const second = choose(await fetchElectron(FETCH_LIMIT_MS));
  if (second.kind !== 'fetch-electron') return second;
  return { kind: 'browser', reason: "Electron's binary is missing although it was fetched" };
}

type ElectronEnding = { kind: 'ended'; status: number } | { kind: 'not-opened'; reason: string };

/** Runs Electron until it ends. `not-opened` when it went away before its window was shown (missing libraries, say). */
export async function runElectron(
  { path, args }: { path: string; args: string[] },
  entry: string = electronEntry,
): Promise<ElectronEnding> {
  const environment = { ...process.env };
  // With this set, Electron's binary is a plain Node.
  delete environment['ELECTRON_RUN_AS_NODE'];
  const child = spawn(path, [...args, entry], { stdio: ['inherit', 'pipe', 'inherit'], env: environment });
  let output = '';
  let opened = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text);
    output = (output + text).slice(-1000);
    opened ||= output.includes(READY_LINE);
  });
  // Ctrl-C reaches Electron too, as part of this terminal's process group; this process waits for it to save.
  const wait = (): void => undefined;
  const forward = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  process.on('SIGINT', wait).on('SIGTERM', forward).on('SIGHUP', forward);
  try {
    return await new Promise<ElectronEnding>((resolve) => {
      child.on('error', (error) => {
        resolve({ kind: 'not-opened', reason: `Electron could not be started (${error.message})` });
      });
      child.on('close', (status, signal) => {
        if (opened || status === 0) resolve({ kind: 'ended', status: status ?? 1 });
        else if (status === REFUSED_STATUS) resolve({ kind: 'ended', status: 1 });
        else {
          const how = signal === null ? `with status ${status}` : `by ${signal}`;
          resolve({ kind: 'not-opened', reason: `Electron ended ${how} before its window opened` });
        }
      });
    });
  } finally {
    process.off('SIGINT', wait).off('SIGTERM', forward).off('SIGHUP', forward);
  }
}

/** @throws PortInUseError when `port` is given and taken, or every port tried is */
export async function listen(
  workbench: Workbench,
  token: string,
  port: number | undefined,
  firstPort: number = DEFAULT_PORT,
): Promise<ServedWorkbench> {
  if (port !== undefined) return serveWorkbench(workbench, { port, token, rendererFolder });
  for (let candidate = firstPort; ; candidate++) {
    try {
      const served = await serveWorkbench(workbench, { port: candidate, token, rendererFolder });
      if (candidate !== firstPort) {
        console.log(
          `Port ${firstPort} is in use by another program: serving at port ${served.port}. ` +
            'Replays that the browser stored are under the other address; here they are copied anew from the data folder.',
        );
      }
      return served;
    } catch (error) {
      if (!(error instanceof PortInUseError) || candidate + 1 >= firstPort + PORTS_TRIED) throw error;
    }
  }
}

/** Resolves at the first request to stop; the second one ends the process at once. */
function stopSignal(): Promise<void> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  return new Promise((resolve) => {
    const stop = (): void => {
      for (const signal of signals) process.off(signal, stop);
      resolve();
    };
    for (const signal of signals) process.on(signal, stop);
  });
}
