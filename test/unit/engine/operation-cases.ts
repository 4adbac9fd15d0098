/** Random uses of every traced operation: shapes, broadcasting, axes, empty and size-one dimensions. */
import fc from 'fast-check';
import { gradients } from '../../../main/engine/gradients.ts';
import { sizeOf, topological, type OperationKind, type Outputs } from '../../../main/engine/graph.ts';
import type { HostArray } from '../../../main/engine/program.ts';
import * as trace from '../../../main/engine/trace.ts';
import { exampleLosses } from '../../../main/training/losses.ts';
import { Random } from '../../../shared/random.ts';
import type { LossKind } from '../../../shared/trainer-spec.ts';

type Shape = readonly number[];

/** A floating-point operand, or int32 indices below `below` that the graph knows in advance or is fed. */
export type Operand = { shape: Shape } | { shape: Shape; below: number; known: boolean };

export interface OperationCase {
  operands: readonly Operand[];
  /** The range of the floating-point values; −1 to 1 unless said. */
  from?: number;
  to?: number;
  build: (operands: trace.Tensor[]) => trace.Tensor;
}

/** Everything but values that are simply there, the compositions of `trace.ts`, and the losses. */
export type Covered =
  | Exclude<OperationKind, 'input' | 'constant'>
  | 'gelu'
  | 'crossEntropy'
  | 'matMul'
  | `loss: ${LossKind}`
  | 'loss: mse of real targets';

const size = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 2, max: 3 }) },
  { weight: 2, arbitrary: fc.constant(1) },
  { weight: 1, arbitrary: fc.constant(0) },
);
const fullSize = fc.integer({ min: 1, max: 3 });
const anyShape = fc.array(size, { maxLength: 4 });
const someShape = fc.array(size, { minLength: 1, maxLength: 4 });
const index = (length: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: length - 1 });
const subset = (items: readonly number[]): fc.Arbitrary<number[]> => fc.subarray([...items]);
const axesOf = (shape: Shape): number[] => shape.map((_, axis) => axis);

/** Shapes that broadcast to a common one. */
function broadcasting(count: number): fc.Arbitrary<number[][]> {
  return anyShape.chain((shape) =>
    fc.tuple(
      ...Array.from({ length: count }, () =>
        fc
          .tuple(fc.nat({ max: shape.length }), subset(axesOf(shape)))
          .map(([drop, units]) =>
            shape.map((length, axis) => (units.includes(axis) ? 1 : length)).slice(drop),
          ),
      ),
    ),
  );
}

const unary = (build: (x: trace.Tensor) => trace.Tensor, from = -1): fc.Arbitrary<OperationCase> =>
  anyShape.map((shape) => ({
    operands: [{ shape }],
    from,
    to: from + 2,
    build: ([x]) => build(x as trace.Tensor),
  }));

const binary = (
  build: (a: trace.Tensor, b: trace.Tensor) => trace.Tensor,
  from = -1,
): fc.Arbitrary<OperationCase> =>
  broadcasting(2).map((shapes) => ({
    operands: shapes.map((shape) => ({ shape })),
    from,
    to: from + 2,
    build: ([a, b]) => build(a as trace.Tensor, b as trace.Tensor),
  }));

/** One operand with at least one axis, and something chosen by its shape. */
function withChoice<T>(
  shapes: fc.Arbitrary<number[]>,
  choice: (shape: number[]) => fc.Arbitrary<T>,
  build: (x: trace.Tensor, chosen: T) => trace.Tensor,
): fc.Arbitrary<OperationCase> {
  return shapes.chain((shape) =>
    choice(shape).map((chosen) => ({
      operands: [{ shape }],
      build: ([x]) => build(x as trace.Tensor, chosen),
    })),
  );
}

