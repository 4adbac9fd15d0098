import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { OpenedFiles } from '../../../main/shell/opened-files.ts';
import * as electron from '../../setup/electron-stub.ts';

const { openElectronShell } = vi.hoisted(() => ({ openElectronShell: vi.fn(async () => undefined) }));
vi.mock('../../../main/shell/electron-shell.ts', () => ({ openElectronShell }));
vi.spyOn(console, 'log').mockImplementation(() => undefined);

beforeEach(() => {
  electron.resetElectron();
  vi.resetModules();
  vi.stubEnv('LATEBLOOM_HOME', '/tmp/latebloom-index-test');
});

// Fresh modules get the stub of this file through the alias: what they did is read from that copy.
async function start(hasLock: boolean): Promise<typeof electron> {
  const stub = (await import('electron')) as unknown as typeof electron;
  stub.app.hasLock = hasLock;
  await import('../../../main/index.ts');
  return stub;
}

describe('the entry of the main process', () => {
  it('registers the scheme, turns the sandbox on and keeps the profile in the data folder', async () => {
    const stub = await start(true);
    const home = resolve('/tmp/latebloom-index-test');
    expect(stub.protocol.registered).toEqual([[expect.objectContaining({ scheme: 'app' })]]);
    expect(stub.app.enableSandbox).toHaveBeenCalledOnce();
    expect(stub.app.paths).toEqual({ userData: join(home, 'window') });
    await vi.waitFor(() =>
      expect(openElectronShell).toHaveBeenCalledWith(home, join(home, 'window'), expect.any(Object)),
    );
  });

  it('a second instance opens nothing and goes', async () => {
    const stub = await start(false);
    await new Promise((done) => setImmediate(done));
    expect(stub.app.quit).toHaveBeenCalledOnce();
    expect(openElectronShell).not.toHaveBeenCalled();
  });

  it('keeps the files that it was opened with for the window, a Mac’s too, which come before it is ready', async () => {
    const argv = process.argv;
    process.argv = ['latebloom', '--no-sandbox', 'one.study.zip', 'other.zip'];
    try {
      const stub = await start(true);
      expect(stub.app.said).toEqual({ files: [resolve('one.study.zip')] });
      const preventDefault = vi.fn();
      stub.app.emit('open-file', { preventDefault }, '/absent/two.study.zip');
      expect(preventDefault).toHaveBeenCalledOnce();
      await vi.waitFor(() => expect(openElectronShell).toHaveBeenCalled());
      const [, , opened] = openElectronShell.mock.calls.at(-1) as unknown as [string, string, OpenedFiles];
      const names = [await opened.take(), await opened.take(), await opened.take()].map(
        (file) => file?.name ?? null,
      );
      expect(names).toEqual(['one.study.zip', 'two.study.zip', null]);
    } finally {
      process.argv = argv;
    }
  });

  it('a second instance hands its files to the first', async () => {
    const argv = process.argv;
    process.argv = ['latebloom', '/the/one.study.zip'];
    try {
      const stub = await start(false);
      expect(stub.app.said).toEqual({ files: [resolve('/the/one.study.zip')] });
    } finally {
      process.argv = argv;
    }
  });

  it('ends with an error when the shell cannot be opened', async () => {
    const logError = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    openElectronShell.mockRejectedValueOnce(new Error('no window'));
    const stub = await start(true);
    await vi.waitFor(() => expect(stub.app.exit).toHaveBeenCalledWith(1));
    expect(logError).toHaveBeenCalledOnce();
  });
});
