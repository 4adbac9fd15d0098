import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../shared/canonical.ts';
import { parseStudy } from '../../../shared/study.ts';

const adamw = {
  kind: 'adamw',
  learningRate: 0.001,
  weightDecay: 1,
  beta1: 0.9,
  beta2: 0.98,
  epsilon: 1e-8,
  warmupSteps: 10,
  batchSize: 'full',
};
const sgd = { kind: 'sgd', learningRate: 0.1, weightDecay: 0, momentum: 0.9, batchSize: 'full' };
const transformer = {
  model: { kind: 'transformer', layers: 1, dModel: 8, heads: 2, dMlp: 8, activation: 'relu' },
  dataset: { kind: 'modular-addition', p: 7, trainFraction: 0.5 },
};
const mlp = {
  ...transformer,
  model: {
    kind: 'mlp',
    hidden: [8],
    activation: 'relu',
    outputBias: true,
    init: 'torch-default',
    initScale: 1,
  },
};
const gaussianProcess = {
  model: { kind: 'gp-classifier', kernel: 'rbf', lengthScale: 1, outputScale: 1, jitter: 0.001 },
  dataset: { kind: 'zero-one', points: 40, trainSize: 10, testSize: 10 },
};

function study(trainer: object, parts: object = transformer): object {
  const arm = {
    id: 'arm',
    title: 'an arm',
    trainer,
    budget: { maxEffort: 10 },
    thresholds: { metric: 'accuracy', train: 0.99, test: 0.99, sustain: 1 },
    record: { every: 1, perDecade: 1 },
    seeds: [0],
    ...parts,
  };
  return {
    schemaVersion: 1,
    id: 'study',
    title: 'A study',
    question: 'Why?',
    paper: null,
    arms: [arm],
    claims: [],
  };
}

const faultsOf = (trainer: object, parts?: object): string => {
  try {
    parseStudy(study(trainer, parts));
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe("a trainer's optional settings", () => {
  it('leave a study that does not name them as it was, key by key: its hash stays', () => {
    expect(canonicalJson(parseStudy(study(adamw)))).toBe(canonicalJson(study(adamw)));
  });

  it.each([
    { ...adamw, precision: 'float64', loss: 'stablemax', lossPrecision: 'float32' },
    { ...adamw, decayToward: 'initial-weights' },
    {
      ...adamw,
      groups: [
        { role: 'embedding', learningRate: 0.1 },
        { role: 'bias', weightDecay: 0 },
      ],
    },
    { ...adamw, gradientFilter: { kind: 'grokfast-ema', alpha: 0.98, lambda: 2 } },
    { ...adamw, gradientFilter: { kind: 'grokfast-ma', window: 100, lambda: 5, warmup: true } },
    {
      ...adamw,
      gradientFilter: { kind: 'perpendicular' },
      noise: { kind: 'weights', standardDeviation: 0.01 },
    },
    { ...adamw, loss: 'hinge', schedule: { kind: 'cosine', steps: 100, floor: 0.1 } },
    { ...sgd, schedule: { kind: 'constant' } },
    { ...sgd, nesterov: true, noise: { kind: 'gradient', standardDeviation: 0.1, decay: 0.55 } },
  ])('are kept as they stand: %j', (trainer) => {
    expect(parseStudy(study(trainer)).arms[0]?.trainer).toEqual(trainer);
  });

  it.each([
    [
      'trainer.precision: got "float16"; expected one of "float32", "float64"',
      { ...adamw, precision: 'float16' },
    ],
    ['trainer.gradientFilter.kind: got "fast"', { ...adamw, gradientFilter: { kind: 'fast' } }],
    [
      'trainer.gradientFilter.window: got 0',
      { ...adamw, gradientFilter: { kind: 'grokfast-ma', window: 0, lambda: 1, warmup: true } },
    ],
    [
      'trainer.noise.standardDeviation: got -1',
      { ...adamw, noise: { kind: 'update', standardDeviation: -1 } },
    ],
    [
      'trainer.schedule.floor: got 2; expected a number from 0 to 1',
      { ...sgd, schedule: { kind: 'linear', steps: 10, floor: 2 } },
    ],
    ['trainer.schedule.kind: got "step"', { ...sgd, schedule: { kind: 'step' } }],
    ['trainer.nesterov: got true', { ...adamw, nesterov: true }],
    [
      'trainer.momentum: got 0; expected a momentum above 0, which nesterov needs',
      { ...sgd, momentum: 0, nesterov: true },
    ],
    [
      'trainer.weightDecay: got 0; expected a weight decay above 0',
      { ...adamw, weightDecay: 0, decayToward: 'initial-weights' },
    ],
    [
      'trainer.groups[1].role: got "bias"; expected each role once',
      {
        ...adamw,
        groups: [
          { role: 'bias', weightDecay: 0 },
          { role: 'bias', weightDecay: 1 },
        ],
      },
    ],
    [
      'trainer.groups[0]: got {"role":"bias"}; expected a learningRate',
      { ...adamw, groups: [{ role: 'bias' }] },
    ],
  ])('are refused where they mean nothing: %s', (message, trainer) => {
    expect(faultsOf(trainer)).toContain(`arms[0].${message}`);
  });

  it('name roles that the parameters of the model have', () => {
    const groups = [{ role: 'embedding', learningRate: 0.1 }];
    expect(faultsOf({ ...adamw, groups })).toBe('');
    expect(faultsOf({ ...adamw, groups }, mlp)).toContain(
      'arms[0].trainer.groups[0].role: got "embedding"; expected a role that the parameters of the model "mlp" have',
    );
  });

  it('are refused for a model that would not heed them', () => {
    const adam = { ...adamw, kind: 'adam', weightDecay: 0 };
    expect(faultsOf(adam, gaussianProcess)).toBe('');
    const message = faultsOf({ ...adam, precision: 'float32', loss: 'mse' }, gaussianProcess);
    expect(message).toContain('arms[0].trainer.precision: got "float32"; expected no such setting');
    expect(message).toContain('arms[0].trainer.loss: got "mse"');
  });
});

describe('a network on real targets', () => {
  const dataset = { kind: 'single-index', dimensions: 4, trainSize: 8, testSize: 8 };
  const regression = { ...mlp, dataset };

  it('needs the squared error and a threshold on the loss, and is told so', () => {
    const message = faultsOf(sgd, regression);
    expect(message).toContain('arms[0].trainer.loss');
    expect(message).toContain('"mse": the targets of this dataset are numbers, not classes');
    expect(message).toContain('arms[0].thresholds.metric: got "accuracy"');
    const thresholds = { metric: 'loss', train: 0.1, test: 0.1, sustain: 1 };
    expect(faultsOf({ ...sgd, loss: 'mse' }, { ...regression, thresholds })).not.toContain('arms[0]');
  });

  it('has an accuracy where answers are among a few vectors', () => {
    const symbols = { kind: 'symbol-addition', symbols: 4, targetDimensions: 3, trainSize: 8 };
    expect(faultsOf({ ...sgd, loss: 'mse' }, { ...mlp, dataset: symbols })).not.toContain('arms[0]');
  });
});
