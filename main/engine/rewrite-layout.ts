/**
 * The order of axes in memory. A product's result may have its axes in any order; with the many (the batch) last,
 * both the forward products and the weight gradients read their large operands along rows, which is up to twice as
 * fast as transposing them. Transposes then sink until a product takes them up for nothing. Job P of the benchmark, whose
 * many rows are of three positions each, makes a tenth more steps with the positions left before the features.
 */
import { node, sameShape, sizeOf, type Operation, type OperationOf, type Tensor } from './graph.ts';
import { isElementwise } from './rewrite-algebra.ts';
import type { Rule, Users } from './rewrite.ts';
import { contract, reduceMax, reduceSum, reshape, transpose } from './trace.ts';

/** Multiplications below which a product's layout does not matter. */
const worthwhile = 1 << 22;
/** How many times longer the outer axes of one operand have to be than the other's. */
const lopsided = 4;

/** Positions of a sequence, say: what comes after the product is slow along so few entries, more than the product gains. */
const fewEntries = 16;

/** The order of a plain matrix product's result that puts the longer operand's axes last, or null. */
export function preferredOrder(tensor: Tensor): string | null {
  const { a, b, out } = tensor.operation as OperationOf<'contract'>;
  const size = (labels: string): number =>
    sizeOf([...labels].map((label) => tensor.shape[out.indexOf(label)] as number));
  const left = [...out].filter((label) => !b.includes(label)).join('');
  const right = [...out].filter((label) => !a.includes(label)).join('');
  if (left.length + right.length !== out.length || left === '' || right === '') return null;
  const summed = sizeOf(
    [...a].flatMap((label, axis) => (out.includes(label) ? [] : [tensor.inputs[0]?.shape[axis] as number])),
  );
  if (summed * sizeOf(tensor.shape) < worthwhile) return null;
  const isLast = (many: string, few: string): boolean =>
    size(many) >= lopsided * size(few) && size(many.at(-1) as string) >= fewEntries;
  if (isLast(left, right)) return right + left;
  return isLast(right, left) ? left + right : null;
}

/**
 * Whether a user takes the result entry by entry of the batch, perhaps after something elementwise: it wants the batch
 * first.
 */
function batchwise(tensor: Tensor, users: Users, depth = 3): boolean {
  return users(tensor).some((user) => {
    const { operation } = user;
    if (operation.kind === 'contract')
      return [...operation.out].some((label) => operation.a.includes(label) && operation.b.includes(label));
    return depth > 0 && user !== tensor && isElementwise(user) && batchwise(user, users, depth - 1);
  });
}

const batchLast: Rule = (tensor, users) => {
  const { operation, inputs } = tensor;
  if (operation.kind !== 'contract') return null;
  const order = preferredOrder(tensor);
  if (order === null || order === operation.out || batchwise(tensor, users)) return null;
  const product = contract(
    `${operation.a},${operation.b}->${order}`,
    inputs[0] as Tensor,
    inputs[1] as Tensor,
  );
  return transpose(
    product,
    [...operation.out].map((label) => order.indexOf(label)),
  );
};

/** f(xᵀ, y) = f(x, yᵀ)ᵀ elementwise, where transposing the other operands costs nothing. */
const sinkBelowElementwise: Rule = (tensor) => {
  if (!isElementwise(tensor)) return null;
  const lead = tensor.inputs.find(
    (input) => input.operation.kind === 'transpose' && input.shape.length === tensor.shape.length,
  );
  if (lead === undefined || !sameShape(lead.shape, tensor.shape)) return null;
  const { permutation } = lead.operation as OperationOf<'transpose'>;
  const back = permutation.map((_, axis) => permutation.indexOf(axis));
  const operands: Tensor[] = [];
  for (const input of tensor.inputs) {
    const operand = transposed(input, back, tensor.shape.length);
    if (operand === null) return null;
    operands.push(operand);
  }
  return transpose(node(tensor.operation, operands), permutation);
};

