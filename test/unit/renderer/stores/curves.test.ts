import { describe, expect, it } from 'vitest';
import type { CurveParts } from '../../../../renderer/db/mirror.ts';
import { CurveStore, WatchedCurve } from '../../../../renderer/stores/curves.svelte.ts';
import { LatebloomError } from '../../../../shared/errors.ts';
import { joinBatches, type MetricBatch } from '../../../../shared/run.ts';
import { batch } from '../records.ts';

const batches = (from: number, to: number): MetricBatch[] =>
  Array.from({ length: to - from }, (_, i) => batch('a', from + i, 400));

function parts(to: number): CurveParts {
  return { parts: batches(0, to).map((one) => one.columns), next: to };
}

const efforts = (watched: WatchedCurve): number[] => [...(watched.curve?.columns['effort'] ?? [])];
const expected = (to: number): number[] => [...(joinBatches('a', batches(0, to)).columns['effort'] ?? [])];

describe('WatchedCurve', () => {
  it('joins what is stored with what arrives meanwhile, each row once', async () => {
    const watched = new WatchedCurve('a');
    const loading = watched.load(async () => parts(3));
    for (const live of batches(2, 5)) watched.add(live);
    await loading;
    expect(efforts(watched)).toEqual(expected(5));
    expect(watched.add(batch('a', 1, 400))).toBe(true);
    watched.publish();
    expect(efforts(watched)).toEqual(expected(5));
  });

  it('asks to be read again when a batch is missing', async () => {
    const watched = new WatchedCurve('a');
    await watched.load(async () => parts(2));
    expect(watched.add(batch('a', 3, 400))).toBe(false);
    expect(efforts(watched)).toEqual(expected(2));
  });

  it('does not change a curve that was published before', async () => {
    const watched = new WatchedCurve('a');
    await watched.load(async () => parts(1));
    const before = watched.curve;
    const copy = [...(before?.columns['effort'] ?? [])];
    for (const live of batches(1, 20)) watched.add(live);
    watched.publish();
    expect([...(before?.columns['effort'] ?? [])]).toEqual(copy);
    expect(watched.curve?.length).toBe(8000);
  });

  it('starts again after a reset, and a reading under way is void', async () => {
    const watched = new WatchedCurve('a');
    let answer: (parts: CurveParts) => void = () => undefined;
    const loading = watched.load(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    watched.reset();
    for (const live of batches(0, 2)) watched.add(live);
    answer(parts(5));
    await loading;
    watched.publish();
    expect(efforts(watched)).toEqual(expected(2));
  });

  it('keeps the reason when it cannot be read', async () => {
    const watched = new WatchedCurve('a');
    await watched.load(() =>
      Promise.reject(new LatebloomError('damaged-journal', 'it is damaged', 'Restore it.')),
    );
    expect(watched.problem).toMatchObject({ code: 'damaged-journal', nextStep: 'Restore it.' });
    expect(watched.curve?.length).toBe(0);
  });
});

describe('CurveStore', () => {
  it('reads a curve once for all who watch it and lets go of it after the last', async () => {
    let reads = 0;
    const store = new CurveStore(async () => {
      reads += 1;
      return parts(1);
    });
    const first = store.watch('a');
    expect(store.watch('a')).toBe(first);
    store.release('a');
    expect(store.watch('a')).toBe(first);
    store.release('a');
    store.release('a');
    expect(store.watch('a')).not.toBe(first);
    expect(reads).toBe(2);
  });
});
