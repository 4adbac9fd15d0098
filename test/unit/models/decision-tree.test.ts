import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecisionTree, type TreeNode, type TreeSettings } from '../../../main/models/decision-tree.ts';
import type { DenseSplit } from '../../../main/models/dense-task.ts';
import { RankedInputs } from '../../../main/models/ranked-inputs.ts';
import { splitCriterion } from '../../../main/models/split-criterion.ts';
import { Random } from '../../../shared/random.ts';
// From scikit-learn's DecisionTreeClassifier and DecisionTreeRegressor: golden/decision_tree.py.
import golden from './golden/decision_tree.json';

/** The whole tree. */
function grown(
  train: DenseSplit,
  outputs: number,
  settings: Partial<TreeSettings> = {},
  { examples = indices(train.n), seed = 0 }: { examples?: Int32Array; seed?: number } = {},
): DecisionTree {
  const dimensions = train.inputs.length / train.n;
  const tree = new DecisionTree(
    new RankedInputs(train.inputs, train.n, dimensions),
    splitCriterion(train, outputs),
    examples,
    { maxLeaves: Infinity, featuresPerSplit: dimensions, ...settings },
    Random.stream(seed, 'forest'),
  );
  while (!tree.isComplete) tree.grow();
  return tree;
}

function indices(n: number): Int32Array {
  return Int32Array.from({ length: n }, (_, i) => i);
}

function classes(inputs: readonly number[], labels: readonly number[]): DenseSplit {
  const n = labels.length;
  return {
    n,
    inputs: Float64Array.from(inputs),
    targets: new Float64Array(),
    labels: Int32Array.from(labels),
  };
}

function numbers(inputs: readonly number[], targets: readonly number[], n: number): DenseSplit {
  return { n, inputs: Float64Array.from(inputs), targets: Float64Array.from(targets), labels: null };
}

function predictions(tree: DecisionTree, inputs: Float64Array, n: number): Float64Array {
  const sums = new Float64Array(n * tree.root.value.length);
  tree.addPredictions(inputs, sums);
  return sums;
}

/** Nodes in preorder, the left child first. */
function preorder(node: TreeNode): TreeNode[] {
  return [
    node,
    ...(node.branch === null ? [] : [...preorder(node.branch.left), ...preorder(node.branch.right)]),
  ];
}

function leavesOf(tree: DecisionTree): TreeNode[] {
  return preorder(tree.root).filter(({ branch }) => branch === null);
}

describe.each(golden.map((one) => [one.name, one] as const))('scikit-learn’s tree: %s', (_name, one) => {
  const { n, outputs, labels, targets, x, xt, examples } = one;
  const train = labels === null ? numbers(x, targets as number[], n) : classes(x, labels);

  test.each(one.trees.map((tree) => [tree.maxLeaves ?? Infinity, tree] as const))(
    'with at most %d leaves, node by node',
    (maxLeaves, expected) => {
      const tree = grown(train, outputs, { maxLeaves }, { examples: Int32Array.from(examples) });
      const nodes = preorder(tree.root);
      expect(nodes.map(({ branch }) => branch?.feature ?? -1)).toEqual(expected.features);
      expect(nodes.map(({ branch }) => branch?.threshold ?? null)).toEqual(expected.thresholds);
      expect(nodes.map(({ size }) => size)).toEqual(expected.sizes);
      expect(nodes.map(({ value }) => [...value])).toEqual(expected.values);
      const test = Float64Array.from(xt);
      const own = predictions(tree, test, test.length / one.dimensions);
      expect([...own]).toEqual(expected.predictions);
      expect(tree.leaves).toBe(expected.features.filter((feature) => feature < 0).length);
    },
  );
});

/** Every input of `bits` bits once, in the order of its number, the lowest bit first. */
function allBits(bits: number): number[] {
  return Array.from({ length: 2 ** bits * bits }, (_, k) => (Math.floor(k / bits) >> (k % bits)) & 1);
}

function parities(inputs: readonly number[], dimensions: number, bits: number): number[] {
  return Array.from({ length: inputs.length / dimensions }, (_, i) =>
    inputs.slice(i * dimensions, i * dimensions + bits).reduce((sum, bit) => (sum + bit) % 2, 0),
  );
}

