/** Composing a study in the window: a copy of a preset, a study from JSON, a table of one's own, and their runs. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright/test';
import { writeSmallStudy } from './support/host.ts';
import { expect, keepOnly, openPreset, presets, test } from './support/test.ts';

const runBar = (page: Page): Locator => page.getByRole('region', { name: 'Run this study' });
const errors = (page: Page): Locator => page.getByRole('region', { name: 'Errors' });
const showErrors = (page: Page): Promise<void> =>
  runBar(page)
    .getByText(/^\d+ errors?$/)
    .click();

test('a copy of a preset is edited, swept, mended, controlled and run', async ({ page, host }) => {
  await host.start();
  await openPreset(page, host, presets.miller);
  await page.getByRole('button', { name: 'Edit a copy' }).click();
  await expect(page.getByRole('heading', { level: 1, name: `Copy of ${presets.miller}` })).toBeVisible();
  await expect(page.getByLabel('id', { exact: true }).first()).toHaveValue('miller-2023-copy');

  // Claims go with their arms, and the user is told which.
  await keepOnly(page, /^Neural network/);
  await expect(page.getByRole('status').filter({ hasText: 'was removed' })).toBeVisible();
  const arm = page.getByRole('article');
  await expect(arm).toHaveCount(1);
  await arm.getByLabel('seeds', { exact: true }).fill('0-1');
  await arm.getByLabel('largest effort').fill('320');
  await arm.getByLabel('training examples', { exact: true }).fill('100');
  await arm.getByLabel('hidden', { exact: true }).fill('20');
  // 40 × 20 weights, 20 biases, 20 × 2 weights without biases.
  await expect(arm.getByText(/^\s*860\s+parameters; one run takes at least/)).toBeVisible();
  await expect(runBar(page)).toContainText('2 runs');

  // A sweep over two values.
  await arm.getByRole('button', { name: 'Add an axis' }).click();
  await arm.getByLabel('Setting').selectOption({ label: 'trainer · weight decay' });
  await arm.getByLabel('Spacing').selectOption('log');
  await arm.getByLabel('From', { exact: true }).fill('0.01');
  await arm.getByLabel('To', { exact: true }).fill('0.1');
  await arm.getByLabel('Number', { exact: true }).fill('2');
  await expect(arm.getByLabel('values', { exact: true })).toHaveValue('0.01, 0.1');
  await expect(arm.getByText('2 points')).toBeVisible();
  await expect(runBar(page)).toContainText(/4 runs, .*on this machine/, { timeout: 60_000 });

  // An error is said at its field and counted; the summary leads to it.
  const batch = arm.getByLabel('batch size');
  await batch.fill('1000');
  await expect(batch).toHaveAttribute('aria-invalid', 'true');
  await expect(batch).toHaveAccessibleDescription(/got 1000; expected "full", or an integer from 1 to 100/);
  await expect(arm.getByText('1 error', { exact: true })).toBeVisible();
  await expect(runBar(page).getByRole('button', { name: 'Run', exact: true })).toBeDisabled();
  await arm.getByRole('button', { expanded: true }).click();
  await showErrors(page);
  await errors(page)
    .getByRole('button', { name: /trainer\.batchSize/ })
    .click();
  await expect(batch).toBeFocused();

  // Undo takes the whole number back at once, redo brings it again.
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(batch).toHaveValue('32');
  await expect(runBar(page).getByText(/error/)).toHaveCount(0);
  await page.getByRole('button', { name: 'Redo' }).click();
  await expect(batch).toHaveValue('1000');
  await batch.fill('full');
  await expect(runBar(page).getByText(/error/)).toHaveCount(0);

  await arm.getByText('Add negative control').click();
  await arm.getByRole('button', { name: 'shuffled labels' }).click();
  await expect(page.getByRole('article')).toHaveCount(2);
  await expect(runBar(page)).toContainText('8 runs');
  await page.getByRole('button', { name: 'Compare with the preset' }).click();
  await expect(
    page.getByRole('row', { name: /arms\[nn-parity\]\.trainer\.batchSize 32 "full"/ }),
  ).toBeVisible();
  await page.keyboard.press('Escape');

  // Nothing typed is lost with the page.
  await page.reload();
  await expect(page.getByRole('article')).toHaveCount(2);
  await expect(page.getByRole('article').first().getByLabel('hidden', { exact: true })).toHaveValue('20');

  await runBar(page).getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page).toHaveURL(/#\/study\/miller-2023-copy-/);
  await expect(page.getByText('8 runs: 8 finished')).toBeVisible({ timeout: 120_000 });
});

test('a study is saved, opened and pasted as JSON, and refused in words', async ({ page, host, folder }) => {
  await host.start();
  await page.goto(`${host.url}#/compose`);
  const path = writeSmallStudy(folder);
  await page.getByLabel('Study JSON to open').setInputFiles(path);
  await expect(page.getByRole('heading', { level: 1, name: 'A small study' })).toBeVisible();
  await page.getByLabel('question').fill('Is it saved?');
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save JSON' }).click();
  const download = await saving;
  expect(download.suggestedFilename()).toBe('small.json');
  const saved = JSON.parse(readFileSync(await download.path(), 'utf8')) as Record<string, unknown>;
  const original = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  expect(saved).toEqual({ ...original, question: 'Is it saved?' });

  await page.getByRole('link', { name: 'Compose' }).click();
  await page.getByRole('button', { name: 'Paste…' }).click();
  const dialog = page.getByRole('dialog');
  const text = dialog.getByLabel('JSON of a study');
  await text.fill('{ "id": }');
  await dialog.getByRole('button', { name: 'Open as a draft' }).click();
  await expect(dialog.getByRole('alert')).toContainText('line 1, column 9');
  // What is wrong inside a study can be mended in the form, a key that nothing knows included.
  await text.fill(JSON.stringify({ ...saved, colour: 'blue', title: '' }));
  await dialog.getByRole('button', { name: 'Open as a draft' }).click();
  await showErrors(page);
  await expect(errors(page).getByRole('listitem')).toHaveCount(2);
  await errors(page).getByRole('button', { name: 'Remove this key' }).click();
  await page.getByLabel('title', { exact: true }).first().fill('Pasted');
  await expect(runBar(page).getByText(/error/)).toHaveCount(0);
  await expect(page.getByRole('heading', { level: 1, name: 'Pasted' })).toBeVisible();
  await page.getByRole('link', { name: 'Compose' }).click();
  await expect(page.getByText('2 drafts')).toBeVisible();
});

test('a table of one’s own is chosen in the window and learned from', async ({ page, host, folder }) => {
  await host.start();
  // Answers come late, so that some are about data that are no longer shown.
  await page.routeWebSocket(/./, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => setTimeout(() => socket.send(message), 250));
  });
  await page.goto(`${host.url}#/compose`);
  await page.getByRole('button', { name: 'New study' }).click();
  const arm = page.getByRole('article');
  await arm.getByLabel('kind of data').selectOption('csv-classification');
  const broken = join(folder, 'broken.csv');
  writeFileSync(broken, 'width,height,sort\n1,"2,fern\n');
  await arm.getByLabel('CSV file').setInputFiles(broken);
  await expect(arm.getByRole('alert')).toContainText('a closing quote');
  const rows = Array.from(
    { length: 60 },
    (_, i) => `${i},${(i * 7) % 60},name ${i},${i % 3 === 0 ? 'fern' : 'moss'}`,
  );
  const path = join(folder, 'plants.csv');
  writeFileSync(path, `width,height,label,sort\n${rows.join('\n')}\n`);
  await arm.getByLabel('CSV file').setInputFiles(path);
  await expect(arm.getByText('plants.csv: 60 rows, 3 columns')).toBeVisible();
  await expect(arm.getByText(/Left out.*label/)).toBeVisible();
  await expect(arm.getByLabel('Column to predict')).toHaveValue('sort');
  await arm.getByLabel('label', { exact: true }).check();
  await expect(arm.getByText(/column "label" is not a number/).first()).toBeVisible();
  await arm.getByLabel('label', { exact: true }).uncheck();
  await arm.getByLabel('seeds', { exact: true }).fill('0');
  await arm.getByLabel('largest effort').fill('100');
  await arm.getByLabel('batch size').fill('full');
  await expect(arm.getByText('30 training and')).toBeVisible();
  await expect(arm.getByRole('cell', { name: /fern|moss/ }).first()).toBeVisible();
  await runBar(page).getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByText('1 run: 1 finished')).toBeVisible({ timeout: 60_000 });
});
