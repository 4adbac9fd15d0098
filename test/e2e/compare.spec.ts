/** Comparing real runs: of two studies, over a sweep, beside a baseline; saved, bookmarked, and accessible in both themes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from 'playwright/test';
import { lightness } from '../../shared/charts/palette.ts';
import { latebloom, writeSmallStudy } from './support/host.ts';
import { expect, openTab, test } from './support/test.ts';

/** The small study, swept over two settings, under another name. Returns its file's path. */
function writeSweptStudy(folder: string): string {
  const path = join(folder, 'swept.json');
  const study = JSON.parse(readFileSync(writeSmallStudy(folder), 'utf8')) as {
    arms: Record<string, unknown>[];
  };
  const [arm] = study.arms;
  const swept = {
    ...study,
    id: 'swept',
    title: 'A swept study',
    arms: [
      {
        ...arm,
        title: 'Decoys, swept',
        sweep: [
          { path: 'trainer.learningRate', values: [0.0005, 0.001, 0.002] },
          { path: 'model.weightVariance', values: [0.5, 50] },
        ],
      },
    ],
  };
  writeFileSync(path, JSON.stringify(swept));
  return path;
}

async function accessibilityFaults(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    for (const { id, nodes } of (await new AxeBuilder({ page }).analyze()).violations) {
      found.push(
        ...nodes.map(({ target, failureSummary }) => `${theme} ${id} ${target.join(' ')} ${failureSummary}`),
      );
    }
  }
  return found;
}

/** What the legend says of each line, and its colour. */
function legendOf(figure: Locator): Promise<{ words: string; stroke: string }[]> {
  return figure.getByRole('listitem').evaluateAll((items) =>
    items.flatMap((item) => {
      const stroke = item.querySelector('line')?.getAttribute('stroke') ?? null;
      return stroke === null ? [] : [{ words: item.textContent.trim(), stroke }];
    }),
  );
}

async function saveCsv(page: Page, button: Locator): Promise<string[][]> {
  const saving = page.waitForEvent('download');
  await button.click();
  const text = readFileSync(await (await saving).path(), 'utf8');
  return text
    .trim()
    .split('\r\n')
    .map((line) => line.split(','));
}

