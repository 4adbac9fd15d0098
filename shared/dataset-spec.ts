/**
 * What a study may say about its data. One entry per dataset family; `main/datasets/` holds the builders.
 * `datasetSizes` gives the split sizes without building anything, so that a study is refused before it starts.
 */
import { z } from 'zod';

const trainFraction = z
  .number()
  .gt(0)
  .lt(1)
  .describe('share of all examples used for training, strictly between 0 and 1');

/** (a + b) mod p over all p² pairs, as tokens (a, b, '='). Nanda et al. 2023; Power et al. 2022. */
export const modularAdditionSpec = z.strictObject({
  kind: z.literal('modular-addition'),
  p: z.int().min(2).max(1000).describe('modulus: an integer from 2 to 1000'),
  trainFraction,
});

/**
 * Parity of `parityBits` bits hidden among `decoys` irrelevant inputs. Merrill et al. 2023; Miller et al. 2023.
 * The authors' code draws decoys from {0, 1}; Miller's text says normal: `decoyKind` chooses.
 */
export const hiddenParitySpec = z.strictObject({
  kind: z.literal('hidden-parity'),
  parityBits: z.int().min(1).max(16),
  decoys: z.int().min(0).max(1000),
  decoyKind: z.enum(['bits', 'normal']),
  trainSize: z.int().min(1).max(100_000),
  testSize: z.int().min(1).max(100_000),
});

/** y = 1[x > 0] for x ~ U(-0.5, 0.5): the 0/1 slope task. Miller et al. 2023, GP classification. */
export const zeroOneSpec = z.strictObject({
  kind: z.literal('zero-one'),
  points: z.int().min(2).max(10_000),
  trainSize: z.int().min(1).max(10_000),
  testSize: z.int().min(1).max(10_000),
});

/** y = slope·x for x ~ U(-0.5, 0.5): regression judged by the sign of the prediction. Miller et al. 2023. */
export const slopeRegressionSpec = z.strictObject({
  kind: z.literal('slope-regression'),
  slope: z.number().describe('a finite number'),
  points: z.int().min(2).max(10_000),
  trainSize: z.int().min(1).max(10_000),
  testSize: z.int().min(1).max(10_000),
});

export const datasetSpec = z.discriminatedUnion('kind', [
  modularAdditionSpec,
  hiddenParitySpec,
  zeroOneSpec,
  slopeRegressionSpec,
]);

export type ModularAdditionSpec = z.infer<typeof modularAdditionSpec>;
export type HiddenParitySpec = z.infer<typeof hiddenParitySpec>;
export type ZeroOneSpec = z.infer<typeof zeroOneSpec>;
export type SlopeRegressionSpec = z.infer<typeof slopeRegressionSpec>;
export type DatasetSpec = z.infer<typeof datasetSpec>;

/** Split sizes of a dataset, in examples. `available` is how many examples exist to be split. */
export interface DatasetSizes {
  train: number;
  test: number;
  available: number;
}

/** Sizes that a builder will produce: modular data keeps `floor(trainFraction · p²)` for training (Nanda: 3830). */
export function datasetSizes(spec: DatasetSpec): DatasetSizes {
  switch (spec.kind) {
    case 'modular-addition': {
      const available = spec.p * spec.p;
      const train = Math.floor(spec.trainFraction * available);
      return { train, test: available - train, available };
    }
    case 'hidden-parity': {
      // Sampled with replacement, as the authors do: the pool does not bound the sizes.
      const available = spec.trainSize + spec.testSize;
      return { train: spec.trainSize, test: spec.testSize, available };
    }
    case 'zero-one':
    case 'slope-regression':
      return { train: spec.trainSize, test: spec.testSize, available: spec.points };
  }
}
