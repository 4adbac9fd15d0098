/** Playwright's `test` with a host on a data folder of its own, and a page on which nothing may go wrong unseen. */
import {
  test as base,
  expect,
  type Browser,
  type BrowserContext,
  type Locator,
  type Page,
} from 'playwright/test';
import { TOUR_KEY } from '../../../renderer/tour/seen.ts';
import { Host, newFolder, removeFolder } from './host.ts';

interface Fixtures {
  /** Started by the test itself: some put studies into its data folder first. */
  host: Host;
  /** An empty folder. */
  folder: string;
}

export { expect };

export const test = base.extend<Fixtures>({
  // Playwright reads from the first parameter which fixtures this one needs.
  host: async ({}, use) => {
    const host = new Host();
    await use(host);
    await host.dispose();
  },
  folder: async ({}, use) => {
    const folder = newFolder();
    await use(folder);
    removeFolder(folder);
  },
  page: async ({ page }, use) => {
    await skipTour(page);
    const faults = watchFaults(page);
    await use(page);
    expect(faults).toEqual([]);
  },
});

/** As the program itself remembers that the tour has been seen. */
export async function skipTour(where: Page | BrowserContext): Promise<void> {
  await where.addInitScript((key) => localStorage.setItem(key, 'seen'), TOUR_KEY);
}

/** Errors that the page did not handle, and what its content security policy refused. */
export function watchFaults(page: Page): string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) faults.push(message.text());
  });
  return faults;
}

/** Presets as their links say it. */
export const presets = {
  miller: 'Grokking beyond neural networks (Miller et al. 2023)',
  nanda: 'Progress measures for grokking (Nanda et al. 2023)',
} as const;

export async function openPreset(page: Page, host: Host, title: string): Promise<void> {
  await page.goto(host.url);
  // The table of studies has links of the same name, and may be there first.
  await page.getByRole('article').getByRole('link', { name: title }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
}

export async function openTab(
  page: Page,
  tab: 'Live' | 'Compare' | 'Replay' | 'Claims' | 'Findings',
): Promise<void> {
  await page.getByRole('navigation', { name: 'Study' }).getByRole('link', { name: tab }).click();
}

/** The buttons over a whole study; each run has buttons of the same words. */
export function studyButton(page: Page, name: string): Locator {
  return page.getByRole('main').locator('header').getByRole('button', { name, exact: true });
}

/** Efforts done, summed over the study's list of runs: "1,250 / 9,600 optimizer steps". */
export async function effortDone(page: Page): Promise<number> {
  const text = await page.getByRole('region', { name: 'Runs of this study' }).innerText();
  return [...text.matchAll(/([\d,]+) \/ [\d,]+ /g)].reduce(
    (sum, [, done]) => sum + Number((done as string).replaceAll(',', '')),
    0,
  );
}

/** Leaves only the arm of this title in the draft. */
export async function keepOnly(page: Page, title: RegExp): Promise<void> {
  const others = page.getByRole('article').filter({ hasNot: page.getByRole('heading', { name: title }) });
  while ((await others.count()) > 0) {
    await others.first().getByRole('button', { name: 'Remove', exact: true }).first().click();
  }
}

/** A copy of Miller et al.'s preset with its neural network alone; returns the card of that arm. */
export async function copyOfNetwork(
  page: Page,
  host: Host,
  { seeds, budget }: { seeds: string; budget: number },
): Promise<Locator> {
  await openPreset(page, host, presets.miller);
  await page.getByRole('button', { name: 'Edit a copy' }).click();
  await keepOnly(page, /^Neural network/);
  const arm = page.getByRole('article');
  await arm.getByLabel('seeds', { exact: true }).fill(seeds);
  await arm.getByLabel('largest effort').fill(String(budget));
  return arm;
}

/** The window of somebody else: a clean profile with a host and a data folder of its own, where nothing may go wrong unseen. */
export async function asStranger(browser: Browser, use: (page: Page) => Promise<void>): Promise<void> {
  const host = new Host();
  const profile = await browser.newContext();
  await skipTour(profile);
  try {
    await host.start();
    const page = await profile.newPage();
    const faults = watchFaults(page);
    await page.goto(host.url);
    await use(page);
    expect(faults).toEqual([]);
  } finally {
    await profile.close();
    await host.dispose();
  }
}

/** Gives the window a bundle, whose import it then offers. @param file a path, or bytes with a name */
export async function chooseBundle(
  page: Page,
  file: string | { name: string; mimeType: string; buffer: Buffer },
): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Import a study…' }).click();
  await (await chooser).setFiles(file);
}
