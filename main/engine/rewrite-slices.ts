/** Slices pushed towards the inputs: what is cut away later is not computed at all. */
import { node, sizeOf, type Operation, type Tensor } from './graph.ts';
import { isElementwise } from './rewrite-algebra.ts';
import { reshapeGroups, type Rule, type Users } from './rewrite.ts';
import { broadcast, concat, gather, reduceMax, reduceSum, reshape, slice, transpose } from './trace.ts';

/** A range per axis. */
interface Cut {
  starts: readonly number[];
  sizes: readonly number[];
}

/** Moving data costs no more for a slice of the source than for a slice of the result. */
const moves: ReadonlySet<Operation['kind']> = new Set([
  'slice',
  'reshape',
  'transpose',
  'broadcast',
  'concat',
  'gather',
]);

const pushSlice: Rule = (tensor, users) => {
  if (tensor.operation.kind !== 'slice') return null;
  const source = tensor.inputs[0] as Tensor;
  if (!isElementwise(source) && !moves.has(source.operation.kind) && !onlySliced(source, users)) return null;
  return sliced(source, tensor.operation);
};

/** Whether all users take slices that together are no more than the whole. */
function onlySliced(source: Tensor, users: Users): boolean {
  const all = users(source);
  const total = all.reduce((sum, user) => sum + sizeOf(user.shape), 0);
  return all.every((user) => user.operation.kind === 'slice') && total <= sizeOf(source.shape);
}

function sliced(source: Tensor, cut: Cut): Tensor | null {
  const { operation, inputs, shape } = source;
  const [x] = inputs;
  if (x === undefined) return null;
  const isCut = (axis: number): boolean => cut.sizes[axis] !== shape[axis];
  if (isElementwise(source))
    return node(
      operation,
      inputs.map((input) => cutOperand(input, cut)),
    );
  switch (operation.kind) {
    case 'slice':
      return slice(
        x,
        cut.starts.map((start, axis) => start + (operation.starts[axis] as number)),
        cut.sizes,
      );
    case 'broadcast':
      return broadcast(cutOperand(x, cut), cut.sizes);
    case 'transpose': {
      const back = (list: readonly number[]): number[] =>
        x.shape.map((_, axis) => list[operation.permutation.indexOf(axis)] as number);
      return transpose(slice(x, back(cut.starts), back(cut.sizes)), operation.permutation);
    }
    case 'reshape': {
      const starts = x.shape.map(() => 0);
      const sizes = [...x.shape];
      for (const group of reshapeGroups(x.shape, shape)) {
        const cutAxes = group.to.filter(isCut);
        if (cutAxes.length === 0) continue;
        const wide = group.from.filter((axis) => x.shape[axis] !== 1);
        const [from] = wide;
        const [to] = cutAxes;
        if (wide.length !== 1 || from === undefined || to === undefined || x.shape[from] !== shape[to])
          return null;
        starts[from] = cut.starts[to] as number;
        sizes[from] = cut.sizes[to] as number;
      }
      return reshape(slice(x, starts, sizes), cut.sizes);
    }
    case 'concat': {
      const { axis } = operation;
      if (!isCut(axis)) {
        const size = (part: Tensor): number[] =>
          cut.sizes.map((length, i) => (i === axis ? (part.shape[i] as number) : length));
        return concat(
          inputs.map((part) => slice(part, cut.starts, size(part))),
          axis,
        );
      }
      let start = cut.starts[axis] as number;
      for (const part of inputs) {
        const size = part.shape[axis] as number;
        if (start < size) {
          const inside = start + (cut.sizes[axis] as number) <= size;
          return inside
            ? slice(
                part,
                cut.starts.map((from, i) => (i === axis ? start : from)),
                cut.sizes,
              )
            : null;
        }
        start -= size;
      }
      return null;
    }
    case 'gather': {
      const indices = inputs[1] as Tensor;
      const rank = indices.shape.length;
      const columns = {
        starts: [0, ...cut.starts.slice(rank)],
        sizes: [x.shape[0] as number, ...cut.sizes.slice(rank)],
      };
      return gather(
        slice(x, columns.starts, columns.sizes),
        slice(indices, cut.starts.slice(0, rank), cut.sizes.slice(0, rank)),
      );
    }
    case 'contract': {
      const cutLabels = (labels: string, input: Tensor): Tensor => {
        const place = [...labels].map((label) => operation.out.indexOf(label));
        return slice(
          input,
          place.map((axis) => (axis < 0 ? 0 : (cut.starts[axis] as number))),
          place.map((axis, i) => (axis < 0 ? (input.shape[i] as number) : (cut.sizes[axis] as number))),
        );
      };
      return node(operation, [cutLabels(operation.a, x), cutLabels(operation.b, inputs[1] as Tensor)]);
    }
    case 'reduceSum':
    case 'reduceMax': {
      const sizes = cut.sizes.map((size, axis) =>
        operation.axes.includes(axis) ? (x.shape[axis] as number) : size,
      );
      const reduce = operation.kind === 'reduceSum' ? reduceSum : reduceMax;
      return reduce(slice(x, cut.starts, sizes), operation.axes, true);
    }
    case 'softmax':
    case 'logSoftmax':
      return isCut(operation.axis) ? null : node(operation, [slice(x, cut.starts, cut.sizes)]);
    default:
      return null;
  }
}

/** The part of an operand that broadcasts into the cut. */
function cutOperand(operand: Tensor, { starts, sizes }: Cut): Tensor {
  const shift = sizes.length - operand.shape.length;
  return slice(
    operand,
    operand.shape.map((size, axis) => (size === 1 ? 0 : (starts[axis + shift] as number))),
    operand.shape.map((size, axis) => (size === 1 ? 1 : (sizes[axis + shift] as number))),
  );
}

export const sliceRules: readonly Rule[] = [pushSlice];
