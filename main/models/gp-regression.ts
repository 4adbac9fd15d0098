/**
 * Gaussian process regression trained by gradient descent on its exact marginal likelihood. Miller et al. 2023 (arXiv
 * 2310.17247), §2.3.1 and Figure 5, and the authors' `experiment_grokking_gp_regression_landscapes`, which uses GPyTorch. The
 * mathematics is in `gp-marginal.ts`, the loop in `gp-learner.ts`.
 *
 * An effort is one Adam update of length scales, output scale, noise variance and constant mean together (the mean
 * starts at 0). The loss is −log p(y) / n, GPyTorch's. Length scales and the output scale are exp or softplus of what is trained
 * (`transform`): the authors set `Positive(torch.exp, torch.log)`; GPyTorch's default is softplus. The noise variance is
 * 10⁻⁴ + softplus of what is trained, GPyTorch's default, which the authors leave. Float64, where theirs mixes float32 and float64.
 *
 * Loss (column and threshold) is the mean squared error of the predictive mean, as the authors plot it; `Nlpd` is the mean
 * −log N(y; μ, s² + σ²) over the examples of a split. Where K has no Cholesky factor, jitter is added as
 * `linalg/jitter.ts` says and recorded. The authors record before each update: their epoch e is effort e − 1.
 */
import { LatebloomError } from '../../shared/errors.ts';
import type { GpRegressionSpec } from '../../shared/model-spec.ts';
import type { MetricColumn } from '../../shared/run.ts';
import type { LandscapePanel } from '../../shared/snapshot.ts';
import type { AdamSpec } from '../../shared/trainer-spec.ts';
import type { RegressionDataset, RegressionSplit } from '../datasets/dataset.ts';
import { buildDataset } from '../datasets/index.ts';
import { algebraFor, type Algebra } from '../linalg/algebra.ts';
import type { CreateLearner } from '../training/learner.ts';
import { requireVaryingInputs } from './gp-checks.ts';
import {
  hyperparameterColumn,
  lengthScaleColumns,
  lengthScaleValues,
  objectiveColumn,
} from './gp-columns.ts';
import type { LatentMarginals } from './gp-elbo.ts';
import { exponential, softplus } from './gp-kernel.ts';
import { logSpaced, MarginalLandscape } from './gp-landscape.ts';
import { GpLearner, type GpObjective } from './gp-learner.ts';
import {
  factorizeRegression,
  marginalAndGradient,
  marginalTerms,
  noiseTransform,
  predictRegression,
  regressionHyperparameters,
  regressionLayout,
  type RegressionHyperparameters,
  type RegressionProblem,
} from './gp-marginal.ts';
import {
  dataArrays,
  inputGrid,
  regressionArrays,
  regressionPanel,
  relevanceArrays,
  relevancePanel,
} from './gp-panels.ts';

/** −log p(y) / n of the model on these data. */
export function marginalObjective(
  problem: RegressionProblem,
  test: RegressionSplit,
  algebra: Algebra,
): GpObjective {
  const drawing = problem.dimensions === 1 ? new Drawing(problem, test, algebra) : null;
  return {
    name: 'the log marginal likelihood',
    columns: columnsOf(problem.dimensions),
    async lossAndGradient(parameters, gradient) {
      const terms = await marginalAndGradient(problem, parameters, gradient, algebra);
      return { loss: -terms.logMarginalLikelihood / problem.n, jitter: terms.jitter };
    },
    async evaluate(parameters) {
      const factors = await factorizeRegression(problem, parameters, algebra);
      const { logMarginalLikelihood, fit, complexity } = marginalTerms(factors);
      const { lengthScales, outputScale, noise, meanConstant } = factors.hyper;
      const onTrain = await predictRegression(problem, factors, problem.inputs, algebra);
      const onTest = await predictRegression(problem, factors, test.inputs, algebra);
      return {
        values: [
          meanSquaredError(onTrain, problem.targets),
          meanSquaredError(onTest, test.targets),
          negativeLogDensity(onTrain, noise, problem.targets),
          negativeLogDensity(onTest, noise, test.targets),
          logMarginalLikelihood / problem.n,
          fit / problem.n,
          complexity / problem.n,
          ...lengthScaleValues(lengthScales),
          outputScale,
          noise,
          meanConstant,
        ],
        jitter: factors.prior.jitter,
      };
    },
    panels: drawing === null ? [relevancePanel(problem.dimensions)] : drawing.panels,
    snapshot: async (parameters, first) =>
      drawing === null
        ? relevanceArrays(regressionHyperparameters(problem, parameters).lengthScales)
        : drawing.arrays(parameters, first),
  };
}

