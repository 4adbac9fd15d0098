/** A fixed part of a dataset, for measures that would cost too much on all of it. */
import { Random } from '../../shared/random.ts';
import type { Dataset } from '../datasets/dataset.ts';

/**
 * The same data with at most this many examples in each split, in their order (of the test examples
 * only those that the test accuracy counts): a draw without replacement that depends
 * on the seed alone (stream `measures`), training examples first. A split that is small enough stays whole.
 */
export function subsetOf<D extends Dataset>(
  dataset: D,
  most: { train: number; test: number },
  seed: number,
): D {
  const random = Random.stream(seed, 'measures');
  return {
    ...dataset,
    train: chosen(dataset.train, most.train, random),
    test: chosen(firstOf(dataset.test, countedOf(dataset)), most.test, random),
  };
}

/** How many test examples, the first ones, the test accuracy counts; the others are for accuracies of their own. */
function countedOf(dataset: Dataset): number {
  return 'counted' in dataset && typeof dataset.counted === 'number' ? dataset.counted : dataset.test.n;
}

function firstOf<S extends { n: number }>(split: S, count: number): S {
  return count === split.n
    ? split
    : rowsOf(
        split,
        Int32Array.from({ length: count }, (_, i) => i),
      );
}

function chosen<S extends { n: number }>(split: S, most: number, random: Random): S {
  const { n } = split;
  if (n <= most) return split;
  return rowsOf(split, random.permutation(n).subarray(0, most).sort());
}

/** The split of these rows. */
function rowsOf<S extends { n: number }>(split: S, rows: Int32Array): S {
  const entries = Object.entries(split).map(([name, values]: [string, unknown]) =>
    name === 'n' ? [name, rows.length] : [name, pick(values as Float64Array | Int32Array, split.n, rows)],
  );
  return Object.fromEntries(entries) as S;
}

/** Rows of an array of n of them. */
function pick<A extends Float64Array | Int32Array>(values: A, n: number, rows: Int32Array): A {
  const width = values.length / n;
  const picked = new (values.constructor as new (length: number) => A)(rows.length * width);
  rows.forEach((row, i) => picked.set(values.subarray(row * width, (row + 1) * width), i * width));
  return picked;
}
