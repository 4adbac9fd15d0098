/**
 * Linear regression on decoy features by full-batch gradient descent. Miller et al. 2023 (arXiv 2310.17247), linear
 * regression; the authors' `experiment_grokking_lr_classification`.
 *
 * Objective, with n the number of training examples, Φ [n, features] and weights w:
 *   dataFit + complexity = (Σ (φᵢ·w − yᵢ)² / noiseVariance) / n + (Σ wⱼ² / weightVariance) / n.
 * Both terms are divided by n, as in the authors' code: n = 2 in their experiment. No bias unless the feature `1` is used.
 *
 * Update, in the semantics of torch.optim.SGD: g ← ∇ + weightDecay·w; b ← momentum·b + g; w ← w − learningRate·b.
 *
 * Accuracy is sign agreement: the share of examples with (prediction > 0) = (target > 0). Loss is the mean squared error;
 * the authors record it divided by noiseVariance, which for the training split is the column `dataFit`. They record the
 * training metrics before an update and the test metrics after it; here a row's columns belong to the same weights, and
 * effort 0 is the initial weights, which their plots (epochs from 1) show as epoch 1.
 *
 * Reference: the minimum in closed form (`ridgeMinimum`), as the distance of the weights from it, and
 * beside every weight in the panel `weights`.
 */
import { DivergedError, LatebloomError } from '../../shared/errors.ts';
import type { LinearFeature, LinearRegressionSpec } from '../../shared/model-spec.ts';
import type { BackendRecord, MetricColumn } from '../../shared/run.ts';
import type { Panel } from '../../shared/snapshot.ts';
import type { SgdSpec } from '../../shared/trainer-spec.ts';
import type { RegressionDataset, RegressionSplit } from '../datasets/dataset.ts';
import { buildDataset } from '../datasets/index.ts';
import type { CreateLearner, Learner, LearnerState } from '../training/learner.ts';
import { float64Backend } from './float64-backend.ts';
import { stateArray } from './learner-state.ts';

const featureMaps: Record<LinearFeature, (x: number) => number> = {
  '1': () => 1,
  x: (x) => x,
  'x^2': (x) => x ** 2,
  'x^3': (x) => x ** 3,
  'sin(100x)': (x) => Math.sin(100 * x),
};

/** Φ [n, features], row-major, from inputs [n, 1]. */
export function designMatrix(features: readonly LinearFeature[], inputs: Float64Array): Float64Array {
  const design = new Float64Array(inputs.length * features.length);
  inputs.forEach((x, i) => {
    features.forEach((feature, j) => {
      design[i * features.length + j] = featureMaps[feature](x);
    });
  });
  return design;
}

/**
 * The weights at which the objective plus weight decay is least, in closed form: with ridge ρ = noiseVariance /
 * weightVariance + weightDecay · n · noiseVariance / 2, w = (ΦᵀΦ + ρI)⁻¹ Φᵀy. Gradient descent converges to it.
 * @throws LatebloomError when ρ is too small beside Φ for float64 to determine the minimum.
 */
export function ridgeMinimum(
  spec: LinearRegressionSpec,
  weightDecay: number,
  train: RegressionSplit,
): Float64Array {
  const design = designMatrix(spec.features, train.inputs);
  const p = spec.features.length;
  const ridge = spec.noiseVariance / spec.weightVariance + (weightDecay * train.n * spec.noiseVariance) / 2;
  // Least squares on the examples and one row √ρ per weight, target 0: the matrix ΦᵀΦ is not formed.
  const columns = Array.from({ length: p }, (_, j) =>
    Float64Array.from({ length: train.n + p }, (_, i) =>
      i < train.n ? (design[i * p + j] as number) : i - train.n === j ? Math.sqrt(ridge) : 0,
    ),
  );
  const targets = new Float64Array(train.n + p);
  targets.set(train.targets);
  return leastSquares(columns, targets);
}

/** Below this share of a column's length, what is left of it beside the columns before it is rounding. */
const DEPENDENT = 1e-10;

