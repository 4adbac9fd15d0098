/** The queue under the user's hand: runs that have ended are extended, runs that wait are moved. */
import AxeBuilder from '@axe-core/playwright';
import { faultsOf } from './support/axe.ts';
import { latebloom, tryLatebloom, writeSmallStudy } from './support/host.ts';
import { expect, openPreset, presets, test } from './support/test.ts';

test('runs that have finished are extended from the list of runs and from their own page', async ({
  page,
  host,
}) => {
  await host.start();
  await openPreset(page, host, presets.miller);
  await page.getByLabel('Seeds per arm').fill('1');
  await page.getByLabel('Largest effort').fill('300');
  for (const box of await page.getByRole('group', { name: 'Arms' }).getByRole('checkbox').all()) {
    if (!/linear/i.test((await box.getAttribute('id')) ?? (await box.locator('..').innerText())))
      await box.uncheck();
  }
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const main = page.getByRole('main');
  await expect(main.getByText(/^(\d+) runs?: \1 finished$/)).toBeVisible({ timeout: 60_000 });

  // Chosen in the list of all runs, by keyboard.
  await page.getByRole('link', { name: 'Runs', exact: true }).click();
  const list = page.getByRole('region', { name: 'All runs' });
  await list.getByRole('checkbox', { name: 'Choose all runs that are listed' }).focus();
  await page.keyboard.press('Space');
  const actions = page.getByRole('group', { name: 'Actions on the chosen runs' });
  await expect(actions.getByText(/^\d+ runs? chosen$/)).toBeVisible();
  await actions.getByRole('button', { name: 'Extend…' }).click();
  const dialog = page.getByRole('dialog');
  const budget = dialog.getByLabel('New budget');
  await expect(budget).toHaveValue('600');
  await budget.fill('1e3');
  await expect(budget).toHaveAccessibleDescription('Got “1e3”; expected 2 to 100,000,000.');
  await expect(dialog.getByRole('button', { name: /^Extend/ })).toBeDisabled();
  await budget.fill('300');
  await expect(dialog.getByText('No run can be extended so.')).toBeVisible();
  await budget.fill('900');
  await expect(dialog.getByText(/^\s*\d+ runs?\s+go(es)? on, .* at the measured speed\.\s*$/)).toBeVisible();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await dialog.getByRole('button', { name: /^Extend/ }).click();
  await expect(dialog).toHaveCount(0);
  await expect(list.getByRole('cell', { name: '900', exact: true }).first()).toBeVisible({ timeout: 60_000 });

  // Once more from its own page, where its curve goes on.
  await list.getByRole('row').nth(1).getByRole('link').nth(1).click();
  await expect(main.getByText(/^900 of 900\s+gradient-descent steps, extended from 300$/)).toBeVisible();
  const curve = page.locator('.js-plotly-plot .scatterlayer path.js-line').last();
  await expect(curve).toBeAttached();
  const before = await curve.getAttribute('d');
  await main.getByRole('button', { name: 'Extend…' }).click();
  await dialog.getByLabel('New budget').fill('2,000');
  await dialog.getByRole('button', { name: 'Extend', exact: true }).click();
  await expect(
    main.getByText(/^2,000 of 2,000\s+gradient-descent steps, extended from 300, then 900$/),
  ).toBeVisible({
    timeout: 60_000,
  });
  await expect(curve).not.toHaveAttribute('d', before as string);
  await expect(main.getByRole('button', { name: 'Extend…' })).toBeEnabled();
  const runId = decodeURIComponent(new URL(page.url()).hash.replace('#/run/', ''));

  // The same from a terminal, and what it says when it cannot be.
  await host.end('SIGTERM');
  latebloom(host.home, 'extend', runId, '--max-effort', '2500');
  const refused = tryLatebloom(host.home, 'extend', runId, '--max-effort', '2500');
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain(`${runId} has a budget of 2,500`);
});

test('the disk that ended runs take to go on is given back in Settings', async ({ page, host, folder }) => {
  latebloom(host.home, 'run', writeSmallStudy(folder));
  await host.start();
  await page.goto(`${host.url}#/settings`);
  const card = page.getByRole('region', { name: 'Checkpoints of ended runs' });
  const kept = card.getByRole('status');
  await expect(kept).toHaveText(/^Kept: those of 2 finished runs, [\d.]+ k?B\.$/);
  const ask = card.getByRole('button', { name: 'Delete these checkpoints…' });
  await ask.click();
  const dialog = page.getByRole('dialog', { name: 'Delete these checkpoints?' });
  await expect(dialog).toContainText('The last checkpoints of 2 finished runs are deleted');
  expect(await faultsOf(page, 'dialog')).toEqual([]);
  await dialog.getByRole('button', { name: 'Keep them' }).click();
  await expect(ask).toBeFocused();
  await expect(kept).toHaveText(/2 finished runs/);
  await page.keyboard.press('Enter');
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(kept).toHaveText('None is kept.');
  await expect(kept).toBeFocused();
  await expect(ask).toHaveCount(0);
  const keep = card.getByRole('checkbox', { name: 'Keep the last checkpoint of runs that finish' });
  await expect(keep).toBeChecked();
  await keep.uncheck();
  await expect(keep).toBeEnabled();

  // Extended, a run is computed again from its beginning, and keeps no checkpoint any more.
  await page.getByRole('link', { name: 'Runs', exact: true }).click();
  const list = page.getByRole('region', { name: 'All runs' });
  await list.getByRole('checkbox', { name: /^Choose .*, seed 0$/ }).check();
  await page.getByRole('button', { name: 'Extend…' }).click();
  const extension = page.getByRole('dialog', { name: 'Extend this run' });
  await expect(extension.getByText('No run can be extended so.')).toBeVisible();
  await extension
    .getByRole('checkbox', { name: /^1 run without a last checkpoint: compute it again/ })
    .check();
  await extension.getByRole('button', { name: 'Extend', exact: true }).click();
  await expect(extension).toHaveCount(0);
  const row = list.getByRole('row').filter({ has: page.getByRole('cell', { name: '4,000', exact: true }) });
  await expect(row).toContainText('finished', { timeout: 60_000 });
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(kept).toHaveText('None is kept.');
  await expect(keep).not.toBeChecked();
});

