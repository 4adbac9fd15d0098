/** Sessions of ONNX Runtime: on the CPU or on a device, where no node may be left to the CPU unsaid. */
import { InferenceSession, type Tensor as OrtTensor } from 'onnxruntime-node';
import { LatebloomError } from '../../shared/errors.ts';
import { node, printTensor, topological, type DType, type Outputs, type Tensor } from './graph.ts';
import { emitGraph, opset } from './onnx-emit.ts';
import { encodeModel, type OnnxGraph } from './onnx-schema.ts';
import type { HostArray } from './program.ts';
import { input, neg } from './trace.ts';

/** What ONNX Runtime calls its execution providers. */
export type Provider = 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml';

const deviceNames: Record<Provider, string> = {
  cpu: 'The CPU',
  webgpu: 'WebGPU',
  cuda: 'CUDA',
  dml: 'DirectML',
  coreml: 'CoreML',
};

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

/** Providers that ONNX Runtime's Node package has on some systems only. */
const systems: Partial<Record<Provider, string>> = {
  webgpu: 'Windows, macOS and Linux x64',
  cuda: 'Linux x64',
  dml: 'Windows',
  coreml: 'macOS',
};

const onOneThread = { threads: 1, kept: [], runsOften: false };

/** Runs one operation on a device. @throws LatebloomError 'device-unavailable' saying what this machine lacks */
export async function bringUp(provider: Exclude<Provider, 'cpu'>): Promise<void> {
  const outputs = { y: neg(input('x', [1], 'float32')) };
  try {
    const session = await createSession(provider, emitGraph(outputs), onOneThread);
    await session.release();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new LatebloomError('device-unavailable', missingWords(provider, message), '', { cause: error });
  }
}

function missingWords(provider: Exclude<Provider, 'cpu'>, message: string): string {
  const name = deviceNames[provider];
  if (message.includes('backend not found') || message.includes('is unsupported'))
    return `ONNX Runtime has ${name} on ${systems[provider]} only.`;
  if (provider === 'webgpu' && message.includes('adapter'))
    return process.platform === 'linux'
      ? 'no WebGPU adapter was found: the Vulkan loader (libvulkan.so.1) or a Vulkan driver is missing.'
      : 'no WebGPU adapter was found.';
  if (provider === 'cuda' && message.includes('load shared library'))
    return "ONNX Runtime's CUDA provider did not load: it is not here (latebloom devices --fetch-cuda fetches it), or CUDA 12 or cuDNN 9 is missing.";
  return `${name} did not start: ${message}`;
}

interface SessionParts {
  threads: number;
  /** Outputs that stay on the device. */
  kept: readonly string[];
  /** What the graph computes, to find what a device lacks. */
  outputs: Outputs;
  /**
   * Whether it runs step after step. The memory of a run is then planned as one block, which is got anew at the second run;
   * and its threads wait for work by spinning, which takes a core from the session that runs in between.
   */
  runsOften: boolean;
  /** Where ONNX Runtime writes its profile: the start of the file's name. */
  profile?: string;
}

/**
 * A session for a graph. On a device, all nodes run there.
 * @throws LatebloomError 'device-unavailable' naming the operation that the device lacks
 * @throws EngineError
 */
export async function openSession(
  provider: Provider,
  graph: OnnxGraph,
  { outputs, ...options }: SessionParts,
): Promise<InferenceSession> {
  try {
    return await createSession(provider, graph, options);
  } catch (error) {
    if (isLeftToCpu(error)) throw await lackingError(provider, outputs, error);
    throw new EngineError(`the graph of ${graph.nodes.length} nodes was refused`, error);
  }
}

async function createSession(
  provider: Provider,
  graph: OnnxGraph,
  { threads, kept, runsOften, profile }: Omit<SessionParts, 'outputs'>,
): Promise<InferenceSession> {
  const common: InferenceSession.SessionOptions = {
    executionProviders: [provider],
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    enableMemPattern: runsOften,
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
  };
  const model = encodeModel(graph, opset);
  if (provider === 'cpu')
    return InferenceSession.create(model, {
      ...common,
      intraOpNumThreads: threads,
      logSeverityLevel: 3,
      // A constant that was packed in advance is multiplied in other blocks, and so in another order, than one of many lanes.
      extra: { session: { disable_prepacking: '1', intra_op: { allow_spinning: runsOften ? '1' : '0' } } },
    });
  const locations = graph.outputs.map(
    ({ name }) => [name, kept.includes(name) ? 'gpu-buffer' : 'cpu'] as const,
  );
  return InferenceSession.create(model, {
    ...common,
    intraOpNumThreads: 1,
    // What it would print about a refused graph is in the error.
    logSeverityLevel: 4,
    extra: { session: { disable_cpu_ep_fallback: '1' } },
    ...(kept.length === 0 ? {} : { preferredOutputLocation: Object.fromEntries(locations) }),
  });
}

