/**
 * Sharpness: the largest eigenvalue of the Hessian of the training loss, as the trainer takes it, without weight decay
 * (Cohen et al. 2021, arXiv 2103.00065). By the Lanczos method on Hessian–vector products (Golub & Van Loan 2013, §10.1;
 * products by Pearlmutter 1994: Hv is the gradient of v · ∇L) with full reorthogonalization, from a random unit vector of
 * the stream `measures`. It ends when the residual bound of the largest Ritz pair, β_k |s_k|, is below 10⁻³ of the value, or after
 * 30 products: the value is then a lower bound. On at most 1,000 training examples, a fixed draw per seed. ReLU has the second
 * derivative 0 everywhere.
 */
import { Random } from '../../shared/random.ts';
import { symmetricEigen } from '../linalg/symmetric-eigen.ts';
import { input, mul, reduceSum } from '../engine/trace.ts';
import { floatArray } from '../training/neural-parts.ts';
import { examplesOf } from '../training/neural-task.ts';
import { flatGradient, fromFlat, lossAndGradient, parameterCount } from '../training/training-graph.ts';
import { measureColumn, objectiveOf, type CreateMeasure } from './measure.ts';
import { subsetOf } from './subset.ts';

const MOST_EXAMPLES = 1000;
const MOST_PRODUCTS = 30;
const TOLERANCE = 1e-3;

export const createSharpness: CreateMeasure = async (context) => {
  const { engine, threads, dtype, network, dataset, seed } = context;
  const part = subsetOf(dataset, { train: MOST_EXAMPLES, test: 1 }, seed);
  const { inputs, targets } = examplesOf(part, 'train', dtype);
  const { gradient } = lossAndGradient(
    network,
    { inputs, targets, weights: null },
    dtype,
    objectiveOf(context),
  );
  const size = parameterCount(network);
  const along = reduceSum(mul(gradient, input('vector', [size], dtype)), [0], false);
  const product = flatGradient(network, along, dtype);
  const program = await engine.compile(fromFlat(network, { product }, dtype), { threads, carried: {} });
  const start = startVector(size, seed);
  return {
    columns: [measureColumn('sharpness', 'sharpness (largest eigenvalue of the Hessian)', 'sharpness')],
    panels: [],
    evaluate: async (parameters) => {
      const multiply = async (vector: Float64Array): Promise<ArrayLike<number>> => {
        const results = await program.run({ parameters, vector: floatArray(dtype, vector) });
        return results['product'] ?? [];
      };
      return { columns: [await largestEigenvalue(multiply, start)], arrays: {} };
    },
    dispose: () => program.dispose(),
  };
};

function startVector(size: number, seed: number): Float64Array {
  const random = Random.stream(seed, 'measures');
  return Float64Array.from({ length: size }, () => random.normal());
}

/**
 * The largest eigenvalue of a symmetric matrix that is known by its products only.
 * @param start not zero; directions at right angles to it are not seen
 */
export async function largestEigenvalue(
  multiply: (vector: Float64Array) => Promise<ArrayLike<number>>,
  start: Float64Array,
): Promise<number> {
  const most = Math.min(MOST_PRODUCTS, start.length);
  const basis: Float64Array[] = [];
  const diagonal: number[] = [];
  const below: number[] = [];
  let next = scaled(start, 1 / norm(start));
  for (;;) {
    basis.push(next);
    const image = Float64Array.from(await multiply(next));
    diagonal.push(dot(image, next));
    // Twice is enough (Parlett 1998, §6.9).
    for (let pass = 0; pass < 2; pass++)
      for (const vector of basis) subtract(image, vector, dot(image, vector));
    const rest = norm(image);
    const { value, last } = largestRitz(diagonal, below);
    if (basis.length === most || rest * Math.abs(last) <= TOLERANCE * Math.abs(value)) return value;
    below.push(rest);
    next = scaled(image, 1 / rest);
  }
}

/** Of the tridiagonal matrix: its largest eigenvalue, and the last entry of that one's unit eigenvector. */
function largestRitz(diagonal: readonly number[], below: readonly number[]): { value: number; last: number } {
  const k = diagonal.length;
  const matrix = new Float64Array(k * k);
  diagonal.forEach((value, i) => (matrix[i * k + i] = value));
  below.forEach((value, i) => (matrix[(i + 1) * k + i] = value));
  const { values, vectors } = symmetricEigen(matrix, k);
  return { value: values[k - 1] as number, last: vectors[k * k - 1] as number };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function norm(a: Float64Array): number {
  return Math.sqrt(dot(a, a));
}

function scaled(a: Float64Array, factor: number): Float64Array {
  return a.map((value) => value * factor);
}

/** a ← a − factor · b */
function subtract(a: Float64Array, b: Float64Array, factor: number): void {
  for (let i = 0; i < a.length; i++) a[i] = (a[i] as number) - factor * (b[i] as number);
}
