/** How the learning rate moves: linear warmup, then what `schedule` says. */
import type { RateScheduleSpec, TrainerSpec } from '../../shared/trainer-spec.ts';

/**
 * η at the update with the 0-based index `step`. Warmup: η is multiplied by step/warmupSteps until that is 1, as Nanda et
 * al. 2023 and Power et al. 2022 do it; the first update then moves only the moments. The schedule counts from there.
 */
export function learningRateAt(trainer: TrainerSpec, step: number): number {
  const { learningRate, schedule } = trainer;
  const warmup = trainer.kind === 'sgd' ? 0 : trainer.warmupSteps;
  if (step < warmup) return learningRate * (step / warmup);
  return learningRate * (schedule === undefined ? 1 : scheduleFactor(schedule, step - warmup));
}

/**
 * The factor on the learning rate t updates after warmup, with s = min(t / steps, 1) and f the floor:
 * linear 1 − (1 − f)s, as PyTorch's `LinearLR` from 1 to f; cosine f + (1 − f)(1 + cos πs)/2, Loshchilov & Hutter 2017
 * (arXiv 1608.03983), equation 5 without restarts, as `anneal_lr` in the code of Power et al. 2022, where f = 0.1.
 */
export function scheduleFactor(schedule: RateScheduleSpec, t: number): number {
  if (schedule.kind === 'constant') return 1;
  const { steps, floor } = schedule;
  const share = Math.min(t / steps, 1);
  const left = schedule.kind === 'linear' ? 1 - share : (1 + Math.cos(Math.PI * share)) / 2;
  return floor + (1 - floor) * left;
}
