/** A dataset as a user sees it before a run: sizes, counts, first rows, a small picture. */
import type { DatasetPreview, SplitPreview } from '../../shared/dataset-preview.ts';
import { datasetForm, datasetSizes, type DatasetSpec } from '../../shared/dataset-spec.ts';
import type { Split } from '../../shared/run.ts';
import type { Dataset } from './dataset.ts';
import { buildDataset } from './index.ts';
import { drawDataset } from './picture.ts';

const maxRows = 8;
const maxColumns = 6;
/** Numbers that a preview builds at most (80 MB): it runs in the host, which must not stall. */
const maxNumbers = 10_000_000;
/** Inputs longer than this are not compared between the splits. */
const maxComparedNumbers = 2_000_000;

/** @throws InputError as `buildDataset` does */
export function describeDataset(spec: DatasetSpec, seed: number): DatasetPreview {
  const form = datasetForm(spec);
  const { train, test } = datasetSizes(spec);
  if ((train + test) * form.dimensions > maxNumbers) return tooLarge(spec);
  const data = buildDataset(spec, seed);
  return {
    form: data.kind,
    dimensions: data.kind === 'tokens' ? data.length : data.dimensions,
    classes: data.kind === 'regression' ? null : data.classes,
    outputs: data.kind === 'regression' ? (data.outputs ?? 1) : null,
    classNames: data.kind === 'vectors' ? listOrNull(data.classNames) : null,
    subclassNames: data.kind === 'vectors' ? listOrNull(data.subclassNames) : null,
    splits: [splitPreview(data, 'train'), splitPreview(data, 'test')],
    table: someRows(data, columnNames(spec, data)),
    picture: drawDataset(spec, data),
    repeatedInputs: repeatedInputs(data),
    note: noteOf(spec),
  };
}

function tooLarge(spec: DatasetSpec): DatasetPreview {
  const { form, dimensions, classes } = datasetForm(spec);
  const sizes = datasetSizes(spec);
  const numbers = (sizes.train + sizes.test) * dimensions;
  return {
    form,
    dimensions,
    classes,
    outputs: null,
    classNames: null,
    subclassNames: null,
    splits: (['train', 'test'] as const).map((split) => ({
      split,
      examples: sizes[split],
      classCounts: null,
      subclassCounts: null,
    })),
    table: { caption: '', columns: [], rows: [], hiddenColumns: 0 },
    picture: null,
    repeatedInputs: null,
    note: `Its ${numbers.toLocaleString('en-US')} numbers are too many for a preview.`,
  };
}

function splitPreview(data: Dataset, split: Split): SplitPreview {
  if (data.kind === 'regression') {
    return { split, examples: data[split].n, classCounts: null, subclassCounts: null };
  }
  const subclasses = data.kind === 'vectors' ? data[split].subclasses : undefined;
  const names = data.kind === 'vectors' ? data.subclassNames : undefined;
  return {
    split,
    examples: data[split].n,
    classCounts: counts(data[split].labels, data.classes),
    subclassCounts: subclasses === undefined || names === undefined ? null : counts(subclasses, names.length),
  };
}

function counts(labels: Int32Array, kinds: number): number[] {
  const result = new Array<number>(kinds).fill(0);
  for (const label of labels) result[label] = (result[label] as number) + 1;
  return result;
}

/** Names of the inputs, where they have better ones than numbers. */
function columnNames(spec: DatasetSpec, data: Dataset): string[] {
  if (data.kind === 'tokens') return data.length === 3 ? ['x', 'y', '"="'] : numbered('token', data.length);
  if (spec.kind === 'csv-classification' || spec.kind === 'csv-regression') {
    return spec.columns.filter((name) => name !== spec.target);
  }
  return data.dimensions === 1 ? ['x'] : numbered('x', Math.min(data.dimensions, maxColumns));
}

function numbered(name: string, n: number): string[] {
  return Array.from({ length: n }, (_, i) => `${name}${i + 1}`);
}

function someRows(data: Dataset, names: readonly string[]): DatasetPreview['table'] {
  const n = Math.min(maxRows, data.train.n);
  const width = data.kind === 'tokens' ? data.length : data.dimensions;
  const values = data.kind === 'tokens' ? data.train.tokens : data.train.inputs;
  const shown = Math.min(width, maxColumns);
  const answers = answerColumns(data);
  // Data made subclass by subclass would otherwise show only one.
  const spread = data.kind === 'vectors' && data.train.subclasses !== undefined;
  return {
    caption: spread ? `${n} training examples, evenly spaced` : `The first ${n} training examples`,
    columns: [...names.slice(0, shown), ...answers.map(({ name }) => name)],
    rows: Array.from({ length: n }, (_, i) => {
      const row = spread ? Math.floor((i * data.train.n) / n) : i;
      const inputs = Array.from({ length: shown }, (__, j) => {
        const value = values[row * width + j] as number;
        return data.kind === 'tokens' && value === data.vocabulary - 1 ? '=' : print(value);
      });
      return [...inputs, ...answers.map(({ cell }) => cell(row))];
    }),
    hiddenColumns: width - shown,
  };
}

interface AnswerColumn {
  name: string;
  cell: (row: number) => string;
}

function answerColumns(data: Dataset): AnswerColumn[] {
  if (data.kind === 'regression') {
    const outputs = data.outputs ?? 1;
    const { targets } = data.train;
    return Array.from({ length: Math.min(outputs, 3) }, (_, k) => ({
      name: outputs === 1 ? 'target' : `target ${k + 1} of ${outputs}`,
      cell: (row) => print(targets[row * outputs + k] as number),
    }));
  }
  if (data.kind === 'tokens') return [{ name: 'answer', cell: (row) => String(data.train.labels[row]) }];
  const { classNames, subclassNames, train } = data;
  const columns: AnswerColumn[] = [
    { name: 'class', cell: (row) => classNames?.[train.labels[row] as number] ?? String(train.labels[row]) },
  ];
  if (subclassNames !== undefined && train.subclasses !== undefined) {
    const { subclasses } = train;
    columns.push({ name: 'subclass', cell: (row) => subclassNames[subclasses[row] as number] as string });
  }
  return columns;
}

/** Four significant digits. */
function print(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

function repeatedInputs(data: Dataset): number | null {
  const width = data.kind === 'tokens' ? data.length : data.dimensions;
  if ((data.train.n + data.test.n) * width > maxComparedNumbers) return null;
  // An input's bytes as text: much faster to compare than its numbers printed.
  const rows = (split: Split): string[] => {
    const values = data.kind === 'tokens' ? data[split].tokens : data[split].inputs;
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    const rowBytes = width * values.BYTES_PER_ELEMENT;
    return Array.from({ length: data[split].n }, (_, i) =>
      bytes.toString('latin1', i * rowBytes, (i + 1) * rowBytes),
    );
  };
  const known = new Set(rows('train'));
  return rows('test').filter((row) => known.has(row)).length;
}

/** What the numbers do not show. */
function noteOf(spec: DatasetSpec): string | null {
  switch (spec.kind) {
    case 'mnist':
      return "10,000 images of MNIST's training set: the test examples are images of it too, not MNIST's own test set.";
    case 'mnist-subclasses':
      return "10,000 images of MNIST's training set, clustered by their pixels within each digit.";
    case 'random-labels':
    case 'concealment':
      return noteOf(spec.of);
    default:
      return null;
  }
}

function listOrNull(list: readonly string[] | undefined): string[] | null {
  return list === undefined ? null : [...list];
}
