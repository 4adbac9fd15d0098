/** When a run may end before its budget, against the delay analysis of its curve. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EarlyEnd } from '../../../shared/early-end.ts';
import { analyseDelay } from '../../../shared/delay.ts';
import type { MetricColumn } from '../../../shared/run.ts';
import type { Arm } from '../../../shared/study.ts';
import { accuracyCurve, accuracyThresholds, linearArm } from './support.ts';

const columns = ['seconds', 'trainAccuracy', 'testAccuracy', 'trainLoss', 'testLoss'].map(
  (name) => ({ name }) as MetricColumn,
);

function armWith(factor: number | undefined, thresholds = accuracyThresholds(0.9)): Arm {
  const budget = { maxEffort: 1000, ...(factor === undefined ? {} : { stopAfterGeneralization: factor }) };
  return { ...linearArm('arm', 1000, thresholds), budget };
}

interface Row {
  effort: number;
  train: number;
  test: number;
}

const valuesOf = ({ train, test }: Row): number[] => [0, train, test, 1 - train, 1 - test];

/** The index of the row that a run ends at; −1 where it goes on to its budget. */
function endOf(arm: Arm, rows: readonly Row[]): number {
  const end = new EarlyEnd(arm, columns);
  return rows.findIndex((row) => {
    end.see(row.effort, valuesOf(row));
    return end.state.isOver;
  });
}

const rowsOf = (...given: [number, number, number][]): Row[] =>
  given.map(([effort, train, test]) => ({ effort, train, test }));

describe('the end of a run that has generalized', () => {
  const grokking = rowsOf(
    [0, 0, 0],
    [10, 1, 0],
    [100, 1, 1],
    [150, 1, 1],
    [199, 1, 1],
    [200, 1, 1],
    [300, 1, 1],
  );

  it('is the first row at the factor times the effort from which both splits are past', () => {
    expect(endOf(armWith(2), grokking)).toBe(5);
    expect(endOf(armWith(1.5), grokking)).toBe(3);
    expect(endOf(armWith(2.5), grokking)).toBe(6);
    expect(endOf(armWith(4), grokking)).toBe(-1);
  });

  it('is a later row than the crossing even where the factor is 1', () => {
    expect(endOf(armWith(1), grokking)).toBe(3);
    expect(endOf(armWith(1), rowsOf([0, 1, 1], [1, 1, 1]))).toBe(1);
  });

  it('does not come where the study does not ask for it', () => {
    expect(endOf(armWith(undefined), grokking)).toBe(-1);
    expect(new EarlyEnd(armWith(undefined), columns).isAsked).toBe(false);
    expect(new EarlyEnd(armWith(2), columns).isAsked).toBe(true);
  });

  it('waits until both have stayed past their thresholds: a fall of either begins anew', () => {
    expect(endOf(armWith(2), rowsOf([10, 1, 1], [15, 1, 0.5], [20, 1, 1], [30, 1, 1], [40, 1, 1]))).toBe(4);
    expect(endOf(armWith(2), rowsOf([10, 1, 1], [20, 0.5, 1], [30, 1, 1], [59, 1, 1], [60, 1, 1]))).toBe(4);
    // The train accuracy comes last: it is its effort that counts.
    expect(endOf(armWith(2), rowsOf([10, 0, 1], [30, 1, 1], [40, 1, 1], [60, 1, 1]))).toBe(3);
    // Nothing that is not a number is past a threshold.
    expect(endOf(armWith(2), rowsOf([10, 1, 1], [20, 1, NaN], [40, 1, 1]))).toBe(-1);
  });

  it('reads losses where the thresholds do', () => {
    const losses = { metric: 'loss' as const, train: 0.1, test: 0.2, sustain: 1 };
    expect(endOf(armWith(2, losses), rowsOf([10, 0.9, 0.8], [20, 0.9, 0.8]))).toBe(1);
    expect(endOf(armWith(2, losses), rowsOf([10, 0.9, 0.7], [20, 0.9, 0.7]))).toBe(-1);
  });

  it('is told before its row is there, for the snapshot', () => {
    const end = new EarlyEnd(armWith(2), columns);
    for (const row of grokking.slice(0, 3)) end.see(row.effort, valuesOf(row));
    expect([150, 199, 200, 300].map((effort) => end.mayEndAt(effort))).toEqual([false, false, true, true]);
  });

  it('never comes where the learner has not the columns that the thresholds read', () => {
    const end = new EarlyEnd(armWith(1), [{ name: 'trainLoss' } as MetricColumn]);
    end.see(1, [0]);
    end.see(2, [0]);
    expect(end.state.isOver).toBe(false);
  });

  const accuracy = fc.constantFrom(0.2, 0.95, 1);
  const curves = fc
    .array(fc.record({ step: fc.integer({ min: 1, max: 60 }), train: accuracy, test: accuracy }), {
      minLength: 2,
      maxLength: 40,
    })
    .map((steps) => {
      let effort = -1;
      return steps.map(({ step, train, test }): Row => ({ effort: (effort += step), train, test }));
    });

  it('leaves what the delay analysis says of the whole run as it is', () => {
    fc.assert(
      fc.property(
        curves,
        fc.constantFrom(1, 1.1, 1.5, 3),
        fc.constantFrom(1, 1.1, 1.5, 3),
        (rows, sustain, factor) => {
          const thresholds = accuracyThresholds(0.9, sustain);
          const last = endOf(armWith(Math.max(sustain, factor), thresholds), rows);
          fc.pre(last >= 0);
          const analyse = (some: readonly Row[]) =>
            analyseDelay(
              accuracyCurve(
                some.map(({ effort }) => effort),
                some.map(({ train }) => train),
                some.map(({ test }) => test),
              ),
              thresholds,
            );
          const [cut, whole] = [analyse(rows.slice(0, last + 1)), analyse(rows)];
          for (const event of ['fit', 'generalization'] as const) {
            expect(cut[event]).toMatchObject({ kind: 'observed', sustained: true });
            expect({ ...cut[event], relapses: 0 }).toEqual({ ...whole[event], relapses: 0 });
          }
          expect([cut.delay, cut.delayRatio]).toEqual([whole.delay, whole.delayRatio]);
        },
      ),
    );
  });

  it('is the same from the state at any row on', () => {
    fc.assert(
      fc.property(curves, fc.nat(), (rows, cut) => {
        const arm = armWith(1.5);
        const [whole, before] = [new EarlyEnd(arm, columns), new EarlyEnd(arm, columns)];
        const at = cut % rows.length;
        for (const row of rows.slice(0, at)) before.see(row.effort, valuesOf(row));
        const after = new EarlyEnd(arm, columns);
        after.restore(JSON.parse(JSON.stringify(before.state)) as EarlyEnd['state']);
        for (const row of rows) whole.see(row.effort, valuesOf(row));
        for (const row of rows.slice(at)) after.see(row.effort, valuesOf(row));
        expect(after.state).toEqual(whole.state);
      }),
    );
  });
});
