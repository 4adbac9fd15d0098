/**
 * Kernel regression with the neural tangent kernel of a ReLU network (`relu-ntk.ts`), by gradient descent: what the
 * network would do if it stayed linear in its weights. It never learns features, which makes it the lazy baseline of the
 * network with the same settings (Kumar et al. 2024; Jacot et al. 2018, §5; Lee et al. 2019, equations 9 to 11).
 *
 * Objective: the mean over n training examples and C outputs of (f − y)², and weight decay γ toward the initial weights,
 * from f = 0. Targets y are one-hot classes, or real. With K [n, n] of eigenvalues κ and eigenvectors q, and learning
 * rate η, the coefficients A of f = K A after t updates are, along every q,
 *   a_t = (2η/(nC)) (1 − (1 − r)ᵗ)/r · q·y,  r = η(2κ/(nC) + γ).
 * It is known for every t at once: an effort costs nothing, a recorded row costs products with K. As t grows, A goes to
 * (K + (nCγ/2) I)⁻¹ y, kernel ridge regression.
 */
import { DivergedError, LatebloomError } from '../../shared/errors.ts';
import type { KernelRidgeSpec } from '../../shared/model-spec.ts';
import type { BackendRecord, MetricColumn } from '../../shared/run.ts';
import type { Panel } from '../../shared/snapshot.ts';
import type { SgdSpec } from '../../shared/trainer-spec.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { buildDataset } from '../datasets/index.ts';
import { symmetricEigen, type SymmetricEigen } from '../linalg/symmetric-eigen.ts';
import type { CreateLearner, Learner, LearnerState } from '../training/learner.ts';
import { multiply, multiplyTransposed, scoreColumns, scorePredictions, scoreValues } from './dense-scores.ts';
import { denseTask, type DenseTask } from './dense-task.ts';
import { float64Backend } from './float64-backend.ts';
import { reluNtk } from './relu-ntk.ts';

export class KernelRidgeLearner implements Learner {
  readonly columns: readonly MetricColumn[];
  readonly panels: readonly Panel[] = panels;
  readonly backend: BackendRecord = float64Backend;
  readonly effortsPerEpoch = 1;
  readonly #task: DenseTask;
  readonly #trainer: SgdSpec;
  readonly #modes: SymmetricEigen;
  /** q·y, [modes, outputs]. */
  readonly #projections: Float64Array;
  /** The kernel of test and training examples times every q: [modes, test]. */
  readonly #testModes: Float64Array;
  #effort = 0;

  constructor(model: KernelRidgeSpec, trainer: SgdSpec, dataset: Dataset) {
    const task = denseTask(dataset);
    const { train, test, dimensions, outputs } = task;
    this.#task = task;
    this.#trainer = trainer;
    this.columns = [...scoreColumns(task.isClassification), movementColumn];
    this.#modes = symmetricEigen(reluNtk(model, dimensions, outputs, train.inputs, train.inputs), train.n);
    this.#projections = multiply(this.#modes.vectors, train.n, train.n, train.targets, outputs);
    const between = reluNtk(model, dimensions, outputs, train.inputs, test.inputs);
    this.#testModes = multiply(this.#modes.vectors, train.n, train.n, between, test.n);
  }

  get effort(): number {
    return this.#effort;
  }

  async advance(untilEffort: number): Promise<void> {
    this.#effort = Math.max(untilEffort, this.#effort + 1);
    const bad = this.#modes.values.find((value) => !Number.isFinite(this.#filter(value).coefficient));
    if (bad !== undefined) throw new DivergedError(this.#effort, 'a coefficient', Infinity);
  }

  /** What multiplies q·y in A, and the share of q·y that f still misses: 1 at the start. */
  #filter(eigenvalue: number): { coefficient: number; missing: number } {
    const { learningRate, weightDecay } = this.#trainer;
    const { train, outputs } = this.#task;
    // Rounding leaves eigenvalues of a singular kernel a little below 0.
    const kappa = Math.max(0, eigenvalue);
    const step = (2 * learningRate) / (train.n * outputs);
    const coefficient = step * geometricSum(step * kappa + learningRate * weightDecay, this.#effort);
    return { coefficient, missing: 1 - kappa * coefficient };
  }

  async evaluate(): Promise<Float64Array> {
    const { train, test, outputs, isClassification } = this.#task;
    const n = train.n;
    const fitted = new Float64Array(n * outputs);
    const coefficients = new Float64Array(n * outputs);
    let squaredNorm = 0;
    for (let k = 0; k < n; k++) {
      const value = this.#modes.values[k] as number;
      const { coefficient } = this.#filter(value);
      for (let c = 0; c < outputs; c++) {
        const along = coefficient * (this.#projections[k * outputs + c] as number);
        coefficients[k * outputs + c] = along;
        fitted[k * outputs + c] = Math.max(0, value) * along;
        squaredNorm += Math.max(0, value) * along ** 2;
      }
    }
    const own = multiplyTransposed(this.#modes.vectors, n, n, fitted, outputs);
    const held = multiplyTransposed(this.#testModes, n, test.n, coefficients, outputs);
    return Float64Array.of(
      ...scoreValues(
        isClassification,
        scorePredictions(train, own, outputs),
        scorePredictions(test, held, outputs),
      ),
      Math.sqrt(squaredNorm),
    );
  }

  async snapshot(first: boolean): Promise<Record<string, Float64Array>> {
    const { outputs } = this.#task;
    const squares = this.#modes.values.map((_, k) => {
      const row = this.#projections.subarray(k * outputs, (k + 1) * outputs);
      return row.reduce((sum, value) => sum + value ** 2, 0);
    });
    const whole = squares.reduce((sum, value) => sum + value, 0);
    const left = this.#modes.values.map(
      (value, k) => ((squares[k] as number) * this.#filter(value).missing ** 2) / whole,
    );
    if (!first) return { 'spectrum.mean': left };
    const floor = (this.#modes.values.at(-1) as number) * Number.EPSILON;
    return {
      'spectrum.x': this.#modes.values.map((value) => Math.log10(Math.max(value, floor))),
      'spectrum.mean': left,
    };
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

/** Σ_{k<t} (1 − r)ᵏ = (1 − (1 − r)ᵗ)/r, also for r near 0, where it is t. */
export function geometricSum(r: number, t: number): number {
  if (r === 0) return t;
  if (r < 1) return -Math.expm1(t * Math.log1p(-r)) / r;
  return (1 - (1 - r) ** t) / r;
}

const movementColumn: MetricColumn = {
  name: 'weightMovement',
  label: 'distance from the initial weights',
  quantity: 'weight movement',
  unit: '',
  split: null,
  direction: null,
};

const panels: readonly Panel[] = [
  {
    name: 'spectrum',
    kind: 'function',
    title: 'Training error left, by kernel eigenvalue',
    description:
      'Each point is an eigenvector of the kernel: the share of the squared training targets that lies along it and is not fitted yet. Large eigenvalues are learned first.',
    xLabel: 'log₁₀ eigenvalue of the kernel',
    yLabel: 'share of the targets not fitted',
    band: null,
  },
];

/** @throws LatebloomError when the arm is not a kernel ridge regression trained by SGD. */
export const createKernelRidgeLearner: CreateLearner = async (arm, seed) => {
  const { model, trainer } = arm;
  if (model.kind !== 'kernel-ridge' || trainer.kind !== 'sgd') {
    throw new LatebloomError(
      'bad-input',
      `The arm ${arm.id} is not a kernel ridge regression trained by SGD.`,
    );
  }
  return new KernelRidgeLearner(model, trainer, buildDataset(arm.dataset, seed));
};
