import { describe, expect, it } from 'vitest';
import { chooseEngine } from '../../../main/engine/devices.ts';
import { featureRank } from '../../../main/measures/feature-rank.ts';
import { createMeasures } from '../../../main/measures/index.ts';
import type { MlpSpec } from '../../../shared/model-spec.ts';
import { mlp } from '../../../main/models/mlp.ts';
import { adam, atStart } from './support.ts';
import { measureMisfit, measureMisfits, measureSpec } from '../../../shared/measure-spec.ts';

describe('the feature rank', () => {
  /** n points on `rank` fixed directions of a space of `width` dimensions. */
  const points = (n: number, width: number, rank: number): Float64Array =>
    Float64Array.from({ length: n * width }, (_, at) => {
      const [row, column] = [Math.floor(at / width), at % width];
      let sum = 3;
      for (let r = 0; r < rank; r++) sum += Math.sin(1 + row * (r + 2.3)) * Math.cos(2 + column * (r + 1.7));
      return sum;
    });

  it.each([1, 3, 7])('of points on %i directions is that many', (rank) => {
    expect(featureRank(points(40, 12, rank), 12, 2 ** -52)).toBe(rank);
  });

  it('does not count a constant layer, and is bounded by the examples', () => {
    expect(featureRank(new Float64Array(60).fill(2), 6, 2 ** -52)).toBe(0);
    expect(featureRank(points(4, 12, 9), 12, 2 ** -52)).toBe(3);
  });
});

describe('measures of an MLP', () => {
  it('are its norms and ranks side by side', async () => {
    const model = {
      kind: 'mlp',
      hidden: [2],
      activation: 'tanh',
      outputBias: true,
      init: 'torch-default',
      initScale: 1,
    } satisfies MlpSpec;
    const network = mlp(model, { kind: 'vectors', dimensions: 1 }, 2);
    const split = { n: 4, inputs: Float64Array.of(-1, -0.5, 0.5, 2), labels: Int32Array.of(0, 0, 1, 1) };
    const engine = await chooseEngine({ device: null, precision: 'float32', threads: 1 });
    const measure = await createMeasures(['weight-norms', 'feature-rank'], {
      engine,
      threads: 1,
      dtype: 'float32',
      network,
      dataset: { kind: 'vectors', dimensions: 1, classes: 2, train: split, test: split },
      arm: { model, dataset: { kind: 'zero-one', points: 8, trainSize: 4, testSize: 4 }, trainer: adam },
      seed: 0,
    });
    // W.0 = (3, 4), b.0 = (0, 0), W.1 = ((1, 2), (2, 4)), b.1 = (0, 1).
    const { columns } = await measure.evaluate(Float32Array.of(3, 4, 0, 0, 1, 2, 2, 4, 0, 1), atStart);
    await measure.dispose();
    expect(measure.columns.map(({ name }) => name)).toEqual([
      'norm:W.0',
      'norm:b.0',
      'norm:W.1',
      'norm:b.1',
      'sumOfSquares',
      'rank:hidden0',
    ]);
    expect(columns).toEqual([5, 0, 5, 1, 51, 2]);
  });
});

describe('a measure', () => {
  it('says what it needs', () => {
    const gp = { kind: 'gp-classifier', kernel: 'rbf', lengthScale: 1, outputScale: 1, jitter: 0 } as const;
    const data = { kind: 'zero-one', points: 10, trainSize: 5, testSize: 5 } as const;
    expect(measureMisfit('weight-norms', gp, data)).toBe('a neural network, not a Bayesian one');
    expect(measureMisfit('feature-rank', gp, data)).toBe(
      'a transformer, an MLP, a polynomial network or an embedding decoder',
    );
    expect(measureMisfits(gp, data)).toHaveProperty('sharpness');
    expect(Object.keys(measureMisfits(gp, data))).toEqual(measureSpec.options);
    expect(measureMisfits({ kind: 'mlp' }, data)).toEqual({});
    const transformer = {
      kind: 'transformer',
      layers: 1,
      dModel: 4,
      heads: 1,
      dMlp: 4,
      activation: 'relu',
    } as const;
    const even = { kind: 'modular-addition', p: 10, trainFraction: 0.5 } as const;
    expect(measureMisfit('progress-measures', transformer, even)).toContain('odd p');
    expect(measureMisfit('progress-measures', transformer, { ...even, p: 11 })).toBeNull();
  });

  it('fits an MLP on parity, on a cyclic task and on regression as far as each goes', () => {
    const model = {
      kind: 'mlp',
      hidden: [4],
      activation: 'tanh',
      outputBias: true,
      init: 'torch-default',
      initScale: 1,
    } as const;
    const fitting = (dataset: unknown): string[] => {
      const needs = measureMisfits(model, dataset);
      return measureSpec.options.filter((kind) => !(kind in needs));
    };
    const everywhere = [
      'weight-norms',
      'feature-rank',
      'gradient-norm',
      'update-size',
      'sharpness',
      'spectral-energy',
    ];
    const sine = fitting({ kind: 'sine-regression', noise: 0, trainSize: 5, testSize: 5 });
    expect(sine).toEqual([...everywhere, 'effective-dimension', 'ntk', 'weights']);
    const sum = fitting({ kind: 'modular-addition', p: 5, trainFraction: 0.5 });
    expect(sum).toEqual([
      ...everywhere,
      'fourier-spectrum',
      'linear-probes',
      'effective-dimension',
      'active-subnetwork',
      'ntk',
      'embeddings',
      'weights',
    ]);
  });
});
