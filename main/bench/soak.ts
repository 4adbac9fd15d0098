/** Many steps of a job, to see whether memory stays flat. */
import { availableParallelism } from 'node:os';
import type { Job } from './jobs.ts';
import { jobLearners } from './learners.ts';

export interface SoakSample {
  step: number;
  /** The process' resident memory. */
  mebibytes: number;
}

export interface SoakResult {
  job: string;
  title: string;
  steps: number;
  seconds: number;
  samples: SoakSample[];
  /** Least squares through the later half of the samples: before, buffers still find their size. */
  mebibytesPerThousandSteps: number;
}

/** @param onSample hears every sample as it is taken */
export async function soakJob(
  job: Job,
  steps: number,
  sampleCount: number,
  onSample: (sample: SoakSample) => void = () => undefined,
): Promise<SoakResult> {
  const [learner] = await jobLearners(job, [0], {
    threads: Math.min(4, availableParallelism()),
    device: null,
  });
  if (learner === undefined) throw new Error('The job has no learner.');
  const samples: SoakSample[] = [];
  const started = performance.now();
  try {
    for (let i = 1; i <= sampleCount; i++) {
      const until = Math.round((steps * i) / sampleCount);
      // As a run does: a slice of updates at a time, metrics now and then.
      while (learner.effort < until) await learner.advance(until, performance.now() + 100);
      await learner.evaluate();
      const sample = { step: learner.effort, mebibytes: process.memoryUsage.rss() / 2 ** 20 };
      samples.push(sample);
      onSample(sample);
    }
  } finally {
    await learner.dispose();
  }
  return {
    job: job.id,
    title: job.title,
    steps,
    seconds: (performance.now() - started) / 1000,
    samples,
    mebibytesPerThousandSteps: 1000 * slopeOf(samples.slice(Math.floor(sampleCount / 2))),
  };
}

/** Of the least-squares line; 0 for fewer than two points. */
export function slopeOf(samples: readonly SoakSample[]): number {
  if (samples.length < 2) return 0;
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(samples.map(({ step }) => step)), mean(samples.map(({ mebibytes }) => mebibytes))];
  const covariance = samples.reduce((sum, { step, mebibytes }) => sum + (step - x) * (mebibytes - y), 0);
  return covariance / samples.reduce((sum, { step }) => sum + (step - x) ** 2, 0);
}
