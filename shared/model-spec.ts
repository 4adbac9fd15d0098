/** What a study may say about its model. One entry per model family; `main/models/` holds them. */
import { z } from 'zod';

const positive = z.number().gt(0);

const initScale = positive.max(1000).describe('factor on every initial parameter, above 0');
const outputScale = positive.max(1e6).describe('factor on the output, the α of Kumar et al. 2024, above 0');
const centred = z
  .boolean()
  .describe('whether the output at initialization is taken away (Kumar et al. 2024)');

/**
 * What decoder-only transformers have in common; `main/models/decoder.ts` says what the options mean. Absent, they are
 * those of Nanda et al. 2023: no layer norm, learned positions, biases in the MLP, untied unembedding.
 */
const decoderFields = {
  layers: z.int().min(1).max(8),
  dModel: z.int().min(1).max(1024),
  heads: z.int().min(1).max(32),
  dMlp: z.int().min(1).max(4096),
  activation: z.enum(['relu', 'gelu']),
  layerNorm: z
    .enum(['none', 'post', 'pre', 'pre-in-place'])
    .exactOptional()
    .describe('where the blocks are normalized: nowhere, after (Power), before, or as the code of Grokfast'),
  positions: z.enum(['learned', 'sinusoidal']).exactOptional(),
  biases: z
    .enum(['mlp', 'none', 'all'])
    .exactOptional()
    .describe('which linear layers have biases: those of the MLP, none, or attention too'),
  init: z
    .enum(['nanda', 'torch-linear', 'torch-multihead'])
    .exactOptional()
    .describe("distribution of the initial weights: Nanda's, or PyTorch's Linear or MultiheadAttention"),
  tiedEmbedding: z
    .boolean()
    .exactOptional()
    .describe('whether the unembedding is the table of embeddings, transposed'),
  initScale: initScale.exactOptional(),
  outputScale: outputScale.exactOptional(),
  centred: centred.exactOptional(),
};

/** Decoder-only transformer with an MLP in every layer. Nanda et al. 2023; Power et al. 2022; Lee et al. 2024. */
export const transformerSpec = z.strictObject({
  kind: z.literal('transformer'),
  ...decoderFields,
  dropout: z
    .number()
    .min(0)
    .max(0.9)
    .exactOptional()
    .describe('share of activations that training sets to 0, from 0 to 0.9'),
  dropoutAt: z
    .enum(['all', 'mlp'])
    .exactOptional()
    .describe(
      'what dropout acts on: the embeddings and what every block adds, or what the MLPs add (Power, Liu)',
    ),
});

/** The same with several MLPs in every layer, of which a router chooses some for each token. After Li et al. 2025. */
export const moeTransformerSpec = z
  .strictObject({
    kind: z.literal('moe-transformer'),
    ...decoderFields,
    experts: z.int().min(2).max(64).describe('MLPs in every layer, from 2 to 64'),
    expertsPerToken: z.int().min(1).max(8).describe('how many of them a token is sent to, from 1 to 8'),
    balanceWeight: z
      .number()
      .min(0)
      .max(1000)
      .exactOptional()
      .describe('weight of the loss that asks for experts to be chosen alike, from 0'),
  })
  .refine(({ experts, expertsPerToken }) => expertsPerToken <= experts, {
    path: ['expertsPerToken'],
    error: 'at most the number of experts',
  });

/** Multi-layer perceptron. Absent options: biases on hidden layers, one output per class, outputs as they are. */
export const mlpSpec = z.strictObject({
  kind: z.literal('mlp'),
  hidden: z.array(z.int().min(1).max(10_000)).min(1).max(12),
  activation: z.enum(['relu', 'tanh', 'quadratic']),
  outputBias: z.boolean(),
  init: z
    .enum(['xavier-uniform', 'torch-default', 'he-normal', 'standard-normal', 'gromov-analytic'])
    .describe("distribution of the initial weights, or Gromov's analytic solution of modular addition"),
  initScale,
  hiddenBiases: z.boolean().exactOptional().describe('whether hidden layers have biases'),
  zeroReadout: z
    .boolean()
    .exactOptional()
    .describe('whether the last layer starts at 0 (Lyu et al. 2023, large initScale)'),
  singleOutput: z
    .boolean()
    .exactOptional()
    .describe('whether two classes share one output, whose sign is the answer'),
  outputScale: outputScale.exactOptional(),
  centred: centred.exactOptional(),
});

