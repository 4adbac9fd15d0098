/** Claims with the evidence a click away, on a study's page and on its preset's. */
import { readFileSync } from 'node:fs';
import { latebloom } from './support/host.ts';
import { expect, openTab, presets, test } from './support/test.ts';

test('a verdict leads to the runs it was decided from, from the study and from the preset', async ({
  page,
  host,
}) => {
  latebloom(
    host.home,
    'run',
    'miller-2023',
    '--arms',
    'linear-decoys',
    '--seeds',
    '2',
    '--max-effort',
    '300',
  );
  await host.start();
  await page.goto(host.url);
  await page.getByRole('table').getByRole('link', { name: presets.miller }).click();
  await openTab(page, 'Claims');
  const claim = page.getByRole('listitem').filter({ hasText: 'linear-decoys' }).first();
  await expect(claim.getByText('not decidable with these runs')).toBeVisible();
  await claim.getByText('Evidence', { exact: true }).click();
  const rows = claim.getByRole('table').first().getByRole('row');
  await expect(rows).toHaveCount(3);
  await expect(rows.nth(1)).toContainText('linear-decoys seed 0');
  await expect(claim.getByText(/ that the study asks for/).first()).toBeVisible();
  await rows.nth(2).getByRole('link', { name: 'Replay linear-decoys seed 1' }).click();
  await expect(page).toHaveURL(/\/replay\/.*linear-decoys\.s1$/);

  // The study has the same title as its preset: the address tells them apart.
  await page.goto(`${new URL(page.url()).href.split('#')[0]}#/preset/miller-2023`);
  await expect(page.getByText('Verdicts from the newest run of this preset here')).toBeVisible();
  await expect(page.getByText(/with other settings than the preset has now/)).toBeVisible();
  const own = page.getByRole('listitem').filter({ hasText: 'linear-decoys' }).first();
  await own.getByText('Evidence', { exact: true }).click();
  await own.getByRole('link', { name: 'Compare these runs' }).click();
  await expect(page).toHaveURL(/linear-decoys\.s1/);
  await expect(page.locator('.js-plotly-plot').first()).toBeVisible();
});

test('a preset that was not run here shows what it came to when we ran it', async ({ page, host }) => {
  await host.start();
  await page.goto(host.url);
  const card = page.getByRole('article').filter({ hasText: 'Grokking in linear estimators' });
  await expect(card.getByText(/^Of its claims, when we ran it: \d+ hold$/)).toBeVisible();
  await card.getByRole('link', { name: /^Grokking in linear estimators/ }).click();
  await expect(page.getByText(/^From our own 20 runs, 5 seeds per arm/)).toBeVisible();
  const claims = page.getByRole('listitem').filter({ hasText: 'Even a linear estimator groks' });
  await expect(claims.getByText('holds', { exact: false }).first()).toBeVisible();
  await expect(claims).toContainText('The smallest delay of lambda-09');
  const figure = page.getByRole('img', { name: /one line per seed/ });
  await expect(figure).toBeHidden();
  await page.getByText('Curves of these runs').click();
  await expect(figure).toBeVisible();
  expect(await figure.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBeGreaterThan(500);

  // The scale that was not run says so.
  await page.goto(`${host.url}#/preset/power-2022`);
  const part = JSON.parse(readFileSync('studies/fidelity/power-2022-cpu.json', 'utf8')) as {
    runs: { total: number };
  };
  await expect(page.getByText(new RegExp(`^From our own ${part.runs.total} runs`))).toBeVisible();
  await page.getByRole('radio', { name: /paper/i }).check();
  await expect(page.getByText('Not run here yet: the verdicts come with the first run.')).toBeVisible();
});
