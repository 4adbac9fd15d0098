import fc from 'fast-check';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheControlOf, contentTypeOf, readAsset, resolveAsset } from '../../../main/shell/assets.ts';
import { contentSecurityPolicy } from '../../../main/shell/headers.ts';
import { appProtocolHandler, appScheme } from '../../../main/shell/protocol.ts';

let outside = '';
let folder = '';
beforeAll(async () => {
  outside = await mkdtemp(join(tmpdir(), 'latebloom-assets-'));
  folder = join(outside, 'renderer');
  await mkdir(join(folder, 'assets'), { recursive: true });
  await mkdir(join(outside, 'renderer-2'));
  await writeFile(join(folder, 'index.html'), '<title>page</title>');
  await writeFile(join(folder, 'assets', 'a b.svg'), '<svg/>');
  await writeFile(join(folder, '.env'), 'secret');
  await writeFile(join(outside, 'secret'), 'secret');
  await writeFile(join(outside, 'renderer-2', 'secret'), 'secret');
});
afterAll(() => rm(outside, { recursive: true, force: true }));

const escapes = [
  '/../secret',
  '/../renderer-2/secret',
  '/assets/../../secret',
  '/%2e%2e/secret',
  '/%2E%2E%2Fsecret',
  '/..%2Fsecret',
  '/..\\secret',
  '/..%5Csecret',
  '/%5C%5Cserver%5Cshare',
  '/C:/Windows/win.ini',
  '/index.html::$DATA',
  '/.env',
  '/.',
  '/..',
  '/%',
  '/%ff',
  '/a%00.html',
  'index.html',
  '',
];

describe('resolveAsset', () => {
  it.each(escapes)('gives nothing for %j', async (path) => {
    expect(resolveAsset(folder, path)).toBeNull();
    expect(await readAsset(folder, path)).toBeNull();
  });

  it('never leaves the folder, whatever the path', () => {
    const part = fc.oneof(
      fc.constantFrom('..', '.', '/', '\\', '%2e', '%2f', '%5c', '%252e', '%c0%ae', ':', '~', '\0', 'assets'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const file = resolveAsset(folder, `/${parts.join('')}`);
        if (file !== null) expect(file.startsWith(folder + sep)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('decodes once, not twice', () => {
    expect(resolveAsset(folder, '/%252e%252e%252fsecret')).toBe(join(folder, '%2e%2e%2fsecret'));
  });

  it('gives the page for the root', async () => {
    expect((await readAsset(folder, '/'))?.bytes.toString()).toBe('<title>page</title>');
  });

  it('reads a file whose name is percent-encoded, and no folder', async () => {
    expect((await readAsset(folder, '/assets/a%20b.svg'))?.headers['Content-Type']).toBe('image/svg+xml');
    expect(await readAsset(folder, '/assets')).toBeNull();
    expect(await readAsset(folder, '/index.html/more')).toBeNull();
  });
});

describe('headers', () => {
  it.each([
    ['a.JS', 'text/javascript; charset=utf-8'],
    ['a.wasm', 'application/wasm'],
    ['a.woff2', 'font/woff2'],
    ['a.css', 'text/css; charset=utf-8'],
    ['a.exe', 'application/octet-stream'],
    ['LICENSE', 'application/octet-stream'],
  ])('%s is %s', (name, type) => {
    expect(contentTypeOf(name)).toBe(type);
  });

  it.each([
    ['/assets/index-BfF2x3aQ.js', 'public, max-age=31536000, immutable'],
    ['/assets/Inter-Regular-a-b_c1X9.woff2', 'public, max-age=31536000, immutable'],
    ['/assets/plain.js', 'no-cache'],
    ['/index-BfF2x3aQ.js', 'no-cache'],
    ['/sw.js', 'no-cache'],
    ['/index.html', 'no-store'],
  ])('%s is cached as %s', (path, rule) => {
    expect(cacheControlOf(path)).toBe(rule);
  });

  it('the policy allows nothing from elsewhere and no code from text', () => {
    const policy = contentSecurityPolicy(['ws://127.0.0.1:1']);
    expect(policy).not.toMatch(/unsafe-eval|wasm-unsafe|\*|https?:/);
    expect(policy.match(/'unsafe-inline'/g)).toHaveLength(1);
    expect(policy).toContain("style-src 'self' 'unsafe-inline'");
    for (const source of [
      "default-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]) {
      expect(policy.split('; ')).toContain(source);
    }
  });
});

describe('the app:// protocol', () => {
  const ask = (url: string, method = 'GET'): Promise<Response> =>
    appProtocolHandler(folder)(new Request(url, { method }));

  it('is registered with an origin, so that IndexedDB works, and not past the policy', () => {
    expect(appScheme.scheme).toBe('app');
    expect(appScheme.privileges).toMatchObject({ standard: true, secure: true, supportFetchAPI: true });
    expect(appScheme.privileges?.bypassCSP).toBeUndefined();
    expect(appScheme.privileges?.corsEnabled).toBeUndefined();
  });

  it('serves the page with its policy', async () => {
    const response = await ask('app://latebloom/index.html?x#y');
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('<title>page</title>');
    expect(response.headers.get('Content-Type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('Content-Security-Policy')).toContain("script-src 'self'");
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
  });

  it.each([
    ['app://latebloom/nothing.js', 404],
    ['app://latebloom/..%2fsecret', 404],
    ['app://latebloom/%2e%2e%2fsecret', 404],
    ['app://latebloom/assets/..%5c..%5csecret', 404],
    ['app://latebloom/.env', 404],
    ['app://evil/index.html', 403],
    ['https://latebloom/index.html', 403],
  ])('answers %s with %i', async (url, status) => {
    const response = await ask(url);
    expect(response.status).toBe(status);
    expect(await response.text()).not.toContain('secret');
    expect(response.headers.get('Content-Security-Policy')).not.toBeNull();
  });

  it('answers GET and HEAD only', async () => {
    expect((await ask('app://latebloom/index.html', 'POST')).status).toBe(405);
    const head = await ask('app://latebloom/index.html', 'HEAD');
    expect([head.status, await head.text()]).toEqual([200, '']);
  });
});
