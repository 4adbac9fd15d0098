/** Runs graphs on ONNX Runtime: one graph, one session, on the CPU. */
import { env, InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { LatebloomError } from '../../shared/errors.ts';
import { lowerErf } from './erf-float64.ts';
import {
  topological,
  type DType,
  type OperationOf,
  type Outputs,
  type Shape,
  type Tensor as GraphTensor,
} from './graph.ts';
import { emitGraph, opset } from './onnx-emit.ts';
import { encodeModel } from './onnx-schema.ts';
import { isSmall, loopGraph, loopNames, stepNames, stepsInput, type ValueNames } from './onnx-loop.ts';
import { stepByStep, type HostArray, type HostValues, type Program, type ProgramOptions } from './program.ts';

/** ONNX Runtime would not load or run a graph. */
export class EngineError extends LatebloomError {
  constructor(message: string, cause: unknown) {
    super(
      'internal',
      `ONNX Runtime: ${message}: ${cause instanceof Error ? cause.message : String(cause)}`,
      '',
      { cause },
    );
  }
}

/** The version of onnxruntime-node that is installed. */
export function onnxRuntimeVersion(): string | null {
  return env.versions.node ?? null;
}

export async function compileOnnx(outputs: Outputs, { threads, carried }: ProgramOptions): Promise<Program> {
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
  const step = emitGraph(lowerErf(computed));
  const looped = Object.keys(carried).length > 0 && passed.size === 0 && isSmall(computed);
  const graph = looped ? loopGraph(step, carried) : step;
  const session = await InferenceSession.create(encodeModel(graph, opset), {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // A constant that was packed in advance is multiplied in other blocks, and so in another order, than one of many lanes.
    extra: { session: { disable_prepacking: '1' } },
    // Plans all memory of a run as one block, got anew at the second run: not worth it for what runs now and then.
    enableMemPattern: Object.keys(carried).length > 0,
    logSeverityLevel: 3,
  }).catch((error: unknown) => {
    throw new EngineError(`the graph of ${step.nodes.length} nodes was refused`, error);
  });
  const returned = Object.keys(outputs).filter((name) => !moved.has(name));
  return new OnnxProgram(session, signatures, carried, passed, returned, looped);
}

type Signature = { dtype: DType; shape: Shape };

class OnnxProgram implements Program {
  readonly #session: InferenceSession;
  readonly #signatures: ReadonlyMap<string, Signature>;
  readonly #carried: Readonly<Record<string, string>>;
  /** Next value of the state → the input that it is, where no node computes it. */
  readonly #passed: ReadonlyMap<string, string>;
  /** Whether one call runs many steps. */
  readonly #looped: boolean;
  readonly #names: ValueNames;
  readonly #returned: readonly string[];
  #state: Record<string, OrtTensor> = {};

  constructor(
    session: InferenceSession,
    signatures: ReadonlyMap<string, Signature>,
    carried: Readonly<Record<string, string>>,
    passed: ReadonlyMap<string, string>,
    returned: readonly string[],
    looped: boolean,
  ) {
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
    this.#state = Object.fromEntries(entries);
  }

  state(names: readonly string[] = Object.keys(this.#carried)): Promise<Record<string, HostArray>> {
    const values = names.map((name) => {
      const tensor = this.#state[name];
      if (tensor === undefined) throw new Error(`The graph carries no "${name}".`);
      // No run writes to its inputs: the array stays as it is.
      return [name, tensor.data as HostArray] as const;
    });
    return Promise.resolve(Object.fromEntries(values));
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
    const results = await this.#session.run(tensors).catch((error: unknown) => {
      throw new EngineError('a run failed', error);
    });
    const next = Object.entries(this.#carried).map(([name, output]) => {
      const source = this.#passed.get(output);
      const value = source === undefined ? results[this.#names.next(output)] : given[source];
      return [name, value as OrtTensor] as const;
    });
    this.#state = Object.fromEntries(next);
    return Object.fromEntries(
      this.#returned.map((name) => [
        name,
        (results[this.#names.result(name)] as OrtTensor).data as HostArray,
      ]),
    );
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }

  #tensor(name: string, value: HostArray, leading: Shape = []): OrtTensor {
    const signature = this.#signatures.get(name);
    if (signature === undefined) throw new Error(`The graph has no input "${name}".`);
    return new OrtTensor(signature.dtype, value, [...leading, ...signature.shape]);
  }
}
