/**
 * The meaning of the operations: a plain interpreter in float64 that favours clarity over speed. It folds constants
 * and is what engines are tested against.
 */
import {
  isFloat,
  sizeOf,
  topological,
  type ConstantData,
  type Operation,
  type Shape,
  type Tensor,
} from './graph.ts';

interface Value {
  shape: Shape;
  data: ConstantData;
}

/** Values of `outputs`, in float64 whatever their type, from the values of the inputs by name. */
export function evaluate(
  outputs: readonly Tensor[],
  feeds: Readonly<Record<string, ArrayLike<number>>> = {},
): ConstantData[] {
  const values = new Map<Tensor, Value>();
  for (const tensor of topological(outputs)) {
    const inputs = tensor.inputs.map((input) => values.get(input) as Value);
    values.set(tensor, { shape: tensor.shape, data: compute(tensor, inputs, feeds) });
  }
  return outputs.map((tensor) => (values.get(tensor) as Value).data);
}

const unaryRules: Partial<Record<Operation['kind'], (x: number) => number>> = {
  neg: (x) => -x,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  tanh: Math.tanh,
  erf: errorFunction,
  relu: (x) => (x > 0 ? x : x === x ? 0 : x),
  step: (x) => (x > 0 ? 1 : 0),
};

const binaryRules: Partial<Record<Operation['kind'], (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  less: (a, b) => Number(a < b),
  equal: (a, b) => Number(a === b),
};

function compute(
  tensor: Tensor,
  inputs: readonly Value[],
  feeds: Readonly<Record<string, ArrayLike<number>>>,
): ConstantData {
  const { operation, shape } = tensor;
  const result = isFloat(tensor.dtype) ? new Float64Array(sizeOf(shape)) : new Int32Array(sizeOf(shape));
  const at = (i: number): Value => inputs[i] as Value;
  const unaryRule = unaryRules[operation.kind];
  if (unaryRule !== undefined) return result.map((_, i) => unaryRule(at(0).data[i] as number));
  const binaryRule = binaryRules[operation.kind];
  if (binaryRule !== undefined) {
    const [a, b] = [reader(at(0), shape), reader(at(1), shape)];
    return fill(result, shape, (index) => binaryRule(a(index), b(index)));
  }
  switch (operation.kind) {
    case 'input': {
      const feed = feeds[operation.name];
      if (feed?.length !== result.length)
        throw new Error(`Input "${operation.name}" needs ${result.length} values, got ${feed?.length ?? 0}.`);
      result.set(feed);
      return result;
    }
    case 'constant':
      return operation.data;
    case 'where': {
      const [condition, a, b] = [reader(at(0), shape), reader(at(1), shape), reader(at(2), shape)];
      return fill(result, shape, (index) => (condition(index) !== 0 ? a(index) : b(index)));
    }
    case 'cast':
      result.set(tensor.dtype === 'bool' ? at(0).data.map((x) => Number(x !== 0)) : at(0).data);
      return result;
    case 'reshape':
      result.set(at(0).data);
      return result;
    case 'broadcast':
      return fill(result, shape, reader(at(0), shape));
    case 'contract':
      return computeContract(operation, at(0), at(1), result);
    case 'transpose':
      return fill(result, shape, (index) => {
        const source: number[] = [];
        operation.permutation.forEach((axis, i) => (source[axis] = index[i] as number));
        return at(0).data[offset(source, at(0).shape)] as number;
      });
    case 'slice':
      return fill(result, shape, (index) => {
        const source = index.map((i, axis) => i + (operation.starts[axis] as number));
        return at(0).data[offset(source, at(0).shape)] as number;
      });
    case 'pad':
      return fill(result, shape, (index) => {
        const source = index.map((i, axis) => i - (operation.before[axis] as number));
        const inside = source.every((i, axis) => i >= 0 && i < (at(0).shape[axis] as number));
        return inside ? (at(0).data[offset(source, at(0).shape)] as number) : 0;
      });
    case 'concat':
      return fill(result, shape, (index) => {
        let i = index[operation.axis] as number;
        const part = inputs.find(({ shape: size }) => {
          if (i < (size[operation.axis] as number)) return true;
          i -= size[operation.axis] as number;
          return false;
        }) as Value;
        return part.data[
          offset(
            index.map((k, axis) => (axis === operation.axis ? i : k)),
            part.shape,
          )
        ] as number;
      });
    case 'gather': {
      const [rows = 1, ...rest] = at(0).shape;
      const width = sizeOf(rest);
      at(1).data.forEach((row, i) => {
        if (row < 0 || row >= rows) throw new RangeError(`gather: the table has no row ${row}.`);
        result.set(at(0).data.subarray(row * width, (row + 1) * width), i * width);
      });
      return result;
    }
    case 'segmentSum': {
      const width = sizeOf(shape.slice(1));
      at(1).data.forEach((segment, row) => {
        if (segment < 0 || segment >= operation.segments)
          throw new RangeError(`segmentSum: there is no segment ${segment}.`);
        for (let i = 0; i < width; i++) {
          const place = segment * width + i;
          result[place] = (result[place] as number) + (at(0).data[row * width + i] as number);
        }
      });
      return result;
    }
    case 'reduceSum':
    case 'reduceMax': {
      const isMax = operation.kind === 'reduceMax';
      if (isMax) result.fill(-Infinity);
      const target = reader({ shape, data: Int32Array.from(result, (_, i) => i) }, at(0).shape);
      fill(at(0).data.slice(), at(0).shape, (index, i) => {
        const [cell, x] = [target(index), at(0).data[i] as number];
        result[cell] = isMax ? Math.max(result[cell] as number, x) : (result[cell] as number) + x;
        return x;
      });
      return result;
    }
    case 'softmax':
    case 'logSoftmax':
    case 'argMax':
      return alongAxis(operation.kind, at(0), operation.axis, result);
    default:
      throw new Error(`No rule for ${operation.kind}.`);
  }
}

