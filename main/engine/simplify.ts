import { node, topological, type OperationOf, type Outputs, type Tensor } from './graph.ts';
export function simplify(outputs: Outputs): Outputs { return outputs; }
/** The inputs that `tensors` reach, by name. */
export function inputByName(tensors: readonly Tensor[]): Map<string, Tensor> {
  const inputs = topological(tensors).filter((tensor) => tensor.operation.kind === 'input');
  return new Map(inputs.map((tensor) => [(tensor.operation as OperationOf<'input'>).name, tensor]));
}
export function substitute(outputs: Outputs, replacements: ReadonlyMap<string, Tensor>): Outputs {
  const copies = new Map<Tensor, Tensor>();
  for (const tensor of topological(Object.values(outputs))) {
    const inputs = tensor.inputs.map((i) => copies.get(i) as Tensor);
    const changed = inputs.some((i, k) => i !== tensor.inputs[k]);
    const repl = tensor.operation.kind === 'input' ? replacements.get(tensor.operation.name) : undefined;
    copies.set(tensor, repl ?? (changed ? node(tensor.operation, inputs) : tensor));
  }
  return Object.fromEntries(Object.entries(outputs).map(([n, t]) => [n, copies.get(t) as Tensor]));
}
