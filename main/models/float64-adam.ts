import type { AdamSpec } from '../../shared/trainer-spec.ts';

/** First and second moments of Adam, one value per parameter. */
export interface AdamMoments {
  first: Float64Array;
  second: Float64Array;
}

/**
 * Update number `step` (from 1) of Adam (Kingma & Ba 2015, algorithm 1) in place, in the semantics of torch.optim.Adam:
 * weight decay is added to the gradient, epsilon to √(bias-corrected second moment). With warmup, the learning rate is
 * learningRate · min((step − 1) / warmupSteps, 1), as in `training/optimizers.ts`: update 1 moves the moments only.
 */
export function adamUpdate(
  spec: AdamSpec,
  step: number,
  parameters: Float64Array,
  gradient: Float64Array,
  moments: AdamMoments,
): void {
  const { beta1, beta2, epsilon, weightDecay } = spec;
  const warmup = spec.warmupSteps === 0 ? 1 : Math.min((step - 1) / spec.warmupSteps, 1);
  const stepSize = (spec.learningRate * warmup) / (1 - beta1 ** step);
  const correction = Math.sqrt(1 - beta2 ** step);
  for (let i = 0; i < parameters.length; i++) {
    const parameter = parameters[i] as number;
    const g = (gradient[i] as number) + weightDecay * parameter;
    const first = beta1 * (moments.first[i] as number) + (1 - beta1) * g;
    const second = beta2 * (moments.second[i] as number) + (1 - beta2) * g * g;
    moments.first[i] = first;
    moments.second[i] = second;
    parameters[i] = parameter - (stepSize * first) / (Math.sqrt(second) / correction + epsilon);
  }
}
