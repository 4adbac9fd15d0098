/** What a dataset builder returns. All arrays are row-major. */

/** Sequences of token ids with one class label each: tokens [n, length], labels [n]. */
export interface TokenSplit {
  n: number;
  tokens: Int32Array;
  labels: Int32Array;
  /** The subclass of each example, [n]: an index into `subclassNames`. Present with it. */
  subclasses?: Int32Array;
}

/** What all data with classes may say besides. */
interface Classified {
  /** What the classes are called; their numbers when absent. */
  classNames?: readonly string[];
  /** Every subclass, whether or not it has a training example. */
  subclassNames?: readonly string[];
  /** How many test examples, the first ones, test loss and accuracy count; all when absent. The others have accuracies of their subclasses only. */
  counted?: number;
}

export interface TokenDataset extends Classified {
  kind: 'tokens';
  vocabulary: number;
  length: number;
  classes: number;
  /** What the tokens are called; their numbers, and "=" for the last one, when absent. */
  tokenNames?: readonly string[];
  /** The tokens are characters, the last one fills up. */
  isText?: boolean;
  train: TokenSplit;
  test: TokenSplit;
}

/** Real vectors with one class label each: inputs [n, dimensions], labels [n]. */
export interface VectorSplit {
  n: number;
  inputs: Float64Array;
  labels: Int32Array;
  /** The subclass of each example, [n]: an index into `subclassNames`. Present with it. */
  subclasses?: Int32Array;
}

export interface VectorDataset extends Classified {
  kind: 'vectors';
  dimensions: number;
  classes: number;
  /** The inputs are images of this many rows and columns of grey values from 0 to 1. */
  image?: { rows: number; columns: number };
  train: VectorSplit;
  test: VectorSplit;
}

/** Real vectors with real targets: inputs [n, dimensions], targets [n, outputs]. */
export interface RegressionSplit {
  n: number;
  inputs: Float64Array;
  targets: Float64Array;
  /** Which of the dataset's `templates` is the target, [n]. Present with it. */
  labels?: Int32Array;
}

export interface RegressionDataset {
  kind: 'regression';
  dimensions: number;
  /** Targets of an example; 1 when absent. */
  outputs?: number;
  /** Where targets are among a few vectors, those, [k, outputs]: a prediction counts as the nearest of them. */
  templates?: Float64Array;
  /** A prediction counts as right whose mean squared error is below this; not beside `templates`. */
  tolerance?: number;
  train: RegressionSplit;
  test: RegressionSplit;
}

export type Dataset = TokenDataset | VectorDataset | RegressionDataset;
