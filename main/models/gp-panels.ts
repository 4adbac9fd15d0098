/** What Replay draws of a Gaussian process: the function over a single input, or how much of each input it uses. */
import type { BarsPanel, FunctionPanel, Panel } from '../../shared/snapshot.ts';
import { logNormalCdf } from '../linalg/normal.ts';
import { DecisionRegions } from './decision-regions.ts';
import type { LatentMarginals } from './gp-elbo.ts';

const gridPoints = 201;
/** Of the range of the data, on either side. */
const margin = 0.15;

/** A split's inputs [n, 1] and what is drawn at them. */
export interface DrawnPoints {
  inputs: Float64Array;
  y: ArrayLike<number>;
}

/** Evenly spaced x over the data and a little beyond. */
export function inputGrid(train: Float64Array, test: Float64Array): Float64Array {
  const all = [...train, ...test];
  const low = all.reduce((least, x) => Math.min(least, x), Infinity);
  const high = all.reduce((most, x) => Math.max(most, x), -Infinity);
  const pad = margin * (high - low || 1);
  const step = (high - low + 2 * pad) / (gridPoints - 1);
  return Float64Array.from({ length: gridPoints }, (_, i) => low - pad + i * step);
}

export const regressionPanel: FunctionPanel = {
  kind: 'function',
  name: 'posterior',
  title: 'Posterior of the function',
  description:
    'The Gaussian process given the training data at the current length scale, output scale and noise: its mean, with a band of two standard deviations of the noise-free function.',
  xLabel: 'x',
  yLabel: 'f(x)',
  band: 'mean ± 2 standard deviations',
};

const classificationPanel: FunctionPanel = {
  kind: 'function',
  name: 'posterior',
  title: 'Probability of class 1',
  description:
    'The predictive probability Φ(μ/√(1 + σ²)) of class 1 at each x, with the band that the latent function’s mean ± 2 standard deviations give through Φ. Points are the labels.',
  xLabel: 'x',
  yLabel: 'p(y = 1)',
  band: 'Φ(latent mean ± 2 standard deviations)',
};

/** Arrays of `regressionPanel`. */
export function regressionArrays({ mean, variance }: LatentMarginals): Record<string, Float64Array> {
  return {
    'posterior.mean': mean,
    'posterior.lower': mean.map((m, i) => m - 2 * Math.sqrt(variance[i] as number)),
    'posterior.upper': mean.map((m, i) => m + 2 * Math.sqrt(variance[i] as number)),
  };
}

/** Arrays of `classificationPanel`. */
function classificationArrays({ mean, variance }: LatentMarginals): Record<string, Float64Array> {
  const cdf = (z: number): number => Math.exp(logNormalCdf(z));
  return {
    'posterior.mean': mean.map((m, i) => cdf(m / Math.sqrt(1 + (variance[i] as number)))),
    'posterior.lower': mean.map((m, i) => cdf(m - 2 * Math.sqrt(variance[i] as number))),
    'posterior.upper': mean.map((m, i) => cdf(m + 2 * Math.sqrt(variance[i] as number))),
  };
}

/** The arrays of a function panel that never change. */
export function dataArrays(
  grid: Float64Array,
  train: DrawnPoints,
  test: DrawnPoints,
): Record<string, Float64Array> {
  return {
    'posterior.x': grid,
    'posterior.trainX': train.inputs.slice(),
    'posterior.trainY': Float64Array.from(train.y),
    'posterior.testX': test.inputs.slice(),
    'posterior.testY': Float64Array.from(test.y),
  };
}

/** Miller et al. 2023 draw inverse length scales of hidden parity (appendix J.1): large where the input matters. */
export function relevancePanel(dimensions: number): BarsPanel {
  return {
    kind: 'bars',
    name: 'relevance',
    title: 'Inverse length scales',
    description:
      'One over the length scale of each input: large where the function changes along the input, near 0 where the input is ignored.',
    items: Array.from({ length: dimensions }, (_, k) => `input ${k + 1}`),
    yLabel: '1 / length scale',
    reference: null,
    log: false,
  };
}

export function relevanceArrays(lengthScales: Float64Array): Record<string, Float64Array> {
  return { 'relevance.values': lengthScales.map((lengthScale) => 1 / lengthScale) };
}

/**
 * A classifier's drawing: the probability over a single input, or inverse length scales where there are several; of two inputs,
 * decision regions besides.
 */
export class ClassifierDrawing {
  readonly panels: readonly Panel[];
  readonly #grid: Float64Array | null;
  readonly #data: Record<string, Float64Array>;
  readonly #regions: DecisionRegions | null;

  constructor(
    train: { dimensions: number; inputs: Float64Array; labels: Int32Array },
    test: { inputs: Float64Array; labels: Int32Array },
  ) {
    const single = train.dimensions === 1;
    this.#grid = single ? inputGrid(train.inputs, test.inputs) : null;
    const names = ['0', '1'];
    this.#regions = train.dimensions === 2 ? new DecisionRegions(train, test, names) : null;
    this.panels = [
      ...(this.#regions === null ? [] : [this.#regions.panel]),
      single ? classificationPanel : relevancePanel(train.dimensions),
    ];
    this.#data =
      this.#grid === null
        ? {}
        : dataArrays(
            this.#grid,
            { inputs: train.inputs, y: train.labels },
            { inputs: test.inputs, y: test.labels },
          );
  }

  /** @param predict the latent function at given inputs; called for one or two inputs only. */
  async arrays(
    first: boolean,
    lengthScales: Float64Array,
    predict: (inputs: Float64Array) => Promise<LatentMarginals>,
  ): Promise<Record<string, Float64Array>> {
    if (this.#regions !== null) {
      const { mean } = await predict(this.#regions.grid);
      // Φ(μ/√(1 + σ²)) > ½ where μ > 0.
      const answers = mean.map((value) => (value > 0 ? 1 : 0));
      return { ...this.#regions.arrays(answers, first), ...relevanceArrays(lengthScales) };
    }
    if (this.#grid === null) return relevanceArrays(lengthScales);
    return { ...(first ? this.#data : {}), ...classificationArrays(await predict(this.#grid)) };
  }
}
