import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Dataset, RegressionDataset, VectorDataset } from '../../../main/datasets/dataset.ts';
import { RandomForestLearner } from '../../../main/models/random-forest.ts';
import type { RandomForestSpec } from '../../../shared/model-spec.ts';
import { Random } from '../../../shared/random.ts';
// From scikit-learn's RandomForestClassifier: golden/random_forest.py.
import golden from './golden/random_forest.json';

const spec: RandomForestSpec = {
  kind: 'random-forest',
  maxLeaves: 'unbounded',
  featuresPerSplit: 'sqrt',
  bootstrap: false,
};

async function rowOf(learner: RandomForestLearner): Promise<Record<string, number>> {
  const values = await learner.evaluate();
  expect(values).toHaveLength(learner.columns.length);
  return Object.fromEntries(learner.columns.map(({ name }, i) => [name, values[i] as number]));
}

async function rowAt(effort: number, ...parts: [RandomForestSpec, Dataset, number]) {
  const learner = new RandomForestLearner(...parts);
  if (effort > 0) await learner.advance(effort, Infinity);
  expect(learner.effort).toBe(effort);
  return rowOf(learner);
}

function split(x: readonly number[], labels: readonly number[]): VectorDataset['train'] {
  return { n: labels.length, inputs: Float64Array.from(x), labels: Int32Array.from(labels) };
}

/** Three blurred classes of normal inputs: the sign of x₀ + x₁ and of x₂, and every fifth training label at random. */
function noisy(trainSize: number, testSize: number): VectorDataset {
  const random = Random.stream(7, 'data');
  const draw = (n: number, wrong: number): VectorDataset['train'] => {
    const inputs = Float64Array.from({ length: n * 6 }, () => random.normal());
    const labels = Array.from({ length: n }, (_, i) => {
      const [a, b, c] = inputs.subarray(i * 6) as unknown as [number, number, number];
      const label = a + b > 0 ? 0 : c > 0 ? 1 : 2;
      return random.uniform() < wrong ? random.integer(3) : label;
    });
    return split([...inputs], labels);
  };
  return {
    kind: 'vectors',
    dimensions: 6,
    classes: 3,
    train: draw(trainSize, 0.2),
    test: draw(testSize, 0),
  };
}

describe('a forest by hand', () => {
  test('is the mean of its stumps, of which each has the feature that was drawn', async () => {
    const corners = split([0, 0, 1, 0, 0, 1, 1, 1], [0, 0, 0, 1]);
    const data: VectorDataset = { kind: 'vectors', dimensions: 2, classes: 2, train: corners, test: corners };
    // A stump leaves the corners with 0 in its feature at class 0, and halves the others between the classes.
    const random = Random.stream(11, 'forest');
    const draws = Array.from({ length: 20 }, () => random.integer(2));
    const first = draws.filter((feature) => feature === 0).length / 20;
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(1);
    const wrong = [0, first / 2, (1 - first) / 2, 1 / 2];
    const row = await rowAt(40, { ...spec, maxLeaves: 2, featuresPerSplit: 1 }, data, 11);
    expect(row['trainLoss']).toBeCloseTo(wrong.reduce((sum, one) => sum + one ** 2, 0) / 4, 14);
    expect(row['testLoss']).toBe(row['trainLoss']);
    expect(row['trees']).toBe(20);
    expect(row['leavesPerTree']).toBe(2);
  });

  test('is the mean of its bootstrap samples where nothing can be split', async () => {
    const targets = [3, 1, 4, 1, 5];
    const same = { n: 5, inputs: new Float64Array(5), targets: Float64Array.from(targets) };
    const data: RegressionDataset = {
      kind: 'regression',
      dimensions: 1,
      train: same,
      test: { n: 1, inputs: new Float64Array(1), targets: new Float64Array(1) },
    };
    const random = Random.stream(2, 'forest');
    const means = Array.from({ length: 7 }, () => {
      const sample = targets.map(() => targets[random.integer(5)] as number);
      if (new Set(sample).size > 1) random.integer(1); // The one feature is drawn, and cannot be split.
      return sample.reduce((sum, one) => sum + one, 0) / 5;
    });
    expect(new Set(means).size).toBeGreaterThan(3);
    const mean = means.reduce((sum, one) => sum + one, 0) / 7;
    const row = await rowAt(7, { ...spec, bootstrap: true }, data, 2);
    expect(row['testLoss']).toBeCloseTo(mean ** 2, 12);
    expect(row['trees']).toBe(7);
  });
});

