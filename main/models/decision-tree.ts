/**
 * A classification or regression tree (CART; Breiman, Friedman, Olshen & Stone 1984), grown best first: the leaf whose
 * split gains most is split next, as scikit-learn's `max_leaf_nodes` has it. Every leaf has at least one example.
 *
 * A split sends x ≤ threshold to the left; thresholds lie halfway between neighbouring values of the node. A node of mixed
 * targets is split even where no split gains anything, so that parities are fitted; one whose inputs are all alike cannot
 * be. Features of one value in the node are never split on.
 *
 * For every split features are drawn without replacement, as many as `featuresPerSplit`; should all of them be constant
 * in the node, more, up to the first that is not (scikit-learn's rule). Ties: the feature drawn first, its lowest
 * threshold; of leaves, the older. A rule by the number of the feature would favour the inputs that a dataset names first,
 * and in hidden parity these are the ones that matter: with all features to choose from the order is drawn, too.
 */
import type { Random } from '../../shared/random.ts';
import { PriorityQueue } from './priority-queue.ts';
import type { RankedInputs } from './ranked-inputs.ts';
import type { SplitCriterion } from './split-criterion.ts';

export interface TreeSettings {
  /** At least 1; Infinity for a tree that grows until nothing can be split. */
  maxLeaves: number;
  /** From 1 to the number of features. */
  featuresPerSplit: number;
}

/** `branch` is null in a leaf. */
export interface TreeNode {
  /** Mean target of its examples, [outputs]. */
  value: Float64Array;
  /** Its number of training examples. */
  size: number;
  branch: { feature: number; threshold: number; left: TreeNode; right: TreeNode } | null;
}

interface Split {
  feature: number;
  threshold: number;
  /** Rank of the largest value that goes to the left. */
  rank: number;
  /** What the sum of squared errors over the node's examples falls by. */
  gain: number;
}

/** A leaf that can be split: its examples stand from `start` to before `end`. */
interface Candidate {
  node: TreeNode;
  start: number;
  end: number;
  split: Split;
}

export class DecisionTree {
  readonly root: TreeNode;
  readonly #inputs: RankedInputs;
  readonly #criterion: SplitCriterion;
  /** Those of a node stand together. */
  readonly #examples: Int32Array;
  readonly #settings: TreeSettings;
  readonly #random: Random;
  /** All features; those drawn last come first. */
  readonly #features: Int32Array;
  readonly #growable = new PriorityQueue<Candidate>(({ split }) => split.gain);
  readonly #scratch: Int32Array;
  #leaves = 1;

  /** The root alone. @param examples one or more, of which the tree keeps a copy */
  constructor(
    inputs: RankedInputs,
    criterion: SplitCriterion,
    examples: Int32Array,
    settings: TreeSettings,
    random: Random,
  ) {
    this.#inputs = inputs;
    this.#criterion = criterion;
    this.#examples = examples.slice();
    this.#scratch = new Int32Array(examples.length);
    this.#settings = settings;
    this.#random = random;
    this.#features = Int32Array.from({ length: inputs.dimensions }, (_, feature) => feature);
    this.root = this.#leaf(0, examples.length);
  }

  get leaves(): number {
    return this.#leaves;
  }

  /** Whether it has as many leaves as it may, or none that can be split. */
  get isComplete(): boolean {
    return this.#leaves >= this.#settings.maxLeaves || this.#growable.size === 0;
  }

  /** Splits one leaf. @throws RangeError when the tree is complete */
  grow(): void {
    const candidate = this.isComplete ? null : this.#growable.take();
    if (candidate === null) throw new RangeError('A complete tree does not grow.');
    const { node, start, end, split } = candidate;
    const middle = this.#part(start, end, split);
    this.#leaves += 1;
    const { feature, threshold } = split;
    node.branch = { feature, threshold, left: this.#leaf(start, middle), right: this.#leaf(middle, end) };
  }

  /** Adds the prediction for every input [n, dimensions] to `sums` [n, outputs]. */
  addPredictions(inputs: Float64Array, sums: Float64Array): void {
    const { dimensions } = this.#inputs;
    const outputs = this.root.value.length;
    for (let i = 0; i * dimensions < inputs.length; i++) {
      let node = this.root;
      while (node.branch !== null) {
        const { feature, threshold, left, right } = node.branch;
        node = (inputs[i * dimensions + feature] as number) <= threshold ? left : right;
      }
      for (let k = 0; k < outputs; k++) {
        sums[i * outputs + k] = (sums[i * outputs + k] as number) + (node.value[k] as number);
      }
    }
  }

  /** A new leaf; its best split waits for its turn where the tree may still grow. */
  #leaf(start: number, end: number): TreeNode {
    this.#criterion.begin(this.#examples, start, end);
    const node: TreeNode = { value: this.#criterion.mean(), size: end - start, branch: null };
    if (this.#criterion.isPure || this.#leaves >= this.#settings.maxLeaves) return node;
    const split = this.#bestSplit(start, end);
    if (split !== null) this.#growable.add({ node, start, end, split });
    return node;
  }

  /** Of the node that the criterion has begun. */
  #bestSplit(start: number, end: number): Split | null {
    const features = this.#features;
    let best: Split | null = null;
    for (let drawn = 0; drawn < features.length; drawn++) {
      if (drawn >= this.#settings.featuresPerSplit && best !== null) break;
      const place = drawn + this.#random.integer(features.length - drawn);
      const feature = features[place] as number;
      features[place] = features[drawn] as number;
      features[drawn] = feature;
      best = this.#bestThreshold(feature, start, end, best);
    }
    return best;
  }

  /** The best split on a feature where that is better than `best`, else `best`. */
  #bestThreshold(feature: number, start: number, end: number, best: Split | null): Split | null {
    const [inputs, criterion, size] = [this.#inputs, this.#criterion, end - start];
    const sorted = inputs.sorted(feature, this.#examples, start, end);
    let rank = inputs.rank(feature, sorted[0] as number);
    if (rank === inputs.rank(feature, sorted[size - 1] as number)) return best;
    let most = best === null ? -Infinity : best.gain;
    let found: { rank: number; next: number } | null = null;
    criterion.rewind();
    for (let i = 1; i < size; i++) {
      criterion.moveLeft(sorted[i - 1] as number);
      const next = inputs.rank(feature, sorted[i] as number);
      if (next === rank) continue;
      const gain = criterion.score() - criterion.nodeScore;
      if (gain > most) {
        most = gain;
        found = { rank, next };
      }
      rank = next;
    }
    if (found === null) return best;
    const values = inputs.values[feature] as Float64Array;
    const threshold = halfway(values[found.rank] as number, values[found.next] as number);
    return { feature, threshold, rank: found.rank, gain: most };
  }

  /** Puts a node's examples in the order left, right; returns where the right ones begin. */
  #part(start: number, end: number, { feature, rank }: Split): number {
    const examples = this.#examples;
    let [left, right] = [start, 0];
    for (let i = start; i < end; i++) {
      const example = examples[i] as number;
      if (this.#inputs.rank(feature, example) <= rank) examples[left++] = example;
      else this.#scratch[right++] = example;
    }
    examples.set(this.#scratch.subarray(0, right), left);
    return left;
  }
}

/** Between a < b, at a where no number lies between: b must not go to the left. */
function halfway(a: number, b: number): number {
  const middle = a / 2 + b / 2;
  return middle < b ? middle : a;
}
