/**
 * The operations that models are written in. Calling a model on traced tensors records a graph; nothing is computed.
 * Numbers stand for scalars of the other operand's type. Elementwise operations broadcast as NumPy does.
 */
import {
  isFloat,
  node,
  printShape,
  sizeOf,
  TraceError,
  type DType,
  type FloatType,
  type Shape,
  type Tensor,
  type UnaryKind,
} from './graph.ts';

export type { DType, FloatType, Outputs, Shape, Tensor } from './graph.ts';

export type Operand = Tensor | number;

/** A value fed at every run, by name. */
export function input(name: string, shape: Shape, dtype: DType): Tensor {
  return node({ kind: 'input', name, shape, dtype }, []);
}

/** A constant of the given shape, row-major. Float values are rounded to `dtype` by the engine. */
export function constant(values: ArrayLike<number>, shape: Shape, dtype: DType): Tensor {
  const data = isFloat(dtype) ? new Float64Array(values) : new Int32Array(values);
  return node({ kind: 'constant', data, shape, dtype }, []);
}

export function scalar(value: number, dtype: DType): Tensor {
  return constant([value], [], dtype);
}

/** The integers 0 … n − 1. */
export function range(n: number): Tensor {
  return constant(
    Int32Array.from({ length: n }, (_, i) => i),
    [n],
    'int32',
  );
}

const unary = (kind: UnaryKind) => (x: Tensor) => node({ kind }, [x]);
export const neg = unary('neg');
export const exp = unary('exp');
export const log = unary('log');
export const sqrt = unary('sqrt');
export const tanh = unary('tanh');
/** The error function 2/√π ∫₀ˣ exp(−t²) dt. */
export const erf = unary('erf');
export const relu = unary('relu');
/** 1 where x > 0, else 0. Its gradient is zero. */
export const step = unary('step');

const binary = (kind: 'add' | 'sub' | 'mul' | 'div' | 'less' | 'equal') => (a: Operand, b: Operand) => {
  const [x, y] = pair(kind, a, b);
  return node({ kind }, [x, y]);
};
export const add = binary('add');
export const sub = binary('sub');
export const mul = binary('mul');
export const div = binary('div');
/** a < b, as bool. */
export const less = binary('less');
export const equal = binary('equal');

export function where(condition: Tensor, whenTrue: Operand, whenFalse: Operand): Tensor {
  return node({ kind: 'where' }, [condition, ...pair('where', whenTrue, whenFalse)]);
}

export function cast(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : node({ kind: 'cast', dtype }, [x]);
}

/** Gaussian error linear unit, exact form x·Φ(x). Hendrycks & Gimpel 2016, equation 1. */
export function gelu(x: Tensor): Tensor {
  return mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
}

/**
 * Sums the product of `a` and `b` over the axes that the result does not name: `contract('bpd,dm->bpm', x, w)`.
 * One letter per axis; a letter may stand once per operand.
 */
export function contract(equation: string, a: Tensor, b: Tensor): Tensor {
  const parts = /^([a-zA-Z]*),([a-zA-Z]*)->([a-zA-Z]*)$/.exec(equation);
  if (parts === null)
    throw new TraceError('contract', [a, b], `"${equation}" is not of the form "ab,bc->ac".`);
  const [, left = '', right = '', out = ''] = parts;
  const lone = (labels: string, other: string): number[] =>
    [...labels].flatMap((label, axis) => (other.includes(label) || out.includes(label) ? [] : [axis]));
  const kept = (labels: string, axes: number[]): string =>
    [...labels].filter((_, axis) => !axes.includes(axis)).join('');
  const loneA = a.shape.length === left.length ? lone(left, right) : [];
  const loneB = b.shape.length === right.length ? lone(right, left) : [];
  return node({ kind: 'contract', a: kept(left, loneA), b: kept(right, loneB), out }, [
    reduceSum(a, loneA, false),
    reduceSum(b, loneB, false),
  ]);
}

/** Matrix product over the last two axes; leading axes are alike, or `b` has none. */
export function matMul(a: Tensor, b: Tensor): Tensor {
  const batch = 'abcdefgh'.slice(0, Math.max(0, a.shape.length - 2));
  if (
    a.shape.length < 2 ||
    (b.shape.length !== 2 && b.shape.length !== a.shape.length) ||
    a.shape.length > 10
  ) {
    throw new TraceError(
      'matMul',
      [a, b],
      'needs matrices, with the same leading axes or none on the right.',
    );
  }
  return contract(`${batch}mk,${b.shape.length === 2 ? '' : batch}kn->${batch}mn`, a, b);
}

export function transpose(x: Tensor, permutation: readonly number[]): Tensor {
  return permutation.every((axis, i) => axis === i) && permutation.length === x.shape.length
    ? x
    : node({ kind: 'transpose', permutation }, [x]);
}

