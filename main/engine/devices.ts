/**
 * The engines this program knows, and which of them work on this machine. Presence is tested by running a few small
 * training steps and comparing them with the reference interpreter, never by looking for a file or into a list.
 */
import type { DeviceReport } from '../../shared/api.ts';
import { LatebloomError, toErrorReport } from '../../shared/errors.ts';
import type { BackendRecord } from '../../shared/run.ts';
import { checkStep, TOLERANCE } from './check-step.ts';
import { graphicsName } from './graphics.ts';
import type { Provider } from './onnx-session.ts';
import type { Compile } from './program.ts';
import type { TfjsEngine } from './tfjs-load.ts';
import type { FloatType } from './trace.ts';

interface Device {
  id: string;
  title: string;
  /** What it computes on, as a run records it. */
  hardware: string;
  /** On which kind of graphics processor it computes; null for the CPU. */
  graphics: 'webgpu' | 'cuda' | 'directml' | 'coreml' | null;
  /** Whether graphs may have float64 parts. */
  float64: boolean;
  /** Threads it uses when it may use `allowed`. */
  threads: (allowed: number) => number;
  /** Loads the engine. @throws LatebloomError or what the engine's library throws when it cannot be loaded */
  open: (threads: number) => Promise<{ compile: Compile; version: string | null }>;
}

/** An engine, ready to compile graphs, and what a run records of it. */
export interface Engine {
  compile: Compile;
  backend: BackendRecord;
  /** Whether graphs may have float64 parts. */
  float64: boolean;
}

export interface EngineRequest {
  /** A device id, or null for the best there is. */
  device: string | null;
  /** Of what it computes in, on the whole. */
  precision: FloatType;
  /** Whether graphs have float64 parts; true in float64. */
  float64?: boolean;
  /** CPU threads it may use. */
  threads: number;
  /**
   * What is known of the device that was asked for: why it does not work, null when it does. It is tried here when
   * absent, which a native library may not survive.
   */
  fault?: string | null | undefined;
}

const tfjsDevice = (
  id: TfjsEngine,
  title: string,
  hardware: string,
  threads: (allowed: number) => number,
): Device => ({
  id,
  title,
  hardware,
  graphics: hardware === 'cuda' ? 'cuda' : null,
  float64: false,
  threads,
  open: async (count) => {
    if (hardware === 'cuda') keepFloat32();
    const [{ tfjsCompiler }, { tfjsVersion }] = await Promise.all([
      import('./tfjs.ts'),
      import('./tfjs-load.ts'),
    ]);
    return { compile: await tfjsCompiler(id, count), version: tfjsVersion(id) };
  },
});

/** A device of ONNX Runtime's. Bringing it up needs its driver, which this machine may lack. */
const onnxDevice = (
  provider: Exclude<Provider, 'cpu'>,
  graphics: 'webgpu' | 'cuda' | 'directml' | 'coreml',
  title: string,
): Device => ({
  id: `onnxruntime-${graphics}`,
  title,
  hardware: graphics,
  graphics,
  float64: false,
  threads: oneThread,
  open: async () => {
    if (provider === 'cuda') keepFloat32();
    const { bringUp } = await import('./onnx-session.ts');
    const { onnxCompiler, onnxRuntimeVersion } = await import('./onnx.ts');
    await bringUp(provider);
    return { compile: onnxCompiler(provider), version: onnxRuntimeVersion() };
  },
});

/** NVIDIA's libraries round the operands of float32 products to 10 bits (TF32) unless they are told not to. */
function keepFloat32(): void {
  process.env['NVIDIA_TF32_OVERRIDE'] ??= '0';
}

const oneThread = (): number => 1;
const allThreads = (allowed: number): number => allowed;

/**
 * The first one is used when nobody chooses: networks of this size seldom fill a graphics processor, and only CPU engines
 * repeat a curve bit for bit. Then every other, as a stand-in for one that does not work. Engines are loaded when they
 * are asked for.
 */
