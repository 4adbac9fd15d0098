/** Brings a dataset and a neural model together: the network, and the examples as constants of a graph. */
import { oneHotLayout } from '../../shared/dataset-spec.ts';
import type { ModelSpec } from '../../shared/model-spec.ts';
import type { Dataset, RegressionDataset, TokenDataset, VectorDataset } from '../datasets/dataset.ts';
import { constant, type FloatType, type Tensor } from '../engine/trace.ts';
import { centred } from '../models/centred.ts';
import { diagonalNetwork } from '../models/diagonal-network.ts';
import { embeddingDecoder } from '../models/embedding-decoder.ts';
import { mlp } from '../models/mlp.ts';
import { moeTransformer } from '../models/moe-transformer.ts';
import { polynomialNetwork } from '../models/polynomial-network.ts';
import type { Network } from '../models/network.ts';
import { transformer } from '../models/transformer.ts';
import { initialParameters } from './neural-parts.ts';
import { subclassGroups, type SubclassGroup } from './subclass-accuracy.ts';
import type { Answers, ScoredExamples } from './training-graph.ts';

export interface NeuralTask {
  network: Network;
  trainSize: number;
  train: ScoredExamples;
  /** Training examples first, then test examples. */
  all: ScoredExamples;
  /** Test examples, the first ones, that test loss and accuracy count; all when absent. */
  counted?: number;
  /** Parts of the test set with an accuracy of their own. */
  groups: readonly SubclassGroup[];
}

/**
 * An MLP reads vectors, or modular tokens (a, b, '=') as the concatenated one-hot vectors of a and b (Gromov 2023;
 * Kumar et al. 2024), other sequences as those of all their tokens; a transformer reads tokens. The seed gives the initial parameters, which a centred model knows.
 */
export function neuralTask(
  model: ModelSpec,
  dataset: Dataset,
  seed: number,
  dtype: FloatType = 'float32',
): NeuralTask {
  const network = networkFor(model, dataset);
  const isCentred = 'centred' in model && model.centred === true;
  return {
    network: isCentred ? centred(network, initialParameters(network, dtype, seed), dtype) : network,
    trainSize: dataset.train.n,
    train: examplesOf(dataset, 'train', dtype),
    all: examplesOf(dataset, 'all', dtype),
    ...(dataset.kind === 'regression' || dataset.counted === undefined ? {} : { counted: dataset.counted }),
    groups: subclassGroups(dataset),
  };
}

/** What a network has to know of a dataset; every dataset says it. */
export type DataShape =
  | Pick<TokenDataset, 'kind' | 'vocabulary' | 'length' | 'classes'>
  | Pick<VectorDataset, 'kind' | 'dimensions' | 'classes'>
  | Pick<RegressionDataset, 'kind' | 'dimensions' | 'outputs'>;

/** The network of a model for data of this shape. */
export function networkFor(model: ModelSpec, dataset: DataShape): Network {
  if (model.kind === 'mlp') {
    if (dataset.kind === 'tokens') {
      return mlp(model, { kind: 'tokens', ...oneHotLayout(dataset) }, dataset.classes);
    }
    const { dimensions } = dataset;
    return mlp(model, { kind: 'vectors', dimensions }, outputsOf(dataset));
  }
  if (model.kind === 'polynomial-network' && dataset.kind === 'regression' && outputsOf(dataset) === 1)
    return polynomialNetwork(model, dataset.dimensions);
  if (model.kind === 'embedding-decoder' && dataset.kind === 'regression')
    return embeddingDecoder(model, dataset.dimensions, outputsOf(dataset));
  if (model.kind === 'diagonal-network' && dataset.kind !== 'tokens' && hasOneOutput(dataset))
    return diagonalNetwork(
      model,
      dataset.dimensions,
      dataset.kind === 'regression' ? 'regression' : 'classification',
    );
  if (model.kind === 'transformer' && dataset.kind === 'tokens')
    return transformer(model, dataset.vocabulary, dataset.length);
  if (model.kind === 'moe-transformer' && dataset.kind === 'tokens')
    return moeTransformer(model, dataset.vocabulary, dataset.length);
  throw new Error(`A ${model.kind} cannot learn ${dataset.kind} on this engine.`);
}

/** Two classes, or one target. */
function hasOneOutput(dataset: DataShape): boolean {
  return dataset.kind === 'regression' ? outputsOf(dataset) === 1 : dataset.classes === 2;
}

/** Values that a model gives per example: one per class, or one per target. */
function outputsOf(dataset: DataShape): number {
  return dataset.kind === 'regression' ? (dataset.outputs ?? 1) : dataset.classes;
}

/** Training examples, or these and then the test examples, as constants. */
export function examplesOf(dataset: Dataset, part: 'train' | 'all', dtype: FloatType): ScoredExamples {
  const splits = part === 'train' ? [dataset.train] : [dataset.train, dataset.test];
  const n = splits.reduce((sum, split) => sum + split.n, 0);
  const inputs = joined(splits.map((split) => ('tokens' in split ? split.tokens : split.inputs)));
  const inputType = dataset.kind === 'tokens' ? 'int32' : dtype;
  const tensor = { inputs: constant(inputs, [n, inputs.length / n], inputType) };
  const labels = constantLabels(splits, n);
  if (dataset.kind !== 'regression') {
    if (labels === null) throw new Error('The classes of a dataset are missing.');
    return { ...tensor, targets: labels, answers: { labels, templates: null } };
  }
  const outputs = outputsOf(dataset);
  const values = joined(splits.map((split) => ('targets' in split ? split.targets : [])));
  return {
    ...tensor,
    targets: constant(values, [n, outputs], dtype),
    answers: regressionAnswers(dataset, labels, dtype),
  };
}

function regressionAnswers(
  { templates, tolerance, outputs = 1 }: RegressionDataset,
  labels: Tensor | null,
  dtype: FloatType,
): Answers | null {
  if (tolerance !== undefined) return { tolerance };
  if (labels === null || templates === undefined) return null;
  return { labels, templates: constant(templates, [templates.length / outputs, outputs], dtype) };
}

/** int32 [n]; null where examples have no class. */
function constantLabels(splits: readonly Dataset['train'][], n: number): Tensor | null {
  const labels = splits.map((split) => split.labels);
  return labels.every((one) => one !== undefined)
    ? constant(Int32Array.from(joined(labels)), [n], 'int32')
    : null;
}

function joined(parts: readonly ArrayLike<number>[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let start = 0;
  for (const part of parts) {
    all.set(part, start);
    start += part.length;
  }
  return all;
}
