/**
 * Local complexity of a ReLU network around data (Humayun et al. 2024, arXiv 2402.15555, figure 4; `local_complexity.py` of their code): how
 * many neurons' hyperplanes cross the neighbourhood of a point. The neighbourhood of x is the convex hull of the vertices x ± r v_p of
 * a cross-polytope, v_1 … v_P orthonormal and random; a neuron counts when it is active (pre-activation above 0) at some vertex and not at
 * another. Vertices go through the network as they are, so that in deeper layers the count is, as in the paper, a coarse one. Summed over
 * the neurons of all hidden layers, averaged over points.
 *
 * P = 20, or the number of inputs where that is smaller (their code: 40 vertices); r = 0.05, the smallest radius of their MLP on MNIST,
 * in the units of the inputs; 64 training and 64 test examples, fixed draws per seed, as are the directions (one set for all
 * points). Inputs that are tokens are taken as the one-hot vectors that an MLP reads.
 */
import type { MlpSpec } from '../../shared/model-spec.ts';
import { Random } from '../../shared/random.ts';
import { simplify } from '../engine/simplify.ts';
import { constant, neg, reduceMax, reduceSum, reshape, step, add, type Tensor } from '../engine/trace.ts';
import { mlp } from '../models/mlp.ts';
import {
  forwardOf,
  measureColumn,
  weightsOfFlat,
  type CreateMeasure,
  type MeasureContext,
} from './measure.ts';
import { inputVectors } from './one-hot.ts';
import { subsetOf } from './subset.ts';

const MOST_POINTS = 64;
const MOST_DIRECTIONS = 20;
const RADIUS = 0.05;

export const createLocalComplexity: CreateMeasure = async (context) => {
  const { engine, threads, dtype, seed } = context;
  const part = subsetOf(context.dataset, { train: MOST_POINTS, test: MOST_POINTS }, seed);
  const points = [
    ...inputVectors(context.network, part, 'train'),
    ...inputVectors(context.network, part, 'test'),
  ];
  const dimensions = points[0]?.length ?? 0;
  const directions = orthonormal(Math.min(MOST_DIRECTIONS, dimensions), dimensions, seed);
  const vertices = points.flatMap((point) =>
    directions.flatMap((direction) =>
      [RADIUS, -RADIUS].map((r) => point.map((value, i) => value + r * (direction[i] as number))),
    ),
  );
  const flat = new Float64Array(vertices.length * dimensions);
  vertices.forEach((vertex, i) => flat.set(vertex, i * dimensions));
  const network = onVectors(context, dimensions);
  const inputs = constant(flat, [vertices.length, dimensions], dtype);
  const { hidden } = forwardOf(network, weightsOfFlat(network, dtype), inputs);
  const counts = hidden.map((layer) => crossings(layer, points.length)).reduce((sum, one) => add(sum, one));
  const program = await engine.compile(simplify({ counts }), { threads, carried: {} });
  const names = ['train', 'test'] as const;
  return {
    columns: names.map((split) => ({
      ...measureColumn(
        `localComplexity:${split}`,
        `local complexity around ${split} examples`,
        'local complexity',
        'neurons',
      ),
      split,
    })),
    panels: [],
    evaluate: async (parameters) => {
      const results = await program.run({ parameters });
      const all = Array.from(results['counts'] ?? []);
      const cut = part.train.n;
      return { columns: [mean(all.slice(0, cut)), mean(all.slice(cut))], arrays: {} };
    },
    dispose: () => program.dispose(),
  };
};

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Neurons that are active at some but not all vertices of each point: [n · vertices, width] → [n]. */
function crossings(activations: Tensor, n: number): Tensor {
  const [rows = 0, width = 0] = activations.shape;
  const active = step(reshape(activations, [n, rows / n, width]));
  const someNotAll = add(reduceMax(active, [1], true), reduceMax(neg(active), [1], true));
  return reduceSum(someNotAll, [1, 2], false);
}

/** The same network where it reads tokens: an MLP's first layer is that of one-hot vectors. */
function onVectors(
  { network, dataset, arm: { model } }: MeasureContext,
  dimensions: number,
): MeasureContext['network'] {
  if (dataset.kind !== 'tokens') return network;
  return mlp(model as MlpSpec, { kind: 'vectors', dimensions }, dataset.classes);
}

/** Random orthonormal vectors (Gram–Schmidt on normal ones), of the stream `measures`. */
export function orthonormal(count: number, dimensions: number, seed: number): Float64Array[] {
  const random = Random.stream(seed, 'measures');
  const vectors: Float64Array[] = [];
  while (vectors.length < count) {
    const vector = Float64Array.from({ length: dimensions }, () => random.normal());
    for (let pass = 0; pass < 2; pass++) {
      for (const other of vectors) {
        const along = other.reduce((sum, value, i) => sum + value * (vector[i] as number), 0);
        for (let i = 0; i < dimensions; i++) vector[i] = (vector[i] as number) - along * (other[i] as number);
      }
    }
    const length = Math.sqrt(vector.reduce((sum, value) => sum + value ** 2, 0));
    if (length > 1e-6) vectors.push(vector.map((value) => value / length));
  }
  return vectors;
}