/** The operand with `permutation` applied, where that moves no data; else null. */
function transposed(operand: Tensor, permutation: readonly number[], rank: number): Tensor | null {
  const full = [...Array.from({ length: rank - operand.shape.length }, () => 1), ...operand.shape];
  const shape = permutation.map((axis) => full[axis] as number);
  const moved = permutation.filter((axis) => full[axis] !== 1);
  if (moved.every((axis, i) => i === 0 || axis > (moved[i - 1] as number))) return reshape(operand, shape);
  const { operation, inputs } = operand;
  if (operation.kind === 'constant') return transpose(reshape(operand, full), permutation);
  if (operation.kind === 'transpose' && operand.shape.length === rank) {
    const { permutation: own } = operation;
    return permutation.every((axis, i) => own[axis] === i) ? (inputs[0] as Tensor) : null;
  }
  if (!isElementwise(operand) || operand.shape.length !== rank) return null;
  const operands: Tensor[] = [];
  for (const input of inputs) {
    const turned = transposed(input, permutation, rank);
    if (turned === null) return null;
    operands.push(turned);
  }
  return node(operation, operands);
}

const alongAxis: ReadonlySet<Operation['kind']> = new Set(['softmax', 'logSoftmax', 'argMax']);

const sinkBelowAxes: Rule = ({ operation, inputs: [x] }) => {
  if (x?.operation.kind !== 'transpose') return null;
  const { permutation } = x.operation;
  const source = x.inputs[0] as Tensor;
  if (operation.kind === 'reduceSum' || operation.kind === 'reduceMax') {
    const axes = operation.axes.map((axis) => permutation[axis] as number);
    return transpose(
      (operation.kind === 'reduceSum' ? reduceSum : reduceMax)(source, axes, true),
      permutation,
    );
  }
  if (!alongAxis.has(operation.kind)) return null;
  const { kind, axis } = operation as OperationOf<'softmax' | 'argMax'>;
  return transpose(node({ kind, axis: permutation[axis] as number }, [source]), permutation);
};

/** The transpose of a product that nothing else reads is a product with its result's axes in another order. */
const transposeOfContract: Rule = ({ operation, inputs: [x] }, users) => {
  if (operation.kind !== 'transpose' || x?.operation.kind !== 'contract' || users(x).length !== 1)
    return null;
  const { a, b, out } = x.operation;
  if (preferredOrder(x) === out) return null;
  return contract(
    `${a},${b}->${operation.permutation.map((axis) => out[axis]).join('')}`,
    ...(x.inputs as [Tensor, Tensor]),
  );
};

/** Axes that have size 1 in every operand are left out, where an operand only got them by a reshape. */
const dropUnitAxes: Rule = (tensor) => {
  const { operation, inputs, shape } = tensor;
  const reduces = operation.kind === 'reduceSum' || operation.kind === 'reduceMax';
  if (!reduces && !isElementwise(tensor)) return null;
  if (
    !inputs.some(
      (input) =>
        input.operation.kind === 'reshape' &&
        input.shape.length === (reduces ? input.shape.length : shape.length),
    )
  )
    return null;
  const size = (input: Tensor, axis: number): number =>
    input.shape[axis - (reduces ? 0 : shape.length - input.shape.length)] ?? 1;
  const units = shape.map((_, axis) => inputs.every((input) => size(input, axis) === 1));
  if (!units.includes(true)) return null;
  const without = (input: Tensor): Tensor => {
    const shift = shape.length - input.shape.length;
    return reshape(
      input,
      input.shape.filter((_, axis) => !units[axis + shift]),
    );
  };
  if (!reduces) return reshape(node(operation, inputs.map(without)), shape);
  const kept = shape.flatMap((_, axis) => (units[axis] ? [] : [axis]));
  const axes = operation.axes.filter((axis) => !units[axis]).map((axis) => kept.indexOf(axis));
  return reshape(
    (operation.kind === 'reduceSum' ? reduceSum : reduceMax)(without(inputs[0] as Tensor), axes, true),
    shape,
  );
};

export const layoutRules: readonly Rule[] = [
  batchLast,
  sinkBelowElementwise,
  sinkBelowAxes,
  transposeOfContract,
  dropUnitAxes,
];