describe('a parity', () => {
  test.each([2, 3, 5])('of %d bits is fitted, though no first split gains anything', (bits) => {
    const x = allBits(bits);
    const train = classes(x, parities(x, bits, bits));
    const tree = grown(train, 2);
    expect(tree.leaves).toBe(2 ** bits);
    const own = predictions(tree, train.inputs, train.n);
    train.labels?.forEach((label, i) => expect(own[i * 2 + label]).toBe(1));
  });

  test('among decoys is fitted whatever the order in which features are drawn', () => {
    const x = allBits(7);
    const train = classes(x, parities(x, 7, 3));
    const sizes = [0, 1, 2, 3].map((seed) => {
      const tree = grown(train, 2, { featuresPerSplit: 2 }, { seed });
      const own = predictions(tree, train.inputs, train.n);
      expect(train.labels?.every((label, i) => own[i * 2 + label] === 1)).toBe(true);
      return tree.leaves;
    });
    expect(new Set(sizes).size).toBeGreaterThan(1);
  });

  test('breaks ties by the draw, not by the number of the feature', () => {
    const x = allBits(6);
    const train = classes(x, parities(x, 6, 6));
    const firsts = Array.from(
      { length: 30 },
      (_, seed) => grown(train, 2, {}, { seed }).root.branch?.feature,
    );
    expect(new Set(firsts).size).toBe(6);
  });
});

describe('a tree', () => {
  test('never splits on a constant feature, and leaves alike inputs of mixed classes together', () => {
    const constant = classes([5, 1, 5, 1, 5, 2, 5, 2], [0, 1, 1, 1]);
    for (const seed of [0, 1, 2, 3]) {
      const tree = grown(constant, 2, { featuresPerSplit: 1 }, { seed });
      expect(tree.root.branch?.feature).toBe(1);
      expect(leavesOf(tree).map(({ value }) => [...value])).toEqual([
        [0.5, 0.5],
        [0, 1],
      ]);
    }
  });

  test('is its root where nothing can be split, and says so when asked to grow', () => {
    for (const train of [classes([1, 2, 3], [1, 1, 1]), classes([4, 4], [0, 1])]) {
      const tree = grown(train, 2);
      expect(tree.leaves).toBe(1);
      expect(() => tree.grow()).toThrow('A complete tree does not grow.');
    }
    expect(grown(numbers([1, 2, 3], [0.1, 0.1, 0.1], 3), 1).root.value).toEqual(Float64Array.of(0.1));
  });

  test('puts thresholds halfway, also between values that no number lies between', () => {
    // The mean of the second pair is rounded up to its larger value.
    for (const low of [1, 1 + Number.EPSILON]) {
      const high = low + Number.EPSILON;
      const close = grown(classes([low, high], [0, 1]), 2);
      expect(close.root.branch?.threshold).toBe(low);
      expect([...predictions(close, Float64Array.of(low, high), 2)]).toEqual([1, 0, 0, 1]);
    }
    expect(grown(classes([-3, 4], [0, 1]), 2).root.branch?.threshold).toBe(0.5);
    expect(grown(classes([1e308, 1.5e308], [0, 1]), 2).root.branch?.threshold).toBe(1.25e308);
  });

  test('takes the lowest of equally good thresholds', () => {
    const tree = grown(classes([1, 2, 3, 4], [0, 1, 1, 0]), 2, { maxLeaves: 2 });
    expect(tree.root.branch?.threshold).toBe(1.5);
  });
});

/** Small values, so that ties are frequent; one to four features. */
const table = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 60 }))
  .chain(([dimensions, n, span]) =>
    fc.record({
      dimensions: fc.constant(dimensions),
      n: fc.constant(n),
      x: fc.array(fc.integer({ min: -span, max: span }), {
        minLength: n * dimensions,
        maxLength: n * dimensions,
      }),
      labels: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: n, maxLength: n }),
      seed: fc.integer({ min: 0, max: 1000 }),
      maxLeaves: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 12 })),
      featuresPerSplit: fc.integer({ min: 1, max: dimensions }),
    }),
  );

