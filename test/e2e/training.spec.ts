/** A real training run under the user's hand: estimate, live curves, pause, resume, stop; input that is refused. */
import { effortDone, expect, openPreset, presets, studyButton, test } from './support/test.ts';

test('a transformer trains live, is paused, goes on and is stopped', async ({ page, host }) => {
  await host.start();
  await openPreset(page, host, presets.nanda);
  await page.getByRole('radio', { name: /paper scale/ }).check();
  await expect(page.getByText(/^1 run, about .* on this machine/).first()).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Run', exact: true }).click();

  const main = page.getByRole('main');
  await expect(main.getByText('1 run: 1 running')).toBeVisible({ timeout: 60_000 });
  await expect(main.getByText(/^[\d.,]+ optimizer steps per second · about .* left$/)).toBeVisible({
    timeout: 60_000,
  });
  const row = page.getByRole('region', { name: 'Runs of this study' }).getByRole('row').nth(1);
  // Train and test accuracy: a network that knows nothing is right in about 1 of 113 cases.
  await expect(row.getByRole('cell', { name: / %$/ })).toHaveCount(2);
  const curves = page.locator('.js-plotly-plot .scatterlayer path.js-line');
  await expect(curves).toHaveCount(2);
  const drawn = await curves.first().getAttribute('d');
  await expect(curves.first()).not.toHaveAttribute('d', drawn as string, { timeout: 60_000 });

  await studyButton(page, 'Pause').click();
  await expect(main.getByText('1 run: 1 paused')).toBeVisible({ timeout: 60_000 });
  const paused = await effortDone(page);
  expect(paused).toBeGreaterThan(0);
  await expect(studyButton(page, 'Pause')).toBeDisabled();
  await studyButton(page, 'Resume').click();
  await expect(main.getByText('1 run: 1 running')).toBeVisible({ timeout: 60_000 });
  await expect.poll(() => effortDone(page), { timeout: 60_000 }).toBeGreaterThan(paused);

  await studyButton(page, 'Stop').click();
  await expect(main.getByText('1 run: 1 stopped')).toBeVisible({ timeout: 60_000 });
  for (const name of ['Pause', 'Stop']) await expect(studyButton(page, name)).toBeDisabled();
  // What was computed is kept, and can go on another day.
  await expect(studyButton(page, 'Resume')).toBeEnabled();
  await page.reload();
  await expect(main.getByText('1 run: 1 stopped')).toBeVisible();
  expect(await effortDone(page)).toBeGreaterThan(paused);
  await expect(curves).toHaveCount(2);
});

test('bad input is refused at its field and starts nothing', async ({ page, host }) => {
  await host.start();
  await openPreset(page, host, presets.nanda);
  await page.getByRole('radio', { name: /paper scale/ }).check();
  const run = page.getByRole('button', { name: 'Run', exact: true });
  const seeds = page.getByLabel('Seeds per arm');
  const effort = page.getByLabel('Largest effort');
  for (const [field, values] of [
    [seeds, ['0', '-1', '1.5', 'many', '1001']],
    [effort, ['0', '-5', '1e3', '100000001']],
  ] as const) {
    for (const value of values) {
      await field.fill(value);
      await expect(field).toHaveAccessibleDescription(
        new RegExp(`^Got “${value}”; expected 1 to [\\d,]+, or nothing\\.$`),
      );
      await expect(field).toHaveAttribute('aria-invalid', 'true');
      await expect(run).toBeDisabled();
      await field.press('Enter');
    }
    await field.fill('');
    await expect(field).not.toHaveAttribute('aria-invalid');
    await expect(run).toBeEnabled();
  }
  await page.getByRole('checkbox').uncheck();
  await expect(page.getByRole('group', { name: 'Arms' })).toHaveAccessibleDescription(
    'Choose at least one arm.',
  );
  await expect(run).toBeDisabled();

  await page.getByRole('link', { name: 'Runs' }).click();
  await expect(page.getByText('No runs yet.')).toBeVisible();
});
