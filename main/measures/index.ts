/** The measures of an arm as one: their columns side by side, their panels one after another. */
import type { MeasureKind } from '../../shared/measure-spec.ts';
import { createActiveSubnetwork } from './active-subnetwork.ts';
import { createAttention } from './attention.ts';
import { createDecisionRegions } from './decision-regions.ts';
import { createEffectiveDimension } from './effective-dimension.ts';
import { createEmbeddings } from './embeddings.ts';
import { createFeatureRank } from './feature-rank.ts';
import { createFourierSpectrum } from './fourier-spectrum.ts';
import { createGradientNorm } from './gradient-norm.ts';
import { createLinearProbes } from './linear-probes.ts';
import { createLocalComplexity } from './local-complexity.ts';
import { createLossDecomposition } from './loss-decomposition.ts';
import type { CreateMeasure, Measure, MeasureContext, MeasureValues } from './measure.ts';
import { createNeuralKernel } from './neural-kernel.ts';
import { createPathways } from './pathways.ts';
import { createProgressMeasures } from './progress-measures.ts';
import { createRepresentationQuality } from './representation-quality.ts';
import { createSharpness } from './sharpness.ts';
import { createSpectralEnergy } from './spectral-energy.ts';
import { createUpdateSize } from './update-size.ts';
import { createWeightNorms } from './weight-norms.ts';
import { createWeights } from './weights.ts';

const creators: Record<MeasureKind, CreateMeasure> = {
  'progress-measures': createProgressMeasures,
  'weight-norms': createWeightNorms,
  'feature-rank': createFeatureRank,
  'loss-decomposition': createLossDecomposition,
  'representation-quality': createRepresentationQuality,
  'gradient-norm': createGradientNorm,
  'update-size': createUpdateSize,
  sharpness: createSharpness,
  'spectral-energy': createSpectralEnergy,
  'fourier-spectrum': createFourierSpectrum,
  'linear-probes': createLinearProbes,
  'effective-dimension': createEffectiveDimension,
  'active-subnetwork': createActiveSubnetwork,
  ntk: createNeuralKernel,
  'local-complexity': createLocalComplexity,
  embeddings: createEmbeddings,
  attention: createAttention,
  weights: createWeights,
  pathways: createPathways,
  'decision-regions': createDecisionRegions,
};

export async function createMeasures(
  kinds: readonly MeasureKind[],
  context: MeasureContext,
): Promise<Measure> {
  const measures: Measure[] = [];
  for (const kind of kinds) measures.push(await creators[kind](context));
  return {
    columns: measures.flatMap((measure) => measure.columns),
    panels: measures.flatMap((measure) => measure.panels),
    evaluate: async (parameters, training) => {
      const all: MeasureValues[] = [];
      for (const measure of measures) all.push(await measure.evaluate(parameters, training));
      return {
        columns: all.flatMap(({ columns }) => columns),
        arrays: Object.assign({}, ...all.map(({ arrays }) => arrays)) as MeasureValues['arrays'],
      };
    },
    dispose: async () => {
      for (const measure of measures) await measure.dispose();
    },
  };
}
