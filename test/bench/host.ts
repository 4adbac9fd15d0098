/**
 * The window beside a host: what opening it takes, how fast a lost IndexedDB is made again from the journal, and whether live
 * charts leave the window free.
 */
import { availableParallelism } from 'node:os';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, type Page } from 'playwright/test';
import { rendererFolder } from '../../main/paths.ts';
import { serveWorkbench } from '../../main/serve.ts';
import { newToken } from '../../main/serve/token.ts';
import type { HostEvent } from '../../shared/api.ts';
import type { MetricBatch, RunRecord } from '../../shared/run.ts';
import { Host, latebloom } from '../e2e/support/host.ts';
import { skipTour } from '../e2e/support/test.ts';
import { FakeApi } from '../setup/fake-api.ts';
import { arm, runRecord, study, studyRecord } from '../unit/renderer/records.ts';
import { say } from './say.ts';
import { columnsOf } from './synthetic.ts';

const MIRRORED_RUNS = Number(process.env['LATEBLOOM_BENCH_RUNS'] ?? 500);
const REPEATS = 5;

/** A study of one linear arm with so many seeds, as JSON. */
function writeManySeeds(folder: string, seeds: number): string {
  const path = join(folder, 'many.json');
  const many = {
    ...arm,
    budget: { maxEffort: 400 },
    seeds: Array.from({ length: seeds }, (_, seed) => seed),
  };
  writeFileSync(path, JSON.stringify({ ...study, id: 'many', title: 'Many seeds', arms: [many] }));
  return path;
}

/** Runs with a stored curve. */
function mirroredRuns(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const name = (await indexedDB.databases()).find((one) => one.name?.startsWith('latebloom:'))?.name;
    if (name === undefined) return 0;
    return new Promise<number>((resolve, reject) => {
      const opening = indexedDB.open(name);
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const db = opening.result;
        const keys = db.transaction('chunks').objectStore('chunks').getAllKeys();
        keys.onsuccess = () => {
          resolve(new Set((keys.result as [string, number][]).map(([run]) => run)).size);
          db.close();
        };
      };
    });
  });
}

test('opening the workbench', async ({ browser }) => {
  const times: number[] = [];
  for (let i = 0; i < REPEATS; i++) {
    const host = new Host();
    const page = await browser.newPage();
    await skipTour(page);
    try {
      const started = Date.now();
      await host.start();
      await page.goto(host.url);
      await page.getByRole('link', { name: /Progress measures for grokking/ }).click({ trial: true });
      times.push(Date.now() - started);
    } finally {
      await page.close();
      await host.dispose();
    }
  }
  say('From the start of `latebloom serve` to a gallery that takes a click, a new data folder', times);
});

test('a lost IndexedDB', async ({ browser }) => {
  const host = new Host();
  try {
    latebloom(host.home, 'run', writeManySeeds(host.home, MIRRORED_RUNS));
    await host.start();
    const rates: number[] = [];
    for (let i = 0; i < REPEATS; i++) {
      const page = await browser.newPage();
      await skipTour(page);
      const started = Date.now();
      await page.goto(`${host.url}#/runs`);
      await expect.poll(() => mirroredRuns(page), { timeout: 120_000, intervals: [50] }).toBe(MIRRORED_RUNS);
      rates.push((MIRRORED_RUNS * 1000) / (Date.now() - started));
      await page.close();
    }
    say(`${MIRRORED_RUNS} runs mirrored again, from the start of loading the page`, rates, 'runs/s');
  } finally {
    await host.dispose();
  }
});

test('live charts', async ({ page }) => {
  const RUNS = 8;
  const EVERY = 100;
  const SECONDS = 20;
  const columns = columnsOf(4);
  const rowsFrom = (runId: string, seq: number, from: number, rows: number): MetricBatch => {
    const effort = Float64Array.from({ length: rows }, (_, row) => 5 * (from + row));
    const values = columns.map(({ name }, c) => [
      name,
      effort.map((at) => (1 + Math.sin(at / (900 + 50 * c))) / 2),
    ]);
    return {
      runId,
      seq,
      columns: { effort, seconds: effort.map((at) => at / 50), ...Object.fromEntries(values) },
    };
  };
  const ids = Array.from({ length: RUNS }, (_, seed) => `live.${arm.id}.s${seed}`);
  const batches = new Map(ids.map((id) => [id, [rowsFrom(id, 0, 0, 2000)]]));
  const recordOf = (id: string): RunRecord => {
    const own = batches.get(id) ?? [];
    return runRecord(id, {
      studyId: 'live',
      seed: ids.indexOf(id),
      arm: { ...arm, budget: { maxEffort: 100_000 } },
      columns,
      effort: 5 * (2000 + own.length - 2),
      batches: own.length,
      effortsPerSecond: 50,
    });
  };
  const { environment } = recordOf(ids[0] as string);
  const api = new FakeApi({
    hello: () => ({ appVersion: '0.1.0', home: '/bench', sessionId: 'live', environment }),
    settings: () => ({ cores: null, coresHere: 8, keepCheckpoints: true }),
    presets: () => [],
    studies: () => [studyRecord('live', ids)],
    findings: () => [],
    runs: () => ids.map(recordOf),
    readBatches: ({ runId, fromSeq, limit }) => (batches.get(runId) ?? []).slice(fromSeq, fromSeq + limit),
  });
  const served = await serveWorkbench(api, { port: 0, token: newToken(), rendererFolder });
  try {
    await skipTour(page);
    await page.goto(`${served.url}#/study/live`);
    await expect(page.locator('.js-plotly-plot').first()).toBeVisible();
    await page.waitForTimeout(3000);
    const tasks = await page.evaluateHandle(() => {
      const seen: number[] = [];
      new PerformanceObserver((list) =>
        seen.push(...list.getEntries().map(({ duration }) => duration)),
      ).observe({
        entryTypes: ['longtask'],
      });
      return seen;
    });
    const emit = (event: HostEvent): void => api.emit(event);
    const timer = setInterval(() => {
      for (const id of ids) {
        const own = batches.get(id) as MetricBatch[];
        const next = rowsFrom(id, own.length, 2000 + own.length - 1, 1);
        own.push(next);
        emit({ type: 'batch', batch: next });
        emit({ type: 'run', run: recordOf(id) });
      }
    }, EVERY);
    await page.waitForTimeout(SECONDS * 1000);
    clearInterval(timer);
    const long = await tasks.jsonValue();
    const told = long.map((one) => Math.round(one)).join(', ');
    console.log(
      `${RUNS} runs, ${1000 / EVERY} updates a second each, ${SECONDS} s, ${availableParallelism()} cores: ` +
        `${long.length} tasks of 50 ms or longer${long.length === 0 ? '' : `: ${told} ms`}`,
    );
  } finally {
    await served.close();
  }
});
