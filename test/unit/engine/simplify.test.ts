/** Rewriting changes no output and no gradient: on networks, on random graphs, and rule by rule. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../../main/engine/evaluate.ts';
import { gradients } from '../../../main/engine/gradients.ts';
import { sizeOf, topological, type Outputs, type Tensor } from '../../../main/engine/graph.ts';
import { compileOnnx } from '../../../main/engine/onnx.ts';
import { algebraRules } from '../../../main/engine/rewrite-algebra.ts';
import { layoutRules } from '../../../main/engine/rewrite-layout.ts';
import { positionRules } from '../../../main/engine/rewrite-positions.ts';
import { rowRules } from '../../../main/engine/rewrite-rows.ts';
import type { Rule } from '../../../main/engine/rewrite.ts';
import { sliceRules } from '../../../main/engine/rewrite-slices.ts';
import { simplify, untilStable } from '../../../main/engine/simplify.ts';
import * as trace from '../../../main/engine/trace.ts';
import { mlp } from '../../../main/models/mlp.ts';
import type { Network } from '../../../main/models/network.ts';
import { transformer } from '../../../main/models/transformer.ts';
import type { MlpSpec } from '../../../shared/model-spec.ts';
import { Random } from '../../../shared/random.ts';
import { operationCases, operationNames, relativeError, traceCase, type Feeds } from './operation-cases.ts';
import { randomGraph } from './random-graph.ts';

const TOLERANCE = 1e-10;

interface Graph {
  outputs: Outputs;
  feeds: Feeds;
}

/** The largest relative error of `after` against `before`, by the reference interpreter. */
function difference(before: Outputs, after: Outputs, feeds: Feeds): number {
  expect(Object.keys(after)).toEqual(Object.keys(before));
  const expected = evaluate(Object.values(before), feeds);
  const found = evaluate(Object.values(after), feeds);
  return Math.max(...expected.map((values, i) => relativeError(found[i] as Float64Array, values)));
}

/** Loss and gradients of a network on given examples, as traced, in float64. */
function networkGraph(network: Network, inputs: Tensor, labels: Tensor): Graph {
  const random = Random.stream(7, 'init');
  const feeds: Feeds = {};
  const parameters = network.parameters.map(({ name, shape }) => {
    // Biases start at zero; random ones tell more.
    feeds[name] = Float64Array.from({ length: sizeOf(shape) }, () => 0.4 * random.normal());
    return trace.input(name, shape, 'float64');
  });
  const named = Object.fromEntries(network.parameters.map(({ name }, i) => [name, parameters[i] as Tensor]));
  const logits = network.logits(named, inputs);
  const loss = trace.crossEntropy(logits, labels);
  const slopes = gradients(loss, parameters).map((slope, i) => [`by:${i}`, slope] as const);
  return { outputs: { logits, loss, ...Object.fromEntries(slopes) }, feeds };
}

/** n examples (a, b, '=') of addition mod p. */
function additions(n: number, p: number): { tokens: Tensor; labels: Tensor } {
  const random = Random.stream(3, 'data');
  const pairs = Array.from({ length: n }, () => [random.integer(p), random.integer(p)] as const);
  return {
    tokens: trace.constant(
      pairs.flatMap(([a, b]) => [a, b, p]),
      [n, 3],
      'int32',
    ),
    labels: trace.constant(
      pairs.map(([a, b]) => (a + b) % p),
      [n],
      'int32',
    ),
  };
}

function transformerGraph(layers: number, activation: 'relu' | 'gelu', n = 14, p = 5, dModel = 4): Graph {
  const { tokens, labels } = additions(n, p);
  const spec = { kind: 'transformer', layers, dModel, heads: 2, dMlp: 2 * dModel, activation } as const;
  return networkGraph(transformer(spec, p + 1, 3), tokens, labels);
}

function mlpGraph(
  input: 'tokens' | 'vectors',
  activation: 'relu' | 'tanh' | 'quadratic',
  n = 9,
  hidden = [6, 4],
): Graph {
  const { tokens, labels } = additions(n, 5);
  const spec: MlpSpec = {
    kind: 'mlp',
    hidden,
    activation,
    outputBias: true,
    init: 'torch-default',
    initScale: 1,
  };
  if (input === 'tokens')
    return networkGraph(mlp(spec, { kind: 'tokens', positions: 2, values: 5 }, 5), tokens, labels);
  const random = Random.stream(5, 'data');
  const vectors = Array.from({ length: n * 3 }, () => random.normal());
  const network = mlp(spec, { kind: 'vectors', dimensions: 3 }, 5);
  return networkGraph(network, trace.constant(vectors, [n, 3], 'float64'), labels);
}

