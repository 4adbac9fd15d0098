/**
 * The ridge path: ridge regression solved exactly at one penalty after the other, from strong to weak (Hoerl & Kennard
 * 1970; Hastie, Tibshirani & Friedman 2009, §3.4.1). Its axis is not time: an effort is a point of the path, and nothing
 * carries over from one point to the next. It stands beside trained models because gradient descent from 0 passes close by
 * the same functions, early stopping acting as a penalty (Ali, Kolter & Tibshirani 2019); with random features near the
 * number of examples its weak end shows double descent (Belkin et al. 2019).
 *
 * Objective at penalty ρ: Σ (f(x) − y)² + ρ |w|², f(x) = φ(x)·w + intercept, the intercept free of the penalty: features
 * and targets are centred on their training means. Targets are one-hot classes, or real. Features: the inputs, or p random
 * ones, φ(x) = √(2/p) max(0, Wx + b), W ~ N(0, 1/d), b ~ N(0, 1) (stream `init`).
 *
 * Solved by the eigenvectors of the smaller of ΦᵀΦ and ΦΦᵀ, once. Eigenvalues that are rounding beside the largest count
 * as 0: the weak end of the path is the least-norm solution.
 */
import { LatebloomError } from '../../shared/errors.ts';
import type { RidgePathSpec } from '../../shared/model-spec.ts';
import { Random } from '../../shared/random.ts';
import type { BackendRecord, MetricColumn } from '../../shared/run.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { buildDataset } from '../datasets/index.ts';
import { symmetricEigen } from '../linalg/symmetric-eigen.ts';
import type { CreateLearner, Learner, LearnerState } from '../training/learner.ts';
import { multiply, multiplyTransposed, scoreColumns, scorePredictions, scoreValues } from './dense-scores.ts';
import { denseTask, type DenseTask } from './dense-task.ts';
import { float64Backend } from './float64-backend.ts';

/** [n, p] features of inputs [n, d]. */
type FeatureMap = (inputs: Float64Array) => Float64Array;

/** Singular directions of the centred features: |Φv|², the targets along Φv/|Φv|, and what they predict. */
interface Directions {
  count: number;
  /** [count], above 0. */
  squaredLengths: Float64Array;
  /** Component of the centred targets along each direction: [count, outputs]. */
  targets: Float64Array;
  /** Unit left singular vectors on the training examples, [count, n], and their like on the test examples. */
  train: Float64Array;
  test: Float64Array;
}

export class RidgePathLearner implements Learner {
  readonly columns: readonly MetricColumn[];
  readonly backend: BackendRecord = float64Backend;
  readonly effortsPerEpoch = 1;
  readonly #model: RidgePathSpec;
  readonly #task: DenseTask;
  readonly #means: Float64Array;
  readonly #directions: Directions;
  #effort = 0;

  constructor(model: RidgePathSpec, dataset: Dataset, seed: number) {
    const task = denseTask(dataset);
    const { train, test, outputs, dimensions } = task;
    const features = featureMap(model, dimensions, seed);
    this.#model = model;
    this.#task = task;
    this.columns = [...scoreColumns(task.isClassification), ...pathColumns];
    const phi = features(train.inputs);
    const p = phi.length / train.n;
    const featureMeans = columnMeans(phi, p);
    this.#means = columnMeans(train.targets, outputs);
    this.#directions = directionsOf(
      centred(phi, featureMeans),
      p,
      centred(features(test.inputs), featureMeans),
      centred(train.targets, this.#means),
      outputs,
    );
  }

  get effort(): number {
    return this.#effort;
  }

  async advance(untilEffort: number): Promise<void> {
    this.#effort = Math.max(untilEffort, this.#effort + 1);
  }