test('the button that gives the disk back stays where it is when the settings come late', async ({
  page,
  host,
  folder,
}) => {
  latebloom(host.home, 'run', writeSmallStudy(folder));
  await host.start();
  await page.routeWebSocket(/.*/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      const isSettings = Buffer.from(message as Buffer).includes('keepCheckpoints');
      setTimeout(() => socket.send(message), isSettings ? 1500 : 0);
    });
  });
  await page.goto(`${host.url}#/settings`);
  const card = page.getByRole('region', { name: 'Checkpoints of ended runs' });
  const ask = card.getByRole('button', { name: 'Delete these checkpoints…' });
  await expect(ask).toBeVisible();
  const before = await ask.boundingBox();
  await expect(card.getByRole('checkbox')).toBeVisible();
  expect(await ask.boundingBox()).toEqual(before);
});

test('runs that wait are moved in the queue, and say their place', async ({ page, host }) => {
  await host.start();
  await openPreset(page, host, presets.nanda);
  await page.getByRole('radio', { name: /paper scale/ }).check();
  await page.getByLabel('Seeds per arm').fill('5');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const main = page.getByRole('main');
  await expect(main.getByText(/^5 runs: .*running/)).toBeVisible({ timeout: 60_000 });
  await page.getByRole('link', { name: 'Runs', exact: true }).click();
  const list = page.getByRole('region', { name: 'All runs' });
  const seed = (n: number) =>
    list.getByRole('row').filter({ has: page.getByRole('cell', { name: String(n), exact: true }) });
  await expect(list.getByText('1st in the queue')).toBeVisible();
  await expect(seed(4).getByText('1st in the queue')).toHaveCount(0);
  const box = seed(4).getByRole('checkbox');
  await box.focus();
  await page.keyboard.press('Space');
  const next = page.getByRole('button', { name: 'Run next' });
  await next.focus();
  await page.keyboard.press('Enter');
  await expect(seed(4).getByText('1st in the queue')).toBeVisible();
  // Listed as they go: what runs, then what waits, the next first.
  await page.getByLabel('Order').selectOption('queue order');
  const statuses = list.getByRole('cell').filter({ hasText: /running|queued/ });
  await expect(statuses.last()).toHaveText(/queued/);
  const listed = await statuses.allInnerTexts();
  const waiting = listed.filter((text) => text.includes('queued'));
  const running = listed.length - waiting.length;
  expect(listed.slice(running)).toEqual(waiting);
  expect(waiting.map((text) => Number(/\d+/.exec(text)?.[0]))).toEqual(waiting.map((_, i) => i + 1));
  const row = (n: number) => expect(seed(4)).toHaveAttribute('aria-rowindex', String(1 + n));
  await row(running + 1);
  await page.getByRole('button', { name: 'Run last' }).click();
  await expect(seed(4).getByText('1st in the queue')).toHaveCount(0);
  await row(listed.length);
  await seed(4).getByRole('link').nth(1).click();
  await expect(main.getByText(/in the queue$/).first()).toBeVisible();
  await main.getByRole('button', { name: 'Run next' }).click();
  await expect(main.getByText('1st in the queue')).toBeVisible();

  // One core for all runs, kept like their places.
  await page.getByRole('link', { name: 'Settings' }).click();
  const cores = page.getByRole('combobox', { name: 'Runs use' });
  await expect(cores).toHaveValue('');
  await cores.selectOption('1 core');
  await expect(cores).toBeEnabled();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

  // Kept over a restart of the host: resumed, it goes before the others.
  await host.end('SIGTERM');
  await host.start();
  await page.goto(`${host.url}#/runs`);
  await list.getByRole('checkbox', { name: 'Choose all runs that are listed' }).check();
  // The notice above the list has a button of this name, too.
  const chosen = page.getByRole('group', { name: 'Actions on the chosen runs' });
  await chosen.getByRole('button', { name: /^Resume/ }).click();
  await expect(seed(4).getByText('running')).toBeVisible({ timeout: 60_000 });
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(cores).toHaveValue('1');
});