/** Every label stands in some of a, b and the result; with `lone`, also in one operand only. */
const contraction: fc.Arbitrary<OperationCase> = fc
  .array(fc.tuple(size, fc.constantFrom('abo', 'ab', 'ao', 'bo', 'a', 'b')), { minLength: 1, maxLength: 5 })
  .chain((labels) => {
    const letters = labels.map(([length, places], i) => ({ letter: 'ijklm'[i] as string, length, places }));
    const pick = (place: string): fc.Arbitrary<typeof letters> => {
      const chosen = letters.filter(({ places }) => places.includes(place));
      return fc.shuffledSubarray(chosen, { minLength: chosen.length });
    };
    return fc.tuple(pick('a'), pick('b'), pick('o'));
  })
  .map(([a, b, out]) => {
    const name = (list: typeof a): string => list.map(({ letter }) => letter).join('');
    const shape = (list: typeof a): number[] => list.map(({ length }) => length);
    const equation = `${name(a)},${name(b)}->${name(out)}`;
    return {
      operands: [{ shape: shape(a) }, { shape: shape(b) }],
      build: ([x, y]) => trace.contract(equation, x as trace.Tensor, y as trace.Tensor),
    };
  });

/** Shapes with the same number of entries. */
const reshaping: fc.Arbitrary<OperationCase> = fc.array(size, { maxLength: 4 }).chain((factors) =>
  fc
    .tuple(fc.shuffledSubarray(factors, { minLength: factors.length }), fc.array(fc.nat(4), { maxLength: 2 }))
    .map(([shuffled, merges]) => {
      const target = [...shuffled];
      for (const at of merges)
        if (at + 1 < target.length) target.splice(at, 2, (target[at] as number) * (target[at + 1] as number));
      return { operands: [{ shape: factors }], build: ([x]) => trace.reshape(x as trace.Tensor, target) };
    }),
);

const concatenation: fc.Arbitrary<OperationCase> = someShape.chain((shape) =>
  fc.tuple(index(shape.length), fc.array(size, { minLength: 1, maxLength: 3 })).map(([axis, lengths]) => ({
    operands: lengths.map((length) => ({ shape: shape.map((old, i) => (i === axis ? length : old)) })),
    build: (parts) => trace.concat(parts, axis),
  })),
);

const gathering: fc.Arbitrary<OperationCase> = fc
  .tuple(fullSize, fc.array(size, { maxLength: 2 }), fc.array(size, { maxLength: 2 }), fc.boolean())
  .map(([rows, rest, indexShape, known]) => ({
    operands: [{ shape: [rows, ...rest] }, { shape: indexShape, below: rows, known }],
    build: ([table, indices]) => trace.gather(table as trace.Tensor, indices as trace.Tensor),
  }));

const segments: fc.Arbitrary<OperationCase> = fc
  .tuple(fc.nat(6), fc.array(size, { maxLength: 2 }), fullSize, fc.boolean())
  .map(([n, rest, count, known]) => ({
    operands: [{ shape: [n, ...rest] }, { shape: [n], below: count, known }],
    build: ([values, indices]) => trace.segmentSum(values as trace.Tensor, indices as trace.Tensor, count),
  }));

const alongAxis = (build: (x: trace.Tensor, axis: number) => trace.Tensor): fc.Arbitrary<OperationCase> =>
  withChoice(fc.array(fullSize, { minLength: 1, maxLength: 4 }), (shape) => index(shape.length), build);

/** Of n examples of two or more classes, with labels that the graph knows or is fed. */
const lossOf = (kind: LossKind): fc.Arbitrary<OperationCase> =>
  fc.tuple(size, fc.integer({ min: 2, max: 4 }), fc.boolean()).map(([n, classes, known]) => ({
    operands: [{ shape: [n, classes] }, { shape: [n], below: classes, known }],
    // Not a multiple of a count of places: no two logits are 1 apart, where the hinge is.
    from: -3,
    to: 3.1,
    build: ([logits, labels]) => exampleLosses(kind, logits as trace.Tensor, labels as trace.Tensor),
  }));

