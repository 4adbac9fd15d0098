/** The learners of a benchmark job, one per seed, trained together. */
import type { Learner, LearnerOptions } from '../training/learner.ts';
import { createNeuralLearners } from '../training/neural-learner.ts';
import type { Job } from './jobs.ts';

export function jobLearners(
  { arm }: Job,
  seeds: readonly number[],
  options: LearnerOptions,
): Promise<Learner[]> {
  return createNeuralLearners(
    seeds.map((seed) => ({ arm, seed })),
    options,
  );
}

/** Updates until the deadline; how many each learner made per second. */
export async function stepsPerSecond(learners: readonly Learner[], seconds: number): Promise<number> {
  const [first] = learners as [Learner];
  const before = first.effort;
  const started = performance.now();
  const deadline = started + seconds * 1000;
  await Promise.all(
    learners.map(async (learner) => {
      while (performance.now() < deadline) await learner.advance(Infinity, deadline);
    }),
  );
  return ((first.effort - before) * 1000) / (performance.now() - started);
}
