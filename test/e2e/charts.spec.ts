/** A study that the terminal ran, in the browser: its charts as SVG, PNG, CSV and table hold the run's own numbers. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { latebloom, writeSmallStudy } from './support/host.ts';
import { expect, openTab, test } from './support/test.ts';

test('charts of a study from the terminal are saved with the points drawn', async ({
  page,
  host,
  folder,
}) => {
  latebloom(host.home, 'run', writeSmallStudy(folder), '--out', folder);
  await host.start();
  await page.goto(host.url);
  await page.getByRole('link', { name: 'A small study' }).click();
  await expect(page.getByText('2 runs: 2 finished')).toBeVisible();
  await openTab(page, 'Replay');
  const chart = page.getByRole('figure').filter({ has: page.getByRole('heading', { name: 'Accuracy' }) });
  await expect(chart.locator('.js-plotly-plot .scatterlayer path.js-line')).toHaveCount(2);
  const save = async (name: string): Promise<{ file: string; bytes: Buffer }> => {
    const saving = page.waitForEvent('download');
    await chart.getByRole('button', { name, exact: true }).click();
    const download = await saving;
    return { file: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
  };

  const svg = await save('SVG');
  expect(svg.file).toMatch(/^accuracy.*\.svg$/);
  const image = svg.bytes.toString('utf8');
  expect(image).toMatch(/^<svg/);
  // Train and test, each once as drawn and once in the legend.
  expect(image.match(/class="js-line"/g)).toHaveLength(4);
  const png = await save('PNG');
  expect(png.file).toMatch(/^accuracy.*\.png$/);
  expect(png.bytes.subarray(0, 8)).toEqual(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]));
  // Twice the size on paper, so that print is sharp.
  expect(png.bytes.readUInt32BE(16)).toBe(1800);

  const csv = await save('CSV');
  expect(csv.file).toMatch(/^accuracy.*\.csv$/);
  const [header, ...rows] = csv.bytes.toString('utf8').trim().split('\r\n');
  expect(header).toBe('arm,seed,column,statistic,xUnit,x,y,low,high,n');
  // Fields are counted from the right: an arm's title may hold a comma.
  const drawn = rows.map((row) => row.split(',')).filter((fields) => fields.at(-8) === 'testAccuracy');
  const [study] = readdirSync(folder).filter((name) => name.startsWith('small-')) as [string];
  const metrics = readFileSync(join(folder, study, 'runs', `${study}.linear.s0`, 'metrics.csv'), 'utf8');
  const [names, ...records] = metrics
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const column = (names as string[]).indexOf('testAccuracy');
  expect(drawn.map((fields) => [fields.at(-5), fields.at(-4)])).toEqual(
    records.map((fields) => [fields[0], fields[column]]),
  );

  await chart.getByRole('button', { name: 'Show as table' }).click();
  await expect(
    chart.getByText(`Rows 1 to 100 of ${rows.length.toLocaleString('en-US')}. CSV has all of them.`),
  ).toBeVisible();
  await expect(chart.getByRole('table').getByRole('row')).toHaveCount(101);
  await chart.getByRole('button', { name: 'Next rows' }).click();
  await expect(chart.getByText(/Rows 101 to 200 of/)).toBeVisible();
});
