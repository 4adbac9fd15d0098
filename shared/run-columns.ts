/**
 * Which columns an arm's runs will record, known before one has run: what a claim may read. A name that ends in `*`
 * stands for every name that begins so (`norm:*`). Where a model or a measure is not listed here, its columns are known
 * only once a run has started, and are checked then.
 */
import type { MeasureKind } from './measure-spec.ts';
import type { ModelKind } from './model-spec.ts';
import type { Arm } from './study.ts';

const accuracies = ['trainAccuracy', 'testAccuracy'];
const losses = ['trainLoss', 'testLoss'];
const scores = [...accuracies, ...losses];
const network = [...scores, 'weightNorm', 'subclass:*', 'subclasses:*'];
const process = ['lengthScale', 'lengthScale:*', 'outputScale', 'meanConstant', 'jitter', 'complexity'];

const modelColumns: Partial<Record<ModelKind, readonly string[]>> = {
  transformer: network,
  'moe-transformer': network,
  mlp: network,
  'polynomial-network': network,
  'embedding-decoder': network,
  'diagonal-network': network,
  'gp-classifier': [
    ...scores,
    ...['elbo', 'expectedLogLikelihood', 'kl', 'logMarginalLikelihood', 'dataFit'],
    ...process,
  ],
  'gp-regression': [
    ...losses,
    ...['trainNlpd', 'testNlpd', 'logMarginalLikelihood', 'dataFit', 'noise'],
    ...process,
  ],
  'linear-regression': [...scores, 'dataFit', 'complexity', 'weight:*', 'distanceToMinimum'],
  'linear-estimator': [
    ...scores,
    ...['predictedTrainAccuracy', 'predictedTestAccuracy', 'predictedTrainLoss', 'predictedTestLoss'],
    'weightNorm',
  ],
  'bayesian-network': [...scores, 'dataFit', 'complexity', 'freeEnergy'],
  'kernel-ridge': [...scores, 'weightMovement'],
  'ridge-path': [...scores, 'penalty', 'degreesOfFreedom', 'weightNorm'],
  'random-forest': [...scores, 'trees', 'leavesPerTree'],
};

const measureColumns: Partial<Record<MeasureKind, readonly string[]>> = {
  'progress-measures': [
    ...['restrictedLoss', 'excludedLoss', 'keyFrequencies', 'trigShare'],
    ...['giniEmbedding', 'giniNeuronLogit'],
  ],
  'weight-norms': ['norm:*', 'sumOfSquares'],
  'feature-rank': ['rank:*'],
  'loss-decomposition': ['expectedTestLoss', 'lossOfSize', 'lossOfMisalignment', 'lossOfLinearPart'],
  'representation-quality': ['representationQuality'],
  'gradient-norm': ['gradientNorm', 'descentAlongWeights', 'gradientAcross'],
  'update-size': ['updateNorm', 'relativeUpdate'],
  sharpness: ['sharpness'],
  'spectral-energy': ['earlyLossEnergy'],
  'fourier-spectrum': ['spectrumKeyFrequencies', 'spectrumGini:*'],
  'linear-probes': ['probe:*'],
  'effective-dimension': ['dimension:*'],
  'active-subnetwork': ['activeNeurons'],
  ntk: ['kernelTargetAlignment', 'kernelDistance'],
  'local-complexity': ['localComplexity:*'],
  pathways: ['pathwayDistance', 'pathwayConsistency'],
  embeddings: ['principalShare:*'],
  attention: ['attentionEntropy:*'],
  weights: [],
  'decision-regions': [],
};

export interface KnownColumns {
  names: readonly string[];
  /** Whether there can be no others. */
  all: boolean;
}

export function columnsOf({ model, measures = [] }: Pick<Arm, 'model' | 'measures'>): KnownColumns {
  const lists = [modelColumns[model.kind], ...measures.map((kind) => measureColumns[kind])];
  return {
    names: ['seconds', ...lists.flatMap((list) => list ?? [])],
    all: lists.every((list) => list !== undefined),
  };
}

/** Whether a run may have a column of this name, as far as that is known before it has started. */
export function mayRecord({ names, all }: KnownColumns, column: string): boolean {
  return (
    !all ||
    names.some((name) => (name.endsWith('*') ? column.startsWith(name.slice(0, -1)) : name === column))
  );
}

/** The measures that give a column of this name, as a hint where an arm lacks them. */
export function measuresThatGive(column: string): string[] {
  return Object.entries(measureColumns).flatMap(([kind, names]) =>
    mayRecord({ names, all: true }, column) ? [kind] : [],
  );
}
