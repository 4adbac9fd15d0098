/** Which shell `latebloom open` brings up: Electron's window where that can be, otherwise the browser, with the reason. */
import { LatebloomError, printValue } from '../../shared/errors.ts';

/** Where Electron's binary is. Its npm package comes without one and fetches it on first use. */
export type ElectronBinary =
  { kind: 'ready'; path: string } | { kind: 'missing' } | { kind: 'unavailable'; reason: string };

export interface ShellFacts {
  platform: NodeJS.Platform;
  environment: Readonly<Record<string, string | undefined>>;
  isRoot: boolean;
  electron: ElectronBinary;
}

export type ShellChoice =
  | { kind: 'electron'; path: string; args: string[]; notes: string[] }
  /** A display is there, the binary is not: fetch it and choose again. */
  | { kind: 'fetch-electron' }
  | { kind: 'browser'; reason: string };

/** `LATEBLOOM_SHELL` overrides the choice: `browser` or `electron`. @throws LatebloomError for any other value */
export function chooseShell(facts: ShellFacts): ShellChoice {
  const wanted = facts.environment['LATEBLOOM_SHELL'] ?? '';
  if (wanted !== '' && wanted !== 'browser' && wanted !== 'electron') {
    throw new LatebloomError(
      'bad-input',
      `LATEBLOOM_SHELL is ${printValue(wanted)}; expected "browser" or "electron".`,
    );
  }
  if (wanted === 'browser') return { kind: 'browser', reason: 'LATEBLOOM_SHELL asks for the browser' };
  if (wanted === '' && !hasDisplay(facts)) {
    return { kind: 'browser', reason: 'there is no display (DISPLAY and WAYLAND_DISPLAY are not set)' };
  }
  switch (facts.electron.kind) {
    case 'ready':
      return { kind: 'electron', path: facts.electron.path, ...sandboxArgs(facts) };
    case 'missing':
      return { kind: 'fetch-electron' };
    case 'unavailable':
      return { kind: 'browser', reason: facts.electron.reason };
  }
}

function hasDisplay({ platform, environment }: ShellFacts): boolean {
  if (platform === 'darwin' || platform === 'win32') return true;
  return ['DISPLAY', 'WAYLAND_DISPLAY'].some((name) => (environment[name] ?? '') !== '');
}

/** Chromium refuses to run as root with its sandbox on. */
function sandboxArgs({ platform, isRoot }: ShellFacts): { args: string[]; notes: string[] } {
  if (platform !== 'linux' || !isRoot) return { args: [], notes: [] };
  return {
    args: ['--no-sandbox'],
    notes: ["Running as root: Electron's window opens without Chromium's sandbox (--no-sandbox)."],
  };
}
