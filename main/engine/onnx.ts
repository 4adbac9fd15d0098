/** Runs graphs on ONNX Runtime: one graph, one session, on the CPU. */
import { env, InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { LatebloomError } from '../../shared/errors.ts';
import { topological, type DType, type OperationOf, type Outputs, type Shape } from './graph.ts';
import { emitGraph, opset } from './onnx-emit.ts';
import { encodeModel } from './onnx-schema.ts';
import type { HostArray, HostValues, Program, ProgramOptions } from './program.ts';

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
  const graph = emitGraph(outputs);
  const session = await InferenceSession.create(encodeModel(graph, opset), {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  }).catch((error: unknown) => {
    throw new EngineError(`the graph of ${graph.nodes.length} nodes was refused`, error);
  });
  return new OnnxProgram(session, signatures, carried);
}

type Signature = { dtype: DType; shape: Shape };

class OnnxProgram implements Program {
  readonly #session: InferenceSession;
  readonly #signatures: ReadonlyMap<string, Signature>;
  readonly #carried: Readonly<Record<string, string>>;
  readonly #returned: readonly string[];
  #state: Record<string, OrtTensor> = {};

  constructor(
    session: InferenceSession,
    signatures: ReadonlyMap<string, Signature>,
    carried: Readonly<Record<string, string>>,
  ) {
    this.#session = session;
    this.#signatures = signatures;
    this.#carried = carried;
    const moved = new Set(Object.values(carried));
    this.#returned = session.outputNames.filter((name) => !moved.has(name));
  }

  setState(values: HostValues): void {
    const entries = Object.keys(this.#carried).map((name) => {
      const value = values[name];
      if (value === undefined) throw new Error(`The state lacks "${name}".`);
      return [name, this.#tensor(name, value.slice())] as const;
    });
    this.#state = Object.fromEntries(entries);
  }

  state(): Promise<Record<string, HostArray>> {
    const copies = Object.entries(this.#state).map(
      ([name, tensor]) => [name, (tensor.data as HostArray).slice()] as const,
    );
    return Promise.resolve(Object.fromEntries(copies));
  }

  async run(feeds: HostValues): Promise<HostValues> {
    const tensors: Record<string, OrtTensor> = { ...this.#state };
    for (const [name, value] of Object.entries(feeds)) tensors[name] = this.#tensor(name, value);
    const results = await this.#session.run(tensors).catch((error: unknown) => {
      throw new EngineError('a run failed', error);
    });
    for (const [name, next] of Object.entries(this.#carried)) this.#state[name] = results[next] as OrtTensor;
    return Object.fromEntries(
      this.#returned.map((name) => [name, (results[name] as OrtTensor).data as HostArray]),
    );
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }

  #tensor(name: string, value: HostArray): OrtTensor {
    const signature = this.#signatures.get(name);
    if (signature === undefined) throw new Error(`The graph has no input "${name}".`);
    return new OrtTensor(signature.dtype, value, signature.shape);
  }
}
