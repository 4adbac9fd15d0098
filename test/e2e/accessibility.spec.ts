/** Every view against axe-core's rules, its colours in both themes. */
import { faultsOf } from './support/axe.ts';
import { latebloom } from './support/host.ts';
import { expect, openPreset, openTab, presets, test } from './support/test.ts';

test('presets and drafts are accessible in both themes', async ({ page, host }) => {
  await host.start();
  const faults: string[] = [];
  const look = async (view: string): Promise<void> => {
    faults.push(...(await faultsOf(page, view)));
  };

  await openPreset(page, host, presets.nanda);
  await page.getByLabel('Seeds per arm').fill('0');
  await look('preset with bad input');

  await page.getByRole('button', { name: 'Edit a copy' }).click();
  const arm = page.getByRole('article').first();
  await arm.getByRole('button', { name: 'Add an axis' }).click();
  await expect(arm.getByRole('cell').first()).toBeVisible();
  await arm.getByLabel('learning rate').fill('fast');
  await arm.getByLabel('gradient filter').selectOption('grokfast-ma');
  await arm.getByText('Add negative control').click();
  await page.getByText('1 error', { exact: true }).last().click();
  await look('draft with an error');
  await page.getByRole('button', { name: 'Compare with the preset' }).click();
  await look('differences');
  await page.keyboard.press('Escape');
  await arm.getByLabel('kind of data').selectOption('csv-classification');
  await look('draft with a table');
  await page.getByRole('link', { name: 'Compose' }).click();
  await page.getByRole('button', { name: 'Paste…' }).click();
  await look('drafts');
  await page.keyboard.press('Escape');
  expect(faults).toEqual([]);
});

test('studies, runs and settings are accessible in both themes', async ({ page, host }) => {
  test.setTimeout(300_000);
  const arms = ['--arms', 'nn-parity,gp-zero-one,linear-decoys'];
  latebloom(host.home, 'run', 'miller-2023', ...arms, '--seeds', '2', '--max-effort', '200');
  await host.start();
  const faults: string[] = [];
  const look = async (view: string): Promise<void> => {
    faults.push(...(await faultsOf(page, view)));
  };

  await page.goto(host.url);
  const study = page.getByRole('table').getByRole('link', { name: presets.miller });
  await expect(study).toBeVisible();
  await look('gallery');
  await study.click();
  await expect(page.locator('.js-plotly-plot').first()).toBeVisible();
  await page.getByRole('button', { name: 'Show as table' }).first().click();
  await look('live');
  await page.getByRole('button', { name: 'Export…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Export', exact: true }).click();
  await look('export');
  await page.keyboard.press('Escape');
  for (const tab of ['Compare', 'Replay', 'Claims'] as const) {
    await openTab(page, tab);
    await expect(page.getByRole('region', { name: tab })).not.toContainText('Reading the curves');
    if (tab !== 'Claims') await expect(page.locator('.js-plotly-plot').first()).toBeVisible();
    await look(tab);
  }
  await page.getByRole('link', { name: 'Runs', exact: true }).click();
  await expect(page.getByRole('status').filter({ hasText: /^6 runs$/ })).toBeVisible();
  await page.getByLabel('Group by').selectOption('arm');
  await page.getByLabel('Filter by words').fill('status:finished seed<1');
  await expect(page.getByRole('status').filter({ hasText: /^2 runs of 6$/ })).toBeVisible();
  await expect(page.getByRole('button', { expanded: true })).toHaveCount(2);
  await look('runs');
  await page.locator('tbody a[href^="#/run/"]').first().click();
  await expect(page.getByRole('heading', { name: 'Environment' })).toBeVisible();
  await expect(page.locator('.js-plotly-plot').first()).toBeVisible();
  await page.getByText('The arm as it was run, as JSON').click();
  await look('run');
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByText('Data folder', { exact: true })).toBeVisible();
  await expect(page.getByText(/^Kept: those of 6 finished runs/)).toBeVisible();
  await look('settings');
  expect(faults).toEqual([]);
});
