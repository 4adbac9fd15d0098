/**
 * Same maths, fewer operations. Rules rewrite one node at a time, given simplified operands, until none applies:
 * equal nodes are merged, constants folded, slices pushed towards the inputs (`rewrite-slices.ts`), sums over a few
 * positions taken apart (`rewrite-positions.ts`), work on gathered rows done once per distinct row (`rewrite-rows.ts`), axes ordered for the large products (`rewrite-layout.ts`), and
 * the rest is elementary algebra (`rewrite-algebra.ts`).
 * What no output needs is never visited, so dead code goes by itself.
 */
import { createHash } from 'node:crypto';
import { algebraRules } from './rewrite-algebra.ts';
import { layoutRules } from './rewrite-layout.ts';
import { positionRules } from './rewrite-positions.ts';
import { rowRules } from './rewrite-rows.ts';
import { sliceRules } from './rewrite-slices.ts';
import {
  isFloat,
  node,
  standingFor,
  topological,
  type ConstantData,
  type OperationOf,
  type Outputs,
  type Tensor,
} from './graph.ts';
import type { Rule, Users } from './rewrite.ts';

/** A graph that still changes after this many passes means two rules that undo each other. */
const passLimit = 500;

/** Outputs equal to the given ones (up to rounding), computed with fewer operations. */
export function simplify(outputs: Outputs): Outputs {
  // Slices go first: a row table is only as large as what is still needed of it.
  const sliced = untilStable(outputs, [...algebraRules, ...sliceRules, ...positionRules]);
  return untilStable(sliced, [...algebraRules, ...sliceRules, ...rowRules, ...layoutRules]);
}

/** The inputs that `tensors` reach, by name. */
export function inputByName(tensors: readonly Tensor[]): Map<string, Tensor> {
  const inputs = topological(tensors).filter((tensor) => tensor.operation.kind === 'input');
  return new Map(inputs.map((tensor) => [(tensor.operation as OperationOf<'input'>).name, tensor]));
}

/** The outputs with inputs replaced, by name. */
export function substitute(outputs: Outputs, replacements: ReadonlyMap<string, Tensor>): Outputs {
  return mapGraph(outputs, (tensor, remade) => {
    const { operation } = tensor;
    return (operation.kind === 'input' ? replacements.get(operation.name) : undefined) ?? remade;
  });
}

/** Applies rules until none changes anything. @throws Error when they never come to an end */
export function untilStable(outputs: Outputs, rules: readonly Rule[]): Outputs {
  let current = outputs;
  for (let pass = 0; pass < passLimit; pass++) {
    const next = rewriteOnce(current, rules);
    if (!next.changed) return next.outputs;
    current = next.outputs;
  }
  throw new Error(`The graph still changed after ${passLimit} passes.`);
}

function rewriteOnce(outputs: Outputs, rules: readonly Rule[]): { outputs: Outputs; changed: boolean } {
  const known = new Map<string, Tensor>();
  const original = new Map<Tensor, Tensor>();
  const usersOfOriginal = countUsers(outputs);
  const users: Users = (tensor) => usersOfOriginal.get(original.get(tensor) ?? tensor) ?? [];
  let changed = false;
  const rewritten = mapGraph(outputs, (tensor, made) => {
    const key = identity(made);
    const same = known.get(key);
    if (same !== undefined) {
      changed ||= same !== tensor;
      return same;
    }
    known.set(key, made);
    if (!original.has(made)) original.set(made, tensor);
    for (const rule of rules) {
      const replacement = rule(made, users);
      if (replacement === null) continue;
      changed = true;
      known.set(key, replacement);
      return replacement;
    }
    return made;
  });
  return { outputs: rewritten, changed };
}

/** The outputs with every node replaced by what `rule` makes of it; `remade` is the node on its replaced operands. */
export function mapGraph(outputs: Outputs, rule: (tensor: Tensor, remade: Tensor) => Tensor): Outputs {
  const results = new Map<Tensor, Tensor>();
  for (const tensor of topological(Object.values(outputs))) {
    const inputs = tensor.inputs.map((input) => results.get(input) as Tensor);
    results.set(
      tensor,
      standingFor(tensor, () => rule(tensor, remake(tensor, inputs))),
    );
  }
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [name, results.get(tensor) as Tensor]),
  );
}

function remake(tensor: Tensor, inputs: readonly Tensor[]): Tensor {
  return inputs.every((input, i) => input === tensor.inputs[i]) ? tensor : node(tensor.operation, inputs);
}

/** For every tensor its users, once per use; an output of the graph counts as a use by itself. */
function countUsers(outputs: Outputs): Map<Tensor, Tensor[]> {
  const users = new Map<Tensor, Tensor[]>();
  const use = (tensor: Tensor, by: Tensor): void => {
    users.set(tensor, [...(users.get(tensor) ?? []), by]);
  };
  for (const tensor of topological(Object.values(outputs)))
    tensor.inputs.forEach((input) => use(input, tensor));
  for (const tensor of Object.values(outputs)) use(tensor, tensor);
  return users;
}

/** Equal for nodes that compute the same. */
function identity(tensor: Tensor): string {
  const { operation } = tensor;
  if (operation.kind === 'constant') {
    return `constant ${tensor.dtype} [${operation.shape.join()}] ${fingerprint(operation.data, isFloat(tensor.dtype))}`;
  }
  return `${JSON.stringify(operation)} ${tensor.inputs.map((input) => input.id).join()}`;
}

const fingerprints = new WeakMap<ConstantData, string>();

/** Stands for all values of a constant (SHA-256), computed once per array. */
function fingerprint(data: ConstantData, isFloatData: boolean): string {
  const known = fingerprints.get(data);
  if (known !== undefined) return known;
  const digest = createHash('sha256').update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const text = `${isFloatData ? 'f' : 'i'}${digest.digest('base64')}`;
  fingerprints.set(data, text);
  return text;
}