/**
 * Two-layer network with fixed readouts and the activation h + quadratic · h²/2, times outputScale. Kumar et al. 2024,
 * polynomial regression.
 */
export const polynomialNetworkSpec = z.strictObject({
  kind: z.literal('polynomial-network'),
  hidden: z.int().min(1).max(10_000),
  outputScale: positive.max(1000).describe("the paper's α, above 0: large means lazy"),
  quadratic: z.number().min(0).max(1000).describe("the paper's ε, the weight of the quadratic term, from 0"),
  centred: centred.exactOptional(),
});

/**
 * Trainable embeddings of symbols, summed over a pair, and an MLP decoder with biases. Liu et al. 2022, toy model.
 */
export const embeddingDecoderSpec = z.strictObject({
  kind: z.literal('embedding-decoder'),
  embeddingDimensions: z.int().min(1).max(1000),
  embeddingBound: positive.max(1000).describe('embeddings start uniform between minus and plus this'),
  hidden: z.array(z.int().min(1).max(10_000)).min(1).max(12),
  activation: z.enum(['relu', 'tanh']),
});

/** Linear network with the weights u² − v², for two classes or one number. Lyu et al. 2023. */
export const diagonalNetworkSpec = z.strictObject({
  kind: z.literal('diagonal-network'),
  initScale: positive.max(1000).describe('initial value of every u and v, above 0'),
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
  /** Full variational posterior, or Laplace's approximation (Rasmussen & Williams 2006, §3.4); variational when absent. */
  inference: z.enum(['variational', 'laplace']).exactOptional(),
  /** Training inputs that the variational posterior is held at; all of them when absent, as in the paper. */
  inducingPoints: z
    .int()
    .min(1)
    .max(5000)
    .describe('training inputs that the posterior is held at, from 1; all of them when absent')
    .exactOptional(),
});

/**
 * Gaussian process regression: RBF kernel with one length scale per input and an output scale, constant mean,
 * Gaussian noise, trained on the exact marginal likelihood. Miller et al. 2023 through GPyTorch.
 */
