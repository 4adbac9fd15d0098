/**
 * Feature rank of every hidden layer (Fan et al. 2024, arXiv 2405.19454, §3): the number of singular values above a
 * tolerance of the covariance of the layer's activations on the training examples. The paper's tolerance is
 * max(n, d) · ε with ε of the data type, read as relative to the largest singular value, as `torch.linalg.matrix_rank`
 * has it; whether theirs is relative or absolute the text does not say. n: examples, d: width; ε is that of the type in
 * which the activations are computed (1.19e-7 for float32). The covariance itself is formed in float64.
 */
import type { Dataset } from '../datasets/dataset.ts';
import { simplify } from '../engine/simplify.ts';
import { constant, type FloatType, type Tensor } from '../engine/trace.ts';
import { symmetricEigen } from '../linalg/symmetric-eigen.ts';
import { forwardOf, measureColumn, weightsOfFlat, type CreateMeasure } from './measure.ts';

const epsilon: Record<FloatType, number> = { float32: 2 ** -23, float64: 2 ** -52 };

export const createFeatureRank: CreateMeasure = async ({ engine, threads, dtype, network, dataset }) => {
  const { hidden } = forwardOf(network, weightsOfFlat(network, dtype), trainInputs(dataset, dtype));
  const names = hidden.map((_, layer) => `hidden${layer}`);
  const outputs = Object.fromEntries(names.map((name, layer) => [name, hidden[layer] as Tensor]));
  const program = await engine.compile(simplify(outputs), { threads, carried: {} });
  return {
    columns: names.map((name, layer) =>
      measureColumn(`rank:${name}`, `feature rank of hidden layer ${layer + 1}`, 'feature rank'),
    ),
    panels: [],
    evaluate: async (parameters) => {
      const activations = await program.run({ parameters });
      const columns = names.map((name, layer) => {
        const width = hidden[layer]?.shape[1] as number;
        return featureRank(activations[name] as Float32Array | Float64Array, width, epsilon[dtype]);
      });
      return { columns, arrays: {} };
    },
    dispose: () => program.dispose(),
  };
};

/** @param activations [n, width], row-major */
export function featureRank(activations: ArrayLike<number>, width: number, machineEpsilon: number): number {
  const n = activations.length / width;
  const { values } = symmetricEigen(covariance(activations, n, width), width);
  const sizes = values.map(Math.abs);
  const largest = sizes.reduce((most, value) => Math.max(most, value), 0);
  const tolerance = largest * Math.max(n, width) * machineEpsilon;
  return sizes.filter((value) => value > tolerance).length;
}

/** Of the columns, divided by n − 1: [width, width]. */
export function covariance(activations: ArrayLike<number>, n: number, width: number): Float64Array {
  const means = new Float64Array(width);
  for (let i = 0; i < n * width; i++)
    means[i % width] = (means[i % width] as number) + (activations[i] as number);
  for (let j = 0; j < width; j++) means[j] = (means[j] as number) / n;
  const product = new Float64Array(width * width);
  const centred = new Float64Array(width);
  for (let row = 0; row < n; row++) {
    for (let j = 0; j < width; j++)
      centred[j] = (activations[row * width + j] as number) - (means[j] as number);
    for (let i = 0; i < width; i++) {
      const left = centred[i] as number;
      if (left === 0) continue;
      for (let j = 0; j <= i; j++)
        product[i * width + j] = (product[i * width + j] as number) + left * (centred[j] as number);
    }
  }
  return product.map((value) => value / (n - 1));
}

export function trainInputs(dataset: Dataset, dtype: FloatType): Tensor {
  const { n } = dataset.train;
  const values = 'tokens' in dataset.train ? dataset.train.tokens : dataset.train.inputs;
  return constant(values, [n, values.length / n], 'tokens' in dataset.train ? 'int32' : dtype);
}
