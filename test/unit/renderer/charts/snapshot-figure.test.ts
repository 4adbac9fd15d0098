import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../../../shared/run.ts';
import type { ScatterPanel } from '../../../../shared/snapshot.ts';
import { snapshotFigure } from '../../../../renderer/charts/snapshot-figure.ts';

describe('a scatter of many components', () => {
  const panel: ScatterPanel = {
    kind: 'scatter',
    name: 'embeddings',
    title: 'Embeddings',
    description: 'Where they lie.',
    xLabel: 'first',
    yLabel: 'second',
    items: ['a', 'b'],
    components: ['first', 'second', 'third'],
  };
  const run = { arm: { title: 'arm' }, seed: 0, effortUnit: 'step', family: 'neural' } as RunRecord;
  const snapshots = [{ effort: 0, arrays: { 'embeddings.components': Float64Array.of(1, 2, 3, 4, 5, 6) } }];

  it('is drawn along the two that are chosen, the first two unless said', () => {
    const first = snapshotFigure(run, panel, snapshots, 0);
    expect(first).toMatchObject({ xLabel: 'first', yLabel: 'second' });
    expect([...(first.points?.[0]?.x ?? [])]).toEqual([1, 4]);
    expect([...(first.points?.[0]?.y ?? [])]).toEqual([2, 5]);
    const other = snapshotFigure(run, panel, snapshots, 0, [2, 0]);
    expect(other).toMatchObject({ xLabel: 'third', yLabel: 'first' });
    expect([...(other.points?.[0]?.x ?? [])]).toEqual([3, 6]);
    expect([...(other.points?.[0]?.y ?? [])]).toEqual([1, 4]);
    expect(other.points?.[0]?.names).toEqual(['a', 'b']);
  });
});
