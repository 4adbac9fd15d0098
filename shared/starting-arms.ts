/**
 * What a form fills in: the settings of every kind of dataset, model and trainer, of options that are switched on, and
 * for every model an arm that runs as it is, small enough to end within about a minute.
 */
import type { DatasetSpec } from './dataset-spec.ts';
import type { ModelKind, ModelSpec } from './model-spec.ts';
import { STUDY_SCHEMA_VERSION, type Arm, type Study } from './study.ts';
import type {
  GradientFilterSpec,
  ParameterGroup,
  RateScheduleSpec,
  TrainingNoiseSpec,
} from './trainer-spec.ts';

type ArmTrainer = Arm['trainer'];
type Every<Spec extends { kind: string }> = { [K in Spec['kind']]: Extract<Spec, { kind: K }> };

const sizes = { trainSize: 500, testSize: 200 };
const shares = { standardize: true, trainFraction: 0.5 };
const exampleRows = Array.from({ length: 24 }, (_, i) => [(i * 7) % 24, (i * 5) % 11]);

export const startingDatasets: Every<DatasetSpec> = {
  'modular-addition': { kind: 'modular-addition', p: 31, trainFraction: 0.4 },
  'modular-arithmetic': { kind: 'modular-arithmetic', operation: 'x/y', p: 31, trainFraction: 0.5 },
  'modular-one-hot': { kind: 'modular-one-hot', operation: 'x+y', p: 7, trainSize: 600, testSize: 200 },
  'permutation-group': { kind: 'permutation-group', symbols: 4, operation: 'xy', trainFraction: 0.5 },
  'multi-task': { kind: 'multi-task', operations: ['x+y', 'x*y', 'x-y'], p: 23, trainFraction: 0.6 },
  'two-hop': {
    kind: 'two-hop',
    entities: 60,
    relations: 12,
    factsPerEntity: 8,
    oodFactsPerEntity: 1,
    inferredRatio: 4,
    testSize: 500,
  },
  'cellular-automaton': {
    kind: 'cellular-automaton',
    rule: 30,
    cells: 12,
    steps: 1,
    encoding: 'vectors',
    trainSize: 300,
    testSize: 1000,
  },
  'character-corpus': { kind: 'character-corpus', trainSize: 500, testSize: 500 },
  'hidden-parity': { kind: 'hidden-parity', parityBits: 3, decoys: 12, decoyKind: 'bits', ...sizes },
  'sparse-classification': {
    kind: 'sparse-classification',
    dimensions: 1000,
    nonzero: 3,
    weights: 'signs',
    inputs: 'signs',
    margin: 0,
    trainSize: 100,
    testSize: 500,
  },
  'sparse-regression': {
    kind: 'sparse-regression',
    dimensions: 200,
    nonzero: 3,
    weights: 'signs',
    inputs: 'normal',
    trainSize: 60,
    testSize: 200,
  },
  'zero-one': { kind: 'zero-one', points: 100, trainSize: 20, testSize: 20 },
  'slope-regression': { kind: 'slope-regression', slope: 0.3, points: 100, trainSize: 2, testSize: 98 },
  'linear-teacher-student': { kind: 'linear-teacher-student', dimensions: 100, trainSize: 90, testSize: 200 },
  'single-index': { kind: 'single-index', dimensions: 20, trainSize: 150, testSize: 200 },
  'network-teacher-student': {
    kind: 'network-teacher-student',
    dimensions: 5,
    hidden: [20],
    outputs: 1,
    teacherScale: 1,
    trainSize: 100,
    testSize: 200,
  },
  'sine-regression': { kind: 'sine-regression', noise: 0.1, trainSize: 50, testSize: 50 },
  'symbol-addition': { kind: 'symbol-addition', symbols: 10, targetDimensions: 30, trainSize: 45 },
  'subclass-shift': {
    kind: 'subclass-shift',
    structure: 'equidistant',
    total: 200,
    fraction: 0.2,
    rarePerClass: 1,
    standardDeviation: 0.2,
    testSize: 1000,
  },
  mnist: { kind: 'mnist', trainSize: 1000, testSize: 1000 },
  'mnist-subclasses': {
    kind: 'mnist-subclasses',
    clusters: 2,
    rarePerClass: 1,
    fraction: 0.1,
    totalPerDigit: 100,
    testSize: 1000,
  },
  'csv-classification': {
    kind: 'csv-classification',
    file: 'an example, not yet your table',
    columns: ['width', 'height', 'class'],
    rows: exampleRows.map(([width, height]) => [
      width as number,
      height as number,
      (width as number) > 11 ? 'wide' : 'narrow',
    ]),
    target: 'class',
    ...shares,
  },
  'csv-regression': {
    kind: 'csv-regression',
    file: 'an example, not yet your table',
    columns: ['width', 'height', 'area'],
    rows: exampleRows.map(([width, height]) => [
      width as number,
      height as number,
      (width as number) * (height as number),
    ]),
    target: 'area',
    ...shares,
  },
  'random-labels': {
    kind: 'random-labels',
    share: 1,
    of: { kind: 'hidden-parity', parityBits: 3, decoys: 12, decoyKind: 'bits', ...sizes },
  },
  concealment: {
    kind: 'concealment',
    dimensions: 10,
    decoyKind: 'bits',
    of: { kind: 'modular-one-hot', operation: 'x+y', p: 7, trainSize: 600, testSize: 200 },
  },
};

