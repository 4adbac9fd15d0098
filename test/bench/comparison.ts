/** How long the window takes with many runs in IndexedDB: to list them, to open a comparison of 50, to add one run to it. */
import { expect, test, type Page } from 'playwright/test';
import { say } from './say.ts';
import { servePage } from './serve-page.ts';
import { columnsOf, records, RUNS_PER_STUDY, type Size } from './synthetic.ts';

const size: Size = {
  runs: Number(process.env['LATEBLOOM_BENCH_RUNS'] ?? 1000),
  metrics: Number(process.env['LATEBLOOM_BENCH_METRICS'] ?? 20),
  points: Number(process.env['LATEBLOOM_BENCH_POINTS'] ?? 10_000),
};
const REPEATS = 7;

/** Stores the runs as the mirror would, a run a transaction. */
async function fill(page: Page): Promise<void> {
  const { studies, runs } = records(size);
  const columns = columnsOf(size.metrics).map(({ name }) => name);
  await page.evaluate(
    async ({ studies, runs, columns, points }) => {
      const db = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open('latebloom:bench');
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
      });
      const write = (stores: string[], work: (of: (name: string) => IDBObjectStore) => void): Promise<void> =>
        new Promise((resolve, reject) => {
          const transaction = db.transaction(stores, 'readwrite');
          transaction.oncomplete = () => resolve();
          transaction.onabort = () => reject(transaction.error);
          work((name) => transaction.objectStore(name));
        });
      await write(['studies'], (of) => studies.forEach((study) => of('studies').put(study)));
      for (const [i, record] of runs.entries()) {
        const curve: Record<string, Float64Array> = {};
        const names = ['effort', 'seconds', ...columns];
        names.forEach((name, c) => {
          const values = new Float64Array(points);
          // Rises at a place of its own, with a ripple that no two runs share.
          const middle = points * (0.02 * (1 + (i % 50)) * (name.startsWith('test') ? 0.9 : 0.1));
          for (let row = 0; row < points; row++) {
            const rise = 1 / (1 + Math.exp((middle - row) / (0.02 * points)));
            const ripple = 0.004 * Math.sin(row * (0.37 + 0.001 * c) + i);
            values[row] =
              name === 'effort'
                ? 10 * row
                : name === 'seconds'
                  ? 0.01 * row
                  : name.endsWith('Loss')
                    ? 2 * (1 - rise) + 0.01 + ripple
                    : Math.min(1, rise + 0.01 + ripple);
          }
          curve[name] = values;
        });
        await write(['runs', 'chunks'], (of) => {
          const { id, studyId, family, status, createdAt, batches } = record;
          of('runs').put({ id, studyId, family, status, createdAt, record, batches });
          for (let from = 0, seq = 0; from < points; from += 4096, seq++) {
            const part = Object.fromEntries(
              names.map((name) => [name, curve[name]?.slice(from, from + 4096)]),
            );
            of('chunks').put({ runId: id, seq, rows: [Math.min(4096, points - from)], columns: part });
          }
        });
      }
      db.close();
    },
    { studies, runs, columns, points: size.points },
  );
}

function countOverviews(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const opening = indexedDB.open('latebloom:bench');
        opening.onsuccess = () => {
          const counting = opening.result.transaction('overviews').objectStore('overviews').count();
          counting.onsuccess = () => {
            resolve(counting.result);
            opening.result.close();
          };
        };
      }),
  );
}

