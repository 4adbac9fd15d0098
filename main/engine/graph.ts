/**
 * The graph that tracing a model records: immutable nodes of a closed set of operations, with shapes and element
 * types inferred when a node is made. Engines (`onnx.ts`, `tfjs.ts`) run a graph; `evaluate.ts` is its meaning.
 */
import { LatebloomError } from '../../shared/errors.ts';

export type FloatType = 'float32' | 'float64';
export type DType = FloatType | 'int32' | 'bool';
export type Shape = readonly number[];

/** Values of a constant, row-major. Floats are kept in float64 and rounded to the node's type by the engine. */
export type ConstantData = Float64Array | Int32Array;

export const unaryKinds = ['neg', 'exp', 'log', 'sqrt', 'tanh', 'erf', 'relu', 'step'] as const;
export const binaryKinds = ['add', 'sub', 'mul', 'div'] as const;
export const comparisonKinds = ['less', 'equal'] as const;
export type UnaryKind = (typeof unaryKinds)[number];
export type BinaryKind = (typeof binaryKinds)[number];
export type ComparisonKind = (typeof comparisonKinds)[number];

/** The label of lanes in a contraction (`lanes.ts`): it stands first, and no model uses it. */
export const laneLabel = 'Z';

/** The closed set of operations. Elementwise ones broadcast as NumPy does; the others do not. */
export type Operation =
  | { kind: 'input'; name: string; shape: Shape; dtype: DType }
  | { kind: 'constant'; data: ConstantData; shape: Shape; dtype: DType }
  | { kind: UnaryKind | BinaryKind | ComparisonKind }
  /** inputs (condition: bool, whenTrue, whenFalse) */
  | { kind: 'where' }
  | { kind: 'cast'; dtype: DType }
  /**
   * Product of two tensors summed over shared labels, one letter per axis (Einstein's convention). Every letter
   * stands at most once per operand, and in at least two of (a, b, out).
   */
  | { kind: 'contract'; a: string; b: string; out: string }
  | { kind: 'transpose'; permutation: readonly number[] }
  | { kind: 'reshape'; shape: Shape }
  | { kind: 'broadcast'; shape: Shape }
  | { kind: 'slice'; starts: readonly number[]; sizes: readonly number[] }
  | { kind: 'pad'; before: readonly number[]; after: readonly number[] }
  | { kind: 'concat'; axis: number }
  /** inputs (table [rows, ...rest], indices int32 of any shape) → [...indices, ...rest] */
  | { kind: 'gather' }
  /** inputs (values [n, ...rest], indices int32 [n]) → [segments, ...rest]; rows with one index are summed */
  | { kind: 'segmentSum'; segments: number }
  /** Reduced axes stay, with size 1. */
  | { kind: 'reduceSum' | 'reduceMax'; axes: readonly number[] }
  | { kind: 'softmax' | 'logSoftmax'; axis: number }
  /** Index of the first largest entry along an axis, int32; that axis stays, with size 1. */
  | { kind: 'argMax'; axis: number };

export type OperationKind = Operation['kind'];
export type OperationOf<K extends OperationKind> = Extract<Operation, { kind: K }>;

/** A traced value: one node of the graph. */
export interface Tensor {
  readonly id: number;
  readonly operation: Operation;
  readonly inputs: readonly Tensor[];
  readonly shape: Shape;
  readonly dtype: DType;
  /** Where the model asked for it, or for what it was made from. */
  readonly site: CallSite;
}

/** Named results of a traced function. Inputs are the `input` nodes reached from them. */
export type Outputs = Readonly<Record<string, Tensor>>;

/** A model used an operation in a way that has no meaning: which, on what shapes, and where in the model. */
export class TraceError extends LatebloomError {
  constructor(operation: string, inputs: readonly Pick<Tensor, 'shape' | 'dtype'>[], fault: string) {
    const operands = inputs.map(printTensor).join(', ');
    super('internal', `${operation}(${operands}): ${fault}${new CallSite()}`);
  }
}

/** A place in the code. Reading it costs; keeping it does not. */
export class CallSite {
  readonly #error: Error;

  constructor() {
    const usual = Error.stackTraceLimit;
    Error.stackTraceLimit = 50;
    this.#error = new Error();
    Error.stackTraceLimit = usual;
  }

  /**
   * " (at file:line:column)": the first stack frame outside the engine, the line of the model that asked for an
   * operation. Nothing where the stack does not tell the two apart (a bundle without source maps).
   */
  toString(): string {
    const frames = (this.#error.stack ?? '').split('\n').slice(1);
    const inEngine = (line: string): boolean => /[/\\]engine[/\\](?!.*\.test\.)/.test(line);
    if (!inEngine(frames[0] ?? '')) return '';
    const frame = frames.find((line) => /[/\\][^/\\]+:\d+:\d+\)?$/.test(line) && !inEngine(line));
    const place = frame?.match(/(?:file:\/\/)?([^\s()]+:\d+:\d+)\)?$/)?.[1];
    return place === undefined ? '' : ` (at ${place})`;
  }
}

