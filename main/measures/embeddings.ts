/**
 * Principal components of the embeddings (Power et al. 2022, figure 3, by t-SNE; Liu et al. 2022, figure 1, by PCA): where each token
 * lies along the directions in which the table of embeddings varies most. The table is W_E of a transformer, E of an embedding
 * decoder, and of an MLP that reads one-hot symbols its first layer's weights, a row per symbol and place. The first 400 rows;
 * the first six components, for the viewer to choose two. A component's sign is that which makes its largest entry among the
 * table's columns positive. Columns: the share of the variance that the first component, and the first two, hold.
 */
import type { Dataset } from '../datasets/dataset.ts';
import { symmetricEigen } from '../linalg/symmetric-eigen.ts';
import { sizeOf } from '../engine/graph.ts';
import { measureColumn, type CreateMeasure, type MeasureContext } from './measure.ts';
import { oneHotLayout } from './one-hot.ts';

const MOST_ROWS = 400;
const MOST_COMPONENTS = 6;

export const createEmbeddings: CreateMeasure = (context) => {
  const { start, rows, width, items } = tableOf(context);
  const shown = Math.min(rows, MOST_ROWS);
  const components = Math.min(MOST_COMPONENTS, shown, width);
  const places = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'].slice(0, components);
  const cut = shown < rows ? ` The first ${shown} of ${rows}.` : '';
  return Promise.resolve({
    columns: [
      measureColumn('principalShare:1', 'variance along the first component', 'share of variance'),
      measureColumn('principalShare:2', 'variance along the first two components', 'share of variance'),
    ],
    panels: [
      {
        kind: 'scatter',
        name: 'embeddings',
        title: 'Embeddings along their principal components',
        description: `Where each symbol's embedding lies along the directions in which embeddings vary most (after Liu et al. 2022, figure 1).${cut}`,
        xLabel: 'first component',
        yLabel: components > 1 ? 'second component' : 'first component',
        items: items.slice(0, shown),
        components: places.map((place) => `${place} component`),
      },
    ],
    evaluate: (parameters) => {
      const table = Float64Array.from(parameters.subarray(start, start + shown * width));
      const { scores, shares } = principalComponents(table, width, components);
      const [first = 0, second = 0] = shares;
      return Promise.resolve({
        columns: [first, first + second],
        arrays: { 'embeddings.components': scores },
      });
    },
    dispose: () => Promise.resolve(),
  });
};

interface Table {
  /** Where it begins among the parameters. */
  start: number;
  rows: number;
  width: number;
  items: string[];
}

function tableOf(context: MeasureContext): Table {
  const { network, dataset } = context;
  const { parameters } = network;
  const at = Math.max(
    0,
    parameters.findIndex(({ role }) => role === 'embedding'),
  );
  const start = parameters.slice(0, at).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const [rows = 0, width = 0] = parameters[at]?.shape ?? [];
  const isTable = parameters[at]?.role === 'embedding';
  return { start, rows, width, items: isTable ? tokenNames(rows, dataset) : placeNames(context) };
}

/** Of a table's rows: the tokens, of which the last one is "=" unless they have names. */
function tokenNames(rows: number, dataset: Dataset): string[] {
  const names = 'tokenNames' in dataset && Array.isArray(dataset.tokenNames) ? dataset.tokenNames : [];
  return Array.from({ length: rows }, (_, row) => {
    const last = dataset.kind === 'tokens' && row === rows - 1;
    return String(names[row] ?? (last ? '=' : row));
  });
}

/** Of the rows of an MLP's first layer: the symbols at each place, which are x and y where there are two. */
function placeNames({ network, dataset }: MeasureContext): string[] {
  const rows = network.parameters[0]?.shape[0] ?? 0;
  const layout =
    dataset.kind === 'tokens' ? oneHotLayout(network, dataset) : { positions: 2, values: rows / 2 };
  const places =
    layout.positions === 2
      ? ['x', 'y']
      : Array.from({ length: layout.positions }, (_, i) => `place ${i + 1}`);
  return places.flatMap((place) =>
    Array.from({ length: layout.values }, (_, value) => `${place} = ${value}`),
  );
}

/**
 * Scores [rows, components] of a table's centred rows along its principal components, the largest first, and the share of
 * the variance along each (0 for a table whose rows are equal). Through whichever of XᵀX and XXᵀ is smaller.
 */
export function principalComponents(
  table: Float64Array,
  width: number,
  components: number,
): { scores: Float64Array; shares: number[] } {
  const rows = table.length / width;
  const x = centredRows(table, rows, width);
  const byColumns = width <= rows;
  const size = byColumns ? width : rows;
  const { values, vectors } = symmetricEigen(
    byColumns ? gramOfColumns(x, rows, width) : gramOfRows(x, rows, width),
    size,
  );
  const total = x.reduce((sum, value) => sum + value ** 2, 0);
  const scores = new Float64Array(rows * components);
  const shares = Array.from({ length: components }, (_, c) => {
    const vector = vectors.subarray((size - 1 - c) * size, (size - c) * size);
    const value = Math.max(0, values[size - 1 - c] as number);
    const loadings = byColumns ? vector : loadingsOf(x, vector, rows, width);
    const sign = signOf(loadings);
    for (let i = 0; i < rows; i++) {
      let score = 0;
      if (byColumns)
        for (let j = 0; j < width; j++) score += (x[i * width + j] as number) * (vector[j] as number);
      else score = Math.sqrt(value) * (vector[i] as number);
      scores[i * components + c] = sign * score;
    }
    return total === 0 ? 0 : value / total;
  });
  return { scores, shares };
}

function centredRows(table: Float64Array, rows: number, width: number): Float64Array {
  const means = new Float64Array(width);
  table.forEach((value, at) => (means[at % width] = (means[at % width] as number) + value / rows));
  return table.map((value, at) => value - (means[at % width] as number));
}

/** XᵀX, its lower triangle. */
function gramOfColumns(x: Float64Array, rows: number, width: number): Float64Array {
  const gram = new Float64Array(width * width);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < width; i++) {
      const left = x[r * width + i] as number;
      for (let j = 0; j <= i; j++)
        gram[i * width + j] = (gram[i * width + j] as number) + left * (x[r * width + j] as number);
    }
  }
  return gram;
}

/** XXᵀ, its lower triangle. */
function gramOfRows(x: Float64Array, rows: number, width: number): Float64Array {
  const gram = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += (x[i * width + k] as number) * (x[j * width + k] as number);
      gram[i * rows + j] = sum;
    }
  }
  return gram;
}

/** Xᵀ u: along the component's direction among the columns. */
function loadingsOf(x: Float64Array, u: Float64Array, rows: number, width: number): Float64Array {
  const loadings = new Float64Array(width);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < width; j++)
      loadings[j] = (loadings[j] as number) + (x[i * width + j] as number) * (u[i] as number);
  return loadings;
}

function signOf(loadings: Float64Array): 1 | -1 {
  const largest = loadings.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  return largest < 0 ? -1 : 1;
}
