/** Stored runs as films: by keys, two on one scrubber, and saved as frames and films that hold what was drawn. */
import AxeBuilder from '@axe-core/playwright';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright/test';
import { writeFilmStudy } from './support/film-study.ts';
import { latebloom } from './support/host.ts';
import { expect, openTab, test } from './support/test.ts';

async function openReplay(page: Page, title: string): Promise<void> {
  await page.getByRole('link', { name: title }).first().click();
  await openTab(page, 'Replay');
  await expect(page.getByRole('slider', { name: /Replay position/ })).toBeVisible();
  await expect(page.locator('.js-plotly-plot .scatterlayer').first()).toBeVisible();
}

/** A digest of a panel's drawn picture; null before it is drawn. */
function picture(page: Page, panel: RegExp): Promise<number | null> {
  return page
    .getByRole('region', { name: panel })
    .locator('canvas')
    .evaluate((canvas: HTMLCanvasElement) => {
      const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
      let digest = 0;
      data?.forEach((value, i) => (digest = (31 * digest + value * (i % 7)) % 1_000_000_007));
      return digest === 0 ? null : digest;
    });
}

async function save(page: Page, what: string): Promise<{ name: string; bytes: Buffer }> {
  await page.getByRole('radio', { name: what }).check();
  const saving = page.waitForEvent('download', { timeout: 120_000 });
  await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
  const file = await saving;
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

test('a transformer’s film is played by keys, and its frame and film are files', async ({
  page,
  host,
  folder,
}) => {
  latebloom(host.home, 'run', writeFilmStudy(folder, 'inside', ['transformer']), '--out', folder);
  await host.start();
  await page.goto(host.url);
  await openReplay(page, 'Films: inside');
  for (const panel of [/^Fourier spectrum of the embedding/, /^Embeddings along/, /^Attention of layer 1/]) {
    await page.getByRole('region', { name: panel }).first().scrollIntoViewIfNeeded();
    await expect(page.getByRole('region', { name: panel }).first().locator('canvas')).toBeVisible();
  }
  for (const panel of [/^Weights W_E/, /^Logits/, /^Feature rank/i, /^Effective dimension/i])
    await expect(page.getByRole('region', { name: panel }).first()).toBeAttached();

  // Keys work where nothing else on the page wants them.
  const logits = page.getByRole('region', { name: /^Logits/ });
  await logits.scrollIntoViewIfNeeded();
  // The window fetches a run in parts.
  await expect(logits.getByText(/^Snapshot at optimizer step 300,/)).toBeVisible();
  await expect.poll(() => picture(page, /^Logits/)).not.toBeNull();
  const last = await picture(page, /^Logits/);
  await page.locator('body').press('Home');
  await expect(page.getByText(/, row\s+1 of/)).toBeVisible();
  await expect.poll(() => picture(page, /^Logits/)).not.toBe(last);
  await expect(logits.getByText(/^Snapshot at optimizer step 0,/)).toBeVisible();
  const start = await picture(page, /^Logits/);
  await page.locator('body').press('ArrowRight');
  await expect(page.getByText(/, row\s+2 of/)).toBeVisible();
  await page.locator('body').press('Space');
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await page.locator('body').press('End');
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
  await expect(logits.getByText(/^Snapshot at optimizer step 300,/)).toBeVisible();
  await expect.poll(() => picture(page, /^Logits/)).not.toBe(start);

  await page.getByText(/events of measures$/).click();
  await page
    .getByRole('button', { name: /: half-way: / })
    .first()
    .click();
  await expect(page.getByText(/, row\s+[\d,]+ of/)).toBeVisible();

  // Other components of the embeddings are another picture.
  const embeddings = page.getByRole('region', { name: /^Embeddings along/ });
  await embeddings.scrollIntoViewIfNeeded();
  await expect.poll(() => picture(page, /^Embeddings along/)).not.toBeNull();
  const first = await picture(page, /^Embeddings along/);
  await embeddings.getByLabel('Along y').selectOption('third component');
  await expect.poll(() => picture(page, /^Embeddings along/)).not.toBe(first);

  // What the frame says is what the run recorded at that row.
  const slider = page.getByRole('slider', { name: /Replay position/ });
  await slider.focus();
  await slider.press('Home');
  for (let i = 0; i < 5; i++) await slider.press('ArrowRight');
  await page.getByRole('button', { name: 'Save frame or film…' }).click();
  const panels = page.getByRole('region', { name: 'Panels to save' });
  await page.getByRole('dialog').getByRole('button', { name: 'All' }).click();
  const [study] = readdirSync(folder).filter((name) => name.startsWith('inside-')) as [string];
  const metrics = readFileSync(join(folder, study, 'runs', `${study}.transformer.s0`, 'metrics.csv'), 'utf8');
  const [names = '', ...records] = metrics.trim().split('\n');
  const value = (column: string): number =>
    Number((records[5] as string).split(',')[names.split(',').indexOf(column)]);
  const svg = await save(page, 'This frame as SVG');
  expect(svg.name).toMatch(/-frame\.svg$/);
  const image = svg.bytes.toString('utf8');
  const isWellFormed = await page.evaluate(
    (text) => new DOMParser().parseFromString(text, 'image/svg+xml').querySelector('parsererror') === null,
    image,
  );
  expect(isWellFormed).toBe(true);
  const printed = /test loss[^<]* ([\d.]+)<\/text>/.exec(image)?.[1];
  expect(Number(printed)).toBeCloseTo(value('testLoss'), 4);
  expect(image).toContain(`optimizer step ${value('effort')} of 300`);
  const count = await panels.getByRole('checkbox').count();
  expect(image.match(/<g aria-label=/g)?.length).toBeGreaterThanOrEqual(count);
  // 11 residues and "=": a cell for each of the logits' 11 columns and its test examples, at the least.
  expect(image.match(/<rect /g)?.length).toBeGreaterThan(11 * 30);
  const png = await save(page, 'This frame as PNG');
  expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
  expect(png.bytes.readUInt32BE(16)).toBeGreaterThan(1000);

  // Few panels and few seconds: what is tried is the file.
  await page.getByRole('dialog').getByRole('button', { name: 'None' }).click();
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true })).toBeDisabled();
  await panels.getByRole('checkbox', { name: 'Accuracy', exact: true }).check();
  await panels.getByRole('checkbox', { name: 'Logits', exact: true }).check();
  await page.getByRole('radio', { name: 'The film as GIF' }).check();
  await page.getByLabel('Seconds').fill('long');
  await expect(page.getByText('Got “long”; expected a number above 0, up to 120.')).toBeVisible();
  await page.getByLabel('Seconds').fill('1');
  await page.getByLabel('Frames a second').selectOption('8');
  await expect(page.getByText(/^8 frames from the first to the last row/)).toBeVisible();
  const gif = await save(page, 'The film as GIF');
  expect(gif.name).toMatch(/-film\.gif$/);
  expect(gif.bytes.subarray(0, 6).toString()).toBe('GIF89a');
  expect(framesOfGif(gif.bytes)).toBe(8);
  const webm = await save(page, 'The film as WebM');
  expect(webm.name).toMatch(/-film\.webm$/);
  expect(webm.bytes.subarray(0, 4)).toEqual(Buffer.from([0x1a, 0x45, 0xdf, 0xa3]));
  expect(webm.bytes.includes('webm')).toBe(true);
  expect(blocksOfWebm(webm.bytes)).toBeGreaterThan(1);

  // A long film can be given up.
  await page.getByLabel('Seconds').fill('100');
  await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('progressbar', { name: 'Frames encoded' })).toBeVisible();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Close' })).toBeVisible();
  await expect(page.getByText(/handed to your downloads/)).toHaveCount(0);
});

