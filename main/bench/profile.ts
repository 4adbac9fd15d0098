/**
 * Where a step spends its time: ONNX Runtime's profiler, by kind of operator, and how near its matrix products come to the
 * best that this machine shows.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../../shared/aggregate.ts';
import { chooseEngine } from '../engine/devices.ts';
import { contract, input, type FloatType } from '../engine/trace.ts';
import type { Job } from './jobs.ts';
import { jobLearners, stepsPerSecond } from './learners.ts';

export interface KindTime {
  /** An operator of ONNX Runtime. */
  kind: string;
  nodes: number;
  microseconds: number;
}

export interface JobProfile {
  job: string;
  title: string;
  threads: number;
  precision: FloatType;
  /** Of one step, without the profiler. */
  stepMicroseconds: number;
  /** Of one step, the longest first: the sum over nodes of each one's median. */
  kinds: KindTime[];
  /** Billions of multiplications and additions in the matrix products of a step. */
  productGigaflop: number;
  /** Of matrix products, in GFLOP/s: while they run, and the best that this machine showed just before. */
  productRate: number;
  peakRate: number;
}

/** What the profiler writes about one run of a node. */
export interface NodeEvent {
  cat: string;
  name: string;
  /** Microseconds. */
  dur: number;
  args?: {
    op_name?: string;
    input_type_shape?: Record<string, number[]>[];
    output_type_shape?: Record<string, number[]>[];
  };
}

const products: ReadonlySet<string> = new Set(['Gemm', 'MatMul', 'FusedGemm', 'FusedMatMul']);

export async function profileJob(job: Job, seconds: number): Promise<JobProfile> {
  const threads = Math.min(4, availableParallelism());
  const { precision = 'float32' } = job.arm.trainer.kind === 'direct' ? {} : job.arm.trainer;
  const folder = await mkdtemp(join(tmpdir(), 'latebloom-profile-'));
  try {
    const peakRate = await peakProductRate(precision, threads);
    const options = { threads, device: null };
    const rate = await measured(job, options, seconds);
    await measured(job, { ...options, profile: join(folder, 'step') }, seconds);
    const [file] = await readdir(folder);
    if (file === undefined) throw new Error('ONNX Runtime wrote no profile.');
    const events = JSON.parse(await readFile(join(folder, file), 'utf8')) as NodeEvent[];
    const { kinds, productGigaflop, productMicroseconds } = summarize(events);
    return {
      job: job.id,
      title: job.title,
      threads,
      precision,
      stepMicroseconds: 1e6 / rate,
      kinds,
      productGigaflop,
      productRate: productGigaflop / (productMicroseconds * 1e-6),
      peakRate,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measured(
  job: Job,
  options: { threads: number; device: null; profile?: string },
  seconds: number,
): Promise<number> {
  const [learner] = await jobLearners(job, [0], options);
  if (learner === undefined) throw new Error('The job has no learner.');
  try {
    await stepsPerSecond([learner], seconds / 4);
    return await stepsPerSecond([learner], seconds);
  } finally {
    await learner.dispose();
  }
}

/** A node's time is its median over the runs: another process that takes the core for a moment does not show. */
export function summarize(events: readonly NodeEvent[]): {
  kinds: KindTime[];
  productGigaflop: number;
  productMicroseconds: number;
} {
  const nodes = new Map<string, { event: NodeEvent; durations: number[] }>();
  for (const event of events) {
    // A loop's own time is that of the nodes in its body.
    if (event.cat !== 'Node' || !event.name.endsWith('_kernel_time') || event.args?.op_name === 'Loop')
      continue;
    const node = nodes.get(event.name) ?? { event, durations: [] };
    node.durations.push(event.dur);
    nodes.set(event.name, node);
  }
  const kinds = new Map<string, KindTime>();
  let [gigaflop, productMicroseconds] = [0, 0];
  for (const { event, durations } of nodes.values()) {
    const kind = event.args?.op_name ?? 'unknown';
    const microseconds = median(durations);
    const sum = kinds.get(kind) ?? { kind, nodes: 0, microseconds: 0 };
    kinds.set(kind, { kind, nodes: sum.nodes + 1, microseconds: sum.microseconds + microseconds });
    if (!products.has(kind)) continue;
    gigaflop += flopOf(event) / 1e9;
    productMicroseconds += microseconds;
  }
  const sorted = [...kinds.values()].sort((a, b) => b.microseconds - a.microseconds);
  return { kinds: sorted, productGigaflop: gigaflop, productMicroseconds };
}

/** Two per multiplication: of an [m, k] by a [k, n] matrix, either perhaps transposed, for each of a batch. */
function flopOf({ args }: NodeEvent): number {
  const shape = (list: Record<string, number[]>[] | undefined): number[] =>
    Object.values(list?.[0] ?? {})[0] ?? [];
  const [left, out] = [shape(args?.input_type_shape), shape(args?.output_type_shape)];
  const size = (sizes: readonly number[]): number => sizes.reduce((product, one) => product * one, 1);
  const summed = size(left) / (size(left.slice(0, -2)) * (out.at(-2) ?? 1));
  return 2 * size(out) * summed;
}

const side = 1024;

/** The best of some products of square matrices, in GFLOP/s. */
async function peakProductRate(precision: FloatType, threads: number): Promise<number> {
  const engine = await chooseEngine({ device: null, precision, threads });
  const matrix = (name: string) => input(name, [side, side], precision);
  const program = await engine.compile(
    { product: contract('ij,jk->ik', matrix('a'), matrix('b')) },
    {
      threads,
      carried: {},
    },
  );
  try {
    const values = Array.from({ length: side * side }, (_, i) => Math.sin(i));
    const array = precision === 'float64' ? Float64Array.from(values) : Float32Array.from(values);
    let best = Infinity;
    for (let round = 0; round < 25; round++) {
      const started = performance.now();
      await program.run({ a: array, b: array });
      best = Math.min(best, performance.now() - started);
    }
    return (2 * side ** 3) / (best * 1e6);
  } finally {
    await program.dispose();
  }
}
