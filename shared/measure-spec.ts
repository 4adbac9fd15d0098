/** Measures that a study may ask for; `main/measures/` computes them, at the efforts of snapshots. */
import { z } from 'zod';
import type { DatasetSpec } from './dataset-spec.ts';
import type { ModelSpec } from './model-spec.ts';

export const measureSpec = z.enum([
  'progress-measures',
  'weight-norms',
  'feature-rank',
  'loss-decomposition',
  'representation-quality',
]);
export type MeasureKind = z.infer<typeof measureSpec>;

export const measureTitles: Record<MeasureKind, string> = {
  'progress-measures': 'Progress measures (Nanda et al. 2023)',
  'weight-norms': 'Norm of every parameter',
  'feature-rank': 'Feature rank per hidden layer (Fan et al. 2024)',
  'loss-decomposition': 'Test loss in its three parts (Kumar et al. 2024)',
  'representation-quality': 'Representation quality index (Liu et al. 2022)',
};

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
      return network || model.kind === 'diagonal-network' ? null : 'a neural network on the engine';
    case 'feature-rank':
      return network ? null : 'a transformer, an MLP, a polynomial network or an embedding decoder';
    case 'representation-quality':
      return model.kind === 'embedding-decoder' ? null : 'an embedding decoder on symbol addition';
    case 'loss-decomposition': {
      const fits =
        model.kind === 'polynomial-network' && model.centred !== true && dataset.kind === 'single-index';
      return fits ? null : 'a polynomial network, not centred, on single-index data';
    }
  }
}