/** Points along each axis of a landscape. */
const landscapeSize = 33;
/** More training points than this would take seconds to prepare. */
const landscapeMaxPoints = 200;
/** Nats per training example below the best point of a landscape. */
const landscapeDepth = 6;

const landscapeWords =
  `Log marginal likelihood per training example; what lies more than ${landscapeDepth} nats below the best is drawn at ` +
  'that floor. The other hyperparameters are those of this effort, so that the surface moves with the run.';

const noisePanel: LandscapePanel = {
  kind: 'landscape',
  name: 'noiseLandscape',
  title: 'Marginal likelihood over length scale and noise',
  description: landscapeWords,
  xLabel: 'noise variance',
  yLabel: 'length scale',
  zLabel: 'log marginal likelihood per training example',
  logX: true,
  logY: true,
};

const scalePanel: LandscapePanel = {
  ...noisePanel,
  name: 'scaleLandscape',
  title: 'Marginal likelihood over length scale and output scale',
  description: `${landscapeWords} The axes of Miller et al. 2023, Figure 5.`,
  xLabel: 'output scale (variance)',
};

/** Posterior and landscapes of a regression with one input. */
class Drawing {
  readonly panels;
  readonly #problem: RegressionProblem;
  readonly #test: RegressionSplit;
  readonly #algebra: Algebra;
  readonly #grid: Float64Array;
  /** Both axes of the figure: log output scale from −5 to 5, log length scale from −7 to 4, as the authors'. */
  readonly #lengthScales = logSpaced(Math.exp(-7), Math.exp(4), landscapeSize);
  readonly #outputScales = logSpaced(Math.exp(-5), Math.exp(5), landscapeSize);
  readonly #noises = logSpaced(1e-4, 10, landscapeSize);
  #landscape: MarginalLandscape | null = null;

  constructor(problem: RegressionProblem, test: RegressionSplit, algebra: Algebra) {
    this.#problem = problem;
    this.#test = test;
    this.#algebra = algebra;
    this.#grid = inputGrid(problem.inputs, test.inputs);
    const drawn = problem.n <= landscapeMaxPoints;
    this.panels = drawn ? [regressionPanel, scalePanel, noisePanel] : [regressionPanel];
  }

