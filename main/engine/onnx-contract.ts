/**
 * Lowers `contract` to what ONNX has. Labels fall into four sets: batch (in a, b and out), summed (in a and b only),
 * left (a and out) and right (b and out). No batch but perhaps lanes: one matrix product. Nothing summed, or nothing for a
 * matrix product to reuse: multiply and reduce. Otherwise: batched MatMul.
 */
import { laneLabel, sizeOf, type DType, type OperationOf, type Tensor } from './graph.ts';
import { cheapestOrder } from './onnx-multiply.ts';
import type { OnnxBuilder } from './onnx-emit.ts';

/** Below this many multiplications per batch entry a batched product costs more in calls than in arithmetic. */
const smallProduct = 512;

/** An operand: a value with one label per axis. */
interface Labelled {
  value: string;
  labels: string;
}

interface Context {
  builder: OnnxBuilder;
  dtype: DType;
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
  const context: Context = { builder, dtype: tensor.dtype, shape, size: (labels) => sizeOf(shape(labels)) };
  const left = { value: inputs[0] as string, labels: a };
  const right = { value: inputs[1] as string, labels: b };
  const among = (labels: string, test: (label: string) => boolean): string =>
    [...labels].filter(test).join('');
  const batch = among(out, (label) => a.includes(label) && b.includes(label));
  const summed = among(a, (label) => !out.includes(label));
  if (batch.replace(laneLabel, '') === '' && summed !== '')
    return matrixProduct(context, left, right, summed, out);
  const rows = among(out, (label) => !b.includes(label));
  const columns = among(out, (label) => !a.includes(label));
  const perEntry = context.size(rows + columns + summed);
  const noReuse = context.size(rows) === 1 || context.size(columns) === 1;
  if (summed === '' || noReuse || perEntry <= smallProduct)
    return multiplyAndReduce(context, left, right, out, summed);
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
  const full = context.shape(order);
  const sums = builder.reduceSum(product, full, axes, context.dtype);
  const ones = full.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return arrange(context, { value: builder.reshape(sums, ones, context.shape(kept)), labels: kept }, out);
}

/** The sets of labels of a product without batch. */
interface Product {
  rows: string;
  columns: string;
  summed: string;
}

/**
 * One matrix product, or one in every lane. Both are emitted alike: the kernels that a product takes, and with them its last
 * bits, depend on how its operands lie in memory. So a transpose is a node of its own, which ONNX Runtime folds into a
 * constant or makes part of the product, and an operand that all lanes share is not joined with them into one large matrix.
 */
function matrixProduct(
  context: Context,
  left: Labelled,
  right: Labelled,
  summed: string,
  out: string,
): string {
  const { builder, shape, size } = context;
  const lanes = out.startsWith(laneLabel) ? laneLabel : '';
  const own = (labels: string): string => labels.replace(laneLabel, '');
  const [a, b, c] = [own(left.labels), own(right.labels), own(out)];
  const without = (labels: string): string => [...c].filter((label) => !labels.includes(label)).join('');
  const sets: Product = { rows: without(b), columns: without(a), summed };
  const { first, second, labels } = oriented(context, left, right, sets, out);
  const matrix = (
    { operand, outer, inner, innerFirst }: Side,
    wanted: 'outer first' | 'inner first',
    apart = false,
  ): string => {
    const lead = operand.labels.startsWith(laneLabel) ? laneLabel : '';
    const ordered = lead + (innerFirst ? inner + outer : outer + inner);
    const sizes = innerFirst ? [size(inner), size(outer)] : [size(outer), size(inner)];
    const batch = lanes === '' ? [] : [size(lead)];
    const lying = builder.reshape(arrange(context, operand, ordered), shape(ordered), [...batch, ...sizes]);
    if (innerFirst === (wanted === 'inner first')) return lying;
    return apart
      ? turned(builder, lying, [...batch, ...sizes])
      : builder.transpose(lying, lastTwo(batch.length));
  };
  const isWide = size(second.outer) >= manyColumns;
  const product = builder.emit('MatMul', [
    matrix(first, 'outer first', isWide),
    matrix(second, 'inner first'),
  ]);
  const from = [...shape(lanes), size(first.outer), size(second.outer)];
  const all = lanes + labels;
  return arrange(context, { value: builder.reshape(product, from, shape(all)), labels: all }, out);
}

/** Columns from which on ONNX Runtime turns the left operand of a product over and over, once for each block of them. */
const manyColumns = 256;

/** The matrices turned once. With an axis more: ONNX Runtime would take a plain transpose back into the product. */
function turned(builder: OnnxBuilder, matrices: string, sizes: readonly number[]): string {
  const batch = sizes.slice(0, -2);
  const [inner, outer] = sizes.slice(-2) as [number, number];
  const deep = builder.reshape(matrices, sizes, [...batch, 1, inner, outer]);
  const flipped = builder.transpose(deep, lastTwo(batch.length + 1));
  return builder.reshape(flipped, [...batch, 1, outer, inner], [...batch, outer, inner]);
}

/** The permutation that swaps the last two axes, after so many others. */
function lastTwo(others: number): number[] {
  return [...Array.from({ length: others }, (_, axis) => axis), others + 1, others];
}

/** An operand of a matrix product: [outer, inner], or [inner, outer] where that is how it lies in memory. */
interface Side {
  operand: Labelled;
  outer: string;
  inner: string;
  innerFirst: boolean;
}

/** Which operand comes first, and how each is laid out, so that little has to be transposed; lanes aside. */
function oriented(
  context: Context,
  left: Labelled,
  right: Labelled,
  { rows, columns, summed }: Product,
  out: string,
): { first: Side; second: Side; labels: string } {
  const { size } = context;
  const [a, b, c] = [left.labels, right.labels, out].map((labels) => labels.replace(laneLabel, '')) as [
    string,
    string,
    string,
  ];
  // The order of the summed labels is free: take the operand's whose own layout then needs no transpose.
  const orders = [summed, [...b].filter((label) => summed.includes(label)).join('')];
  const fits = (operand: string, outer: string, inner: string): boolean =>
    operand === outer + inner || operand === inner + outer;
  const score = (order: string): number =>
    Number(fits(a, rows, order)) * size(a) + Number(fits(b, columns, order)) * size(b);
  const inner = orders.reduce((best, order) => (score(order) > score(best) ? order : best));
  const side = (operand: Labelled, labels: string, outer: string): Side => ({
    operand,
    outer,
    inner,
    innerFirst: labels === inner + outer && labels !== outer + inner,
  });
  const [x, y] = [side(left, a, rows), side(right, b, columns)];
  return c === columns + rows && c !== rows + columns
    ? { first: y, second: x, labels: columns + rows }
    : { first: x, second: y, labels: rows + columns };
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
