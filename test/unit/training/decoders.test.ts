/** Options of the transformer and of the MLP, and the diagonal network, against PyTorch's modules (golden/decoders.py): same weights and updates. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { centred } from '../../../main/models/centred.ts';
import { diagonalNetwork } from '../../../main/models/diagonal-network.ts';
import { mlp } from '../../../main/models/mlp.ts';
import type { Network } from '../../../main/models/network.ts';
import { transformer } from '../../../main/models/transformer.ts';
import { createNeuralLearnerOn } from '../../../main/training/neural-learner.ts';
import { initialParameters } from '../../../main/training/neural-parts.ts';
import type { MlpSpec, TransformerSpec } from '../../../shared/model-spec.ts';
import type { TrainerSpec } from '../../../shared/trainer-spec.ts';
import { adamw, curve, engineOn, sgd, taskOf, withWeights, type Examples } from './support.ts';

interface Run {
  weights: Record<string, number[]>;
  train: Examples;
  test: Examples;
  rows: Record<string, number[]>;
}
const golden = JSON.parse(readFileSync(new URL('golden/decoders.json', import.meta.url), 'utf8')) as Record<
  string,
  Run
>;

const small = { kind: 'transformer', layers: 2, dModel: 6, heads: 2, dMlp: 8 } as const;
const power: TransformerSpec = {
  ...small,
  activation: 'relu',
  layerNorm: 'post',
  positions: 'sinusoidal',
  biases: 'none',
};
const grokfast: TransformerSpec = { ...small, activation: 'gelu', layerNorm: 'pre-in-place', biases: 'all' };
const preTied: TransformerSpec = {
  ...small,
  activation: 'relu',
  layerNorm: 'pre',
  biases: 'all',
  tiedEmbedding: true,
  outputScale: 0.5,
};
const single: MlpSpec = {
  kind: 'mlp',
  hidden: [7, 6],
  activation: 'relu',
  outputBias: false,
  hiddenBiases: false,
  singleOutput: true,
  outputScale: 3,
  init: 'torch-default',
  initScale: 1,
};
const plainSgd: TrainerSpec = { ...sgd, learningRate: 0.05, momentum: 0, weightDecay: 0 };
const adam: TrainerSpec = { ...adamw, kind: 'adam', weightDecay: 0 };
const points = { kind: 'vectors', dimensions: 4 } as const;

const cases: Record<string, { network: Network; tokens: boolean; trainer: TrainerSpec; centre: boolean }> = {
  power: { network: transformer(power, 6, 3), tokens: true, trainer: adamw, centre: false },
  grokfast: { network: transformer(grokfast, 6, 3), tokens: true, trainer: adam, centre: false },
  'pre-tied': { network: transformer(preTied, 6, 3), tokens: true, trainer: adamw, centre: true },
  mlp: { network: mlp(single, points, 2), tokens: false, trainer: adamw, centre: false },
  diagonal: {
    network: diagonalNetwork({ kind: 'diagonal-network', initScale: 1 }, 4, 'classification'),
    tokens: false,
    trainer: { ...plainSgd, weightDecay: 0.01 },
    centre: false,
  },
  'mlp-centred': { network: mlp(single, points, 2), tokens: false, trainer: plainSgd, centre: true },
};

describe.each([
  ['float64', 1e-9],
  ['float32', 3e-4],
] as const)('in %s the losses, accuracies and weight norms are those of PyTorch', (precision, tolerance) => {
  it.each(Object.keys(cases))('%s', async (name) => {
    const { network, tokens, trainer, centre } = cases[name] as (typeof cases)[string];
    const { weights, train, test, rows } = golden[name] as Run;
    expect(network.parameters.map((one) => one.name).sort()).toEqual(Object.keys(weights).sort());
    const started = withWeights(network, weights);
    // Drawing empties the given weights, so the network that is centred has weights of its own.
    const start = initialParameters(withWeights(network, weights), precision, 0);
    const used = centre ? centred(started, start, precision) : started;
    const task = taskOf(used, train, test, tokens ? 'int32' : precision);
    const learner = await createNeuralLearnerOn(await engineOn(null, precision), task, trainer, 0);
    try {
      const found = await curve(learner, Object.keys(rows).map(Number));
      Object.entries(rows).forEach(([step, expected], i) =>
        expected.forEach((value, column) => {
          const kind = learner.columns[column]?.quantity;
          // A centred network starts at 0 for every class: which one is largest is rounding.
          if (centre && step === '0' && kind === 'accuracy') return;
          const error = Math.abs((found[i]?.[column] as number) - value) / Math.max(1e-2, Math.abs(value));
          expect(error, `${learner.columns[column]?.name} at step ${step}`).toBeLessThan(tolerance);
        }),
      );
    } finally {
      await learner.dispose();
    }
  });
});
