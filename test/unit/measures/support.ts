/** What measures are tested on: a network, data and an engine, without a study around them. */
import type { Arm } from '../../../shared/study.ts';
import type { AdamSpec } from '../../../shared/trainer-spec.ts';
import type { Dataset } from '../../../main/datasets/dataset.ts';
import { chooseEngine } from '../../../main/engine/devices.ts';
import type { CreateMeasure, MeasureContext, TrainingState } from '../../../main/measures/measure.ts';
import type { Network } from '../../../main/models/network.ts';
import { examplesOf, networkFor, type NeuralTask } from '../../../main/training/neural-task.ts';

export const adam = {
  kind: 'adam',
  learningRate: 0.01,
  weightDecay: 0,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  batchSize: 'full',
  warmupSteps: 0,
} satisfies AdamSpec;

/** Before the first update. */
export const atStart: TrainingState = { effort: 0, state: {}, earlyLosses: new Float64Array() };

interface Given {
  model: Arm['model'];
  dataset: Dataset;
  spec?: Arm['dataset'];
  trainer?: Arm['trainer'];
  network?: Network;
  dtype?: 'float32' | 'float64';
  seed?: number;
}

const anySpec: Arm['dataset'] = { kind: 'zero-one', points: 8, trainSize: 4, testSize: 4 };

/** In float64 unless said otherwise. */
export async function contextOf({
  model,
  dataset,
  spec = anySpec,
  trainer = adam,
  network = networkFor(model, dataset),
  dtype = 'float64',
  seed = 0,
}: Given): Promise<MeasureContext> {
  const engine = await chooseEngine({ device: null, precision: dtype, threads: 1 });
  return { engine, threads: 1, dtype, network, dataset, arm: { model, dataset: spec, trainer }, seed };
}

/** The same as a learner takes it. */
export function taskOf({ network, dataset, dtype }: MeasureContext): NeuralTask {
  return {
    network,
    trainSize: dataset.train.n,
    train: examplesOf(dataset, 'train', dtype),
    all: examplesOf(dataset, 'all', dtype),
    groups: [],
  };
}

export interface Measured {
  columns: Record<string, number>;
  arrays: Record<string, Float64Array>;
}

/** A measure's columns by name, and its arrays, at each of these parameters. */
export async function measured(
  create: CreateMeasure,
  context: MeasureContext,
  ...parameters: readonly ArrayLike<number>[]
): Promise<Measured[]> {
  const measure = await create(context);
  const results: Measured[] = [];
  for (const values of parameters) {
    const typed = context.dtype === 'float64' ? Float64Array.from(values) : Float32Array.from(values);
    const { columns, arrays } = await measure.evaluate(typed, atStart);
    const names = measure.columns.map(({ name }) => name);
    results.push({
      columns: Object.fromEntries(names.map((name, i) => [name, columns[i] as number])),
      arrays,
    });
  }
  await measure.dispose();
  return results;
}