describe('every tree', () => {
  test('has at most its leaves, all examples in them once, and fractions that add up to 1', () => {
    fc.assert(
      fc.property(table, ({ x, labels, n, seed, ...settings }) => {
        const tree = grown(classes(x, labels), 3, settings, { seed });
        const leaves = leavesOf(tree);
        expect(leaves).toHaveLength(tree.leaves);
        expect(tree.leaves).toBeLessThanOrEqual(Math.min(n, settings.maxLeaves));
        expect(leaves.reduce((sum, { size }) => sum + size, 0)).toBe(n);
        for (const { value, size } of leaves) {
          expect(size).toBeGreaterThan(0);
          expect(value.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 12);
        }
      }),
    );
  });

  test('is grown best first: with one leaf more it is the same tree with one leaf split', () => {
    fc.assert(
      fc.property(table, fc.integer({ min: 2, max: 12 }), ({ x, labels, seed }, maxLeaves) => {
        const train = classes(x, labels);
        const [small, large] = [maxLeaves, maxLeaves + 1].map((most) =>
          grown(train, 3, { maxLeaves: most, featuresPerSplit: 1 }, { seed }),
        ) as [DecisionTree, DecisionTree];
        if (small.leaves < maxLeaves || large.leaves === small.leaves) return;
        expect(differences(small.root, large.root)).toBe(1);
      }),
    );
  });

  test('gives every distinct input the class fractions of its own examples when unbounded', () => {
    fc.assert(
      fc.property(table, ({ x, labels, n, dimensions, seed, featuresPerSplit }) => {
        const train = classes(x, labels);
        const tree = grown(train, 3, { featuresPerSplit }, { seed });
        const own = predictions(tree, train.inputs, n);
        const keyOf = (i: number): string => x.slice(i * dimensions, (i + 1) * dimensions).join();
        for (let i = 0; i < n; i++) {
          const alike = labels.filter((_, j) => keyOf(j) === keyOf(i));
          const fractions = [0, 1, 2].map((c) => alike.filter((label) => label === c).length / alike.length);
          expect([...own.subarray(i * 3, i * 3 + 3)]).toEqual(fractions);
        }
      }),
    );
  });

  test('does not change on its examples when features are changed monotonically', () => {
    fc.assert(
      fc.property(table, ({ x, labels, n, seed, ...settings }) => {
        const train = classes(x, labels);
        const bent = classes(
          x.map((value) => Math.exp(value / 10) - 7),
          labels,
        );
        const [plain, other] = [train, bent].map((one) => grown(one, 3, settings, { seed })) as [
          DecisionTree,
          DecisionTree,
        ];
        expect(predictions(other, bent.inputs, n)).toEqual(predictions(plain, train.inputs, n));
        expect(preorder(other.root).map(({ branch }) => branch?.feature)).toEqual(
          preorder(plain.root).map(({ branch }) => branch?.feature),
        );
      }),
    );
  });

  test('of one-hot targets is the tree of the classes', () => {
    fc.assert(
      fc.property(table, ({ x, labels, n, seed, ...settings }) => {
        const oneHot = labels.flatMap((label) => [0, 1, 2].map((c) => (c === label ? 1 : 0)));
        const [a, b] = [classes(x, labels), numbers(x, oneHot, n)].map((train) =>
          grown(train, 3, settings, { seed }),
        ) as [DecisionTree, DecisionTree];
        expect(b.root).toEqual(a.root);
      }),
    );
  });
});

/** Leaves of the first tree that are split in the second; Infinity where they differ in another way. */
function differences(a: TreeNode, b: TreeNode): number {
  if (a.size !== b.size) return Infinity;
  if (a.branch === null) {
    const isOneSplit = b.branch !== null && b.branch.left.branch === null && b.branch.right.branch === null;
    return b.branch === null ? 0 : isOneSplit ? 1 : Infinity;
  }
  if (b.branch?.feature !== a.branch.feature || b.branch.threshold !== a.branch.threshold) return Infinity;
  return differences(a.branch.left, b.branch.left) + differences(a.branch.right, b.branch.right);
}
