/** Any dataset as dense real inputs and real targets, for models that are linear in something. */
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

/** Tokens (a, b, '=') become the concatenated one-hot vectors of a and b, as the `mlp` reads them. */
export function denseTask(dataset: Dataset): DenseTask {
  switch (dataset.kind) {
    case 'regression':
      return regressionTask(dataset);
    case 'vectors':
      return classificationTask(dataset, dataset.dimensions, (split) => split.inputs);
    case 'tokens':
      return classificationTask(dataset, 2 * dataset.classes, (split) => {
        const inputs = new Float64Array(split.n * 2 * dataset.classes);
        for (let i = 0; i < split.n; i++) {
          for (const position of [0, 1]) {
            const token = split.tokens[i * dataset.length + position] as number;
            inputs[(i * 2 + position) * dataset.classes + token] = 1;
          }
        }
        return inputs;
      });
  }
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
  const dense = (split: D['train']): DenseSplit => {
    const targets = new Float64Array(split.n * classes);
    split.labels.forEach((label, i) => (targets[i * classes + label] = 1));
    return { n: split.n, inputs: inputsOf(split), targets, labels: split.labels };
  };
  return {
    dimensions,
    outputs: classes,
    isClassification: true,
    train: dense(dataset.train),
    test: dense(dataset.test),
  };
}
