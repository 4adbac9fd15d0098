/** The columns that Gaussian processes share: length scales, classification and regression metrics. */
import type { MetricColumn } from '../../shared/run.ts';
import { logNormalCdf } from '../linalg/normal.ts';
import type { LatentMarginals } from './gp-elbo.ts';

/** With at most this many inputs every length scale is a column; with more, their mean and range. */
const maxLengthScaleColumns = 128;

const hyper = { unit: '', split: null, direction: null };

export function hyperparameterColumn(name: string, label: string): MetricColumn {
  return { name, label, quantity: label, ...hyper };
}

export function lengthScaleColumns(dimensions: number): MetricColumn[] {
  const column = (name: string, label: string): MetricColumn => ({
    name,
    label,
    quantity: 'length scale',
    ...hyper,
  });
  if (dimensions === 1) return [column('lengthScale', 'length scale')];
  if (dimensions <= maxLengthScaleColumns) {
    return Array.from({ length: dimensions }, (_, k) =>
      column(`lengthScale:${k + 1}`, `length scale of input ${k + 1}`),
    );
  }
  return [
    column('lengthScale', `length scale, geometric mean over ${dimensions} inputs`),
    column('lengthScale:min', `smallest length scale of ${dimensions} inputs`),
    column('lengthScale:max', `largest length scale of ${dimensions} inputs`),
  ];
}

/** In the order of `lengthScaleColumns`. */
export function lengthScaleValues(lengthScales: Float64Array): number[] {
  const d = lengthScales.length;
  if (d <= maxLengthScaleColumns) return [...lengthScales];
  const mean = Math.exp(lengthScales.reduce((sum, value) => sum + Math.log(value), 0) / d);
  return [mean, Math.min(...lengthScales), Math.max(...lengthScales)];
}

const accuracy = { quantity: 'accuracy', unit: '', direction: 'higher' } as const;
const loss = { quantity: 'loss', unit: 'nat', direction: 'lower' } as const;

export const classificationColumns: readonly MetricColumn[] = [
  { name: 'trainAccuracy', label: 'train accuracy', split: 'train', ...accuracy },
  { name: 'testAccuracy', label: 'test accuracy', split: 'test', ...accuracy },
  { name: 'trainLoss', label: 'train negative log predictive probability', split: 'train', ...loss },
  { name: 'testLoss', label: 'test negative log predictive probability', split: 'test', ...loss },
];

/**
 * In the order of `classificationColumns`: with latent mean μ and variance σ², p(y = 1) = Φ(μ/√(1 + σ²)) (Rasmussen &
 * Williams 2006, eq. 3.82), class 1 where that is at least ½, loss the mean −log p of the true label.
 */
export function classificationValues(
  train: LatentMarginals,
  trainLabels: Int32Array,
  test: LatentMarginals,
  testLabels: Int32Array,
): number[] {
  const onTrain = assess(train, trainLabels);
  const onTest = assess(test, testLabels);
  return [onTrain.accuracy, onTest.accuracy, onTrain.loss, onTest.loss];
}

function assess(marginals: LatentMarginals, labels: Int32Array): { accuracy: number; loss: number } {
  let correct = 0;
  let sum = 0;
  labels.forEach((label, i) => {
    const link = (marginals.mean[i] as number) / Math.sqrt(1 + (marginals.variance[i] as number));
    if ((link >= 0 ? 1 : 0) === label) correct += 1;
    sum -= logNormalCdf(label === 1 ? link : -link);
  });
  return { accuracy: correct / labels.length, loss: sum / labels.length };
}

/** A term of the objective per training example. */
export function objectiveColumn(
  name: string,
  label: string,
  direction: 'higher' | 'lower',
  quantity: string,
): MetricColumn {
  return { name, label: `${label} per training example`, quantity, unit: 'nat', split: 'train', direction };
}