/** Modified Gram–Schmidt on the columns and the targets, in place; then back substitution (Björck 1996, §2.4.4). */
function leastSquares(columns: readonly Float64Array[], targets: Float64Array): Float64Array {
  const p = columns.length;
  const upper = new Float64Array(p * p);
  const solution = new Float64Array(p);
  columns.forEach((column, j) => {
    const whole = Math.sqrt(inner(column, column));
    for (let k = 0; k < j; k++) upper[k * p + j] = removeComponent(columns[k] as Float64Array, column);
    const length = Math.sqrt(inner(column, column));
    if (!(length > DEPENDENT * whole)) {
      throw new LatebloomError(
        'bad-input',
        'The data do not determine the weights: noiseVariance / weightVariance is too small beside the features.',
        'Take a smaller weightVariance.',
      );
    }
    upper[j * p + j] = length;
    for (let i = 0; i < column.length; i++) column[i] = (column[i] as number) / length;
    solution[j] = removeComponent(column, targets);
  });
  for (let j = p - 1; j >= 0; j--) {
    for (let k = j + 1; k < p; k++) {
      solution[j] = (solution[j] as number) - (upper[j * p + k] as number) * (solution[k] as number);
    }
    solution[j] = (solution[j] as number) / (upper[j * p + j] as number);
  }
  return solution;
}

/** Takes from `vector` its component along the unit vector `direction`; returns that component's length. */
function removeComponent(direction: Float64Array, vector: Float64Array): number {
  const component = inner(direction, vector);
  for (let i = 0; i < vector.length; i++) {
    vector[i] = (vector[i] as number) - component * (direction[i] as number);
  }
  return component;
}

function inner(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
}

interface Split {
  n: number;
  design: Float64Array;
  targets: Float64Array;
}

export class LinearRegressionLearner implements Learner {
  readonly columns: readonly MetricColumn[];
  readonly panels: readonly Panel[];
  readonly backend: BackendRecord = float64Backend;
  readonly effortsPerEpoch = 1;
  readonly #model: LinearRegressionSpec;
  readonly #trainer: SgdSpec;
  readonly #train: Split;
  readonly #test: Split;
  readonly #data: RegressionDataset;
  readonly #minimum: Float64Array;
  readonly #gradient: Float64Array;
  #weights: Float64Array;
  #momentum: Float64Array;
  #effort = 0;

  constructor(model: LinearRegressionSpec, trainer: SgdSpec, data: RegressionDataset) {
    const prepare = (split: RegressionSplit): Split => ({
      n: split.n,
      design: designMatrix(model.features, split.inputs),
      targets: split.targets,
    });
    this.#model = model;
    this.#trainer = trainer;
    this.#data = data;
    this.#minimum = ridgeMinimum(model, trainer.weightDecay, data.train);
    this.#train = prepare(data.train);
    this.#test = prepare(data.test);
    this.#weights = Float64Array.from(model.initialWeights);
    this.#momentum = new Float64Array(model.features.length);
    this.#gradient = new Float64Array(model.features.length);
    this.columns = columnsOf(model);
    this.panels = panelsOf(model);
  }

  get effort(): number {
    return this.#effort;
  }

