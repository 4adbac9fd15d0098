/** What a user sees of a dataset before a run: plain values that cross to a window. */
import type { Split } from './run.ts';

/** A matrix to draw: `values` row by row, null where there is nothing. */
export interface PreviewPicture {
  /** One sentence: what rows, columns and values are. */
  title: string;
  rows: number;
  columns: number;
  values: (number | null)[];
}

export interface SplitPreview {
  split: Split;
  examples: number;
  /** Examples of each class, and of each subclass; null where there are none. */
  classCounts: number[] | null;
  subclassCounts: number[] | null;
}

export interface DatasetPreview {
  form: 'tokens' | 'vectors' | 'regression';
  /** Numbers of an input, or positions of a sequence. */
  dimensions: number;
  /** Null for regression. */
  classes: number | null;
  /** Numbers of a target; null for classes. */
  outputs: number | null;
  classNames: string[] | null;
  subclassNames: string[] | null;
  splits: SplitPreview[];
  /** Some training examples, which ones `caption` says; all inputs or the first ones, `hiddenColumns` being left out. */
  table: { caption: string; columns: string[]; rows: string[][]; hiddenColumns: number };
  picture: PreviewPicture | null;
  /** Test examples whose input is also a training input; null where this was not counted. */
  repeatedInputs: number | null;
  /** What a user has to know besides, such as why parts are missing; null for nothing. */
  note: string | null;
}
