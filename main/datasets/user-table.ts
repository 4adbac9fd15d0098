import type { CsvClassificationSpec, CsvRegressionSpec } from '../../shared/dataset-spec.ts';
import { InputError } from '../../shared/errors.ts';
import { Random } from '../../shared/random.ts';
import { tableClasses, trainRows } from '../../shared/table.ts';
import type { RegressionDataset, VectorDataset } from './dataset.ts';

type TableSpec = CsvClassificationSpec | CsvRegressionSpec;

/**
 * A user's table with classes: inputs [n, columns − 1], in the order of the columns. ⌊trainFraction · n⌋ rows **of each
 * class** train (chosen by the stream `split`), the rest test, so that every class can be learned. Classes are numbered
 * by size where all are numbers, else by code point.
 */
export function buildCsvClassification(spec: CsvClassificationSpec, seed: number): VectorDataset {
  const classNames = tableClasses(spec);
  const at = spec.columns.indexOf(spec.target);
  const labels = Int32Array.from(spec.rows, (row) => classNames.indexOf(String(row[at])));
  const order = Random.stream(seed, 'split').permutation(labels.length);
  const train: number[] = [];
  const test: number[] = [];
  classNames.forEach((_, c) => {
    const rows = [...order].filter((row) => labels[row] === c);
    const trained = trainRows(rows.length, spec.trainFraction);
    train.push(...rows.slice(0, trained));
    test.push(...rows.slice(trained));
  });
  const inputs = inputsOf(spec, train, seed);
  const split = (rows: readonly number[]) => ({
    n: rows.length,
    inputs: inputs(rows),
    labels: Int32Array.from(rows, (row) => labels[row] as number),
  });
  return {
    kind: 'vectors',
    dimensions: spec.columns.length - 1,
    classes: classNames.length,
    classNames,
    train: split(train),
    test: split(test),
  };
}

/** A user's table with a number to predict; ⌊trainFraction · n⌋ rows train. Targets are left as they are. */
export function buildCsvRegression(spec: CsvRegressionSpec, seed: number): RegressionDataset {
  const at = spec.columns.indexOf(spec.target);
  const order = [...Random.stream(seed, 'split').permutation(spec.rows.length)];
  const trained = trainRows(order.length, spec.trainFraction);
  const inputs = inputsOf(spec, order.slice(0, trained), seed);
  const split = (rows: readonly number[]) => ({
    n: rows.length,
    inputs: inputs(rows),
    targets: Float64Array.from(rows, (row) => Number(spec.rows[row]?.[at])),
  });
  return {
    kind: 'regression',
    dimensions: spec.columns.length - 1,
    outputs: 1,
    train: split(order.slice(0, trained)),
    test: split(order.slice(trained)),
  };
}

/**
 * Rows → inputs [n, columns − 1]. Standardized: minus the mean and divided by the standard deviation (over n) of the
 * training rows.
 * @throws InputError when a column to standardize is the same in all training rows
 */
function inputsOf(
  spec: TableSpec,
  train: readonly number[],
  seed: number,
): (rows: readonly number[]) => Float64Array {
  const columns = spec.columns.map((_, j) => j).filter((j) => spec.columns[j] !== spec.target);
  const cell = (row: number, j: number): number => Number(spec.rows[row]?.[j]);
  const scales = columns.map((j) => {
    if (!spec.standardize) return { mean: 0, deviation: 1 };
    const mean = train.reduce((sum, row) => sum + cell(row, j), 0) / train.length;
    const variance = train.reduce((sum, row) => sum + (cell(row, j) - mean) ** 2, 0) / train.length;
    if (train.every((row) => cell(row, j) === cell(train[0] as number, j))) {
      throw new InputError('The dataset', [
        {
          path: `dataset.columns[${j}]`,
          value: JSON.stringify(spec.columns[j]),
          expected: `a column that differs among the training rows: with seed ${seed} all ${train.length} are alike; leave it out, or set standardize to false`,
        },
      ]);
    }
    return { mean, deviation: Math.sqrt(variance) };
  });
  return (rows) =>
    Float64Array.from({ length: rows.length * columns.length }, (_, i) => {
      const k = i % columns.length;
      const { mean, deviation } = scales[k] as (typeof scales)[number];
      return (cell(rows[Math.floor(i / columns.length)] as number, columns[k] as number) - mean) / deviation;
    });
}
