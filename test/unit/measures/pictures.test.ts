/** What Replay draws of a network: embeddings, attention, weights and logits. */
import { describe, expect, it } from 'vitest';
import golden from './golden/principal_components.json' with { type: 'json' };
import type { EmbeddingDecoderSpec, MlpSpec, TransformerSpec } from '../../../shared/model-spec.ts';
import { partsOf } from '../../../shared/snapshot.ts';
import type { RegressionDataset, TokenDataset, VectorDataset } from '../../../main/datasets/dataset.ts';
import { createAttention } from '../../../main/measures/attention.ts';
import { createEmbeddings, principalComponents } from '../../../main/measures/embeddings.ts';
import { createWeights, evenly } from '../../../main/measures/weights.ts';
import { parameterCount } from '../../../main/training/training-graph.ts';
import { contextOf, measured } from './support.ts';

const tokens: TokenDataset = {
  kind: 'tokens',
  vocabulary: 4,
  length: 3,
  classes: 3,
  train: { n: 2, tokens: Int32Array.of(0, 1, 3, 2, 2, 3), labels: Int32Array.of(1, 1) },
  test: { n: 2, tokens: Int32Array.of(1, 2, 3, 0, 0, 3), labels: Int32Array.of(2, 0) },
};
const transformer = {
  kind: 'transformer',
  layers: 2,
  dModel: 2,
  heads: 2,
  dMlp: 3,
  activation: 'relu',
} satisfies TransformerSpec;

describe('principal components', () => {
  it.each(golden)(
    'equal NumPy’s singular value decomposition ($rows × $width)',
    ({ rows, width, scores, shares }) => {
      const table = Float64Array.from({ length: rows * width }, (_, i) =>
        Math.sin(1.7 * i + 0.3 * (i % 5) ** 2),
      );
      const found = principalComponents(table, width, 3);
      found.scores.forEach((value, i) => expect(value).toBeCloseTo(scores[i] as number, 10));
      found.shares.forEach((value, i) => expect(value).toBeCloseTo(shares[i] as number, 12));
    },
  );

  it('of equal rows are nothing', () => {
    const { scores, shares } = principalComponents(new Float64Array(6).fill(2), 2, 2);
    expect([...scores].every((value) => value === 0)).toBe(true);
    expect(shares).toEqual([0, 0]);
  });
});

describe('the embeddings', () => {
  it('of an embedding decoder on a line lie on one component', async () => {
    const model = {
      kind: 'embedding-decoder',
      embeddingDimensions: 2,
      embeddingBound: 1,
      hidden: [2],
      activation: 'relu',
    } satisfies EmbeddingDecoderSpec;
    const split = { n: 1, inputs: Float64Array.of(1, 0, 1), targets: Float64Array.of(1) };
    const dataset: RegressionDataset = { kind: 'regression', dimensions: 3, train: split, test: split };
    const context = await contextOf({ model, dataset });
    const rest = new Float64Array(parameterCount(context.network) - 6);
    const [result] = await measured(createEmbeddings, context, [0, 0, 3, 4, 6, 8, ...rest]);
    expect(result?.columns['principalShare:1']).toBeCloseTo(1, 12);
    const scores = [...(result?.arrays['embeddings.components'] ?? [])];
    [-5, 0, 0, 0, 5, 0].forEach((value, i) => expect(scores[i]).toBeCloseTo(value, 6));
  });

  it('name tokens, and the symbols that an MLP reads', async () => {
    const first = await createEmbeddings(await contextOf({ model: transformer, dataset: tokens }));
    expect(first.panels).toMatchObject([{ items: ['0', '1', '2', '='], components: { length: 2 } }]);
    const model = {
      kind: 'mlp',
      hidden: [7],
      activation: 'relu',
      outputBias: false,
      init: 'torch-default',
      initScale: 1,
    } satisfies MlpSpec;
    const second = await createEmbeddings(await contextOf({ model, dataset: tokens }));
    expect(second.panels).toMatchObject([
      { items: ['x = 0', 'x = 1', 'x = 2', 'y = 0', 'y = 1', 'y = 2'], components: { length: 6 } },
    ]);
  });
});

