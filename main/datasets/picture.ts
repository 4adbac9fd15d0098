/** A small picture of a dataset, as a matrix. */
import type { PreviewPicture } from '../../shared/dataset-preview.ts';
import { oneHotLayout, type DatasetSpec } from '../../shared/dataset-spec.ts';
import type { Dataset, RegressionDataset, TokenDataset, VectorDataset } from './dataset.ts';
import { hammingDistance, subclassWords } from './subclass-shift.ts';

/** Operands of a table, training rows and inputs that are drawn at most. */
const maxOperands = 128;
const maxRows = 40;
const maxInputs = 160;

export function drawDataset(spec: DatasetSpec, data: Dataset): PreviewPicture | null {
  if (spec.kind === 'subclass-shift') return drawDistances(spec.structure);
  if (data.kind === 'tokens') return oneHotLayout(data).positions === 2 ? drawTable(data) : null;
  if (data.kind === 'vectors' && data.image !== undefined) return drawImages(data, data.image);
  if (data.dimensions === 1) return drawPoints(data);
  return drawRows(data);
}

function drawDistances(structure: 'equidistant' | 'equivariant'): PreviewPicture {
  const words = subclassWords(structure).flat();
  const distances = words.flatMap((one) => words.map((other) => hammingDistance(one, other)));
  return {
    title: `Squared distances between the means of the ${words.length} subclasses, class by class`,
    rows: words.length,
    columns: words.length,
    values: distances,
  };
}

/** The answer of every training pair: row x, column y. */
function drawTable({ classes, train }: TokenDataset): PreviewPicture {
  const size = Math.min(classes, maxOperands);
  const values = new Array<number | null>(size * size).fill(null);
  for (let i = 0; i < train.n; i++) {
    const x = train.tokens[3 * i] as number;
    const y = train.tokens[3 * i + 1] as number;
    if (x < size && y < size) values[x * size + y] = train.labels[i] as number;
  }
  const part = size < classes ? `, for operands below ${size} of ${classes}` : '';
  return {
    title: `Answers of the training pairs (row x, column y; empty: test)${part}`,
    rows: size,
    columns: size,
    values,
  };
}

/** The first ten training images, in two lines of five. */
function drawImages({ train }: VectorDataset, image: { rows: number; columns: number }): PreviewPicture {
  const across = 5;
  const shown = Math.min(2 * across, train.n);
  const columns = across * image.columns;
  const rows = Math.ceil(shown / across) * image.rows;
  const values = new Array<number | null>(rows * columns).fill(null);
  for (let i = 0; i < shown; i++) {
    const top = Math.floor(i / across) * image.rows;
    const left = (i % across) * image.columns;
    for (let k = 0; k < image.rows * image.columns; k++) {
      const at = (top + Math.floor(k / image.columns)) * columns + left + (k % image.columns);
      values[at] = train.inputs[i * image.rows * image.columns + k] as number;
    }
  }
  return { title: `The first ${shown} training images`, rows, columns, values };
}

/** Where the training examples lie: x across, the target or class upwards. */
function drawPoints(data: VectorDataset | RegressionDataset): PreviewPicture {
  const columns = 60;
  const { inputs } = data.train;
  const heights =
    data.kind === 'vectors'
      ? Float64Array.from(data.train.labels)
      : data.train.targets.filter((_, i) => i % (data.outputs ?? 1) === 0);
  const rows = data.kind === 'vectors' ? data.classes : 30;
  const values = new Array<number | null>(rows * columns).fill(null);
  const across = scaleOf(inputs, columns);
  const upwards = data.kind === 'vectors' ? (label: number): number => label : scaleOf(heights, rows);
  inputs.forEach((x, i) => {
    const at = (rows - 1 - upwards(heights[i] as number)) * columns + across(x);
    values[at] = (values[at] ?? 0) + 1;
  });
  const height = data.kind === 'vectors' ? 'class' : 'target';
  return {
    title: `Training examples: x from left to right, ${height} from bottom to top`,
    rows,
    columns,
    values,
  };
}

function scaleOf(values: Float64Array, cells: number): (value: number) => number {
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  return (value) =>
    high === low ? 0 : Math.min(cells - 1, Math.floor(((value - low) / (high - low)) * cells));
}

function drawRows({ dimensions, train }: VectorDataset | RegressionDataset): PreviewPicture {
  const rows = Math.min(train.n, maxRows);
  const columns = Math.min(dimensions, maxInputs);
  const values = Array.from({ length: rows * columns }, (_, at) => {
    const row = Math.floor(at / columns);
    return train.inputs[row * dimensions + (at % columns)] as number;
  });
  const part = columns < dimensions ? `, the first ${columns} of ${dimensions} inputs` : '';
  return { title: `The first ${rows} training examples, one per row${part}`, rows, columns, values };
}
