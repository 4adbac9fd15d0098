/** A dataset as a user sees it before a run: sizes, counts, first rows, a small picture. */
import type { DatasetPreview, SplitPreview } from '../../shared/dataset-preview.ts';
import { datasetForm, datasetSizes, type DatasetSpec } from '../../shared/dataset-spec.ts';
import { twoHopCounts } from '../../shared/sequence-spec.ts';
import type { Split } from '../../shared/run.ts';
import type { Dataset, TokenDataset } from './dataset.ts';
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
    classNames: data.kind === 'regression' ? null : listOrNull(data.classNames),
    subclassNames: data.kind === 'regression' ? null : listOrNull(data.subclassNames),
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
  const { subclasses } = data[split];
  const names = data.subclassNames;
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
  if (data.kind === 'tokens') return tokenColumns(spec, data.length);
  if (spec.kind === 'csv-classification' || spec.kind === 'csv-regression') {
    return spec.columns.filter((name) => name !== spec.target);
  }
  return data.dimensions === 1 ? ['x'] : numbered('x', Math.min(data.dimensions, maxColumns));
}

function tokenColumns(spec: DatasetSpec, length: number): string[] {
  switch (spec.kind) {
    case 'random-labels':
      return tokenColumns(spec.of, length);
    case 'multi-task':
      return ['task', 'x', 'y', '"="'];
    case 'two-hop':
      return ['entity', 'relation', 'then'];
    case 'cellular-automaton':
      return [...numbered('cell', length - 1), '"="'];
    default:
      return length === 3 ? ['x', 'y', '"="'] : numbered('token', length);
  }
}

function numbered(name: string, n: number): string[] {
  return Array.from({ length: n }, (_, i) => `${name}${i + 1}`);
}

function someRows(data: Dataset, names: readonly string[]): DatasetPreview['table'] {
  const n = Math.min(maxRows, data.train.n);
  if (data.kind === 'tokens' && data.isText === true) return someTexts(data, n);
  const width = data.kind === 'tokens' ? data.length : data.dimensions;
  const values = data.kind === 'tokens' ? data.train.tokens : data.train.inputs;
  const shown = Math.min(width, maxColumns);
  const answers = answerColumns(data);
  // Data made subclass by subclass would otherwise show only one.
  const spread = data.kind !== 'regression' && data.train.subclasses !== undefined;
  return {
    caption: spread ? `${n} training examples, evenly spaced` : `The first ${n} training examples`,
    columns: [...names.slice(0, shown), ...answers.map(({ name }) => name)],
    rows: Array.from({ length: n }, (_, i) => {
      const row = spread ? Math.floor((i * data.train.n) / n) : i;
      const inputs = Array.from({ length: shown }, (__, j) => {
        const value = values[row * width + j] as number;
        return data.kind === 'tokens' ? tokenName(data, value) : print(value);
      });
      return [...inputs, ...answers.map(({ cell }) => cell(row))];
    }),
    hiddenColumns: width - shown,
  };
}

function tokenName({ tokenNames, vocabulary }: TokenDataset, token: number): string {
  return tokenNames?.[token] ?? (token === vocabulary - 1 ? '=' : String(token));
}

/** Every text in a column of its own, without what fills it up. */
function someTexts(data: TokenDataset, n: number): DatasetPreview['table'] {
  const { length, vocabulary, train } = data;
  const answers = answerColumns(data);
  return {
    caption: `The first ${n} training examples`,
    columns: ['text so far', ...answers.map(({ name }) => name)],
    rows: Array.from({ length: n }, (_, row) => {
      const tokens = train.tokens.subarray(row * length, (row + 1) * length);
      const text = [...tokens].filter((token) => token !== vocabulary - 1);
      return [text.map((token) => tokenName(data, token)).join(''), ...answers.map(({ cell }) => cell(row))];
    }),
    hiddenColumns: 0,
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
  const { classNames, subclassNames, train } = data;
  const columns: AnswerColumn[] = [
    {
      name: data.kind === 'tokens' ? 'answer' : 'class',
      cell: (row) => classNames?.[train.labels[row] as number] ?? String(train.labels[row]),
    },
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
    case 'two-hop': {
      const { testOutside } = twoHopCounts(spec);
      return testOutside === 0
        ? null
        : `Test loss and accuracy count ${spec.testSize.toLocaleString('en-US')} test examples; the ${testOutside.toLocaleString('en-US')} inferred facts out of distribution have an accuracy of their own.`;
    }
    case 'character-corpus':
      return 'Sentences of a small grammar written for this program; only characters that the text so far decides are asked for.';
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
