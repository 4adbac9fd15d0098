/**
 * Pathways of a mixture of experts (Li et al. 2025, arXiv 2506.21551, figure 3), on at most 128 training examples, a fixed draw per seed, at
 * the last position, where the answer is read; `shared/pathways.ts` has the formulas. Their texts give either quantity either sign,
 * so the columns say which way they point.
 *
 * - Pathway distance: an example's pathway is the experts that its token is sent to, the likeliest first, layer after layer; the mean
 *   edit distance over all pairs of examples, relative to its length. It falls as examples come to share pathways.
 * - Pathway consistency: cosine of Σ_e p_e r_e of subsequent layers, over the experts e that the token is sent to, p_e being the router's
 *   probability and r_e the expert's row of the router, mean over layers and examples. What stands for an expert ("expert embedding") the text
 *   does not say where we could read it; a row of the router lies in the space that all layers share. It rises as pathways grow smooth; the
 *   paper's complexity is 1 − this. For two layers or more.
 *
 * The pictures: how often each expert is among those that a token is sent to; and from each layer to the next, how many tokens go
 * from each layer's likeliest expert to which one there.
 */
import { chosenExperts, consistency, meanEditDistance } from '../../shared/pathways.ts';
import { simplify } from '../engine/simplify.ts';
import { take } from '../engine/trace.ts';
import type { HostArray } from '../engine/program.ts';
import { parameter } from '../models/network.ts';
import { examplesOf } from '../training/neural-task.ts';
import { measureColumn, weightsOfFlat, type CreateMeasure } from './measure.ts';
import { subsetOf } from './subset.ts';

const MOST_EXAMPLES = 128;

export const createPathways: CreateMeasure = async ({
  engine,
  threads,
  dtype,
  network,
  dataset,
  arm,
  seed,
}) => {
  const { model } = arm;
  if (model.kind !== 'moe-transformer' || network.routing === undefined)
    throw new Error('Pathways need a mixture of experts.');
  const { experts, expertsPerToken } = model;
  const part = subsetOf(dataset, { train: MOST_EXAMPLES, test: 1 }, seed);
  const { n } = part.train;
  const weights = weightsOfFlat(network, dtype);
  const layers = network.routing(weights, examplesOf(part, 'train', dtype).inputs);
  const outputs = Object.fromEntries(
    layers.flatMap((probabilities, layer) => [
      [`probabilities${layer}`, take(probabilities, 1, -1)],
      [`router${layer}`, parameter(weights, `W_R.${layer}`)],
    ]),
  );
  const program = await engine.compile(simplify(outputs), { threads, carried: {} });
  const several = layers.length > 1;
  return {
    columns: [
      measureColumn(
        'pathwayDistance',
        'edit distance between pathways (falls as they are shared)',
        'pathway distance',
      ),
      ...(several
        ? [
            measureColumn(
              'pathwayConsistency',
              'consistency of pathways over layers (rises as they grow smooth)',
              'pathway consistency',
            ),
          ]
        : []),
    ],
    panels: [
      {
        kind: 'matrix',
        name: 'expert-use',
        title: 'Experts in use',
        description: `Share of ${n} training examples whose last token is sent to each expert (after Li et al. 2025).`,
        rows: layers.length,
        columns: experts,
        xLabel: 'expert',
        yLabel: 'layer',
        zLabel: 'share of examples',
      },
      ...layers.slice(1).map((_, layer) => ({
        kind: 'matrix' as const,
        name: `pathway-${layer}`,
        title: `Pathways from layer ${layer + 1} to ${layer + 2}`,
        description: `Share of ${n} training examples whose last token goes from one layer's likeliest expert to the next one's.`,
        rows: experts,
        columns: experts,
        xLabel: `expert in layer ${layer + 2}`,
        yLabel: `expert in layer ${layer + 1}`,
        zLabel: 'share of examples',
      })),
    ],
    evaluate: async (parameters) => {
      const results = await program.run({ parameters });
      const routes = layers.map((_, layer) => routeOf(results, layer, n, expertsPerToken));
      const examples = Array.from({ length: n }, (_, i) => i);
      const distance = meanEditDistance(
        examples.map((i) => routes.flatMap(({ chosen }, layer) => distinct(chosen[i] ?? [], layer, experts))),
      );
      const smooth = examples.map((i) => consistency(routes.map(({ mixture }) => mixture[i] ?? [])));
      const use = routes.flatMap(({ chosen }) => {
        const counts = new Float64Array(experts);
        for (const expert of chosen.flat()) counts[expert] = (counts[expert] as number) + 1 / n;
        return [...counts];
      });
      return {
        columns: [distance, ...(several ? [smooth.reduce((sum, value) => sum + value / n, 0)] : [])],
        arrays: {
          'expert-use.z': Float64Array.from(use),
          ...Object.fromEntries(
            routes.slice(1).map((next, layer) => {
              const steps = stepsBetween(routes[layer] as Route, next, experts);
              return [`pathway-${layer}.z`, steps] as const;
            }),
          ),
        },
      };
    },
    dispose: () => program.dispose(),
  };
};

interface Route {
  /** Of each example, the experts that its token is sent to, the likeliest first. */
  chosen: number[][];
  /** Of each example, Σ p_e r_e over them. */
  mixture: Float64Array[];
}

/** [from, to]: the share of examples whose likeliest expert is `from` in one layer and `to` in the next. */
function stepsBetween(before: Route, after: Route, experts: number): Float64Array {
  const steps = new Float64Array(experts * experts);
  before.chosen.forEach(([from = 0], i) => {
    const at = from * experts + (after.chosen[i]?.[0] ?? 0);
    steps[at] = (steps[at] as number) + 1 / before.chosen.length;
  });
  return steps;
}

function routeOf(
  results: Readonly<Record<string, HostArray>>,
  layer: number,
  n: number,
  most: number,
): Route {
  const probabilities = results[`probabilities${layer}`];
  const router = results[`router${layer}`];
  if (probabilities === undefined || router === undefined) throw new Error('The router gave nothing.');
  const experts = probabilities.length / n;
  const width = router.length / experts;
  const chosen: number[][] = [];
  const mixture: Float64Array[] = [];
  for (let i = 0; i < n; i++) {
    const own = probabilities.subarray(i * experts, (i + 1) * experts);
    const sentTo = chosenExperts(own, most);
    const sum = new Float64Array(width);
    for (const expert of sentTo)
      for (let k = 0; k < width; k++)
        sum[k] = (sum[k] as number) + (own[expert] as number) * (router[expert * width + k] as number);
    chosen.push(sentTo);
    mixture.push(sum);
  }
  return { chosen, mixture };
}

/** Numbers under which experts of different layers are never the same. */
function distinct(chosen: readonly number[], layer: number, experts: number): number[] {
  return chosen.map((expert) => layer * experts + expert);
}