const networks: [string, Graph][] = [
  ['a transformer', transformerGraph(1, 'relu')],
  ['a transformer of two layers', transformerGraph(2, 'gelu')],
  ['an MLP on tokens', mlpGraph('tokens', 'quadratic')],
  ['an MLP on vectors', mlpGraph('vectors', 'relu')],
];

function random(seed: number, length: number): Graph {
  const { loss, inputs, values, feeds } = randomGraph(seed, length);
  const slopes = gradients(loss, inputs).map((slope, i) => [`by:${i}`, slope] as const);
  const outputs = { ...Object.fromEntries(values.map((value, i) => [`value:${i}`, value])), loss };
  return { outputs: { ...outputs, ...Object.fromEntries(slopes) }, feeds };
}

function transposedProduct(): Graph {
  const [x, y] = [trace.input('x', [3, 2], 'float64'), trace.input('y', [2, 4], 'float64')];
  const feeds = {
    x: Float64Array.from([1, -2, 3, 0.5, -1, 2]),
    y: Float64Array.from([1, 2, 3, 4, 5, 6, 7, 8]),
  };
  return { outputs: { product: trace.tanh(trace.transpose(trace.matMul(x, y), [1, 0])) }, feeds };
}

describe('simplifying changes no output and no gradient', () => {
  it.each(networks)('of %s', (_name, { outputs, feeds }) => {
    expect(difference(outputs, simplify(outputs), feeds)).toBeLessThan(TOLERANCE);
  });

  it('of random graphs', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 14 }), (seed, length) => {
        const { outputs, feeds } = random(seed, length);
        expect(difference(outputs, simplify(outputs), feeds)).toBeLessThan(TOLERANCE);
      }),
      { seed: 1, numRuns: 150 },
    );
  });

  it.each(operationNames)('of %s alone, on any shapes', (name) => {
    fc.assert(
      fc.property(operationCases[name], fc.nat(1e6), (operation, seed) => {
        const { outputs, feeds } = traceCase(operation, seed, 'float64');
        expect(difference(outputs, simplify(outputs), feeds)).toBeLessThan(TOLERANCE);
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  it('when the gradient is taken of what was simplified', () => {
    for (const [, { outputs, feeds }] of networks) {
      const names = Object.keys(outputs).filter((name) => name.startsWith('by:'));
      const { loss } = simplify({ loss: outputs['loss'] as Tensor }) as { loss: Tensor };
      const inputs = new Map(
        topological([loss]).flatMap((tensor) =>
          tensor.operation.kind === 'input' ? [[tensor.operation.name, tensor] as const] : [],
        ),
      );
      const before = Object.fromEntries(names.map((name) => [name, outputs[name] as Tensor]));
      const by = Object.keys(feeds).map((name) => inputs.get(name) as Tensor);
      const slopes = gradients(loss, by);
      const after = Object.fromEntries(names.map((name, i) => [name, slopes[i] as Tensor]));
      expect(difference(before, after, feeds)).toBeLessThan(TOLERANCE);
    }
  });
});

describe('every application of a rule changes no value', () => {
  const graphs = [
    transformerGraph(1, 'gelu', 7, 3, 2),
    mlpGraph('tokens', 'relu'),
    transposedProduct(),
    ...Array.from({ length: 80 }, (_, seed) => random(seed, 10)),
  ];
  const cheap = [...algebraRules, ...sliceRules, ...positionRules];
  const rules = [...algebraRules, ...sliceRules, ...rowRules, ...layoutRules];
  const applied = new Map<string, { count: number; error: number }>();
  const checked =
    (feeds: Feeds) =>
    (rule: Rule): Rule =>
    (tensor, users) => {
      const replacement = rule(tensor, users);
      if (replacement === null) return null;
      const [before, after] = evaluate([tensor, replacement], feeds) as [Float64Array, Float64Array];
      const { count, error } = applied.get(rule.name) ?? { count: 0, error: 0 };
      applied.set(rule.name, { count: count + 1, error: Math.max(error, relativeError(after, before)) });
      return replacement;
    };
  beforeAll(() => {
    for (const { outputs, feeds } of graphs) {
      const sliced = untilStable(outputs, cheap.map(checked(feeds)));
      untilStable(sliced, rules.map(checked(feeds)));
    }
  });

  // Products below a size keep their layout: `batchLast` has a test of its own.
  it.each([...rules, ...positionRules].map((rule) => rule.name).filter((name) => name !== 'batchLast'))(
    '%s',
    (name) => {
      const { count = 0, error } = applied.get(name) ?? {};
      expect(count).toBeGreaterThan(0);
      expect(error).toBeLessThan(TOLERANCE);
    },
  );

  it('with products large enough to be laid out anew', async () => {
    const kinds = (graph: Outputs): string[] =>
      topological(Object.values(graph)).flatMap(({ operation }) =>
        operation.kind === 'contract' ? [`${operation.a},${operation.b}->${operation.out}`] : [],
      );
    const laidOut = (graph: Outputs): Outputs => untilStable(graph, [...algebraRules, ...layoutRules]);
    // Where the many rows are of three positions each, the features stay last.
    const positions = transformerGraph(1, 'relu', 1500, 23, 48).outputs;
    expect(kinds(laidOut(positions))).toEqual(kinds(untilStable(positions, algebraRules)));
    const { outputs, feeds } = mlpGraph('vectors', 'relu', 1500, [48, 96]);
    const after = laidOut(outputs);
    expect(kinds(after)).not.toEqual(kinds(untilStable(outputs, algebraRules)));
    const run = async (graph: Outputs) => {
      const program = await compileOnnx(graph, { threads: 1, carried: {} });
      try {
        return await program.run(feeds);
      } finally {
        await program.dispose();
      }
    };
    const [expected, found] = [await run(outputs), await run(after)];
    for (const name of Object.keys(outputs))
      expect(relativeError(found[name] as Float64Array, expected[name] as Float64Array)).toBeLessThan(1e-9);
  });
});

describe('simplifying', () => {
  const products = (outputs: Outputs): number =>
    topological(Object.values(outputs)).reduce((total, { operation, inputs, shape }) => {
      if (operation.kind !== 'contract') return total;
      const [a] = inputs as [Tensor];
      const summed = [...operation.a].map((label, i) =>
        operation.out.includes(label) ? 1 : (a.shape[i] as number),
      );
      return total + sizeOf(shape) * sizeOf(summed);
    }, 0);

  it('is done once: a second time finds nothing', () => {
    for (const [, { outputs }] of networks) {
      const once = simplify(outputs);
      const twice = simplify(once);
      expect(topological(Object.values(twice)).length).toBe(topological(Object.values(once)).length);
    }
  });

  it('leaves a fraction of the multiplications of a transformer on modular addition', () => {
    // Only the last position, and one row per distinct token: five times fewer at p = 113 (reference/engines.md).
    const { outputs } = transformerGraph(1, 'relu', 600, 23, 16);
    const simplified = simplify({ loss: outputs['loss'] as Tensor });
    expect(products({ loss: outputs['loss'] as Tensor }) / products(simplified)).toBeGreaterThan(3);
  });

  it('keeps one row for a position that is the same in every example', () => {
    const { outputs } = transformerGraph(1, 'relu', 600, 23, 16);
    const { loss } = simplify({ loss: outputs['loss'] as Tensor });
    // Values of three positions of 600 examples were gathered; now there are two of them.
    const gathered = topological([loss as Tensor]).filter(
      ({ operation, shape }) => operation.kind === 'gather' && sizeOf(shape) >= 600 * 16,
    );
    expect(gathered.map(({ shape }) => sizeOf(shape))).toEqual([600 * 16, 600 * 16]);
  });

  it('computes nothing of what no output needs, and equal nodes once', () => {
    const x = trace.input('x', [4, 3], 'float64');
    const rows = trace.take(trace.exp(trace.add(x, x)), 0, 2);
    const simplified = simplify({ rows, again: trace.take(trace.exp(trace.add(x, x)), 0, 2) });
    expect(simplified['rows']).toBe(simplified['again']);
    const shapes = topological(Object.values(simplified)).flatMap(({ operation, shape }) =>
      operation.kind === 'exp' ? [sizeOf(shape)] : [],
    );
    expect(shapes).toEqual([3]);
  });
});
