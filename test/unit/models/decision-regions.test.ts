/** Decision regions of models whose answers over the plane are known in closed form. */
import { describe, expect, it } from 'vitest';
import type { VectorDataset } from '../../../main/datasets/dataset.ts';
import { createDecisionRegions } from '../../../main/measures/decision-regions.ts';
import { DecisionRegions, largestOf } from '../../../main/models/decision-regions.ts';
import { ClassifierDrawing } from '../../../main/models/gp-panels.ts';
import { RandomForestLearner } from '../../../main/models/random-forest.ts';
import { measureMisfit } from '../../../shared/measure-spec.ts';
import type { MlpSpec } from '../../../shared/model-spec.ts';
import { contextOf, measured } from '../measures/support.ts';

const split = {
  n: 4,
  inputs: Float64Array.of(-1, -1, -1, 1, 1, -1, 1, 1),
  labels: Int32Array.of(0, 0, 1, 1),
};
const data: VectorDataset = { kind: 'vectors', dimensions: 2, classes: 2, train: split, test: split };
const mlp = {
  kind: 'mlp',
  hidden: [2],
  activation: 'relu',
  outputBias: false,
  init: 'torch-default',
  initScale: 1,
} satisfies MlpSpec;

/** Places of the grid, [x, y] each. */
function placesOf({ grid }: DecisionRegions): [number, number][] {
  return Array.from({ length: grid.length / 2 }, (_, i) => [
    grid[2 * i] as number,
    grid[2 * i + 1] as number,
  ]);
}

describe('decision regions', () => {
  const regions = DecisionRegions.of(data) as DecisionRegions;

  it('cover the data and a tenth of their range on either side, row after row', () => {
    const places = placesOf(regions);
    expect(places).toHaveLength(61 * 61);
    expect(places[0]).toEqual([-1.2, -1.2]);
    expect(places[60]?.[0]).toBeCloseTo(1.2, 12);
    expect(places[60]?.[1]).toBe(-1.2);
    expect(places.at(-1)?.map((value) => value.toFixed(9))).toEqual(['1.200000000', '1.200000000']);
    const { 'regions.trainX': x, 'regions.trainClass': labels } = regions.arrays([], true);
    expect([...(x ?? [])]).toEqual([-1, -1, 1, 1]);
    expect([...(labels ?? [])]).toEqual([0, 0, 1, 1]);
    expect(Object.keys(regions.arrays([], false))).toEqual(['regions.z']);
  });

  it('are of two inputs only', () => {
    expect(DecisionRegions.of({ ...data, dimensions: 1 })).toBeNull();
    const parity = { kind: 'hidden-parity', parityBits: 2, decoys: 0, trainSize: 4, testSize: 4 } as never;
    expect(measureMisfit('decision-regions', mlp, parity)).toBeNull();
    const three = { kind: 'hidden-parity', parityBits: 2, decoys: 1, trainSize: 4, testSize: 4 } as never;
    expect(measureMisfit('decision-regions', mlp, three)).toContain('two inputs');
  });

  it('name the largest score, of equal ones the first', () => {
    expect([...largestOf([1, 2, 3, 3, 0, 0], 2)]).toEqual([1, 0, 0]);
  });

  it('of a network are where one logit exceeds the other', async () => {
    const context = await contextOf({ model: mlp, dataset: data });
    // Hidden relu(x) and relu(−x); logit 0 = relu(−x), logit 1 = relu(x): class 1 where x > 0.
    const names = context.network.parameters.map(({ name, shape }) => [name, shape] as const);
    const values = names.flatMap(([, shape], i) => {
      if (i === 0) return [1, -1, 0, 0];
      const isOutput = i === names.length - 1;
      return isOutput ? [0, 1, 1, 0] : new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(0);
    });
    const [result] = await measured(createDecisionRegions, context, values);
    const z = result?.arrays['regions.z'] ?? new Float64Array();
    placesOf(regions).forEach(([x], i) => expect(z[i]).toBe(x > 1e-12 ? 1 : 0));
  });

  it('of a Gaussian process are where the latent mean is positive', async () => {
    const drawing = new ClassifierDrawing(
      { dimensions: 2, inputs: split.inputs, labels: split.labels },
      split,
    );
    expect(drawing.panels.map(({ name }) => name)).toEqual(['regions', 'relevance']);
    const arrays = await drawing.arrays(true, Float64Array.of(1, 2), async (inputs) => ({
      mean: Float64Array.from({ length: inputs.length / 2 }, (_, i) => (inputs[2 * i + 1] as number) - 0.5),
      variance: new Float64Array(inputs.length / 2).fill(1),
    }));
    placesOf(regions).forEach(([, y], i) => expect(arrays['regions.z']?.[i]).toBe(y > 0.5 ? 1 : 0));
    expect([...(arrays['relevance.values'] ?? [])]).toEqual([1, 0.5]);
  });

  it('of a tree are boxes, the same after a resume', async () => {
    const spec = {
      kind: 'random-forest',
      maxLeaves: 'unbounded',
      featuresPerSplit: 'all',
      bootstrap: false,
    } as const;
    const learner = new RandomForestLearner(spec, data, 0);
    expect(learner.panels).toHaveLength(1);
    await learner.advance(5, Infinity);
    const { 'regions.z': z } = (await learner.snapshot?.(false)) ?? {};
    placesOf(regions).forEach(([x], i) => expect(z?.[i]).toBe(x > 0 ? 1 : 0));
    const resumed = new RandomForestLearner(spec, data, 0);
    resumed.restore(learner.save());
    expect(await resumed.snapshot?.(false)).toEqual({ 'regions.z': z });
    const line = { ...data, dimensions: 1, train: { ...split, n: 8, labels: new Int32Array(8) } };
    expect(new RandomForestLearner(spec, line, 0).snapshot).toBeUndefined();
  });
});