function computeContract(
  { a, b, out }: { a: string; b: string; out: string },
  left: Value,
  right: Value,
  result: ConstantData,
): ConstantData {
  const summed = [...a].filter((label) => !out.includes(label));
  const labels = [...out, ...summed];
  const sizes = labels.map(
    (label) => (a.includes(label) ? left.shape[a.indexOf(label)] : right.shape[b.indexOf(label)]) as number,
  );
  const pick = (operand: string) => [...operand].map((label) => labels.indexOf(label));
  const [pickA, pickB] = [pick(a), pick(b)];
  const outSize = sizes.slice(0, out.length);
  fill(new Float64Array(sizeOf(sizes)), sizes, (index) => {
    const x = left.data[
      offset(
        pickA.map((i) => index[i] as number),
        left.shape,
      )
    ] as number;
    const y = right.data[
      offset(
        pickB.map((i) => index[i] as number),
        right.shape,
      )
    ] as number;
    const place = offset(index.slice(0, out.length), outSize);
    result[place] = (result[place] as number) + x * y;
    return 0;
  });
  return result;
}

function alongAxis(
  kind: 'softmax' | 'logSoftmax' | 'argMax',
  { shape, data }: Value,
  axis: number,
  result: ConstantData,
): ConstantData {
  const length = shape[axis] as number;
  const stride = sizeOf(shape.slice(axis + 1));
  for (let line = 0; line < data.length / length; line++) {
    const start = Math.floor(line / stride) * stride * length + (line % stride);
    const row = Array.from({ length }, (_, i) => data[start + i * stride] as number);
    const largest = Math.max(...row);
    const total = row.reduce((sum, x) => sum + Math.exp(x - largest), 0);
    if (kind === 'argMax') result[line] = row.indexOf(largest);
    else
      row.forEach(
        (x, i) =>
          (result[start + i * stride] =
            kind === 'softmax' ? Math.exp(x - largest) / total : x - largest - Math.log(total)),
      );
  }
  return result;
}

/** Sets every element from its index, in row-major order. */
function fill(
  target: ConstantData,
  shape: Shape,
  rule: (index: number[], position: number) => number,
): ConstantData {
  const index = shape.map(() => 0);
  for (let position = 0; position < target.length; position++) {
    target[position] = rule(index, position);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      index[axis] = 0;
    }
  }
  return target;
}

/** Reads a value as if broadcast to `shape`. */
function reader(value: Value, shape: Shape): (index: number[]) => number {
  const shift = shape.length - value.shape.length;
  return (index) => {
    let position = 0;
    value.shape.forEach(
      (size, axis) => (position = position * size + (size === 1 ? 0 : (index[axis + shift] as number))),
    );
    return value.data[position] as number;
  };
}

function offset(index: readonly number[], shape: Shape): number {
  return index.reduce((position, i, axis) => position * (shape[axis] as number) + i, 0);
}

/** erf to float64 accuracy: its Maclaurin series, and the continued fraction of erfc (Abramowitz & Stegun 7.1.6, 7.1.14). */
export function errorFunction(x: number): number {
  if (Number.isNaN(x)) return x;
  const z = Math.abs(x);
  if (z > 6) return Math.sign(x);
  if (z < 2.5) {
    let term = z;
    let sum = z;
    for (let n = 1; Math.abs(term) > 1e-17 * sum; n++) {
      term *= (2 * z * z) / (2 * n + 1);
      sum += term;
    }
    return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z) * sum;
  }
  let fraction = z;
  for (let n = 80; n >= 1; n--) fraction = z + n / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-z * z) / (Math.sqrt(Math.PI) * fraction));
}
