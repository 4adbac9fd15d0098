/** Lowers a traced graph to ONNX nodes: one rule per operation. */
import {
  isFloat,
  printTensor,
  sizeOf,
  topological,
  type DType,
  type Operation,
  type Outputs,
  type Shape,
  type Tensor,
} from './graph.ts';
import { emitContract } from './onnx-contract.ts';
import { elementTypes, type ElementType, type OnnxGraph, type OnnxNode } from './onnx-schema.ts';
import { emitSegmentSum } from './onnx-segments.ts';

/** The ONNX operator set that the rules below follow. */
export const opset = 18;

type Attributes = OnnxNode['attributes'];

/** Collects the nodes of one ONNX graph. Values are referred to by name. */
export class OnnxBuilder {
  readonly graph: OnnxGraph = { nodes: [], inputs: [], outputs: [], initializers: [] };
  readonly #constants = new Map<string, string>();
  #count = 0;
  /** What the nodes being emitted compute, for error messages. */
  #purpose = '';

  /** Says which traced operation the nodes emitted from here on belong to. */
  begin(tensor: Tensor): void {
    const operands = tensor.inputs.map(printTensor).join(', ');
    this.#purpose = `${tensor.operation.kind}(${operands})`;
  }

  emit(type: string, inputs: string[], attributes: Attributes = {}, output = `v${this.#count++}`): string {
    this.graph.nodes.push({ name: `${this.#purpose} ${output}`, type, inputs, output, attributes });
    return output;
  }

  initializer(type: ElementType, shape: Shape, bytes: Uint8Array): string {
    const name = `c${this.#count++}`;
    this.graph.initializers.push({ name, type, shape, bytes });
    return name;
  }

  /** A list of sizes, axes or positions, as ONNX passes them (int64). */
  integers(values: readonly number[]): string {
    const key = values.join();
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.initializer('int64', [values.length], bytesOf(BigInt64Array.from(values, BigInt)));
    this.#constants.set(key, name);
    return name;
  }

  indices(values: readonly number[], shape: Shape): string {
    return this.initializer('int32', shape, bytesOf(Int32Array.from(values)));
  }

  floats(values: ArrayLike<number>, shape: Shape, type: DType): string {
    const data = type === 'float64' ? new Float64Array(values) : new Float32Array(values);
    return this.initializer(type, shape, bytesOf(data));
  }

  reshape(value: string, from: Shape, to: Shape): string {
    if (from.join() === to.join()) return value;
    // Without it, a size of 0 means "as before".
    return this.emit('Reshape', [value, this.integers(to)], to.includes(0) ? { allowzero: 1 } : {});
  }

  transpose(value: string, permutation: readonly number[]): string {
    const identity = permutation.every((axis, i) => axis === i);
    return identity ? value : this.emit('Transpose', [value], { perm: permutation });
  }

  /**
   * Sums along axes, in increasing order, which stay with size 1: as a product with ones. ONNX Runtime's own sums add in
   * an order that depends on the axes before the summed ones and on where a row lies in memory; a product's order does
   * not, so that a run in a lane gets the bits of a run alone (`lanes.ts`).
   */
  reduceSum(value: string, from: Shape, axes: readonly number[], type: DType): string {
    const to = from.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const last = axes.at(-1);
    if (last === undefined) return value;
    if (sizeOf(from) === 0 || !isFloat(type))
      return this.emit('ReduceSum', [value, this.integers(axes)], { keepdims: 1 });
    // Neighbouring axes are summed as one, the last ones first; of whole rows one axis at a time, which takes fewer ones.
    const neighbours = axes.length - axes.findLastIndex((axis, i) => axes[i - 1] !== axis - 1);
    const first = last === from.length - 1 ? last : last - neighbours + 1;
    const [before, summed, after] = [
      from.slice(0, first),
      from.slice(first, last + 1),
      from.slice(last + 1),
    ].map(sizeOf) as [number, number, number];
    const rest = axes.filter((axis) => axis < first);
    const between = from.map((size, axis) => (axis >= first && axis <= last ? 1 : size));
    const sums = this.#sumOf(value, from, [before, summed, after], type);
    return rest.length === 0
      ? this.reshape(sums.value, sums.shape, to)
      : this.reduceSum(this.reshape(sums.value, sums.shape, between), between, rest, type);
  }

