import { expect, test } from 'vitest';
import { createLearner } from '../../../main/training/registry.ts';
import { datasetForm, type DatasetSpec } from '../../../shared/dataset-spec.ts';
import { InputError } from '../../../shared/errors.ts';
import { acceptedDatasets, type ModelSpec } from '../../../shared/model-spec.ts';
import { parseStudy, type Arm } from '../../../shared/study.ts';
import { everyKind } from './specs.ts';

const models = {
  mlp: {
    kind: 'mlp',
    hidden: [8],
    activation: 'relu',
    outputBias: true,
    init: 'torch-default',
    initScale: 1,
  },
  transformer: { kind: 'transformer', layers: 1, dModel: 8, heads: 2, dMlp: 16, activation: 'relu' },
  'moe-transformer': {
    kind: 'moe-transformer',
    layers: 1,
    dModel: 8,
    heads: 2,
    dMlp: 4,
    activation: 'relu',
    experts: 3,
    expertsPerToken: 2,
    balanceWeight: 0.1,
  },
  'polynomial-network': { kind: 'polynomial-network', hidden: 8, outputScale: 1, quadratic: 0.5 },
  'embedding-decoder': {
    kind: 'embedding-decoder',
    embeddingDimensions: 2,
    embeddingBound: 0.5,
    hidden: [8],
    activation: 'tanh',
  },
  'diagonal-network': { kind: 'diagonal-network', initScale: 0.5 },
  'gp-classifier': { kind: 'gp-classifier', kernel: 'rbf', lengthScale: 1, outputScale: 0.7, jitter: 0.001 },
} as const satisfies Partial<Record<ModelSpec['kind'], ModelSpec>>;

/** Vectors of two classes, which is what these models tell apart. */
const ofTwoClasses: readonly string[] = ['gp-classifier', 'diagonal-network'];
const twoClasses: Partial<Record<DatasetSpec['kind'], DatasetSpec>> = {
  'random-labels': { kind: 'random-labels', share: 0.5, of: everyKind['zero-one'] },
  'cellular-automaton': { ...everyKind['cellular-automaton'], encoding: 'vectors' },
  concealment: { ...everyKind.concealment, of: everyKind['hidden-parity'] },
};

function studyWith(dataset: DatasetSpec, model: ModelSpec): unknown {
  const isRegression = datasetForm(dataset).form === 'regression';
  const arm = {
    id: 'arm',
    title: 'Arm',
    dataset,
    model,
    trainer: {
      kind: 'adam',
      learningRate: 0.001,
      weightDecay: 0,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      warmupSteps: 0,
      batchSize: 'full',
      ...(isRegression ? { loss: 'mse' } : {}),
    },
    budget: { maxEffort: 10 },
    thresholds: { metric: isRegression ? 'loss' : 'accuracy', train: 0.99, test: 0.9, sustain: 1 },
    record: { every: 1, perDecade: 1 },
    seeds: [0],
  };
  return {
    schemaVersion: 1,
    id: 'pairs',
    title: 'Pairs',
    question: 'Q?',
    paper: null,
    arms: [arm],
    claims: [],
  };
}

const kinds = Object.keys(models) as (keyof typeof models)[];
const pairs = kinds.flatMap((model) =>
  acceptedDatasets[model].map((dataset) => [model, dataset as DatasetSpec['kind']] as const),
);

test.each(pairs)('%s learns from %s', async (model, kind) => {
  const dataset = (ofTwoClasses.includes(model) ? twoClasses[kind] : undefined) ?? everyKind[kind];
  const arm = parseStudy(studyWith(dataset, models[model])).arms[0] as Arm;
  const learner = await createLearner(arm, 0, { threads: 1, device: null });
  try {
    await learner.advance(2, Infinity);
    const before = await learner.evaluate();
    await learner.advance(5, Infinity);
    const after = await learner.evaluate();
    expect(after.every(Number.isFinite)).toBe(true);
    const loss = learner.columns.findIndex(({ name }) => name === 'trainLoss');
    expect(after[loss]).not.toBe(before[loss]);
  } finally {
    await learner.dispose();
  }
});

test('what does not fit is refused in words before anything is built', () => {
  const refusal = (dataset: DatasetSpec, model: ModelSpec): string[] => {
    try {
      parseStudy(studyWith(dataset, model));
      return [];
    } catch (error) {
      if (error instanceof InputError)
        return error.faults.map(({ path, expected }) => `${path}: ${expected}`);
      throw error;
    }
  };
  expect(refusal(everyKind['random-labels'], models['gp-classifier'])).toEqual([
    'arms[0].dataset: vectors of two classes, which a GP classifier tells apart',
  ]);
  const shuffled = { kind: 'random-labels', share: 0.5, of: everyKind['zero-one'] } as const;
  expect(refusal(shuffled, models.transformer)).toEqual([
    'arms[0].dataset.kind: data made of tokens, which a transformer reads',
  ]);
  expect(refusal({ ...everyKind['symbol-addition'], trainSize: 60 }, models.mlp).length).toBeGreaterThan(0);
  const division = { ...everyKind['modular-arithmetic'], p: 12 };
  expect(refusal(division, models.mlp)).toEqual([
    'arms[0].dataset.p: a prime number: division needs an inverse of every divisor',
  ]);
  const inside = { ...everyKind.concealment, of: division };
  expect(refusal(inside, models.mlp)).toEqual([
    'arms[0].dataset.of.p: a prime number: division needs an inverse of every divisor',
  ]);
});
