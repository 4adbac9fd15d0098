/** What a study may say about training. `main/training/` holds the update rules. */
import { z } from 'zod';

const learningRate = z.number().gt(0).max(1000).describe('a positive number');
const weightDecay = z.number().min(0).max(1000).describe('zero or a positive number');
const batchSize = z.union([z.literal('full'), z.int().min(1)]).describe("'full' or an integer from 1");
const beta = z.number().min(0).lt(1);
const warmupSteps = z.int().min(0).describe('steps of linear warmup of the learning rate');

/** Stochastic gradient descent; weight decay is added to the gradient (L2). */
export const sgdSpec = z.strictObject({
  kind: z.literal('sgd'),
  learningRate,
  weightDecay,
  momentum: beta,
  batchSize,
});

const adamFields = {
  learningRate,
  weightDecay,
  beta1: beta,
  beta2: beta,
  epsilon: z.number().gt(0),
  warmupSteps,
  batchSize,
};

/** Adam (Kingma & Ba 2015); weight decay is added to the gradient (L2). */
export const adamSpec = z.strictObject({ kind: z.literal('adam'), ...adamFields });

/** AdamW (Loshchilov & Hutter 2019); weight decay is decoupled. */
export const adamwSpec = z.strictObject({ kind: z.literal('adamw'), ...adamFields });

export const trainerSpec = z.discriminatedUnion('kind', [sgdSpec, adamSpec, adamwSpec]);

export type SgdSpec = z.infer<typeof sgdSpec>;
export type AdamSpec = z.infer<typeof adamSpec>;
export type AdamwSpec = z.infer<typeof adamwSpec>;
export type TrainerSpec = z.infer<typeof trainerSpec>;
