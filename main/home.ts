/** The data folder: where it is, and the lock that keeps a second host out of it. */
import { readFileSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LatebloomError } from '../shared/errors.ts';
import { systemCode } from './journal/files.ts';

/** LATEBLOOM_HOME, or the platform's place for application data. */
export function resolveHome(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  userHome: string = homedir(),
): string {
  const chosen = environment['LATEBLOOM_HOME'];
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  if (platform === 'win32')
    return join(environment['APPDATA'] ?? join(userHome, 'AppData', 'Roaming'), 'Latebloom');
  if (platform === 'darwin') return join(userHome, 'Library', 'Application Support', 'Latebloom');
  const dataHome = environment['XDG_DATA_HOME'];
  return join(
    dataHome !== undefined && dataHome !== '' ? dataHome : join(userHome, '.local', 'share'),
    'latebloom',
  );
}

/** Another host works in this data folder. */
export class HomeInUseError extends LatebloomError {
  constructor(home: string, owner: LockOwner, file: string) {
    const elsewhere = owner.host === hostname() ? '' : ` on ${owner.host}`;
    super(
      'home-in-use',
      `The data folder ${home} is in use by process ${owner.pid}${elsewhere}, since ${owner.since}.`,
      elsewhere === ''
        ? 'Close that Latebloom first, or choose another folder with LATEBLOOM_HOME.'
        : `Close that Latebloom first. If ${owner.host} is gone, delete ${file}.`,
    );
  }
}

/** Who holds the lock. `process` tells two processes apart that had the same id: Linux's boot id and start time. */
export interface LockOwner {
  pid: number;
  host: string;
  process: string | null;
  since: string;
}

/**
 * The lock is a folder of numbered files: the one with the highest number counts, and holds its owner or "free". To
 * take it over, a process creates the next number (only one can), then looks again: whoever sees a higher number has
 * lost. The highest file is never deleted, so numbers never come back and no race can end with two winners.
 */
export class HomeLock {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** @throws HomeInUseError */
  static async acquire(home: string): Promise<HomeLock> {
    const folder = join(home, 'lock');
    await mkdir(folder, { recursive: true });
    for (;;) {
      const highest = Math.max(0, ...(await generations(folder)));
      if (highest > 0) {
        const file = join(folder, String(highest));
        const owner = await readOwner(file);
        if (owner === 'changed') continue;
        if (owner !== null && isAlive(owner)) throw new HomeInUseError(home, owner, file);
      }
      const mine = highest + 1;
      const file = join(folder, String(mine));
      if (!(await createExclusive(file, JSON.stringify(currentOwner())))) continue;
      const others = await generations(folder);
      if (Math.max(...others) > mine) {
        await rm(file, { force: true });
        continue;
      }
      for (const older of others.filter((n) => n < mine))
        await rm(join(folder, String(older)), { force: true });
      return new HomeLock(file);
    }
  }

  async release(): Promise<void> {
    await writeFile(this.#file, 'free');
  }
}

async function generations(folder: string): Promise<number[]> {
  return (await readdir(folder)).filter((name) => /^\d+$/.test(name)).map(Number);
}

async function createExclusive(file: string, content: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** The owner in a lock file; null when it is free or its writer died; 'changed' when the file has gone meanwhile. */
async function readOwner(file: string): Promise<LockOwner | null | 'changed'> {
  // Between creating and writing, a lock file is empty for a moment; one that stays empty has lost its writer.
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      const text = await readFile(file, 'utf8');
      if (text === 'free') return null;
      if (text.endsWith('}')) return JSON.parse(text) as LockOwner;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return 'changed';
      throw error;
    }
    await sleep(100);
  }
  return null;
}

function currentOwner(): LockOwner {
  return {
    pid: process.pid,
    host: hostname(),
    process: processIdentity(process.pid),
    since: new Date().toISOString(),
  };
}

/** A process of another machine cannot be looked up: it counts as alive. */
function isAlive(owner: LockOwner): boolean {
  if (owner.host !== hostname()) return true;
  if (owner.process !== null) return processIdentity(owner.pid) === owner.process;
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

/** Boot id and start time (proc_pid_stat(5), field 22); null without /proc, and for a process that has ended. */
function processIdentity(pid: number): string | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ESRCH') return null;
    throw error;
  }
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z') return null;
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[18]}`;
}
