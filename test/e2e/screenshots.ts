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

const nandaSmall = 'Progress measures for grokking (Nanda et al. 2023, small scale)';

test('every view', async ({ page }) => {
  const host = new Host(0, process.env['LATEBLOOM_SCREENSHOTS_HOME'] ?? newFolder());
  const { studies } = JSON.parse(latebloom(host.home, 'runs', '--json')) as { studies: { title: string }[] };
  for (const [preset, title] of Object.entries({ 'nanda-2023': nandaSmall, 'miller-2023': presets.miller })) {
    if (!studies.some((study) => study.title === title)) latebloom(host.home, 'run', preset);
  }
  await host.start();
  try {
    await openPreset(page, host, presets.miller);
    await expect(page.getByText(/^40 runs, .* on this machine/)).toBeVisible({ timeout: 300_000 });
    await take(page, 'preset');

    const mine = page.getByRole('table');
    await page.getByRole('link', { name: 'Presets and studies' }).click();
    await expect(page.getByRole('heading', { name: 'Your studies' })).toBeVisible();
    await take(page, 'gallery');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search or run a command' }).fill('linear');
    await take(page, 'palette');
    await page.keyboard.press('Escape');
    await mine.getByRole('link', { name: presets.miller }).first().click();
    await charts(page);
    await take(page, 'study');
    await openTab(page, 'Compare');
    await charts(page);
    // The charts, not what is chosen above them.
    await page.evaluate(() => scrollTo(0, 570));
    await take(page, 'compare');
    await openTab(page, 'Claims');
    await expect(page.getByText(/holds/).first()).toBeVisible();
    await take(page, 'claims');
    await openTab(page, 'Findings');
    await expect(page.getByText('What it looks like')).toBeVisible();
    await take(page, 'findings');
    await page.getByRole('link', { name: 'Presets and studies' }).click();
    await mine.getByRole('link', { name: nandaSmall }).first().click();
    await openTab(page, 'Replay');
    await charts(page);
    await page.getByRole('button', { name: /^Generalization step/ }).click();
    await take(page, 'replay');
    await page.keyboard.press('?');
    await take(page, 'shortcuts');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await expect(page.getByRole('status').filter({ hasText: / runs$/ })).toBeVisible();
    await take(page, 'runs');
    await page.locator('tbody a[href^="#/run/"]').first().click();
    await charts(page);
    await take(page, 'run');
    await page.getByRole('link', { name: 'Comparisons' }).click();
    await page.getByRole('checkbox').first().check();
    await charts(page);
    await take(page, 'comparisons');
    await page.getByRole('link', { name: 'Compose' }).click();
    await take(page, 'drafts');
    await page.getByRole('button', { name: 'New study' }).click();
    await expect(page.getByText(/on this machine/).first()).toBeVisible({ timeout: 300_000 });
    await take(page, 'compose');
    await page.getByRole('link', { name: 'Settings' }).click();
    await expect(page.getByRole('cell', { name: /ONNX Runtime/ }).first()).toBeVisible({ timeout: 120_000 });
    await take(page, 'settings');
    await page.getByRole('button', { name: 'Show the tour' }).click();
    for (let i = 0; i < 3; i++) await page.getByRole('dialog').getByRole('button', { name: 'Next' }).click();
    await take(page, 'tour');
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('h');
    await take(page, 'help');

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
