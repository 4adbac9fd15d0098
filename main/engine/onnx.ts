/**
 * Runs graphs on ONNX Runtime: one graph, one session, on the CPU or on a device. On WebGPU state stays on the device
 * between steps. The providers of CUDA, DirectML and CoreML take and give host arrays in ONNX Runtime's Node binding
 * (1.30 binds device memory for WebGPU only), so there state crosses at every step.
 */
import { env, Tensor as OrtTensor, type InferenceSession } from 'onnxruntime-node';
import { lowerErf } from './erf-float64.ts';
import {
  topological,
  type DType,
  type OperationOf,
  type Outputs,
  type Shape,
  type Tensor as GraphTensor,
} from './graph.ts';
import { lowerForDevice } from './lower-device.ts';
import { emitGraph } from './onnx-emit.ts';
import { isSmall, loopGraph, loopNames, stepNames, stepsInput, type ValueNames } from './onnx-loop.ts';
import {
  DeviceReader,
  freeDeviceTensor,
  openSession,
  refuseFloat64,
  runSession,
  type Provider,
} from './onnx-session.ts';
import {
  stepByStep,
  type Compile,
  type HostArray,
  type HostValues,
  type Program,
  type ProgramOptions,
} from './program.ts';

export { EngineError } from './onnx-session.ts';

/** The version of onnxruntime-node that is installed. */
export function onnxRuntimeVersion(): string | null {
  return env.versions.node ?? null;
}

/** Compiles graphs for one of ONNX Runtime's execution providers. */
export function onnxCompiler(provider: Provider): Compile {
  return (outputs, options) => compileFor(provider, outputs, options);
}

export const compileOnnx = onnxCompiler('cpu');

/**
 * @throws LatebloomError 'device-unavailable' for an operation or a type that the device lacks
 * @throws EngineError when the graph is refused
 */
async function compileFor(
  provider: Provider,
  outputs: Outputs,
  { threads, carried, profile }: ProgramOptions,
): Promise<Program> {
  const inputs = topological(Object.values(outputs)).filter((tensor) => tensor.operation.kind === 'input');
  const signatures = new Map(
    inputs.map((tensor) => [
      (tensor.operation as OperationOf<'input'>).name,
      { dtype: tensor.dtype, shape: tensor.shape },
    ]),
  );
  // State that moves on unchanged (x' = y, for inputs x and y) needs no node, and no copy.
  const passed = new Map<string, string>();
  const computed: Record<string, GraphTensor> = {};
  const moved = new Set(Object.values(carried));
  for (const [name, tensor] of Object.entries(outputs)) {
    if (moved.has(name) && tensor.operation.kind === 'input') passed.set(name, tensor.operation.name);
    else computed[name] = tensor;
  }
  const onCpu = provider === 'cpu';
  const lowered = onCpu ? lowerErf(computed) : lowerForDevice(computed);
  if (!onCpu) refuseFloat64(provider, lowered);
  const step = emitGraph(lowered);
  // No device provider has Loop: there the body's state would cross to the host at every step.
  const looped = onCpu && Object.keys(carried).length > 0 && passed.size === 0 && isSmall(computed);
  const graph = looped ? loopGraph(step, carried) : step;
  const onDevice = provider === 'webgpu';
  const kept = onDevice ? Object.keys(computed).filter((name) => moved.has(name)) : [];
  const session = await openSession(provider, graph, {
    threads,
    kept,
    outputs: lowered,
    runsOften: Object.keys(carried).length > 0,
    ...(profile === undefined ? {} : { profile }),
  });
  const returned = Object.keys(outputs).filter((name) => !moved.has(name));
  return new OnnxProgram({ session, signatures, carried, passed, returned, looped, onDevice });
}

type Signature = { dtype: DType; shape: Shape };

interface ProgramParts {
  session: InferenceSession;
  signatures: ReadonlyMap<string, Signature>;
  carried: Readonly<Record<string, string>>;
  passed: ReadonlyMap<string, string>;
  returned: readonly string[];
  looped: boolean;
  onDevice: boolean;
}