export const startingModels: Every<ModelSpec> = {
  transformer: { kind: 'transformer', layers: 1, dModel: 32, heads: 4, dMlp: 128, activation: 'relu' },
  'moe-transformer': {
    kind: 'moe-transformer',
    layers: 2,
    dModel: 32,
    heads: 4,
    dMlp: 32,
    activation: 'relu',
    experts: 4,
    expertsPerToken: 2,
    balanceWeight: 0.01,
  },
  mlp: {
    kind: 'mlp',
    hidden: [200],
    activation: 'relu',
    outputBias: true,
    init: 'torch-default',
    initScale: 1,
  },
  'polynomial-network': { kind: 'polynomial-network', hidden: 100, outputScale: 1, quadratic: 0.25 },
  'embedding-decoder': {
    kind: 'embedding-decoder',
    embeddingDimensions: 1,
    embeddingBound: 0.5,
    hidden: [200, 200],
    activation: 'tanh',
  },
  'diagonal-network': { kind: 'diagonal-network', initScale: 1 },
  'gp-classifier': {
    kind: 'gp-classifier',
    kernel: 'rbf',
    lengthScale: 0.005,
    outputScale: 0.7,
    jitter: 0.001,
  },
  'gp-regression': {
    kind: 'gp-regression',
    kernel: 'rbf',
    lengthScale: 0.1,
    outputScale: 0.7,
    noise: 0.7,
    transform: 'softplus',
    jitter: 0,
  },
  'linear-regression': {
    kind: 'linear-regression',
    features: ['x', 'x^2', 'x^3', 'sin(100x)'],
    initialWeights: [0.0005, 0.9, 0.9, 0.9],
    noiseVariance: 0.002,
    weightVariance: 0.5,
  },
  'linear-estimator': {
    kind: 'linear-estimator',
    errorTolerance: 0.001,
    initialScale: 1,
    prediction: 'gradient-flow',
  },
  'bayesian-network': {
    kind: 'bayesian-network',
    hidden: [100],
    priorDeviation: 1,
    initialMeanDeviation: 0.1,
    initialDeviation: 0.01,
    evaluationSamples: 8,
  },
  'kernel-ridge': {
    kind: 'kernel-ridge',
    kernel: 'relu-ntk',
    hidden: [200],
    outputBias: true,
    init: 'torch-default',
    initScale: 1,
  },
  'ridge-path': { kind: 'ridge-path', randomFeatures: 0, strongestPenalty: 1000, pointsPerDecade: 10 },
  'random-forest': {
    kind: 'random-forest',
    maxLeaves: 'unbounded',
    featuresPerSplit: 'sqrt',
    bootstrap: false,
  },
};

const adaptive = {
  learningRate: 0.001,
  weightDecay: 0,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  warmupSteps: 0,
  batchSize: 'full',
} as const;

export const startingTrainers: Every<ArmTrainer> = {
  sgd: { kind: 'sgd', learningRate: 0.1, weightDecay: 0, momentum: 0, batchSize: 'full' },
  adam: { kind: 'adam', ...adaptive },
  adamw: { kind: 'adamw', ...adaptive, beta2: 0.98, weightDecay: 1 },
  direct: { kind: 'direct', batchSize: 'full' },
};

export const startingFilters: Every<GradientFilterSpec> = {
  'grokfast-ema': { kind: 'grokfast-ema', alpha: 0.98, lambda: 2 },
  'grokfast-ma': { kind: 'grokfast-ma', window: 100, lambda: 5, warmup: true },
  perpendicular: { kind: 'perpendicular' },
};

export const startingNoises: Every<TrainingNoiseSpec> = {
  gradient: { kind: 'gradient', standardDeviation: 0.01, decay: 0.55 },
  update: { kind: 'update', standardDeviation: 0.01 },
  weights: { kind: 'weights', standardDeviation: 0.01 },
};

export const startingSchedules: Every<RateScheduleSpec> = {
  constant: { kind: 'constant' },
  linear: { kind: 'linear', steps: 1000, floor: 0.1 },
  cosine: { kind: 'cosine', steps: 1000, floor: 0.1 },
};

export const startingGroup: ParameterGroup = { role: 'readout', learningRate: 0.001 };

export const startingPaper: NonNullable<Study['paper']> = {
  citation: 'Authors. Title. Year.',
  year: 2024,
  arxiv: '2401.00000',
};

