import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadToken, newToken } from '../../../main/serve/token.ts';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'latebloom-token-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe('newToken', () => {
  it('is 32 bytes in base64url, new every time', () => {
    const tokens = Array.from({ length: 100 }, newToken);
    for (const token of tokens) expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(new Set(tokens).size).toBe(100);
    expect(tokens.every((token) => /^[\w-]{43}$/.test(token))).toBe(true);
  });
});

describe('loadToken', () => {
  it('keeps a token across restarts, readable by its owner only', async () => {
    const folder = join(home, 'not', 'there', 'yet');
    const token = await loadToken(folder);
    expect(await loadToken(folder)).toBe(token);
    expect((await stat(join(folder, 'token'))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['token']);
  });

  it('makes a new one when others could have read it', async () => {
    const token = await loadToken(home);
    await chmod(join(home, 'token'), 0o644);
    const next = await loadToken(home);
    expect(next).not.toBe(token);
    expect((await stat(join(home, 'token'))).mode & 0o777).toBe(0o600);
  });

  it.each(['', 'short', 'x'.repeat(44), `${'x'.repeat(42)}!`])(
    'makes a new one in the place of %j',
    async (damaged) => {
      await writeFile(join(home, 'token'), damaged, { mode: 0o600 });
      const token = await loadToken(home);
      expect(token).not.toBe(damaged);
      expect((await readFile(join(home, 'token'), 'utf8')).trim()).toBe(token);
    },
  );
});
