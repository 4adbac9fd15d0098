/**
 * The test loss of the polynomial network on single-index data, in closed form and in its three parts: Kumar et al. 2024
 * (arXiv 2310.06110), equation 6. For f of `polynomial-network.ts`, y = ½ (β·x)² and x ~ N(0, I/D),
 *   E (f − y)² = ¼ (|β|²/D − αε tr M/D)² + |αεM − ββᵀ|²_F / (2D²) + α²|w̄|²/D,
 * with M = (1/N) Σ w_i w_iᵀ and w̄ = (1/N) Σ w_i: the error in overall size, in direction (the misalignment of the
 * features with β), and of the linear part. Summed in float64.
 */
import { singleIndexDirection } from '../datasets/single-index.ts';
import { measureColumn, type CreateMeasure } from './measure.ts';

export interface LossParts {
  size: number;
  misalignment: number;
  linear: number;
}

/**
 * @param weights [D, N], row-major
 * @param beta [D]
 */
export function lossParts(
  weights: ArrayLike<number>,
  beta: Float64Array,
  { outputScale, quadratic }: { outputScale: number; quadratic: number },
): LossParts {
  const d = beta.length;
  const n = weights.length / d;
  const scale = outputScale * quadratic;
  let trace = 0;
  let misalignment = 0;
  let meanSquares = 0;
  for (let i = 0; i < d; i++) {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += weights[i * n + k] as number;
    meanSquares += (sum / n) ** 2;
    for (let j = 0; j <= i; j++) {
      let product = 0;
      for (let k = 0; k < n; k++) product += (weights[i * n + k] as number) * (weights[j * n + k] as number);
      const entry = (scale * product) / n;
      if (i === j) trace += entry;
      misalignment += (i === j ? 1 : 2) * (entry - (beta[i] as number) * (beta[j] as number)) ** 2;
    }
  }
  const betaSquares = beta.reduce((sum, value) => sum + value ** 2, 0);
  return {
    size: ((betaSquares - trace) / d) ** 2 / 4,
    misalignment: misalignment / (2 * d ** 2),
    linear: (outputScale ** 2 * meanSquares) / d,
  };
}

const quantity = 'expected test loss';

export const createLossDecomposition: CreateMeasure = ({ arm: { model, dataset }, seed }) => {
  if (model.kind !== 'polynomial-network' || dataset.kind !== 'single-index') {
    throw new Error(`The test loss of a ${model.kind} on ${dataset.kind} has no closed form here.`);
  }
  const beta = singleIndexDirection(dataset.dimensions, seed);
  return Promise.resolve({
    columns: [
      measureColumn('expectedTestLoss', 'expected test loss (equation 6)', quantity),
      measureColumn('lossOfSize', 'part of the overall size', quantity),
      measureColumn('lossOfMisalignment', 'part of the misalignment with β', quantity),
      measureColumn('lossOfLinearPart', 'part of the linear term', quantity),
    ],
    panels: [],
    evaluate: (parameters) => {
      const { size, misalignment, linear } = lossParts(parameters, beta, model);
      const columns = [size + misalignment + linear, size, misalignment, linear];
      return Promise.resolve({ columns, arrays: {} });
    },
    dispose: () => Promise.resolve(),
  });
};
