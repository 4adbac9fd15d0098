/**
 * Gaussian process classifier trained by gradient descent on its variational objective. Miller et al. 2023 (arXiv
 * 2310.17247), GP classification; the authors' code does it with GPyTorch. The mathematics is in `gp-elbo.ts`, the
 * loop in `gp-learner.ts`; Laplace's approximation in place of the variational one is in `gp-classifier-laplace.ts`. With
 * `inducingPoints` the posterior is held at so many training inputs, drawn once and kept (`gp-sparse-elbo.ts`).
 *
 * An effort is one Adam update of everything together: length scales, output scale, constant mean, and m and L of
 * q(u) = N(m, LLᵀ). The loss is −ELBO / n. Taken from GPyTorch (read at 1.8.1 and 7c4ec80f):
 * `Positive` (softplus) constraints; 20 Gauss–Hermite nodes; q starts as the prior at the initial hyperparameters,
 * L = chol(K + jitter·I) and m = c plus normal noise of standard deviation 1e-3 (the stream `init`), c = 0; the jitter
 * is part of the model (GPyTorch adds 1e-3). GPyTorch's default initial output scale and length scale are
 * softplus(0) = ln 2 = 0.6931; the authors set the length scale to 0.005 for the 0/1 task and leave the output scale.
 *
 * Different here: float64 (theirs float32); log Φ to rounding (GPyTorch's `log_normal_cdf` is off by up to 0.0019 for
 * −5 < z < −1); where the kernel matrix has no Cholesky factor, more jitter is added as `linalg/jitter.ts` says and
 * recorded in the column `jitter` (GPyTorch adds 1e-6 and more, in float32, and warns).
 *
 * Predictions: p(y = 1) = Φ(μ / √(1 + σ²)) with the latent mean μ and variance σ² at the point; at a training point
 * those of q(u). Loss is the mean −log p of the true label. The authors record before each update and plot epochs from
 * 1: their epoch e is effort e − 1.
 */
import { LatebloomError } from '../../shared/errors.ts';
import type { GpClassifierSpec } from '../../shared/model-spec.ts';
import { Random } from '../../shared/random.ts';
import type { AdamSpec } from '../../shared/trainer-spec.ts';
import type { VectorDataset } from '../datasets/dataset.ts';
import { buildDataset } from '../datasets/index.ts';
import { algebraFor, type Algebra } from '../linalg/algebra.ts';
import { choleskyInPlace } from '../linalg/cholesky.ts';
import { factorizeWithJitter, withDiagonal } from '../linalg/jitter.ts';
import type { CreateLearner } from '../training/learner.ts';
import { requireBothClasses, requireVaryingInputs } from './gp-checks.ts';
import {
  classificationColumns,
  classificationValues,
  hyperparameterColumn,
  lengthScaleColumns,
  lengthScaleValues,
  objectiveColumn,
} from './gp-columns.ts';
import {
  elbo,
  elboAndGradient,
  factorize,
  gpLayout,
  hyperparametersOf,
  marginalsAt,
  trainMarginals,
  type ElboTerms,
  type GpFactors,
  type GpProblem,
  type LatentMarginals,
} from './gp-elbo.ts';
import { rbfGram, softplus } from './gp-kernel.ts';
import { laplaceInit, laplaceObjective } from './gp-classifier-laplace.ts';
import { ClassifierDrawing } from './gp-panels.ts';
import { GpLearner, type GpObjective } from './gp-learner.ts';
import { sparseElbo, sparseElboAndGradient, type SparseProblem } from './gp-sparse-elbo.ts';

const meanInitDeviation = 1e-3;

/** What depends on where the posterior is held: at all training points, or at inducing points among them. */
interface Posterior {
  /** The problem whose inputs the posterior is held at. */
  held: GpProblem;
  elbo(parameters: Float64Array, factors: GpFactors): ElboTerms | Promise<ElboTerms>;
  elboAndGradient(parameters: Float64Array, gradient: Float64Array): Promise<ElboTerms & { jitter: number }>;
  trainMarginals(parameters: Float64Array, factors: GpFactors): LatentMarginals | Promise<LatentMarginals>;
}

function fullPosterior(problem: GpProblem, algebra: Algebra): Posterior {
  return {
    held: problem,
    elbo: (parameters, factors) => elbo(problem, parameters, factors),
    elboAndGradient: (parameters, gradient) => elboAndGradient(problem, parameters, gradient, algebra),
    trainMarginals: (parameters) => trainMarginals(problem, parameters),
  };
}

function sparsePosterior(problem: SparseProblem, algebra: Algebra): Posterior {
  const { train, inducing } = problem;
  return {
    held: inducing,
    elbo: (parameters, factors) => sparseElbo(problem, parameters, factors, algebra),
    elboAndGradient: (parameters, gradient) => sparseElboAndGradient(problem, parameters, gradient, algebra),
    trainMarginals: (_, factors) => marginalsAt(inducing, factors, train.inputs, algebra),
  };
}

/** The rows of `count` training inputs, drawn without replacement, as the inputs of a posterior. */
export function inducingProblem(problem: GpProblem, count: number, random: Random): GpProblem {
  const { n, dimensions, inputs, labels } = problem;
  const rows = random.permutation(n).subarray(0, count).sort();
  return {
    ...problem,
    n: count,
    inputs: Float64Array.from({ length: count * dimensions }, (_, at) => {
      const row = rows[Math.floor(at / dimensions)] as number;
      return inputs[row * dimensions + (at % dimensions)] as number;
    }),
    labels: Int32Array.from(rows, (row) => labels[row] as number),
  };
}

