/** How large a model is on an arm's data, without building either: parameters, and the arrays known beforehand. */
import type { ModelSize } from '../shared/api.ts';
import { datasetForm, denseDimensions, datasetSizes, type DatasetSpec } from '../shared/dataset-spec.ts';
import type { Arm } from '../shared/study.ts';
import { bayesianLayers, weightCount } from './models/bayesian-network.ts';
import { gpLayout } from './models/gp-elbo.ts';
import { laplaceLayout } from './models/gp-laplace.ts';
import { regressionLayout } from './models/gp-marginal.ts';
import { networkFor, type DataShape } from './training/neural-task.ts';
import { parameterCount } from './training/training-graph.ts';

const FLOAT64 = 8;

/** The shape that the builder of this dataset gives its data. */
export function dataShapeOf(spec: DatasetSpec): DataShape {
  const { form, dimensions, classes, vocabulary } = datasetForm(spec);
  switch (form) {
    case 'tokens': {
      const values = classes ?? 0;
      return { kind: 'tokens', length: dimensions, vocabulary: vocabulary ?? values + 1, classes: values };
    }
    case 'vectors':
      return { kind: 'vectors', dimensions, classes: classes ?? 0 };
    case 'regression':
      return { kind: 'regression', dimensions, outputs: outputsOf(spec) };
  }
}

function outputsOf(spec: DatasetSpec): number {
  if (spec.kind === 'network-teacher-student') return spec.outputs;
  return spec.kind === 'symbol-addition' ? spec.targetDimensions : 1;
}

/** @param arm a valid one */
export function modelSize(arm: Arm): ModelSize {
  const shape = dataShapeOf(arm.dataset);
  const { train, test } = datasetSizes(arm.dataset);
  const inputs = shape.kind === 'tokens' ? shape.length : shape.dimensions;
  const outputs = shape.kind === 'regression' ? (shape.outputs ?? 1) : shape.classes;
  const data = {
    what: 'the data',
    bytes: (train + test) * (inputs * FLOAT64 + (shape.kind === 'regression' ? outputs * FLOAT64 : 4)),
  };
  const parameters = parametersOf(arm, shape, { train, outputs });
  return { parameters, memory: [...modelArrays(arm, parameters, { train, test, inputs }), data] };
}

function parametersOf(
  { model, budget, dataset }: Arm,
  shape: DataShape,
  { train, outputs }: { train: number; outputs: number },
): number {
  const dimensions = denseDimensions(dataset);
  switch (model.kind) {
    case 'transformer':
    case 'moe-transformer':
    case 'mlp':
    case 'polynomial-network':
    case 'embedding-decoder':
    case 'diagonal-network':
      return parameterCount(networkFor(model, shape));
    case 'bayesian-network':
      return 2 * weightCount(bayesianLayers(model, dimensions, outputs));
    case 'gp-classifier':
      return model.inference === 'laplace'
        ? laplaceLayout(dimensions).length
        : gpLayout(model.inducingPoints ?? train, dimensions).length;
    case 'gp-regression':
      return regressionLayout(dimensions).length;
    case 'linear-regression':
      return model.features.length;
    case 'linear-estimator':
      return dimensions;
    case 'kernel-ridge':
      return train * outputs;
    case 'ridge-path':
      // One intercept per output beside the weights.
      return ((model.randomFeatures === 0 ? dimensions : model.randomFeatures) + 1) * outputs;
    case 'random-forest':
      // A value per output in every leaf that the budget allows.
      return budget.maxEffort * outputs;
  }
}

function modelArrays(
  { model, trainer }: Arm,
  parameters: number,
  { train, test, inputs }: { train: number; test: number; inputs: number },
): ModelSize['memory'] {
  switch (model.kind) {
    case 'gp-classifier':
      if (model.inducingPoints !== undefined) {
        const points = model.inducingPoints;
        const bytes = points * (3 * points + 4 * train) * FLOAT64;
        return [{ what: 'kernel matrices of the inducing points', bytes }];
      }
      return [{ what: 'three kernel matrices', bytes: 3 * train * train * FLOAT64 }];
    case 'gp-regression':
      // The kernel, its Cholesky factor and the inverse of that.
      return [{ what: 'three kernel matrices', bytes: 3 * train * train * FLOAT64 }];
    case 'kernel-ridge':
      return [{ what: 'the kernel and its eigenvectors', bytes: train * (2 * train + test) * FLOAT64 }];
    case 'ridge-path': {
      const features = model.randomFeatures === 0 ? inputs : model.randomFeatures;
      return [{ what: 'the features', bytes: (train + test) * features * FLOAT64 }];
    }
    case 'random-forest': {
      const bytes = train * inputs * (FLOAT64 + 4);
      return [{ what: 'the inputs and their ranks', bytes }];
    }
    default: {
      const bytes = trainer.kind !== 'direct' && trainer.precision === 'float64' ? 8 : 4;
      const moments = momentsOf(trainer);
      const what = `weights, gradient${moments === 0 ? '' : ` and ${moments === 1 ? 'one moment' : `${moments} moments`}`}`;
      return [{ what, bytes: (2 + moments) * parameters * bytes }];
    }
  }
}

/** Arrays as long as the parameters that the update rule keeps. */
function momentsOf(trainer: Arm['trainer']): number {
  if (trainer.kind === 'direct') return 0;
  const own = trainer.kind === 'sgd' ? (trainer.momentum > 0 ? 1 : 0) : 2;
  const { gradientFilter: filter } = trainer;
  if (filter?.kind === 'grokfast-ema') return own + 1;
  return filter?.kind === 'grokfast-ma' ? own + filter.window : own;
}
