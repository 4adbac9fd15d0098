/** Writes a study of synthetic finished runs into a data folder, through the real records and the real journal. */
import { contentIdOf } from '../../main/content-id.ts';
import { environmentRecord } from '../../main/environment.ts';
import { Journal } from '../../main/journal/journal.ts';
import { Store } from '../../main/journal/store.ts';
import { newStudyRecords } from '../../main/start-study.ts';
import { Random } from '../../shared/random.ts';
import { joinBatches, type MetricColumn } from '../../shared/run.ts';
import { parseStudy } from '../../shared/study.ts';

const METRICS = 20;
const ARMS = 4;
const ROWS_PER_BATCH = 4096;

const [home = '', megabytes = '100', seedsPerArm = '25'] = process.argv.slice(2);
const SEEDS = Number(seedsPerArm);
const bytesPerRow = 8 * (METRICS + 2);
const rows = Math.max(100, Math.round((Number(megabytes) * 1e6) / (ARMS * SEEDS) / bytesPerRow));

const study = parseStudy({
  schemaVersion: 1,
  id: 'large',
  title: 'A large study',
  question: 'Does a large study pass through little memory?',
  paper: null,
  arms: Array.from({ length: ARMS }, (_, i) => ({
    id: `arm-${i}`,
    title: `Arm ${i}`,
    dataset: { kind: 'zero-one', points: 100, trainSize: 20, testSize: 80 },
    model: {
      kind: 'mlp',
      hidden: [4],
      activation: 'relu',
      outputBias: true,
      init: 'torch-default',
      initScale: i + 1,
    },
    trainer: { kind: 'sgd', learningRate: 0.1, weightDecay: 0, momentum: 0, batchSize: 'full' },
    budget: { maxEffort: rows },
    thresholds: { metric: 'accuracy', train: 0.99, test: 0.95, sustain: 1 },
    record: { every: 1, perDecade: 10 },
    seeds: Array.from({ length: SEEDS }, (_seed, seed) => seed),
  })),
  claims: [
    {
      id: 'late',
      text: 'The first arm generalizes late.',
      source: 'this benchmark',
      check: { left: { arm: 'arm-0', quantity: 'delay', statistic: 'median' }, op: '>', right: 0 },
    },
  ],
});

const metric = (name: string, quantity: string, split: MetricColumn['split']): MetricColumn => ({
  name,
  label: name,
  quantity,
  unit: '',
  split,
  direction: null,
});
const columns: MetricColumn[] = [
  metric('trainAccuracy', 'accuracy', 'train'),
  metric('testAccuracy', 'accuracy', 'test'),
  metric('trainLoss', 'loss', 'train'),
  metric('testLoss', 'loss', 'test'),
  ...Array.from({ length: METRICS - 4 }, (_, i) => metric(`measure${i}`, `measure ${i}`, null)),
];

/** Numbers of full precision, as training gives them; accuracies that rise at their own time. */
function batchOf(random: Random, from: number, to: number): Record<string, Float64Array> {
  const efforts = Float64Array.from({ length: to - from }, (_, i) => from + i);
  const rise = (middle: number): Float64Array =>
    efforts.map((effort) => 1 / (1 + Math.exp((middle - effort) / (0.02 * rows))));
  const noise = (): Float64Array => efforts.map(() => random.uniform());
  return {
    effort: efforts,
    seconds: efforts.map((effort) => effort * 1e-3),
    ...Object.fromEntries(columns.map(({ name }) => [name, noise()])),
    trainAccuracy: rise(0.1 * rows),
    testAccuracy: rise(0.5 * rows),
  };
}

const { store } = await Store.open(home);
const records = newStudyRecords(study, environmentRecord());
await store.create(records.study, records.runs, { device: null });
for (const run of records.runs) {
  const random = Random.stream(run.seed, 'init');
  const journal = await Journal.open(store.journalPath(run));
  let batches = 0;
  for (let from = 0; from < rows; from += ROWS_PER_BATCH) {
    await journal.append(batchOf(random, from, Math.min(from + ROWS_PER_BATCH, rows)));
    batches += 1;
  }
  await journal.sync();
  const { latest, lastEffort } = journal;
  await journal.close();
  const now = new Date().toISOString();
  const curve = joinBatches(
    run.id,
    (await store.reader(run).all(batches)).map(({ seq, columns: values }) => ({
      runId: run.id,
      seq,
      columns: values,
    })),
  );
  store.change(run.id, {
    status: 'finished',
    columns,
    batches,
    latest,
    effort: lastEffort,
    effortsPerEpoch: 1,
    trainSize: 20,
    testSize: 80,
    startedAt: now,
    endedAt: now,
    contentId: contentIdOf({ ...run, columns }, curve),
  });
  await store.saveRun(run.id);
}
await store.saveFindings({
  schemaVersion: 1,
  studyId: records.study.id,
  notes: '# A large study\n\n{{figure curves quantity=loss}}\n',
  views: [],
  revision: 1,
  savedAt: new Date().toISOString(),
});
process.stdout.write(
  `${JSON.stringify({ studyId: records.study.id, runs: records.runs.length, rows, metrics: METRICS })}\n`,
);
