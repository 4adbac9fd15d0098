import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../main/engine/evaluate.ts';
import { sizeOf } from '../../../main/engine/graph.ts';
import { constant } from '../../../main/engine/trace.ts';
import { weightsOfFlat } from '../../../main/measures/measure.ts';
import { centred } from '../../../main/models/centred.ts';
import type { Network } from '../../../main/models/network.ts';
import { transformer } from '../../../main/models/transformer.ts';
import { DropoutSource, dropoutPlaces } from '../../../main/training/dropout.ts';
import { createNeuralLearnerOn, createNeuralLearnersOn } from '../../../main/training/neural-learner.ts';
import { initialParameters } from '../../../main/training/neural-parts.ts';
import type { NeuralTask } from '../../../main/training/neural-task.ts';
import { fromFlat, lossAndGradient } from '../../../main/training/training-graph.ts';
import type { TransformerSpec } from '../../../shared/model-spec.ts';
import type { TrainerSpec } from '../../../shared/trainer-spec.ts';
import { adamw, curve, engineOn, taskOf } from './support.ts';

const plain: TransformerSpec = {
  kind: 'transformer',
  layers: 1,
  dModel: 8,
  heads: 2,
  dMlp: 6,
  activation: 'gelu',
};
const vocabulary = 5;
const tokens = [0, 1, 4, 1, 3, 4, 2, 2, 4, 3, 0, 4];
const labels = [1, 4, 4, 3];

function taskWith(dropout: number | null): NeuralTask {
  const network = transformer(dropout === null ? plain : { ...plain, dropout }, vocabulary, 3);
  const examples = (from: number, to: number) => ({
    inputs: tokens.slice(3 * from, 3 * to),
    labels: labels.slice(from, to),
  });
  return taskOf(network, examples(0, 3), examples(3, 4), 'int32');
}

const trainers: [string, TrainerSpec][] = [
  ['the full batch', adamw],
  ['batches', { ...adamw, batchSize: 2 }],
];

/** The loss with given masks at given parameters, and its gradient; in float64, by the reference interpreter. */
function lossAt(
  masksOf: (name: string, size: number) => Float64Array,
  more: Partial<TransformerSpec> = {},
  of: (network: Network) => Network = (network) => network,
) {
  const network = of(transformer({ ...plain, dropout: 0.5, ...more }, vocabulary, 3));
  const places = dropoutPlaces();
  const examples = {
    inputs: constant(tokens, [4, 3], 'int32'),
    targets: constant(labels, [4], 'int32'),
    weights: null,
  };
  const graph = fromFlat(
    network,
    lossAndGradient(
      network,
      examples,
      'float64',
      { loss: 'cross-entropy', lossPrecision: 'float64' },
      places.drop,
    ),
    'float64',
  );
  const masks = Object.fromEntries(
    [...places.masks].map(([name, shape]) => [name, masksOf(name, sizeOf(shape))]),
  );
  const at = (parameters: Float64Array): { loss: number; gradient: Float64Array } => {
    const [loss, gradient] = evaluate([graph['loss'], graph['gradient']] as never, { parameters, ...masks });
    return { loss: (loss as Float64Array)[0] as number, gradient: gradient as Float64Array };
  };
  return {
    at,
    names: [...places.masks.keys()],
    start: initialParameters(network, 'float64', 1) as Float64Array,
  };
}

describe('the masks', () => {
  const shapes = new Map([
    ['dropout:0', [100, 3, 64]],
    ['dropout:1', [100, 3, 64]],
  ]);
  const drawn = (source: DropoutSource): Record<string, Float32Array> => {
    const masks = Object.fromEntries(
      [...source.sizes].map(([name, size]) => [name, new Float32Array(2 * size)]),
    );
    source.next(masks, 0);
    source.next(masks, 1);
    return masks;
  };

  it('keep 1 − r of the activations and scale them by 1/(1 − r): their mean is 1', () => {
    for (const rate of [0.1, 0.5, 0.75]) {
      for (const mask of Object.values(drawn(new DropoutSource(rate, shapes, 3)))) {
        expect([...new Set(mask)].sort()).toEqual([0, Math.fround(1 / (1 - rate))]);
        const kept = mask.filter((value) => value > 0).length / mask.length;
        // Five standard deviations of a share of 38,400.
        expect(Math.abs(kept - (1 - rate))).toBeLessThan(5 * Math.sqrt((rate * (1 - rate)) / mask.length));
      }
    }
  });

  it('are the seed’s own, differ from place to place and update to update, and go on from a saved state', () => {
    const source = new DropoutSource(0.3, shapes, 3);
    const first = drawn(source);
    const state = source.state();
    const later = drawn(source);
    expect(drawn(new DropoutSource(0.3, shapes, 3))).toEqual(first);
    expect(drawn(new DropoutSource(0.3, shapes, 4))).not.toEqual(first);
    expect(first['dropout:0']).not.toEqual(first['dropout:1']);
    expect(later).not.toEqual(first);
    const resumed = new DropoutSource(0.3, shapes, 9);
    resumed.restore(state);
    expect(drawn(resumed)).toEqual(later);
  });
});

