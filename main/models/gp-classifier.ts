/**
 * Gaussian process classifier trained by gradient descent on its variational objective. Miller et al. 2023 (arXiv
 * 2310.17247), GP classification; the authors' code does it with GPyTorch. The mathematics is in `gp-elbo.ts`.
 *
 * An effort is one Adam update of everything together: length scales, output scale, constant mean, and m and L of
 * q(u) = N(m, LLᵀ). The loss is −ELBO / n. Taken from GPyTorch (read at 1.8.1 and 7c4ec80f):
 * `Positive` (softplus) constraints; 20 Gauss–Hermite nodes; q starts as the prior at the initial hyperparameters,
 * L = chol(K + jitter·I) and m = c plus normal noise of standard deviation 1e-3 (the stream `init`), c = 0; the jitter
 * is part of the model (GPyTorch adds 1e-3). GPyTorch's default initial output scale and length scale are
 * softplus(0) = ln 2 = 0.6931; the authors set the length scale to 0.005 for the 0/1 task and leave the output scale.
 *
 * Different here: float64 (theirs float32); log Φ to rounding (GPyTorch's `log_normal_cdf` is off by up to 0.0019 for
 * −5 < z < −1); no extra jitter when the kernel matrix has no Cholesky factor: the run fails and says so, where
 * GPyTorch tries again with 1e-6 more (in float32) and warns.
 *
 * Predictions: p(y = 1) = Φ(μ / √(1 + σ²)), class 1 where that is at least ½, with the latent mean μ and variance σ²
 * at the point; at a training point μ and σ² are those of q(u). Loss is the mean −log p of the true label. The
 * authors record before each update and plot epochs from 1: their epoch e is effort e − 1.
 */
import { DivergedError, LatebloomError } from '../../shared/errors.ts';
import type { GpClassifierSpec } from '../../shared/model-spec.ts';
import { Random } from '../../shared/random.ts';
import type { BackendRecord, MetricColumn } from '../../shared/run.ts';
import type { AdamSpec } from '../../shared/trainer-spec.ts';
import type { VectorDataset } from '../datasets/dataset.ts';
import { buildDataset } from '../datasets/index.ts';
import { choleskyInPlace, NotPositiveDefiniteError } from '../linalg/cholesky.ts';
import { logNormalCdf } from '../linalg/normal.ts';
import type { CreateLearner, Learner, LearnerState } from '../training/learner.ts';
import { adamUpdate, type AdamMoments } from './float64-adam.ts';
import { float64Backend } from './float64-backend.ts';
import {
  elbo,
  elboAndGradient,
  factorize,
  gpLayout,
  hyperparametersOf,
  inverseSoftplus,
  marginalsAt,
  rbfKernel,
  trainMarginals,
  type GpProblem,
  type LatentMarginals,
} from './gp-elbo.ts';
import { stateArray } from './learner-state.ts';

const meanInitDeviation = 1e-3;
/** With at most this many inputs every length scale is a column; with more, their geometric mean. */
const maxLengthScaleColumns = 8;

/** The kernel matrix lost its positive definiteness during a run. */
export class KernelNotPositiveDefiniteError extends LatebloomError {
  constructor(effort: number, jitter: number, cause: NotPositiveDefiniteError) {
    super(
      'diverged',
      `The run failed at effort ${effort}: the kernel matrix plus jitter ${jitter} is not positive definite ` +
        `(pivot ${cause.pivot} of its Cholesky factor is ${cause.value}).`,
      'The curve up to that point is kept. A larger jitter (GPyTorch uses 0.001) usually helps.',
      { cause },
    );
  }
}

export class GpClassifierLearner implements Learner {
  readonly columns: readonly MetricColumn[];
  readonly backend: BackendRecord = float64Backend;
  readonly effortsPerEpoch = 1;
  readonly #trainer: AdamSpec;
  readonly #data: VectorDataset;
  readonly #problem: GpProblem;
  readonly #gradient: Float64Array;
  #parameters: Float64Array;
  #moments: AdamMoments;
  #effort = 0;

