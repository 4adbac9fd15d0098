/**
 * How good it is to part a node's examples in two (Breiman et al. 1984, §4.3 and §8.3). A part of m examples with the sums
 * s over its targets scores |s|²/m; a split scores the sum of its two parts. Its gain, split minus node, is what the sum of
 * squared errors of the mean prediction falls by. On one-hot classes that is m times the decrease of the Gini impurity:
 * classification and regression trees choose the same splits.
 */
import type { DenseSplit } from './dense-task.ts';

/** Examples are numbered as in the training split; one drawn twice in a bootstrap sample stands twice in a node. */
export interface SplitCriterion {
  /** Takes the examples of a node, `examples[start … end − 1]`. */
  begin(examples: Int32Array, start: number, end: number): void;
  /** Whether all targets of the node are the same: nothing is left to split for. */
  readonly isPure: boolean;
  readonly nodeScore: number;
  /** Mean target of the node, [outputs]. */
  mean(): Float64Array;
  /** Puts every example of the node into the right part. */
  rewind(): void;
  moveLeft(example: number): void;
  /** Score of the present parts, of which none may be empty. */
  score(): number;
}

/** For the targets of a training split: [n, outputs], or classes. */
export function splitCriterion(train: DenseSplit, outputs: number): SplitCriterion {
  const { labels, targets } = train;
  return labels === null ? new TargetSums(targets, outputs) : new ClassCounts(labels, outputs);
}

/** Whole numbers throughout: equal splits score equal. */
class ClassCounts implements SplitCriterion {
  nodeScore = 0;
  readonly #labels: Int32Array;
  readonly #node: Int32Array;
  readonly #left: Int32Array;
  readonly #right: Int32Array;
  #size = 0;
  #leftSize = 0;
  #nodeSquares = 0;
  #leftSquares = 0;
  #rightSquares = 0;

  constructor(labels: Int32Array, classes: number) {
    this.#labels = labels;
    this.#node = new Int32Array(classes);
    this.#left = new Int32Array(classes);
    this.#right = new Int32Array(classes);
  }

  begin(examples: Int32Array, start: number, end: number): void {
    const counts = this.#node.fill(0);
    for (let i = start; i < end; i++) {
      const label = this.#labels[examples[i] as number] as number;
      counts[label] = (counts[label] as number) + 1;
    }
    this.#size = end - start;
    this.#nodeSquares = counts.reduce((sum, count) => sum + count ** 2, 0);
    this.nodeScore = this.#nodeSquares / this.#size;
  }

  get isPure(): boolean {
    return this.#nodeSquares === this.#size ** 2;
  }

  mean(): Float64Array {
    return Float64Array.from(this.#node, (count) => count / this.#size);
  }

  rewind(): void {
    this.#left.fill(0);
    this.#right.set(this.#node);
    this.#leftSize = 0;
    this.#leftSquares = 0;
    this.#rightSquares = this.#nodeSquares;
  }

  moveLeft(example: number): void {
    const label = this.#labels[example] as number;
    const left = this.#left[label] as number;
    const right = this.#right[label] as number;
    this.#leftSquares += 2 * left + 1;
    this.#rightSquares -= 2 * right - 1;
    this.#left[label] = left + 1;
    this.#right[label] = right - 1;
    this.#leftSize += 1;
  }

  score(): number {
    return this.#leftSquares / this.#leftSize + this.#rightSquares / (this.#size - this.#leftSize);
  }
}

class TargetSums implements SplitCriterion {
  nodeScore = 0;
  isPure = true;
  readonly #targets: Float64Array;
  readonly #outputs: number;
  readonly #node: Float64Array;
  readonly #left: Float64Array;
  #first = 0;
  #size = 0;
  #leftSize = 0;

  constructor(targets: Float64Array, outputs: number) {
    this.#targets = targets;
    this.#outputs = outputs;
    this.#node = new Float64Array(outputs);
    this.#left = new Float64Array(outputs);
  }

  begin(examples: Int32Array, start: number, end: number): void {
    const [targets, outputs] = [this.#targets, this.#outputs];
    const sums = this.#node.fill(0);
    const first = (examples[start] as number) * outputs;
    this.#first = first;
    this.#size = end - start;
    this.isPure = true;
    for (let i = start; i < end; i++) {
      const at = (examples[i] as number) * outputs;
      for (let k = 0; k < outputs; k++) {
        const target = targets[at + k] as number;
        sums[k] = (sums[k] as number) + target;
        if (target !== targets[first + k]) this.isPure = false;
      }
    }
    this.nodeScore = sums.reduce((sum, one) => sum + one ** 2, 0) / this.#size;
  }

  /** Of a pure node the target itself: the mean of equal numbers may differ from them by rounding. */
  mean(): Float64Array {
    if (this.isPure) return this.#targets.slice(this.#first, this.#first + this.#outputs);
    return this.#node.map((sum) => sum / this.#size);
  }

  rewind(): void {
    this.#left.fill(0);
    this.#leftSize = 0;
  }

  moveLeft(example: number): void {
    const at = example * this.#outputs;
    for (let k = 0; k < this.#outputs; k++) {
      this.#left[k] = (this.#left[k] as number) + (this.#targets[at + k] as number);
    }
    this.#leftSize += 1;
  }

  score(): number {
    let [left, right] = [0, 0];
    for (let k = 0; k < this.#outputs; k++) {
      const sum = this.#left[k] as number;
      left += sum ** 2;
      right += ((this.#node[k] as number) - sum) ** 2;
    }
    return left / this.#leftSize + right / (this.#size - this.#leftSize);
  }
}
