/** What an arm may say about a sweep; `sweep.ts` expands and checks it. */
import { z } from 'zod';

export const sweepValue = z.union([z.number(), z.string().min(1).max(100)]);

/** Where a setting stands in its arm: `model.initScale`, `model.hidden[0]`. */
export const sweepPath = z
  .string()
  .max(100)
  .regex(/^(?:dataset|model|trainer)(?:\.[a-zA-Z][a-zA-Z0-9]*|\[\d{1,3}\])+$/)
  .describe('a setting of the dataset, model or trainer, such as "model.initScale"');

export const sweepAxis = z.strictObject({
  path: sweepPath,
  values: z.array(sweepValue).min(1).max(1000),
});

export const sweepSpec = z.array(sweepAxis).min(1).max(6);

export const sweepPoint = z.record(sweepPath, sweepValue);

export type SweepValue = z.infer<typeof sweepValue>;
export type SweepAxis = z.infer<typeof sweepAxis>;
/** Path → value; empty for an arm without a sweep. */
export type SweepPoint = Record<string, SweepValue>;
