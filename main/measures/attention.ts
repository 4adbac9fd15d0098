/**
 * Attention patterns: how much each position of a sequence looks at each position up to it, per layer and head, averaged over at
 * most 256 training examples, a fixed draw per seed (Nanda et al. 2023, arXiv 2301.05217, §4.1 and figure 3, look at these of single
 * inputs). Columns: the entropy of the last position's pattern, where the answer is read, averaged over examples and heads; 0 where
 * it looks at one position, ln(length) where at all alike. Pictures of the first 16 heads, layer by layer.
 *
 * The patterns are the softmaxes over four axes [example, query, key, head] in the graph that the hidden layers of the model
 * are read from, so that every decoder shows them.
 */
import { topological } from '../engine/graph.ts';
import { simplify } from '../engine/simplify.ts';
import {
  log,
  mul,
  neg,
  reduceMean,
  reduceSum,
  take,
  transpose,
  where,
  less,
  type Tensor,
} from '../engine/trace.ts';
import { examplesOf } from '../training/neural-task.ts';
import { forwardOf, measureColumn, weightsOfFlat, type CreateMeasure } from './measure.ts';
import { subsetOf } from './subset.ts';

const MOST_EXAMPLES = 256;
const MOST_PICTURES = 16;

export const createAttention: CreateMeasure = async (context) => {
  const { engine, threads, dtype, network, seed } = context;
  const part = subsetOf(context.dataset, { train: MOST_EXAMPLES, test: 1 }, seed);
  const { inputs } = examplesOf(part, 'train', dtype);
  const { hidden } = forwardOf(network, weightsOfFlat(network, dtype), inputs);
  const patterns = topological(hidden).filter(
    ({ operation, shape }) => operation.kind === 'softmax' && shape.length === 4,
  );
  const [first] = patterns;
  if (first === undefined) throw new Error('This network has no attention.');
  const [, length = 0, , heads = 0] = first.shape;
  const outputs = Object.fromEntries(
    patterns.flatMap((pattern, layer) => [
      // [query, key, head] → [head, query, key]
      [`mean${layer}`, transpose(reduceMean(pattern, [0], false), [2, 0, 1])],
      [`entropy${layer}`, lastEntropy(pattern)],
    ]),
  );
  const program = await engine.compile(simplify(outputs), { threads, carried: {} });
  const all = patterns.flatMap((_, layer) => Array.from({ length: heads }, (__, head) => ({ layer, head })));
  const shown = all.slice(0, MOST_PICTURES);
  const cut = shown.length < all.length ? ` The first ${shown.length} of ${all.length} heads are drawn.` : '';
  return {
    columns: patterns.map((_, layer) =>
      measureColumn(
        `attentionEntropy:${layer}`,
        `entropy of the last position’s attention in layer ${layer + 1}`,
        'attention entropy',
        'nat',
      ),
    ),
    panels: shown.map(({ layer, head }) => ({
      kind: 'matrix' as const,
      name: panelName(layer, head),
      title: `Attention of layer ${layer + 1}, head ${head + 1}`,
      description: `Where each position looks, averaged over ${part.train.n} training examples.${cut}`,
      rows: length,
      columns: length,
      xLabel: 'position looked at',
      yLabel: 'position that looks',
      zLabel: 'attention',
    })),
    evaluate: async (parameters) => {
      const results = await program.run({ parameters });
      const arrays = shown.map(({ layer, head }) => {
        const size = length * length;
        const mean = results[`mean${layer}`]?.subarray(head * size, (head + 1) * size);
        return [`${panelName(layer, head)}.z`, Float64Array.from(mean ?? [])];
      });
      return {
        columns: patterns.map((_, layer) => results[`entropy${layer}`]?.[0] as number),
        arrays: Object.fromEntries(arrays) as Record<string, Float64Array>,
      };
    },
    dispose: () => program.dispose(),
  };
};

function panelName(layer: number, head: number): string {
  return `attention-${layer}-${head}`;
}

/** −Σ p ln p of the last query's pattern, 0 ln 0 = 0, mean over examples and heads. */
function lastEntropy(pattern: Tensor): Tensor {
  const last = take(pattern, 1, -1);
  const logarithm = log(where(less(0, last), last, 1));
  const entropies = neg(reduceSum(mul(last, logarithm), [1], false));
  return reduceMean(entropies, [0, 1], false);
}
