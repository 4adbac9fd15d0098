/**
 * Lowers `contract` to what ONNX has. Labels fall into four sets: batch (in a, b and out), summed (in a and b only),
 * left (a and out) and right (b and out). No batch: one Gemm, which takes either operand transposed. Nothing
 * summed, or nothing for a matrix product to reuse: multiply and reduce. Otherwise: batched MatMul.
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
  if (out.startsWith(laneLabel) && batch.replace(laneLabel, '') === '' && summed !== '')
    return inLanes(context, left, right, summed, out);
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

function gemm(context: Context, left: Labelled, right: Labelled, sets: Product, out: string): string {
  const { builder, size } = context;
  const { first, second, labels } = oriented(context, left, right, sets, out);
  const [x, y] = [first, second].map((side) => asMatrix(context, side)) as [string, string];
  const product = builder.emit('Gemm', [x, y], {
    transA: first.innerFirst ? 1 : 0,
    transB: second.innerFirst ? 0 : 1,
  });
  const matrix = [size(first.outer), size(second.outer)];
  return arrange(context, { value: builder.reshape(product, matrix, context.shape(labels)), labels }, out);
}

/**
 * The product that `gemm` gives each lane, with its operands laid out as there: the kernels that a product takes, and with
 * them its last bits, depend on that. ONNX Runtime makes the transposes part of the product. A shared operand is not
 * joined with the lanes into one large matrix, for the same reason.
 */
function inLanes(context: Context, left: Labelled, right: Labelled, summed: string, out: string): string {
  const { builder, shape, size } = context;
  const own = (labels: string): string => labels.replace(laneLabel, '');
  const [a, b] = [own(left.labels), own(right.labels)];
  const sets = {
    rows: [...own(out)].filter((label) => !b.includes(label)).join(''),
    columns: [...own(out)].filter((label) => !a.includes(label)).join(''),
    summed,
  };
  const { first, second, labels } = oriented(
    context,
    { ...left, labels: a },
    { ...right, labels: b },
    sets,
    own(out),
  );
  const matrices = (side: Side, innerFirst: boolean): string => {
    const { value } = side.operand;
    const laned = (side.operand.value === left.value ? left : right).labels.startsWith(laneLabel);
    const lead = laned ? laneLabel : '';
    const order = side.innerFirst ? side.inner + side.outer : side.outer + side.inner;
    const arranged = arrange(context, { value, labels: lead + side.operand.labels }, lead + order);
    const sizes = side.innerFirst
      ? [size(side.inner), size(side.outer)]
      : [size(side.outer), size(side.inner)];
    const matrix = builder.reshape(arranged, shape(lead + order), [laned ? size(laneLabel) : 1, ...sizes]);
    return side.innerFirst === innerFirst ? matrix : builder.transpose(matrix, [0, 2, 1]);
  };
  const product = builder.emit('MatMul', [matrices(first, false), matrices(second, true)]);
  const all = laneLabel + labels;
  const from = [size(laneLabel), size(first.outer), size(second.outer)];
  return arrange(context, { value: builder.reshape(product, from, shape(all)), labels: all }, out);
}

/** An operand of a matrix product: [outer, inner], or [inner, outer] where that is how it lies in memory. */
interface Side {
  operand: Labelled;
  outer: string;
  inner: string;
  innerFirst: boolean;
}

/** Which operand comes first, and how each is laid out, so that little has to be transposed. */
function oriented(
  context: Context,
  left: Labelled,
  right: Labelled,
  { rows, columns, summed }: Product,
  out: string,
): { first: Side; second: Side; labels: string } {
  const { size } = context;
  // The order of the summed labels is free: take the operand's whose own layout then needs no transpose.
  const orders = [summed, [...right.labels].filter((label) => summed.includes(label)).join('')];
  const fits = (operand: string, outer: string, inner: string): boolean =>
    operand === outer + inner || operand === inner + outer;
  const score = (order: string): number =>
    Number(fits(left.labels, rows, order)) * size(left.labels) +
    Number(fits(right.labels, columns, order)) * size(right.labels);
  const inner = orders.reduce((best, order) => (score(order) > score(best) ? order : best));
  const side = (operand: Labelled, outer: string): Side => {
    const { labels } = operand;
    return { operand, outer, inner, innerFirst: labels === inner + outer && labels !== outer + inner };
  };
  const [x, y] = [side(left, rows), side(right, columns)];
  return out === columns + rows && out !== rows + columns
    ? { first: y, second: x, labels: columns + rows }
    : { first: x, second: y, labels: rows + columns };
}

function asMatrix(context: Context, { operand, outer, inner, innerFirst }: Side): string {
  const { builder, size } = context;
  const labels = innerFirst ? inner + outer : outer + inner;
  const value = arrange(context, operand, labels);
  const matrix = innerFirst ? [size(inner), size(outer)] : [size(outer), size(inner)];
  return builder.reshape(value, context.shape(labels), matrix);
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
