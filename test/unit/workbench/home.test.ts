import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HomeInUseError, HomeLock, resolveHome } from '../../../main/home.ts';
import { buildProgram, removePrograms, temporaryFolder } from '../scheduler/processes.ts';

let folder: ReturnType<typeof temporaryFolder>;
let lockProgram = '';
beforeAll(async () => {
  lockProgram = await buildProgram('lock-taker');
});
afterAll(removePrograms);
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  folder.remove();
});

describe('the data folder', () => {
  it('is LATEBLOOM_HOME, or the place that the platform keeps for data', () => {
    expect(resolveHome({ LATEBLOOM_HOME: '/data/x' }, 'linux', '/home/u')).toBe('/data/x');
    expect(resolveHome({ LATEBLOOM_HOME: '' }, 'linux', '/home/u')).toBe('/home/u/.local/share/latebloom');
    expect(resolveHome({ XDG_DATA_HOME: '/d' }, 'linux', '/home/u')).toBe('/d/latebloom');
    expect(resolveHome({}, 'darwin', '/Users/u')).toBe('/Users/u/Library/Application Support/Latebloom');
    expect(resolveHome({ APPDATA: '/roaming' }, 'win32', '/u')).toBe(join('/roaming', 'Latebloom'));
  });
});

/** A process that tries for the lock and, when it has it, keeps it until it is ended. */
function taker(): { answer: Promise<string>; end: () => Promise<void> } {
  const child = spawn(process.execPath, [lockProgram, folder.path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = new Promise<void>((resolve) =>
    child.once('close', () => {
      resolve();
    }),
  );
  const answer = new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      resolve(text.trim());
    });
  });
  return {
    answer,
    end: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

describe('the lock', () => {
  it('keeps a second host out, names the first, and is free after release', async () => {
    const lock = await HomeLock.acquire(folder.path);
    const refusal = await HomeLock.acquire(folder.path).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(HomeInUseError);
    expect(refusal).toMatchObject({ code: 'home-in-use' });
    expect((refusal as Error).message).toContain(`process ${process.pid}`);
    await lock.release();
    const again = await HomeLock.acquire(folder.path);
    await again.release();
    expect(readdirSync(join(folder.path, 'lock')).length).toBe(1);
  });

  it('of a killed process is taken over by exactly one of several that come at once', async () => {
    const first = taker();
    expect(await first.answer).toBe('taken');
    await first.end();
    const rivals = [taker(), taker(), taker(), taker()];
    const answers = await Promise.all(rivals.map((rival) => rival.answer));
    await Promise.all(rivals.map((rival) => rival.end()));
    expect(answers.sort()).toEqual(['home-in-use', 'home-in-use', 'home-in-use', 'taken']);
  });

  it('is taken by exactly one of many within a process', async () => {
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => HomeLock.acquire(folder.path)));
    expect(results.filter((result) => result.status === 'fulfilled').length).toBe(1);
  });

  it('tells a process apart from an earlier one with the same id', async () => {
    const lock = await HomeLock.acquire(folder.path);
    const file = join(folder.path, 'lock', readdirSync(join(folder.path, 'lock'))[0] as string);
    const owner = JSON.parse(readFileSync(file, 'utf8')) as { process: string | null };
    if (owner.process === null) return;
    writeFileSync(file, JSON.stringify({ ...owner, process: `${owner.process}9` }));
    await (await HomeLock.acquire(folder.path)).release();
    await lock.release();
  });

  it('of another machine is respected, and the file to delete is named', async () => {
    const file = join(folder.path, 'lock', '7');
    mkdirSync(join(folder.path, 'lock'));
    const owner = { pid: 1, host: `${hostname()}-other`, process: null, since: '2026-01-01T00:00:00.000Z' };
    writeFileSync(file, JSON.stringify(owner));
    await expect(HomeLock.acquire(folder.path)).rejects.toMatchObject({
      code: 'home-in-use',
      nextStep: expect.stringContaining(file) as string,
    });
  });
});
