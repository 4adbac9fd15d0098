/** The first minutes of someone who has never seen the program: the tour, walked to a run that generalizes. */
import { faultsOf } from './support/axe.ts';
import { expect, test, watchFaults } from './support/test.ts';

test('the tour is shown once, points at what is there, and ends in a run that generalizes', async ({
  browser,
  host,
}) => {
  test.setTimeout(400_000);
  await host.start();
  // 1280 × 800 at 200 % zoom is half of it in CSS pixels.
  for (const viewport of [
    { width: 1280, height: 800 },
    { width: 640, height: 400 },
  ]) {
    const profile = await browser.newContext({ viewport, reducedMotion: 'reduce' });
    const page = await profile.newPage();
    const faults = watchFaults(page);
    await page.goto(host.url);
    const tour = page.getByRole('dialog');
    await expect(tour).toContainText('1 of 4');
    await expect(tour).toBeFocused();
    for (const [step, name] of [
      'Papers, ready to run',
      'Where your work is',
      'Everything by name',
    ].entries()) {
      await expect(page.getByRole('dialog', { name })).toContainText(`${step + 1} of 4`);
      const box = await tour.boundingBox();
      expect(box).not.toBeNull();
      if (box !== null) {
        expect(Math.min(box.x, box.y)).toBeGreaterThanOrEqual(0);
        expect(box.x + box.width).toBeLessThanOrEqual(viewport.width);
        expect(box.y + box.height).toBeLessThanOrEqual(viewport.height);
      }
      if (viewport.width > 1000) expect(await faultsOf(page, `tour, step ${step + 1}`)).toEqual([]);
      // By keyboard alone: the words, Skip, Back where there is one, Next.
      for (let i = 0; i < (step === 0 ? 2 : 3); i++) await page.keyboard.press('Tab');
      await expect(tour.getByRole('button', { name: 'Next' })).toBeFocused();
      await page.keyboard.press('Enter');
    }
    await expect(tour).toContainText('4 of 4');
    await expect(tour.getByRole('button', { name: 'Run it' })).toBeVisible();
    await tour.getByRole('button', { name: 'Back' }).click();
    await expect(tour).toContainText('3 of 4');
    await page.keyboard.press('Escape');
    await expect(tour).toHaveCount(0);
    // Once: not again when the page is opened anew.
    await page.reload();
    await expect(page.getByRole('heading', { level: 1, name: 'Presets' })).toBeVisible();
    await expect(page.getByText('host connected')).toBeAttached();
    await expect(page.getByText('None yet.')).toBeVisible();
    await expect(tour).toHaveCount(0);
    expect(faults).toEqual([]);
    await profile.close();
  }

  // Again when it is asked for, to its end.
  const profile = await browser.newContext();
  const page = await profile.newPage();
  const faults = watchFaults(page);
  await page.goto(host.url);
  const tour = page.getByRole('dialog');
  await tour.getByRole('button', { name: 'Skip' }).click();
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Show the tour' }).click();
  for (let i = 0; i < 3; i++) await tour.getByRole('button', { name: 'Next' }).click();
  await tour.getByRole('button', { name: 'Run it' }).click();
  await expect(page).toHaveURL(/#\/study\//);
  await expect(tour).toHaveCount(0);
  await expect(page.getByText(/^3 runs: 3 finished$/)).toBeVisible({ timeout: 150_000 });
  // Each has a generalization step, a number and not "censored".
  const rows = page.getByRole('region', { name: 'Runs of this study' }).locator('tbody tr:not(.note)');
  await expect(rows).toHaveCount(3);
  for (const row of await rows.all()) await expect(row.locator('td.number').nth(6)).toHaveText(/^[\d,]+$/);
  await page.getByRole('link', { name: 'Presets and studies' }).click();
  await expect(page.getByRole('table')).toBeVisible();
  await expect(tour).toHaveCount(0);
  expect(faults).toEqual([]);
  await profile.close();
});
