/** The empirical NTK against closed forms and finite differences. */
import { describe, expect, it } from 'vitest';
import type { MlpSpec, PolynomialNetworkSpec } from '../../../shared/model-spec.ts';
import type { Dataset, RegressionDataset, VectorDataset } from '../../../main/datasets/dataset.ts';
import { evaluate } from '../../../main/engine/evaluate.ts';
import { alignment, centredKernel, createNeuralKernel } from '../../../main/measures/neural-kernel.ts';
import { initialParameters } from '../../../main/training/neural-parts.ts';
import { examplesOf, networkFor } from '../../../main/training/neural-task.ts';
import { logitsGraph, parameterCount } from '../../../main/training/training-graph.ts';
import { contextOf, measured } from './support.ts';

const wave = (length: number, phase: number): Float64Array =>
  Float64Array.from({ length }, (_, i) => Math.sin(2.1 * i + phase) + 0.2 * Math.cos(i * i));

/** Σ_c ∇f_c(x_i)·∇f_c(x_j) by central differences of every parameter. */
function kernelByDifferences(model: MlpSpec, dataset: Dataset, parameters: Float64Array): Float64Array {
  const network = networkFor(model, dataset);
  const { n } = dataset.train;
  const { inputs } = examplesOf(dataset, 'train', 'float64');
  const graph = logitsGraph(network, inputs, 'float64');
  const logitsAt = (at: Float64Array): Float64Array =>
    evaluate([graph['logits'] as never], { parameters: at })[0] as Float64Array;
  const h = 1e-5;
  const kernel = new Float64Array(n * n);
  parameters.forEach((_, k) => {
    const moved = (by: number): Float64Array =>
      logitsAt(parameters.map((value, i) => (i === k ? value + by : value)));
    const [up, down] = [moved(h), moved(-h)];
    const slope = up.map((value, i) => (value - (down[i] as number)) / (2 * h));
    const outputs = slope.length / n;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++)
        for (let c = 0; c < outputs; c++)
          kernel[i * n + j] =
            (kernel[i * n + j] as number) +
            (slope[i * outputs + c] as number) * (slope[j * outputs + c] as number);
  });
  return kernel;
}

describe('the empirical NTK', () => {
  it('of a model that is linear in its weights is x·x′: it never moves, and its alignment is known', async () => {
    const model = {
      kind: 'polynomial-network',
      hidden: 3,
      outputScale: 2,
      quadratic: 0,
    } satisfies PolynomialNetworkSpec;
    const train = { n: 6, inputs: wave(12, 0), targets: wave(6, 1) };
    const dataset: RegressionDataset = { kind: 'regression', dimensions: 2, train, test: train };
    const [result] = await measured(createNeuralKernel, await contextOf({ model, dataset }), wave(6, 5));
    const gram = (values: Float64Array, width: number): Float64Array =>
      Float64Array.from({ length: 36 }, (_, at) => {
        const [i, j] = [Math.floor(at / 6), at % 6];
        let sum = 0;
        for (let k = 0; k < width; k++)
          sum += (values[i * width + k] as number) * (values[j * width + k] as number);
        return sum;
      });
    const expected = alignment(
      centredKernel(gram(train.inputs, 2), 6),
      centredKernel(gram(train.targets, 1), 6),
    );
    expect(result?.columns['kernelDistance']).toBeCloseTo(0, 12);
    expect(result?.columns['kernelTargetAlignment']).toBeCloseTo(expected, 12);
  });

  const model = {
    kind: 'mlp',
    hidden: [5],
    activation: 'tanh',
    outputBias: true,
    init: 'torch-default',
    initScale: 1,
  } satisfies MlpSpec;
  const split = (classes: number) => ({
    n: 8,
    inputs: wave(16, 2),
    labels: Int32Array.from({ length: 8 }, (_, i) => (i * i) % classes),
  });
  const vectors = (classes: number): VectorDataset => ({
    kind: 'vectors',
    dimensions: 2,
    classes,
    train: split(classes),
    test: split(classes),
  });

  it('equals finite differences, for all outputs together and from initialization on', async () => {
    const dataset = vectors(3);
    const context = await contextOf({ model, dataset, seed: 4 });
    const initial = Float64Array.from(initialParameters(context.network, 'float64', 4));
    const later = initial.map((value, i) => value + 0.8 * Math.sin(i));
    const [start, end] = await measured(createNeuralKernel, context, initial, later);
    expect(start?.columns['kernelDistance']).toBeCloseTo(0, 12);
    const [before, after] = [initial, later].map((at) => kernelByDifferences(model, dataset, at));
    if (before === undefined || after === undefined) throw new Error('unreachable');
    const distance = 1 - alignment(before, after);
    expect(distance).toBeGreaterThan(0.01);
    expect(end?.columns['kernelDistance']).toBeCloseTo(distance, 7);
    const { labels } = dataset.train;
    const same = Float64Array.from({ length: 64 }, (_, at) =>
      Number(labels[Math.floor(at / 8)] === labels[at % 8]),
    );
    expect(end?.columns['kernelTargetAlignment']).toBeCloseTo(
      alignment(centredKernel(after, 8), centredKernel(same, 8)),
      7,
    );
  });

  it('of many outputs is estimated from four combinations: near the exact one on average', async () => {
    const dataset = vectors(12);
    const network = networkFor(model, dataset);
    const size = parameterCount(network);
    const later = Float64Array.from({ length: size }, (_, i) => Math.sin(1.1 * i));
    const after = kernelByDifferences(model, dataset, later);
    let sum = 0;
    const seeds = [0, 1, 2, 3, 4, 5, 6, 7];
    let exact = 0;
    for (const seed of seeds) {
      const context = await contextOf({ model, dataset, seed });
      const initial = Float64Array.from(initialParameters(network, 'float64', seed));
      const [result] = await measured(createNeuralKernel, context, later);
      sum += result?.columns['kernelDistance'] as number;
      exact += 1 - alignment(kernelByDifferences(model, dataset, initial), after);
    }
    expect(Math.abs(sum - exact) / exact).toBeLessThan(0.2);
  });
});

describe('the centred alignment', () => {
  it('does not see a constant added to the kernel, nor its scale', () => {
    const kernel = Float64Array.of(2, 0, 1, 0, 3, -1, 1, -1, 4);
    const shifted = kernel.map((value) => 5 * value + 7);
    expect(alignment(centredKernel(kernel, 3), centredKernel(shifted, 3))).toBeCloseTo(1, 12);
    expect(alignment(Float64Array.of(0), Float64Array.of(1))).toBeNaN();
  });
});
