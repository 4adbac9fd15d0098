/**
 * Heat maps of the weights and of the logits (Nanda et al. 2023, §4; Gromov 2023, figure 1). Every parameter but biases, as a matrix: leading
 * axes are put together, so that the heads of an attention lie one under another. A matrix of more than 40 rows or columns is
 * drawn by 40 evenly spaced ones, said in its description; nothing is averaged. The first twelve parameters. Logits: of at most 40 test
 * examples, a fixed draw per seed, in the order of their classes (in regression, of their first target).
 */
import type { MatrixPanel } from '../../shared/snapshot.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { sizeOf } from '../engine/graph.ts';
import type { HostArray } from '../engine/program.ts';
import { examplesOf } from '../training/neural-task.ts';
import { logitsGraph } from '../training/training-graph.ts';
import type { CreateMeasure, MeasureContext } from './measure.ts';
import { subsetOf } from './subset.ts';

const MOST_LINES = 40;
const MOST_PARAMETERS = 12;

export const createWeights: CreateMeasure = async (context) => {
  const { engine, threads, network, dataset, dtype, seed } = context;
  const matrices = matricesOf(context);
  const part = subsetOf(dataset, { train: 1, test: MOST_LINES }, seed);
  const { inputs } = examplesOf(part, 'all', dtype);
  const graph = logitsGraph(network, inputs, dtype);
  const outputs = graph['logits']?.shape[1] ?? 0;
  const program = await engine.compile(graph, { threads, carried: {} });
  const order = orderOf(part.test).map((row) => part.train.n + row);
  const logits: Matrix = {
    name: 'logits',
    title: 'Logits',
    start: 0,
    rows: order.length,
    columns: outputs,
    labels: ['output', 'test example, by its class'],
    zLabel: 'logit',
  };
  return {
    columns: [],
    panels: [...matrices, logits].map(panelOf),
    evaluate: async (parameters) => {
      const results = await program.run({ parameters });
      const sorted = rowsInOrder(results['logits'] ?? new Float64Array(), order, outputs);
      const arrays = [
        ...matrices.map((matrix) => [`${panelName(matrix)}.z`, drawn(parameters, matrix)]),
        [`${panelName(logits)}.z`, drawn(sorted, logits)],
      ];
      return { columns: [], arrays: Object.fromEntries(arrays) as Record<string, Float64Array> };
    },
    dispose: () => program.dispose(),
  };
};

interface Matrix {
  name: string;
  title: string;
  /** Where it begins in what it is read from. */
  start: number;
  rows: number;
  columns: number;
  /** Of columns and rows. */
  labels: [string, string];
  zLabel: string;
}

function matricesOf({ network }: MeasureContext): Matrix[] {
  let start = 0;
  const all = network.parameters.map(({ name, shape, role }) => {
    const columns = shape.at(-1) ?? 1;
    const rows = sizeOf(shape) / columns;
    const matrix: Matrix = {
      name,
      title: name,
      start,
      rows,
      columns,
      labels: ['column', 'row'],
      zLabel: 'weight',
    };
    start += sizeOf(shape);
    return { role, matrix };
  });
  return all
    .filter(({ role }) => role !== 'bias')
    .slice(0, MOST_PARAMETERS)
    .map(({ matrix }) => matrix);
}

/** `weights-W_E`, `weights-W_in-0` */
function panelName({ name }: Matrix): string {
  return `weights-${name.replaceAll(/[^a-zA-Z0-9]/g, '-')}`;
}

function panelOf(matrix: Matrix): MatrixPanel {
  const { title, rows, columns, labels, zLabel } = matrix;
  const [shownRows, shownColumns] = [evenly(rows).length, evenly(columns).length];
  const isCut = shownRows < rows || shownColumns < columns;
  const size = isCut
    ? `${shownRows} of ${rows} rows and ${shownColumns} of ${columns} columns, evenly spaced.`
    : `All ${rows} rows and ${columns} columns.`;
  return {
    kind: 'matrix',
    name: panelName(matrix),
    title: zLabel === 'logit' ? title : `Weights ${title}`,
    description: size,
    rows: shownRows,
    columns: shownColumns,
    xLabel: labels[0],
    yLabel: labels[1],
    zLabel,
  };
}

/** At most 40 of the indices 0 … n − 1, the first and the last among them. */
export function evenly(n: number): number[] {
  const shown = Math.min(n, MOST_LINES);
  return Array.from({ length: shown }, (_, i) => (shown === 1 ? 0 : Math.round((i * (n - 1)) / (shown - 1))));
}

function drawn(values: HostArray, { start, rows, columns }: Matrix): Float64Array {
  const across = evenly(columns);
  return Float64Array.from(
    evenly(rows).flatMap((row) => across.map((column) => values[start + row * columns + column] as number)),
  );
}

/** Rows by label, or by the first target; ties keep their order. */
function orderOf(split: Dataset['test']): number[] {
  const keys =
    split.labels ?? ('targets' in split ? firstTargets(split.targets, split.n) : new Int32Array(split.n));
  return Array.from({ length: split.n }, (_, i) => i).sort(
    (a, b) => (keys[a] as number) - (keys[b] as number),
  );
}

function firstTargets(targets: Float64Array, n: number): Float64Array {
  const width = targets.length / n;
  return Float64Array.from({ length: n }, (_, i) => targets[i * width] as number);
}

function rowsInOrder(values: HostArray, order: readonly number[], width: number): Float64Array {
  return Float64Array.from(order.flatMap((row) => [...values.subarray(row * width, (row + 1) * width)]));
}
