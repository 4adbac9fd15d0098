/**
 * Electron's own shell, with a real binary. It runs unfused, as npm's package is: Playwright drives it through Node's
 * inspector. Without a binary or a display these tests are skipped, and say so.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, expect, test, type ElectronApplication, type Page } from 'playwright/test';
import { chooseShell } from '../../main/shell/choose-shell.ts';
import { findElectron } from '../../main/shell/electron-binary.ts';
import type { HostBridge } from '../../shared/bridge.ts';

const electron = findElectron();
const choice = chooseShell({
  platform: process.platform,
  environment: process.env,
  isRoot: process.getuid?.() === 0,
  electron,
});
const missing =
  electron.kind !== 'ready'
    ? 'not run: no Electron binary'
    : choice.kind !== 'electron'
      ? 'not run: no display'
      : null;
if (missing !== null) console.log(`Electron's shell: ${missing}`);

const entry = fileURLToPath(new URL('../../dist/main/index.js', import.meta.url));
let home: string;
let app: ElectronApplication;
let page: Page;

async function launch(): Promise<void> {
  if (choice.kind !== 'electron') throw new Error('There is no Electron to launch.');
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && name !== 'ELECTRON_RUN_AS_NODE') environment[name] = value;
  }
  app = await _electron.launch({
    executablePath: choice.path,
    args: [...choice.args, '--disable-dev-shm-usage', entry],
    env: { ...environment, LATEBLOOM_HOME: home },
  });
  page = await app.firstWindow();
}

test.describe("Electron's shell", () => {
  test.skip(missing !== null, missing ?? '');

  test.beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'latebloom-electron-e2e-'));
    await launch();
  });
  test.afterEach(async () => {
    await app.close();
    rmSync(home, { recursive: true, force: true });
  });

  test('shows the gallery under its policy, without Node', async () => {
    const violations: string[] = [];
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) violations.push(message.text());
    });
    await expect(page).toHaveURL(/^app:\/\/latebloom\/index\.html/);
    await expect(page.getByText('Miller et al. 2023').first()).toBeVisible();
    expect(await page.evaluate(() => ['process' in window, 'require' in window, isSecureContext])).toEqual([
      false,
      false,
      true,
    ]);
    const exposed = await page.evaluate(() =>
      Object.keys((window as unknown as { latebloomHost: object }).latebloomHost).sort(),
    );
    expect(exposed).toEqual(['call', 'shell', 'subscribe']);
    expect(violations).toEqual([]);
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.inlineRan = true';
      document.head.append(script);
    });
    expect(await page.evaluate(() => 'inlineRan' in window)).toBe(false);
    await expect.poll(() => violations.length).toBeGreaterThan(0);
  });

  test('answers calls, and refuses malformed ones with the path of the fault', async () => {
    const outcomes = await page.evaluate(async () => {
      const bridge = (window as unknown as { latebloomHost: HostBridge }).latebloomHost;
      return [
        await bridge.call('runs', null),
        await bridge.call('deleteStudy', { studyId: '../../etc' }),
        await bridge.call('format' as 'runs', null),
      ];
    });
    expect(outcomes[0]).toEqual({ ok: true, value: [] });
    expect(outcomes[1]).toMatchObject({
      ok: false,
      error: { code: 'bad-input', faults: [{ path: 'studyId' }] },
    });
    expect(outcomes[2]).toMatchObject({ ok: false, error: { code: 'bad-input' } });
  });

  test('stays on its page, opens no windows and grants no permissions', async () => {
    await app.evaluate(({ shell }) => {
      shell.openExternal = () => Promise.resolve();
    });
    await page.evaluate(() => {
      window.open('https://example.org/');
      location.href = 'https://example.org/';
    });
    const geolocation = await page.evaluate(
      async () => (await navigator.permissions.query({ name: 'geolocation' })).state,
    );
    expect(geolocation).toBe('denied');
    await expect(page).toHaveURL(/^app:\/\/latebloom\/index\.html/);
    expect(app.windows()).toHaveLength(1);
  });

  test('keeps what the page stores in the data folder across restarts', async () => {
    await expect(page.getByText('Miller et al. 2023').first()).toBeVisible();
    await page.evaluate(() => localStorage.setItem('kept', 'yes'));
    await app.close();
    await launch();
    expect(await page.evaluate(() => localStorage.getItem('kept'))).toBe('yes');
  });
});
