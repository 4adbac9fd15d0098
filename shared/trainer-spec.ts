/**
 * What a study may say about training. `main/training/` holds the update rules. Settings that may be absent have their
 * plain meaning then (float32, softmax cross-entropy, constant learning rate, no filter, no noise); `trainer-rules.ts` says which models know
 * them.
 */
import { z } from 'zod';

const learningRate = z.number().gt(0).max(1000).describe('a positive number');
const weightDecay = z.number().min(0).max(1000).describe('zero or a positive number');
const batchSize = z.union([z.literal('full'), z.int().min(1)]).describe("'full' or an integer from 1");
const beta = z.number().min(0).lt(1);
const warmupSteps = z.int().min(0).describe('steps of linear warmup of the learning rate');
const standardDeviation = z.number().gt(0).max(1000);

/**
 * What a parameter is for. `embedding`: tables of tokens and positions; `readout`: the weights of the last layer (the
 * unembedding); `bias`; `hidden`: all other weights.
 */
export const parameterRole = z.enum(['embedding', 'hidden', 'readout', 'bias']);

/** Settings of the parameters of one role, in the place of the trainer's own. Liu et al. 2022 train embeddings apart. */
export const parameterGroup = z.strictObject({
  role: parameterRole,
  learningRate: learningRate.exactOptional(),
  weightDecay: weightDecay.exactOptional(),
});

/** What is done to the gradient before the update rule sees it. */
export const gradientFilter = z.discriminatedUnion('kind', [
  /** Grokfast-EMA (Lee et al. 2024, algorithm 2): the gradient plus λ times its exponential moving average. */
  z.strictObject({
    kind: z.literal('grokfast-ema'),
    alpha: beta.describe('momentum of the moving average'),
    lambda: z.number().min(0).max(1000).describe('weight of the moving average'),
  }),
  /** Grokfast-MA (Lee et al. 2024, algorithm 1): the same with the mean over a window of steps. */
  z.strictObject({
    kind: z.literal('grokfast-ma'),
    window: z.int().min(1).max(500).describe('steps that the mean runs over'),
    lambda: z.number().min(0).max(1000).describe('weight of the mean'),
    warmup: z.boolean().describe('whether the filter waits until the window is full'),
  }),
  /** ⊥Grad (Prieto et al. 2025): the part of the gradient at right angles to each parameter tensor. */
  z.strictObject({ kind: z.literal('perpendicular') }),
]);

/** Gaussian noise, drawn anew for every update, independent for every parameter. */
export const trainingNoise = z.discriminatedUnion('kind', [
  /** Added to the gradient, with variance σ²/(1 + t)^decay at update t from 0. Neelakantan et al. 2015, equation 1. */
  z.strictObject({
    kind: z.literal('gradient'),
    standardDeviation,
    decay: z.number().min(0).max(10).describe('exponent with which the variance falls; 0 keeps it'),
  }),
  /** Added to the direction of the update: W ← W + η(ΔW + σε). Power et al. 2022. */
  z.strictObject({ kind: z.literal('update'), standardDeviation }),
  /** Added to the weights while the gradient is taken: ∇L(W + σε). Power et al. 2022. */
  z.strictObject({ kind: z.literal('weights'), standardDeviation }),
]);

const scheduleSteps = z.int().min(1).describe('updates after warmup until the learning rate is at its floor');
const scheduleFloor = z
  .number()
  .min(0)
  .max(1)
  .describe('what is left of the learning rate at the end, from 0 to 1');

/** How the learning rate moves after warmup; at its floor it stays. */
export const rateSchedule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant') }),
  /** In a straight line to `floor` times the learning rate. */
  z.strictObject({ kind: z.literal('linear'), steps: scheduleSteps, floor: scheduleFloor }),
  /** Along half a cosine to `floor` times the learning rate (Loshchilov & Hutter 2017). */
  z.strictObject({ kind: z.literal('cosine'), steps: scheduleSteps, floor: scheduleFloor }),
]);

const optionalFields = {
  /** The floating-point type of weights, activations, gradients and moments. */
  precision: z.enum(['float32', 'float64']).exactOptional(),
  /**
   * Softmax cross-entropy; mean squared error on one-hot labels; cross-entropy of StableMax (Prieto et al. 2025); hinge
   * loss of the largest wrong logit (Crammer & Singer 2001; of two classes, that of Merrill et al. 2023).
   */
  loss: z.enum(['cross-entropy', 'mse', 'stablemax', 'hinge']).exactOptional(),
  /** The type in which the training loss is computed from the logits; that of everything else when absent. */
  lossPrecision: z.enum(['float32', 'float64']).exactOptional(),
  schedule: rateSchedule.exactOptional(),
  groups: z.array(parameterGroup).min(1).max(4).exactOptional(),
  gradientFilter: gradientFilter.exactOptional(),
  noise: trainingNoise.exactOptional(),
};

/** Stochastic gradient descent; weight decay is added to the gradient (L2). */
export const sgdSpec = z.strictObject({
  kind: z.literal('sgd'),
  learningRate,
  weightDecay,
  momentum: beta,
  /** Nesterov's momentum (Sutskever et al. 2013). */
  nesterov: z.boolean().exactOptional(),
  batchSize,
  ...optionalFields,
});

const adamFields = {
  learningRate,
  weightDecay,
  beta1: beta,
  beta2: beta,
  epsilon: z.number().gt(0),
  warmupSteps,
  batchSize,
  ...optionalFields,
};

/** Adam (Kingma & Ba 2015); weight decay is added to the gradient (L2). */
export const adamSpec = z.strictObject({ kind: z.literal('adam'), ...adamFields });

/** AdamW (Loshchilov & Hutter 2019); weight decay is decoupled. */
export const adamwSpec = z.strictObject({
  kind: z.literal('adamw'),
  ...adamFields,
  /** Where weight decay pulls to: zero, or the initial weights (Power et al. 2022). */
  decayToward: z.enum(['zero', 'initial-weights']).exactOptional(),
});

export const trainerSpec = z.discriminatedUnion('kind', [sgdSpec, adamSpec, adamwSpec]);

/** No descent: every effort is solved or grown for itself. */
export const directSpec = z.strictObject({ kind: z.literal('direct'), batchSize: z.literal('full') });

/** What an arm may say: gradient descent of some kind, or none. */
export const armTrainerSpec = z.discriminatedUnion('kind', [sgdSpec, adamSpec, adamwSpec, directSpec]);

export type SgdSpec = z.infer<typeof sgdSpec>;
export type AdamSpec = z.infer<typeof adamSpec>;
export type AdamwSpec = z.infer<typeof adamwSpec>;
export type TrainerSpec = z.infer<typeof trainerSpec>;
export type DirectSpec = z.infer<typeof directSpec>;
export type ParameterRole = z.infer<typeof parameterRole>;
export type ParameterGroup = z.infer<typeof parameterGroup>;
export type GradientFilterSpec = z.infer<typeof gradientFilter>;
export type RateScheduleSpec = z.infer<typeof rateSchedule>;
export type TrainingNoiseSpec = z.infer<typeof trainingNoise>;
export type LossKind = NonNullable<TrainerSpec['loss']>;
