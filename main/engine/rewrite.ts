/** What the rewriting rules of `simplify.ts` share. */
import { sizeOf, type Tensor } from './graph.ts';
import { constant } from './trace.ts';

/** Users of a tensor in the graph before this pass, once per use; an output uses itself. */
export type Users = (tensor: Tensor) => readonly Tensor[];

/** An equal tensor that needs less work, or null when the rule does not apply. The operands are simplified already. */
export type Rule = (tensor: Tensor, users: Users) => Tensor | null;

/** The one value of a scalar or of a broadcast scalar constant, or null. */
export function uniformValue(tensor: Tensor): number | null {
  const source = tensor.operation.kind === 'broadcast' ? tensor.inputs[0] : tensor;
  const operation = source?.operation;
  return operation?.kind === 'constant' && operation.data.length === 1 ? (operation.data[0] as number) : null;
}

/** The values of a constant int32 tensor, or null. */
export function knownIndices(tensor: Tensor): Int32Array | null {
  const { operation } = tensor;
  return operation.kind === 'constant' && operation.data instanceof Int32Array ? operation.data : null;
}

export function indexConstant(values: ArrayLike<number>, shape: readonly number[]): Tensor {
  return constant(values, shape, 'int32');
}

/** For a reshape: runs of axes on both sides with equal products, as short as possible, e.g. [6,4]→[2,3,4]: (0|0,1), (1|2). */
export function reshapeGroups(
  from: readonly number[],
  to: readonly number[],
): { from: number[]; to: number[] }[] {
  const groups: { from: number[]; to: number[] }[] = [];
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    const group = { from: [] as number[], to: [] as number[] };
    if (i < from.length) group.from.push(i++);
    if (j < to.length) group.to.push(j++);
    for (;;) {
      const left = sizeOf(group.from.map((axis) => from[axis] as number));
      const right = sizeOf(group.to.map((axis) => to[axis] as number));
      if (left === right) break;
      if (left < right) group.from.push(i++);
      else group.to.push(j++);
    }
    groups.push(group);
  }
  return groups;
}