/** @throws EngineError */
export async function runSession(
  session: InferenceSession,
  feeds: Record<string, OrtTensor>,
): Promise<InferenceSession.OnnxValueMapType> {
  return session.run(feeds).catch((error: unknown) => {
    throw new EngineError('a run failed', error);
  });
}

/** @throws LatebloomError 'device-unavailable' for a graph with float64 parts */
export function refuseFloat64(provider: Provider, outputs: Outputs): void {
  const wide = topological(Object.values(outputs)).find(({ dtype }) => dtype === 'float64');
  if (wide === undefined) return;
  throw new LatebloomError(
    'device-unavailable',
    `${deviceNames[provider]} computes in float32 here: it has no float64 for ${operationWords(wide)}.`,
    'Use the onnxruntime-cpu device for float64 studies.',
  );
}

function isLeftToCpu(error: unknown): boolean {
  return error instanceof Error && error.message.includes('assigned to the default CPU EP');
}

/** Tries every operation by itself, since ONNX Runtime does not say which one it would have left to the CPU. */
async function lackingError(provider: Provider, outputs: Outputs, cause: unknown): Promise<LatebloomError> {
  const tried = new Set<string>();
  for (const tensor of topological(Object.values(outputs))) {
    if (tensor.operation.kind === 'input' || tensor.operation.kind === 'constant') continue;
    const words = `${JSON.stringify(tensor.operation)} ${tensor.inputs.map(printTensor).join()}`;
    if (tried.has(words)) continue;
    tried.add(words);
    try {
      const session = await createSession(provider, emitGraph({ alone: alone(tensor) }), onOneThread);
      await session.release();
    } catch (error) {
      if (isLeftToCpu(error)) return unavailable(`has no ${operationWords(tensor)}`);
    }
  }
  return unavailable('would leave a part of the graph to the CPU');

  function unavailable(words: string): LatebloomError {
    return new LatebloomError(
      'device-unavailable',
      `${deviceNames[provider]} in ONNX Runtime ${words}.`,
      'Use the onnxruntime-cpu device for this study.',
      { cause },
    );
  }
}

/** "erf(float32[2, 3]) (at main/models/mlp.ts:31:12)" */
function operationWords(tensor: Tensor): string {
  return `${tensor.operation.kind}(${tensor.inputs.map(printTensor).join(', ')})${tensor.site}`;
}

/** The operation on inputs in the place of what it is applied to; constants stay, since some rules read them. */
function alone(tensor: Tensor): Tensor {
  const inputs = tensor.inputs.map((operand, i) =>
    operand.operation.kind === 'constant' ? operand : input(`x${i}`, operand.shape, operand.dtype),
  );
  return node(tensor.operation, inputs);
}

/** Copies values from WebGPU to the host: one session per value, since not all are always asked for. */
export class DeviceReader {
  readonly #sessions = new Map<string, InferenceSession>();

  async read(values: Readonly<Record<string, OrtTensor>>): Promise<Record<string, HostArray>> {
    const read: Record<string, HostArray> = {};
    for (const [name, tensor] of Object.entries(values)) {
      const session = await this.#session(tensor);
      const { copy } = await runSession(session, { value: tensor });
      read[name] = (copy as OrtTensor).data as HostArray;
    }
    return read;
  }

  async release(): Promise<void> {
    for (const session of this.#sessions.values()) await session.release();
    this.#sessions.clear();
  }

  /** ONNX Runtime's Node binding has no download of its own: a graph that passes its input on is one. */
  async #session({ type, dims }: OrtTensor): Promise<InferenceSession> {
    const shape = dims.join();
    const known = this.#sessions.get(shape);
    if (known !== undefined) return known;
    const outputs = { copy: input('value', dims, type as DType) };
    const parts = { ...onOneThread, outputs };
    const session = await openSession('webgpu', emitGraph(outputs), parts);
    this.#sessions.set(shape, session);
    return session;
  }
}

/** Frees a value's memory on a device; one on the host is the garbage collector's. */
export function freeDeviceTensor(tensor: OrtTensor): void {
  if (tensor.location !== 'cpu') tensor.dispose();
}