/** Milliseconds from an action in the page until a condition holds in an animation frame, and the frame after is drawn. */
function timed(page: Page, action: string, until: string): Promise<number> {
  return page.evaluate(
    ({ action, until }) =>
      new Promise<number>((resolve) => {
        const holds = new Function(`return ${until}`) as () => boolean;
        const start = performance.now();
        (new Function(action) as () => void)();
        const look = (): void => {
          if (holds()) requestAnimationFrame(() => resolve(performance.now() - start));
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      }),
    { action, until },
  );
}

const drawnLines = `document.querySelectorAll('.js-plotly-plot .scatterlayer path.js-line').length`;
const tableDone = `[...document.querySelectorAll('[aria-label="Delay table"] tr.arm td.number')].length > 0 && ![...document.querySelectorAll('[role=status]')].some((one) => one.textContent.includes('Reading'))`;

test('many runs in IndexedDB', async ({ page }) => {
  const served = await servePage();
  page.on('console', (message) => {
    if (message.type() === 'error' && !/WebSocket|404/.test(message.text())) console.log(message.text());
  });
  try {
    await page.addInitScript(() => localStorage.setItem('latebloom.home', 'bench'));
    await page.goto(served.url);
    await expect(page.getByRole('banner')).toBeVisible();
    await page.waitForTimeout(1000);
    let start = Date.now();
    await fill(page);
    console.log(
      `Filled: ${size.runs} runs × ${size.metrics} metrics × ${size.points} points in ${((Date.now() - start) / 1000).toFixed(0)} s`,
    );
    const studies = Math.ceil(size.runs / RUNS_PER_STUDY);

    // The first comparison of a study, before its overviews were made.
    await page.goto(`${served.url}#/settings`);
    await page.reload();
    await page.waitForTimeout(1000);
    const address = (study: number, more = ''): string =>
      `#/comparisons?study=bench-${String(study).padStart(3, '0')}${more}`;
    const together = '&panels=together';
    const fresh = await timed(
      page,
      `location.hash = ${JSON.stringify(address(0, together))}`,
      `${tableDone} && ${drawnLines} >= 120`,
    );
    console.log(`Comparison of 50 runs whose overviews are not made yet: ${Math.round(fresh)} ms`);

    start = Date.now();
    const quantities = new Set(columnsOf(size.metrics).map(({ quantity }) => quantity)).size;
    await expect
      .poll(() => countOverviews(page), { timeout: 50 * 60 * 1000, intervals: [2000] })
      .toBe(size.runs * quantities);
    console.log(`All other overviews made, while idle: ${((Date.now() - start) / 1000).toFixed(0)} s`);

    const listed: number[] = [];
    for (let i = 0; i < REPEATS; i++) {
      await page.goto('about:blank');
      await page.goto(`${served.url}#/runs`);
      await page.locator('[aria-label="All runs"] tbody a').first().waitFor();
      listed.push(await page.evaluate(() => performance.now()));
    }
    say(`List of ${size.runs} runs, from the start of loading the page`, listed);

    const open = async (more: string, until: string): Promise<number[]> => {
      const times: number[] = [];
      for (let i = 0; i < REPEATS; i++) {
        await page.goto('about:blank');
        await page.goto(`${served.url}#/runs`);
        await page.locator('[aria-label="All runs"] tbody a').first().waitFor();
        // Plotly is loaded by the first chart of a session.
        await timed(page, `location.hash = ${JSON.stringify(address(0, more))}`, `${tableDone} && ${until}`);
        await page.evaluate(() => (location.hash = '#/runs'));
        await page.locator('[aria-label="All runs"] tbody a').first().waitFor();
        const hash = JSON.stringify(address(1 + (i % (studies - 1)), more));
        times.push(await timed(page, `location.hash = ${hash}`, `${tableDone} && ${until}`));
      }
      return times;
    };
    // Charts are drawn as they come into sight: four here, each five runs and their median on two splits and two bands.
    say('Comparison of 50 runs opened, a panel per arm', await open('', `${drawnLines} >= 4 * 14`));
    say('Comparison of 50 runs opened, all on one chart', await open(together, `${drawnLines} >= 120`));

    // One more run on the same chart: the next study's first.
    const added: number[] = [];
    await page.getByRole('button', { name: 'List the arms of Study bench-000' }).click();
    await page.getByRole('button', { name: 'List the runs of Arm 0' }).first().click();
    const seeds = page.getByRole('checkbox', { name: /^seed \d$/ });
    for (let i = 0; i < REPEATS; i++) {
      await page.waitForTimeout(600);
      const seed = i % 5;
      if (await seeds.nth(seed).isChecked()) {
        await seeds.nth(seed).uncheck();
        await page.waitForTimeout(600);
      }
      const lines = Number(await page.evaluate(drawnLines));
      const click = `[...document.querySelectorAll('label.run input')][${seed}].click()`;
      added.push(await timed(page, click, `${drawnLines} >= ${lines + 2}`));
    }
    say('One run added to the comparison, until it is drawn', added);
  } finally {
    served.close();
  }
});
