/** What a dataset builder returns. All arrays are row-major. */

/** Sequences of token ids with one class label each: tokens [n, length], labels [n]. */
export interface TokenSplit {
  n: number;
  tokens: Int32Array;
  labels: Int32Array;
}

export interface TokenDataset {
  kind: 'tokens';
  vocabulary: number;
  length: number;
  classes: number;
  train: TokenSplit;
  test: TokenSplit;
}

/** Real vectors with one class label each: inputs [n, dimensions], labels [n]. */
export interface VectorSplit {
  n: number;
  inputs: Float64Array;
  labels: Int32Array;
}

export interface VectorDataset {
  kind: 'vectors';
  dimensions: number;
  classes: number;
  train: VectorSplit;
  test: VectorSplit;
}

/** Real vectors with one real target each: inputs [n, dimensions], targets [n]. */
export interface RegressionSplit {
  n: number;
  inputs: Float64Array;
  targets: Float64Array;
}

export interface RegressionDataset {
  kind: 'regression';
  dimensions: number;
  train: RegressionSplit;
  test: RegressionSplit;
}

export type Dataset = TokenDataset | VectorDataset | RegressionDataset;