/** One entry per operation: an operation without one does not compile. */
export const operationCases: Record<Covered, fc.Arbitrary<OperationCase>> = {
  neg: unary(trace.neg),
  exp: unary(trace.exp),
  log: unary(trace.log, 0.2),
  sqrt: unary(trace.sqrt, 0.2),
  tanh: unary(trace.tanh),
  erf: unary(trace.erf),
  relu: unary(trace.relu),
  step: unary((x) => trace.mul(trace.step(x), x)),
  add: binary(trace.add),
  sub: binary(trace.sub),
  mul: binary(trace.mul),
  div: binary(trace.div, 0.2),
  less: binary((a, b) => trace.mul(trace.cast(trace.less(a, b), a.dtype), a)),
  equal: fc.tuple(broadcasting(3), fc.boolean()).map(([[a = [], b = [], c = []], known]) => ({
    operands: [{ shape: a, below: 2, known }, { shape: b, below: 2, known: false }, { shape: c }],
    build: ([x, y, z]) => {
      const weight = z as trace.Tensor;
      return trace.mul(trace.cast(trace.equal(x as trace.Tensor, y as trace.Tensor), weight.dtype), weight);
    },
  })),
  where: broadcasting(4).map((shapes) => ({
    operands: shapes.map((shape) => ({ shape })),
    build: ([a, b, c, d]) =>
      trace.where(trace.less(a as trace.Tensor, b as trace.Tensor), c as trace.Tensor, d as trace.Tensor),
  })),
  // Integers to halves, those to integers (towards zero), and back.
  cast: fc.tuple(anyShape, fc.boolean()).map(([shape, known]) => ({
    operands: [{ shape }, { shape, below: 7, known }],
    build: ([x, i]) => {
      const weight = x as trace.Tensor;
      const halves = trace.sub(trace.mul(trace.cast(i as trace.Tensor, weight.dtype), 0.5), 1.5);
      return trace.mul(trace.cast(trace.cast(halves, 'int32'), weight.dtype), weight);
    },
  })),
  contract: contraction,
  transpose: withChoice(
    anyShape,
    (shape) => fc.shuffledSubarray(axesOf(shape), { minLength: shape.length }),
    trace.transpose,
  ),
  reshape: reshaping,
  broadcast: broadcasting(2).map(([from = [], like = []]) => ({
    operands: [{ shape: from }],
    build: ([x]) => trace.broadcast(x as trace.Tensor, commonShape(from, like)),
  })),
  slice: withChoice(
    someShape,
    (shape) =>
      fc.tuple(
        ...shape.map((length) =>
          fc.tuple(fc.nat(length), fc.nat(length)).map((ends) => ends.sort((a, b) => a - b)),
        ),
      ),
    (x, ranges) =>
      trace.slice(
        x,
        ranges.map(([start = 0]) => start),
        ranges.map(([start = 0, end = 0]) => end - start),
      ),
  ),
  pad: withChoice(
    someShape,
    (shape) => fc.tuple(...shape.map(() => fc.tuple(fc.nat(2), fc.nat(2)))),
    (x, counts) =>
      trace.pad(
        x,
        counts.map(([before]) => before),
        counts.map(([, after]) => after),
      ),
  ),
  concat: concatenation,
  gather: gathering,
  segmentSum: segments,
  reduceSum: withChoice(
    anyShape,
    (shape) => fc.tuple(subset(axesOf(shape)), fc.boolean()),
    (x, [axes, keep]) => trace.reduceSum(x, axes, keep),
  ),
  reduceMax: withChoice(
    fc.array(fullSize, { maxLength: 4 }),
    (shape) => fc.tuple(subset(axesOf(shape)), fc.boolean()),
    (x, [axes, keep]) => trace.reduceMax(x, axes, keep),
  ),
  softmax: alongAxis((x, axis) => trace.softmax(x, axis)),
  logSoftmax: alongAxis((x, axis) => trace.logSoftmax(x, axis)),
  argMax: fc.array(fullSize, { minLength: 1, maxLength: 4 }).map((shape) => ({
    operands: [{ shape }],
    build: ([x]) => trace.mul(trace.cast(trace.argMax(x as trace.Tensor), (x as trace.Tensor).dtype), 0.5),
  })),
  gelu: unary(trace.gelu),
  crossEntropy: fc.tuple(fullSize, fullSize, fc.boolean()).map(([n, classes, known]) => ({
    operands: [{ shape: [n, classes] }, { shape: [n], below: classes, known }],
    build: ([logits, labels]) => trace.crossEntropy(logits as trace.Tensor, labels as trace.Tensor),
  })),
  'loss: cross-entropy': lossOf('cross-entropy'),
  'loss: mse': lossOf('mse'),
  'loss: mse of real targets': fc.tuple(size, fullSize).map(([n, outputs]) => ({
    operands: [{ shape: [n, outputs] }, { shape: [n, outputs] }],
    build: ([found, wanted]) => exampleLosses('mse', found as trace.Tensor, wanted as trace.Tensor),
  })),
  'loss: stablemax': lossOf('stablemax'),
  'loss: hinge': lossOf('hinge'),
  matMul: fc
    .tuple(fc.array(size, { maxLength: 2 }), size, size, size, fc.boolean())
    .map(([batch, m, k, n, shared]) => ({
      operands: [{ shape: [...batch, m, k] }, { shape: [...(shared ? [] : batch), k, n] }],
      build: ([a, b]) => trace.matMul(a as trace.Tensor, b as trace.Tensor),
    })),
};

