import { describe, expect, it } from 'vitest';
import golden from './golden/progress-measures.json' with { type: 'json' };
import { fourierBasis, gini, spectrum, sumDirections } from '../../../main/measures/fourier-basis.ts';
import { createProgressMeasures } from '../../../main/measures/progress-measures.ts';
import { chooseEngine } from '../../../main/engine/devices.ts';
import { transformer } from '../../../main/models/transformer.ts';
import { adam, atStart } from './support.ts';
import type { TokenDataset } from '../../../main/datasets/dataset.ts';

const { p } = golden;

function dataset(sum: (a: number, b: number) => number): TokenDataset {
  const rows = golden.train.map((row) => [Math.floor(row / p), row % p] as const);
  const train = {
    n: rows.length,
    tokens: Int32Array.from(rows.flatMap(([a, b]) => [a, b, p])),
    labels: Int32Array.from(rows, ([a, b]) => sum(a, b)),
  };
  return { kind: 'tokens', vocabulary: p + 1, length: 3, classes: p, train, test: train };
}

const arm = {
  model: { kind: 'transformer', layers: 1, dModel: 8, heads: 2, dMlp: 16, activation: 'relu' },
  dataset: { kind: 'modular-addition', p, trainFraction: 0.3 },
  trainer: adam,
} as const;
const network = transformer(arm.model, p + 1, 3);

describe('the progress measures of Nanda et al. 2023', () => {
  it.each(['float32', 'float64'] as const)('equal those of their formulas in NumPy, in %s', async (dtype) => {
    const engine = await chooseEngine({ device: null, precision: dtype, threads: 1 });
    const measure = await createProgressMeasures({
      engine,
      threads: 1,
      dtype,
      network,
      dataset: dataset((a, b) => (a + b) % p),
      arm,
      seed: 0,
    });
    const formula = (i: number): number => 0.6 * Math.sin(1.7 * i + 0.1 * (i % 13));
    const parameters = Float64Array.from({ length: golden.parameters }, (_, i) => formula(i));
    const { columns, arrays } = await measure.evaluate(
      dtype === 'float64' ? parameters : Float32Array.from(parameters),
      atStart,
    );
    await measure.dispose();
    const digits = dtype === 'float64' ? 10 : 4;
    const named = Object.fromEntries(measure.columns.map(({ name }, i) => [name, columns[i]]));
    expect(named['keyFrequencies']).toBe(golden.keys.length);
    for (const name of [
      'restrictedLoss',
      'excludedLoss',
      'trigShare',
      'giniEmbedding',
      'giniNeuronLogit',
    ] as const)
      expect(named[name], name).toBeCloseTo(golden[name], digits);
    expect(arrays['logits.values']).toHaveLength(golden.logitNorms.length);
    arrays['logits.values']?.forEach((value, i) => {
      expect(value).toBeCloseTo(golden.logitNorms[i] as number, digits);
    });
    expect(arrays['embedding.values']).toHaveLength(golden.embeddingNorms.length - 1);
    arrays['embedding.values']?.forEach((value, i) => {
      expect(value).toBeCloseTo(golden.embeddingNorms[i + 1] as number, digits);
    });
  });

  it('are refused for another task', async () => {
    const engine = await chooseEngine({ device: null, precision: 'float32', threads: 1 });
    const product = dataset((a, b) => (a * b) % p);
    await expect(
      createProgressMeasures({
        engine,
        threads: 1,
        dtype: 'float32',
        network,
        dataset: product,
        arm,
        seed: 0,
      }),
    ).rejects.toThrow('addition mod an odd p');
  });
});

describe('the Fourier basis', () => {
  it.each([2, 5, 8, 11])('is orthonormal for p = %i', (size) => {
    const basis = fourierBasis(size);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        let product = 0;
        for (let x = 0; x < size; x++)
          product += (basis[i * size + x] as number) * (basis[j * size + x] as number);
        expect(product).toBeCloseTo(i === j ? 1 : 0, 12);
      }
    }
  });

  it('keeps the norm of a matrix, and sees one frequency where there is one', () => {
    const matrix = Float64Array.from({ length: 14 }, (_, i) => Math.sin(3 * i * i));
    const norm = (values: Float64Array): number => values.reduce((sum, value) => sum + value ** 2, 0);
    expect(norm(spectrum(matrix, 7, 2))).toBeCloseTo(norm(matrix), 12);
    const wave = Float64Array.from({ length: 7 }, (_, x) => Math.cos((2 * Math.PI * 2 * x) / 7 + 0.4));
    const [constant, first, second, third] = spectrum(wave, 7, 1);
    expect([constant, first, third].every((value) => Math.abs(value as number) < 1e-12)).toBe(true);
    expect(second).toBeCloseTo(Math.sqrt(3.5), 12);
  });

  it('has orthonormal directions of x + y', () => {
    const [size, rows] = [49, 6];
    const directions = sumDirections(7);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < rows; j++) {
        let product = 0;
        for (let x = 0; x < size; x++)
          product += (directions[i * size + x] as number) * (directions[j * size + x] as number);
        expect(product).toBeCloseTo(i === j ? 1 : 0, 12);
      }
    }
  });
});

describe('the Gini coefficient', () => {
  it('is 0 for equal values, 1 − 1/n where one has everything, and does not depend on scale or order', () => {
    expect(gini([2, 2, 2])).toBeCloseTo(0, 14);
    expect(gini([0, 0, 0, 5])).toBeCloseTo(0.75, 14);
    expect(gini([3, 1, 2])).toBeCloseTo(gini([20, 30, 10]), 14);
  });
});