export const devices: readonly Device[] = [
  {
    id: 'onnxruntime-cpu',
    title: 'ONNX Runtime on the CPU',
    hardware: 'cpu',
    graphics: null,
    float64: true,
    threads: allThreads,
    open: async () => {
      const { compileOnnx, onnxRuntimeVersion } = await import('./onnx.ts');
      return { compile: compileOnnx, version: onnxRuntimeVersion() };
    },
  },
  onnxDevice('webgpu', 'webgpu', 'ONNX Runtime on WebGPU'),
  onnxDevice('cuda', 'cuda', 'ONNX Runtime on CUDA'),
  onnxDevice('dml', 'directml', 'ONNX Runtime on DirectML'),
  onnxDevice('coreml', 'coreml', 'ONNX Runtime on CoreML'),
  tfjsDevice('tfjs-node-gpu', 'TensorFlow on CUDA (tfjs-node-gpu)', 'cuda', allThreads),
  tfjsDevice('tfjs-node', 'TensorFlow on the CPU (tfjs-node)', 'cpu', allThreads),
  tfjsDevice('tfjs-wasm', 'TensorFlow.js on WebAssembly', 'cpu', oneThread),
  tfjsDevice('tfjs-cpu', 'TensorFlow.js in plain JavaScript', 'cpu', oneThread),
];

/** @throws LatebloomError 'device-unavailable' naming the valid ids */
export function checkDeviceId(id: string): void {
  deviceOf(id);
}

/**
 * The engine that was asked for; where it does not work or cannot compute in this precision, the next best one that
 * does, with the reasons in `backend.fallback`. Any but the default has to compute a training step correctly first.
 * @throws LatebloomError 'device-unavailable' for an unknown id, and when no engine works.
 */
export async function chooseEngine(request: EngineRequest): Promise<Engine> {
  const { device, precision, threads, fault } = request;
  const needsFloat64 = precision === 'float64' || request.float64 === true;
  const asked = device === null ? [] : [deviceOf(device)];
  const candidates = [...asked, ...devices.filter((other) => other.id !== device)];
  const reasons: string[] = [];
  for (const candidate of candidates) {
    const { id, hardware, float64 } = candidate;
    if (needsFloat64 && !float64) {
      if (id === device) reasons.push(`${id} has no float64`);
      continue;
    }
    if (id === device && typeof fault === 'string') {
      reasons.push(`${id} is not available: ${fault}`);
      continue;
    }
    try {
      const count = candidate.threads(threads);
      const { compile, version } = await candidate.open(count);
      const known = id === device ? fault === null : candidate === devices[0];
      if (!known) await checkStep(compile);
      const adapter = await adapterOf(candidate);
      const fallback = reasons.length === 0 ? null : fallbackWords(reasons, id, device);
      const backend = {
        engine: id,
        engineVersion: version,
        device: adapter === null ? hardware : `${hardware} (${adapter})`,
        precision,
        threads: count,
        fallback,
      };
      return { compile, backend, float64 };
    } catch (error) {
      reasons.push(`${id} is not available: ${causeOf(id, error)}`);
    }
  }
  throw new LatebloomError(
    'device-unavailable',
    `No engine works here${needsFloat64 ? ' for float64' : ''}: ${reasons.join('; ')}.`,
    'latebloom devices tells more.',
  );
}

function deviceOf(id: string): Device {
  const device = devices.find((known) => known.id === id);
  if (device !== undefined) return device;
  const known = devices.map((candidate) => candidate.id).join(', ');
  throw new LatebloomError('device-unavailable', `There is no device "${id}".`, `Choose one of: ${known}.`);
}

function fallbackWords(reasons: readonly string[], used: string, asked: string | null): string {
  const wish = asked === null ? '' : `${asked} was asked for; `;
  return `${wish}${used} is used: ${reasons.join('; ')}.`;
}

/** Why an engine does not work, as the end of a sentence: "Cannot find module …". */
function causeOf(id: string, error: unknown): string {
  const message =
    toErrorReport(error)
      .message.split('\n')[0]
      ?.replace(/[.\s]+$/, '') ?? '';
  return message.replace(`${id} is not available: `, '');
}

/** *Available / not, because*, as a process that may crash finds out. @throws LatebloomError for an unknown id */
export async function probeDevice(id: string): Promise<DeviceReport> {
  const device = deviceOf(id);
  const { title, open, threads } = device;
  try {
    const { compile } = await open(threads(1));
    const difference = await checkStep(compile);
    const adapter = await adapterOf(device);
    const where = adapter === null ? '' : ` on ${adapter}`;
    const reason = `ran a training step${where}; largest difference from the reference ${difference.toExponential(1)} (allowed: ${TOLERANCE.toExponential(0)})`;
    return { id, title, available: true, reason };
  } catch (error) {
    return { id, title, available: false, reason: causeOf(id, error) };
  }
}

function adapterOf({ graphics }: Device): Promise<string | null> {
  return graphics === null ? Promise.resolve(null) : graphicsName(graphics);
}
