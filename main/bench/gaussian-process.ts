/**
 * Job GP: one ELBO value and gradient of the Gaussian process classifier (full variational posterior, 40 inputs), beside
 * the same with SciPy in the same minutes. Rounds alternate; medians are reported. The two must agree on the value.
 */
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { median } from '../../shared/aggregate.ts';
import { Random } from '../../shared/random.ts';
import { buildHiddenParity } from '../datasets/hidden-parity.ts';
import { algebraFor, type Algebra } from '../linalg/algebra.ts';
import { elboAndGradient, gpLayout, hyperparametersOf, type GpProblem } from '../models/gp-elbo.ts';
import { softplus } from '../models/gp-kernel.ts';
import { projectRoot } from '../paths.ts';

const lengthScale = 2;
/** Untimed: the first calls compile. */
const warmUps = 10;

export interface GpBenchResult {
  job: 'GP';
  /** Training points. */
  n: number;
  /** Milliseconds of one ELBO value and gradient. */
  milliseconds: number;
  /** Null without `peer`, and where SciPy cannot run: `peerNote` says why. */
  peerMilliseconds: number | null;
  /** Ours divided by SciPy's: below 1 is faster than SciPy. */
  ratio: number | null;
  /** Relative difference of the two ELBO values and gradient norms. */
  difference: number | null;
  peerNote: string | null;
  rounds: number;
  threads: number;
}

/** @throws Error when SciPy computes something else. */
export async function benchGaussianProcess(options: {
  n: number;
  peer: boolean;
  rounds: number;
  threads?: number;
}): Promise<GpBenchResult> {
  const { n, rounds } = options;
  const threads = options.threads ?? Math.min(4, availableParallelism());
  const { problem, parameters } = benchProblem(n);
  const algebra = await algebraFor(n, threads);
  const peer = options.peer ? await startPeer(problem, parameters, threads) : null;
  const peerNote = typeof peer === 'string' ? peer : null;
  const ours: number[] = [];
  const theirs: number[] = [];
  let difference: number | null = null;
  try {
    for (let round = 0; round < warmUps; round++) await timeOnce(problem, parameters, algebra);
    for (let round = -1; round < rounds; round++) {
      const mine = await timeOnce(problem, parameters, algebra);
      const other = peer === null || typeof peer === 'string' ? null : await peer.once();
      if (other !== null)
        difference = Math.max(relative(mine.elbo, other.elbo), relative(mine.norm, other.norm));
      // Round −1 warms SciPy up.
      if (round < 0) continue;
      ours.push(mine.milliseconds);
      if (other !== null) theirs.push(other.milliseconds);
    }
  } finally {
    if (peer !== null && typeof peer !== 'string') peer.stop();
    await algebra.dispose();
  }
  if (difference !== null && difference > 1e-6) {
    throw new Error(`SciPy's ELBO or gradient differs by ${difference} of its size.`);
  }
  const milliseconds = median(ours);
  const peerMilliseconds = theirs.length === 0 ? null : median(theirs);
  const ratio = peerMilliseconds === null ? null : milliseconds / peerMilliseconds;
  return { job: 'GP', n, milliseconds, peerMilliseconds, ratio, difference, peerNote, rounds, threads };
}

/** Hidden parity with 37 decoys and a posterior away from the prior. */
function benchProblem(n: number): { problem: GpProblem; parameters: Float64Array } {
  const spec = {
    kind: 'hidden-parity',
    parityBits: 3,
    decoys: 37,
    decoyKind: 'bits',
    trainSize: n,
    testSize: 1,
  } as const;
  const { train, dimensions } = buildHiddenParity(spec, 0);
  const problem = { n, dimensions, inputs: train.inputs, labels: train.labels, jitter: 1e-3 };
  const layout = gpLayout(n, dimensions);
  const random = Random.stream(0, 'init');
  const parameters = Float64Array.from({ length: layout.length }, () => 0.1 * random.normal());
  for (let i = 0; i < n; i++) {
    const diagonal = layout.factor + (i * (i + 1)) / 2 + i;
    parameters[diagonal] = 0.7 + Math.abs(parameters[diagonal] as number);
  }
  parameters.fill(softplus.raw(lengthScale), layout.rawLengthScales, layout.rawOutputScale);
  return { problem, parameters };
}

interface Measured {
  milliseconds: number;
  elbo: number;
  /** Norm of the gradient by the hyperparameters. */
  norm: number;
}

async function timeOnce(problem: GpProblem, parameters: Float64Array, algebra: Algebra): Promise<Measured> {
  const gradient = new Float64Array(parameters.length);
  const started = performance.now();
  const { expectedLogLikelihood, kl } = await elboAndGradient(problem, parameters, gradient, algebra);
  const milliseconds = performance.now() - started;
  const byHyper = gradient.subarray(gpLayout(problem.n, problem.dimensions).rawLengthScales);
  const norm = Math.sqrt(byHyper.reduce((sum, value) => sum + value * value, 0));
  return { milliseconds, elbo: expectedLogLikelihood - kl, norm };
}

interface Peer {
  once(): Promise<Measured>;
  stop(): void;
}

/** A Python process that computes once per line it reads, or why there is none. */
async function startPeer(
  problem: GpProblem,
  parameters: Float64Array,
  threads: number,
): Promise<Peer | string> {
  const python = '/usr/bin/python3';
  const probe = spawnSync(python, ['-c', 'import scipy.linalg, scipy.spatial'], { encoding: 'utf8' });
  if (probe.status !== 0) {
    const reason = probe.error?.message ?? probe.stderr.trim().split('\n').at(-1) ?? '';
    return `SciPy did not run (${reason}). On Debian: apt-get install python3-scipy libopenblas0-pthread.`;
  }
  const folder = mkdtempSync(join(tmpdir(), 'latebloom-bench-'));
  const file = join(folder, 'problem.f64');
  writeFileSync(file, peerInput(problem, parameters));
  const script = join(projectRoot, 'main', 'bench', 'peer_gp.py');
  const child = spawn(python, [script, file], {
    env: { ...process.env, OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    once: () => askPeer(child, lines),
    stop: () => {
      child.kill();
      rmSync(folder, { recursive: true });
    },
  };
}

async function askPeer(
  child: ChildProcessWithoutNullStreams,
  lines: AsyncIterator<string>,
): Promise<Measured> {
  child.stdin.write('\n');
  const line = await lines.next();
  if (line.done === true) throw new Error(`SciPy ended: ${String(child.stderr.read() ?? '')}`);
  const [seconds, elbo, norm] = line.value.split(' ').map(Number) as [number, number, number];
  return { milliseconds: seconds * 1000, elbo, norm };
}

/** The layout that peer_gp.py reads. */
function peerInput(problem: GpProblem, parameters: Float64Array): Uint8Array {
  const { n, dimensions, jitter, inputs, labels } = problem;
  const { lengthScales, outputScale, meanConstant } = hyperparametersOf(problem, parameters);
  const factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = n + (i * (i + 1)) / 2;
    factor.set(parameters.subarray(row, row + i + 1), i * n);
  }
  const values = [[n, dimensions, jitter], inputs, labels, parameters.subarray(0, n), factor, lengthScales];
  const flat = Float64Array.from(values.flatMap((part) => [...part]).concat(outputScale, meanConstant));
  return new Uint8Array(flat.buffer);
}

function relative(value: number, reference: number): number {
  return Math.abs(value - reference) / Math.abs(reference);
}
