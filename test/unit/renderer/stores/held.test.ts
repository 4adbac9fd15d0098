import { describe, expect, it } from 'vitest';
import {
  byQuantity,
  heldEntry,
  nothingHeld,
  planHeld,
  quantitiesToRead,
  withOverviews,
} from '../../../../renderer/stores/held.ts';
import { WatchedCurve } from '../../../../renderer/stores/curves.svelte.ts';
import { overviewsOf } from '../../../../shared/overview.ts';
import type { MetricColumn, RunRecord } from '../../../../shared/run.ts';
import { runRecord } from '../records.ts';

const column = (name: string, quantity: string): MetricColumn => ({
  name,
  label: name,
  quantity,
  unit: '',
  split: null,
  direction: null,
});
const columns = [column('trainAccuracy', 'accuracy'), column('trainLoss', 'loss')];
const ended = (id: string, batches = 2): RunRecord => runRecord(id, { status: 'finished', columns, batches });
const overviews = (run: RunRecord, batches = run.batches) => {
  const values = Float64Array.of(0, 1);
  const curve = {
    runId: run.id,
    length: 2,
    columns: { effort: values, seconds: values, trainAccuracy: values, trainLoss: values },
  };
  return overviewsOf(run, curve, batches);
};
const watch = (runId: string): WatchedCurve => new WatchedCurve(runId);
const plan = (runs: RunRecord[], before = nothingHeld, quantities = ['accuracy'], everyPoint = false) =>
  planHeld(before, { runs, quantities, everyPoint }, watch);

describe('planHeld', () => {
  it('asks for the overviews of ended runs, and watches the others', () => {
    const { held, missing, gone } = plan([ended('a'), runRecord('b')], nothingHeld, ['accuracy', 'loss']);
    expect(missing.map(({ run, quantity }) => [run.id, quantity])).toEqual([
      ['a', 'accuracy'],
      ['a', 'loss'],
    ]);
    expect(held.get('b')?.watched?.runId).toBe('b');
    expect(gone).toEqual([]);
  });

  it('asks for nothing twice, and anew where the run has gone on', () => {
    const a = ended('a');
    const held = withOverviews(plan([a]).held, overviews(a));
    expect(plan([a], held).missing).toEqual([]);
    expect(plan([a], held, ['loss']).missing).toEqual([]);
    expect(plan([ended('a', 3)], held).missing).toHaveLength(1);
    // One that was made of a part of the curve is asked for again.
    const partial = withOverviews(plan([a]).held, overviews(a, 1));
    expect(plan([a], partial).missing).toHaveLength(1);
  });

  it('keeps watching a run that ends, and lets go of one that is not compared any more', () => {
    const { held } = plan([runRecord('a'), runRecord('b')]);
    const next = plan([ended('a')], held);
    expect(next.held.get('a')).toBe(held.get('a'));
    expect(next.missing).toEqual([]);
    expect(next.gone).toEqual(['b']);
  });

  it('watches ended runs where every point is wanted', () => {
    const { held, missing } = plan([ended('a')], nothingHeld, ['accuracy'], true);
    expect(held.get('a')?.watched).not.toBeNull();
    expect(missing).toEqual([]);
  });
});

describe('quantitiesToRead', () => {
  it('are those wanted that the run records, else the one of its thresholds', () => {
    expect(quantitiesToRead(ended('a'), ['loss', 'norm'])).toEqual(['loss']);
    expect(quantitiesToRead(ended('a'), ['norm'])).toEqual(['accuracy']);
    expect(quantitiesToRead({ ...ended('a'), columns: [column('norm', 'norm')] }, ['loss'])).toEqual([
      'norm',
    ]);
    expect(quantitiesToRead(ended('a', 0), ['loss'])).toEqual([]);
  });
});

describe('heldEntry', () => {
  it('is the overview asked for, else another one, with what the whole curve says', () => {
    const a = ended('a');
    const [accuracy] = overviews(a);
    const held = withOverviews(plan([a]).held, accuracy === undefined ? [] : [accuracy]).get('a');
    expect(heldEntry(held, a, 'accuracy')).toMatchObject({ run: a, recorded: { trainAccuracy: 2 } });
    expect(heldEntry(held, a, 'loss')?.analysed).toBe(accuracy?.analysed);
  });

  it('has a place for a run that ended before its first row, the same at every look', () => {
    const a = ended('a', 0);
    const { held } = plan([a]);
    const entry = heldEntry(held.get('a'), a, 'loss');
    expect(entry?.curve).toMatchObject({ runId: 'a', length: 0 });
    expect(heldEntry(plan([a], held).held.get('a'), a, 'loss')?.curve).toBe(entry?.curve);
  });

  it('is none before anything has been read', () => {
    const a = ended('a');
    expect(heldEntry(plan([a]).held.get('a'), a, 'accuracy')).toBeNull();
    expect(heldEntry(undefined, a, null)).toBeNull();
    expect(heldEntry(plan([runRecord('b')]).held.get('b'), runRecord('b'), null)).toBeNull();
  });
});

it('reads one quantity at a time', () => {
  const [a, b] = [ended('a'), ended('b')];
  const lists = byQuantity([
    { run: a, quantity: 'loss' },
    { run: a, quantity: 'accuracy' },
    { run: b, quantity: 'loss' },
  ]);
  expect(lists.map((list) => list.map(({ run, quantity }) => `${run.id} ${quantity}`))).toEqual([
    ['a loss', 'b loss'],
    ['a accuracy'],
  ]);
});
