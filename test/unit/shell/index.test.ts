import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
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
    await vi.waitFor(() => expect(openElectronShell).toHaveBeenCalledWith(home, join(home, 'window')));
  });

  it('a second instance opens nothing and goes', async () => {
    const stub = await start(false);
    await new Promise((done) => setImmediate(done));
    expect(stub.app.quit).toHaveBeenCalledOnce();
    expect(openElectronShell).not.toHaveBeenCalled();
  });

  it('ends with an error when the shell cannot be opened', async () => {
    const logError = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    openElectronShell.mockRejectedValueOnce(new Error('no window'));
    const stub = await start(true);
    await vi.waitFor(() => expect(stub.app.exit).toHaveBeenCalledWith(1));
    expect(logError).toHaveBeenCalledOnce();
  });
});
