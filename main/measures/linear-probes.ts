/**
 * Linear probes (Alain & Bengio 2017, arXiv 1610.01644; for deep grokking Fan et al. 2024, arXiv 2405.19454): test accuracy of a linear
 * classifier on the activations of each hidden layer. Fan et al. train a head for a number of steps that they do not state; here the
 * head is ridge regression on the one-hot classes in closed form, with an intercept that is not penalized, and the largest output
 * is the answer. The penalty is 10⁻³ times the mean squared length of the centred activations, so that it does not depend on their
 * scale. Fitted on at most 500 training examples and scored on at most 500 test examples, both fixed draws per seed; float64.
 */
import type { Dataset } from '../datasets/dataset.ts';
import { choleskyInPlace, solveLowerInPlace, solveLowerTransposedInPlace } from '../linalg/cholesky.ts';
import { compileActivations } from './activations.ts';
import { measureColumn, type CreateMeasure } from './measure.ts';
import { subsetOf } from './subset.ts';

const MOST_EXAMPLES = 500;
const PENALTY = 1e-3;

export const createLinearProbes: CreateMeasure = async (context) => {
  const part = subsetOf(context.dataset, { train: MOST_EXAMPLES, test: MOST_EXAMPLES }, context.seed);
  const [train, test] = [labelsOf(part.train), labelsOf(part.test)];
  const activations = await compileActivations(context, part, 'all');
  return {
    columns: activations.widths.map((_, layer) => ({
      ...measureColumn(
        `probe:hidden${layer}`,
        `test accuracy of a linear probe of hidden layer ${layer + 1}`,
        'accuracy',
      ),
      split: 'test' as const,
      direction: 'higher' as const,
    })),
    panels: [],
    evaluate: async (parameters) => {
      const layers = await activations.at(parameters);
      const columns = layers.map((layer, i) => {
        const width = activations.widths[i] as number;
        const cut = train.length * width;
        const answers = ridgeAnswers(layer.subarray(0, cut), train, layer.subarray(cut), width);
        return answers.filter((answer, row) => answer === test[row]).length / test.length;
      });
      return { columns, arrays: {} };
    },
    dispose: () => activations.dispose(),
  };
};

function labelsOf({ labels }: Dataset['train']): Int32Array {
  if (labels === undefined) throw new Error('Linear probes need classes.');
  return labels;
}

/**
 * The class of each test row by ridge regression on the training rows' one-hot classes.
 * @param train [n, width] and @param test [m, width], row-major
 * @param penalty relative to the mean squared length of the centred training rows
 */
export function ridgeAnswers(
  train: ArrayLike<number>,
  labels: Int32Array,
  test: ArrayLike<number>,
  width: number,
  penalty = PENALTY,
): Int32Array {
  const n = labels.length;
  const classes = labels.reduce((most, label) => Math.max(most, label), 0) + 1;
  const means = columnMeans(train, n, width);
  const x = centred(train, means);
  const squares = x.reduce((sum, value) => sum + value ** 2, 0);
  const frequency = new Float64Array(classes);
  for (const label of labels) frequency[label] = (frequency[label] as number) + 1 / n;
  const y = Float64Array.from({ length: n * classes }, (_, at) => {
    const label = at % classes;
    return (labels[Math.floor(at / classes)] === label ? 1 : 0) - (frequency[label] as number);
  });
  const weights =
    squares === 0
      ? new Float64Array(width * classes)
      : ridge(x, y, n, width, classes, (penalty * squares) / n);
  const scores = product(centred(test, means), weights, test.length / width, width, classes);
  return Int32Array.from({ length: test.length / width }, (_, row) => {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      const score = (k: number): number => (scores[row * classes + k] as number) + (frequency[k] as number);
      if (score(c) > score(best)) best = c;
    }
    return best;
  });
}

/** (XᵀX + λI)⁻¹XᵀY [width, outputs], through whichever of XᵀX and XXᵀ is smaller (Hastie et al. 2009, exercise 18.4). */
function ridge(
  x: Float64Array,
  y: Float64Array,
  n: number,
  width: number,
  outputs: number,
  lambda: number,
): Float64Array {
  const xt = transposed(x, n, width);
  if (width <= n)
    return solved(product(xt, x, width, n, width), product(xt, y, width, n, outputs), width, outputs, lambda);
  return product(xt, solved(product(x, xt, n, width, n), y.slice(), n, outputs, lambda), width, n, outputs);
}

/** (A + λI)⁻¹ B, in place of B. */
function solved(a: Float64Array, b: Float64Array, n: number, columns: number, lambda: number): Float64Array {
  for (let i = 0; i < n; i++) a[i * n + i] = (a[i * n + i] as number) + lambda;
  choleskyInPlace(a, n);
  solveLowerInPlace(a, n, b, columns);
  solveLowerTransposedInPlace(a, n, b, columns);
  return b;
}

/** A [n, inner] · B [inner, m] */
function product(a: Float64Array, b: Float64Array, n: number, inner: number, m: number): Float64Array {
  const c = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < inner; k++) {
      const factor = a[i * inner + k] as number;
      if (factor === 0) continue;
      for (let j = 0; j < m; j++) c[i * m + j] = (c[i * m + j] as number) + factor * (b[k * m + j] as number);
    }
  }
  return c;
}

function transposed(a: Float64Array, n: number, m: number): Float64Array {
  const t = new Float64Array(n * m);
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) t[j * n + i] = a[i * m + j] as number;
  return t;
}

function columnMeans(a: ArrayLike<number>, n: number, width: number): Float64Array {
  const means = new Float64Array(width);
  for (let at = 0; at < n * width; at++)
    means[at % width] = (means[at % width] as number) + (a[at] as number) / n;
  return means;
}

function centred(a: ArrayLike<number>, means: Float64Array): Float64Array {
  return Float64Array.from(a, (value, at) => value - (means[at % means.length] as number));
}