let currentSite: CallSite | null = null;

/** Runs `make`; the nodes that it makes stand for `tensor`, and carry its place in the model. */
export function standingFor<T>(tensor: Tensor, make: () => T): T {
  const before = currentSite;
  currentSite = tensor.site;
  try {
    return make();
  } finally {
    currentSite = before;
  }
}

/** "float32[2, 3]" */
export function printTensor({ dtype, shape }: Pick<Tensor, 'shape' | 'dtype'>): string {
  return `${dtype}${printShape(shape)}`;
}

export function printShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** The shape that elementwise operands broadcast to, or null when they do not fit. */
export function broadcastShapes(shapes: readonly Shape[]): Shape | null {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1).filter((size) => size !== 1);
    if (sizes.some((size) => size !== sizes[0])) return null;
    result.push(sizes[0] ?? 1);
  }
  return result;
}

export function isFloat(dtype: DType): dtype is FloatType {
  return dtype === 'float32' || dtype === 'float64';
}

let nextId = 0;

/**
 * Makes a node; shape and type follow from the operation and its inputs.
 * @throws TraceError when they do not fit.
 */
export function node(operation: Operation, inputs: readonly Tensor[]): Tensor {
  const { shape, dtype } = infer(operation, inputs);
  return { id: nextId++, operation, inputs, shape, dtype, site: currentSite ?? new CallSite() };
}

/** All nodes that `outputs` depend on, inputs before their users. */
export function topological(outputs: readonly Tensor[]): Tensor[] {
  const seen = new Set<Tensor>();
  const order: Tensor[] = [];
  const stack = [...outputs].reverse().map((tensor) => ({ tensor, next: 0 }));
  while (stack.length > 0) {
    const top = stack.at(-1) as { tensor: Tensor; next: number };
    if (top.next === 0 && seen.has(top.tensor)) {
      stack.pop();
      continue;
    }
    seen.add(top.tensor);
    const input = top.tensor.inputs[top.next++];
    if (input === undefined) {
      order.push(top.tensor);
      stack.pop();
    } else if (!seen.has(input)) {
      stack.push({ tensor: input, next: 0 });
    }
  }
  return order;
}

type Typed = Pick<Tensor, 'shape' | 'dtype'>;

