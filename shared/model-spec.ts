/** What a study may say about its model. One entry per model family; `main/models/` holds them. */
import { z } from 'zod';

const positive = z.number().gt(0);

/** Decoder-only transformer of Nanda et al. 2023: no layer norm, learned positions, untied unembedding. */
export const transformerSpec = z.strictObject({
  kind: z.literal('transformer'),
  layers: z.int().min(1).max(4),
  dModel: z.int().min(1).max(1024),
  heads: z.int().min(1).max(32),
  dMlp: z.int().min(1).max(4096),
  activation: z.enum(['relu', 'gelu']),
});

/** Multi-layer perceptron with biases on hidden layers. */
export const mlpSpec = z.strictObject({
  kind: z.literal('mlp'),
  hidden: z.array(z.int().min(1).max(10_000)).min(1).max(12),
  activation: z.enum(['relu', 'tanh', 'quadratic']),
  outputBias: z.boolean(),
  init: z.enum(['xavier-uniform', 'torch-default']).describe('distribution of the initial weights'),
  initScale: positive.max(1000).describe('factor on every initial parameter'),
});

/**
 * Gaussian process classifier: Bernoulli (probit) likelihood, RBF kernel with one length scale per input
 * dimension and an output scale, constant mean, full variational posterior. Miller et al. 2023 through GPyTorch.
 */
export const gpClassifierSpec = z.strictObject({
  kind: z.literal('gp-classifier'),
  kernel: z.literal('rbf'),
  lengthScale: positive.max(1e6).describe('initial length scale of every input dimension'),
  outputScale: positive.max(1e6).describe('initial output scale (variance) of the kernel'),
  jitter: z.number().min(0).max(1e-1).describe('added to the diagonal of the kernel matrix'),
});

/** A feature of a scalar x that a linear model may use. */
export const linearFeature = z.enum(['1', 'x', 'x^2', 'x^3', 'sin(100x)']);

/**
 * Linear regression on decoy features. Loss = (SSE / noiseVariance) / n + (Σ w² / weightVariance) / n.
 * Miller et al. 2023, linear regression.
 */
export const linearRegressionSpec = z
  .strictObject({
    kind: z.literal('linear-regression'),
    features: z.array(linearFeature).min(1).max(5),
    initialWeights: z.array(z.number()).min(1).max(5),
    noiseVariance: positive,
    weightVariance: positive,
  })
  .refine((spec) => spec.features.length === spec.initialWeights.length, {
    path: ['initialWeights'],
    error: 'one initial weight per feature',
  });

export const modelSpec = z.discriminatedUnion('kind', [
  transformerSpec,
  mlpSpec,
  gpClassifierSpec,
  linearRegressionSpec,
]);

export type TransformerSpec = z.infer<typeof transformerSpec>;
export type MlpSpec = z.infer<typeof mlpSpec>;
export type GpClassifierSpec = z.infer<typeof gpClassifierSpec>;
export type LinearFeature = z.infer<typeof linearFeature>;
export type LinearRegressionSpec = z.infer<typeof linearRegressionSpec>;
export type ModelSpec = z.infer<typeof modelSpec>;
export type ModelKind = ModelSpec['kind'];

/** The three families that the comparison view sets side by side. */
export type Family = 'neural' | 'gaussian-process' | 'linear';

export const familyOf: Record<ModelKind, Family> = {
  transformer: 'neural',
  mlp: 'neural',
  'gp-classifier': 'gaussian-process',
  'linear-regression': 'linear',
};

/** The unit of effort that a family's own x axis counts. */
export const effortUnit: Record<Family, string> = {
  neural: 'optimizer step',
  'gaussian-process': 'hyperparameter update',
  linear: 'gradient-descent step',
};

/** Which datasets a model accepts. */
export const acceptedDatasets: Record<ModelKind, readonly string[]> = {
  transformer: ['modular-addition'],
  mlp: ['modular-addition', 'hidden-parity', 'zero-one'],
  'gp-classifier': ['hidden-parity', 'zero-one'],
  'linear-regression': ['slope-regression'],
};

/** Which trainers a model accepts. */
export const acceptedTrainers: Record<ModelKind, readonly string[]> = {
  transformer: ['sgd', 'adam', 'adamw'],
  mlp: ['sgd', 'adam', 'adamw'],
  'gp-classifier': ['adam'],
  'linear-regression': ['sgd'],
};
