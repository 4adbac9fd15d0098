/** What was found is written down beside live figures, survives its host, and leaves the house as a page and in a bundle. */
import AxeBuilder from '@axe-core/playwright';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Locator, Page } from 'playwright/test';
import { latebloom } from './support/host.ts';
import { asStranger, chooseBundle, expect, openTab, presets, test } from './support/test.ts';

const SHOTS = process.env['LATEBLOOM_SHOTS'];

async function shot(page: Page, name: string): Promise<void> {
  if (SHOTS === undefined) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
}

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}

const notesOf = (page: Page): Locator => page.getByRole('textbox', { name: 'Markdown' });
const preview = (page: Page): Locator => page.getByRole('region', { name: 'What it looks like' });

test('notes with a figure: saved, undone, kept without a host, exported as a report and in a bundle', async ({
  page,
  browser,
  host,
  folder,
}) => {
  latebloom(
    host.home,
    'run',
    'miller-2023',
    '--arms',
    'linear-decoys',
    '--seeds',
    '3',
    '--max-effort',
    '1500',
  );
  await host.start();
  await page.goto(host.url);
  await page.getByRole('table').getByRole('link', { name: presets.miller }).click();
  await openTab(page, 'Findings');
  await expect(page.getByText('Nothing written yet')).toBeVisible();

  await notesOf(page).fill('# What we saw\n\nThe decoys **delay** it.\n');
  await expect(preview(page).getByRole('heading', { name: 'What we saw' })).toBeVisible();
  await page.getByRole('button', { name: 'Insert figure…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: /^Metric/ }).selectOption('accuracy');
  await dialog.getByRole('button', { name: 'Insert', exact: true }).click();
  const figure = preview(page).getByRole('img', { name: /^Accuracy/ });
  await expect(figure).toBeVisible();
  await expect(preview(page).getByText(/Showing [\d,]+ of [\d,]+ points/)).toBeVisible();
  await preview(page).getByText('Show as table').click();
  await expect(preview(page).getByRole('region', { name: 'Points of the chart' })).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: /^Saved/ })).toBeVisible();

  // Undo takes the figure out and puts it back.
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(figure).toHaveCount(0);
  await notesOf(page).press('Control+Shift+z');
  await expect(figure).toBeVisible();

  // A directive that names nothing says what there is.
  await notesOf(page).press('Control+End');
  await notesOf(page).pressSequentially('\n\n{{figure curves arms=cnn}}\n');
  await expect(preview(page).getByText(/"cnn" is no arm of this study/)).toBeVisible();
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(page.getByRole('status').filter({ hasText: /^Saved/ })).toBeVisible();

  await page.reload();
  await expect(notesOf(page)).toHaveValue(/\{\{figure curves quantity=accuracy\}\}/);
  await expect(figure).toBeVisible();
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await expectAccessible(page);
    await shot(page, `findings-${theme}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });

  // Without its host the notes are there, and what is typed is kept until it is back.
  await host.end('SIGKILL');
  await notesOf(page).press('Control+End');
  await notesOf(page).pressSequentially('Written without a host.');
  await expect(page.getByText(/Kept in this browser/)).toBeVisible();
  await page.waitForTimeout(500);
  await page.reload();
  await expect(notesOf(page)).toHaveValue(/Written without a host\.$/);
  await expect(figure).toBeVisible();
  await host.start();
  await page.goto(host.url);
  await page.getByRole('table').getByRole('link', { name: presets.miller }).click();
  await openTab(page, 'Findings');
  await expect(page.getByRole('status').filter({ hasText: /^Saved/ })).toBeVisible();
  await expect(notesOf(page)).toHaveValue(/Written without a host\.$/);

  // The report is read with neither script nor network.
  await page.getByRole('button', { name: 'Export report…' }).click();
  await dialog.getByRole('button', { name: 'Export report' }).click();
  await expect(dialog.getByLabel('Licence of the data')).toHaveAccessibleDescription(/Choose a licence/);
  await dialog.getByLabel('Licence of the data').fill('CC-BY-4.0');
  await dialog.getByLabel('Author').fill('Ada Lovelace');
  const saving = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Export report' }).click();
  const download = await saving;
  expect(download.suggestedFilename()).toMatch(/\.report\.html$/);
  const report = join(folder, 'report.html');
  await download.saveAs(report);
  await dialog.getByRole('button', { name: 'Close', exact: true }).click();

  const reader = await browser.newContext({ javaScriptEnabled: false, offline: true });
  try {
    const paper = await reader.newPage();
    const asked: string[] = [];
    paper.on('request', (request) => asked.push(request.url()));
    await paper.goto(pathToFileURL(report).href);
    await expect(paper.getByRole('heading', { level: 1, name: presets.miller })).toBeVisible();
    await expect(paper.getByText('Written without a host.')).toBeVisible();
    await expect(paper.getByRole('img', { name: /^Accuracy/ }).first()).toBeVisible();
    await expect(paper.getByRole('heading', { name: 'Claims' })).toBeVisible();
    await expect(paper.getByText(/not decidable with these runs|✓ holds|✕ fails/).first()).toBeVisible();
    await expect(paper.getByText(/^By Ada Lovelace\./)).toBeVisible();
    await paper.getByText('The points drawn as a table').first().click();
    await expect(paper.getByRole('columnheader', { name: 'x', exact: true }).first()).toBeVisible();
    expect(asked.filter((url) => !url.startsWith('file:'))).toEqual([]);
    await shot(paper, 'report');
  } finally {
    await reader.close();
  }
  const audit = await browser.newContext();
  try {
    const audited = await audit.newPage();
    await audited.setContent(
      readFileSync(report, 'utf8').replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ''),
    );
    await expectAccessible(audited);
  } finally {
    await audit.close();
  }

  // The bundle brings notes and figures into a clean profile.
  await page.getByRole('button', { name: 'Export…', exact: true }).click();
  await dialog.getByLabel('Licence of the data').fill('CC-BY-4.0');
  await dialog.getByLabel('Author').fill('Ada Lovelace');
  const bundling = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Export', exact: true }).click();
  const bundle = join(folder, 'x.study.zip');
  await (await bundling).saveAs(bundle);
  expect(JSON.parse(latebloom(folder, 'verify', bundle, '--json'))).toMatchObject({ ok: true });
  const fromBundle = join(folder, 'from-bundle.html');
  latebloom(folder, 'report', bundle, '--out', fromBundle);
  const figures = (html: string): string[] => html.match(/<svg .*?<\/svg>/gs) ?? [];
  expect(figures(readFileSync(fromBundle, 'utf8'))).toEqual(figures(readFileSync(report, 'utf8')));

  await asStranger(browser, async (clean) => {
    await chooseBundle(clean, bundle);
    const importing = clean.getByRole('dialog');
    await expect(importing.getByText('A new study with 3 runs.')).toBeVisible();
    await expect(importing.getByText('will be added')).toBeVisible();
    await expectAccessible(clean);
    await shot(clean, 'import');
    await importing.getByRole('button', { name: 'Import', exact: true }).click();
    await expect(importing.getByText('3 runs added.')).toBeVisible();
    await importing.getByRole('link', { name: 'Open the study' }).click();
    await openTab(clean, 'Findings');
    await expect(notesOf(clean)).toHaveValue(/# What we saw/);
    await expect(preview(clean).getByRole('img', { name: /^Accuracy/ })).toBeVisible();
  });
});
