/**
 * Random forest: the mean of trees that differ by what chance gives each (Breiman 2001), the double-descent companion of
 * Belkin, Hsu, Ma & Mandal 2019 (PNAS 116(32), random forests). There complexity grows along two axes, one after the other:
 * the most leaves of a single tree until that tree fits the training data, then the number of such trees. Here both are one
 * axis, the leaf nodes grown so far: an effort is one leaf more of the tree that grows. The first tree predicts while it
 * grows, best split first, so that at every effort it is the tree of that many leaves; each further tree joins the mean
 * when it is complete. Before the first leaf the prediction is the mean target of all training examples.
 *
 * A tree predicts the class fractions, or the mean target, of its leaf's training examples; the loss is their mean squared
 * error against one-hot classes, as in the paper. `maxLeaves` bounds every tree. Without bootstrap, as in the paper,
 * unbounded trees fit all training data whose inputs differ, and trees differ by the features drawn for their splits
 * (stream `forest`; all features leave them alike but for ties, see `decision-tree.ts`).
 *
 * No library: ml-random-forest 2.1.0 splits tied values wrong (an unbounded tree stays at 51 % of 200 examples of 12 bits),
 * ydf-training 0.0.1 takes neither a seed nor a number of trees. The trees are checked against scikit-learn's.
 */
import { LatebloomError } from '../../shared/errors.ts';
import type { RandomForestSpec } from '../../shared/model-spec.ts';
import { Random, type RandomState } from '../../shared/random.ts';
import type { BackendRecord, MetricColumn } from '../../shared/run.ts';
import type { Panel } from '../../shared/snapshot.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { buildDataset } from '../datasets/index.ts';
import type { CreateLearner, Learner, LearnerState } from '../training/learner.ts';
import { DecisionRegions, largestOf } from './decision-regions.ts';
import { DecisionTree, type TreeSettings } from './decision-tree.ts';
import { scoreColumns, scorePredictions, scoreValues } from './dense-scores.ts';
import { denseTask, type DenseTask } from './dense-task.ts';
import { float64Backend } from './float64-backend.ts';
import { stateArray } from './learner-state.ts';
import { RankedInputs } from './ranked-inputs.ts';
import { splitCriterion, type SplitCriterion } from './split-criterion.ts';

interface SavedJson {
  /** The complete trees, and their leaf nodes together. */
  trees: number;
  leaves: number;
  /** The stream as it was before the growing tree began. */
  random: RandomState;
}

export class RandomForestLearner implements Learner {
  readonly columns: readonly MetricColumn[];
  readonly backend: BackendRecord = float64Backend;
  readonly effortsPerEpoch = 1;
  readonly panels: readonly Panel[];
  /** For data of two inputs with classes only. */
  readonly snapshot?: (first: boolean) => Promise<Record<string, Float64Array>>;
  readonly #regions: DecisionRegions | null;
  readonly #task: DenseTask;
  readonly #inputs: RankedInputs;
  readonly #criterion: SplitCriterion;
  readonly #settings: TreeSettings;
  readonly #bootstrap: boolean;
  /** Mean target of all training examples, [outputs]. */
  readonly #mean: Float64Array;
  #random: Random;
  /** The stream before the growing tree: from there the tree can be grown again. */
  #before: RandomState;
  #growing: DecisionTree | null = null;
  #trees = 0;
  #leaves = 0;
  /** Predictions of the complete trees, added up: [n, outputs]. */
  #trainSums: Float64Array;
  #testSums: Float64Array;
  /** The same on the grid of its decision regions; empty without them. */
  #gridSums: Float64Array;

