/**
 * Job N: one full-batch AdamW step of Nanda et al.'s one-layer transformer (p = 113, batch 3830), beside the same step
 * as the paper's code writes it on tuned PyTorch. Rounds alternate in one run; medians are reported.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { readPresets } from '../presets.ts';
import { projectRoot } from '../paths.ts';
import { createNeuralLearner } from '../training/neural-learner.ts';

export interface BenchResult {
  job: 'N';
  stepsPerSecond: number;
  /** Null without `peer`, and where PyTorch cannot run: `peerNote` says why. */
  peerStepsPerSecond: number | null;
  ratio: number | null;
  peerNote: string | null;
  rounds: number;
  threads: number;
}

/** @throws Error when the preset is missing. */
export async function benchJobN(options: {
  peer: boolean;
  rounds: number;
  seconds: number;
}): Promise<BenchResult> {
  const preset = (await readPresets()).find(({ study }) => study.id === 'nanda-2023');
  const arm = preset?.study.arms[0];
  if (arm === undefined) throw new Error('The preset nanda-2023 is missing.');
  const threads = Math.min(4, availableParallelism());
  const learner = await createNeuralLearner(arm, 0, { threads, device: null });
  const ours: number[] = [];
  const peers: number[] = [];
  let peerNote: string | null = null;
  try {
    await learner.advance(5, Number.POSITIVE_INFINITY);
    for (let round = 0; round < options.rounds; round++) {
      const before = learner.effort;
      const started = performance.now();
      await learner.advance(Number.POSITIVE_INFINITY, started + options.seconds * 1000);
      ours.push(((learner.effort - before) * 1000) / (performance.now() - started));
      if (!options.peer || peerNote !== null) continue;
      const peer = runPeer(options.seconds, threads);
      if (typeof peer === 'string') peerNote = peer;
      else peers.push(peer);
    }
  } finally {
    await learner.dispose();
  }
  const stepsPerSecond = median(ours);
  const peerStepsPerSecond = peers.length === 0 ? null : median(peers);
  const ratio = peerStepsPerSecond === null ? null : stepsPerSecond / peerStepsPerSecond;
  return { job: 'N', stepsPerSecond, peerStepsPerSecond, ratio, peerNote, rounds: options.rounds, threads };
}

/** Steps per second of PyTorch in its best measured environment, or why it did not run. */
function runPeer(seconds: number, threads: number): number | string {
  const script = join(projectRoot, 'main', 'bench', 'peer_nanda.py');
  const result = spawnSync('/usr/bin/python3', [script, String(seconds)], {
    encoding: 'utf8',
    env: {
      ...process.env,
      LD_LIBRARY_PATH: '/usr/lib/x86_64-linux-gnu/openblas-openmp',
      MALLOC_MMAP_THRESHOLD_: '4294967296',
      MALLOC_TRIM_THRESHOLD_: '8589934592',
      OMP_NUM_THREADS: String(threads),
    },
  });
  const rate = Number(result.stdout);
  if (result.status === 0 && rate > 0) return rate;
  const reason = result.error?.message ?? result.stderr.trim().split('\n').at(-1) ?? '';
  return `PyTorch did not run (${reason}). On Debian: apt-get install python3-torch libopenblas0-openmp.`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}
