/** Stored runs without their host: after a reload, from what the browser keeps. */
import { readFileSync } from 'node:fs';
import type { Locator } from 'playwright/test';
import { latebloom, writeSmallStudy } from './support/host.ts';
import { expect, openTab, test } from './support/test.ts';

test('a stored run is replayed after a reload with the host stopped', async ({ page, host, folder }) => {
  latebloom(host.home, 'run', writeSmallStudy(folder));
  await host.start();
  await page.goto(host.url);
  await page.getByRole('link', { name: 'A small study' }).click();
  await openTab(page, 'Compare');
  await expect(page.getByRole('region', { name: 'Delay table' })).toBeVisible();
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await host.end('SIGTERM');
  await page.reload();
  await expect(page.getByText('The host is not running.')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Delay table' })).toBeVisible();
  await openTab(page, 'Replay');
  await expect(page.locator('.js-plotly-plot').first()).toBeVisible();
  await page.getByRole('combobox', { name: 'Run' }).selectOption({ index: 1 });

  const slider = page.getByRole('slider', { name: /Replay position/ });
  const at = (row: number): Locator => page.getByText(new RegExp(`, row\\s+${row} of`));
  await slider.focus();
  await slider.press('Home');
  await expect(at(1)).toBeVisible();
  await slider.press('ArrowRight');
  await slider.press('ArrowRight');
  await expect(at(3)).toBeVisible();
  await slider.press('ArrowLeft');
  await expect(at(2)).toBeVisible();
  await slider.press('PageDown');
  await expect(at(1)).toBeVisible();
  await slider.press('End');
  await expect(page.getByText(/, row\s+([\d,]+) of \1\s*$/)).toBeVisible();
  // The values at the cursor are those of the last row: where a finished run stopped.
  await expect(slider).toHaveAttribute('aria-valuetext', /2,000, train/);
  await slider.press('Home');
  await slider.press('Space');
  const player = page.getByRole('region', { name: 'Replay' });
  await expect(player.getByRole('button', { name: 'Pause' })).toBeVisible();
  await expect(at(1)).toHaveCount(0);
  await slider.press('Space');
  await expect(player.getByRole('button', { name: 'Play' })).toBeVisible();

  // A second run, and files, need no host either.
  await page.getByLabel('Beside it, from the study').selectOption({ index: 1 });
  await expect(page.getByText(/, row\s+[\d,]+ of/)).toHaveCount(2);
  await page.getByRole('button', { name: 'Save frame or film…' }).click();
  const saving = page.waitForEvent('download');
  await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
  const frame = readFileSync(await (await saving).path(), 'utf8');
  expect(frame).toMatch(/^<svg/);
  expect(frame.match(/gradient-descent step [\d,]+ of 2,000/g)).toHaveLength(2);
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();

  await page.getByRole('link', { name: 'Presets and studies' }).click();
  await expect(page.getByText('The presets come from the host, which cannot be reached.')).toBeVisible();
  await host.start();
  // The page may find its host by itself before the button is pressed.
  await expect(async () => {
    const again = page.getByRole('button', { name: 'Try now' });
    if (await again.isVisible()) await again.click({ timeout: 500 });
    await expect(page.getByRole('heading', { name: /^Progress measures for/ })).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 20_000 });
});
