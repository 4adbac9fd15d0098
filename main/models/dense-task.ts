/** Any dataset as dense real inputs and real targets, for models that are linear in something. */
import { oneHotLayout } from '../../shared/dataset-spec.ts';
import type { Dataset, RegressionDataset, TokenDataset, VectorDataset } from '../datasets/dataset.ts';

export interface DenseSplit {
  n: number;
  /** [n, dimensions] */
  inputs: Float64Array;
  /** [n, outputs]: one-hot classes, or the targets of a regression. */
  targets: Float64Array;
  /** [n]; null for a regression. */
  labels: Int32Array | null;
}

export interface DenseTask {
  dimensions: number;
  outputs: number;
  isClassification: boolean;
  train: DenseSplit;
  test: DenseSplit;
}

/** Tokens (a, b, '=') become the concatenated one-hot vectors of a and b, other sequences those of all, as for `mlp`. */
export function denseTask(dataset: Dataset): DenseTask {
  switch (dataset.kind) {
    case 'regression':
      return regressionTask(dataset);
    case 'vectors':
      return classificationTask(dataset, dataset.dimensions, (split) => split.inputs);
    case 'tokens': {
      const { positions, values } = oneHotLayout(dataset);
      return classificationTask(dataset, positions * values, (split) => oneHotInputs(dataset, split));
    }
  }
}

/** [n, positions · values] */
export function oneHotInputs(dataset: TokenDataset, { n, tokens }: TokenDataset['train']): Float64Array {
  const { positions, values } = oneHotLayout(dataset);
  const inputs = new Float64Array(n * positions * values);
  for (let i = 0; i < n; i++) {
    for (let position = 0; position < positions; position++) {
      inputs[(i * positions + position) * values + (tokens[i * dataset.length + position] as number)] = 1;
    }
  }
  return inputs;
}

function regressionTask({ dimensions, outputs = 1, train, test }: RegressionDataset): DenseTask {
  const split = ({ n, inputs, targets }: RegressionDataset['train']): DenseSplit => ({
    n,
    inputs,
    targets,
    labels: null,
  });
  return { dimensions, outputs, isClassification: false, train: split(train), test: split(test) };
}

function classificationTask<D extends TokenDataset | VectorDataset>(
  dataset: D,
  dimensions: number,
  inputsOf: (split: D['train']) => Float64Array,
): DenseTask {
  const { classes } = dataset;
  const dense = (split: D['train'], n: number): DenseSplit => {
    const labels = split.labels.subarray(0, n);
    const targets = new Float64Array(n * classes);
    labels.forEach((label, i) => (targets[i * classes + label] = 1));
    return { n, inputs: inputsOf(split).subarray(0, n * dimensions), targets, labels };
  };
  return {
    dimensions,
    outputs: classes,
    isClassification: true,
    train: dense(dataset.train, dataset.train.n),
    test: dense(dataset.test, dataset.counted ?? dataset.test.n),
  };
}
