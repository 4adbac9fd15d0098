/** Constants folded, neutral elements dropped, views merged, repeated values not repeated. */
import { evaluate } from './evaluate.ts';
import {
  binaryKinds,
  comparisonKinds,
  isFloat,
  node,
  sameShape,
  sizeOf,
  unaryKinds,
  type Operation,
  type Tensor,
} from './graph.ts';
import { uniformValue, type Rule } from './rewrite.ts';
import { broadcast, constant, contract, mul, reduceSum, reshape, scalar, transpose } from './trace.ts';

/** Larger results stay computed by the engine, which folds constants faster than the interpreter. */
const foldLimit = 1 << 16;
/** So do contractions of more products than this. */
const productLimit = 1 << 20;

const elementwiseKinds: ReadonlySet<Operation['kind']> = new Set([
  ...unaryKinds,
  ...binaryKinds,
  ...comparisonKinds,
  'where',
  'cast',
]);

/** Whether an operation works element by element, with broadcasting. */
export function isElementwise(tensor: Tensor): boolean {
  return elementwiseKinds.has(tensor.operation.kind);
}

const foldConstants: Rule = (tensor) => {
  const { operation, inputs, shape, dtype } = tensor;
  if (inputs.length === 0 || operation.kind === 'broadcast') return null;
  const known = (input: Tensor): boolean =>
    input.operation.kind === 'constant' || uniformValue(input) !== null;
  const limit = Math.max(foldLimit, ...inputs.map((input) => sizeOf(input.shape)));
  if (!inputs.every(known) || sizeOf(shape) > limit || productsOf(tensor) > productLimit) return null;
  return constant(evaluate([tensor])[0] as ArrayLike<number>, shape, dtype);
};

/** How many products a contraction adds up; 0 for everything else. */
function productsOf({ operation, inputs, shape }: Tensor): number {
  if (operation.kind !== 'contract') return 0;
  const { a, out } = operation;
  const summed = [...a].map((label, axis) => (out.includes(label) ? 1 : (inputs[0]?.shape[axis] ?? 1)));
  return sizeOf(shape) * sizeOf(summed);
}

/** A constant with one value everywhere is a scalar, repeated. */
const shrinkUniform: Rule = ({ operation, shape, dtype }) => {
  if (operation.kind !== 'constant' || operation.data.length < 2 || !isFloat(dtype)) return null;
  const first = operation.data[0] as number;
  return operation.data.every((value) => value === first) ? broadcast(scalar(first, dtype), shape) : null;
};

/** x + 0, x − 0, x·1, x/1; (x·c)·d = x·(cd); −x = x·(−1). */
const dropNeutral: Rule = ({ operation: { kind }, inputs: [x, y], shape }) => {
  if (x === undefined) return null;
  if (kind === 'neg') return mul(x, -1);
  if (y === undefined) return null;
  const [left, right] = [uniformValue(x), uniformValue(y)];
  if (
    ((kind === 'add' || kind === 'sub') && right === 0) ||
    ((kind === 'mul' || kind === 'div') && right === 1)
  ) {
    return broadcast(x, shape);
  }
  if ((kind === 'add' && left === 0) || (kind === 'mul' && left === 1)) return broadcast(y, shape);
  if (kind === 'mul' && left !== null && right === null) return mul(y, x);
  if (kind === 'mul' && right !== null && x.operation.kind === 'mul') {
    const [inner, factor] = x.inputs as [Tensor, Tensor];
    const value = uniformValue(factor);
    if (value !== null) return broadcast(mul(inner, value * right), shape);
  }
  return null;
};

/** reduceSum(x·c) = c·reduceSum(x). */
const scaleAfterSum: Rule = ({ operation, inputs: [x] }) => {
  if (operation.kind !== 'reduceSum' || x?.operation.kind !== 'mul') return null;
  const [inner, factor] = x.inputs as [Tensor, Tensor];
  const value = uniformValue(factor);
  return value === null || !sameShape(inner.shape, x.shape)
    ? null
    : mul(reduceSum(inner, operation.axes, true), value);
};

const mergeViews: Rule = ({ operation, inputs: [x], shape, dtype }) => {
  if (x === undefined) return null;
  const [source] = x.inputs;
  switch (operation.kind) {
    case 'reshape':
      if (x.operation.kind === 'reshape' && source !== undefined) return reshape(source, shape);
      return sameShape(shape, x.shape) ? x : null;
    case 'broadcast':
      if (x.operation.kind === 'broadcast' && source !== undefined) return broadcast(source, shape);
      return sameShape(shape, x.shape) ? x : null;
    case 'transpose': {
      const { permutation } = operation;
      if (permutation.every((axis, i) => axis === i)) return x;
      if (x.operation.kind === 'transpose' && source !== undefined) {
        const inner = x.operation.permutation;
        return transpose(
          source,
          permutation.map((axis) => inner[axis] as number),
        );
      }
      // Axes of size 1 may move freely: what is left in order is only a reshape.
      const moved = permutation.filter((axis) => x.shape[axis] !== 1);
      return moved.every((axis, i) => i === 0 || axis > (moved[i - 1] as number)) ? reshape(x, shape) : null;
    }
    case 'cast':
      return x.dtype === dtype ? x : null;
    default:
      return null;
  }
};

/** A sum over axes of size 1 is its operand. */
const dropEmptySum: Rule = ({ operation, inputs: [x] }) =>
  (operation.kind === 'reduceSum' || operation.kind === 'reduceMax') &&
  x !== undefined &&
  operation.axes.every((axis) => x.shape[axis] === 1)
    ? x
    : null;

