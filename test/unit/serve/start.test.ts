import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { READY_LINE, REFUSED_STATUS } from '../../../main/shell/signals.ts';
import { PortInUseError } from '../../../main/serve.ts';
import { listen, openWorkbench, runElectron, serveUntilStopped } from '../../../main/start.ts';
import { FakeApi } from '../../setup/fake-api.ts';

const { open } = vi.hoisted(() => ({ open: vi.fn() }));
vi.mock('../../../main/workbench.ts', () => ({ Workbench: { open } }));

class FakeWorkbench extends FakeApi {
  close = vi.fn(async () => undefined);
}

let folder = '';
let api = new FakeWorkbench();
let lines: string[] = [];
const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
const taken: Server[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latebloom-start-'));
  vi.stubEnv('LATEBLOOM_HOME', folder);
  vi.stubEnv('LATEBLOOM_SHELL', 'browser');
  api = new FakeWorkbench();
  open.mockReset().mockResolvedValue(api);
  lines = [];
  log.mockClear();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const server of taken.splice(0)) server.close();
  await rm(folder, { recursive: true, force: true });
});

async function take(port: number): Promise<number> {
  const server = createServer();
  taken.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

describe('serving until stopped', () => {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

  it.each(signals)('prints one address, and ends cleanly at %s', async (signal) => {
    const before = signals.map((name) => process.listenerCount(name));
    const ended = serveUntilStopped({ port: 0 });
    await vi.waitFor(() => expect(lines.some((line) => line.includes('Ctrl-C'))).toBe(true));
    const address = /^Latebloom is open at (http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43})$/.exec(
      lines[0] as string,
    );
    expect(address).not.toBeNull();
    expect((await fetch(address?.[1] as string)).headers.get('x-content-type-options')).toBe('nosniff');
    process.emit(signal);
    expect(await ended).toBe(0);
    expect(api.close).toHaveBeenCalledOnce();
    await expect(fetch(address?.[1] as string)).rejects.toThrow();
    // A second Ctrl-C is the system's again.
    expect(signals.map((name) => process.listenerCount(name))).toEqual(before);
  });

  it('closes the workbench when the port asked for is taken', async () => {
    const port = await take(0);
    await expect(serveUntilStopped({ port })).rejects.toBeInstanceOf(PortInUseError);
    expect(api.close).toHaveBeenCalledOnce();
    process.emit('SIGINT');
  });

  it('openWorkbench says why there is no window, then serves', async () => {
    const ended = openWorkbench();
    await vi.waitFor(() => expect(lines.some((line) => line.includes('Ctrl-C'))).toBe(true));
    expect(lines[0]).toBe('No window: LATEBLOOM_SHELL asks for the browser.');
    process.emit('SIGINT');
    expect(await ended).toBe(0);
  });
});

describe('listen', () => {
  it('goes to the next free port when the default one is taken, and says what that means', async () => {
    const first = await take(0);
    const served = await listen(api as never, 'token', undefined, first);
    expect(served.port).toBeGreaterThan(first);
    expect(lines.join('\n')).toContain(
      `Port ${first} is in use by another program: serving at port ${served.port}.`,
    );
    expect(lines.join('\n')).toContain('stored are under the other address');
    await served.close();
  });

  it('says nothing when it is free', async () => {
    const served = await listen(api as never, 'token', 0);
    expect(lines).toEqual([]);
    await served.close();
  });
});

describe('runElectron', () => {
  /** Node in the place of Electron: it too takes flags, then the program. */
  async function run(source: string) {
    const entry = join(folder, 'electron.mjs');
    await writeFile(entry, source);
    return runElectron({ path: process.execPath, args: ['--no-warnings'] }, entry);
  }
  const shown = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const ready = `console.log(${JSON.stringify(READY_LINE)});`;

  it.each([
    ['the window was closed', `${ready} process.exitCode = 0;`, { kind: 'ended', status: 0 }],
    ['another instance took over', 'process.exitCode = 0;', { kind: 'ended', status: 0 }],
    ['saving failed', `${ready} process.exitCode = 1;`, { kind: 'ended', status: 1 }],
    ['the workbench was refused', `process.exitCode = ${REFUSED_STATUS};`, { kind: 'ended', status: 1 }],
    ['the window was killed', `${ready} process.kill(process.pid, 'SIGKILL');`, { kind: 'ended', status: 1 }],
  ])('ends when %s', async (_name, source, ending) => {
    expect(await run(source)).toEqual(ending);
  });

  it.each([
    ['libraries are missing', 'process.exitCode = 127;', /status 127 before its window opened/],
    ['it aborts', "process.kill(process.pid, 'SIGKILL');", /by SIGKILL before its window opened/],
  ])('does not count as opened when %s', async (_name, source, reason) => {
    expect(await run(source)).toEqual({ kind: 'not-opened', reason: expect.stringMatching(reason) });
  });

  it('does not count as opened when there is no such program', async () => {
    const ending = await runElectron({ path: join(folder, 'nothing'), args: [] });
    expect(ending).toEqual({ kind: 'not-opened', reason: expect.stringContaining('ENOENT') });
  });

  it('shows what Electron says, and is a real Electron to it', async () => {
    vi.stubEnv('ELECTRON_RUN_AS_NODE', '1');
    shown.mockClear();
    await run("console.log('as node: ' + (process.env.ELECTRON_RUN_AS_NODE ?? 'no'));");
    expect(shown.mock.calls.flat().join('')).toContain('as node: no');
  });

  it('waits for it to save when it is asked to stop', async () => {
    const entry = `process.on('SIGTERM', () => setTimeout(() => process.exit(0), 50)); setInterval(() => 0, 1000); ${ready}`;
    shown.mockClear();
    const ended = run(entry);
    await vi.waitFor(() => expect(shown.mock.calls.flat().join('')).toContain(READY_LINE));
    process.emit('SIGINT');
    process.emit('SIGTERM');
    expect(await ended).toEqual({ kind: 'ended', status: 0 });
  });
});
