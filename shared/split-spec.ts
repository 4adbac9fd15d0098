/** How datasets say which of their examples train and which test. */
import { z } from 'zod';

export const trainFraction = z
  .number()
  .gt(0)
  .lt(1)
  .describe('share of all examples used for training, strictly between 0 and 1');

/** A split of all examples: by the share or by the number of those that train. */
export const shareOrSize = {
  trainFraction: trainFraction.exactOptional(),
  trainSize: z
    .int()
    .min(1)
    .max(1_000_000)
    .exactOptional()
    .describe('training examples, an integer from 1, in the place of trainFraction'),
};

export type ShareOrSize = { trainFraction?: number; trainSize?: number };

export const saysOne = ({ trainFraction: share, trainSize }: ShareOrSize): boolean =>
  (share === undefined) !== (trainSize === undefined);

export const oneOfThem = {
  path: ['trainFraction'],
  error: 'a number, greater than 0 and less than 1, or a trainSize in its place, not both',
};

export const splitSizes = {
  trainSize: z.int().min(1).max(100_000),
  testSize: z.int().min(1).max(100_000),
};