/** −ELBO / n of the model on these data. */
export function variationalObjective(
  problem: GpProblem,
  test: VectorDataset['test'],
  algebra: Algebra,
  posterior: Posterior = fullPosterior(problem, algebra),
): GpObjective {
  const { n, dimensions, labels } = problem;
  const { held } = posterior;
  const drawing = new ClassifierDrawing(problem, test);
  return {
    name: 'the ELBO',
    columns: [
      ...classificationColumns,
      objectiveColumn('elbo', 'ELBO', 'higher', 'ELBO'),
      objectiveColumn('expectedLogLikelihood', 'data fit: expected log likelihood', 'higher', 'ELBO'),
      objectiveColumn('kl', 'complexity: KL(q ‖ prior)', 'lower', 'ELBO'),
      ...lengthScaleColumns(dimensions),
      hyperparameterColumn('outputScale', 'output scale (variance)'),
      hyperparameterColumn('meanConstant', 'constant mean'),
    ],
    async lossAndGradient(parameters, gradient) {
      const terms = await posterior.elboAndGradient(parameters, gradient);
      return { loss: (terms.kl - terms.expectedLogLikelihood) / n, jitter: terms.jitter };
    },
    async evaluate(parameters) {
      const factors = await factorize(held, parameters, algebra);
      const { expectedLogLikelihood, kl } = await posterior.elbo(parameters, factors);
      const onTrain = await posterior.trainMarginals(parameters, factors);
      const onTest = await marginalsAt(held, factors, test.inputs, algebra);
      const { lengthScales, outputScale, meanConstant } = factors.hyper;
      return {
        values: [
          ...classificationValues(onTrain, labels, onTest, test.labels),
          (expectedLogLikelihood - kl) / n,
          expectedLogLikelihood / n,
          kl / n,
          ...lengthScaleValues(lengthScales),
          outputScale,
          meanConstant,
        ],
        jitter: factors.prior.jitter,
      };
    },
    panels: drawing.panels,
    snapshot: (parameters, first) =>
      drawing.arrays(first, hyperparametersOf(held, parameters).lengthScales, async (grid) => {
        const factors = await factorize(held, parameters, algebra);
        return marginalsAt(held, factors, grid, algebra);
      }),
  };
}

/** q(u) at the prior, with a little noise in the mean; hyperparameters as the spec says. */
export async function variationalInit(
  model: GpClassifierSpec,
  problem: GpProblem,
  algebra: Algebra,
  init: Random,
): Promise<Float64Array> {
  const { n, dimensions, inputs, jitter } = problem;
  const layout = gpLayout(n, dimensions);
  const parameters = new Float64Array(layout.length);
  parameters.fill(softplus.raw(model.lengthScale), layout.rawLengthScales, layout.rawOutputScale);
  parameters[layout.rawOutputScale] = softplus.raw(model.outputScale);
  const kernel = rbfGram(hyperparametersOf(problem, parameters), inputs);
  const needed = await factorizeWithJitter(algebra, kernel, n, jitter);
  const prior = withDiagonal(kernel, n, needed.jitter);
  choleskyInPlace(prior, n);
  for (let i = 0; i < n; i++) {
    parameters[i] = meanInitDeviation * init.normal();
    parameters.set(prior.subarray(i * n, i * n + i + 1), layout.factor + (i * (i + 1)) / 2);
  }
  return parameters;
}

/**
 * @param init the stream for the noise in the initial mean
 * @param inducing the stream that chooses inducing points, where there are fewer than training points
 */
export async function gpClassifierLearner(
  model: GpClassifierSpec,
  trainer: AdamSpec,
  data: VectorDataset,
  { init, inducing }: { init: Random; inducing: Random },
  threads: number,
): Promise<GpLearner> {
  const { n, inputs, labels } = data.train;
  const problem = { n, dimensions: data.dimensions, inputs, labels, jitter: model.jitter };
  const algebra = await algebraFor(n, threads);
  if (model.inference === 'laplace') {
    const objective = laplaceObjective(problem, data.test, algebra);
    return new GpLearner(objective, trainer, laplaceInit(model, data.dimensions), algebra);
  }
  const count = model.inducingPoints ?? n;
  const posterior =
    count < n
      ? sparsePosterior({ train: problem, inducing: inducingProblem(problem, count, inducing) }, algebra)
      : fullPosterior(problem, algebra);
  const parameters = await variationalInit(model, posterior.held, algebra, init);
  const objective = variationalObjective(problem, data.test, algebra, posterior);
  return new GpLearner(objective, trainer, parameters, algebra);
}

/**
 * @throws LatebloomError when the arm is not a GP classifier on a two-class vector dataset trained by Adam; InputError
 * when the training data leave something to say nothing about.
 */
export const createGpClassifierLearner: CreateLearner = async (arm, seed, { threads }) => {
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
  requireVaryingInputs(arm.dataset, seed, data.train.inputs, data.dimensions);
  requireBothClasses(arm.dataset, seed, data.train.labels);
  const streams = { init: Random.stream(seed, 'init'), inducing: Random.stream(seed, 'inducing') };
  return gpClassifierLearner(model, trainer, data, streams, threads);
};
