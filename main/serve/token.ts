/** The token of the local server: kept in the data folder, so that a bookmarked address outlives a restart. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** 32 random bytes, base64url. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** The token in `<home>/token`, made anew where there is none, it is damaged, or other users could have read it. */
export async function loadToken(home: string): Promise<string> {
  const file = join(home, 'token');
  const kept = await readToken(file);
  if (kept !== null) return kept;
  const token = newToken();
  await mkdir(home, { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    // The mode above holds for a new file only.
    await handle.chmod(0o600);
    await handle.writeFile(`${token}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  return token;
}

async function readToken(file: string): Promise<string | null> {
  try {
    // Windows keeps a user's application data from other users by other means than the mode.
    if (process.platform !== 'win32' && ((await stat(file)).mode & 0o077) !== 0) return null;
    const token = (await readFile(file, 'utf8')).trim();
    return TOKEN.test(token) ? token : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
