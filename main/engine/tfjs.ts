/**
 * Runs a traced graph on TensorFlow.js, one kernel per node: the CUDA path through tfjs-node-gpu, and on its `cpu`
 * and `wasm` backends an independent second implementation of every operation. float32 only.
 */
import type * as tfjs from '@tensorflow/tfjs-core';
import { LatebloomError } from '../../shared/errors.ts';
import {
  printTensor,
  sizeOf,
  topological,
  type Operation,
  type OperationOf,
  type Outputs,
  type Tensor,
} from './graph.ts';
import { stepByStep, type Compile, type HostArray, type HostValues, type Program } from './program.ts';
import { loadTfjs, type Tfjs, type TfjsEngine } from './tfjs-load.ts';

/** Compiles graphs for one engine. Parameters and moments stay on the device between runs. */
export async function tfjsCompiler(engine: TfjsEngine, threads = 1): Promise<Compile> {
  const tf = await loadTfjs(engine, threads);
  const backend = tf.getBackend();
  return async (outputs, options) => {
    if (tf.getBackend() !== backend) await tf.setBackend(backend);
    return new TfjsProgram(tf, engine, outputs, options.carried);
  };
}

class TfjsProgram implements Program {
  readonly onDevice: boolean;
  readonly #tf: Tfjs;
  readonly #backend: string;
  readonly #outputs: Outputs;
  readonly #carried: Readonly<Record<string, string>>;
  readonly #returned: readonly string[];
  readonly #order: readonly Tensor[];
  readonly #inputs = new Map<string, Tensor>();
  readonly #constants = new Map<Tensor, tfjs.Tensor>();
  #state: Record<string, tfjs.Tensor> = {};

  /** @throws LatebloomError 'device-unavailable' for a graph with float64 parts. */
  constructor(tf: Tfjs, engine: TfjsEngine, outputs: Outputs, carried: Readonly<Record<string, string>>) {
    this.onDevice = engine === 'tfjs-node-gpu';
    this.#tf = tf;
    this.#backend = tf.getBackend();
    this.#outputs = outputs;
    this.#carried = carried;
    const moved = new Set(Object.values(carried));
    this.#returned = Object.keys(outputs).filter((name) => !moved.has(name));
    this.#order = topological(Object.values(outputs));
    const wide = this.#order.find((tensor) => tensor.dtype === 'float64');
    if (wide !== undefined) {
      throw new LatebloomError(
        'device-unavailable',
        `TensorFlow.js has no float64, which ${wide.operation.kind} asks for.`,
        'Use the onnxruntime-cpu device for float64 studies.',
      );
    }
    for (const tensor of this.#order) {
      const { operation } = tensor;
      if (operation.kind === 'input') this.#inputs.set(operation.name, tensor);
      if (operation.kind === 'constant') this.#constants.set(tensor, this.#upload(tensor, operation.data));
    }
  }

  setState(values: HostValues): void {
    this.#tf.dispose(this.#state);
    this.#state = Object.fromEntries(
      Object.keys(this.#carried).map((name) => [name, this.#upload(this.#inputNamed(name), values[name])]),
    );
  }