  async advance(untilEffort: number, deadline: number): Promise<void> {
    do this.#update();
    while (this.#effort < untilEffort && performance.now() < deadline);
  }

  #update(): void {
    const { learningRate, weightDecay, momentum } = this.#trainer;
    const { noiseVariance, weightVariance } = this.#model;
    const { n, design, targets } = this.#train;
    const weights = this.#weights;
    const gradient = this.#gradient;
    const p = weights.length;
    for (let j = 0; j < p; j++)
      gradient[j] = (2 / (n * weightVariance) + weightDecay) * (weights[j] as number);
    for (let i = 0; i < n; i++) {
      const scaled = (2 / (n * noiseVariance)) * (predict(design, weights, i) - (targets[i] as number));
      for (let j = 0; j < p; j++)
        gradient[j] = (gradient[j] as number) + scaled * (design[i * p + j] as number);
    }
    for (let j = 0; j < p; j++) {
      const velocity = momentum * (this.#momentum[j] as number) + (gradient[j] as number);
      const weight = (weights[j] as number) - learningRate * velocity;
      if (!Number.isFinite(weight)) {
        throw new DivergedError(this.#effort + 1, `the weight of ${this.#model.features[j] ?? ''}`, weight);
      }
      this.#momentum[j] = velocity;
      weights[j] = weight;
    }
    this.#effort += 1;
  }

  async evaluate(): Promise<Float64Array> {
    const train = assess(this.#train, this.#weights);
    const test = assess(this.#test, this.#weights);
    const { noiseVariance, weightVariance } = this.#model;
    const squaredNorm = this.#weights.reduce((sum, weight) => sum + weight ** 2, 0);
    return Float64Array.of(
      train.accuracy,
      test.accuracy,
      train.meanSquaredError,
      test.meanSquaredError,
      train.meanSquaredError / noiseVariance,
      squaredNorm / weightVariance / this.#train.n,
      ...this.#weights,
      Math.hypot(...this.#weights.map((weight, j) => weight - (this.#minimum[j] as number))),
    );
  }

  async snapshot(first: boolean): Promise<Record<string, Float64Array>> {
    const design = designMatrix(this.#model.features, grid);
    const arrays = {
      'weights.values': this.#weights.slice(),
      'fit.mean': grid.map((_, i) => predict(design, this.#weights, i)),
    };
    if (!first) return arrays;
    const { train, test } = this.#data;
    return {
      ...arrays,
      'weights.reference': this.#minimum.slice(),
      'fit.x': grid.slice(),
      'fit.trainX': train.inputs.slice(),
      'fit.trainY': train.targets.slice(),
      'fit.testX': test.inputs.slice(),
      'fit.testY': test.targets.slice(),
    };
  }

  save(): LearnerState {
    return {
      effort: this.#effort,
      arrays: { weights: this.#weights.slice(), momentum: this.#momentum.slice() },
      json: null,
    };
  }

  restore(state: LearnerState): void {
    const p = this.#weights.length;
    this.#weights = stateArray(state, 'weights', p);
    this.#momentum = stateArray(state, 'momentum', p);
    this.#effort = state.effort;
  }

  async dispose(): Promise<void> {
    // Nothing native to free.
  }
}

function predict(design: Float64Array, weights: Float64Array, example: number): number {
  const p = weights.length;
  let sum = 0;
  for (let j = 0; j < p; j++) sum += (design[example * p + j] as number) * (weights[j] as number);
  return sum;
}

function assess(split: Split, weights: Float64Array): { accuracy: number; meanSquaredError: number } {
  let agreeing = 0;
  let squaredError = 0;
  split.targets.forEach((target, i) => {
    const prediction = predict(split.design, weights, i);
    if (prediction > 0 === target > 0) agreeing += 1;
    squaredError += (prediction - target) ** 2;
  });
  return { accuracy: agreeing / split.n, meanSquaredError: squaredError / split.n };
}

function columnsOf(model: LinearRegressionSpec): MetricColumn[] {
  const accuracy = { quantity: 'accuracy', unit: '', direction: 'higher' } as const;
  const loss = { quantity: 'loss', unit: '', direction: 'lower' } as const;
  const objective = { quantity: 'objective', unit: '', split: 'train', direction: 'lower' } as const;
  return [
    { name: 'trainAccuracy', label: 'train sign accuracy', split: 'train', ...accuracy },
    { name: 'testAccuracy', label: 'test sign accuracy', split: 'test', ...accuracy },
    { name: 'trainLoss', label: 'train mean squared error', split: 'train', ...loss },
    { name: 'testLoss', label: 'test mean squared error', split: 'test', ...loss },
    { name: 'dataFit', label: 'data fit: train squared error / noise variance / n', ...objective },
    { name: 'complexity', label: 'complexity: Σ w² / weight variance / n', ...objective },
    ...model.features.map((feature) => ({
      name: `weight:${feature}`,
      label: `weight of ${feature}`,
      quantity: 'weight',
      unit: '',
      split: null,
      direction: null,
    })),
    {
      name: 'distanceToMinimum',
      label: 'distance of the weights from the minimum',
      quantity: 'distance to the minimum',
      unit: '',
      split: null,
      direction: 'lower',
    },
  ];
}

/** Where the fitted function is drawn: the data lie in (−0.5, 0.5); a period of sin 100x holds 25 points. */
const grid = Float64Array.from({ length: 401 }, (_, i) => -0.5 + i / 400);

function panelsOf(model: LinearRegressionSpec): Panel[] {
  return [
    {
      name: 'weights',
      kind: 'bars',
      title: 'Weights',
      description: 'The weight of every feature, beside the minimum that gradient descent goes to.',
      items: [...model.features],
      yLabel: 'weight',
      reference: 'the minimum in closed form',
      log: false,
    },
    {
      name: 'fit',
      kind: 'function',
      title: 'Fitted function',
      description: 'The prediction over x, with the training and test points.',
      xLabel: 'x',
      yLabel: 'y',
      band: null,
    },
  ];
}

/** @throws LatebloomError when the arm is not a linear regression on a regression dataset trained by SGD. */
export const createLinearRegressionLearner: CreateLearner = async (arm, seed) => {
  const { model, trainer } = arm;
  const data = buildDataset(arm.dataset, seed);
  if (model.kind !== 'linear-regression' || trainer.kind !== 'sgd' || data.kind !== 'regression') {
    throw new LatebloomError('bad-input', `The arm ${arm.id} is not a linear regression trained by SGD.`);
  }
  return new LinearRegressionLearner(model, trainer, data);
};