describe('the loss of training', () => {
  it('drops the embeddings and what each of the two blocks gives, or what the MLP gives', () => {
    const ones = (_: string, size: number) => new Float64Array(size).fill(1);
    expect(lossAt(ones).names).toEqual(['dropout:0', 'dropout:1', 'dropout:2']);
    expect(lossAt(ones, { dropoutAt: 'mlp' }).names).toEqual(['dropout:0']);
    const [whole, without] = [1, 0].map((value) => {
      const { at, start } = lossAt((_, size) => new Float64Array(size).fill(value), { dropoutAt: 'mlp' });
      return at(start).loss;
    });
    expect(whole).not.toBeCloseTo(without as number, 3);
    expect(without).not.toBeCloseTo(Math.log(vocabulary), 3);
  });

  it('is log V where everything is dropped: all logits are 0', () => {
    const { at, start } = lossAt((_, size) => new Float64Array(size));
    expect(at(start).loss).toBeCloseTo(Math.log(vocabulary), 14);
  });

  it('of a centred network subtracts the whole of f₀, not a dropped one', () => {
    const network = transformer({ ...plain, dropout: 0.5 }, vocabulary, 3);
    const initial = initialParameters(network, 'float64', 1) as Float64Array;
    const { at, names } = lossAt(
      (_, size) => new Float64Array(size),
      {},
      (one) => centred(one, initial, 'float64'),
    );
    expect(names).toHaveLength(3);
    // With all of f dropped, what is left is −f₀: its cross-entropy, worked out here.
    const inputs = constant(tokens, [4, 3], 'int32');
    const [whole] = evaluate([network.logits(weightsOfFlat(network, 'float64'), inputs)], {
      parameters: initial,
    });
    const losses = labels.map((label, row) => {
      const scores = Array.from(
        { length: vocabulary },
        (_, i) => -((whole as Float64Array)[row * vocabulary + i] ?? NaN),
      );
      return Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0)) - (scores[label] ?? NaN);
    });
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    expect(at(initial).loss).toBeCloseTo(mean, 12);
    expect(mean).not.toBeCloseTo(Math.log(vocabulary), 3);
  });

  it('has the gradient of central differences', () => {
    const { at, start } = lossAt((name, size) =>
      Float64Array.from({ length: size }, (_, i) => ((i * 7 + Number(name.at(-1))) % 5 < 2 ? 0 : 5 / 3)),
    );
    const { gradient } = at(start);
    const h = 1e-5;
    let largest = 0;
    for (let i = 0; i < start.length; i++) {
      const [up, down] = [start.slice(), start.slice()];
      up[i] = (up[i] as number) + h;
      down[i] = (down[i] as number) - h;
      const slope = (at(up).loss - at(down).loss) / (2 * h);
      largest = Math.max(largest, Math.abs(slope - (gradient[i] as number)));
    }
    expect(largest).toBeLessThan(1e-9);
    expect(Math.max(...gradient)).toBeGreaterThan(1e-2);
  });
});

describe.each(trainers)('a run with dropout, on %s', (_name, trainer) => {
  const efforts = [0, 1, 7, 20];
  const rows = async (device: string | null, dropout: number | null, seed = 5): Promise<number[][]> => {
    const engine = await engineOn(device);
    const learner = await createNeuralLearnerOn(engine, taskWith(dropout), trainer, seed);
    const found = await curve(learner, efforts);
    await learner.dispose();
    return found;
  };

  it('starts where the run without starts, is evaluated without, and goes another way', async () => {
    const [dropped, whole] = [await rows(null, 0.2), await rows(null, null)];
    expect(dropped[0]).toEqual(whole[0]);
    expect(dropped[1]).not.toEqual(whole[1]);
    expect(await rows(null, 0)).toEqual(whole);
  });

  it('repeats bit for bit, and on another engine within rounding', async () => {
    const found = await rows(null, 0.2);
    expect(await rows(null, 0.2)).toEqual(found);
    const other = await rows('tfjs-cpu', 0.2);
    found.flat().forEach((value, i) => expect(other.flat()[i]).toBeCloseTo(value, 3));
  });

  it('is resumed as the uninterrupted run', async () => {
    const engine = await engineOn(null);
    const whole = await createNeuralLearnerOn(engine, taskWith(0.2), trainer, 5);
    await curve(whole, [7]);
    const saved = structuredClone(whole.save());
    const expected = await curve(whole, [9, 20]);
    await whole.dispose();
    const resumed = await createNeuralLearnerOn(engine, taskWith(0.2), trainer, 5);
    resumed.restore(saved);
    expect(await curve(resumed, [9, 20])).toEqual(expected);
    const without = await createNeuralLearnerOn(engine, taskWith(null), trainer, 5);
    const checkpoint = without.save();
    expect(() => resumed.restore(checkpoint)).toThrow('The checkpoint lacks the state of the dropout.');
    await resumed.dispose();
    await without.dispose();
  });

  it('has in lanes the curve that it has alone', async () => {
    const engine = await engineOn(null);
    const seeds = [5, 6];
    const lanes = await createNeuralLearnersOn(
      engine,
      seeds.map((seed) => ({ task: taskWith(0.2), trainer, seed })),
    );
    const found = await Promise.all(lanes.map((lane) => curve(lane, efforts)));
    expect(found).toEqual([await rows(null, 0.2, 5), await rows(null, 0.2, 6)]);
    for (const lane of lanes) await lane.dispose();
  });
});