describe('attention patterns', () => {
  it('of queries that are zero are even over the positions in sight, in every layer and head', async () => {
    const context = await contextOf({ model: transformer, dataset: tokens });
    const zero = new Float64Array(parameterCount(context.network));
    const [result] = await measured(createAttention, context, zero);
    for (const name of ['attention-0-0.z', 'attention-0-1.z', 'attention-1-0.z', 'attention-1-1.z']) {
      const z = [...(result?.arrays[name] ?? [])];
      [1, 0, 0, 1 / 2, 1 / 2, 0, 1 / 3, 1 / 3, 1 / 3].forEach((value, i) =>
        expect(z[i]).toBeCloseTo(value, 12),
      );
    }
    expect(result?.columns['attentionEntropy:0']).toBeCloseTo(Math.log(3), 12);
    expect(result?.columns['attentionEntropy:1']).toBeCloseTo(Math.log(3), 12);
  });

  it('are not mistaken for the routing of a mixture of experts', async () => {
    const model = { ...transformer, kind: 'moe-transformer', experts: 3, expertsPerToken: 1 } as const;
    const context = await contextOf({ model, dataset: tokens });
    const zero = new Float64Array(parameterCount(context.network));
    const [result] = await measured(createAttention, context, zero);
    expect(Object.keys(result?.columns ?? {})).toEqual(['attentionEntropy:0', 'attentionEntropy:1']);
    expect(result?.arrays['attention-1-1.z']).toHaveLength(9);
  });

  it('equal softmax(qk/√d) by hand, head by head', async () => {
    const context = await contextOf({ model: { ...transformer, layers: 1 }, dataset: tokens });
    const { parameters } = context.network;
    const values: Record<string, number[]> = {};
    const flat: number[] = [];
    parameters.forEach(({ name, shape }, k) => {
      const size = shape.reduce((a, b) => a * b, 1);
      values[name] = Array.from({ length: size }, (_, i) => Math.sin(3 * i + k));
      flat.push(...(values[name] as number[]));
    });
    const of = (name: string): number[] => values[name] as number[];
    const [result] = await measured(createAttention, context, flat);
    const expected = [0, 0].map(() => new Float64Array(9));
    for (const row of [0, 1]) {
      const x = [0, 1, 2].map((position) =>
        [0, 1].map((d) => {
          const token = tokens.train.tokens[3 * row + position] as number;
          return (of('W_E')[2 * token + d] as number) + (of('W_pos')[2 * position + d] as number);
        }),
      );
      // Two heads of dHead 1: W_Q.0 is [head, 1, d].
      for (const head of [0, 1]) {
        const project = (name: string, position: number): number =>
          [0, 1].reduce(
            (sum, d) => sum + (of(name)[2 * head + d] as number) * (x[position]?.[d] as number),
            0,
          );
        for (const q of [0, 1, 2]) {
          const scores = [0, 1, 2]
            .slice(0, q + 1)
            .map((k) => Math.exp(project('W_Q.0', q) * project('W_K.0', k)));
          const total = scores.reduce((a, b) => a + b);
          scores.forEach((score, k) => {
            const at = 3 * q + k;
            (expected[head] as Float64Array)[at] =
              ((expected[head] as Float64Array)[at] as number) + score / total / 2;
          });
        }
      }
    }
    for (const head of [0, 1])
      result?.arrays[`attention-0-${head}.z`]?.forEach((value, i) =>
        expect(value).toBeCloseTo(expected[head]?.[i] as number, 10),
      );
    expect(result?.arrays['attention-0-1.z']).toHaveLength(9);
  });
});

describe('weights and logits', () => {
  const model = {
    kind: 'mlp',
    hidden: [50],
    activation: 'relu',
    outputBias: true,
    init: 'torch-default',
    initScale: 1,
  } satisfies MlpSpec;
  const split = (labels: number[]) => ({
    n: labels.length,
    inputs: Float64Array.from(labels, (_, i) => i + 1),
    labels: Int32Array.from(labels),
  });
  const dataset: VectorDataset = {
    kind: 'vectors',
    dimensions: 1,
    classes: 2,
    train: split([0, 1]),
    test: split([1, 0, 1]),
  };

  it('are drawn by evenly spaced rows and columns, and logits in the order of classes', async () => {
    const context = await contextOf({ model, dataset });
    const measure = await createWeights(context);
    // W.0 = 0 … 49; b.0 = 0; only neuron 0 … 49 into class 0 by 1/50 and class 1 by 0; bias (0, 7).
    const parameters = [
      ...Array.from({ length: 50 }, (_, i) => i),
      ...new Float64Array(50),
      ...Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 1 / 50 : 0)),
      0,
      7,
    ];
    const [result] = await measured(createWeights, context, parameters);
    expect(measure.panels.map(({ name }) => name)).toEqual(['weights-W-0', 'weights-W-1', 'weights-logits']);
    const [first, second, logits] = measure.panels;
    expect(first).toMatchObject({
      rows: 1,
      columns: 40,
      description: '1 of 1 rows and 40 of 50 columns, evenly spaced.',
    });
    expect(second).toMatchObject({ rows: 40, columns: 2 });
    expect(logits).toMatchObject({ rows: 3, columns: 2, description: 'All 3 rows and 2 columns.' });
    const parts = (i: number) => [...(partsOf(measure.panels[i] as never, result?.arrays ?? {})['z'] ?? [])];
    expect(parts(0)).toEqual(evenly(50));
    // Mean of 0 … 49 is 24.5: logits of x are (24.5 x, 7). Test examples x = 1, 2, 3 of classes 1, 0, 1.
    [49, 7, 24.5, 7, 73.5, 7].forEach((value, i) => expect(parts(2)[i]).toBeCloseTo(value, 10));
    await measure.dispose();
  });

  it('keep the first and the last of what is left out of', () => {
    expect(evenly(3)).toEqual([0, 1, 2]);
    expect(evenly(1)).toEqual([0]);
    const shown = evenly(1000);
    expect([shown[0], shown.at(-1), new Set(shown).size]).toEqual([0, 999, 40]);
  });
});
