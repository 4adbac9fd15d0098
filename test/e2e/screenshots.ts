/**
 * Pictures of every view in both themes, with real runs behind them: test/e2e/screenshots/VIEW-THEME.png.
 * LATEBLOOM_SCREENSHOTS_HOME may name a data folder that holds finished studies; what is missing there is run first.
 */
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright/test';
import { Host, latebloom, newFolder } from './support/host.ts';
import { effortDone, expect, openPreset, openTab, presets, studyButton, test } from './support/test.ts';

const folder = fileURLToPath(new URL('screenshots', import.meta.url));

async function take(page: Page, view: string): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await page.mouse.move(0, 0);
    // Charts follow the theme at their own pace.
    await page.waitForTimeout(1500);
    await page.screenshot({ path: `${folder}/${view}-${theme}.png` });
  }
}

async function charts(page: Page): Promise<void> {
  await expect(page.locator('.js-plotly-plot .scatterlayer').first()).toBeVisible();
}

test('every view', async ({ page }) => {
  const host = new Host(0, process.env['LATEBLOOM_SCREENSHOTS_HOME'] ?? newFolder());
  const { studies } = JSON.parse(latebloom(host.home, 'runs', '--json')) as { studies: { title: string }[] };
  for (const [preset, title] of Object.entries({
    'nanda-2023': presets.nanda,
    'miller-2023': presets.miller,
  })) {
    if (studies.some((study) => study.title === title)) continue;
    const short = preset === 'nanda-2023' ? ['--scale', 'paper', '--max-effort', '10000'] : [];
    latebloom(host.home, 'run', preset, ...short);
  }
  await host.start();
  try {
    await openPreset(page, host, presets.miller);
    await expect(page.getByText(/^40 runs, about .* on this machine/)).toBeVisible({ timeout: 120_000 });
    await take(page, 'preset');

    const mine = page.getByRole('table');
    await page.getByRole('link', { name: 'Presets and studies' }).click();
    await expect(page.getByText('measuring how long')).toHaveCount(0, { timeout: 300_000 });
    await take(page, 'gallery');
    await mine.getByRole('link', { name: presets.miller }).first().click();
    await openTab(page, 'Compare');
    await charts(page);
    await take(page, 'compare');
    await openTab(page, 'Claims');
    await expect(page.getByText(/holds/).first()).toBeVisible();
    await take(page, 'claims');
    await page.getByRole('link', { name: 'Presets and studies' }).click();
    await mine.getByRole('link', { name: presets.nanda }).first().click();
    await openTab(page, 'Replay');
    await charts(page);
    await page.getByRole('button', { name: /^Generalization step/ }).click();
    await take(page, 'replay');
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await expect(page.getByRole('status').filter({ hasText: / runs$/ })).toBeVisible();
    await take(page, 'runs');
    await page.getByRole('link', { name: 'Settings' }).click();
    await expect(page.getByRole('cell', { name: /ONNX Runtime/ }).first()).toBeVisible({ timeout: 120_000 });
    await take(page, 'settings');

    await openPreset(page, host, presets.miller);
    for (const arm of [/GP regression/, /300 training points/]) {
      for (const box of await page.getByRole('checkbox', { name: arm }).all()) await box.uncheck();
    }
    await page.getByLabel('Seeds per arm').fill('3');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await expect(page.getByText(/finished/).first()).toBeVisible({ timeout: 600_000 });
    await expect.poll(() => effortDone(page), { timeout: 600_000 }).toBeGreaterThan(8000);
    await charts(page);
    await take(page, 'running');
    await studyButton(page, 'Stop').click();
    await expect(studyButton(page, 'Stop')).toBeDisabled({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Delete…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await expect(page).toHaveURL(/#\/$/);
  } finally {
    await host.end('SIGTERM');
  }
});