const product = (equation: string, a: Shape, b: Shape): OperationCase => ({
  operands: [{ shape: a }, { shape: b }],
  build: ([x, y]) => trace.contract(equation, x as trace.Tensor, y as trace.Tensor),
});

/** Sizes at which engines take other ways than for small ones. */
export const largeCases: Record<string, OperationCase> = {
  'contract: matrices': product('mk,kn->mn', [40, 30], [30, 50]),
  'contract: transposed': product('km,nk->nm', [30, 40], [50, 30]),
  'contract: the left operand turned, many columns': product('km,kn->mn', [30, 40], [30, 300]),
  'contract: turned, the result too': product('kn,km->nm', [30, 300], [30, 40]),
  'contract: two sums': product('bpd,bpe->ed', [20, 3, 16], [20, 3, 24]),
  'contract: batches': product('bmk,bkn->bnm', [3, 12, 20], [3, 20, 15]),
  'contract: attention': product('bqih,bpih->bqpi', [40, 3, 4, 8], [40, 3, 4, 8]),
  'contract: one row': product('bk,bkn->bn', [30, 12], [30, 12, 60]),
  'contract: outer': product('m,n->nm', [70], [90]),
  'logSoftmax: columns': {
    operands: [{ shape: [7, 90] }],
    build: ([x]) => trace.logSoftmax(x as trace.Tensor, 0),
  },
  'softmax: columns': {
    operands: [{ shape: [3, 7, 40] }],
    build: ([x]) => trace.softmax(x as trace.Tensor, 1),
  },
  'segmentSum: known': {
    operands: [{ shape: [300, 5] }, { shape: [300], below: 9, known: true }],
    build: ([x, i]) => trace.segmentSum(x as trace.Tensor, i as trace.Tensor, 11),
  },
  'segmentSum: fed': {
    operands: [{ shape: [300, 5] }, { shape: [300], below: 9, known: false }],
    build: ([x, i]) => trace.segmentSum(x as trace.Tensor, i as trace.Tensor, 11),
  },
  'reduceSum: long': {
    operands: [{ shape: [3000] }],
    build: ([x]) => trace.reduceSum(trace.mul(x as trace.Tensor, x as trace.Tensor), [0], false),
  },
  'reduceSum: few entries, close together': {
    operands: [{ shape: [50, 3, 4] }],
    build: ([x]) => trace.reduceSum(x as trace.Tensor, [1], false),
  },
  'gelu: long': {
    operands: [{ shape: [50, 40] }],
    from: -4,
    to: 4,
    build: ([x]) => trace.gelu(x as trace.Tensor),
  },
};

