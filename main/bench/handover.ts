/**
 * How long two threads take to hand a value over. Where the cores do not share a cache, or a host moves the processors of a
 * virtual machine about, it is several times what it is elsewhere, and a second thread then gains little on operations
 * that take a tenth of a millisecond: a figure for two threads means little without it.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { median } from '../../shared/aggregate.ts';

const MILLISECONDS = 30;
/** A new thread may begin on the core of the other one, and is moved within some of these. */
const LEAST_SAMPLES = 9;
const HANDOVERS = 50;

/** Answers every even number with the next odd one, until it is ended. */
const echo = `
  const cell = new Int32Array(require('node:worker_threads').workerData);
  for (let seen = 1; ; ) {
    const value = Atomics.load(cell, 0);
    if (value === seen + 1) Atomics.store(cell, 0, (seen += 2));
  }
`;

/** Nanoseconds, one way: the median of samples of 50 handovers each, nine or as many as go into 30 ms. Null where there is one core. */
export async function handoverNanoseconds(): Promise<number | null> {
  if (availableParallelism() < 2) return null;
  const cell = new Int32Array(new SharedArrayBuffer(4));
  Atomics.store(cell, 0, 1);
  const worker = new Worker(echo, { eval: true, workerData: cell.buffer });
  try {
    await new Promise((resolve, reject) => {
      worker.once('online', resolve);
      worker.once('error', reject);
    });
    let value = 1;
    const samples: number[] = [];
    const deadline = performance.now() + MILLISECONDS;
    do {
      const started = performance.now();
      for (let i = 0; i < HANDOVERS; i++) {
        Atomics.store(cell, 0, value + 1);
        value += 2;
        while (Atomics.load(cell, 0) !== value);
      }
      samples.push(((performance.now() - started) * 1e6) / (2 * HANDOVERS));
    } while (samples.length < LEAST_SAMPLES || performance.now() < deadline);
    return median(samples);
  } finally {
    await worker.terminate();
  }
}
