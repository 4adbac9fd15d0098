import { describe, expect, it } from 'vitest';
import type { MoeTransformerSpec } from '../../../shared/model-spec.ts';
import { consistency, meanEditDistance } from '../../../shared/pathways.ts';
import type { TokenDataset } from '../../../main/datasets/dataset.ts';
import { evaluate } from '../../../main/engine/evaluate.ts';
import { take } from '../../../main/engine/trace.ts';
import { weightsOfFlat } from '../../../main/measures/measure.ts';
import { createPathways } from '../../../main/measures/pathways.ts';
import { parameterCount } from '../../../main/training/training-graph.ts';
import { examplesOf } from '../../../main/training/neural-task.ts';
import { contextOf, measured } from './support.ts';

const pairs = Array.from({ length: 9 }, (_, i) => [Math.floor(i / 3), i % 3] as const);
const split = {
  n: 9,
  tokens: Int32Array.from(pairs.flatMap(([a, b]) => [a, b, 3])),
  labels: Int32Array.from(pairs, ([a, b]) => (a + b) % 3),
};
const dataset: TokenDataset = {
  kind: 'tokens',
  vocabulary: 4,
  length: 3,
  classes: 3,
  train: split,
  test: split,
};
const model = {
  kind: 'moe-transformer',
  layers: 2,
  dModel: 4,
  heads: 2,
  dMlp: 3,
  activation: 'relu',
  experts: 3,
  expertsPerToken: 2,
} satisfies MoeTransformerSpec;

describe('pathways of a mixture of experts', () => {
  it('follow the router: edit distance and consistency by hand from its probabilities', async () => {
    const context = await contextOf({ model, dataset });
    const flat = Float64Array.from(
      { length: parameterCount(context.network) },
      (_, i) => 1.4 * Math.sin(2.3 * i),
    );
    const [result] = await measured(createPathways, context, flat);
    const weights = weightsOfFlat(context.network, 'float64');
    const layers = context.network.routing?.(weights, examplesOf(dataset, 'train', 'float64').inputs) ?? [];
    const values = evaluate(
      [...layers.map((layer) => take(layer, 1, -1)), ...[0, 1].map((i) => weights[`W_R.${i}`] as never)],
      { parameters: flat },
    ).map((array) => [...array]);
    const pathways: number[][] = [];
    const mixtures: number[][][] = [];
    const use = [0, 0, 0, 0, 0, 0];
    for (let i = 0; i < 9; i++) {
      pathways.push([]);
      mixtures.push([]);
      for (const layer of [0, 1]) {
        const own = (values[layer] as number[]).slice(3 * i, 3 * i + 3);
        const least = own.indexOf(Math.min(...own));
        const sentTo = [0, 1, 2]
          .filter((e) => e !== least)
          .sort((a, b) => (own[b] as number) - (own[a] as number));
        for (const expert of sentTo) {
          pathways[i]?.push(10 * layer + expert);
          use[3 * layer + expert] = (use[3 * layer + expert] as number) + 1 / 9;
        }
        const router = values[2 + layer] as number[];
        mixtures[i]?.push(
          [0, 1, 2, 3].map((d) =>
            sentTo.reduce((sum, e) => sum + (own[e] as number) * (router[4 * e + d] as number), 0),
          ),
        );
      }
    }
    const smooth = mixtures.reduce((sum, layersOf) => sum + consistency(layersOf) / 9, 0);
    expect(result?.columns['pathwayDistance']).toBeCloseTo(meanEditDistance(pathways), 12);
    expect(result?.columns['pathwayDistance']).toBeGreaterThan(0);
    expect(result?.columns['pathwayConsistency']).toBeCloseTo(smooth, 10);
    result?.arrays['expert-use.z']?.forEach((value, i) => expect(value).toBeCloseTo(use[i] as number, 12));
    const steps = new Float64Array(9);
    for (const [first = 0, , next = 0] of pathways) {
      const at = 3 * first + (next - 10);
      steps[at] = (steps[at] as number) + 1 / 9;
    }
    result?.arrays['pathway-0.z']?.forEach((value, at) => expect(value).toBeCloseTo(steps[at] as number, 12));
    expect(result?.arrays['pathway-0.z']?.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
  });

  it('are one pathway for all where every token is routed alike', async () => {
    const context = await contextOf({ model, dataset });
    // Nothing but the routers: all probabilities are equal, and every token goes to experts 0 and 1.
    const { parameters } = context.network;
    const flat = parameters.flatMap(({ name, shape }) =>
      Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) =>
        name.startsWith('W_R') ? i + 1 : 0,
      ),
    );
    const [result] = await measured(createPathways, context, flat);
    expect(result?.columns['pathwayDistance']).toBe(0);
    expect(result?.columns['pathwayConsistency']).toBeCloseTo(1, 12);
    expect([...(result?.arrays['expert-use.z'] ?? [])].map((value) => Math.round(value * 1e9) / 1e9)).toEqual(
      [1, 1, 0, 1, 1, 0],
    );
  });
});
