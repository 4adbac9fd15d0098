/**
 * The engines this program knows, and which of them work on this machine. Presence is tested by running a small
 * training step and comparing it with the reference interpreter, never by looking for a file.
 */
import type { DeviceReport } from '../../shared/api.ts';
import { LatebloomError, toErrorReport } from '../../shared/errors.ts';
import { evaluate } from './evaluate.ts';
import { gradients } from './gradients.ts';
import { compileOnnx } from './onnx.ts';
import type { Compile } from './program.ts';
import { tfjsCompiler, type TfjsEngine } from './tfjs.ts';
import {
  contract,
  crossEntropy,
  constant,
  input,
  mul,
  relu,
  sub,
  type Outputs,
  type Tensor,
} from './trace.ts';

interface Device {
  id: string;
  title: string;
  /** A compiler for this engine. @throws LatebloomError 'device-unavailable' */
  compiler: () => Promise<Compile>;
}

const tfjsDevice = (id: TfjsEngine, title: string): Device => ({
  id,
  title,
  compiler: () => tfjsCompiler(id),
});

/** Best first: the first available one is used when nobody chooses. */
export const devices: readonly Device[] = [
  { id: 'onnxruntime-cpu', title: 'ONNX Runtime on the CPU', compiler: () => Promise.resolve(compileOnnx) },
  tfjsDevice('tfjs-node-gpu', 'TensorFlow on CUDA (tfjs-node-gpu)'),
  tfjsDevice('tfjs-node', 'TensorFlow on the CPU (tfjs-node)'),
  tfjsDevice('tfjs-wasm', 'TensorFlow.js on WebAssembly'),
  tfjsDevice('tfjs-cpu', 'TensorFlow.js in plain JavaScript'),
];

/** @throws LatebloomError 'device-unavailable' naming the valid ids, or the reason why this one does not work. */
export async function compilerFor(id: string): Promise<Compile> {
  const device = devices.find((known) => known.id === id);
  if (device === undefined) {
    const known = devices.map((candidate) => candidate.id).join(', ');
    throw new LatebloomError('device-unavailable', `There is no device "${id}".`, `Choose one of: ${known}.`);
  }
  return device.compiler();
}

/** Every engine with *available / not, because*. */
export async function listDevices(): Promise<DeviceReport[]> {
  const reports: DeviceReport[] = [];
  for (const device of devices) reports.push(await probe(device));
  return reports;
}

const TOLERANCE = 1e-5;

async function probe({ id, title, compiler }: Device): Promise<DeviceReport> {
  try {
    const compile = await compiler();
    const difference = await stepDifference(compile);
    const available = difference <= TOLERANCE;
    const reason = available
      ? `ran a training step; largest difference from the reference ${difference.toExponential(1)}`
      : `its training step differs from the reference by ${difference.toExponential(1)}, more than ${TOLERANCE}`;
    return { id, title, available, reason };
  } catch (error) {
    const { message } = toErrorReport(error);
    return { id, title, available: false, reason: message };
  }
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