export const operationNames = Object.keys(operationCases) as Covered[];

function commonShape(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [x = 1, y = 1] = [a[axis - rank + a.length], b[axis - rank + b.length]];
    return x === 1 ? y : x;
  });
}

/** Distinct values in (from, to), none of them 0: no difference quotient meets a kink or a tie. */
function floatValues(shape: Shape, from: number, to: number, random: Random): Float64Array {
  const n = sizeOf(shape);
  const shift = random.uniformBetween(0.1, 0.4);
  return Float64Array.from(random.permutation(n), (place) => from + ((to - from) * (place + shift)) / n);
}

export type Feeds = Record<string, Float64Array | Int32Array>;

export interface TracedCase {
  /** `value`, a weighted sum of it, `loss`, and the gradient of that by every floating-point operand, `by:x0` … */
  outputs: Outputs & { value: trace.Tensor; loss: trace.Tensor };
  /** Of the inputs that the outputs reach. */
  feeds: Feeds;
  /** Names of the floating-point operands. */
  floats: string[];
}

/** The case as a graph, with values that depend on `seed` only. */
export function traceCase(
  { operands, from = -1, to = 1, build }: OperationCase,
  seed: number,
  dtype: trace.FloatType,
): TracedCase {
  const random = Random.stream(seed, 'data');
  const feeds: Feeds = {};
  const tensors = operands.map((operand, i): trace.Tensor => {
    const name = `x${i}`;
    if (!('below' in operand)) {
      feeds[name] = floatValues(operand.shape, from, to, random);
      return trace.input(name, operand.shape, dtype);
    }
    const indices = Int32Array.from({ length: sizeOf(operand.shape) }, () => random.integer(operand.below));
    if (operand.known) return trace.constant(indices, operand.shape, 'int32');
    feeds[name] = indices;
    return trace.input(name, operand.shape, 'int32');
  });
  const value = build(tensors);
  const weights = floatValues(value.shape, -1, 1, random);
  const loss = trace.reduceSum(
    trace.mul(value, trace.constant(weights, value.shape, dtype)),
    axesOf(value.shape),
    false,
  );
  const inputs = tensors.filter((tensor) => tensor.operation.kind === 'input' && tensor.dtype === dtype);
  const floats = inputs.map(({ operation }) => (operation.kind === 'input' ? operation.name : ''));
  const slopes = gradients(loss, inputs).map((slope, i) => [`by:${floats[i]}`, slope] as const);
  const outputs = { value, loss, ...Object.fromEntries(slopes) };
  const used = new Set(
    topological(Object.values(outputs)).flatMap(({ operation }) =>
      operation.kind === 'input' ? [operation.name] : [],
    ),
  );
  const reached = Object.fromEntries(Object.entries(feeds).filter(([name]) => used.has(name)));
  return { outputs, feeds: reached, floats: floats.filter((name) => used.has(name)) };
}

/** The feeds of a case in the types of a graph in `dtype`. */
export function hostFeeds(feeds: TracedCase['feeds'], dtype: trace.FloatType): Record<string, HostArray> {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, values]) => [
      name,
      values instanceof Float64Array && dtype === 'float32' ? Float32Array.from(values) : values,
    ]),
  );
}

/** The largest difference, relative to the largest entry of the reference (to 1e-3 where that is smaller). */
export function relativeError(actual: ArrayLike<number>, reference: ArrayLike<number>): number {
  if (actual.length !== reference.length) return Number.POSITIVE_INFINITY;
  let [largest, difference] = [1e-3, 0];
  for (let i = 0; i < reference.length; i++) {
    const [x, y] = [actual[i] as number, reference[i] as number];
    if (Object.is(x, y)) continue;
    largest = Math.max(largest, Math.abs(y));
    difference = Number.isNaN(x - y) ? Number.POSITIVE_INFINITY : Math.max(difference, Math.abs(x - y));
  }
  return difference / largest;
}
