/**
 * Where the error of a linear estimator lies: the generalization loss |S − T|² along the eigenvectors of the training
 * covariance, gathered in bins of their eigenvalues, measured and predicted. Small eigenvalues are learned last and count
 * little in training: that is the delay (Levi et al. 2023, §3.1.4).
 */
import type { Panel } from '../../shared/snapshot.ts';
import { symmetricEigen, type SymmetricEigen } from '../linalg/symmetric-eigen.ts';
import {
  asymptoticDelay,
  finalLosses,
  predictedStep,
  squaredDistance,
  type Dynamics,
} from './linear-estimator-theory.ts';

const BINS = 16;
/** The eigenvectors of more dimensions than this take longer than a run's first minute. */
const MAX_DIMENSIONS = 1200;

/** Eigenvalues below this share of the largest are directions that no training example has. */
const UNSEEN = 1e-10;

export class ErrorModes {
  readonly panels: readonly Panel[];
  readonly #dynamics: Dynamics;
  readonly #covariance: Float64Array;
  readonly #dimensions: number;
  #modes: SymmetricEigen | null = null;

  constructor(dynamics: Dynamics, errorTolerance: number, covariance: Float64Array, dimensions: number) {
    this.#dynamics = dynamics;
    this.#covariance = covariance;
    this.#dimensions = dimensions;
    this.panels = dimensions > MAX_DIMENSIONS ? [] : [panelOf(dynamics, errorTolerance)];
  }

  /** `slope` is ΣD = ΣS − c [dimensions], half the gradient; the component of D along v is v·slope / ν. */
  parts(slope: Float64Array, steps: number): Record<string, Float64Array> {
    if (this.panels.length === 0) return {};
    this.#modes ??= symmetricEigen(this.#covariance, this.#dimensions);
    const { values, vectors } = this.#modes;
    const { lambda, nodes, weights } = this.#dynamics.spectrum;
    const d = this.#dimensions;
    const measured = new Float64Array(BINS);
    const floor = UNSEEN * (values.at(-1) as number);
    values.forEach((value, k) => {
      if (value <= floor) return;
      let component = 0;
      for (let j = 0; j < d; j++) component += (vectors[k * d + j] as number) * (slope[j] as number);
      add(measured, binOf(lambda, value), (component / value) ** 2);
    });
    const predicted = new Float64Array(BINS);
    nodes.forEach((node, i) => {
      const weight = weights[i] as number;
      add(predicted, binOf(lambda, node), weight * squaredDistance(this.#dynamics, node, steps));
    });
    return { 'modes.values': measured, 'modes.reference': predicted };
  }
}

function add(sums: Float64Array, bin: number, value: number): void {
  sums[bin] = (sums[bin] as number) + value;
}

/** Bins of equal width in θ, ν = 1 + λ + 2√λ cos θ, from the lower edge of the spectrum to the upper one. */
function binOf(lambda: number, eigenvalue: number): number {
  const cosine = (eigenvalue - 1 - lambda) / (2 * Math.sqrt(lambda));
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  return Math.min(BINS - 1, Math.floor((1 - angle / Math.PI) * BINS));
}

/**
 * The predicted steps at which the accuracies reach Erf(√2), about 95 %, where a loss is ε/4 (§3.1.3), beside the delay
 * of equation 12.
 */
export function predictionWords(dynamics: Dynamics, errorTolerance: number): string {
  const [fit, generalization] = (['train', 'test'] as const).map((split) =>
    predictedStep(dynamics, split, errorTolerance / 4),
  );
  const { lambda } = dynamics.spectrum;
  const print = (steps: number): string => Math.round(steps).toLocaleString('en-US');
  if (typeof fit !== 'number') return 'Predicted: training accuracy never reaches 95 %.';
  if (typeof generalization !== 'number')
    return (
      `Predicted: training accuracy reaches 95 % at ${print(fit)}, generalization accuracy never does: its loss ends ` +
      `at ${finalLosses(dynamics).test.toPrecision(3)}.`
    );
  const limit =
    lambda < 1 && dynamics.weightDecay === 0
      ? `, ${print(asymptoticDelay(lambda, dynamics.learningRate))} in the limit of small ε (equation 12)`
      : '';
  return (
    `Predicted: training accuracy reaches 95 % at ${print(fit)}, generalization accuracy at ${print(generalization)}, ` +
    `a delay of ${print(generalization - fit)}${limit}.`
  );
}

function panelOf(dynamics: Dynamics, errorTolerance: number): Panel {
  const { lambda } = dynamics.spectrum;
  const edge = (bin: number): string =>
    Number((1 + lambda - 2 * Math.sqrt(lambda) * Math.cos((bin / BINS) * Math.PI)).toPrecision(3)).toString();
  return {
    name: 'modes',
    kind: 'bars',
    title: 'Error left, by eigenvalue of the training covariance',
    description:
      'The part of the generalization loss that lies along eigenvectors with eigenvalues in each range (Levi et al. 2023, §3.1.4). Directions that no training example has are left out. ' +
      predictionWords(dynamics, errorTolerance),
    items: Array.from({ length: BINS }, (_, bin) => `${edge(bin)} to ${edge(bin + 1)}`),
    yLabel: 'squared error',
    reference: 'predicted from the Marchenko–Pastur distribution',
    log: true,
  };
}
