/**
 * The gradient of the mean training loss over all training examples, in the loss and precision that the trainer descends
 * (no weight decay, no gradient filter, no noise), and how much of it lies along the weights. Prieto et al. 2025 (arXiv
 * 2501.04697, §5): past the fit of the training data the descent direction −∇L of a network whose outputs grow with its
 * weights turns to the weights themselves ("naive loss minimization"), cos(−∇L, θ) → 1, and only what is at right angles
 * to θ changes what the network says. Both are taken over the vector of all parameters; their ⊥Grad projects tensor by
 * tensor. Products are summed in float64.
 */
import { fromFlat, lossAndGradient } from '../training/training-graph.ts';
import { examplesOf } from '../training/neural-task.ts';
import { measureColumn, objectiveOf, type CreateMeasure } from './measure.ts';

export const createGradientNorm: CreateMeasure = async (context) => {
  const { engine, threads, dtype, network, dataset } = context;
  const { inputs, targets } = examplesOf(dataset, 'train', dtype);
  const { gradient } = lossAndGradient(
    network,
    { inputs, targets, weights: null },
    dtype,
    objectiveOf(context),
  );
  const program = await engine.compile(fromFlat(network, { gradient }, dtype), { threads, carried: {} });
  return {
    columns: [
      measureColumn('gradientNorm', 'norm of the training loss’s gradient', 'gradient norm'),
      measureColumn('gradientAcross', 'norm of its part at right angles to the weights', 'gradient norm'),
      measureColumn('descentAlongWeights', 'cosine of descent direction and weights', 'cosine'),
    ],
    panels: [],
    evaluate: async (parameters) => {
      const results = await program.run({ parameters });
      const { norm, across, cosine } = alongWeights(results['gradient'] ?? [], parameters);
      return { columns: [norm, across, cosine], arrays: {} };
    },
    dispose: () => program.dispose(),
  };
};

/**
 * Norm of a gradient, norm of its part at right angles to the weights, and cos(−gradient, weights), which is NaN where one
 * of the two is zero.
 */
export function alongWeights(
  gradient: ArrayLike<number>,
  weights: ArrayLike<number>,
): { norm: number; across: number; cosine: number } {
  let [product, gradientSquares, weightSquares] = [0, 0, 0];
  for (let i = 0; i < weights.length; i++) {
    const [g, w] = [gradient[i] as number, weights[i] as number];
    product += g * w;
    gradientSquares += g * g;
    weightSquares += w * w;
  }
  const along = weightSquares === 0 ? 0 : product ** 2 / weightSquares;
  return {
    norm: Math.sqrt(gradientSquares),
    across: Math.sqrt(Math.max(0, gradientSquares - along)),
    cosine: -product / Math.sqrt(gradientSquares * weightSquares),
  };
}
