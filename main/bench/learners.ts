/** The learners of a benchmark job, one per seed, trained together. */
import { chooseEngine } from '../engine/devices.ts';
import type { Learner, LearnerOptions } from '../training/learner.ts';
import { createNeuralLearners, createNeuralLearnersOn, engineRequest } from '../training/neural-learner.ts';
import type { Job } from './jobs.ts';

export async function jobLearners(
  { arm, task }: Job,
  seeds: readonly number[],
  options: LearnerOptions,
): Promise<Learner[]> {
  if (task === undefined)
    return createNeuralLearners(
      seeds.map((seed) => ({ arm, seed })),
      options,
    );
  const { trainer } = arm;
  if (trainer.kind === 'direct') throw new Error(`The arm ${arm.id} has no update rule.`);
  const engine = await chooseEngine(engineRequest(trainer, options.device, options.threads));
  const requests = seeds.map((seed) => ({ task: task(arm, seed, engine.backend.precision), trainer, seed }));
  return createNeuralLearnersOn(engine, requests, options.profile);
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
