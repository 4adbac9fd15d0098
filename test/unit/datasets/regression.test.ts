import { describe, expect, test } from 'vitest';
import type { RegressionDataset } from '../../../main/datasets/dataset.ts';
import { buildDataset } from '../../../main/datasets/index.ts';
import { singleIndexDirection } from '../../../main/datasets/single-index.ts';
import { datasetSizes } from '../../../shared/dataset-spec.ts';
import { everyKind } from './specs.ts';

function moments(values: Float64Array): { mean: number; variance: number } {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return { mean, variance: values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length };
}

describe('single index (Kumar et al. 2024)', () => {
  const spec = { kind: 'single-index', dimensions: 100, trainSize: 550, testSize: 4000 } as const;
  const data = buildDataset(spec, 7) as RegressionDataset;
  const beta = singleIndexDirection(100, 7);

  test('inputs are N(0, I/D): variance 1/100', () => {
    const { mean, variance } = moments(data.test.inputs);
    // 400,000 draws: a relative standard error of 0.0022 in the variance.
    expect(Math.abs(mean)).toBeLessThan(0.0008);
    expect(variance * 100).toBeCloseTo(1, 1.9);
  });

  test('the mean target is |β|² / 2D, the mean square 3 |β|⁴ / 4D²: moments of a squared Gaussian', () => {
    const squaredNorm = beta.reduce((sum, b) => sum + b * b, 0);
    const { targets } = data.test;
    const mean = targets.reduce((sum, y) => sum + y, 0) / targets.length;
    const square = targets.reduce((sum, y) => sum + y * y, 0) / targets.length;
    // Relative standard errors: √2 / √4000 = 0.022 and √(96/9) / √4000 = 0.052.
    expect(Math.abs(mean / (squaredNorm / 200) - 1)).toBeLessThan(0.09);
    expect(Math.abs(square / ((3 * squaredNorm ** 2) / 40_000) - 1)).toBeLessThan(0.2);
  });

  test('each target is half the squared projection on β', () => {
    for (let i = 0; i < 20; i++) {
      const row = data.train.inputs.subarray(100 * i, 100 * i + 100);
      const projection = [...row].reduceRight((sum, x, j) => sum + x * (beta[j] as number), 0);
      expect(data.train.targets[i]).toBeCloseTo(0.5 * projection * projection, 12);
    }
  });

  test('a larger training set begins with the smaller one; the test stays', () => {
    const few = buildDataset({ ...spec, trainSize: 50 }, 7) as RegressionDataset;
    expect(few.train.inputs).toEqual(data.train.inputs.slice(0, 50 * 100));
    expect(few.test).toEqual(data.test);
  });
});

describe('network teacher-student (Liu, Michaud, Tegmark 2023)', () => {
  const spec = {
    ...everyKind['network-teacher-student'],
    hidden: [100, 100],
    trainSize: 100,
    testSize: 2000,
  };

  test('is a function of the input, bounded by its last layer', () => {
    const data = buildDataset(spec, 2) as RegressionDataset;
    expect([data.dimensions, data.outputs, data.train.targets.length]).toEqual([5, 5, 500]);
    // |tanh| < 1 and |W|, |b| ≤ 1/√100: an output is below (100 + 1) / 10.
    expect(data.test.targets.every((y) => Math.abs(y) < 10.1)).toBe(true);
    const again = buildDataset({ ...spec, trainSize: 60 }, 2) as RegressionDataset;
    expect(again.test.targets).toEqual(data.test.targets);
    expect(moments(data.test.inputs).variance).toBeCloseTo(1, 1);
  });

  test('the outputs of a linear range scale with the cube of the teacher, for three layers and small weights', () => {
    const small = { ...spec, teacherScale: 1e-3 };
    const targets = (scale: number): Float64Array =>
      (buildDataset({ ...small, teacherScale: scale }, 2) as RegressionDataset).test.targets;
    // Without the biases' share, which scales otherwise: differences of two examples.
    const difference = (values: Float64Array): number => (values[5] as number) - (values[0] as number);
    const ratio = difference(targets(2e-3)) / difference(targets(1e-3));
    expect(ratio).toBeCloseTo(8, 3);
  });
});

describe('sine (Miller et al. 2023)', () => {
  test('y = sin(2πx/π) without noise, x uniform on (−1.5, 1.5); noise has the standard deviation asked for', () => {
    const spec = { kind: 'sine-regression', noise: 0, trainSize: 50, testSize: 5000 } as const;
    const clean = buildDataset(spec, 42) as RegressionDataset;
    clean.test.inputs.forEach((x, i) => {
      expect(Math.abs(x)).toBeLessThanOrEqual(1.5);
      expect(clean.test.targets[i]).toBeCloseTo(Math.sin((2 * Math.PI * x) / Math.PI), 12);
    });
    // The variance of U(−1.5, 1.5) is 9/12.
    expect(moments(clean.test.inputs).variance).toBeCloseTo(0.75, 1.5);
    const noisy = buildDataset({ ...spec, noise: 0.1 }, 42) as RegressionDataset;
    expect(noisy.test.inputs).toEqual(clean.test.inputs);
    const noise = noisy.test.targets.map((y, i) => y - (clean.test.targets[i] as number));
    expect(Math.sqrt(moments(noise).variance)).toBeCloseTo(0.1, 2);
  });
});

describe('symbol addition (Liu et al. 2022)', () => {
  const spec = { kind: 'symbol-addition', symbols: 10, targetDimensions: 30, trainSize: 45 } as const;

  test('55 pairs of 10 symbols, 45 and 10; 19 sums with a random vector each', () => {
    expect(datasetSizes(spec)).toEqual({ train: 45, test: 10, available: 55 });
    const data = buildDataset(spec, 0) as RegressionDataset;
    expect([data.dimensions, data.outputs, data.templates?.length]).toEqual([10, 30, 19 * 30]);
    const pairs = new Set<string>();
    for (const { n, inputs, targets, labels } of [data.train, data.test]) {
      for (let row = 0; row < n; row++) {
        const counts = [...inputs.subarray(10 * row, 10 * row + 10)];
        const symbols = counts.flatMap((count, symbol) => new Array<number>(count).fill(symbol));
        expect(symbols).toHaveLength(2);
        pairs.add(symbols.join());
        const sum = (symbols[0] as number) + (symbols[1] as number);
        expect(labels?.[row]).toBe(sum);
        expect(targets.slice(30 * row, 30 * row + 30)).toEqual(
          data.templates?.slice(30 * sum, 30 * sum + 30),
        );
      }
    }
    expect(pairs.size).toBe(55);
  });

  test('target vectors are standard normal', () => {
    const { templates } = buildDataset({ ...spec, targetDimensions: 1000 }, 1) as RegressionDataset;
    const { mean, variance } = moments(templates as Float64Array);
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(variance).toBeCloseTo(1, 1);
  });

  test('more training pairs than there are leave no test, which a study refuses', () => {
    expect(datasetSizes({ ...spec, trainSize: 60 })).toEqual({ train: 60, test: 0, available: 55 });
  });
});