  constructor(model: RandomForestSpec, dataset: Dataset, seed: number) {
    const task = denseTask(dataset);
    const { train, test, dimensions, outputs } = task;
    this.#task = task;
    this.columns = [...scoreColumns(task.isClassification), ...forestColumns];
    this.#inputs = new RankedInputs(train.inputs, train.n, dimensions);
    this.#criterion = splitCriterion(train, outputs);
    this.#settings = {
      maxLeaves: model.maxLeaves === 'unbounded' ? Infinity : model.maxLeaves,
      featuresPerSplit: drawnFeatures(model.featuresPerSplit, dimensions),
    };
    this.#bootstrap = model.bootstrap;
    this.#criterion.begin(
      Int32Array.from({ length: train.n }, (_, i) => i),
      0,
      train.n,
    );
    this.#mean = this.#criterion.mean();
    this.#random = Random.stream(seed, 'forest');
    this.#before = this.#random.state();
    this.#trainSums = new Float64Array(train.n * outputs);
    this.#testSums = new Float64Array(test.n * outputs);
    this.#regions = DecisionRegions.of(dataset);
    this.panels = this.#regions === null ? [] : [this.#regions.panel];
    if (this.#regions !== null) {
      const regions = this.#regions;
      this.snapshot = async (first) => {
        const scores = this.#predict(regions.grid, this.#gridSums);
        return regions.arrays(largestOf(scores, outputs), first);
      };
    }
    this.#gridSums = new Float64Array(((this.#regions?.grid.length ?? 0) / dimensions) * outputs);
  }

  get effort(): number {
    return this.#leaves + (this.#growing?.leaves ?? 0);
  }

  async advance(untilEffort: number, deadline: number): Promise<void> {
    do this.#growLeaf();
    while (this.effort < untilEffort && performance.now() < deadline);
  }

  #growLeaf(): void {
    let tree = this.#growing;
    if (tree === null) {
      this.#before = this.#random.state();
      const sample = this.#sample();
      tree = new DecisionTree(this.#inputs, this.#criterion, sample, this.#settings, this.#random);
      this.#growing = tree;
    } else {
      tree.grow();
    }
    if (!tree.isComplete) return;
    const { train, test } = this.#task;
    tree.addPredictions(train.inputs, this.#trainSums);
    tree.addPredictions(test.inputs, this.#testSums);
    if (this.#regions !== null) tree.addPredictions(this.#regions.grid, this.#gridSums);
    this.#trees += 1;
    this.#leaves += tree.leaves;
    this.#growing = null;
  }

  /** The examples of the next tree. */
  #sample(): Int32Array {
    const { n } = this.#task.train;
    return Int32Array.from({ length: n }, (_, i) => (this.#bootstrap ? this.#random.integer(n) : i));
  }

  async evaluate(): Promise<Float64Array> {
    const { train, test, outputs, isClassification } = this.#task;
    const first = this.#first;
    return Float64Array.of(
      ...scoreValues(
        isClassification,
        scorePredictions(train, this.#predict(train.inputs, this.#trainSums), outputs),
        scorePredictions(test, this.#predict(test.inputs, this.#testSums), outputs),
      ),
      first === null ? this.#trees : 1,
      first?.leaves ?? (this.#trees === 0 ? 0 : this.#leaves / this.#trees),
    );
  }

  /** The first tree, which predicts while it grows. */
  get #first(): DecisionTree | null {
    return this.#trees === 0 ? this.#growing : null;
  }

  /** @param sums predictions of the complete trees at these inputs, added up */
  #predict(inputs: Float64Array, sums: Float64Array): Float64Array {
    const first = this.#first;
    if (first !== null) {
      const own = new Float64Array(sums.length);
      first.addPredictions(inputs, own);
      return own;
    }
    if (this.#trees > 0) return sums.map((sum) => sum / this.#trees);
    return sums.map((_, i) => this.#mean[i % this.#task.outputs] as number);
  }

  save(): LearnerState {
    const random = this.#growing === null ? this.#random.state() : this.#before;
    const json: SavedJson = { trees: this.#trees, leaves: this.#leaves, random };
    const arrays = {
      trainSums: this.#trainSums.slice(),
      testSums: this.#testSums.slice(),
      ...(this.#regions === null ? {} : { gridSums: this.#gridSums.slice() }),
    };
    return { effort: this.effort, arrays, json };
  }

  /** Grows the tree that was growing again: the trees themselves are not kept. */
  restore(state: LearnerState): void {
    const { trees, leaves, random } = state.json as SavedJson;
    this.#trainSums = stateArray(state, 'trainSums', this.#trainSums.length);
    this.#testSums = stateArray(state, 'testSums', this.#testSums.length);
    if (this.#regions !== null) this.#gridSums = stateArray(state, 'gridSums', this.#gridSums.length);
    this.#trees = trees;
    this.#leaves = leaves;
    this.#random = Random.restore(random);
    this.#growing = null;
    while (this.effort < state.effort) this.#growLeaf();
  }

  async dispose(): Promise<void> {
    // Nothing native to free.
  }
}

/** √d is rounded down, as in scikit-learn. */
function drawnFeatures(featuresPerSplit: RandomForestSpec['featuresPerSplit'], dimensions: number): number {
  if (featuresPerSplit === 'all') return dimensions;
  return featuresPerSplit === 'sqrt' ? Math.floor(Math.sqrt(dimensions)) : featuresPerSplit;
}

const single = { unit: '', split: null, direction: null } as const;

const forestColumns: readonly MetricColumn[] = [
  { name: 'trees', label: 'trees in the mean', quantity: 'trees', ...single },
  { name: 'leavesPerTree', label: 'leaf nodes per tree, mean', quantity: 'leaf nodes per tree', ...single },
];

/** @throws LatebloomError when the arm is not a random forest. */
export const createRandomForestLearner: CreateLearner = async (arm, seed) => {
  const { model } = arm;
  if (model.kind !== 'random-forest') {
    throw new LatebloomError('bad-input', `The arm ${arm.id} is not a random forest.`);
  }
  return new RandomForestLearner(model, buildDataset(arm.dataset, seed), seed);
};