const accuracy: Arm['thresholds'] = { metric: 'accuracy', train: 0.95, test: 0.95, sustain: 1.1 };
const { sgd, adam, adamw, direct } = startingTrainers;

/** What an arm of each model learns, and how. */
const settings: Record<ModelKind, Pick<Arm, 'title' | 'dataset' | 'trainer' | 'budget' | 'thresholds'>> = {
  transformer: {
    title: 'Transformer on modular addition',
    dataset: startingDatasets['modular-addition'],
    trainer: adamw,
    budget: { maxEffort: 3000 },
    thresholds: accuracy,
  },
  'moe-transformer': {
    title: 'Mixture of experts on several tasks',
    dataset: startingDatasets['multi-task'],
    trainer: adamw,
    budget: { maxEffort: 2000 },
    thresholds: accuracy,
  },
  mlp: {
    title: 'Network on hidden parity',
    dataset: startingDatasets['hidden-parity'],
    trainer: { ...sgd, weightDecay: 0.01, batchSize: 32 },
    budget: { maxEffort: 4000 },
    thresholds: accuracy,
  },
  'polynomial-network': {
    title: 'Polynomial network on a single index',
    dataset: startingDatasets['single-index'],
    trainer: { ...sgd, loss: 'mse' },
    budget: { maxEffort: 3000 },
    thresholds: { metric: 'loss', train: 0.01, test: 0.1, sustain: 1.1 },
  },
  'embedding-decoder': {
    title: 'Embeddings and decoder on the addition of symbols',
    dataset: startingDatasets['symbol-addition'],
    trainer: {
      ...adamw,
      weightDecay: 5,
      loss: 'mse',
      groups: [{ role: 'embedding', learningRate: 0.001, weightDecay: 0 }],
    },
    budget: { maxEffort: 5000 },
    thresholds: { metric: 'accuracy', train: 0.9, test: 0.9, sustain: 1.1 },
  },
  'diagonal-network': {
    title: 'Diagonal network on sparse classification',
    dataset: startingDatasets['sparse-classification'],
    trainer: { ...sgd, learningRate: 0.05, weightDecay: 0.01 },
    budget: { maxEffort: 12_000 },
    thresholds: accuracy,
  },
  'gp-classifier': {
    title: 'Gaussian process classifier on the 0/1 task',
    dataset: startingDatasets['zero-one'],
    trainer: { ...adam, learningRate: 0.01 },
    budget: { maxEffort: 1500 },
    thresholds: accuracy,
  },
  'gp-regression': {
    title: 'Gaussian process regression of a sine',
    dataset: startingDatasets['sine-regression'],
    trainer: { ...adam, learningRate: 0.04 },
    budget: { maxEffort: 1000 },
    thresholds: { metric: 'loss', train: 0.03, test: 0.03, sustain: 1.1 },
  },
  'linear-regression': {
    title: 'Linear regression with decoy features',
    dataset: startingDatasets['slope-regression'],
    trainer: { ...sgd, learningRate: 0.001 },
    budget: { maxEffort: 5000 },
    thresholds: accuracy,
  },
  'linear-estimator': {
    title: 'Linear student of a linear teacher',
    dataset: startingDatasets['linear-teacher-student'],
    trainer: { ...sgd, learningRate: 0.01 },
    budget: { maxEffort: 10_000 },
    thresholds: { ...accuracy, train: 0.9545, test: 0.9545 },
  },
  'bayesian-network': {
    title: 'Bayesian network on hidden parity',
    dataset: startingDatasets['hidden-parity'],
    trainer: { ...sgd, batchSize: 32 },
    budget: { maxEffort: 4000 },
    thresholds: accuracy,
  },
  'kernel-ridge': {
    title: 'Kernel regression on hidden parity',
    dataset: startingDatasets['hidden-parity'],
    trainer: sgd,
    budget: { maxEffort: 5000 },
    thresholds: accuracy,
  },
  'ridge-path': {
    title: 'Ridge regression on shifted subclasses',
    dataset: startingDatasets['subclass-shift'],
    trainer: direct,
    budget: { maxEffort: 100 },
    thresholds: accuracy,
  },
  'random-forest': {
    title: 'Random forest on shifted subclasses',
    dataset: startingDatasets['subclass-shift'],
    trainer: direct,
    budget: { maxEffort: 1000 },
    thresholds: accuracy,
  },
};

/** An arm of this model that is valid as it is. */
export function startingArm(model: ModelKind): Arm {
  return {
    id: model,
    ...settings[model],
    model: startingModels[model],
    record: { every: model === 'ridge-path' ? 1 : 20, perDecade: 20 },
    seeds: [0, 1, 2],
  };
}

export function startingStudy(): Study {
  return {
    schemaVersion: STUDY_SCHEMA_VERSION,
    id: 'my-study',
    title: 'My study',
    question: 'When does each arm generalize after it fits its training data?',
    paper: null,
    arms: [startingArm('mlp')],
    claims: [],
  };
}
