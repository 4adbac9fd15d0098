/** What a study may say about linear data that a few inputs decide. */
import { z } from 'zod';
import { splitSizes } from './split-spec.ts';

const sparseFields = {
  dimensions: z.int().min(1).max(100_000),
  nonzero: z.int().min(1).max(100_000).describe('inputs that the target depends on: at most dimensions'),
  weights: z.enum(['signs', 'normal']).describe('their weights: −1 or 1, or normal'),
  inputs: z.enum(['signs', 'normal']).describe('all inputs: −1 or 1, or normal'),
  ...splitSizes,
};

const nonzeroFits = ({ nonzero, dimensions }: { nonzero: number; dimensions: number }): boolean =>
  nonzero <= dimensions;

/** The sign of a linear function of a few inputs, perhaps with a margin. Lyu et al. 2023, diagonal networks. */
export const sparseClassificationSpec = z
  .strictObject({
    kind: z.literal('sparse-classification'),
    ...sparseFields,
    margin: z.number().min(0).max(1e6).describe("gap between the classes, the paper's γ, from 0"),
  })
  .refine(nonzeroFits, { path: ['nonzero'], error: 'at most dimensions' })
  .refine((spec) => spec.weights === 'normal' || spec.inputs === 'normal' || spec.nonzero % 2 === 1, {
    path: ['nonzero'],
    error: 'an odd number: a sum of an even number of signs can be 0, which has no sign',
  });

/** A linear function of a few inputs. */
export const sparseRegressionSpec = z
  .strictObject({ kind: z.literal('sparse-regression'), ...sparseFields })
  .refine(nonzeroFits, { path: ['nonzero'], error: 'at most dimensions' });

export type SparseClassificationSpec = z.infer<typeof sparseClassificationSpec>;
export type SparseRegressionSpec = z.infer<typeof sparseRegressionSpec>;
