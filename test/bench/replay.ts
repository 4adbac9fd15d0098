/**
 * How smoothly Replay is scrubbed: milliseconds from frame to frame and long tasks, while the scrubber moves in every frame
 * over a run of 10,000 rows and 60 snapshots with every kind of panel, alone and beside another. The browser's own limit is
 * its frame rate, 16.7 ms at 60 a second.
 */
import { expect, test, type Page } from 'playwright/test';
import type { MetricColumn, RunRecord } from '../../shared/run.ts';
import type { Panel } from '../../shared/snapshot.ts';
import { arm, runRecord, studyRecord } from '../unit/renderer/records.ts';
import { servePage } from './serve-page.ts';
import { columnsOf } from './synthetic.ts';

const POINTS = Number(process.env['LATEBLOOM_BENCH_POINTS'] ?? 10_000);
const SNAPSHOTS = 60;
const FRAMES = 240;
const ELEMENTS = 113;

const base = { description: 'Made for the benchmark.' };
const matrix = (name: string, title: string, rows: number, columns: number): Panel => ({
  ...base,
  kind: 'matrix',
  name,
  title,
  rows,
  columns,
  xLabel: 'column',
  yLabel: 'row',
  zLabel: 'weight',
});
const panels: Panel[] = [
  ...['embedding', 'output', 'logits'].map((part): Panel => ({
    ...base,
    kind: 'bars',
    name: `spectrum-${part}`,
    title: `Fourier spectrum of ${part}`,
    items: Array.from({ length: 56 }, (_, k) => String(k + 1)),
    yLabel: 'norm',
    reference: null,
    log: false,
  })),
  {
    ...base,
    kind: 'scatter',
    name: 'embeddings',
    title: 'Embeddings',
    xLabel: 'first component',
    yLabel: 'second component',
    items: Array.from({ length: ELEMENTS + 1 }, (_, i) => String(i)),
    components: ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'],
  },
  ...[0, 1, 2, 3].map((head) => matrix(`attention-0-${head}`, `Attention, head ${head + 1}`, 3, 3)),
  ...Array.from({ length: 8 }, (_, i) => matrix(`weights-${i}`, `Weights ${i + 1}`, 40, 40)),
  matrix('weights-logits', 'Logits', 40, 40),
  {
    ...base,
    kind: 'regions',
    name: 'regions',
    title: 'Decision regions',
    xLabel: 'first input',
    yLabel: 'second input',
    classes: ['a', 'b', 'c'],
  },
  {
    ...base,
    kind: 'function',
    name: 'posterior',
    title: 'Posterior',
    xLabel: 'x',
    yLabel: 'y',
    band: 'two standard deviations',
  },
];

function columns(): MetricColumn[] {
  const ranks = [1, 2, 3, 4].map((layer): MetricColumn => ({
    name: `rank:hidden${layer}`,
    label: `rank of hidden layer ${layer}`,
    quantity: 'feature rank',
    unit: '',
    split: null,
    direction: null,
  }));
  return [...columnsOf(20), ...ranks];
}

async function fill(page: Page): Promise<RunRecord[]> {
  const runs = [0, 1].map((seed) =>
    runRecord(`film.arm.s${seed}`, {
      studyId: 'film',
      armId: 'arm',
      family: 'neural',
      effortUnit: 'optimizer step',
      arm: { ...arm, id: 'arm', title: 'A network', budget: { maxEffort: 10 * POINTS } },
      seed,
      status: 'finished',
      columns: columns(),
      panels,
      effort: 10 * (POINTS - 1),
      batches: Math.ceil(POINTS / 4096),
      contentId: String(seed).padStart(64, '0'),
    }),
  );
  const record = studyRecord(
    'film',
    runs.map(({ id }) => id),
  );
  await page.evaluate(
    async ({ study, runs, panels, points, snapshots, elements }) => {
      const db = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open('latebloom:bench');
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
      });
      const transaction = db.transaction(['studies', 'runs', 'chunks', 'snapshotBatches'], 'readwrite');
      const put = (store: string, value: unknown): void => {
        transaction.objectStore(store).put(value);
      };
      put('studies', study);
      for (const record of runs) {
        const { id, studyId, family, status, createdAt, batches } = record;
        put('runs', { id, studyId, family, status, createdAt, record, batches });
        const names = ['effort', 'seconds', ...record.columns.map(({ name }) => name)];
        const valueAt = (name: string, row: number): number => {
          if (name === 'effort') return 10 * row;
          if (name === 'seconds') return 0.01 * row;
          const rise = 1 / (1 + Math.exp((0.1 * points - row) / (0.02 * points)));
          return name.endsWith('Loss') ? 2 * (1 - rise) + 0.01 : rise + 0.004 * Math.sin(row);
        };
        for (let from = 0, seq = 0; from < points; from += 4096, seq++) {
          const rows = Math.min(4096, points - from);
          const part = Object.fromEntries(
            names.map((name) => [
              name,
              Float64Array.from({ length: rows }, (_, i) => valueAt(name, from + i)),
            ]),
          );
          put('chunks', { runId: id, seq, rows: [rows], columns: part });
        }
        const size = (panel: (typeof panels)[number]): Record<string, number> => {
          switch (panel.kind) {
            case 'bars':
              return { values: panel.items.length };
            case 'matrix':
              return { z: panel.rows * panel.columns };
            case 'scatter':
              return { components: (elements + 1) * 6 };
            case 'regions':
              return { x: 61, y: 61, z: 61 * 61 };
            default:
              return { x: 201, mean: 201, lower: 201, upper: 201 };
          }
        };
        for (let s = 0; s < snapshots; s++) {
          const arrays: Record<string, Float64Array> = {};
          for (const [p, panel] of panels.entries()) {
            for (const [part, length] of Object.entries(size(panel))) {
              arrays[`${panel.name}.${part}`] = Float64Array.from({ length }, (_, i) => {
                if (part === 'x' || part === 'y') return i;
                if (panel.kind === 'regions') return Math.floor((i + 40 * s) / 1300) % 3;
                const band = part === 'upper' ? 1 : part === 'lower' ? -1 : 0;
                return band + Math.sin(0.37 * i + p + 0.2 * s + record.seed);
              });
            }
          }
          const effort = s === 0 ? 0 : 10 * Math.round(points ** (s / (snapshots - 1)) - 1 || s);
          put('snapshotBatches', { runId: id, seq: s, snapshots: [{ effort, arrays }] });
        }
      }
      await new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error);
      });
      db.close();
    },
    { study: record, runs, panels, points: POINTS, snapshots: SNAPSHOTS, elements: ELEMENTS },
  );
  return runs;
}

