/**
 * The neural tangent kernel of a ReLU network at its initialization: ∇f(x)·∇f(x') over all weights and biases, to leading
 * order in the widths. Jacot, Gabriel & Hongler 2018 (arXiv 1806.07572); the expectations are the arc-cosine kernels of
 * Cho & Saul 2009 (§2, n = 0 and 1).
 *
 * The widths count: a gradient step with learning rate η moves the linearized network by η Θ, so that a learning rate
 * means the same here and in the network (the `mlp` of the same settings). With s_l the variance of the weights into layer
 * l, b_l that of its biases, m_l the width of hidden layer l (from 1), and u, v normal with covariance Σ_l:
 *   Σ_1 = s_1 x·x' + b_1,                          Θ_1 = x·x' + 1,
 *   Σ_{l+1} = s_{l+1} m_l E[φ(u)φ(v)] + b_{l+1},   Θ_{l+1} = m_l E[φ(u)φ(v)] + 1 + s_{l+1} m_l E[φ'(u)φ'(v)] Θ_l,
 * where the 1 is the bias and absent in a last layer without one. Weights count by their variance: the uniform ones of
 * the network have the same kernel in the limit.
 */
import type { KernelRidgeSpec } from '../../shared/model-spec.ts';

interface Layer {
  fanIn: number;
  weightVariance: number;
  biasVariance: number;
  hasBias: boolean;
}

/** Variances as `mlp` initializes: U(±a) has variance a²/3. */
function layersOf(spec: KernelRidgeSpec, dimensions: number, outputs: number): Layer[] {
  const widths = [dimensions, ...spec.hidden, outputs];
  return widths.slice(1).map((fanOut, i) => {
    const fanIn = widths[i] as number;
    const hasBias = i < spec.hidden.length || spec.outputBias;
    const scale = spec.initScale ** 2;
    return {
      fanIn,
      weightVariance: scale * (spec.init === 'xavier-uniform' ? 2 / (fanIn + fanOut) : 1 / (3 * fanIn)),
      biasVariance: hasBias ? scale / (3 * fanIn) : 0,
      hasBias,
    };
  });
}

/** Θ of rows of `left` [n, dimensions] and `right` [m, dimensions]: [n, m]. */
export function reluNtk(
  spec: KernelRidgeSpec,
  dimensions: number,
  outputs: number,
  left: Float64Array,
  right: Float64Array,
): Float64Array {
  const layers = layersOf(spec, dimensions, outputs);
  const n = left.length / dimensions;
  const m = right.length / dimensions;
  const leftVariances = variances(layers, left, dimensions);
  const rightVariances = left === right ? leftVariances : variances(layers, right, dimensions);
  const kernel = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      const product = dot(left, i, right, j, dimensions);
      kernel[i * m + j] = pairKernel(layers, product, leftVariances, i, rightVariances, j);
    }
  }
  return kernel;
}

function pairKernel(
  layers: readonly Layer[],
  product: number,
  left: readonly Float64Array[],
  i: number,
  right: readonly Float64Array[],
  j: number,
): number {
  let covariance = 0;
  let tangent = 0;
  layers.forEach(({ fanIn, weightVariance, biasVariance, hasBias }, l) => {
    const bias = hasBias ? 1 : 0;
    if (l === 0) {
      covariance = weightVariance * product + biasVariance;
      tangent = product + bias;
      return;
    }
    const a = left[l - 1]?.[i] as number;
    const b = right[l - 1]?.[j] as number;
    const { activations, slopes } = arcCosine(a, b, covariance);
    covariance = weightVariance * fanIn * activations + biasVariance;
    tangent = fanIn * activations + bias + weightVariance * fanIn * slopes * tangent;
  });
  return tangent;
}

/** Σ_l(x, x) of every row, by hidden layer. */
function variances(layers: readonly Layer[], rows: Float64Array, dimensions: number): Float64Array[] {
  const n = rows.length / dimensions;
  const first = layers[0] as Layer;
  let current = Float64Array.from(
    { length: n },
    (_, i) => first.weightVariance * dot(rows, i, rows, i, dimensions) + first.biasVariance,
  );
  const all = [current];
  for (const { fanIn, weightVariance, biasVariance } of layers.slice(1, -1)) {
    // E[φ(u)²] is half the variance of u.
    current = current.map((variance) => (weightVariance * fanIn * variance) / 2 + biasVariance);
    all.push(current);
  }
  return all;
}

/** E[φ(u)φ(v)] and E[φ'(u)φ'(v)] for normal u, v with variances a, b and covariance c; φ is ReLU. */
export function arcCosine(a: number, b: number, c: number): { activations: number; slopes: number } {
  const scale = Math.sqrt(a * b);
  // A variance of 0 is that of an input of 0 without biases; ReLU's slope counts as 0 there, as in the network.
  if (scale === 0) return { activations: 0, slopes: 0 };
  const cosine = Math.min(1, Math.max(-1, c / scale));
  const angle = Math.acos(cosine);
  const sine = Math.sqrt((1 - cosine) * (1 + cosine));
  return {
    activations: (scale * (sine + (Math.PI - angle) * cosine)) / (2 * Math.PI),
    slopes: (Math.PI - angle) / (2 * Math.PI),
  };
}

function dot(a: Float64Array, i: number, b: Float64Array, j: number, length: number): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += (a[i * length + k] as number) * (b[j * length + k] as number);
  return sum;
}
