/**
 * Lowers `contract` to what ONNX has. Labels fall into four sets: batch (in a, b and out), summed (in a and b only),
 * left (a and out) and right (b and out). No batch: one Gemm, which takes either operand transposed. Nothing
 * summed, or nothing for a matrix product to reuse: multiply and reduce. Otherwise: batched MatMul.
 */
import { sizeOf, type OperationOf, type Tensor } from './graph.ts';
import { cheapestOrder } from './onnx-multiply.ts';
import type { OnnxBuilder } from './onnx-emit.ts';

/** Below this many multiplications per batch entry a batched product costs more in calls than in arithmetic. */
const smallProduct = 512;

/** An operand: a value with one label per axis. */
interface Labelled {
  value: string;
  labels: string;
}

interface Matrix {
  value: string;
  /** Whether it lies as [inner, outer]. */
  innerFirst: boolean;
  /** Its sizes as it lies. */
  matrix: readonly number[];
}

interface Context {
  builder: OnnxBuilder;
  size: (labels: string) => number;
  shape: (labels: string) => number[];
}

export function emitContract(builder: OnnxBuilder, tensor: Tensor, inputs: string[]): string {
  const { a, b, out } = tensor.operation as OperationOf<'contract'>;
  const sizes = new Map<string, number>();
  [a, b].forEach((labels, i) =>
    [...labels].forEach((label, axis) => sizes.set(label, tensor.inputs[i]?.shape[axis] as number)),
  );
  const shape = (labels: string): number[] => [...labels].map((label) => sizes.get(label) as number);
  const context: Context = { builder, shape, size: (labels) => sizeOf(shape(labels)) };
  const left = { value: inputs[0] as string, labels: a };
  const right = { value: inputs[1] as string, labels: b };
  const among = (labels: string, test: (label: string) => boolean): string =>
    [...labels].filter(test).join('');
  const batch = among(out, (label) => a.includes(label) && b.includes(label));
  const summed = among(a, (label) => !out.includes(label));
  const rows = among(out, (label) => !b.includes(label));
  const columns = among(out, (label) => !a.includes(label));
  const perEntry = context.size(rows + columns + summed);
  const noReuse = context.size(rows) === 1 || context.size(columns) === 1;
  if (summed === '' || (batch !== '' && (noReuse || perEntry <= smallProduct)))
    return multiplyAndReduce(context, left, right, out, summed);
  if (batch === '') return gemm(context, left, right, { rows, columns, summed }, out);
  return batchedMatMul(context, left, right, { batch, rows, columns, summed }, out);
}

function multiplyAndReduce(
  context: Context,
  left: Labelled,
  right: Labelled,
  out: string,
  summed: string,
): string {
  const { builder } = context;
  const order = cheapestOrder({ a: left.labels, b: right.labels, out }, (label) => context.size(label));
  const product = builder.emit('Mul', [spread(context, left, order), spread(context, right, order)]);
  if (summed === '') return arrange(context, { value: product, labels: order }, out);
  const axes = [...order].flatMap((label, axis) => (summed.includes(label) ? [axis] : []));
  const kept = [...order].filter((label) => !summed.includes(label)).join('');
  return arrange(context, { value: builder.reduceSum(product, axes, false), labels: kept }, out);
}

function gemm(
  context: Context,
  left: Labelled,
  right: Labelled,
  { rows, columns, summed }: { rows: string; columns: string; summed: string },
  out: string,
): string {
  const { builder, size } = context;
  // The order of the summed labels is free: take the operand's whose own layout then needs no transpose.
  const orders = [summed, [...right.labels].filter((label) => summed.includes(label)).join('')];
  const fits = (operand: string, outer: string, inner: string): boolean =>
    operand === outer + inner || operand === inner + outer;
  const score = (order: string): number =>
    Number(fits(left.labels, rows, order)) * size(left.labels) +
    Number(fits(right.labels, columns, order)) * size(right.labels);
  const inner = orders.reduce((best, order) => (score(order) > score(best) ? order : best));
  const flip = out === columns + rows && out !== rows + columns;
  const x = asMatrix(context, left, rows, inner);
  const y = asMatrix(context, right, columns, inner);
  const [leading, second] = flip ? [y, x] : [x, y];
  const first = size(flip ? rows : columns) >= manyColumns ? turned(context, leading) : leading;
  const product = builder.emit('Gemm', [first.value, second.value], {
    transA: first.innerFirst ? 1 : 0,
    transB: second.innerFirst ? 0 : 1,
  });
  const labels = flip ? columns + rows : rows + columns;
  const matrix = flip ? [size(columns), size(rows)] : [size(rows), size(columns)];
  return arrange(context, { value: builder.reshape(product, matrix, context.shape(labels)), labels }, out);
}

/** The operand as a matrix [outer, inner], or [inner, outer] where that is how it lies in memory. */
function asMatrix(context: Context, operand: Labelled, outer: string, inner: string): Matrix {
  const { builder, size } = context;
  const innerFirst = operand.labels === inner + outer && operand.labels !== outer + inner;
  const labels = innerFirst ? inner + outer : outer + inner;
  const value = arrange(context, operand, labels);
  const matrix = innerFirst ? [size(inner), size(outer)] : [size(outer), size(inner)];
  return { value: builder.reshape(value, context.shape(labels), matrix), innerFirst, matrix };
}

/** Columns from which on ONNX Runtime turns the left operand of a product over and over, once for each block of them. */
const manyColumns = 256;

/** The matrix turned once. As three axes: a plain transpose would be taken back into the product. */
function turned({ builder }: Context, operand: Matrix): Matrix {
  const { value, innerFirst, matrix } = operand;
  if (!innerFirst) return operand;
  const [inner, outer] = matrix as [number, number];
  const deep = builder.reshape(value, matrix, [1, inner, outer]);
  const flipped = builder.transpose(deep, [0, 2, 1]);
  const flat = [outer, inner];
  return { value: builder.reshape(flipped, [1, outer, inner], flat), innerFirst: false, matrix: flat };
}

function batchedMatMul(
  context: Context,
  left: Labelled,
  right: Labelled,
  { batch, rows, columns, summed }: { batch: string; rows: string; columns: string; summed: string },
  out: string,
): string {
  const { builder, size, shape } = context;
  const matrices = (operand: Labelled, first: string, second: string): string => {
    const labels = batch + first + second;
    return builder.reshape(arrange(context, operand, labels), shape(labels), [
      ...shape(batch),
      size(first),
      size(second),
    ]);
  };
  const product = builder.emit('MatMul', [matrices(left, rows, summed), matrices(right, summed, columns)]);
  const labels = batch + rows + columns;
  const value = builder.reshape(product, [...shape(batch), size(rows), size(columns)], shape(labels));
  return arrange(context, { value, labels }, out);
}

/** The operand with its axes in the order of `labels` (the same letters). */
function arrange({ builder }: Context, operand: Labelled, labels: string): string {
  return builder.transpose(
    operand.value,
    [...labels].map((label) => operand.labels.indexOf(label)),
  );
}

/** The operand with its axes in the order of `labels`, and size 1 where it lacks one. */
function spread(context: Context, operand: Labelled, labels: string): string {
  const own = [...labels].filter((label) => operand.labels.includes(label)).join('');
  const target = [...labels].map((label) => (own.includes(label) ? context.size(label) : 1));
  return context.builder.reshape(arrange(context, operand, own), context.shape(own), target);
}