test('runs of two studies are compared, saved and found again', async ({ page, host, folder }) => {
  latebloom(host.home, 'run', writeSmallStudy(folder));
  latebloom(host.home, 'run', writeSweptStudy(folder));
  await host.start();
  await page.goto(host.url);
  await page.getByRole('link', { name: 'Comparisons' }).click();
  await expect(page.getByRole('heading', { name: 'Choose what to compare' })).toBeVisible();
  expect(await accessibilityFaults(page)).toEqual([]);

  // By keyboard: a whole study, then one arm of another, then one of its seeds taken out again.
  const picker = page.getByRole('complementary', { name: 'What is compared' });
  await picker.getByRole('checkbox', { name: 'Compare A small study' }).press('Space');
  await expect(page.getByRole('status').filter({ hasText: /^2 runs compared$/ })).toBeVisible();
  await picker.getByRole('button', { name: 'List the arms of A swept study' }).press('Enter');
  await picker.getByRole('checkbox', { name: 'Compare Decoys, swept' }).press('Space');
  await expect(page.getByRole('status').filter({ hasText: /^14 runs compared$/ })).toBeVisible();
  await expect(page).toHaveURL(/#\/comparisons\?study=.*&study=/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/A small study|A swept study/);

  // Arms of two studies are two groups of rows, never pooled.
  const table = page.getByRole('region', { name: 'Delay table' });
  await expect(table.getByRole('rowheader')).toHaveCount(7);
  await expect(table.getByRole('rowheader', { name: /^small: Linear/ })).toBeVisible();
  await expect(table.getByRole('rowheader', { name: /^swept, / })).toHaveCount(6);

  // One chart per quantity, in panels, on another axis: all in the address.
  await page.getByRole('button', { name: 'loss', exact: true }).click();
  await page.getByLabel('Panels').selectOption('one chart');
  await page.getByLabel('Over seeds').selectOption('mean ± standard deviation (n − 1)');
  await page.getByLabel('Common axis').selectOption('training examples seen');
  await expect(page).toHaveURL(
    /quantity=accuracy&quantity=loss&x=examples&panels=together&band=mean-deviation/,
  );
  const accuracy = page
    .getByRole('figure')
    .filter({ has: page.getByRole('heading', { name: /^Accuracy over/ }) });
  await expect(accuracy.getByText(/mean ± standard deviation \(n − 1\), n = 2/).first()).toBeVisible();
  await expect(accuracy.locator('.plot')).toHaveAttribute('aria-label', /against training examples seen\./);
  await expect(
    page.getByRole('figure').filter({ has: page.getByRole('heading', { name: /^Loss over/ }) }),
  ).toBeVisible();

  // Values of a sweep stand in the legend by size, and are told apart in both themes: dark is far from white, light from black.
  for (const [theme, direction] of [
    ['light', -1],
    ['dark', 1],
  ] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await expect
      .poll(async () => {
        const swept = (await legendOf(accuracy)).filter(({ words }) => words.startsWith('learningRate'));
        const lightnesses = swept.slice(0, 3).map(({ stroke }) => lightness(stroke) * direction);
        const steps = lightnesses.slice(1).map((value, i) => value - (lightnesses[i] as number));
        return [swept.slice(0, 3).map(({ words }) => words), steps.every((step) => step > 15)];
      })
      .toEqual([['learningRate = 0.0005', 'learningRate = 0.001', 'learningRate = 0.002'], true]);
  }
  await expect(accuracy.getByText('Contrast rises with learningRate: 0.0005, 0.001, 0.002.')).toBeVisible();
  await page.emulateMedia({ colorScheme: null });

  // The points drawn are those recorded: x in examples is twice the efforts, two examples a step.
  const points = await saveCsv(page, accuracy.getByRole('button', { name: 'CSV', exact: true }));
  const runs = points.filter((row) => row.at(-7) === 'run' && row.at(-8) === 'testAccuracy');
  expect(new Set(runs.map((row) => row.at(-6)))).toEqual(new Set(['training examples seen']));
  expect(runs.slice(0, 3).map((row) => Number(row.at(-5)))).toEqual([0, 2, 4]);

  // A run that leaves or joins the comparison has the chart drawn once: a second drawing would come after 200 ms.
  const drawings = await accuracy.locator('.js-plotly-plot').evaluateHandle((plot) => {
    const seen = { count: 0 };
    (plot as unknown as { on: (event: string, heard: () => void) => void }).on('plotly_afterplot', () => {
      seen.count += 1;
    });
    return seen;
  });
  const redrawn = async (box: string | RegExp, runs: number, drawn: number): Promise<void> => {
    await picker.getByRole('checkbox', { name: box }).first().press('Space');
    await expect(page.getByRole('status').filter({ hasText: `${runs} runs compared` })).toBeVisible();
    await page.waitForTimeout(600);
    expect(await drawings.jsonValue()).toEqual({ count: drawn });
  };
  await picker.getByRole('button', { name: 'List the runs of Decoys, swept' }).press('Enter');
  await redrawn(/seed \d$/, 13, 1);
  await redrawn(/seed \d$/, 14, 2);
  // So it has for a study, whose title is a part of the chart's.
  await redrawn('Compare A small study', 12, 3);
  await redrawn('Compare A small study', 14, 4);

  // A baseline: every other row has its effect over the seeds that both have.
  await table
    .getByRole('row')
    .filter({ has: page.getByRole('rowheader', { name: /weightVariance = 0\.5, learningRate = 0\.001 / }) })
    .getByRole('button', { name: /^Pin/ })
    .click();
  await expect(table.getByText(/^× [\d.]+/).first()).toBeVisible();
  await expect(table.getByText(/of 2 pairs/).first()).toBeVisible();
  await page.getByRole('button', { name: 'Delay ratio' }).click();
  await expect(table.getByRole('columnheader', { name: 'Delay ratio' })).toHaveAttribute(
    'aria-sort',
    'ascending',
  );
  const arms = await saveCsv(page, page.getByRole('button', { name: 'CSV of this table' }));
  const header = arms[0] as string[];
  const effects = arms.slice(1).map((row) => row.at(header.indexOf('effectPairs') - header.length));
  // The baseline itself has none; all others have two seeds in common with it.
  expect(effects.toSorted()).toEqual(['', '2', '2', '2', '2', '2', '2']);

  // The phase diagram has a cell per sweep point, and its numbers in a table.
  const map = page.getByRole('region', { name: 'Phase diagram' });
  await map.getByLabel('Colour').selectOption('phase (Liu et al. 2022)');
  await map.getByLabel('Grokking from a delay of').fill('100');
  await map.getByRole('button', { name: 'Show as table' }).click();
  await expect(map.getByRole('table').getByRole('row')).toHaveCount(7);
  await expect(map.locator('.plot')).toHaveAttribute(
    'aria-label',
    /phases over learningRate and weightVariance, 6 cells/,
  );
  expect(await accessibilityFaults(page)).toEqual([]);

  // Saved under a name, and found again after a reload with the host stopped.
  await page.getByLabel('Name of this comparison').fill('Decoys, two studies');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Saved', exact: true })).toBeVisible();
  const address = page.url();
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await host.end('SIGTERM');
  await page.getByRole('button', { name: 'Clear' }).click();
  await expect(page.getByRole('heading', { name: 'Choose what to compare' })).toBeVisible();
  await page.reload();
  await page.getByRole('link', { name: 'Decoys, two studies', exact: true }).click();
  expect(page.url()).toBe(address);
  await expect(table.getByRole('rowheader')).toHaveCount(7);
  await expect(accuracy.getByText(/mean ± standard deviation \(n − 1\), n = 2/).first()).toBeVisible();
  await page.getByRole('button', { name: 'Delete the saved comparison Decoys, two studies' }).click();
  await page.getByRole('button', { name: 'Bring it back' }).click();
  await expect(page.getByRole('link', { name: 'Decoys, two studies', exact: true })).toBeVisible();
});

test('a study is compared with others, and fits the window at 200 % zoom', async ({ page, host, folder }) => {
  latebloom(host.home, 'run', writeSmallStudy(folder));
  await host.start();
  // A window of 1280 × 800 at 200 %.
  await page.setViewportSize({ width: 640, height: 400 });
  await page.goto(host.url);
  await page.getByRole('link', { name: 'A small study' }).click();
  await openTab(page, 'Compare');
  await page.getByLabel('Common axis').selectOption('effort ÷ fit step');
  await expect(page).toHaveURL(/\/compare\?x=relative-to-fit$/);
  await expect(
    page.getByRole('img', { name: /^Train and test accuracy against effort ÷ fit step/ }),
  ).toBeVisible();
  await page.getByRole('link', { name: 'Compare with other studies' }).click();
  await expect(page).toHaveURL(/#\/comparisons\?study=small.*&x=relative-to-fit$/);
  await expect(page.getByRole('region', { name: 'Delay table' })).toBeVisible();
  const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(widths[0]).toBeLessThanOrEqual(widths[1] as number);
  await page.goto(page.url().replace(/study=[^&]*/, 'study=gone'));
  await expect(page.getByText('Not in this data folder, and left out: study gone.')).toBeVisible();
});
