/** A small task, and every kind of trainer. */
import type { Engine } from '../../../main/engine/devices.ts';
import { mlp } from '../../../main/models/mlp.ts';
import type { NeuralTask } from '../../../main/training/neural-task.ts';
import { Random } from '../../../shared/random.ts';
import type { TrainerSpec } from '../../../shared/trainer-spec.ts';
import { adamw, sgd, taskOf } from './support.ts';

/** 11 training and 5 test points of two classes in three dimensions, in the engine's precision. */
export function taskFor(engine: Engine, seed = 1): NeuralTask {
  const random = Random.stream(seed, 'data');
  const points = (n: number) => {
    const inputs = Array.from({ length: 3 * n }, () => random.normal());
    return {
      inputs,
      labels: Array.from({ length: n }, (_, i) => Number((inputs[3 * i] as number) > 0)),
    };
  };
  const network = mlp(
    { kind: 'mlp', hidden: [6], activation: 'tanh', outputBias: true, init: 'torch-default', initScale: 2 },
    { kind: 'vectors', dimensions: 3 },
    2,
  );
  return taskOf(network, points(11), points(5), engine.backend.precision);
}

/** One of every kind. */
export const trainers: Record<string, TrainerSpec> = {
  'AdamW on the full batch': adamw,
  'minibatches of which the last is smaller': { ...sgd, batchSize: 4 },
  'Nesterov momentum': { ...sgd, nesterov: true },
  'mean squared error': { ...adamw, loss: 'mse' },
  'a loss in float64': { ...adamw, lossPrecision: 'float64' },
  'StableMax, in batches': { ...adamw, loss: 'stablemax', batchSize: 4 },
  'the hinge loss, in batches': { ...sgd, learningRate: 0.01, loss: 'hinge', batchSize: 4 },
  'warmup, then a cosine': {
    ...adamw,
    warmupSteps: 3,
    schedule: { kind: 'cosine', steps: 20, floor: 0.1 },
  },
  'a learning rate that falls in a line': {
    ...sgd,
    schedule: { kind: 'linear', steps: 20, floor: 0.2 },
  },
  groups: {
    ...adamw,
    groups: [
      { role: 'readout', learningRate: 0.1 },
      { role: 'bias', weightDecay: 0 },
    ],
  },
  'decay toward the initial weights': { ...adamw, decayToward: 'initial-weights' },
  'Grokfast-EMA': { ...adamw, gradientFilter: { kind: 'grokfast-ema', alpha: 0.9, lambda: 2 } },
  'Grokfast-MA': {
    ...adamw,
    batchSize: 4,
    gradientFilter: { kind: 'grokfast-ma', window: 5, lambda: 2, warmup: true },
  },
  'perpendicular gradients': { ...adamw, weightDecay: 0, gradientFilter: { kind: 'perpendicular' } },
  'noise on the gradient': { ...sgd, noise: { kind: 'gradient', standardDeviation: 0.1, decay: 0.55 } },
  'noise on the update': { ...adamw, batchSize: 4, noise: { kind: 'update', standardDeviation: 0.5 } },
  'noise on the weights': { ...adamw, noise: { kind: 'weights', standardDeviation: 0.05 } },
};
