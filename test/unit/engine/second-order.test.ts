/**
 * The gradient of a gradient: products of the Hessian with a vector, H v = ∇(∇L · v) (Pearlmutter 1994, equation 4 by
 * reverse mode twice), against central differences of the gradient, and on ONNX Runtime against the interpreter.
 */
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../main/engine/evaluate.ts';
import { gradients } from '../../../main/engine/gradients.ts';
import { sizeOf } from '../../../main/engine/graph.ts';
import { compileOnnx } from '../../../main/engine/onnx.ts';
import type { HostArray } from '../../../main/engine/program.ts';
import { inputByName, simplify } from '../../../main/engine/simplify.ts';
import { add, constant, input, mul, reduceMean, reduceSum, type Tensor } from '../../../main/engine/trace.ts';
import { mlp } from '../../../main/models/mlp.ts';
import type { Network } from '../../../main/models/network.ts';
import { transformer } from '../../../main/models/transformer.ts';
import { exampleLosses } from '../../../main/training/losses.ts';
import { Random } from '../../../shared/random.ts';
import type { LossKind } from '../../../shared/trainer-spec.ts';
import { relativeError, type Feeds } from './operation-cases.ts';

const mlpOf = (activation: 'relu' | 'tanh' | 'quadratic'): Network =>
  mlp(
    {
      kind: 'mlp',
      hidden: [5, 4],
      activation,
      outputBias: true,
      init: 'torch-default',
      initScale: 2,
    },
    { kind: 'vectors', dimensions: 3 },
    4,
  );
const transformerOf = (activation: 'relu' | 'gelu', layers: number): Network =>
  transformer({ kind: 'transformer', layers, dModel: 4, heads: 2, dMlp: 6, activation }, 4, 3);

const n = 6;
const random = Random.stream(5, 'data');
const vectors = constant(
  Array.from({ length: 3 * n }, () => random.normal()),
  [n, 3],
  'float64',
);
const tokens = constant(
  Array.from({ length: 3 * n }, () => random.integer(4)),
  [n, 3],
  'int32',
);
const labels = constant([0, 3, 1, 2, 2, 0], [n], 'int32');

const cases: [string, Network, Tensor, LossKind][] = [
  ['an MLP, tanh, cross-entropy', mlpOf('tanh'), vectors, 'cross-entropy'],
  ['an MLP, relu, StableMax', mlpOf('relu'), vectors, 'stablemax'],
  ['an MLP, quadratic, mean squared error', mlpOf('quadratic'), vectors, 'mse'],
  ['an MLP, tanh, hinge', mlpOf('tanh'), vectors, 'hinge'],
  ['a transformer, relu, cross-entropy', transformerOf('relu', 1), tokens, 'cross-entropy'],
  ['a transformer of two layers, gelu, mean squared error', transformerOf('gelu', 2), tokens, 'mse'],
];

interface Graph {
  feeds: Feeds;
  names: string[];
  slopes: Tensor[];
  /** H v, one tensor per parameter; v is fed as `along:…`. */
  products: Tensor[];
}

function graphOf(network: Network, inputs: Tensor, loss: LossKind): Graph {
  const feeds: Feeds = {};
  const draw = Random.stream(9, 'init');
  const weights: Record<string, Tensor> = {};
  for (const { name, shape, initial } of network.parameters) {
    weights[name] = input(name, shape, 'float64');
    feeds[name] = Float64Array.from({ length: sizeOf(shape) }, () => initial(draw) + 0.1 * draw.normal());
    feeds[`along:${name}`] = Float64Array.from({ length: sizeOf(shape) }, () => draw.normal());
  }
  const mean = reduceMean(exampleLosses(loss, network.logits(weights, inputs), labels), [0], false);
  const all = Object.values(weights);
  const slopes = gradients(mean, all);
  const along = Object.entries(weights)
    .map(([name, { shape }], i) => {
      const products = mul(slopes[i] as Tensor, input(`along:${name}`, shape, 'float64'));
      return reduceSum(
        products,
        shape.map((_, axis) => axis),
        false,
      );
    })
    .reduce((sum, part) => add(sum, part));
  return { feeds, names: Object.keys(weights), slopes, products: gradients(along, all) };
}

const flat = (arrays: readonly ArrayLike<number>[]): number[] => arrays.flatMap((one) => Array.from(one));

describe('the Hessian times a vector', () => {
  it.each(cases)('is the change of the gradient along it: %s', (_name, network, inputs, loss) => {
    const { feeds, names, slopes, products } = graphOf(network, inputs, loss);
    const found = flat(evaluate(products, feeds));
    const step = 1e-4;
    const at = (factor: number): number[] => {
      const moved = { ...feeds };
      for (const name of names) {
        const along = feeds[`along:${name}`] as Float64Array;
        moved[name] = (feeds[name] as Float64Array).map((w, i) => w + factor * step * (along[i] as number));
      }
      return flat(evaluate(slopes, moved));
    };
    const [far, near, back, farBack] = [at(2), at(1), at(-1), at(-2)] as [
      number[],
      number[],
      number[],
      number[],
    ];
    const expected = near.map(
      (value, i) =>
        (8 * (value - (back[i] as number)) - ((far[i] as number) - (farBack[i] as number))) / (12 * step),
    );
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(1e-2);
    expect(relativeError(found, expected)).toBeLessThan(1e-8);
  });

  it.each(cases)(
    'is the same after simplification, on ONNX Runtime: %s',
    async (_n, network, inputs, loss) => {
      const { feeds, products } = graphOf(network, inputs, loss);
      const outputs = Object.fromEntries(products.map((tensor, i) => [`p${i}`, tensor]));
      const simplified = simplify(outputs);
      const used = inputByName(Object.values(simplified));
      const reached = Object.fromEntries(Object.entries(feeds).filter(([name]) => used.has(name)));
      const program = await compileOnnx(simplified, { threads: 1, carried: {} });
      try {
        const results = await program.run(reached);
        const found = flat(products.map((_, i) => results[`p${i}`] as HostArray));
        expect(relativeError(found, flat(evaluate(products, feeds)))).toBeLessThan(1e-11);
      } finally {
        await program.dispose();
      }
    },
  );
});
