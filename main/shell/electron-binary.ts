/** Electron's binary: found where its npm package keeps it, fetched by that package's own installer. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ElectronBinary } from './choose-shell.ts';

/** The folder of the `electron` package; null where it is not installed (`npm ci --omit=dev`). */
export function electronPackageFolder(): string | null {
  const { resolve } = createRequire(import.meta.url);
  try {
    return dirname(resolve('electron/package.json'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

/**
 * Reads what the package's `install.js` writes: `path.txt` last of all, so that an extraction cut short counts as
 * missing. ELECTRON_OVERRIDE_DIST_PATH names another folder, as it does for the package.
 */
export function findElectron(
  folder: string | null = electronPackageFolder(),
  overrideFolder: string | undefined = process.env['ELECTRON_OVERRIDE_DIST_PATH'],
): ElectronBinary {
  if (folder === null) {
    return { kind: 'unavailable', reason: 'the npm package "electron" is not installed' };
  }
  const program = readText(join(folder, 'path.txt'));
  const hasOverride = overrideFolder !== undefined && overrideFolder !== '';
  if (hasOverride) {
    const path = join(overrideFolder, program ?? 'electron');
    if (existsSync(path)) return { kind: 'ready', path };
    return { kind: 'unavailable', reason: `ELECTRON_OVERRIDE_DIST_PATH is set and there is no ${path}` };
  }
  if (program === null) return { kind: 'missing' };
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const path = join(folder, 'dist', program);
  const installed = readText(join(folder, 'dist', 'version'))?.replace(/^v/, '');
  return installed === version && existsSync(path) ? { kind: 'ready', path } : { kind: 'missing' };
}

/**
 * Runs the package's installer with its output on the terminal. Resolves to the binary, or to why there is none, in
 * one line; remembers nothing, so that the next start tries again.
 */
export async function fetchElectron(
  timeoutMs: number,
  folder = electronPackageFolder(),
): Promise<ElectronBinary> {
  if (folder === null) return findElectron(null);
  const child = spawn(process.execPath, [join(folder, 'install.js')], {
    stdio: ['ignore', 'inherit', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-10_000);
    // The progress bar is drawn on stderr.
    if (/%/.test(text)) process.stderr.write(text);
  });
  const startedAt = performance.now();
  const { code, signal } = await new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on('error', (error) => {
      errors += error.message;
      resolve({ code: null, signal: null });
    });
    child.on('close', (code, signal) => {
      resolve({ code, signal });
    });
  });
  if (code === 0) {
    const found = findElectron(folder);
    return found.kind === 'missing'
      ? { kind: 'unavailable', reason: "Electron's installer ended without leaving a binary" }
      : found;
  }
  const reason =
    signal !== null && performance.now() - startedAt >= timeoutMs
      ? `it took longer than ${Math.round(timeoutMs / 60_000)} minutes`
      : (essenceOf(errors) ??
        (signal === null ? `its installer ended with status ${code}` : `ended by ${signal}`));
  return { kind: 'unavailable', reason: `Electron's binary could not be fetched: ${reason}` };
}

/** The message at the head of a Node stack trace; null when there is none. */
export function essenceOf(trace: string): string | null {
  const message = /^(?:\w*Error|\w*Exception)(?: \[\w+\])?: (.+)$/m.exec(trace)?.[1];
  const essence = message ?? trace.trim().split('\n').at(-1)?.trim() ?? '';
  if (essence === '') return null;
  return essence === 'fetch failed' ? 'no connection to its download server' : essence.slice(0, 200);
}

function readText(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : null;
}
