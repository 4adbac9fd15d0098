import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LatebloomError } from '../../../shared/errors.ts';
import { chooseShell, type ShellFacts } from '../../../main/shell/choose-shell.ts';
import { essenceOf, fetchElectron, findElectron } from '../../../main/shell/electron-binary.ts';

const facts: ShellFacts = {
  platform: 'linux',
  environment: { DISPLAY: ':0' },
  isRoot: false,
  electron: { kind: 'ready', path: '/electron' },
};
const window = { kind: 'electron', path: '/electron', args: [], notes: [] };

describe('chooseShell', () => {
  it.each<[string, Partial<ShellFacts>]>([
    ['an X display', {}],
    ['a Wayland display', { environment: { WAYLAND_DISPLAY: 'wayland-0' } }],
    ['macOS', { platform: 'darwin', environment: {} }],
    ['Windows', { platform: 'win32', environment: {} }],
    ['root on macOS', { platform: 'darwin', isRoot: true }],
    ['a wish', { environment: { LATEBLOOM_SHELL: 'electron' } }],
  ])('is the window with %s', (_name, change) => {
    expect(chooseShell({ ...facts, ...change })).toEqual(window);
  });

  it('is the browser without a display, and says so, without fetching anything', () => {
    const none = { ...facts, environment: { DISPLAY: '', WAYLAND_DISPLAY: undefined } };
    for (const electron of [facts.electron, { kind: 'missing' } as const]) {
      const choice = chooseShell({ ...none, electron });
      expect(choice).toEqual({ kind: 'browser', reason: expect.stringContaining('no display') });
    }
  });

  it('fetches the binary where it is missing, and says why where it cannot be had', () => {
    expect(chooseShell({ ...facts, electron: { kind: 'missing' } })).toEqual({ kind: 'fetch-electron' });
    expect(chooseShell({ ...facts, electron: { kind: 'unavailable', reason: 'no network' } })).toEqual({
      kind: 'browser',
      reason: 'no network',
    });
  });

  it("gives up Chromium's sandbox for root on Linux only, and says so", () => {
    const choice = chooseShell({ ...facts, isRoot: true });
    expect(choice).toEqual({
      ...window,
      args: ['--no-sandbox'],
      notes: [expect.stringContaining('--no-sandbox')],
    });
  });

  it('does as LATEBLOOM_SHELL says, and knows two words', () => {
    const wish = (value: string) =>
      chooseShell({ ...facts, environment: { DISPLAY: ':0', LATEBLOOM_SHELL: value } });
    expect(wish('browser').kind).toBe('browser');
    expect(wish('')).toEqual(window);
    expect(() => wish('chrome')).toThrow(LatebloomError);
  });
});

describe("Electron's binary", () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latebloom-electron-'));
    await writeFile(join(folder, 'package.json'), JSON.stringify({ version: '45.4.1' }));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function install(version = 'v45.4.1'): Promise<void> {
    await mkdir(join(folder, 'dist'), { recursive: true });
    await writeFile(join(folder, 'dist', 'electron'), '');
    await writeFile(join(folder, 'dist', 'version'), version);
    await writeFile(join(folder, 'path.txt'), 'electron');
  }
  const installer = (source: string): Promise<void> => writeFile(join(folder, 'install.js'), source);

  it('is missing from a fresh package, and found where the installer puts it', async () => {
    expect(findElectron(folder, '')).toEqual({ kind: 'missing' });
    await install();
    expect(findElectron(folder, undefined)).toEqual({
      kind: 'ready',
      path: join(folder, 'dist', 'electron'),
    });
  });

  it('is missing when it is of another version, half extracted or gone', async () => {
    await install('v44.0.0');
    expect(findElectron(folder, undefined)).toEqual({ kind: 'missing' });
    await install();
    await rm(join(folder, 'path.txt'));
    expect(findElectron(folder, undefined)).toEqual({ kind: 'missing' });
    await install();
    await rm(join(folder, 'dist', 'electron'));
    expect(findElectron(folder, undefined)).toEqual({ kind: 'missing' });
  });

  it('is not to be had without the package, or from an empty override', () => {
    expect(findElectron(null, undefined)).toMatchObject({ kind: 'unavailable' });
    expect(findElectron(folder, join(folder, 'nowhere'))).toMatchObject({
      kind: 'unavailable',
      reason: expect.stringContaining('ELECTRON_OVERRIDE_DIST_PATH'),
    });
  });

  it('is fetched by the installer', async () => {
    await install();
    await installer('process.exitCode = 0;');
    expect(await fetchElectron(10_000, folder)).toMatchObject({ kind: 'ready' });
  });

  it.each([
    [
      'it fails',
      "console.error(new TypeError('fetch failed').stack); process.exit(1);",
      'no connection to its download server',
    ],
    [
      'the server refuses',
      "console.error(new Error('Response code 404 (Not Found)').stack); process.exit(1);",
      'Response code 404',
    ],
    ['it is silent', 'process.exit(7);', 'status 7'],
    ['it leaves nothing', '', 'without leaving a binary'],
    ['it does not parse', 'not JavaScript', 'SyntaxError|Unexpected'],
  ])('says why in one line when %s', async (_name, source, reason) => {
    await installer(source);
    const found = await fetchElectron(10_000, folder);
    expect(found).toEqual({ kind: 'unavailable', reason: expect.stringMatching(reason) });
    expect(found.kind === 'unavailable' && found.reason).not.toContain('\n');
  });

  it('is given up after the time limit', async () => {
    await installer('setInterval(() => undefined, 1000);');
    expect(await fetchElectron(200, folder)).toEqual({
      kind: 'unavailable',
      reason: expect.stringContaining('took longer'),
    });
  });

  it('shows the progress bar of the installer', async () => {
    const shown = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    await installer("process.stderr.write('Downloading electron: [==] 42% ETA'); process.exit(1);");
    await fetchElectron(10_000, folder);
    expect(shown.mock.calls.flat().join('')).toContain('42%');
    shown.mockRestore();
  });
});

describe('essenceOf', () => {
  it.each([
    ['', null],
    ['  \n', null],
    [
      'HTTPError: Response code 503 (x) for https://h/\n    at f (a.js:1:1)',
      'Response code 503 (x) for https://h/',
    ],
    [
      '/a.js:3\nrequire(x)\n^\n\nError [ERR_REQUIRE_ESM]: require() of ES Module\n    at g',
      'require() of ES Module',
    ],
    ['no stack here', 'no stack here'],
  ])('of %j', (trace, essence) => {
    expect(essenceOf(trace)).toBe(essence);
  });
});
