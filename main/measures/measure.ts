/**
 * A measure: scalars and pictures of a neural network's current parameters, computed at the run's snapshot efforts.
 * One file per measure, each with the paper's definition.
 */
import type { MetricColumn } from '../../shared/run.ts';
import type { Panel } from '../../shared/snapshot.ts';
import type { Arm } from '../../shared/study.ts';
import type { LossKind } from '../../shared/trainer-spec.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { Engine } from '../engine/devices.ts';
import type { HostArray, HostValues } from '../engine/program.ts';
import { input, reshape, slice, type FloatType, type Tensor } from '../engine/trace.ts';
import { sizeOf } from '../engine/graph.ts';
import type { Forward, Network, Parameters } from '../models/network.ts';

/** What a measure is computed on. */
export interface MeasureContext {
  engine: Engine;
  threads: number;
  dtype: FloatType;
  network: Network;
  dataset: Dataset;
  arm: Pick<Arm, 'model' | 'dataset' | 'trainer'>;
  seed: number;
}

export interface MeasureValues {
  /** One per column, in the columns' order. */
  columns: number[];
  /** `<panel>.<part>` → values, as a snapshot holds them. */
  arrays: Record<string, Float64Array>;
}

/** Where training stands, beside its parameters. */
export interface TrainingState {
  /** Updates completed. */
  effort: number;
  /** What the trainer keeps, by name, each as long as the parameters: the optimizer's moments among it. */
  state: HostValues;
  /** Training losses of the first updates; see `NeuralLane.earlyLosses`. */
  earlyLosses: Float64Array;
}

export interface Measure {
  readonly columns: readonly MetricColumn[];
  readonly panels: readonly Panel[];
  /** @param parameters all parameters, flat, in the order of `network.parameters` */
  evaluate(parameters: HostArray, training: TrainingState): Promise<MeasureValues>;
  dispose(): Promise<void>;
}

export type CreateMeasure = (context: MeasureContext) => Promise<Measure>;

/** A column that a measure fills: it has values at snapshot efforts only. */
export function measureColumn(name: string, label: string, quantity: string, unit = ''): MetricColumn {
  return { name, label, quantity, unit, split: null, direction: null, sparse: true };
}

/** The network's logits and hidden layers. */
export function forwardOf(network: Network, weights: Parameters, inputs: Tensor): Forward {
  if (network.forward === undefined) throw new Error('This network does not show its hidden layers.');
  return network.forward(weights, inputs);
}

/** The loss that a trainer minimizes, and the type in which it does. */
export function objectiveOf({ arm: { trainer }, dtype }: MeasureContext): {
  loss: LossKind;
  lossPrecision: FloatType;
} {
  if (trainer.kind === 'direct') throw new Error('This arm has no training loss.');
  return { loss: trainer.loss ?? 'cross-entropy', lossPrecision: trainer.lossPrecision ?? dtype };
}

/** Every parameter as its part of one flat input `parameters`. */
export function weightsOfFlat(network: Network, dtype: FloatType): Parameters {
  const size = network.parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const flat = input('parameters', [size], dtype);
  const weights: Record<string, Tensor> = {};
  let start = 0;
  for (const { name, shape } of network.parameters) {
    weights[name] = reshape(slice(flat, [start], [sizeOf(shape)]), shape);
    start += sizeOf(shape);
  }
  return weights;
}