  async evaluate(): Promise<Float64Array> {
    const { train, test, outputs, isClassification } = this.#task;
    const directions = this.#directions;
    const { strongestPenalty, pointsPerDecade } = this.#model;
    const penalty = strongestPenalty * 10 ** (-this.#effort / pointsPerDecade);
    const fitted = directions.targets.slice();
    let [squaredNorm, freedom] = [0, 0];
    directions.squaredLengths.forEach((square, k) => {
      const kept = square / (square + penalty);
      freedom += kept;
      for (let c = 0; c < outputs; c++) {
        const along = kept * (fitted[k * outputs + c] as number);
        fitted[k * outputs + c] = along;
        squaredNorm += along ** 2 / square;
      }
    });
    const predict = (left: Float64Array, n: number): Float64Array =>
      multiplyTransposed(left, directions.count, n, fitted, outputs).map(
        (value, i) => value + (this.#means[i % outputs] as number),
      );
    return Float64Array.of(
      ...scoreValues(
        isClassification,
        scorePredictions(train, predict(directions.train, train.n), outputs),
        scorePredictions(test, predict(directions.test, test.n), outputs),
      ),
      penalty,
      freedom,
      Math.sqrt(squaredNorm),
    );
  }

  save(): LearnerState {
    return { effort: this.#effort, arrays: {}, json: null };
  }

  restore(state: LearnerState): void {
    this.#effort = state.effort;
  }

  async dispose(): Promise<void> {
    // Nothing native to free.
  }
}

function featureMap({ randomFeatures: p }: RidgePathSpec, dimensions: number, seed: number): FeatureMap {
  if (p === 0) return (inputs) => inputs;
  const random = Random.stream(seed, 'init');
  const deviation = 1 / Math.sqrt(dimensions);
  const weights = Float64Array.from({ length: dimensions * p }, () => deviation * random.normal());
  const biases = Float64Array.from({ length: p }, () => random.normal());
  const scale = Math.sqrt(2 / p);
  return (inputs) =>
    multiply(inputs, inputs.length / dimensions, dimensions, weights, p).map(
      (value, i) => scale * Math.max(0, value + (biases[i % p] as number)),
    );
}

function directionsOf(
  phi: Float64Array,
  p: number,
  phiTest: Float64Array,
  targets: Float64Array,
  outputs: number,
): Directions {
  const n = phi.length / p;
  const m = phiTest.length / p;
  const wide = p > n;
  const size = wide ? n : p;
  const columnsOf = transposed(phi, n, p);
  const gram = wide ? multiply(phi, n, p, columnsOf, n) : multiply(columnsOf, p, n, phi, p);
  const { values, vectors } = symmetricEigen(gram, size);
  const floor = (values.at(-1) ?? 0) * Number.EPSILON * Math.max(n, p);
  const first = values.findIndex((value) => value > floor);
  const count = first < 0 ? 0 : size - first;
  const squaredLengths = values.slice(size - count);
  const kept = vectors.subarray((size - count) * size);
  const lengths = squaredLengths.map(Math.sqrt);
  // Right singular vectors v [count, p]: given, or Φᵀu / |Φv|.
  const right = wide ? scaledRows(multiply(kept, count, n, phi, p), p, lengths) : kept;
  const train = wide ? kept : scaledRows(multiply(right, count, p, columnsOf, n), n, lengths);
  const test = scaledRows(multiply(right, count, p, transposed(phiTest, m, p), m), m, lengths);
  return { count, squaredLengths, targets: multiply(train, count, n, targets, outputs), train, test };
}

function columnMeans(values: Float64Array, columns: number): Float64Array {
  const rows = values.length / columns;
  const means = new Float64Array(columns);
  values.forEach((value, i) => {
    means[i % columns] = (means[i % columns] as number) + value / rows;
  });
  return means;
}

function centred(values: Float64Array, means: Float64Array): Float64Array {
  return values.map((value, i) => value - (means[i % means.length] as number));
}

function transposed(a: Float64Array, rows: number, columns: number): Float64Array {
  return Float64Array.from(a, (_, i) => a[(i % rows) * columns + Math.floor(i / rows)] as number);
}

/** Row k divided by divisors[k]. */
function scaledRows(a: Float64Array, columns: number, divisors: Float64Array): Float64Array {
  return a.map((value, i) => value / (divisors[Math.floor(i / columns)] as number));
}

const single = { unit: '', split: null, direction: null } as const;

const pathColumns: readonly MetricColumn[] = [
  { name: 'penalty', label: 'penalty on the squared weights', quantity: 'penalty', ...single },
  {
    name: 'degreesOfFreedom',
    label: 'effective degrees of freedom',
    quantity: 'degrees of freedom',
    ...single,
  },
  { name: 'weightNorm', label: 'weight norm', quantity: 'weight norm', ...single },
];

/** @throws LatebloomError when the arm is not a ridge path. */
export const createRidgePathLearner: CreateLearner = async (arm, seed) => {
  const { model } = arm;
  if (model.kind !== 'ridge-path') {
    throw new LatebloomError('bad-input', `The arm ${arm.id} is not a ridge path.`);
  }
  return new RidgePathLearner(model, buildDataset(arm.dataset, seed), seed);
};