test('two runs of two studies stand side by side on one scrubber', async ({ page, host, folder }) => {
  latebloom(host.home, 'run', writeFilmStudy(folder, 'rings', ['rings', 'process', 'forest']));
  latebloom(host.home, 'run', writeFilmStudy(folder, 'others', ['step', 'line', 'experts']));
  await host.start();
  await page.goto(host.url);
  await openReplay(page, 'Films: rings');
  await expect(page.getByRole('region', { name: /^Decision regions/ }).locator('canvas')).toBeVisible();

  await page.getByLabel('Beside it, from the study').selectOption({ label: 'Films: rings (this one)' });
  await expect(page).toHaveURL(/beside=/);
  await expect(page.getByRole('region', { name: /^Decision regions/ })).toHaveCount(2);
  const columns = page.getByRole('heading', { level: 2, name: /seed 0/ });
  await expect(columns).toHaveCount(2);
  await expect(page.getByText(/^optimizer step 300 of 300/)).toBeVisible();
  await expect(page.getByText(/^hyperparameter update 100 of 100/)).toBeVisible();
  await page.locator('body').press('Home');
  await expect(page.getByText(/, row\s+1 of/)).toHaveCount(2);
  await page.locator('body').press('End');
  // Each in its own unit, at its own end.
  await expect(page.getByText(/^optimizer step 300 of 300/)).toBeVisible();
  await expect(page.getByText(/^hyperparameter update 100 of 100/)).toBeVisible();

  const align = page.getByLabel('Scrubber');
  const buttons = page.getByRole('button', { name: /^Fit step: / });
  await expect(buttons).toHaveCount(2);
  await align.selectOption('effort ÷ fit step');
  await buttons.first().click();
  const steps = await buttons.allInnerTexts();
  for (const [i, unit] of ['optimizer step', 'hyperparameter update'].entries()) {
    const fit = (steps[i] as string).replace('Fit step: ', '');
    await expect(page.getByText(new RegExp(`^${unit} ${fit} of`))).toBeVisible();
  }
  await page.reload();
  await expect(align).toHaveValue('fit');
  await expect(page.getByRole('region', { name: /^Decision regions/ })).toHaveCount(2);

  await page
    .getByRole('combobox', { name: 'Second run', exact: true })
    .selectOption({ label: 'Forest on two rings, seed 0 (finished)' });
  await expect(page.getByText(/^leaf node \d+ of/)).toBeVisible();
  // After "no second run": the newest study first.
  await page.getByLabel('Beside it, from the study').selectOption({ index: 1 });
  await expect(page.getByRole('region', { name: /^Decision regions/ })).toHaveCount(1);
  await expect(page.getByText(/has no panel “Decision regions”/)).toBeVisible();
  await page.getByRole('button', { name: 'Save frame or film…' }).click();
  const svg = await save(page, 'This frame as SVG');
  expect(svg.bytes.toString('utf8')).toContain(' beside ');

  const faults: string[] = [];
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    for (const { id, nodes } of (await new AxeBuilder({ page }).analyze()).violations)
      faults.push(...nodes.map(({ target }) => `dialog, ${theme}: ${id} at ${target.join(' ')}`));
  }
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    for (const { id, nodes } of (await new AxeBuilder({ page }).analyze()).violations)
      faults.push(...nodes.map(({ target }) => `two runs, ${theme}: ${id} at ${target.join(' ')}`));
  }
  expect(faults).toEqual([]);
});