interface Scrub {
  frames: number[];
  longTasks: number[];
}

/** Moves the scrubber in every frame, from one end to the other. */
function scrub(page: Page): Promise<Scrub> {
  return page.evaluate(
    (frames) =>
      new Promise<Scrub>((resolve) => {
        const slider = document.querySelector('input[type=range]') as HTMLInputElement;
        const found: Scrub = { frames: [], longTasks: [] };
        const observer = new PerformanceObserver((list) =>
          found.longTasks.push(...list.getEntries().map(({ duration }) => duration)),
        );
        observer.observe({ entryTypes: ['longtask'] });
        let [frame, before] = [0, performance.now()];
        const step = (now: number): void => {
          if (frame > 0) found.frames.push(now - before);
          before = now;
          if (frame === frames) {
            setTimeout(() => {
              observer.disconnect();
              resolve(found);
            }, 200);
            return;
          }
          slider.value = String(frame / (frames - 1));
          slider.dispatchEvent(new Event('input', { bubbles: true }));
          frame += 1;
          requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
      }),
    FRAMES,
  );
}

function say(what: string, { frames, longTasks }: Scrub): void {
  const sorted = frames.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.floor(share * (sorted.length - 1))] as number).toFixed(1);
  const longest = Math.max(0, ...longTasks).toFixed(0);
  console.log(
    `${what}: frame time median ${at(0.5)} ms, 95 % ${at(0.95)} ms, longest ${at(1)} ms (n = ${frames.length}); ` +
      `long tasks: ${longTasks.length}, longest ${longest} ms`,
  );
}

test('scrubbing a replay', async ({ page }) => {
  const served = await servePage();
  try {
    await page.addInitScript(() => localStorage.setItem('latebloom.home', 'bench'));
    await page.goto(served.url);
    await expect(page.getByRole('banner')).toBeVisible();
    await page.waitForTimeout(1000);
    const [one, other] = (await fill(page)) as [RunRecord, RunRecord];
    const open = async (query: string): Promise<void> => {
      await page.goto('about:blank');
      await page.goto(`${served.url}#/study/film/replay/${encodeURIComponent(one.id)}${query}`);
      await expect(page.locator('.js-plotly-plot .scatterlayer path.js-line').first()).toBeVisible();
      await page.waitForTimeout(2000);
    };
    for (const [who, query] of [
      ['one run', ''],
      ['two runs', `?beside=${encodeURIComponent(other.id)}`],
    ] as const) {
      await open(query);
      say(`Scrubbing ${who}, curves in sight`, await scrub(page));
      await page
        .getByRole('region', { name: /^Weights 4/ })
        .first()
        .scrollIntoViewIfNeeded();
      await page.waitForTimeout(500);
      say(`Scrubbing ${who}, heat maps in sight`, await scrub(page));
      await page
        .getByRole('region', { name: /^Embeddings/ })
        .first()
        .scrollIntoViewIfNeeded();
      await page.waitForTimeout(500);
      say(`Scrubbing ${who}, embeddings and spectra in sight`, await scrub(page));
    }
  } finally {
    served.close();
  }
});