class OnnxProgram implements Program {
  readonly onDevice: boolean;
  readonly #session: InferenceSession;
  readonly #signatures: ReadonlyMap<string, Signature>;
  readonly #carried: Readonly<Record<string, string>>;
  /** Next value of the state → the input that it is, where no node computes it. */
  readonly #passed: ReadonlyMap<string, string>;
  /** Whether one call runs many steps. */
  readonly #looped: boolean;
  readonly #names: ValueNames;
  readonly #returned: readonly string[];
  /** On the host after `setState`, on the device after a run there. */
  #state: Record<string, OrtTensor> = {};
  readonly #reader = new DeviceReader();

  constructor({ session, signatures, carried, passed, returned, looped, onDevice }: ProgramParts) {
    this.onDevice = onDevice;
    this.#session = session;
    this.#signatures = signatures;
    this.#carried = carried;
    this.#passed = passed;
    this.#looped = looped;
    this.#names = looped ? loopNames : stepNames;
    this.#returned = returned;
  }

  setState(values: HostValues): void {
    const entries = Object.keys(this.#carried).map((name) => {
      const value = values[name];
      if (value === undefined) throw new Error(`The state lacks "${name}".`);
      return [name, this.#tensor(name, value.slice())] as const;
    });
    this.#moveOn(Object.fromEntries(entries));
  }

  async state(names: readonly string[] = Object.keys(this.#carried)): Promise<Record<string, HostArray>> {
    const values: Record<string, HostArray> = {};
    const far: Record<string, OrtTensor> = {};
    for (const name of names) {
      const tensor = this.#state[name];
      if (tensor === undefined) throw new Error(`The graph carries no "${name}".`);
      // No run writes to its inputs: the array stays as it is.
      if (tensor.location === 'cpu') values[name] = tensor.data as HostArray;
      else far[name] = tensor;
    }
    return { ...values, ...(await this.#reader.read(far)) };
  }

  run(feeds: HostValues): Promise<HostValues> {
    return this.#call(feeds, 1);
  }

  runSteps(feeds: HostValues, steps: number): Promise<HostValues> {
    return this.#looped ? this.#call(feeds, steps) : stepByStep((own) => this.#call(own, 1), feeds, steps);
  }

  async #call(feeds: HostValues, steps: number): Promise<HostValues> {
    const given: Record<string, OrtTensor> = { ...this.#state };
    for (const [name, value] of Object.entries(feeds))
      given[this.#names.fed(name)] = this.#tensor(name, value, this.#looped ? [steps] : []);
    if (this.#looped) given[stepsInput] = new OrtTensor('int64', BigInt64Array.of(BigInt(steps)), []);
    const tensors: Record<string, OrtTensor> = {};
    for (const name of this.#session.inputNames) {
      const tensor = given[name];
      if (tensor === undefined) throw new Error(`No values for the input "${name}".`);
      tensors[name] = tensor;
    }
    const results = await runSession(this.#session, tensors);
    const next = Object.entries(this.#carried).map(([name, output]) => {
      const source = this.#passed.get(output);
      const value = source === undefined ? results[this.#names.next(output)] : given[source];
      return [name, value as OrtTensor] as const;
    });
    this.#moveOn(Object.fromEntries(next));
    return Object.fromEntries(
      this.#returned.map((name) => [
        name,
        (results[this.#names.result(name)] as OrtTensor).data as HostArray,
      ]),
    );
  }

  /** A device's memory is freed by hand, and before its session: what outlives that crashes the process. */
  async dispose(): Promise<void> {
    this.#moveOn({});
    await this.#reader.release();
    await this.#session.release();
  }

  #moveOn(next: Record<string, OrtTensor>): void {
    const kept = new Set(Object.values(next));
    for (const tensor of Object.values(this.#state)) if (!kept.has(tensor)) freeDeviceTensor(tensor);
    this.#state = next;
  }

  #tensor(name: string, value: HostArray, leading: Shape = []): OrtTensor {
    const signature = this.#signatures.get(name);
    if (signature === undefined) throw new Error(`The graph has no input "${name}".`);
    return new OrtTensor(signature.dtype, value, [...leading, ...signature.shape]);
  }
}