/** Image descriptors, walked block by block (GIF89a specification, §20). */
function framesOfGif(bytes: Buffer): number {
  const table = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));
  const skipBlocks = (from: number): number => {
    let at = from;
    while (bytes[at] !== 0) at += (bytes[at] as number) + 1;
    return at + 1;
  };
  let at = 13 + table(bytes[10] as number);
  let frames = 0;
  while (bytes[at] !== 0x3b) {
    if (bytes[at] === 0x21) at = skipBlocks(at + 2);
    else if (bytes[at] === 0x2c) {
      frames += 1;
      at = skipBlocks(at + 10 + table(bytes[at + 9] as number) + 1);
    } else throw new Error(`Byte ${at} of the GIF begins no block.`);
  }
  return frames;
}

/** Blocks of the first track, simple ones (EBML id 0xA3) and those of groups (0xA1): a size, then track number 0x81. */
function blocksOfWebm(bytes: Buffer): number {
  let blocks = 0;
  for (let at = 0; at + 9 < bytes.length; at++) {
    if (bytes[at] !== 0xa3 && bytes[at] !== 0xa1) continue;
    const lead = bytes[at + 1] as number;
    const size = Math.clz32(lead) - 23;
    if (size >= 1 && size <= 8 && bytes[at + 1 + size] === 0x81) blocks += 1;
  }
  return blocks;
}
