/** A study leaves the browser as one file, and enters another browser, with another host, exactly once. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { latebloom, tryLatebloom, writeSmallStudy } from './support/host.ts';
import { asStranger, chooseBundle, expect, test } from './support/test.ts';

const choose = (page: Page, name: string, buffer: Buffer): Promise<void> =>
  chooseBundle(page, { name, mimeType: 'application/zip', buffer });

async function closeDialog(page: Page): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: 'Close', exact: true }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
}

test('a study is exported, verified, and imported once into a clean profile', async ({
  page,
  browser,
  host,
  folder,
}) => {
  latebloom(host.home, 'run', writeSmallStudy(folder));
  await host.start();
  await page.goto(host.url);
  await page.getByRole('link', { name: 'A small study' }).click();
  await page.getByRole('button', { name: 'Export…' }).click();
  const dialog = page.getByRole('dialog');
  const exportButton = dialog.getByRole('button', { name: 'Export', exact: true });
  await exportButton.click();
  const [licence, author] = [dialog.getByLabel('Licence of the data'), dialog.getByLabel('Author')];
  await expect(licence).toHaveAccessibleDescription(/Choose a licence/);
  await expect(author).toHaveAccessibleDescription('Say who is to be cited.');
  await licence.fill('CC-BY-4.0');
  await author.fill('Ada Lovelace');
  const saving = page.waitForEvent('download');
  await exportButton.click();
  const download = await saving;
  expect(download.suggestedFilename()).toMatch(/^small.*\.study\.zip$/);
  const bundle = join(folder, 'small.study.zip');
  await download.saveAs(bundle);
  const hash = await dialog.locator('code').first().innerText();
  expect(JSON.parse(latebloom(folder, 'verify', bundle, '--json'))).toMatchObject({ ok: true });

  // One bit of one file: the terminal and the browser name the file, and import nothing.
  const damaged = Buffer.from(readFileSync(bundle));
  const at = damaged.indexOf('metrics.csv') + 400;
  damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
  const damagedFile = join(folder, 'damaged.study.zip');
  writeFileSync(damagedFile, damaged);
  const verdict = tryLatebloom(folder, 'verify', damagedFile);
  expect(verdict.status).toBe(1);
  expect(verdict.stderr + verdict.stdout).toMatch(/runs\/.*\/metrics\.csv/);

  await asStranger(browser, async (clean) => {
    await expect(clean.getByText('None yet.')).toBeVisible();
    await choose(clean, 'damaged.study.zip', damaged);
    const alert = clean.getByRole('dialog').getByRole('alert');
    await expect(alert).toContainText(/runs\/.*\/metrics\.csv/);
    await expect(alert).toContainText('Nothing was imported');
    await closeDialog(clean);
    await expect(clean.getByText('None yet.')).toBeVisible();

    const whole = readFileSync(bundle);
    await choose(clean, 'small.study.zip', whole);
    // What will change is said first, and nothing is there before it is confirmed.
    await expect(clean.getByRole('dialog').getByText('A new study with 2 runs.')).toBeVisible();
    await expect(clean.getByRole('dialog').getByRole('row')).toHaveCount(3);
    expect(JSON.parse(latebloom(folder, 'import', '--dry-run', '--json', bundle))).toMatchObject({
      study: 'new',
    });
    expect(JSON.parse(latebloom(folder, 'runs', '--json'))).toMatchObject({ studies: [] });
    await clean.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click();
    await expect(clean.getByRole('dialog').getByText('2 runs added.')).toBeVisible();
    await expect(clean.getByRole('dialog').getByText(hash)).toBeVisible();
    await closeDialog(clean);
    await choose(clean, 'again.study.zip', whole);
    await expect(clean.getByRole('dialog').getByText(/Nothing new: all 2 runs/)).toBeVisible();
    await clean.getByRole('link', { name: 'Open the study' }).click();
    await expect(clean.getByText('2 runs: 2 finished')).toBeVisible();
    await clean.getByRole('link', { name: 'Runs', exact: true }).click();
    await expect(clean.getByRole('status').filter({ hasText: /^2 runs$/ })).toBeVisible();
  });
  // The same delays on both sides.
  const delays = (home: string): unknown => {
    const [{ id }] = (JSON.parse(latebloom(home, 'runs', '--json')) as { studies: { id: string }[] })
      .studies as [{ id: string }];
    return JSON.parse(latebloom(home, 'delays', id, '--json'));
  };
  await host.end('SIGTERM');
  expect(delays(host.home)).toEqual(JSON.parse(latebloom(folder, 'delays', bundle, '--json')));
});
