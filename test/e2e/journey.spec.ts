/** A user's first path through the real program: gallery, run, comparison, replay with the host stopped. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'playwright/test';
import { skipTour } from './support/test.ts';

const program = fileURLToPath(new URL('../../main/build/latebloom.mjs', import.meta.url));
let home: string;
let host: ChildProcess;
let url: string;

test.beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'latebloom-e2e-'));
  host = spawn(process.execPath, [program, 'serve', '--port', '47613'], {
    env: { ...process.env, LATEBLOOM_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  url = await new Promise((resolve, reject) => {
    let text = '';
    host.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const found = /http:\/\/\S+token=\S+/.exec(text);
      if (found !== null) resolve(found[0]);
    });
    host.once('exit', (code) => reject(new Error(`The host ended with ${code}: ${text}`)));
  });
});

test.afterAll(() => {
  host.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
});

test('runs a preset, compares its families and replays a run with the host stopped', async ({ page }) => {
  await skipTour(page);
  const violations: string[] = [];
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) violations.push(message.text());
  });
  await page.goto(url);
  await expect(
    page.getByRole('link', { name: 'Progress measures for grokking (Nanda et al. 2023)' }),
  ).toBeVisible();
  await page
    .getByRole('link', { name: 'Grokking beyond neural networks (Miller et al. 2023)' })
    .first()
    .click();
  await page.getByLabel(/Seeds per arm/).fill('1');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page).toHaveURL(/#\/study\//);
  await expect(page.getByText(/^8 runs: 8 finished$/)).toBeVisible({ timeout: 150_000 });
  await page.getByRole('link', { name: 'Compare' }).first().click();
  await expect(page).toHaveURL(/\/compare$/);
  await expect(page.locator('.js-plotly-plot').first()).toBeVisible();
  await expect(page.getByText(/Kaplan/).first()).toBeVisible();
  const exited = new Promise((resolve) => host.once('exit', resolve));
  host.kill('SIGTERM');
  await exited;
  await page.getByRole('link', { name: 'Replay' }).first().click();
  await expect(page).toHaveURL(/\/replay/);
  await expect(page.locator('input[type="range"]').first()).toBeVisible();
  expect(violations).toEqual([]);
});
