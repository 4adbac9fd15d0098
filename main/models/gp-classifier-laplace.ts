/**
 * Gaussian process classifier with Laplace's approximation in place of the variational posterior: what the learner of
 * `gp-learner.ts` minimises and records. The mathematics is in `gp-laplace.ts`.
 *
 * An effort is one Adam update of length scales, output scale (both through softplus) and constant mean, which starts at
 * 0, on −log q(y) / n; the mode of the posterior is found anew, from f = c, before each. Miller et al. 2023 (§4) name this
 * approximation as one under which complexity could be compared along a run: it has no posterior of its own to train.
 */
import type { GpClassifierSpec } from '../../shared/model-spec.ts';
import type { VectorDataset } from '../datasets/dataset.ts';
import type { Algebra } from '../linalg/algebra.ts';
import {
  classificationColumns,
  classificationValues,
  hyperparameterColumn,
  lengthScaleColumns,
  lengthScaleValues,
  objectiveColumn,
} from './gp-columns.ts';
import type { GpProblem } from './gp-elbo.ts';
import { softplus } from './gp-kernel.ts';
import {
  factorizeLaplace,
  laplaceAndGradient,
  laplaceAt,
  laplaceHyperparameters,
  laplaceLayout,
  laplaceTerms,
  posteriorVariances,
} from './gp-laplace.ts';
import type { GpObjective } from './gp-learner.ts';
import { ClassifierDrawing } from './gp-panels.ts';

/** −log q(y) / n of the model on these data. */
export function laplaceObjective(
  problem: GpProblem,
  test: VectorDataset['test'],
  algebra: Algebra,
): GpObjective {
  const { n, dimensions, labels } = problem;
  const drawing = new ClassifierDrawing(problem, test);
  const marginal = 'marginalLikelihood';
  return {
    name: 'the approximate log marginal likelihood',
    columns: [
      ...classificationColumns,
      objectiveColumn(
        'logMarginalLikelihood',
        'log marginal likelihood (Laplace approximation)',
        'higher',
        marginal,
      ),
      objectiveColumn('dataFit', 'data fit: log likelihood at the mode', 'higher', marginal),
      objectiveColumn('complexity', 'complexity: ½ gᵀ(f̂ − c) + ½ log |B|', 'lower', marginal),
      ...lengthScaleColumns(dimensions),
      hyperparameterColumn('outputScale', 'output scale (variance)'),
      hyperparameterColumn('meanConstant', 'constant mean'),
    ],
    async lossAndGradient(parameters, gradient) {
      const terms = await laplaceAndGradient(problem, parameters, gradient, algebra);
      return { loss: -terms.logMarginalLikelihood / n, jitter: problem.jitter };
    },
    async evaluate(parameters) {
      const factors = await factorizeLaplace(problem, parameters, algebra);
      const { logMarginalLikelihood, fit, complexity } = laplaceTerms(factors);
      const onTrain = { mean: factors.mode, variance: await posteriorVariances(factors, n, algebra) };
      const onTest = await laplaceAt(problem, factors, test.inputs, algebra);
      const { lengthScales, outputScale, meanConstant } = factors.hyper;
      return {
        values: [
          ...classificationValues(onTrain, labels, onTest, test.labels),
          logMarginalLikelihood / n,
          fit / n,
          complexity / n,
          ...lengthScaleValues(lengthScales),
          outputScale,
          meanConstant,
        ],
        jitter: problem.jitter,
      };
    },
    panels: drawing.panels,
    snapshot: (parameters, first) =>
      drawing.arrays(first, laplaceHyperparameters(problem, parameters).lengthScales, async (grid) => {
        const factors = await factorizeLaplace(problem, parameters, algebra);
        return laplaceAt(problem, factors, grid, algebra);
      }),
  };
}

export function laplaceInit(model: GpClassifierSpec, dimensions: number): Float64Array {
  const layout = laplaceLayout(dimensions);
  const parameters = new Float64Array(layout.length);
  parameters.fill(softplus.raw(model.lengthScale), 0, dimensions);
  parameters[layout.rawOutputScale] = softplus.raw(model.outputScale);
  return parameters;
}
