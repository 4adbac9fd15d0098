import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinBatches, runIdOf, storedRun, type MetricBatch } from '../../../shared/run.ts';
import { curveOf, linearArm, runOf } from './support.ts';

function batch(seq: number, effort: number[]): MetricBatch {
  return {
    runId: 'r',
    seq,
    columns: { effort: Float64Array.from(effort), y: Float64Array.from(effort, (e) => e * 2) },
  };
}

describe('joinBatches', () => {
  it('joins any split of a curve, in any order, into the same curve', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 8 }), (sizes) => {
        let next = 0;
        const batches = sizes.map((size, seq) =>
          batch(
            seq,
            Array.from({ length: size }, () => next++),
          ),
        );
        const curve = joinBatches('r', [...batches].reverse());
        expect(curve.length).toBe(next);
        expect([...(curve.columns['effort'] ?? [])]).toEqual(Array.from({ length: next }, (_, i) => i));
        expect(curve.columns['y']?.at(-1)).toBe((next - 1) * 2);
      }),
    );
  });

  it('is empty without batches', () => {
    expect(joinBatches('r', [])).toEqual({ runId: 'r', length: 0, columns: {} });
  });

  it('refuses a missing batch and a missing column', () => {
    expect(() => joinBatches('r', [batch(0, [0]), batch(2, [2])])).toThrow('batch 1 is missing');
    const lacking = { runId: 'r', seq: 1, columns: { effort: Float64Array.of(1) } };
    expect(() => joinBatches('r', [batch(0, [0]), lacking])).toThrow('lacks the column "y"');
  });

  it('refuses columns that the first batch did not have, and columns of unequal length', () => {
    const extra = batch(1, [1]);
    extra.columns['z'] = Float64Array.of(1);
    expect(() => joinBatches('r', [batch(0, [0]), extra])).toThrow('column "z"');
    const uneven = batch(1, [1]);
    uneven.columns['y'] = Float64Array.of(1, 2);
    expect(() => joinBatches('r', [batch(0, [0]), uneven])).toThrow('"y"');
  });
});

describe('runIdOf', () => {
  it('names study, arm and seed', () => {
    expect(runIdOf('miller-2023-1', 'gp-zero-one', 42)).toBe('miller-2023-1.gp-zero-one.s42');
    expect(runIdOf('kumar-2024-1', 'mlp', 0, 'p03')).toBe('kumar-2024-1.mlp.p03.s0');
  });
});

describe('storedRun', () => {
  it('puts a record from before there were sweeps at no sweep point', () => {
    const { run } = runOf(linearArm('lin', 10), 0, curveOf([0], {}));
    const { point, ...old } = run;
    expect(point).toEqual({});
    expect(storedRun(old)).toEqual(run);
    expect(storedRun({ ...run, point: { 'model.initScale': 2 } }).point).toEqual({ 'model.initScale': 2 });
  });
});