export const gpRegressionSpec = z.strictObject({
  kind: z.literal('gp-regression'),
  kernel: z.literal('rbf'),
  lengthScale: positive.max(1e6).describe('initial length scale of every input dimension'),
  outputScale: positive.max(1e6).describe('initial output scale (variance) of the kernel'),
  noise: z
    .number()
    .gt(1e-4)
    .max(1e6)
    .describe('initial variance of the noise, above 0.0001, which is the least it can become'),
  transform: z
    .enum(['softplus', 'exp'])
    .describe("'softplus' (GPyTorch's default) or 'exp': what keeps length scales and output scale positive"),
  jitter: z
    .number()
    .min(0)
    .max(1e-1)
    .describe('added to the diagonal of the kernel matrix, besides the noise'),
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

/**
 * Linear student of a linear teacher, beside the closed-form curves of Levi et al. 2023. An example is right when its
 * squared error is below `errorTolerance` (the paper's ε). `prediction`: the paper's gradient flow, or the same without
 * the limit of a small learning rate.
 */
export const linearEstimatorSpec = z.strictObject({
  kind: z.literal('linear-estimator'),
  errorTolerance: positive.max(1e6).describe('largest squared error of a right answer, above 0'),
  initialScale: z.number().min(0).max(1000).describe("factor on the teacher's standard deviation, from 0"),
  prediction: z.enum(['gradient-flow', 'gradient-descent']),
});

/**
 * Bayesian network: ReLU layers with biases, every weight with a Gaussian posterior of its own, prior N(0,
 * priorDeviation²). Miller et al. 2023, `TinyBayes`.
 */
export const bayesianNetworkSpec = z.strictObject({
  kind: z.literal('bayesian-network'),
  hidden: z.array(z.int().min(1).max(10_000)).min(1).max(12),
  priorDeviation: positive.max(1000).describe("standard deviation of every weight's prior, above 0"),
  initialMeanDeviation: z
    .number()
    .min(0)
    .max(1000)
    .describe('standard deviation of the initial posterior means'),
  initialDeviation: positive
    .max(1000)
    .describe('initial standard deviation of the posterior of every weight'),
  evaluationSamples: z
    .int()
    .min(1)
    .max(256)
    .describe('networks drawn from the posterior for every recorded row'),
});

/**
 * Kernel regression with the neural tangent kernel of the `mlp` of these settings (ReLU), by gradient descent on the
 * squared error. Jacot et al. 2018.
 */
export const kernelRidgeSpec = z.strictObject({
  kind: z.literal('kernel-ridge'),
  kernel: z.literal('relu-ntk'),
  hidden: z.array(z.int().min(1).max(1_000_000)).min(1).max(12),
  outputBias: z.boolean(),
  init: z.enum(['xavier-uniform', 'torch-default']).describe('distribution of the initial weights'),
  initScale: positive.max(1000).describe('factor on every initial parameter'),
});

/**
 * Ridge regression at one penalty after the other, from strong to weak: at effort e the penalty is strongestPenalty ·
 * 10^(−e / pointsPerDecade). Linear in the inputs, or in random ReLU features of them. Hastie et al. 2009, §3.4.1.
 */
export const ridgePathSpec = z.strictObject({
  kind: z.literal('ridge-path'),
  randomFeatures: z
    .int()
    .min(0)
    .max(5000)
    .describe('random ReLU features from 1 to 5000, or 0 for the inputs'),
  strongestPenalty: positive.max(1e12).describe('penalty on the squared weights at effort 0, above 0'),
  pointsPerDecade: z.int().min(1).max(1000).describe('efforts in which the penalty falls by a factor of ten'),
});

/**
 * Random forest of classification or regression trees (Breiman 2001). An effort is one leaf node more: the first tree
 * grows to its last leaf, then tree after tree is added, the two axes of Belkin et al. 2019.
 */
export const randomForestSpec = z.strictObject({
  kind: z.literal('random-forest'),
  maxLeaves: z
    .union([z.literal('unbounded'), z.int().min(2).max(1_000_000)])
    .describe("most leaf nodes of a tree, from 2, or 'unbounded': until nothing can be split"),
  featuresPerSplit: z
    .union([z.enum(['all', 'sqrt']), z.int().min(1).max(1_000_000)])
    .describe("features drawn for every split: an integer from 1, 'all', or 'sqrt' of their number"),
  bootstrap: z.boolean().describe('whether every tree has its own sample of the examples, with replacement'),
});

export const modelSpec = z.discriminatedUnion('kind', [
  transformerSpec,
  moeTransformerSpec,
  mlpSpec,
  polynomialNetworkSpec,
  embeddingDecoderSpec,
  diagonalNetworkSpec,
  gpClassifierSpec,
  gpRegressionSpec,
  linearRegressionSpec,
  linearEstimatorSpec,
  bayesianNetworkSpec,
  kernelRidgeSpec,
  ridgePathSpec,
  randomForestSpec,
]);

export type TransformerSpec = z.infer<typeof transformerSpec>;
export type DecoderFields = Omit<TransformerSpec, 'kind'>;
export type MoeTransformerSpec = z.infer<typeof moeTransformerSpec>;
export type MlpSpec = z.infer<typeof mlpSpec>;
export type PolynomialNetworkSpec = z.infer<typeof polynomialNetworkSpec>;
export type EmbeddingDecoderSpec = z.infer<typeof embeddingDecoderSpec>;
export type DiagonalNetworkSpec = z.infer<typeof diagonalNetworkSpec>;
export type GpClassifierSpec = z.infer<typeof gpClassifierSpec>;
export type GpRegressionSpec = z.infer<typeof gpRegressionSpec>;
export type LinearFeature = z.infer<typeof linearFeature>;
export type LinearRegressionSpec = z.infer<typeof linearRegressionSpec>;
export type LinearEstimatorSpec = z.infer<typeof linearEstimatorSpec>;
export type BayesianNetworkSpec = z.infer<typeof bayesianNetworkSpec>;
export type KernelRidgeSpec = z.infer<typeof kernelRidgeSpec>;
export type RidgePathSpec = z.infer<typeof ridgePathSpec>;
export type RandomForestSpec = z.infer<typeof randomForestSpec>;
export type ModelSpec = z.infer<typeof modelSpec>;
export type ModelKind = ModelSpec['kind'];

/** The families that the comparison view sets side by side. */
export const families = ['neural', 'gaussian-process', 'linear', 'tree'] as const;
export type Family = (typeof families)[number];

export const familyOf: Record<ModelKind, Family> = {
  transformer: 'neural',
  'moe-transformer': 'neural',
  mlp: 'neural',
  'polynomial-network': 'neural',
  'embedding-decoder': 'neural',
  'diagonal-network': 'neural',
  'gp-classifier': 'gaussian-process',
  'gp-regression': 'gaussian-process',
  'linear-regression': 'linear',
  'linear-estimator': 'linear',
  'bayesian-network': 'neural',
  'kernel-ridge': 'linear',
  'ridge-path': 'linear',
  'random-forest': 'tree',
};

/** The unit of effort that a family's own x axis counts. */
export const effortUnit: Record<Family, string> = {
  neural: 'optimizer step',
  'gaussian-process': 'hyperparameter update',
  linear: 'gradient-descent step',
  tree: 'leaf node',
};

/** The unit of a model's own effort. */
export function effortUnitOf(kind: ModelKind): string {
  return kind === 'ridge-path' ? 'path point' : effortUnit[familyOf[kind]];
}

/** Everything that has the form of real inputs, or can be brought into it (`main/models/dense-task.ts`). */
const denseDatasets: readonly string[] = [
  'modular-addition',
  'modular-arithmetic',
  'modular-one-hot',
  'permutation-group',
  'multi-task',
  'two-hop',
  'cellular-automaton',
  'character-corpus',
  'hidden-parity',
  'sparse-classification',
  'zero-one',
  'subclass-shift',
  'mnist',
  'mnist-subclasses',
  'csv-classification',
  'random-labels',
  'concealment',
  'slope-regression',
  'sine-regression',
  'linear-teacher-student',
  'sparse-regression',
  'single-index',
  'network-teacher-student',
  'symbol-addition',
  'csv-regression',
];

/** Everything that has the form of tokens, or may have it. */
const tokenDatasets: readonly string[] = [
  'modular-addition',
  'modular-arithmetic',
  'permutation-group',
  'multi-task',
  'two-hop',
  'cellular-automaton',
  'character-corpus',
  'random-labels',
];

/** Which datasets a model accepts; what `datasetForm` says of each has to fit too. */
export const acceptedDatasets: Record<ModelKind, readonly string[]> = {
  transformer: tokenDatasets,
  'moe-transformer': tokenDatasets,
  mlp: denseDatasets,
  'polynomial-network': ['single-index', 'csv-regression'],
  'embedding-decoder': ['symbol-addition'],
  'diagonal-network': [
    'sparse-classification',
    'sparse-regression',
    'linear-teacher-student',
    'csv-classification',
    'csv-regression',
    'random-labels',
  ],
  'gp-classifier': [
    'hidden-parity',
    'cellular-automaton',
    'sparse-classification',
    'zero-one',
    'csv-classification',
    'random-labels',
    'concealment',
  ],
  'gp-regression': ['slope-regression', 'sine-regression', 'single-index', 'csv-regression'],
  'linear-regression': ['slope-regression'],
  'linear-estimator': ['linear-teacher-student'],
  'kernel-ridge': denseDatasets,
  'ridge-path': denseDatasets,
  'random-forest': denseDatasets,
  'bayesian-network': [
    'modular-one-hot',
    'hidden-parity',
    'cellular-automaton',
    'sparse-classification',
    'zero-one',
    'subclass-shift',
    'mnist',
    'mnist-subclasses',
    'csv-classification',
    'random-labels',
    'concealment',
  ],
};

/** Which trainers a model accepts. */
export const acceptedTrainers: Record<ModelKind, readonly string[]> = {
  transformer: ['sgd', 'adam', 'adamw'],
  'moe-transformer': ['sgd', 'adam', 'adamw'],
  mlp: ['sgd', 'adam', 'adamw'],
  'polynomial-network': ['sgd', 'adam', 'adamw'],
  'embedding-decoder': ['sgd', 'adam', 'adamw'],
  'diagonal-network': ['sgd', 'adam', 'adamw'],
  'gp-classifier': ['adam'],
  'gp-regression': ['adam'],
  'linear-regression': ['sgd'],
  'linear-estimator': ['sgd'],
  'bayesian-network': ['sgd', 'adam', 'adamw'],
  'kernel-ridge': ['sgd'],
  'ridge-path': ['direct'],
  'random-forest': ['direct'],
};

/** Models whose every update sees all training examples. */
export const fullBatchModels: readonly ModelKind[] = [
  'gp-classifier',
  'gp-regression',
  'linear-regression',
  'linear-estimator',
  'kernel-ridge',
];
