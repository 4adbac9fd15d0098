/** Brings a dataset and a neural model together: the network, and the examples as constants of a graph. */
import type { ModelSpec } from '../../shared/model-spec.ts';
import type { Dataset, TokenSplit, VectorSplit } from '../datasets/dataset.ts';
import { constant, type FloatType, type Tensor } from '../engine/trace.ts';
import { mlp, type MlpInput } from '../models/mlp.ts';
import type { Network } from '../models/network.ts';
import { transformer } from '../models/transformer.ts';
import { subclassGroups, type SubclassGroup } from './subclass-accuracy.ts';

export interface ExampleSet {
  /** [n, …] */
  inputs: Tensor;
  /** int32 [n] */
  labels: Tensor;
}

export interface NeuralTask {
  network: Network;
  trainSize: number;
  train: ExampleSet;
  /** Training examples first, then test examples. */
  all: ExampleSet;
  /** Parts of the test set with an accuracy of their own. */
  groups: readonly SubclassGroup[];
}

/**
 * An MLP reads vectors, or modular tokens (a, b, '=') as the concatenated one-hot vectors of a and b (Gromov 2023;
 * Kumar et al. 2024); a transformer reads tokens.
 */
export function neuralTask(model: ModelSpec, dataset: Dataset, dtype: FloatType = 'float32'): NeuralTask {
  if (dataset.kind === 'regression') throw new Error(`A ${model.kind} cannot learn ${dataset.kind} data.`);
  const train = exampleSet([dataset.train], dtype);
  const all = exampleSet([dataset.train, dataset.test], dtype);
  return {
    network: networkFor(model, dataset),
    trainSize: dataset.train.n,
    train,
    all,
    groups: subclassGroups(dataset),
  };
}

function networkFor(model: ModelSpec, dataset: Exclude<Dataset, { kind: 'regression' }>): Network {
  if (model.kind === 'mlp') {
    const input: MlpInput =
      dataset.kind === 'vectors'
        ? { kind: 'vectors', dimensions: dataset.dimensions }
        : { kind: 'tokens', positions: 2, values: dataset.classes };
    return mlp(model, input, dataset.classes);
  }
  if (model.kind === 'transformer' && dataset.kind === 'tokens')
    return transformer(model, dataset.vocabulary, dataset.length);
  throw new Error(`A ${model.kind} cannot learn ${dataset.kind} on this engine.`);
}

function exampleSet(splits: readonly (TokenSplit | VectorSplit)[], dtype: FloatType): ExampleSet {
  const n = splits.reduce((sum, split) => sum + split.n, 0);
  const values = splits.map((split) => ('tokens' in split ? split.tokens : split.inputs));
  const width = (values[0]?.length ?? 0) / (splits[0]?.n ?? 1);
  const inputs = new Float64Array(n * width);
  const labels = new Int32Array(n);
  let row = 0;
  splits.forEach((split, i) => {
    inputs.set(values[i] as Float64Array | Int32Array, row * width);
    labels.set(split.labels, row);
    row += split.n;
  });
  const isTokens = splits.every((split) => 'tokens' in split);
  return {
    inputs: constant(inputs, [n, width], isTokens ? 'int32' : dtype),
    labels: constant(labels, [n], 'int32'),
  };
}
