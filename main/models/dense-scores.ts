/** Scores of real predictions on a dense split, and products of row-major matrices, for models of `dense-task.ts`. */
import type { MetricColumn } from '../../shared/run.ts';
import type { DenseSplit } from './dense-task.ts';

export interface DenseScores {
  /** Mean over examples and outputs of the squared error. */
  loss: number;
  /** Share of examples whose largest output is their label's; 0 where there are no labels. */
  accuracy: number;
}

/** `predictions` [n, outputs]. */
export function scorePredictions(
  { n, targets, labels }: DenseSplit,
  predictions: Float64Array,
  outputs: number,
): DenseScores {
  const squares = predictions.reduce((sum, value, i) => sum + (value - (targets[i] as number)) ** 2, 0);
  let hits = 0;
  labels?.forEach((label, i) => {
    const row = predictions.subarray(i * outputs, (i + 1) * outputs);
    if (row.indexOf(Math.max(...row)) === label) hits += 1;
  });
  return { loss: squares / (n * outputs), accuracy: hits / n };
}

const accuracy = { quantity: 'accuracy', unit: '', direction: 'higher' } as const;
const loss = { quantity: 'loss', unit: '', direction: 'lower' } as const;

/** The columns of `scoreValues`. */
export function scoreColumns(isClassification: boolean): MetricColumn[] {
  const accuracies: MetricColumn[] = [
    { name: 'trainAccuracy', label: 'train accuracy', split: 'train', ...accuracy },
    { name: 'testAccuracy', label: 'test accuracy', split: 'test', ...accuracy },
  ];
  return [
    ...(isClassification ? accuracies : []),
    { name: 'trainLoss', label: 'train mean squared error', split: 'train', ...loss },
    { name: 'testLoss', label: 'test mean squared error', split: 'test', ...loss },
  ];
}

export function scoreValues(isClassification: boolean, train: DenseScores, test: DenseScores): number[] {
  return [...(isClassification ? [train.accuracy, test.accuracy] : []), train.loss, test.loss];
}

/** A [rows, inner] · B [inner, columns]. */
export function multiply(
  a: Float64Array,
  rows: number,
  inner: number,
  b: Float64Array,
  columns: number,
): Float64Array {
  const product = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < inner; k++)
      addRow(product, i * columns, a[i * inner + k] as number, b, k * columns, columns);
  }
  return product;
}

/** Aᵀ · B for A [inner, rows], B [inner, columns]: [rows, columns]. */
export function multiplyTransposed(
  a: Float64Array,
  inner: number,
  rows: number,
  b: Float64Array,
  columns: number,
): Float64Array {
  const product = new Float64Array(rows * columns);
  for (let k = 0; k < inner; k++) {
    for (let i = 0; i < rows; i++)
      addRow(product, i * columns, a[k * rows + i] as number, b, k * columns, columns);
  }
  return product;
}

function addRow(
  product: Float64Array,
  start: number,
  factor: number,
  b: Float64Array,
  from: number,
  columns: number,
): void {
  if (factor === 0) return;
  for (let j = 0; j < columns; j++) {
    product[start + j] = (product[start + j] as number) + factor * (b[from + j] as number);
  }
}
