/**
 * The empirical neural tangent kernel (Jacot et al. 2018, arXiv 1806.07572) on 32 training examples, a fixed draw per seed (all of
 * them, if fewer): K_ij = Σ_c ∇f_c(x_i) · ∇f_c(x_j), f_c being the outputs and ∇ by all parameters. Of more than 4 outputs the
 * sum is estimated without bias from 4 random combinations of them, Σ_c v_c f_c with v ~ N(0, I), the same at every effort.
 *
 * - Alignment with the target: the centred alignment (Cortes et al. 2012, definition 4; CKA of Kornblith et al. 2019) of K with
 *   the targets' kernel, y_i · y_j: of classes 1 where they are equal. Kumar et al. 2024 (arXiv 2310.06110, §5) find it to rise as a
 *   network goes from the lazy to the rich regime.
 * - Distance travelled: 1 − ⟨K, K₀⟩ / (‖K‖ ‖K₀‖) from the kernel at initialization (Fort et al. 2020, arXiv 2010.15110): it stays
 *   at 0 in the lazy regime, where only the scale of K may change.
 *
 * One backward pass per example and output or combination: at most 128.
 */
import { Random } from '../../shared/random.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { contract, input, mul, reduceSum } from '../engine/trace.ts';
import type { HostArray, Program } from '../engine/program.ts';
import { floatArray, initialParameters } from '../training/neural-parts.ts';
import { flatGradient, fromFlat, parameterCount, parameterInputs } from '../training/training-graph.ts';
import { measureColumn, type CreateMeasure, type MeasureContext } from './measure.ts';
import { subsetOf } from './subset.ts';

const MOST_EXAMPLES = 32;
const MOST_DIRECTIONS = 4;

export const createNeuralKernel: CreateMeasure = async (context) => {
  const { network, dtype, seed } = context;
  const { train } = subsetOf(context.dataset, { train: MOST_EXAMPLES, test: 1 }, seed);
  const kernel = await compileKernel(context, train);
  const initial = await kernel.at(initialParameters(network, dtype, seed));
  const target = targetKernel(context.dataset, train);
  return {
    columns: [
      measureColumn('kernelTargetAlignment', 'alignment of the NTK with the target', 'kernel alignment'),
      measureColumn('kernelDistance', 'distance of the NTK from initialization', 'kernel distance'),
    ],
    panels: [],
    evaluate: async (parameters) => {
      const now = await kernel.at(parameters);
      const aligned = alignment(centredKernel(now, train.n), centredKernel(target, train.n));
      return { columns: [aligned, Math.max(0, 1 - alignment(now, initial))], arrays: {} };
    },
    dispose: () => kernel.dispose(),
  };
};

interface Kernel {
  /** [n, n] */
  at(parameters: HostArray): Promise<Float64Array>;
  dispose(): Promise<void>;
}

async function compileKernel(
  { engine, threads, network, dataset, dtype, seed }: MeasureContext,
  split: Dataset['train'],
): Promise<Kernel> {
  const { n } = split;
  const rows = 'tokens' in split ? split.tokens : split.inputs;
  const width = rows.length / n;
  const example = input('example', [1, width], dataset.kind === 'tokens' ? 'int32' : dtype);
  const logits = network.logits(parameterInputs(network, dtype), example);
  const outputs = logits.shape[1] as number;
  const combined = reduceSum(mul(logits, input('direction', [1, outputs], dtype)), [0, 1], false);
  const size = parameterCount(network);
  const options = { threads, carried: {} };
  const slopes = await engine.compile(
    fromFlat(network, { gradient: flatGradient(network, combined, dtype) }, dtype),
    options,
  );
  const jacobian = input('jacobian', [n, size], dtype);
  const products = await engine.compile({ kernel: contract('ik,jk->ij', jacobian, jacobian) }, options);
  const directions = outputDirections(outputs, seed);
  const exampleAt = (i: number): HostArray => {
    const row = rows.subarray(i * width, (i + 1) * width);
    return row instanceof Int32Array ? row : floatArray(dtype, row);
  };
  return {
    at: async (parameters) => {
      const sum = new Float64Array(n * n);
      for (const direction of directions) {
        const rowsOfJacobian = floatArray(dtype, n * size);
        for (let i = 0; i < n; i++) {
          const feeds = { parameters, example: exampleAt(i), direction: floatArray(dtype, direction) };
          rowsOfJacobian.set(await resultOf(slopes, feeds, 'gradient'), i * size);
        }
        const part = await resultOf(products, { jacobian: rowsOfJacobian }, 'kernel');
        for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] as number) + (part[at] as number);
      }
      return sum;
    },
    dispose: async () => {
      await slopes.dispose();
      await products.dispose();
    },
  };
}

async function resultOf(
  program: Program,
  feeds: Record<string, HostArray>,
  name: string,
): Promise<HostArray> {
  const result = (await program.run(feeds))[name];
  if (result === undefined) throw new Error(`The graph gave no ${name}.`);
  return result;
}

/** The outputs one by one, or a few random combinations of them whose outer products are the identity on average. */
function outputDirections(outputs: number, seed: number): Float64Array[] {
  if (outputs <= MOST_DIRECTIONS) {
    return Array.from({ length: outputs }, (_, c) => new Float64Array(outputs).fill(1, c, c + 1));
  }
  const random = Random.stream(seed, 'measures');
  const scale = 1 / Math.sqrt(MOST_DIRECTIONS);
  return Array.from({ length: MOST_DIRECTIONS }, () =>
    Float64Array.from({ length: outputs }, () => scale * random.normal()),
  );
}

/** y_i · y_j, [n, n] */
function targetKernel(dataset: Dataset, split: Dataset['train']): Float64Array {
  const { n } = split;
  if ('targets' in split) {
    const width = split.targets.length / n;
    return pairs(n, (i, j) => {
      let sum = 0;
      for (let k = 0; k < width; k++)
        sum += (split.targets[i * width + k] as number) * (split.targets[j * width + k] as number);
      return sum;
    });
  }
  const { labels } = split;
  if (labels === undefined) throw new Error(`The classes of ${dataset.kind} are missing.`);
  return pairs(n, (i, j) => Number(labels[i] === labels[j]));
}

function pairs(n: number, value: (i: number, j: number) => number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => value(Math.floor(at / n), at % n));
}

/** (I − 11ᵀ/n) K (I − 11ᵀ/n) for a symmetric K [n, n]. */
export function centredKernel(kernel: Float64Array, n: number): Float64Array {
  const means = Float64Array.from(
    { length: n },
    (_, i) => kernel.subarray(i * n, (i + 1) * n).reduce((sum, value) => sum + value, 0) / n,
  );
  const mean = means.reduce((sum, value) => sum + value, 0) / n;
  return pairs(
    n,
    (i, j) => (kernel[i * n + j] as number) - (means[i] as number) - (means[j] as number) + mean,
  );
}

/** ⟨A, B⟩ / (‖A‖ ‖B‖); NaN where one of the two is 0. */
export function alignment(a: Float64Array, b: Float64Array): number {
  let [product, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    product += x * y;
    aa += x * x;
    bb += y * y;
  }
  return product / Math.sqrt(aa * bb);
}