  #sumOf(
    value: string,
    from: Shape,
    [before, summed, after]: readonly [number, number, number],
    type: DType,
  ): { value: string; shape: Shape } {
    if (summed === 1) return { value, shape: from };
    if (after > 1) {
      const matrices = this.reshape(value, from, [before, summed, after]);
      const product = this.emit('MatMul', [this.#ones([1, summed], type), matrices]);
      return { value: product, shape: [before, 1, after] };
    }
    // A product with a vector takes other kernels than one with a matrix, which treat a last row differently.
    const rows = Math.max(2, before);
    const given = this.reshape(value, from, [before, summed]);
    const twice = before === 1 ? this.emit('Expand', [given, this.integers([rows, summed])]) : given;
    const product = this.emit('MatMul', [twice, this.#ones([summed, 2], type)]);
    const [starts, ends, axes] = [
      [0, 0],
      [before, 1],
      [0, 1],
    ].map((list) => this.integers(list)) as [string, string, string];
    return { value: this.emit('Slice', [product, starts, ends, axes]), shape: [before, 1] };
  }

  #ones(shape: Shape, type: DType): string {
    const key = `ones ${shape.join('x')} ${type}`;
    const known =
      this.#constants.get(key) ?? this.floats(new Float64Array(sizeOf(shape)).fill(1), shape, type);
    this.#constants.set(key, known);
    return known;
  }
}

/** The ONNX graph that computes `outputs` from the inputs they reach. */
export function emitGraph(outputs: Outputs): OnnxGraph {
  const builder = new OnnxBuilder();
  const names = new Map<Tensor, string>();
  const order = topological(Object.values(outputs));
  for (const tensor of order) {
    const inputs = tensor.inputs.map((input) => names.get(input) as string);
    builder.begin(tensor);
    names.set(tensor, emitNode(builder, tensor, inputs));
  }
  for (const [name, tensor] of Object.entries(outputs)) {
    builder.emit('Identity', [names.get(tensor) as string], {}, name);
    builder.graph.outputs.push({ name, type: tensor.dtype, shape: tensor.shape });
  }
  return renameOutputs(builder.graph);
}

/** Lets the node that computes an output carry its name, in the place of an Identity that copies it. */
function renameOutputs(graph: OnnxGraph): OnnxGraph {
  const copies = graph.nodes.splice(graph.nodes.length - graph.outputs.length);
  const renamed = new Map<string, string>();
  const kept: OnnxNode[] = [];
  for (const copy of copies) {
    const source = copy.inputs[0] as string;
    const computed = graph.nodes.some((node) => node.output === source);
    if (computed && !renamed.has(source)) renamed.set(source, copy.output);
    else kept.push(copy);
  }
  const rename = (name: string): string => renamed.get(name) ?? name;
  const nodes = [...graph.nodes, ...kept].map((node) => ({
    ...node,
    inputs: node.inputs.map(rename),
    output: rename(node.output),
  }));
  return { ...graph, nodes };
}

const simpleTypes: Partial<Record<Operation['kind'], string>> = {
  neg: 'Neg',
  exp: 'Exp',
  log: 'Log',
  sqrt: 'Sqrt',
  tanh: 'Tanh',
  erf: 'Erf',
  relu: 'Relu',
  add: 'Add',
  sub: 'Sub',
  mul: 'Mul',
  div: 'Div',
  less: 'Less',
  equal: 'Equal',
  where: 'Where',
  gather: 'Gather',
};

function emitNode(builder: OnnxBuilder, tensor: Tensor, inputs: string[]): string {
  const { operation } = tensor;
  const simple = simpleTypes[operation.kind];
  if (simple !== undefined) return builder.emit(simple, inputs);
  const x = inputs[0] as string;
  switch (operation.kind) {
    case 'input':
      builder.graph.inputs.push({ name: operation.name, type: tensor.dtype, shape: tensor.shape });
      return operation.name;
    case 'constant':
      if (isFloat(tensor.dtype)) return builder.floats(operation.data, tensor.shape, tensor.dtype);
      if (tensor.dtype === 'int32')
        return builder.initializer('int32', tensor.shape, bytesOf(Int32Array.from(operation.data)));
      return builder.initializer('bool', tensor.shape, Uint8Array.from(operation.data));
    case 'cast':
      return builder.emit('Cast', inputs, { to: elementTypes[operation.dtype] });
    case 'contract':
      return emitContract(builder, tensor, inputs);
    case 'transpose':
      return builder.transpose(x, operation.permutation);
    case 'reshape':
      return builder.reshape(x, tensor.inputs[0]?.shape ?? [], operation.shape);
    case 'broadcast':
      return builder.emit('Expand', [x, builder.integers(operation.shape)]);
    case 'slice': {
      const axes = operation.sizes.flatMap((size, axis) =>
        size === tensor.inputs[0]?.shape[axis] ? [] : [axis],
      );
      const starts = axes.map((axis) => operation.starts[axis] as number);
      const ends = axes.map((axis, i) => (starts[i] as number) + (operation.sizes[axis] as number));
      return builder.emit('Slice', [x, ...[starts, ends, axes].map((list) => builder.integers(list))]);
    }
    case 'pad':
      return builder.emit('Pad', [x, builder.integers([...operation.before, ...operation.after])]);
    case 'concat':
      return builder.emit('Concat', inputs, { axis: operation.axis });
    case 'segmentSum':
      return emitSegmentSum(builder, tensor, inputs);
    case 'reduceSum':
      return emitReduceSum(builder, x, tensor, operation.axes);
    case 'reduceMax':
      return builder.emit('ReduceMax', [x, builder.integers(operation.axes)]);
    case 'step':
      return emitStep(builder, x, tensor.dtype);
    case 'softmax':
      return builder.emit('Softmax', inputs, { axis: operation.axis });
    case 'logSoftmax':
      return emitLogSoftmax(builder, x, tensor, operation.axis);
    case 'argMax': {
      const position = builder.emit('ArgMax', inputs, { axis: operation.axis, keepdims: 1 });
      return builder.emit('Cast', [position], { to: elementTypes.int32 });
    }
    default:
      throw new Error(`No ONNX rule for ${operation.kind}.`);
  }
}

/**
 * HardSigmoid(x) = max(0, min(1, αx + β)) with the largest α is 1 for every positive normal number: one vectorized
 * pass, where ONNX Runtime's Sign, Where, or Greater and Cast, take four to ten times as long.
 */
function emitStep(builder: OnnxBuilder, x: string, dtype: DType): string {
  if (dtype === 'float32')
    return builder.emit('HardSigmoid', [x], { alpha: { float: 3.4028234663852886e38 }, beta: { float: 0 } });
  const positive = builder.emit('Less', [builder.floats([0], [], dtype), x]);
  return builder.emit('Cast', [positive], { to: elementTypes[dtype] });
}

/**
 * A sum of a few entries that lie a few numbers apart is one addition per entry: ONNX Runtime's own sum enters a loop for
 * every one of its many short runs.
 */
function emitReduceSum(builder: OnnxBuilder, x: string, tensor: Tensor, axes: readonly number[]): string {
  const { shape } = tensor.inputs[0] as Tensor;
  const [axis = 0] = axes;
  const [size, inner] = [shape[axis] ?? 0, sizeOf(shape.slice(axis + 1))];
  const isShort = axes.length === 1 && size >= 2 && size <= 4 && inner >= 2 && inner <= 16;
  if (!isShort) return builder.reduceSum(x, shape, axes, tensor.dtype);
  const terms = Array.from({ length: size }, (_, at) =>
    builder.emit('Slice', [x, ...[[at], [at + 1], [axis]].map((list) => builder.integers(list))]),
  );
  return terms.reduce((sum, term) => builder.emit('Add', [sum, term]));
}

/** ONNX Runtime transposes for an axis other than the last; along long rows the plain formula is faster. */
function emitLogSoftmax(builder: OnnxBuilder, x: string, tensor: Tensor, axis: number): string {
  if (axis === tensor.shape.length - 1 || sizeOf(tensor.shape.slice(axis + 1)) < 64) {
    return builder.emit('LogSoftmax', [x], { axis });
  }
  const shifted = builder.emit('Sub', [x, builder.emit('ReduceMax', [x, builder.integers([axis])])]);
  const total = builder.reduceSum(builder.emit('Exp', [shifted]), tensor.shape, [axis], tensor.dtype);
  return builder.emit('Sub', [shifted, builder.emit('Log', [total])]);
}

function bytesOf(data: Float32Array | Float64Array | Int32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
