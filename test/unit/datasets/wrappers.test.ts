import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TokenDataset, VectorDataset } from '../../../main/datasets/dataset.ts';
import { buildDataset } from '../../../main/datasets/index.ts';
import { datasetSpec, type DatasetSpec } from '../../../shared/dataset-spec.ts';
import { everyKind, subclassShift } from './specs.ts';

const addition = { kind: 'modular-addition', p: 23, trainFraction: 0.5 } as const;

function counts(labels: Int32Array): number[] {
  const result = new Array<number>(23).fill(0);
  for (const label of labels) result[label] = (result[label] as number) + 1;
  return result;
}

describe('random labels', () => {
  const withShare = (share: number, seed: number): TokenDataset =>
    buildDataset({ kind: 'random-labels', share, of: addition }, seed) as TokenDataset;

  test('shuffles labels of the training split only: same inputs, same class counts, at most the share changes', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.02, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 1e6 }),
        (share, seed) => {
          const plain = buildDataset(addition, seed) as TokenDataset;
          const shuffled = withShare(share, seed);
          expect(shuffled.train.tokens).toEqual(plain.train.tokens);
          expect(shuffled.test).toEqual(plain.test);
          expect(counts(shuffled.train.labels)).toEqual(counts(plain.train.labels));
          const changed = shuffled.train.labels.filter((label, i) => label !== plain.train.labels[i]).length;
          expect(changed).toBeLessThanOrEqual(Math.floor(share * plain.train.n + 1e-9));
        },
      ),
      { numRuns: 40 },
    );
  });

  test('share 1 leaves a label right only by chance, share 0 all of them', () => {
    const plain = buildDataset(addition, 1) as TokenDataset;
    const right = withShare(1, 1).train.labels.filter((label, i) => label === plain.train.labels[i]).length;
    // 264 examples of 23 classes: 11.5 ± 3.4 by chance.
    expect(right).toBeLessThan(30);
    expect(withShare(0, 1)).toEqual(plain);
  });

  test('refuses a share of less than two examples', () => {
    const spec = { kind: 'random-labels', share: 0.005, of: addition };
    expect(datasetSpec.safeParse(spec).error?.issues).toMatchObject([{ path: ['share'] }]);
  });
});

describe('concealment', () => {
  const hidden = (
    of: DatasetSpec,
    dimensions: number,
    decoyKind: 'bits' | 'normal' = 'bits',
  ): VectorDataset =>
    buildDataset({ kind: 'concealment', dimensions, decoyKind, of } as DatasetSpec, 4) as VectorDataset;

  test('appends random inputs and leaves everything else as it was', () => {
    const of = everyKind['modular-one-hot'];
    const plain = buildDataset(of, 4) as VectorDataset;
    const wide = hidden(of, 5);
    expect([wide.dimensions, wide.classes]).toEqual([19, 7]);
    expect(wide.train.labels).toEqual(plain.train.labels);
    expect(wide.train.inputs.filter((_, at) => at % 19 < 14)).toEqual(plain.train.inputs);
    expect(hidden(of, 0)).toEqual(plain);
  });

  test('more spurious inputs leave the first ones as they were', () => {
    const of = everyKind['modular-one-hot'];
    const few = hidden(of, 3).train.inputs.filter((_, at) => at % 17 >= 14);
    const more = hidden(of, 8).train.inputs.filter((_, at) => at % 22 >= 14 && at % 22 < 17);
    expect(more).toEqual(few);
  });

  test('bits are fair, normal inputs have mean 0 and variance 1', () => {
    const of = { ...everyKind['modular-one-hot'], trainSize: 500 };
    for (const [decoyKind, mean, variance] of [
      ['bits', 0.5, 0.25],
      ['normal', 0, 1],
    ] as const) {
      const decoys = hidden(of, 40, decoyKind).train.inputs.filter((_, at) => at % 54 >= 14);
      expect(decoys.length).toBe(20_000);
      const measured = decoys.reduce((sum, x) => sum + x, 0) / decoys.length;
      expect(Math.abs(measured - mean)).toBeLessThan(5 * Math.sqrt(variance / 20_000));
      const spread = decoys.reduce((sum, x) => sum + (x - mean) ** 2, 0) / decoys.length;
      expect(Math.abs(spread / variance - 1)).toBeLessThan(0.05);
    }
  });

  test('tokens become the one-hot vectors of their operands', () => {
    const data = hidden({ kind: 'modular-addition', p: 5, trainFraction: 0.5 }, 0);
    const tokens = buildDataset({ kind: 'modular-addition', p: 5, trainFraction: 0.5 }, 4) as TokenDataset;
    expect(data.dimensions).toBe(10);
    for (let i = 0; i < data.train.n; i++) {
      const row = [...data.train.inputs.subarray(10 * i, 10 * i + 10)];
      expect(row.reduce((sum, x) => sum + x, 0)).toBe(2);
      expect([row.indexOf(1), row.indexOf(1, 5) - 5]).toEqual([
        ...tokens.train.tokens.subarray(3 * i, 3 * i + 2),
      ]);
    }
  });

  test('keeps subclasses, and wraps shuffled labels', () => {
    expect(hidden(subclassShift, 3).train.subclasses).toEqual(
      (buildDataset(subclassShift, 4) as VectorDataset).train.subclasses,
    );
    const spec = { kind: 'random-labels', share: 1, of: addition } as const;
    expect(hidden(spec, 3).train.labels).toEqual((buildDataset(spec, 4) as TokenDataset).train.labels);
  });

  test('drops the image shape: a picture with spurious pixels is none', () => {
    expect(hidden({ kind: 'mnist', trainSize: 300, testSize: 10 }, 2)).not.toHaveProperty('image');
  });
});
