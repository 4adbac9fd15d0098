/**
 * The engines this program knows, and which of them work on this machine. Presence is tested by running a small
 * training step and comparing it with the reference interpreter, never by looking for a file.
 */
import type { DeviceReport } from '../../shared/api.ts';
import { LatebloomError, toErrorReport } from '../../shared/errors.ts';
import type { BackendRecord } from '../../shared/run.ts';
import { evaluate } from './evaluate.ts';
import { gradients } from './gradients.ts';
import type { Compile } from './program.ts';
import type { TfjsEngine } from './tfjs-load.ts';
import {
  contract,
  crossEntropy,
  constant,
  input,
  mul,
  relu,
  sub,
  type FloatType,
  type Outputs,
  type Tensor,
} from './trace.ts';

interface Device {
  id: string;
  title: string;
  /** What it computes on, as a run records it. */
  hardware: string;
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
  float64: false,
  threads,
  open: async (count) => {
    const [{ tfjsCompiler }, { tfjsVersion }] = await Promise.all([
      import('./tfjs.ts'),
      import('./tfjs-load.ts'),
    ]);
    return { compile: await tfjsCompiler(id, count), version: tfjsVersion(id) };
  },
});

const oneThread = (): number => 1;
const allThreads = (allowed: number): number => allowed;

/** Best first. Engines are loaded when they are asked for. */
export const devices: readonly Device[] = [
  {
    id: 'onnxruntime-cpu',
    title: 'ONNX Runtime on the CPU',
    hardware: 'cpu',
    float64: true,
    threads: allThreads,
    open: async () => {
      const { compileOnnx, onnxRuntimeVersion } = await import('./onnx.ts');
      return { compile: compileOnnx, version: onnxRuntimeVersion() };
    },
  },
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
 * does, with the reasons in `backend.fallback`. A device asked for by name has to compute a training step correctly
 * first.
 * @throws LatebloomError 'device-unavailable' for an unknown id, and when no engine works.
 */
export async function chooseEngine(request: EngineRequest): Promise<Engine> {
  const { device, precision, threads } = request;
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
    try {
      const count = candidate.threads(threads);
      const { compile, version } = await candidate.open(count);
      if (device !== null) await checkStep(compile);
      const fallback = reasons.length === 0 ? null : fallbackWords(reasons, id, device);
      const backend = {
        engine: id,
        engineVersion: version,
        device: hardware,
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

/** Every engine with *available / not, because*. */
export async function listDevices(): Promise<DeviceReport[]> {
  const reports: DeviceReport[] = [];
  for (const device of devices) reports.push(await probe(device));
  return reports;
}

const TOLERANCE = 1e-5;

async function probe({ id, title, open, threads }: Device): Promise<DeviceReport> {
  try {
    const { compile } = await open(threads(1));
    const difference = await checkStep(compile);
    const reason = `ran a training step; largest difference from the reference ${difference.toExponential(1)}`;
    return { id, title, available: true, reason };
  } catch (error) {
    return { id, title, available: false, reason: causeOf(id, error) };
  }
}

/** The largest difference of a training step from the reference. @throws Error when it is too large */
async function checkStep(compile: Compile): Promise<number> {
  const difference = await stepDifference(compile);
  if (difference <= TOLERANCE) return difference;
  throw new Error(
    `its training step differs from the reference by ${difference.toExponential(1)}, more than ${TOLERANCE}`,
  );
}

/** One gradient step of a two-layer network on five fixed examples, as a graph. */
function smallStep(): { outputs: Outputs; feeds: Record<string, Float32Array> } {
  const values = (n: number, phase: number): Float32Array =>
    Float32Array.from({ length: n }, (_, i) => Math.sin(phase + 1.7 * i));
  const x = constant(values(15, 0.3), [5, 3], 'float32');
  const labels = constant([0, 1, 1, 0, 1], [5], 'int32');
  const w1 = input('w1', [3, 4], 'float32');
  const w2 = input('w2', [4, 2], 'float32');
  const loss = crossEntropy(contract('nh,hc->nc', relu(contract('nd,dh->nh', x, w1)), w2), labels);
  const [g1, g2] = gradients(loss, [w1, w2]) as [Tensor, Tensor];
  const step = (w: Tensor, g: Tensor): Tensor => sub(mul(w, 0.99), mul(g, 0.1));
  return {
    outputs: { loss, w1Next: step(w1, g1), w2Next: step(w2, g2) },
    feeds: { w1: values(12, 0.9), w2: values(8, 2.1) },
  };
}

async function stepDifference(compile: Compile): Promise<number> {
  const { outputs, feeds } = smallStep();
  const names = Object.keys(outputs);
  const expected = evaluate(Object.values(outputs), feeds);
  const program = await compile(outputs, { threads: 1, carried: {} });
  try {
    const results = await program.run(feeds);
    const differences = names.flatMap((name, i) =>
      [...(expected[i] as Float64Array)].map((value, k) =>
        Math.abs(value - ((results[name] ?? [])[k] ?? Number.NaN)),
      ),
    );
    return differences.some(Number.isNaN) ? Number.POSITIVE_INFINITY : Math.max(...differences);
  } finally {
    await program.dispose();
  }
}