const named = golden.cases.map((one) => {
  const bootstrap = one.bootstrap ? 'bootstrap' : 'no bootstrap';
  return [
    `${bootstrap}, ${one.featuresPerSplit} features, leaves ${one.maxLeaves ?? 'unbounded'}`,
    one,
  ] as const;
});

describe.each(named)('scikit-learn’s forests: %s', (_name, one) => {
  const FORESTS = 100;
  const { dimensions, trees, forests } = golden;
  const data: VectorDataset = {
    kind: 'vectors',
    dimensions,
    classes: 2,
    train: split(golden.x, golden.y),
    test: split(golden.xt, golden.yt),
  };
  const model: RandomForestSpec = {
    kind: 'random-forest',
    maxLeaves: one.maxLeaves ?? 'unbounded',
    featuresPerSplit: one.featuresPerSplit as RandomForestSpec['featuresPerSplit'],
    bootstrap: one.bootstrap,
  };

  test('have the same mean loss and size', async () => {
    const rows: Record<string, number>[] = [];
    for (let seed = 0; seed < FORESTS; seed++) {
      const learner = new RandomForestLearner(model, data, seed);
      do await learner.advance(learner.effort + 1, Infinity);
      while ((learner.save().json as { trees: number }).trees < trees);
      rows.push(await rowOf(learner));
    }
    for (const name of ['testLoss', 'leavesPerTree'] as const) {
      const mean = rows.reduce((sum, row) => sum + (row[name] as number), 0) / FORESTS;
      const { mean: expected, deviation } = one[name];
      // Four standard errors of the difference; none where the number of leaves is not a matter of chance.
      const tolerance = 4 * deviation * Math.sqrt(1 / FORESTS + 1 / forests) + 1e-12;
      expect(Math.abs(mean - expected), name).toBeLessThan(tolerance);
    }
  });
});

describe('an effort', () => {
  const data = noisy(60, 40);
  const five: RandomForestSpec = { ...spec, maxLeaves: 5 };

  test('is a leaf: the mean, the first tree leaf by leaf, then whole trees', async () => {
    const { trainLoss, trainAccuracy } = await rowAt(1, five, data, 0);
    const before = { trees: 0, leavesPerTree: 0, trainLoss, trainAccuracy };
    expect(await rowAt(0, five, data, 0)).toMatchObject(before);
    for (const effort of [1, 2, 3, 4, 5, 6, 9, 10, 14, 15]) {
      const row = await rowAt(effort, five, data, 0);
      expect([row['trees'], row['leavesPerTree']], `effort ${effort}`).toEqual([
        effort < 5 ? 1 : Math.floor(effort / 5),
        Math.min(effort, 5),
      ]);
    }
  });

  test('of the first tree gives the tree of so many leaves', async () => {
    for (const leaves of [2, 3, 5, 8]) {
      expect(await rowAt(leaves, spec, data, 3)).toEqual(
        await rowAt(leaves, { ...spec, maxLeaves: leaves }, data, 3),
      );
    }
  });

  test('in the midst of a further tree changes nothing yet', async () => {
    expect(await rowAt(14, five, data, 0)).toEqual(await rowAt(10, five, data, 0));
    expect(await rowAt(15, five, data, 0)).not.toEqual(await rowAt(10, five, data, 0));
  });

  test('is one at least, and no more once the time is up', async () => {
    const learner = new RandomForestLearner(spec, data, 0);
    await learner.advance(1000, 0);
    expect(learner.effort).toBe(1);
    await learner.advance(1000, 0);
    expect(learner.effort).toBe(2);
    await learner.advance(1000, Infinity);
    expect(learner.effort).toBe(1000);
  });
});