/** Elementwise on repeated values: compute once, repeat after. */
const repeatAfterElementwise: Rule = (tensor) => {
  if (!isElementwise(tensor) || !tensor.inputs.some((input) => input.operation.kind === 'broadcast'))
    return null;
  const bare = tensor.inputs.map((input) =>
    input.operation.kind === 'broadcast' ? (input.inputs[0] as Tensor) : input,
  );
  return broadcast(node(tensor.operation, bare), tensor.shape);
};

/** Sums, reshapes, transposes and products of repeated values. */
const repeatLater: Rule = ({ operation, inputs: [x], shape }) => {
  if (x?.operation.kind !== 'broadcast') return null;
  const source = aligned(x);
  switch (operation.kind) {
    case 'reduceSum': {
      const repeats = sizeOf(
        operation.axes.map((axis) => (source.shape[axis] === 1 ? (x.shape[axis] as number) : 1)),
      );
      return broadcast(mul(reduceSum(source, operation.axes, true), repeats), shape);
    }
    case 'reduceMax':
      return broadcast(node(operation, [source]), shape);
    case 'transpose':
      return broadcast(transpose(source, operation.permutation), shape);
    case 'reshape': {
      if (sizeOf(source.shape) === 1) return broadcast(reshape(source, []), shape);
      const onlyUnits = sameShape(
        x.shape.filter((size) => size !== 1),
        shape.filter((size) => size !== 1),
      );
      if (!onlyUnits) return null;
      const kept = source.shape.filter((_, axis) => x.shape[axis] !== 1);
      const target = shape.map((size) => (size === 1 ? 1 : (kept.shift() as number)));
      return broadcast(reshape(source, target), shape);
    }
    default:
      return null;
  }
};

/** The source of a broadcast, with as many axes as its result. */
function aligned(tensor: Tensor): Tensor {
  const source = tensor.inputs[0] as Tensor;
  return reshape(source, [...tensor.shape.slice(source.shape.length).map(() => 1), ...source.shape]);
}

/** A transposed operand only renames axes. */
const relabelContract: Rule = (tensor) => {
  const { operation, inputs } = tensor;
  if (operation.kind !== 'contract' || !inputs.some((input) => input.operation.kind === 'transpose'))
    return null;
  const relabel = (labels: string, input: Tensor): [string, Tensor] => {
    if (input.operation.kind !== 'transpose') return [labels, input];
    const { permutation } = input.operation;
    return [
      input.shape.map((_, axis) => labels[permutation.indexOf(axis)]).join(''),
      input.inputs[0] as Tensor,
    ];
  };
  const [a, left] = relabel(operation.a, inputs[0] as Tensor);
  const [b, right] = relabel(operation.b, inputs[1] as Tensor);
  return contract(`${a},${b}->${operation.out}`, left, right);
};

/** Axes of size 1, and axes along which an operand is repeated, take no part in the product. */
const dropIdleAxes: Rule = ({ operation, inputs, shape }) => {
  if (operation.kind !== 'contract') return null;
  const idle = (labels: string, input: Tensor): string => {
    const source = input.operation.kind === 'broadcast' ? aligned(input).shape : input.shape;
    return [...labels].filter((_, axis) => source[axis] === 1).join('');
  };
  const dropped = [idle(operation.a, inputs[0] as Tensor), idle(operation.b, inputs[1] as Tensor)] as const;
  if (dropped[0] === '' && dropped[1] === '') return null;
  const strip = (labels: string, input: Tensor, gone: string): [string, Tensor] => {
    if (gone === '') return [labels, input];
    const source = input.operation.kind === 'broadcast' ? aligned(input) : input;
    const kept = [...labels].filter((label) => !gone.includes(label));
    return [
      kept.join(''),
      reshape(
        source,
        source.shape.filter((_, axis) => !gone.includes(labels[axis] as string)),
      ),
    ];
  };
  const [a, left] = strip(operation.a, inputs[0] as Tensor, dropped[0]);
  const [b, right] = strip(operation.b, inputs[1] as Tensor, dropped[1]);
  const summed = [...operation.a].filter((label) => !operation.out.includes(label));
  const repeats = sizeOf(
    summed
      .filter((label) => !a.includes(label) && !b.includes(label))
      .map((label) => inputs[0]?.shape[operation.a.indexOf(label)] as number),
  );
  const out = [...operation.out].filter((label) => a.includes(label) || b.includes(label)).join('');
  const product = contract(`${a},${b}->${out}`, left, right);
  const withUnits = [...operation.out].map((label, axis) =>
    out.includes(label) ? (shape[axis] as number) : 1,
  );
  const scaled = repeats === 1 ? product : mul(product, repeats);
  return broadcast(reshape(scaled, withUnits), shape);
};

/** Both operands share all axes: that is an elementwise product. */
const contractToMul: Rule = ({ operation, inputs }) => {
  if (operation.kind !== 'contract' || operation.a !== operation.out || operation.b !== operation.out)
    return null;
  return mul(inputs[0] as Tensor, inputs[1] as Tensor);
};

/** A product with a scalar. */
const contractWithScalar: Rule = ({ operation, inputs: [x, y] }) => {
  if (operation.kind !== 'contract' || x === undefined || y === undefined) return null;
  const order = (labels: string): number[] => [...operation.out].map((label) => labels.indexOf(label));
  if (operation.b === '' && operation.a.length === operation.out.length)
    return mul(transpose(x, order(operation.a)), y);
  if (operation.a === '' && operation.b.length === operation.out.length)
    return mul(transpose(y, order(operation.b)), x);
  return null;
};

export const algebraRules: readonly Rule[] = [
  foldConstants,
  shrinkUniform,
  dropNeutral,
  scaleAfterSum,
  mergeViews,
  dropEmptySum,
  repeatAfterElementwise,
  repeatLater,
  relabelContract,
  dropIdleAxes,
  contractToMul,
  contractWithScalar,
];
