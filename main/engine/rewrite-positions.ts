/**
 * Short sums taken apart. A sum over a few positions of rows, one of which is the same in every example ("=", say), is a
 * sum of one term per position: Σ_p a_p ∘ b_p. The constant position then is one row for all, not a copy per example.
 */
import { sizeOf, type OperationOf, type Tensor } from './graph.ts';
import { isElementwise } from './rewrite-algebra.ts';
import { knownIndices, type Rule } from './rewrite.ts';
import { add, contract, slice } from './trace.ts';

/** Terms up to which a sum is short. */
const few = 4;

const splitShortSum: Rule = ({ operation, inputs }) => {
  if (operation.kind !== 'contract') return null;
  const { a, b, out } = operation;
  const [left, right] = inputs as [Tensor, Tensor];
  const summed = [...a].filter((label) => !out.includes(label));
  const [label] = summed;
  if (label === undefined || summed.length !== 1 || reuses(operation, left, right)) return null;
  const [axisA, axisB] = [a.indexOf(label), b.indexOf(label)];
  const size = left.shape[axisA] as number;
  if (size < 2 || size > few) return null;
  if (!hasConstantPosition(left, axisA) && !hasConstantPosition(right, axisB)) return null;
  const terms = Array.from({ length: size }, (_, position) =>
    contract(`${a},${b}->${out}`, at(left, axisA, position), at(right, axisB, position)),
  );
  return terms.reduce((sum, term) => add(sum, term));
};

/** Whether every entry of both operands is used more than once: that is a matrix product, and fast as it is. */
function reuses({ a, b, out }: OperationOf<'contract'>, left: Tensor, right: Tensor): boolean {
  const own = (labels: string, other: string, { shape }: Tensor): number =>
    sizeOf(
      [...labels].map((label, i) =>
        other.includes(label) || !out.includes(label) ? 1 : (shape[i] as number),
      ),
    );
  return own(a, b, left) > 1 && own(b, a, right) > 1;
}

function at(x: Tensor, axis: number, position: number): Tensor {
  return slice(
    x,
    x.shape.map((_, i) => (i === axis ? position : 0)),
    x.shape.map((size, i) => (i === axis ? 1 : size)),
  );
}

/** Whether some position along `axis` is gathered from one row of a table, whatever the example. */
function hasConstantPosition(x: Tensor, axis: number): boolean {
  const { operation, inputs } = x;
  if (operation.kind === 'gather') {
    const { shape } = inputs[1] as Tensor;
    const indices = knownIndices(inputs[1] as Tensor);
    if (indices === null || axis >= shape.length) return false;
    const [size, stride] = [shape[axis] as number, sizeOf(shape.slice(axis + 1))];
    const first = new Map<number, number>();
    const varying = new Set<number>();
    indices.forEach((row, i) => {
      const position = Math.floor(i / stride) % size;
      if ((first.get(position) ?? row) !== row) varying.add(position);
      first.set(position, row);
    });
    return varying.size > 0 && varying.size < size;
  }
  if (operation.kind === 'contract') {
    const label = operation.out[axis] as string;
    return [operation.a, operation.b].some(
      (labels, i) =>
        labels.includes(label) && hasConstantPosition(inputs[i] as Tensor, labels.indexOf(label)),
    );
  }
  if (operation.kind === 'transpose')
    return hasConstantPosition(inputs[0] as Tensor, operation.permutation[axis] as number);
  if (!isElementwise(x)) return false;
  return inputs.some((input) => {
    const own = axis - x.shape.length + input.shape.length;
    return (input.shape[own] ?? 1) > 1 && hasConstantPosition(input, own);
  });
}

export const positionRules: readonly Rule[] = [splitShortSum];
