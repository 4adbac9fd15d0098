/**
 * The whole way of a study through the real program: composed from a preset, swept, watched, its host killed, resumed,
 * compared, replayed without a host, exported, verified by running it again, imported by a stranger, with the same numbers.
 */
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { latebloom } from './support/host.ts';
import {
  asStranger,
  chooseBundle,
  copyOfNetwork,
  effortDone,
  expect,
  openTab,
  studyButton,
  test,
} from './support/test.ts';

/** Long enough to be in the middle of it when the host is killed, on a fast machine, too. */
const BUDGET = 16_000;

/** What the study says of its runs, in words: the delay table as it stands in Compare. */
async function delayTable(page: Page): Promise<string> {
  await openTab(page, 'Compare');
  const table = page.getByRole('region', { name: 'Delay table' });
  await expect(table.getByRole('rowheader')).toHaveCount(2);
  return table.getByRole('table').first().innerText();
}

test('a study goes from a preset to a stranger’s machine with the same numbers', async ({
  page,
  browser,
  host,
  folder,
}) => {
  await host.start();
  const arm = await copyOfNetwork(page, host, { seeds: '0-1', budget: BUDGET });
  await arm.getByRole('button', { name: 'Add an axis' }).click();
  await arm.getByLabel('Setting').selectOption({ label: 'trainer · weight decay' });
  await arm.getByLabel('values', { exact: true }).fill('0, 0.01');
  await expect(arm.getByText('2 points')).toBeVisible();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page).toHaveURL(/#\/study\//);

  // Watched: curves are drawn while it trains.
  const main = page.getByRole('main');
  await expect.poll(() => effortDone(page), { timeout: 60_000 }).toBeGreaterThan(0);
  await openTab(page, 'Live');
  await expect(main.locator('canvas, .js-plotly-plot').first()).toBeVisible();
  const watched = await effortDone(page);
  await expect.poll(() => effortDone(page), { timeout: 60_000 }).toBeGreaterThan(watched);

  await host.end('SIGKILL');
  await expect(page.getByText('The host is not running.')).toBeVisible();
  await host.start();
  await expect(main.getByText(/^4 runs: .*\d interrupted/)).toBeVisible();
  await studyButton(page, 'Resume').click();
  await expect(main.getByText('4 runs: 4 finished')).toBeVisible({ timeout: 150_000 });

  const delays = await delayTable(page);
  expect(delays).toMatch(/weightDecay/);
  expect(delays).toMatch(/\d/);

  await host.end('SIGTERM');
  await expect(page.getByText('The host is not running.')).toBeVisible();
  await openTab(page, 'Replay');
  const slider = page.getByRole('slider', { name: /Replay position/ });
  await slider.focus();
  await slider.press('End');
  await expect(slider).toHaveAttribute('aria-valuetext', new RegExp(BUDGET.toLocaleString('en-US')));

  await host.start();
  // The page finds its host again by itself.
  await expect(page.getByText('The host is not running.')).toHaveCount(0);
  await page.getByRole('button', { name: 'Export…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Licence of the data').fill('CC-BY-4.0');
  await dialog.getByLabel('Author').fill('Ada Lovelace');
  const saving = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  const bundle = join(folder, 'journey.study.zip');
  await (await saving).saveAs(bundle);
  await host.end('SIGTERM');

  // A run that was interrupted and resumed is, run again from its beginning, the same to the last bit.
  expect(latebloom(folder, 'verify', bundle, '--rerun', '--runs', '1')).toMatch(/^same .*rows, bit for bit/m);

  await asStranger(browser, async (clean) => {
    await chooseBundle(clean, bundle);
    await clean.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click();
    await expect(clean.getByRole('dialog').getByText('4 runs added.')).toBeVisible();
    await clean.getByRole('dialog').getByRole('link', { name: 'Open the study' }).click();
    await expect(clean.getByText('4 runs: 4 finished')).toBeVisible();
    expect(await delayTable(clean)).toBe(delays);
  });
});
