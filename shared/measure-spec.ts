/** Measures that a study may ask for; `main/measures/` computes them, at the efforts of snapshots. */
import { z } from 'zod';
import { cyclicTask } from './cyclic-task.ts';
import { datasetForm, datasetSpec, type DatasetSpec } from './dataset-spec.ts';
import { modelSpec, type ModelSpec } from './model-spec.ts';

export const measureSpec = z.enum([
  'progress-measures',
  'weight-norms',
  'feature-rank',
  'loss-decomposition',
  'representation-quality',
  'gradient-norm',
  'update-size',
  'sharpness',
  'spectral-energy',
  'fourier-spectrum',
  'linear-probes',
  'effective-dimension',
  'active-subnetwork',
  'ntk',
  'local-complexity',
  'embeddings',
  'attention',
  'weights',
  'pathways',
  'decision-regions',
]);
export type MeasureKind = z.infer<typeof measureSpec>;

export const measureTitles: Record<MeasureKind, string> = {
  'progress-measures': 'Progress measures (Nanda et al. 2023)',
  'weight-norms': 'Norm of every parameter',
  'feature-rank': 'Feature rank per hidden layer (Fan et al. 2024)',
  'loss-decomposition': 'Test loss in its three parts (Kumar et al. 2024)',
  'representation-quality': 'Representation quality index (Liu et al. 2022)',
  'gradient-norm': 'Gradient norm, and descent along the weights (Prieto et al. 2025)',
  'update-size': 'Size of the update, relative to the weights',
  sharpness: 'Sharpness: largest eigenvalue of the Hessian (Cohen et al. 2021)',
  'spectral-energy': 'Spectral energy of the early training loss (Notsawo et al. 2023)',
  'linear-probes': 'Linear probes: test accuracy from each hidden layer',
  'effective-dimension': 'Effective dimension per hidden layer (participation ratio)',
  ntk: 'Neural tangent kernel: alignment with the target, distance from initialization (Kumar et al. 2024)',
  embeddings: 'Embeddings along their principal components',
  attention: 'Attention patterns',
  weights: 'Heat maps of weights and logits',
  pathways: 'Pathways of experts: distance and consistency (Li et al. 2025)',
  'decision-regions': 'Decision regions over two inputs',
  'local-complexity': 'Local complexity around the data (Humayun et al. 2024)',
  'active-subnetwork': 'Size of the active subnetwork (Merrill et al. 2023)',
  'fourier-spectrum': 'Fourier spectrum of embedding, output map and logits (Nanda et al. 2023)',
};

/** Models with token embeddings and attention. */
const decoders: readonly string[] = ['transformer', 'moe-transformer'];

/** What a measure needs, in words; null when it fits this model on this dataset. */
export function measureMisfit(kind: MeasureKind, model: ModelSpec, dataset: DatasetSpec): string | null {
  const network = [
    'transformer',
    'moe-transformer',
    'mlp',
    'polynomial-network',
    'embedding-decoder',
  ].includes(model.kind);
  switch (kind) {
    case 'progress-measures': {
      const odd = dataset.kind === 'modular-addition' && dataset.p % 2 === 1;
      return model.kind === 'transformer' && odd ? null : 'a transformer on modular addition with an odd p';
    }
    case 'weight-norms':
    case 'gradient-norm':
    case 'update-size':
    case 'sharpness':
    case 'spectral-energy':
    case 'ntk':
    case 'weights':
      return network || model.kind === 'diagonal-network' ? null : 'a neural network, not a Bayesian one';
    case 'feature-rank':
    case 'effective-dimension':
      return network ? null : 'a transformer, an MLP, a polynomial network or an embedding decoder';
    case 'linear-probes':
      return network && hasClasses(dataset) ? null : 'a neural network on data with classes';
    case 'embeddings': {
      const form = model.kind === 'mlp' && readsSymbols(dataset);
      const fits = decoders.includes(model.kind) || model.kind === 'embedding-decoder' || form;
      return fits ? null : 'a transformer, an embedding decoder, or an MLP on pairs of symbols';
    }
    case 'pathways':
      return model.kind === 'moe-transformer' ? null : 'a mixture-of-experts transformer';
    case 'attention':
      return decoders.includes(model.kind) ? null : 'a transformer';
    case 'local-complexity': {
      const fits =
        (model.kind === 'mlp' || model.kind === 'embedding-decoder') && model.activation === 'relu';
      return fits ? null : 'an MLP or an embedding decoder with ReLU';
    }
    case 'active-subnetwork':
      return model.kind === 'mlp' && hasClasses(dataset) ? null : 'an MLP on data with classes';
    case 'decision-regions': {
      const { form, dimensions } = datasetForm(dataset);
      const fits = model.kind === 'mlp' || model.kind === 'diagonal-network';
      return fits && form === 'vectors' && dimensions === 2
        ? null
        : 'an MLP or a diagonal network on vectors of two inputs with classes';
    }
    case 'fourier-spectrum': {
      const fits = (decoders.includes(model.kind) || model.kind === 'mlp') && cyclicTask(dataset) !== null;
      return fits
        ? null
        : 'a transformer or an MLP on x + y or x − y mod p, or on x · y or x / y mod a prime p';
    }
    case 'representation-quality':
      return model.kind === 'embedding-decoder' ? null : 'an embedding decoder on symbol addition';
    case 'loss-decomposition': {
      const fits =
        model.kind === 'polynomial-network' && model.centred !== true && dataset.kind === 'single-index';
      return fits ? null : 'a polynomial network, not centred, on single-index data';
    }
  }
}

/** The measures that do not fit, each with what it needs; none where model or dataset is not valid itself. */
export function measureMisfits(model: unknown, dataset: unknown): Partial<Record<MeasureKind, string>> {
  const [validModel, validDataset] = [modelSpec.safeParse(model), datasetSpec.safeParse(dataset)];
  if (!validModel.success || !validDataset.success) return {};
  const needs = measureSpec.options.flatMap((kind) => {
    const needed = measureMisfit(kind, validModel.data, validDataset.data);
    return needed === null ? [] : [[kind, needed] as const];
  });
  return Object.fromEntries(needs);
}

/** Whether an MLP reads two symbols as one-hot vectors. */
function readsSymbols(dataset: DatasetSpec): boolean {
  return datasetForm(dataset).form === 'tokens' || dataset.kind === 'modular-one-hot';
}

/** Whether an example has a right answer among a few: a class, or one of the target vectors of a sum of symbols. */
function hasClasses(dataset: DatasetSpec): boolean {
  return datasetForm(dataset).form !== 'regression' || dataset.kind === 'symbol-addition';
}
