/**
 * Several graphs of one structure as one: every value gets a leading axis, and entry i of it, lane i, is what graph i
 * computes. So many small runs share each operation's cost of being called. Lanes never meet: no operation reduces or
 * mixes the leading axis.
 */
import {
  laneLabel,
  node,
  printShape,
  sameShape,
  sizeOf,
  standingFor,
  topological,
  type Operation,
  type OperationOf,
  type Outputs,
  type Tensor,
} from './graph.ts';
import { knownIndices } from './rewrite.ts';
import {
  add,
  broadcast,
  cast,
  constant,
  contract,
  equal,
  gather,
  input,
  range,
  reshape,
  segmentSum,
  type Shape,
} from './trace.ts';

/** Graphs that cannot share one structure; the message says where they part, as the end of a sentence. */
export class LanesDifferError extends Error {}

/** A value of all lanes. Without the leading axis it is the same in every lane. */
interface Laned {
  tensor: Tensor;
  perLane: boolean;
}

/**
 * Every input and output gets a leading axis of the number of graphs.
 * @throws LanesDifferError where the graphs differ in more than the values of their constants
 */
export function inLanes(graphs: readonly Outputs[]): Outputs {
  const [first, ...others] = graphs;
  if (first === undefined) throw new Error('There are no graphs.');
  const lanes = graphs.length;
  const known = new Map<string, Laned>();
  const laned = (tensors: readonly Tensor[]): Laned => {
    const key = tensors.map(({ id }) => id).join();
    const before = known.get(key);
    if (before !== undefined) return before;
    const value = standingFor(tensors[0] as Tensor, () => lane(tensors));
    known.set(key, value);
    return value;
  };
  const lane = (tensors: readonly Tensor[]): Laned => {
    const [model] = tensors as [Tensor];
    checkAlike(tensors);
    if (model.operation.kind === 'constant') return lanedConstant(tensors);
    if (model.operation.kind === 'input') {
      const { name, shape, dtype } = model.operation;
      return { tensor: input(name, [lanes, ...shape], dtype), perLane: true };
    }
    const operands = model.inputs.map((_, i) => laned(tensors.map((tensor) => tensor.inputs[i] as Tensor)));
    if (operands.every(({ perLane }) => !perLane))
      return {
        tensor: node(
          model.operation,
          operands.map(({ tensor }) => tensor),
        ),
        perLane: false,
      };
    return { tensor: applied(model, operands, lanes), perLane: true };
  };
  return Object.fromEntries(
    Object.entries(first).map(([name, tensor]) => {
      const all = [tensor, ...others.map((graph) => graph[name])];
      const missing = all.some((one) => one === undefined);
      if (missing) throw new LanesDifferError(`one has no "${name}"`);
      return [name, spread(laned(all as Tensor[]), tensor.shape, lanes)];
    }),
  );
}

/** Equal for graphs that can share one structure. */
export function structureKey(graph: Outputs): string {
  const names = Object.keys(graph);
  const positions = new Map<Tensor, number>();
  const nodes = topological(Object.values(graph)).map((tensor, position) => {
    positions.set(tensor, position);
    const inputs = tensor.inputs.map((operand) => positions.get(operand));
    return [structure(tensor.operation), tensor.dtype, tensor.shape, inputs];
  });
  return JSON.stringify([names, names.map((name) => positions.get(graph[name] as Tensor)), nodes]);
}

function checkAlike(tensors: readonly Tensor[]): void {
  const [model, ...others] = tensors as [Tensor, ...Tensor[]];
  const text = structure(model.operation);
  for (const other of others) {
    const alike =
      other.dtype === model.dtype &&
      sameShape(other.shape, model.shape) &&
      other.inputs.length === model.inputs.length &&
      structure(other.operation) === text;
    if (!alike) {
      const words = [model, other].map(({ operation, shape }) => `${operation.kind} ${printShape(shape)}`);
      throw new LanesDifferError(`one has ${words.join(' where another has ')}`);
    }
  }
}

/** An operation without the values of a constant. */
function structure(operation: Operation): string {
  return operation.kind === 'constant' ? 'constant' : JSON.stringify(operation);
}

function lanedConstant(tensors: readonly Tensor[]): Laned {
  const [model] = tensors as [Tensor];
  const data = tensors.map(({ operation }) => (operation as OperationOf<'constant'>).data);
  const [values] = data as [(typeof data)[number]];
  if (data.every((own) => own === values || own.every((value, i) => Object.is(value, values[i]))))
    return { tensor: model, perLane: false };
  const all = new Float64Array(values.length * tensors.length);
  data.forEach((own, i) => all.set(own, i * values.length));
  return { tensor: constant(all, [tensors.length, ...model.shape], model.dtype), perLane: true };
}

/** The value with its leading axis. */
function spread({ tensor, perLane }: Laned, shape: Shape, lanes: number): Tensor {
  return perLane ? tensor : broadcast(reshape(tensor, [1, ...shape]), [lanes, ...shape]);
}

