/** What every run of a neural network starts from: its columns and its initial parameters. */
import { Random } from '../../shared/random.ts';
import type { MetricColumn } from '../../shared/run.ts';
import type { LossKind } from '../../shared/trainer-spec.ts';
import { sizeOf } from '../engine/graph.ts';
import type { FloatType } from '../engine/trace.ts';
import type { Network } from '../models/network.ts';
import { lossUnit } from './losses.ts';
import { parameterCount } from './training-graph.ts';

const accuracy = { quantity: 'accuracy', unit: '', direction: 'higher' } as const;

/** Loss and, where there are answers, accuracy of both splits, and the Euclidean norm of all parameters. */
export function neuralColumns(loss: LossKind, hasAccuracy: boolean): MetricColumn[] {
  const unit = lossUnit[loss];
  const accuracies: MetricColumn[] = [
    { name: 'trainAccuracy', label: 'train accuracy', split: 'train', ...accuracy },
    { name: 'testAccuracy', label: 'test accuracy', split: 'test', ...accuracy },
  ];
  return [
    { name: 'trainLoss', label: 'train loss', quantity: 'loss', unit, split: 'train', direction: 'lower' },
    { name: 'testLoss', label: 'test loss', quantity: 'loss', unit, split: 'test', direction: 'lower' },
    ...(hasAccuracy ? accuracies : []),
    {
      name: 'weightNorm',
      label: 'weight norm',
      quantity: 'weight norm',
      unit: '',
      split: null,
      direction: null,
    },
  ];
}

/** All parameters as drawn (stream `init`), flat, in the network's order. */
export function initialParameters(
  network: Network,
  precision: FloatType,
  seed: number,
): Float32Array | Float64Array {
  const random = Random.stream(seed, 'init');
  if (network.initialValues !== undefined) return floatArray(precision, network.initialValues(random));
  const parameters = floatArray(precision, parameterCount(network));
  let position = 0;
  for (const { shape, initial } of network.parameters) {
    const end = position + sizeOf(shape);
    while (position < end) parameters[position++] = initial(random);
  }
  return parameters;
}

/** Values in a precision; zeros where only their number is given. */
export function floatArray(
  precision: FloatType,
  values: ArrayLike<number> | number,
): Float32Array | Float64Array {
  if (typeof values === 'number')
    return precision === 'float64' ? new Float64Array(values) : new Float32Array(values);
  return precision === 'float64' ? Float64Array.from(values) : Float32Array.from(values);
}