  constructor(model: GpClassifierSpec, trainer: AdamSpec, data: VectorDataset, init: Random) {
    const { n, inputs, labels } = data.train;
    this.#trainer = trainer;
    this.#data = data;
    this.#problem = { n, dimensions: data.dimensions, inputs, labels, jitter: model.jitter };
    this.#parameters = this.#explained(() => initialParameters(model, this.#problem, init));
    const { length } = this.#parameters;
    this.#gradient = new Float64Array(length);
    this.#moments = { first: new Float64Array(length), second: new Float64Array(length) };
    this.columns = columnsOf(data.dimensions);
  }

  get effort(): number {
    return this.#effort;
  }

  async advance(untilEffort: number, deadline: number): Promise<void> {
    do this.#update();
    while (this.#effort < untilEffort && performance.now() < deadline);
  }

  #update(): void {
    const step = this.#effort + 1;
    const terms = this.#explained(() => elboAndGradient(this.#problem, this.#parameters, this.#gradient));
    requireFinite(step, 'the ELBO', [terms.expectedLogLikelihood - terms.kl]);
    requireFinite(step, 'a gradient', this.#gradient);
    adamUpdate(this.#trainer, step, this.#parameters, this.#gradient, this.#moments);
    requireFinite(step, 'a parameter', this.#parameters);
    this.#effort = step;
  }

  async evaluate(): Promise<Float64Array> {
    const problem = this.#problem;
    const { train, test } = this.#data;
    const factors = this.#explained(() => factorize(problem, this.#parameters));
    const terms = elbo(problem, this.#parameters, factors);
    const onTrain = assess(trainMarginals(problem, this.#parameters), train.labels);
    const onTest = assess(marginalsAt(problem, factors, test.inputs), test.labels);
    const { lengthScales, outputScale, meanConstant } = factors.hyper;
    return Float64Array.of(
      onTrain.accuracy,
      onTest.accuracy,
      onTrain.loss,
      onTest.loss,
      (terms.expectedLogLikelihood - terms.kl) / problem.n,
      terms.expectedLogLikelihood / problem.n,
      terms.kl / problem.n,
      ...(lengthScales.length <= maxLengthScaleColumns ? lengthScales : [geometricMean(lengthScales)]),
      outputScale,
      meanConstant,
    );
  }

  save(): LearnerState {
    return {
      effort: this.#effort,
      arrays: {
        parameters: this.#parameters.slice(),
        firstMoment: this.#moments.first.slice(),
        secondMoment: this.#moments.second.slice(),
      },
      json: null,
    };
  }

  restore(state: LearnerState): void {
    const { length } = this.#parameters;
    const first = stateArray(state, 'firstMoment', length);
    const second = stateArray(state, 'secondMoment', length);
    this.#parameters = stateArray(state, 'parameters', length);
    this.#moments = { first, second };
    this.#effort = state.effort;
  }

  async dispose(): Promise<void> {
    // Nothing native to free.
  }

  #explained<T>(compute: () => T): T {
    try {
      return compute();
    } catch (error) {
      if (!(error instanceof NotPositiveDefiniteError)) throw error;
      throw new KernelNotPositiveDefiniteError(this.#effort, this.#problem.jitter, error);
    }
  }
}

/** q(u) at the prior, with a little noise in the mean; hyperparameters as the spec says. */
function initialParameters(model: GpClassifierSpec, problem: GpProblem, init: Random): Float64Array {
  const { n, dimensions, inputs, jitter } = problem;
  const layout = gpLayout(n, dimensions);
  const parameters = new Float64Array(layout.length);
  parameters.fill(inverseSoftplus(model.lengthScale), layout.rawLengthScales, layout.rawOutputScale);
  parameters[layout.rawOutputScale] = inverseSoftplus(model.outputScale);
  const prior = rbfKernel(hyperparametersOf(problem, parameters), inputs, inputs);
  for (let i = 0; i < n; i++) prior[i * n + i] = (prior[i * n + i] as number) + jitter;
  choleskyInPlace(prior, n);
  for (let i = 0; i < n; i++) {
    parameters[i] = meanInitDeviation * init.normal();
    parameters.set(prior.subarray(i * n, i * n + i + 1), layout.factor + (i * (i + 1)) / 2);
  }
  return parameters;
}

function requireFinite(effort: number, quantity: string, values: Iterable<number>): void {
  for (const value of values) {
    if (!Number.isFinite(value)) throw new DivergedError(effort, quantity, value);
  }
}

function assess(marginals: LatentMarginals, labels: Int32Array): { accuracy: number; loss: number } {
  let correct = 0;
  let loss = 0;
  labels.forEach((label, i) => {
    const link = (marginals.mean[i] as number) / Math.sqrt(1 + (marginals.variance[i] as number));
    if ((link >= 0 ? 1 : 0) === label) correct += 1;
    loss -= logNormalCdf(label === 1 ? link : -link);
  });
  return { accuracy: correct / labels.length, loss: loss / labels.length };
}

function geometricMean(values: Float64Array): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

function columnsOf(dimensions: number): MetricColumn[] {
  const accuracy = { quantity: 'accuracy', unit: '', direction: 'higher' } as const;
  const loss = { quantity: 'loss', unit: 'nat', direction: 'lower' } as const;
  const objective = { quantity: 'elbo', unit: 'nat', split: 'train' } as const;
  const hyper = { unit: '', split: null, direction: null };
  const lengthScales =
    dimensions === 1
      ? [{ name: 'lengthScale', label: 'length scale' }]
      : dimensions <= maxLengthScaleColumns
        ? Array.from({ length: dimensions }, (_, k) => ({
            name: `lengthScale:${k + 1}`,
            label: `length scale of input ${k + 1}`,
          }))
        : [{ name: 'lengthScale', label: `length scale, geometric mean over ${dimensions} inputs` }];
  return [
    { name: 'trainAccuracy', label: 'train accuracy', split: 'train', ...accuracy },
    { name: 'testAccuracy', label: 'test accuracy', split: 'test', ...accuracy },
    { name: 'trainLoss', label: 'train negative log predictive probability', split: 'train', ...loss },
    { name: 'testLoss', label: 'test negative log predictive probability', split: 'test', ...loss },
    { name: 'elbo', label: 'ELBO per training example', direction: 'higher', ...objective },
    {
      name: 'expectedLogLikelihood',
      label: 'data fit: expected log likelihood per training example',
      direction: 'higher',
      ...objective,
    },
    { name: 'kl', label: 'complexity: KL(q ‖ prior) per training example', direction: 'lower', ...objective },
    ...lengthScales.map((column) => ({ ...column, quantity: 'lengthScale', ...hyper })),
    { name: 'outputScale', label: 'output scale (variance)', quantity: 'outputScale', ...hyper },
    { name: 'meanConstant', label: 'constant mean', quantity: 'meanConstant', ...hyper },
  ];
}

/** @throws LatebloomError when the arm is not a GP classifier on a two-class vector dataset trained by Adam. */
export const createGpClassifierLearner: CreateLearner = async (arm, seed) => {
  const { model, trainer } = arm;
  const data = buildDataset(arm.dataset, seed);
  if (
    model.kind !== 'gp-classifier' ||
    trainer.kind !== 'adam' ||
    data.kind !== 'vectors' ||
    data.classes !== 2
  ) {
    throw new LatebloomError(
      'bad-input',
      `The arm ${arm.id} is not a two-class GP classifier trained by Adam.`,
    );
  }
  return new GpClassifierLearner(model, trainer, data, Random.stream(seed, 'init'));
};