  async arrays(parameters: Float64Array, first: boolean): Promise<Record<string, Float64Array>> {
    const factors = await factorizeRegression(this.#problem, parameters, this.#algebra);
    const posterior = await predictRegression(this.#problem, factors, this.#grid, this.#algebra);
    const { inputs, targets } = this.#problem;
    const test = { inputs: this.#test.inputs, y: this.#test.targets };
    return {
      ...(first ? dataArrays(this.#grid, { inputs, y: targets }, test) : {}),
      ...regressionArrays(posterior),
      ...(this.#problem.n <= landscapeMaxPoints ? this.#landscapes(factors.hyper, first) : {}),
    };
  }

  #landscapes(hyper: RegressionHyperparameters, first: boolean): Record<string, Float64Array> {
    const { inputs, targets, jitter } = this.#problem;
    this.#landscape ??= new MarginalLandscape(inputs, targets, this.#lengthScales);
    const landscape = this.#landscape;
    const { outputScale, noise, meanConstant } = hyper;
    const lengthScale = hyper.lengthScales[0] as number;
    const surface = (x: Float64Array, at: (row: number, value: number) => number): Float64Array =>
      withFloor(
        Float64Array.from(
          { length: landscapeSize * x.length },
          (_, i) => at(Math.floor(i / x.length), x[i % x.length] as number) / inputs.length,
        ),
      );
    return {
      ...(first
        ? {
            'scaleLandscape.x': this.#outputScales,
            'scaleLandscape.y': this.#lengthScales,
            'noiseLandscape.x': this.#noises,
            'noiseLandscape.y': this.#lengthScales,
          }
        : {}),
      'scaleLandscape.z': surface(
        this.#outputScales,
        (row, v) => landscape.at(row, v, noise + jitter, meanConstant).logMarginalLikelihood,
      ),
      'scaleLandscape.position': Float64Array.of(outputScale, lengthScale),
      'noiseLandscape.z': surface(
        this.#noises,
        (row, s) => landscape.at(row, outputScale, s + jitter, meanConstant).logMarginalLikelihood,
      ),
      'noiseLandscape.position': Float64Array.of(noise, lengthScale),
    };
  }
}

function withFloor(surface: Float64Array): Float64Array {
  const best = surface.reduce((most, value) => Math.max(most, value), -Infinity);
  return surface.map((value) => Math.max(value, best - landscapeDepth));
}

function meanSquaredError({ mean }: LatentMarginals, targets: Float64Array): number {
  return targets.reduce((sum, y, i) => sum + (y - (mean[i] as number)) ** 2, 0) / targets.length;
}

/** The mean of −log N(y; μ, s² + σ²). */
function negativeLogDensity(
  { mean, variance }: LatentMarginals,
  noise: number,
  targets: Float64Array,
): number {
  return (
    targets.reduce((sum, y, i) => {
      const spread = (variance[i] as number) + noise;
      return sum + (Math.log(2 * Math.PI * spread) + (y - (mean[i] as number)) ** 2 / spread) / 2;
    }, 0) / targets.length
  );
}

function columnsOf(dimensions: number): MetricColumn[] {
  const loss = { quantity: 'loss', unit: '', direction: 'lower' } as const;
  const nlpd = { quantity: 'negative log predictive density', unit: 'nat', direction: 'lower' } as const;
  const marginal = 'marginal likelihood';
  return [
    { name: 'trainLoss', label: 'train mean squared error', split: 'train', ...loss },
    { name: 'testLoss', label: 'test mean squared error', split: 'test', ...loss },
    { name: 'trainNlpd', label: 'train negative log predictive density', split: 'train', ...nlpd },
    { name: 'testNlpd', label: 'test negative log predictive density', split: 'test', ...nlpd },
    objectiveColumn('logMarginalLikelihood', 'log marginal likelihood', 'higher', marginal),
    objectiveColumn('dataFit', 'data fit: −½ (y − c)ᵀK⁻¹(y − c)', 'higher', marginal),
    objectiveColumn('complexity', 'complexity: ½ log |K|', 'lower', marginal),
    ...lengthScaleColumns(dimensions),
    hyperparameterColumn('outputScale', 'output scale (variance)'),
    hyperparameterColumn('noise', 'noise variance'),
    hyperparameterColumn('meanConstant', 'constant mean'),
  ];
}

export function regressionInit(model: GpRegressionSpec, problem: RegressionProblem): Float64Array {
  const layout = regressionLayout(problem.dimensions);
  const parameters = new Float64Array(layout.length);
  parameters.fill(problem.transform.raw(model.lengthScale), 0, problem.dimensions);
  parameters[layout.rawOutputScale] = problem.transform.raw(model.outputScale);
  parameters[layout.rawNoise] = noiseTransform.raw(model.noise);
  return parameters;
}

export async function gpRegressionLearner(
  model: GpRegressionSpec,
  trainer: AdamSpec,
  data: RegressionDataset,
  threads: number,
): Promise<GpLearner> {
  const { n, inputs, targets } = data.train;
  const problem = {
    n,
    dimensions: data.dimensions,
    inputs,
    targets,
    jitter: model.jitter,
    transform: model.transform === 'exp' ? exponential : softplus,
  };
  const algebra = await algebraFor(n, threads);
  const parameters = regressionInit(model, problem);
  return new GpLearner(marginalObjective(problem, data.test, algebra), trainer, parameters, algebra);
}

/**
 * @throws LatebloomError when the arm is not a GP regression on a dataset with one target, trained by Adam; InputError
 * when an input never varies.
 */
export const createGpRegressionLearner: CreateLearner = async (arm, seed, { threads }) => {
  const { model, trainer } = arm;
  const data = buildDataset(arm.dataset, seed);
  if (
    model.kind !== 'gp-regression' ||
    trainer.kind !== 'adam' ||
    data.kind !== 'regression' ||
    (data.outputs ?? 1) !== 1
  ) {
    throw new LatebloomError(
      'bad-input',
      `The arm ${arm.id} is not a GP regression of one target trained by Adam.`,
    );
  }
  requireVaryingInputs(arm.dataset, seed, data.train.inputs, data.dimensions);
  return gpRegressionLearner(model, trainer, data, threads);
};
