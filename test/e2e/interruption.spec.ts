/** A page that is closed, and a host that is killed, in the middle of a run: nothing is lost. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { latebloom } from './support/host.ts';
import { copyOfNetwork, effortDone, expect, studyButton, test, watchFaults } from './support/test.ts';

/** Long enough to be in the middle of it for all that is done to page and host, on a fast machine, too. */
const BUDGET = 24_000;
/** The preset records every 32 steps, and 20 log-spaced ones per factor of ten. */
const EVERY = 32;

test('a run goes on without its page, survives a killed host, resumes and finishes', async ({
  page,
  context,
  host,
  folder,
}) => {
  await host.start();
  await copyOfNetwork(page, host, { seeds: '0-2', budget: BUDGET });
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page).toHaveURL(/#\/study\//);
  const { hash } = new URL(page.url());
  const studyId = hash.replace('#/study/', '');
  await expect.poll(() => effortDone(page), { timeout: 60_000 }).toBeGreaterThan(0);
  const closedAt = await effortDone(page);
  await page.close();

  const second = await context.newPage();
  const faults = watchFaults(second);
  const main = second.getByRole('main');
  await second.goto(`${host.url}${hash}`);
  await expect.poll(() => effortDone(second), { timeout: 60_000 }).toBeGreaterThan(closedAt);
  await expect(main.getByText(/^3 runs: .*\d running/)).toBeVisible();

  await host.end('SIGKILL');
  await expect(second.getByText('The host is not running.')).toBeVisible();
  const killedAt = await effortDone(second);
  await host.start();
  // The page finds its host again by itself.
  await expect(second.getByText('The host is not running.')).toHaveCount(0);
  await expect(main.getByText(/^3 runs: .*\d interrupted/)).toBeVisible();
  expect(await effortDone(second)).toBeGreaterThanOrEqual(killedAt);
  const elsewhere = second.getByText(/interrupted runs? waits? for you to resume/);
  await second.getByRole('link', { name: 'Runs', exact: true }).click();
  await expect(elsewhere).toBeVisible();
  await second.goBack();

  await studyButton(second, 'Resume').click();
  await expect(main.getByText('3 runs: 3 finished')).toBeVisible({ timeout: 150_000 });
  await second.getByRole('link', { name: 'Runs', exact: true }).click();
  await expect(second.getByRole('status').filter({ hasText: /^3 runs$/ })).toBeVisible();
  await expect(elsewhere).toHaveCount(0);
  expect(faults).toEqual([]);

  await host.end('SIGTERM');
  latebloom(host.home, 'run', '--resume', studyId, '--out', folder);
  for (const seed of [0, 1, 2]) {
    const runId = `${studyId}.nn-parity.s${seed}`;
    const rows = readFileSync(join(folder, studyId, 'runs', runId, 'metrics.csv'), 'utf8')
      .trim()
      .split('\n');
    const efforts = rows.slice(1).map((row) => Number(row.split(',')[0]));
    expect(efforts).toEqual([...new Set(efforts)].sort((a, b) => a - b));
    expect(efforts.filter((effort) => effort % EVERY === 0)).toEqual(
      Array.from({ length: BUDGET / EVERY + 1 }, (_, i) => i * EVERY),
    );
  }
});