export function reshape(x: Tensor, shape: Shape): Tensor {
  return printShape(shape) === printShape(x.shape) ? x : node({ kind: 'reshape', shape }, [x]);
}

export function broadcast(x: Tensor, shape: Shape): Tensor {
  return printShape(shape) === printShape(x.shape) ? x : node({ kind: 'broadcast', shape }, [x]);
}

export function slice(x: Tensor, starts: readonly number[], sizes: readonly number[]): Tensor {
  return printShape(sizes) === printShape(x.shape) && starts.every((start) => start === 0)
    ? x
    : node({ kind: 'slice', starts, sizes }, [x]);
}

/** The entry `index` of one axis; that axis goes. A negative index counts from the end. */
export function take(x: Tensor, axis: number, index: number): Tensor {
  const size = x.shape[axis];
  if (size === undefined) throw new TraceError('take', [x], `has no axis ${axis}.`);
  const starts = x.shape.map((_, i) => (i === axis ? (index < 0 ? size + index : index) : 0));
  const sizes = x.shape.map((length, i) => (i === axis ? 1 : length));
  return reshape(
    slice(x, starts, sizes),
    x.shape.filter((_, i) => i !== axis),
  );
}

/** Zeros around x. */
export function pad(x: Tensor, before: readonly number[], after: readonly number[]): Tensor {
  return [...before, ...after].every((count) => count === 0) ? x : node({ kind: 'pad', before, after }, [x]);
}

export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const [first] = tensors;
  return first !== undefined && tensors.length === 1 ? first : node({ kind: 'concat', axis }, tensors);
}

/** Rows of `table` ([rows, ...rest]) at `indices` (int32, any shape): [...indices, ...rest]. */
export function gather(table: Tensor, indices: Tensor): Tensor {
  return node({ kind: 'gather' }, [table, indices]);
}

/** Sums the rows of `values` that share an index: [n, ...rest], int32 [n] → [segments, ...rest]. */
export function segmentSum(values: Tensor, indices: Tensor, segments: number): Tensor {
  return node({ kind: 'segmentSum', segments }, [values, indices]);
}

export const reduceSum = reduction('reduceSum');
export const reduceMax = reduction('reduceMax');

export function reduceMean(x: Tensor, axes: readonly number[], keep: boolean): Tensor {
  const count = sizeOf(axes.map((axis) => x.shape[axis] ?? 1));
  return mul(reduceSum(x, axes, keep), 1 / count);
}

function reduction(kind: 'reduceSum' | 'reduceMax') {
  return (x: Tensor, axes: readonly number[], keep: boolean): Tensor => {
    if (axes.length === 0) return x;
    const reduced = node({ kind, axes: [...axes].sort((a, b) => a - b) }, [x]);
    return keep
      ? reduced
      : reshape(
          reduced,
          x.shape.filter((_, i) => !axes.includes(i)),
        );
  };
}

/** eˣ / Σ eˣ along an axis; the last one unless given. */
export function softmax(x: Tensor, axis = x.shape.length - 1): Tensor {
  return node({ kind: 'softmax', axis }, [x]);
}

/** x − ln Σ eˣ along an axis; the last one unless given. */
export function logSoftmax(x: Tensor, axis = x.shape.length - 1): Tensor {
  return node({ kind: 'logSoftmax', axis }, [x]);
}

/** Index of the first largest entry of the last axis; that axis goes. */
export function argMax(x: Tensor): Tensor {
  return reshape(node({ kind: 'argMax', axis: x.shape.length - 1 }, [x]), x.shape.slice(0, -1));
}

/** [...indices] → [...indices, depth] with a one at each index. */
export function oneHot(indices: Tensor, depth: number, dtype: FloatType): Tensor {
  return cast(equal(reshape(indices, [...indices.shape, 1]), range(depth)), dtype);
}

/** Mean cross-entropy, in nats, of logits [n, classes] against labels int32 [n]. */
export function crossEntropy(logits: Tensor, labels: Tensor): Tensor {
  const [n = 1, classes = 1] = logits.shape;
  if (!isFloat(logits.dtype))
    throw new TraceError('crossEntropy', [logits, labels], 'needs floating-point logits.');
  const picked = mul(oneHot(labels, classes, logits.dtype), logSoftmax(logits));
  return mul(reduceSum(picked, [0, 1], false), -1 / n);
}

function pair(kind: string, a: Operand, b: Operand): [Tensor, Tensor] {
  if (typeof a !== 'number') return [a, typeof b === 'number' ? scalar(b, a.dtype) : b];
  if (typeof b !== 'number') return [scalar(a, b.dtype), b];
  throw new TraceError(kind, [], 'needs at least one tensor.');
}