  async state(names: readonly string[] = Object.keys(this.#state)): Promise<Record<string, HostArray>> {
    const entries = names.map(async (name) => {
      const tensor = this.#state[name];
      if (tensor === undefined) throw new Error(`The graph carries no "${name}".`);
      return [name, await download(tensor)] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  async run(feeds: HostValues): Promise<HostValues> {
    // One backend is active in a process; another program may have changed it.
    if (this.#tf.getBackend() !== this.#backend) await this.#tf.setBackend(this.#backend);
    const { results, next } = this.#tf.tidy(() => {
      const values = new Map<Tensor, tfjs.Tensor>(this.#constants);
      for (const tensor of this.#order) {
        if (values.has(tensor)) continue;
        const inputs = tensor.inputs.map((input) => values.get(input) as tfjs.Tensor);
        const { operation } = tensor;
        values.set(
          tensor,
          operation.kind === 'input'
            ? (this.#state[operation.name] ?? this.#upload(tensor, feeds[operation.name]))
            : this.#compute(tensor, operation, inputs),
        );
      }
      // Copies: two names may share a node, and a node that is an input or a constant must outlive the run.
      const take = (name: string): tfjs.Tensor =>
        (values.get(this.#outputs[name] as Tensor) as tfjs.Tensor).clone();
      return {
        results: Object.fromEntries(this.#returned.map((name) => [name, take(name)])),
        next: Object.fromEntries(Object.entries(this.#carried).map(([name, output]) => [name, take(output)])),
      };
    });
    this.#tf.dispose(this.#state);
    this.#state = next;
    try {
      const entries = Object.entries(results).map(
        async ([name, tensor]) => [name, await download(tensor)] as const,
      );
      return Object.fromEntries(await Promise.all(entries));
    } finally {
      this.#tf.dispose(results);
    }
  }

  runSteps(feeds: HostValues, steps: number): Promise<HostValues> {
    return stepByStep((own) => this.run(own), feeds, steps);
  }

  dispose(): Promise<void> {
    this.#tf.dispose(this.#state);
    this.#tf.dispose([...this.#constants.values()]);
    this.#constants.clear();
    return Promise.resolve();
  }

  #compute(
    tensor: Tensor,
    operation: Exclude<Operation, { kind: 'input' }>,
    inputs: tfjs.Tensor[],
  ): tfjs.Tensor {
    try {
      return compute(this.#tf, tensor, operation, inputs);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new LatebloomError(
        'internal',
        `TensorFlow.js (${this.#backend}): ${operation.kind}(${tensor.inputs.map(printTensor).join(', ')}): ${reason}`,
        '',
        { cause: error },
      );
    }
  }

  #inputNamed(name: string): Tensor {
    const tensor = this.#inputs.get(name);
    if (tensor === undefined) throw new Error(`The graph has no input "${name}".`);
    return tensor;
  }

  #upload(tensor: Tensor, data: ArrayLike<number> | undefined): tfjs.Tensor {
    if (data === undefined)
      throw new Error(`No values for ${tensor.operation.kind} ${JSON.stringify(tensor.shape)}.`);
    const values = tensor.dtype === 'int32' ? Int32Array.from(data) : Float32Array.from(data);
    const uploaded = this.#tf.tensor(values, [...tensor.shape]);
    return tensor.dtype === 'bool' ? this.#tf.cast(uploaded, 'bool') : uploaded;
  }
}

async function download(tensor: tfjs.Tensor): Promise<HostArray> {
  const values = await tensor.data<'float32' | 'int32' | 'bool'>();
  // The buffer may belong to the backend, which reuses it after the tensor is disposed.
  return values instanceof Uint8Array ? Int32Array.from(values) : values.slice();
}

function tfjsType(tensor: Tensor): 'float32' | 'int32' | 'bool' {
  return tensor.dtype === 'float64' ? 'float32' : tensor.dtype;
}

/** Operations that give zeros for empty operands. */
const summing: ReadonlySet<Operation['kind']> = new Set(['contract', 'segmentSum', 'reduceSum', 'pad']);

/** Kernels differ on what is empty: there is nothing to compute, or nothing but zeros to add up. */
export function isZeros({ operation, inputs, shape }: Tensor): boolean {
  const sums = summing.has(operation.kind) && inputs.some((input) => sizeOf(input.shape) === 0);
  return sizeOf(shape) === 0 || sums;
}

/** One node as TensorFlow.js kernels. */
export function compute(
  tf: Tfjs,
  tensor: Tensor,
  operation: Exclude<Operation, { kind: 'input' }>,
  inputs: tfjs.Tensor[],
): tfjs.Tensor {
  if (isZeros(tensor)) return tf.zeros([...tensor.shape], tfjsType(tensor));
  const [x, y, z] = inputs as [tfjs.Tensor, tfjs.Tensor, tfjs.Tensor];
  switch (operation.kind) {
    case 'constant':
      throw new Error('Constants are uploaded when the program is made.');
    case 'neg':
    case 'exp':
    case 'log':
    case 'sqrt':
    case 'tanh':
    case 'erf':
    case 'relu':
    case 'step':
      return tf[operation.kind](x);
    case 'softmax':
    case 'logSoftmax': {
      // tfjs has both for the last axis only.
      const shifted = tf.sub(x, tf.max(x, operation.axis, true));
      const exponentials = tf.exp(shifted);
      const total = tf.sum(exponentials, operation.axis, true);
      return operation.kind === 'softmax' ? tf.div(exponentials, total) : tf.sub(shifted, tf.log(total));
    }
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
    case 'less':
    case 'equal':
      return tf[operation.kind](x, y);
    case 'where':
      // tfjs broadcasts `where`, but not a condition of lower rank on every backend.
      return tf.where(
        tf.broadcastTo(x, [...tensor.shape]),
        tf.broadcastTo(y, [...tensor.shape]),
        tf.broadcastTo(z, [...tensor.shape]),
      );
    case 'cast':
      return tf.cast(x, tfjsType(tensor));
    case 'contract':
      return computeContract(tf, operation, x, y);
    case 'transpose':
      return tf.transpose(x, [...operation.permutation]);
    case 'reshape':
      return tf.reshape(x, [...operation.shape]);
    case 'broadcast':
      return tf.broadcastTo(x, [...operation.shape]);
    case 'slice':
      return tf.slice(x, [...operation.starts], [...operation.sizes]);
    case 'pad':
      return tf.pad(
        x,
        operation.before.map((count, axis) => [count, operation.after[axis] ?? 0] as [number, number]),
      );
    case 'concat':
      return tf.concat(
        inputs.filter((part) => part.size > 0),
        operation.axis,
      );
    case 'gather':
      return tf.gather(x, y as tfjs.Tensor1D);
    case 'segmentSum': {
      // unsortedSegmentSum is not registered on the wasm backend; a one-hot product is, on all.
      const rows = tf.reshape(x, [x.shape[0] as number, -1]);
      const segments = tf.range(0, operation.segments, 1, 'int32');
      const oneHot = tf.cast(tf.equal(tf.expandDims(segments, 1), tf.expandDims(y, 0)), 'float32');
      return tf.reshape(tf.matMul(oneHot, rows), [...tensor.shape]);
    }
    case 'reduceSum':
      return tf.sum(x, [...operation.axes], true);
    case 'reduceMax':
      return tf.max(x, [...operation.axes], true);
    case 'argMax':
      return tf.expandDims(tf.argMax(x, operation.axis), operation.axis);
  }
}

/** A contraction as one batched matrix product between two transpositions: einsum is not registered on wasm. */
function computeContract(
  tf: Tfjs,
  { a, b, out }: OperationOf<'contract'>,
  x: tfjs.Tensor,
  y: tfjs.Tensor,
): tfjs.Tensor {
  const batch = [...a].filter((label) => b.includes(label) && out.includes(label));
  const rows = [...a].filter((label) => !b.includes(label));
  const summed = [...a].filter((label) => !out.includes(label));
  const columns = [...b].filter((label) => !a.includes(label));
  const sizeOfLabel = (label: string): number => {
    const axis = a.indexOf(label);
    return (axis >= 0 ? x.shape[axis] : y.shape[b.indexOf(label)]) as number;
  };
  const sizes = (labels: string[]): number[] => labels.map(sizeOfLabel);
  const product = (labels: string[]): number => sizes(labels).reduce((total, size) => total * size, 1);
  const matrices = (operand: tfjs.Tensor, labels: string, left: string[], right: string[]): tfjs.Tensor3D => {
    const order = [...batch, ...left, ...right].map((label) => labels.indexOf(label));
    return tf.reshape(tf.transpose(operand, order), [product(batch), product(left), product(right)]);
  };
  const result = tf.matMul(matrices(x, a, rows, summed), matrices(y, b, summed, columns));
  const labels = [...batch, ...rows, ...columns];
  return tf.transpose(
    tf.reshape(result, sizes(labels)),
    [...out].map((label) => labels.indexOf(label)),
  );
}
