/**
 * Effective dimension of every hidden layer: the participation ratio of the spectrum λ of its activations' covariance,
 * (Σ λ)² / Σ λ² (Gao et al. 2017, bioRxiv 214262; Recanatesi et al. 2019, arXiv 1906.00443, for layers of networks). d
 * directions of equal variance give d, one direction gives 1; unlike the feature rank it needs no tolerance. From the
 * covariance C directly: (tr C)² / ‖C‖²_F. On at most 1,000 training examples, a fixed draw per seed. 0 for a layer that is constant.
 */
import { compileActivations } from './activations.ts';
import { covariance } from './feature-rank.ts';
import { measureColumn, type CreateMeasure } from './measure.ts';
import { subsetOf } from './subset.ts';

const MOST_EXAMPLES = 1000;

export const createEffectiveDimension: CreateMeasure = async (context) => {
  const part = subsetOf(context.dataset, { train: MOST_EXAMPLES, test: 1 }, context.seed);
  const activations = await compileActivations(context, part, 'train');
  return {
    columns: activations.widths.map((_, layer) =>
      measureColumn(
        `dimension:hidden${layer}`,
        `effective dimension of hidden layer ${layer + 1}`,
        'effective dimension',
      ),
    ),
    panels: [],
    evaluate: async (parameters) => {
      const layers = await activations.at(parameters);
      const columns = layers.map((layer, i) => participationRatio(layer, activations.widths[i] as number));
      return { columns, arrays: {} };
    },
    dispose: () => activations.dispose(),
  };
};

/** @param activations [n, width], row-major */
export function participationRatio(activations: ArrayLike<number>, width: number): number {
  const lower = covariance(activations, activations.length / width, width);
  let [trace, squares] = [0, 0];
  for (let i = 0; i < width; i++) {
    trace += lower[i * width + i] as number;
    for (let j = 0; j <= i; j++) squares += (i === j ? 1 : 2) * (lower[i * width + j] as number) ** 2;
  }
  return squares === 0 ? 0 : trace ** 2 / squares;
}
