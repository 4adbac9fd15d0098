/** Whole training runs of small networks against PyTorch (golden/networks.py): same weights, data and update rule. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { embeddingDecoder } from '../../../main/models/embedding-decoder.ts';
import { mlp } from '../../../main/models/mlp.ts';
import type { Network } from '../../../main/models/network.ts';
import { transformer } from '../../../main/models/transformer.ts';
import { createNeuralLearnerOn } from '../../../main/training/neural-learner.ts';
import type { MlpSpec } from '../../../shared/model-spec.ts';
import type { TrainerSpec } from '../../../shared/trainer-spec.ts';
import { adamw, curve, engineOn, sgd, taskOf, withWeights, type Examples } from './support.ts';

interface Run {
  weights: Record<string, number[]>;
  train: Examples;
  test: Examples;
  rows: Record<string, number[]>;
}
type Name = 'mlp' | 'quadratic' | 'embedding-decoder' | 'transformer';
const golden = JSON.parse(readFileSync(new URL('golden/networks.json', import.meta.url), 'utf8')) as Record<
  Name,
  Run
>;

const mlpSpec = (activation: MlpSpec['activation']): MlpSpec => ({
  kind: 'mlp',
  hidden: [7, 6],
  activation,
  outputBias: true,
  init: 'torch-default',
  initScale: 1,
});
const transformerSpec = {
  kind: 'transformer',
  layers: 1,
  dModel: 6,
  heads: 2,
  dMlp: 8,
  activation: 'gelu',
} as const;

const cases: Record<Name, { network: Network; tokens: boolean; trainer: TrainerSpec }> = {
  mlp: {
    network: mlp(mlpSpec('relu'), { kind: 'vectors', dimensions: 4 }, 3),
    tokens: false,
    trainer: { ...adamw, learningRate: 0.02, weightDecay: 0.5 },
  },
  quadratic: {
    network: mlp(mlpSpec('quadratic'), { kind: 'tokens', positions: 2, values: 5 }, 5),
    tokens: true,
    trainer: { ...sgd, learningRate: 0.02, momentum: 0.5, weightDecay: 0, loss: 'mse' },
  },
  'embedding-decoder': {
    network: embeddingDecoder(
      {
        kind: 'embedding-decoder',
        embeddingDimensions: 2,
        embeddingBound: 0.5,
        hidden: [7, 6],
        activation: 'tanh',
      },
      4,
      3,
    ),
    tokens: false,
    trainer: {
      ...adamw,
      learningRate: 0.02,
      weightDecay: 0.5,
      groups: [{ role: 'embedding', learningRate: 0.1, weightDecay: 0 }],
    },
  },
  transformer: { network: transformer(transformerSpec, 6, 3), tokens: true, trainer: adamw },
};

describe.each([
  ['float64', 1e-10],
  ['float32', 2e-4],
] as const)(
  'training in %s gives the losses, accuracies and weight norms of PyTorch',
  (precision, tolerance) => {
    it.each(Object.keys(cases) as Name[])('%s', async (name) => {
      const { network, tokens, trainer } = cases[name];
      const { weights, train, test, rows } = golden[name];
      const task = taskOf(withWeights(network, weights), train, test, tokens ? 'int32' : precision);
      const learner = await createNeuralLearnerOn(await engineOn(null, precision), task, trainer, 0);
      try {
        const found = await curve(learner, Object.keys(rows).map(Number));
        Object.entries(rows).forEach(([step, expected], i) =>
          expected.forEach((value, column) => {
            const error = Math.abs((found[i]?.[column] as number) - value) / Math.max(1e-2, Math.abs(value));
            expect(error, `${learner.columns[column]?.name} at step ${step}`).toBeLessThan(tolerance);
          }),
        );
      } finally {
        await learner.dispose();
      }
    });
  },
);
