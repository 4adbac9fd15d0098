import { expect, test } from 'vitest';
import type { VectorDataset } from '../../../main/datasets/dataset.ts';
import { describeDataset } from '../../../main/datasets/describe.ts';
import { loadDigits } from '../../../main/datasets/digits.ts';
import { buildDataset } from '../../../main/datasets/index.ts';
import { kMeans } from '../../../main/datasets/k-means.ts';
import { InputError } from '../../../shared/errors.ts';
import { Random } from '../../../shared/random.ts';
import { everyKind } from './specs.ts';

test('10,000 digits: the class counts of the first 10,000 training images of MNIST, no image twice', () => {
  const { pixels, labels } = loadDigits();
  expect([pixels.length, labels.length]).toEqual([7_840_000, 10_000]);
  const counts = new Array<number>(10).fill(0);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  // As published for the first 10,000 labels of train-labels-idx1-ubyte; MNIST's test set has 980, 1135, 1032, …
  expect(counts).toEqual([1001, 1127, 991, 1032, 980, 863, 1014, 1070, 944, 978]);
  const images = new Set<string>();
  for (let i = 0; i < 10_000; i++) {
    images.add(Buffer.from(pixels.buffer, pixels.byteOffset + i * 784, 784).toString('latin1'));
  }
  expect(images.size).toBe(10_000);
  expect(new Set(pixels).size).toBe(256);
});

test('the picture shows ten images of 28 × 28 with grey values from 0 to 1', () => {
  const { picture, dimensions, classes, note } = describeDataset(everyKind.mnist, 0);
  expect(note).toContain("10,000 images of MNIST's training set");
  expect([dimensions, classes, picture?.rows, picture?.columns]).toEqual([784, 10, 56, 140]);
  const values = picture?.values as number[];
  expect([Math.min(...values), Math.max(...values)]).toEqual([0, 1]);
});

test('a digit without training example is refused, naming seed and class', () => {
  const messages = Array.from({ length: 12 }, (_, seed) => {
    try {
      buildDataset({ kind: 'mnist', trainSize: 10, testSize: 10 }, seed);
      return '';
    } catch (error) {
      if (error instanceof InputError) return error.faults[0]?.expected ?? '';
      throw error;
    }
  });
  expect(messages.filter((message) => message !== '').length).toBeGreaterThan(6);
  expect(messages.find((message) => message !== '')).toMatch(
    /^more training examples: with seed \d+ the class(es)? [\d, ]+ would have no training example$/,
  );
});

test('clusters of digits: equation 1 within each digit, rare ones are the smallest and stay in the test', () => {
  const spec = {
    ...everyKind['mnist-subclasses'],
    clusters: 3,
    fraction: 0.1,
    totalPerDigit: 84,
    testSize: 2000,
  };
  const [train, tested] = describeDataset(spec, 1).splits;
  // 84 / (0.1 + 2) = 40 of each kept cluster, 4 of each rare one.
  expect(train?.subclassCounts).toEqual(Array.from({ length: 30 }, (_, s) => (s % 3 === 2 ? 4 : 40)));
  expect(train?.classCounts).toEqual(new Array(10).fill(84));
  const perDigit = Array.from(
    { length: 10 },
    (_, d) => tested?.subclassCounts?.slice(3 * d, 3 * d + 3) ?? [],
  );
  for (const counts of perDigit) expect(Math.min(...counts)).toBeGreaterThan(20);
  const data = buildDataset(spec, 1) as VectorDataset;
  data.train.subclasses?.forEach((subclass, i) =>
    expect(Math.floor(subclass / 3)).toBe(data.train.labels[i]),
  );
});

test('a cluster with too few images is refused, naming it', () => {
  const spec = { ...everyKind['mnist-subclasses'], clusters: 10, totalPerDigit: 1000, testSize: 5000 };
  expect(() => buildDataset(spec, 0)).toThrow(
    /dataset\.totalPerDigit: got 1000; expected fewer, .*cluster \d+ of the digit \d has \d+ images/,
  );
});

test('k-means finds groups that are far apart, numbered from the largest', () => {
  const random = Random.stream(1, 'data');
  const sizes = [20, 60, 40];
  const truth = sizes.flatMap((size, group) => new Array<number>(size).fill(group));
  const points = Float64Array.from(
    truth.flatMap((group) => [10 * group + random.normal(), -7 * group + random.normal()]),
  );
  const found = kMeans(points, 2, 3, Random.stream(2, 'data'));
  expect([...found]).toEqual(truth.map((group) => [2, 0, 1][group]));
});