function infer(operation: Operation, inputs: readonly Tensor[]): Typed {
  const fail = (fault: string): never => {
    throw new TraceError(operation.kind, inputs, fault);
  };
  const at = (i: number): Tensor => inputs[i] ?? fail(`operand ${i + 1} is missing.`);
  const float = (tensor: Tensor): Tensor =>
    isFloat(tensor.dtype) ? tensor : fail('needs floating-point operands.');
  const elementwise = (tensors: readonly Tensor[]): Shape =>
    broadcastShapes(tensors.map((tensor) => tensor.shape)) ?? fail('shapes do not broadcast.');
  const alike = (a: Tensor, b: Tensor): void => {
    if (a.dtype !== b.dtype) fail('element types differ; cast one.');
  };
  switch (operation.kind) {
    case 'input':
      return { shape: operation.shape, dtype: operation.dtype };
    case 'constant': {
      const { data, shape, dtype } = operation;
      if (data.length !== sizeOf(shape)) fail(`${data.length} values do not fill ${printShape(shape)}.`);
      if (data instanceof Float64Array !== isFloat(dtype)) fail(`values of a wrong type for ${dtype}.`);
      return { shape, dtype };
    }
    case 'neg':
    case 'exp':
    case 'log':
    case 'sqrt':
    case 'tanh':
    case 'erf':
    case 'relu':
    case 'step':
      return float(at(0));
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
      alike(at(0), at(1));
      if (at(0).dtype === 'bool') fail('needs numbers.');
      return { shape: elementwise(inputs), dtype: at(0).dtype };
    case 'less':
    case 'equal':
      alike(at(0), at(1));
      return { shape: elementwise(inputs), dtype: 'bool' };
    case 'where':
      if (at(0).dtype !== 'bool') fail('the condition must be bool.');
      alike(at(1), at(2));
      return { shape: elementwise(inputs), dtype: at(1).dtype };
    case 'cast':
      return { shape: at(0).shape, dtype: operation.dtype };
    case 'contract':
      alike(float(at(0)), at(1));
      return { shape: contractShape(operation, at(0), at(1), fail), dtype: at(0).dtype };
    case 'transpose': {
      const { permutation } = operation;
      const rank = at(0).shape.length;
      if (
        permutation.length !== rank ||
        new Set(permutation).size !== rank ||
        permutation.some((axis) => !(axis in at(0).shape))
      ) {
        fail(`[${permutation.join(', ')}] is no permutation of its axes.`);
      }
      return { shape: permutation.map((axis) => at(0).shape[axis] as number), dtype: at(0).dtype };
    }
    case 'reshape':
      if (sizeOf(operation.shape) !== sizeOf(at(0).shape))
        fail(`does not fit into ${printShape(operation.shape)}.`);
      return { shape: operation.shape, dtype: at(0).dtype };
    case 'broadcast': {
      const shape = broadcastShapes([at(0).shape, operation.shape]);
      if (shape === null || !sameShape(shape, operation.shape))
        fail(`does not broadcast to ${printShape(operation.shape)}.`);
      return { shape: operation.shape, dtype: at(0).dtype };
    }
    case 'slice': {
      const { starts, sizes } = operation;
      const { shape } = at(0);
      const inside = (size: number, axis: number): boolean => {
        const start = starts[axis] ?? -1;
        const length = sizes[axis] ?? -1;
        return start >= 0 && length >= 0 && start + length <= size;
      };
      if (starts.length !== shape.length || sizes.length !== shape.length || !shape.every(inside)) {
        fail(`a slice from [${starts.join(', ')}] of sizes ${printShape(sizes)} does not lie inside.`);
      }
      return { shape: sizes, dtype: at(0).dtype };
    }
    case 'pad': {
      const { before, after } = operation;
      const { shape } = at(0);
      const counts = [...before, ...after];
      if (
        before.length !== shape.length ||
        after.length !== shape.length ||
        counts.some((count) => count < 0)
      ) {
        fail('needs one count ≥ 0 per axis and side.');
      }
      return {
        shape: shape.map((size, axis) => size + (before[axis] ?? 0) + (after[axis] ?? 0)),
        dtype: at(0).dtype,
      };
    }
    case 'concat': {
      const { axis } = operation;
      const { shape } = at(0);
      inputs.forEach((input) => alike(at(0), input));
      const fits = (input: Tensor): boolean =>
        input.shape.length === shape.length &&
        input.shape.every((size, i) => i === axis || size === shape[i]);
      if (!(axis in shape) || !inputs.every(fits)) fail(`shapes differ outside axis ${axis}.`);
      const total = inputs.reduce((sum, input) => sum + (input.shape[axis] as number), 0);
      return { shape: shape.map((size, i) => (i === axis ? total : size)), dtype: at(0).dtype };
    }
    case 'gather':
      if (at(1).dtype !== 'int32') fail('indices must be int32.');
      if (at(0).shape.length < 1) fail('the table needs rows.');
      return { shape: [...at(1).shape, ...at(0).shape.slice(1)], dtype: at(0).dtype };
    case 'segmentSum':
      if (at(1).dtype !== 'int32') fail('indices must be int32.');
      if (at(1).shape.length !== 1 || at(0).shape[0] !== at(1).shape[0]) fail('needs one index per row.');
      return { shape: [operation.segments, ...float(at(0)).shape.slice(1)], dtype: at(0).dtype };
    case 'reduceSum':
    case 'reduceMax': {
      const { axes } = operation;
      if (new Set(axes).size !== axes.length || axes.some((axis) => !(axis in at(0).shape))) {
        fail(`has no axes [${axes.join(', ')}].`);
      }
      return {
        shape: float(at(0)).shape.map((size, i) => (axes.includes(i) ? 1 : size)),
        dtype: at(0).dtype,
      };
    }
    case 'softmax':
    case 'logSoftmax':
      if (!(operation.axis in at(0).shape)) fail(`has no axis ${operation.axis}.`);
      return float(at(0));
    case 'argMax':
      if (!(operation.axis in at(0).shape)) fail(`has no axis ${operation.axis}.`);
      return {
        shape: float(at(0)).shape.map((size, i) => (i === operation.axis ? 1 : size)),
        dtype: 'int32',
      };
  }
}

function contractShape(
  { a, b, out }: OperationOf<'contract'>,
  left: Tensor,
  right: Tensor,
  fail: (fault: string) => never,
): Shape {
  const equation = `${a},${b}->${out}`;
  const sizes = new Map<string, number>();
  for (const [labels, operand] of [
    [a, left],
    [b, right],
  ] as const) {
    if (labels.length !== operand.shape.length)
      fail(`"${equation}" needs ${labels.length} axes where ${operand.shape.length} are.`);
    [...labels].forEach((label, axis) => {
      const size = operand.shape[axis] as number;
      if ((sizes.get(label) ?? size) !== size)
        fail(`"${equation}" has axes "${label}" of sizes ${sizes.get(label)} and ${size}.`);
      sizes.set(label, size);
    });
  }
  for (const labels of [a, b, out]) {
    if (new Set(labels).size !== labels.length) fail(`"${equation}" repeats an axis in "${labels}".`);
  }
  for (const label of new Set(a + b + out)) {
    const places = [a, b, out].filter((labels) => labels.includes(label)).length;
    if (places < 2) fail(`"${equation}" has the axis "${label}" in one place only.`);
  }
  return [...out].map((label) => sizes.get(label) as number);
}