describe('a forest', () => {
  test('shows double descent: worse up to the leaves that fit the data, then better with every tree', async () => {
    const data = noisy(300, 500);
    const learner = new RandomForestLearner(spec, data, 1);
    const losses: number[] = [];
    let fitted: Record<string, number>;
    do {
      await learner.advance(learner.effort + 1, Infinity);
      fitted = await rowOf(learner);
      losses.push(fitted['testLoss'] as number);
    } while (fitted['trainLoss'] !== 0);
    expect(fitted['trees']).toBe(1);
    const [few, threshold] = [Math.min(...losses), losses.at(-1) as number];
    expect(threshold).toBeGreaterThan(1.5 * few);
    await learner.advance(40 * learner.effort, Infinity);
    const many = await rowOf(learner);
    expect(many['trainAccuracy']).toBe(1);
    expect(many['trainLoss']).toBe(0);
    expect(many['testLoss']).toBeLessThan(0.8 * few);
    expect(many['testAccuracy']).toBeGreaterThan((fitted['testAccuracy'] as number) + 0.05);
  });

  test('has fractions that add up to 1, and no larger a loss than its trees have on average', async () => {
    const data = noisy(80, 50);
    const { labels } = data.test;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 1000 }),
        fc.boolean(),
        fc.integer({ min: 2, max: 30 }),
        async (seed, bootstrap, maxLeaves) => {
          const learner = new RandomForestLearner({ ...spec, bootstrap, maxLeaves }, data, seed);
          let before = new Float64Array(150);
          const losses: number[] = [];
          while (losses.length < 6) {
            await learner.advance(learner.effort + 1, Infinity);
            if (learner.effort !== wholeLeaves(learner)) continue;
            const sums = learner.save().arrays['testSums'] as Float64Array<ArrayBuffer>;
            const squares = sums.map(
              (sum, i) => (sum - (before[i] as number) - (labels[Math.floor(i / 3)] === i % 3 ? 1 : 0)) ** 2,
            );
            losses.push(squares.reduce((sum, one) => sum + one, 0) / 150);
            before = sums;
          }
          for (let i = 0; i < 50; i++) {
            expect(before.subarray(i * 3, i * 3 + 3).reduce((sum, one) => sum + one, 0)).toBeCloseTo(6, 10);
          }
          const mean = losses.reduce((sum, one) => sum + one, 0) / losses.length;
          expect((await rowOf(learner))['testLoss']).toBeLessThanOrEqual(mean + 1e-12);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('with all features and no bootstrap has trees that are alike where nothing ties', async () => {
    const data = noisy(60, 40);
    const alone = { ...spec, featuresPerSplit: 'all', maxLeaves: 4 } as const;
    expect((await rowAt(40, alone, data, 0))['testLoss']).toBeCloseTo(
      (await rowAt(4, alone, data, 5))['testLoss'] as number,
      12,
    );
  });

  test('follows the seed', async () => {
    const data = noisy(60, 40);
    expect(await rowAt(90, spec, data, 1)).toEqual(await rowAt(90, spec, data, 1));
    expect(await rowAt(90, spec, data, 1)).not.toEqual(await rowAt(90, spec, data, 2));
  });

  test('goes on from a checkpoint at any effort as if it had not been interrupted', async () => {
    const data = noisy(50, 30);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 90 }),
        fc.integer({ min: 1, max: 60 }),
        fc.boolean(),
        fc.constantFrom<RandomForestSpec['maxLeaves']>(2, 7, 'unbounded'),
        async (before, after, bootstrap, maxLeaves) => {
          const model = { ...spec, bootstrap, maxLeaves };
          const straight = new RandomForestLearner(model, data, 4);
          if (before > 0) await straight.advance(before, Infinity);
          const saved = straight.save();
          const json: unknown = JSON.parse(JSON.stringify(saved.json));
          const resumed = new RandomForestLearner(model, data, 4);
          await resumed.advance(3, Infinity);
          resumed.restore({ ...saved, json });
          expect(await resumed.evaluate()).toEqual(await straight.evaluate());
          await straight.advance(before + after, Infinity);
          await resumed.advance(before + after, Infinity);
          expect(await resumed.evaluate()).toEqual(await straight.evaluate());
          expect(resumed.save()).toEqual(straight.save());
        },
      ),
      { numRuns: 40 },
    );
  });

  test('does not take a checkpoint of other data', () => {
    const saved = new RandomForestLearner(spec, noisy(50, 30), 0).save();
    expect(() => new RandomForestLearner(spec, noisy(51, 30), 0).restore(saved)).toThrow('"trainSums"');
  });
});

/** The effort at which the growing tree began; the present one between trees. */
function wholeLeaves(learner: RandomForestLearner): number {
  return (learner.save().json as { leaves: number }).leaves;
}
