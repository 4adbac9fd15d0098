/**
 * Lowers `segmentSum`. ONNX's own scatter-add runs on one thread; with indices known in advance, gathering and
 * reducing rows does the same sum in a fixed order.
 */
import { sizeOf, type OperationOf, type Tensor } from './graph.ts';
import { elementTypes } from './onnx-schema.ts';
import type { OnnxBuilder } from './onnx-emit.ts';

export function emitSegmentSum(builder: OnnxBuilder, tensor: Tensor, inputs: string[]): string {
  const [, indices] = tensor.inputs;
  return indices?.operation.kind === 'constant'
    ? sumKnownSegments(builder, tensor, inputs[0] as string, [...indices.operation.data])
    : sumByOneHot(builder, tensor, inputs);
}

/**
 * Every segment's rows are cut into blocks of 1, 2, 4, 8, … rows. All blocks of one size are gathered and reduced
 * together; the few partial sums of a segment are then added up the same way.
 */
function sumKnownSegments(
  builder: OnnxBuilder,
  tensor: Tensor,
  values: string,
  indices: readonly number[],
): string {
  const { segments } = tensor.operation as OperationOf<'segmentSum'>;
  const rest = tensor.shape.slice(1);
  const rowsOf: number[][] = Array.from({ length: segments }, () => []);
  indices.forEach((segment, row) => rowsOf[segment]?.push(row));
  const blocks = new Map<number, { rows: number[]; owners: number[] }>();
  rowsOf.forEach((rows, segment) => {
    for (let start = 0; start < rows.length;) {
      const size = 2 ** Math.floor(Math.log2(rows.length - start));
      const block = blocks.get(size) ?? { rows: [], owners: [] };
      block.rows.push(...rows.slice(start, start + size));
      block.owners.push(segment);
      blocks.set(size, block);
      start += size;
    }
  });
  const partials: string[] = [];
  const partialsOf: number[][] = Array.from({ length: segments }, () => []);
  let count = 0;
  for (const [size, { rows, owners }] of [...blocks].sort(([a], [b]) => a - b)) {
    const gathered = builder.emit('Gather', [
      values,
      builder.indices(rows, size === 1 ? [owners.length] : [owners.length, size]),
    ]);
    const sums = builder.reduceSum(gathered, [owners.length, size, ...rest], [1], tensor.dtype);
    partials.push(
      size === 1 ? gathered : builder.reshape(sums, [owners.length, 1, ...rest], [owners.length, ...rest]),
    );
    owners.forEach((segment) => partialsOf[segment]?.push(count++));
  }
  const most = filledUp(Math.max(...partialsOf.map((list) => list.length), 1));
  const zeroRow = count;
  if (partialsOf.some((list) => list.length < most)) {
    partials.push(builder.floats(new Float64Array(sizeOf(rest)), [1, ...rest], tensor.dtype));
  }
  const sums =
    partials.length === 1 ? (partials[0] as string) : builder.emit('Concat', partials, { axis: 0 });
  const padded = partialsOf.flatMap((list) => [
    ...list,
    ...Array.from({ length: most - list.length }, () => zeroRow),
  ]);
  const shape = most === 1 ? [segments] : [segments, most];
  const collected = builder.emit('Gather', [sums, builder.indices(padded, shape)]);
  if (most === 1) return collected;
  const totals = builder.reduceSum(collected, [segments, most, ...rest], [1], tensor.dtype);
  return builder.reshape(totals, [segments, 1, ...rest], tensor.shape);
}

/** Zeros at the end of a sum change nothing, as long as they come in whole groups of those that are added at once. */
function filledUp(count: number): number {
  return count === 1 ? 1 : 8 * Math.ceil(count / 8);
}

/** Indices known only at the run: the product with a one-hot matrix. */
function sumByOneHot(builder: OnnxBuilder, tensor: Tensor, inputs: string[]): string {
  const [values, indices] = inputs as [string, string];
  const { segments } = tensor.operation as OperationOf<'segmentSum'>;
  const rest = tensor.shape.slice(1);
  const n = tensor.inputs[1]?.shape[0] as number;
  const labels = builder.indices(
    Array.from({ length: segments }, (_, i) => i),
    [segments, 1],
  );
  const hits = builder.emit('Equal', [labels, builder.reshape(indices, [n], [1, n])]);
  const oneHot = builder.emit('Cast', [hits], { to: elementTypes[tensor.dtype] });
  const product = builder.emit('MatMul', [oneHot, builder.reshape(values, [n, ...rest], [n, sizeOf(rest)])]);
  return builder.reshape(product, [segments, sizeOf(rest)], tensor.shape);
}