/** The operation of `model`, in all lanes at once. */
function applied(model: Tensor, operands: readonly Laned[], lanes: number): Tensor {
  const { operation } = model;
  const full = (i: number): Tensor => spread(operands[i] as Laned, (model.inputs[i] as Tensor).shape, lanes);
  switch (operation.kind) {
    case 'input':
    case 'constant':
      throw new Error('Inputs and constants have no operands.');
    case 'neg':
    case 'exp':
    case 'log':
    case 'sqrt':
    case 'tanh':
    case 'erf':
    case 'relu':
    case 'step':
    case 'cast':
      return node(operation, [full(0)]);
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
    case 'less':
    case 'equal':
    case 'where':
      return node(
        operation,
        operands.map((operand, i) => aligned(operand, (model.inputs[i] as Tensor).shape, model.shape, lanes)),
      );
    case 'contract':
      return contracted(model, operands, lanes);
    case 'transpose':
      return node({ kind: 'transpose', permutation: [0, ...operation.permutation.map((axis) => axis + 1)] }, [
        full(0),
      ]);
    case 'reshape':
      return node({ kind: 'reshape', shape: [lanes, ...operation.shape] }, [full(0)]);
    case 'broadcast': {
      const source = aligned(operands[0] as Laned, (model.inputs[0] as Tensor).shape, model.shape, lanes);
      return broadcast(source, [lanes, ...operation.shape]);
    }
    case 'slice':
      return node({ kind: 'slice', starts: [0, ...operation.starts], sizes: [lanes, ...operation.sizes] }, [
        full(0),
      ]);
    case 'pad':
      return node({ kind: 'pad', before: [0, ...operation.before], after: [0, ...operation.after] }, [
        full(0),
      ]);
    case 'concat':
      return node(
        { kind: 'concat', axis: operation.axis + 1 },
        operands.map((_, i) => full(i)),
      );
    case 'gather':
      return gathered(model, operands, lanes);
    case 'segmentSum':
      return summed(model, operands, lanes);
    case 'reduceSum':
    case 'reduceMax':
      return node({ kind: operation.kind, axes: operation.axes.map((axis) => axis + 1) }, [full(0)]);
    case 'softmax':
    case 'logSoftmax':
    case 'argMax':
      return node({ kind: operation.kind, axis: operation.axis + 1 }, [full(0)]);
  }
}

/** An elementwise operand, ready to broadcast: its own axes stand last, where those of the result stand. */
function aligned({ tensor, perLane }: Laned, shape: Shape, result: Shape, lanes: number): Tensor {
  if (!perLane) return tensor;
  const missing = Array.from({ length: result.length - shape.length }, () => 1);
  return reshape(tensor, [lanes, ...missing, ...shape]);
}

/** Where a product has a batch of its own, its operands have it in every lane: the product of each is that of a run alone. */
function contracted(model: Tensor, operands: readonly Laned[], lanes: number): Tensor {
  const { a, b, out } = model.operation as OperationOf<'contract'>;
  const batched = [...out].some((label) => a.includes(label) && b.includes(label));
  const [left, right] = operands.map((operand, i): Laned => {
    if (operand.perLane || !batched) return operand;
    return { tensor: spread(operand, (model.inputs[i] as Tensor).shape, lanes), perLane: true };
  }) as [Laned, Laned];
  const label = (labels: string, { perLane }: Laned): string => (perLane ? laneLabel + labels : labels);
  return node({ kind: 'contract', a: label(a, left), b: label(b, right), out: laneLabel + out }, [
    left.tensor,
    right.tensor,
  ]);
}

/** Tables that differ by lane lie one under the other, and lane i's indices start at its own table. */
function gathered(model: Tensor, operands: readonly Laned[], lanes: number): Tensor {
  const [table, indices] = operands as [Laned, Laned];
  const [tableModel, indexModel] = model.inputs as [Tensor, Tensor];
  if (!table.perLane) return gather(table.tensor, indices.tensor);
  const [rows = 0, ...rest] = tableModel.shape;
  const flat = reshape(table.tensor, [lanes * rows, ...rest]);
  return gather(flat, offset(indices, indexModel.shape, rows, lanes));
}

/**
 * Sums into segments that lie one under the other where the rows' segments are known; else, lane by lane, the product
 * with a one-hot matrix, since a flat one would grow with the square of the lanes.
 */
function summed(model: Tensor, operands: readonly Laned[], lanes: number): Tensor {
  const { segments } = model.operation as OperationOf<'segmentSum'>;
  const [valuesModel] = model.inputs as [Tensor];
  const [values, indices] = operands as [Laned, Laned];
  const [n = 0, ...rest] = valuesModel.shape;
  const all = spread(values, valuesModel.shape, lanes);
  const known = knownIndices(indices.tensor);
  if (known !== null) {
    const rows = constant(offsets(known, n, segments, lanes), [lanes * n], 'int32');
    const flat = reshape(all, [lanes * n, ...rest]);
    return reshape(segmentSum(flat, rows, lanes * segments), [lanes, ...model.shape]);
  }
  const own = spread(indices, [n], lanes);
  const hits = equal(reshape(own, [lanes, 1, n]), reshape(range(segments), [1, segments, 1]));
  const matrix = reshape(all, [lanes, n, sizeOf(rest)]);
  const sums = contract('Zsn,Znr->Zsr', cast(hits, model.dtype), matrix);
  return reshape(sums, [lanes, ...model.shape]);
}

/** Indices [lanes, …] into tables of `rows` rows that lie one under the other. */
function offset(indices: Laned, shape: Shape, rows: number, lanes: number): Tensor {
  const known = knownIndices(indices.tensor);
  if (known !== null) return constant(offsets(known, sizeOf(shape), rows, lanes), [lanes, ...shape], 'int32');
  const starts = constant(
    Array.from({ length: lanes }, (_, i) => i * rows),
    [lanes, ...shape.map(() => 1)],
    'int32',
  );
  return add(indices.tensor, starts);
}

/** @param indices of all lanes, or `size` of them that all lanes share */
function offsets(indices: Int32Array, size: number, rows: number, lanes: number): Int32Array {
  return Int32Array.from(
    { length: lanes * size },
    (_, i) => (indices[i % indices.length] as number) + Math.floor(i / size) * rows,
  );
}
