/**
 * Losses per example, [n], of outputs [n, outputs]: of a classifier's logits for labels, int32 [n], or of a regression's
 * predictions for targets, floats [n, outputs], which only the squared error knows.
 */
import type { LossKind } from '../../shared/trainer-spec.ts';
import {
  add,
  cast,
  div,
  less,
  log,
  logSoftmax,
  mul,
  neg,
  oneHot,
  reduceMax,
  reduceSum,
  relu,
  sub,
  where,
  type FloatType,
  type Tensor,
} from '../engine/trace.ts';

/** Unit of a loss: nats where it is the negative logarithm of a probability. */
export const lossUnit: Record<LossKind, string> = {
  'cross-entropy': 'nat',
  stablemax: 'nat',
  mse: '',
  hinge: '',
};

export function exampleLosses(kind: LossKind, outputs: Tensor, targets: Tensor): Tensor {
  const dtype = outputs.dtype as FloatType;
  if (targets.dtype !== 'int32') {
    if (kind !== 'mse') throw new Error(`The loss ${kind} needs labels, and the targets are real.`);
    return squaredError(outputs, cast(targets, dtype));
  }
  const target = oneHot(targets, outputs.shape[1] ?? 1, dtype);
  switch (kind) {
    case 'cross-entropy':
      return negativeLogLikelihood(target, logSoftmax(outputs));
    case 'stablemax':
      return negativeLogLikelihood(target, logStableMax(outputs));
    case 'mse':
      return squaredError(outputs, target);
    case 'hinge':
      return hinge(outputs, target);
  }
}

/** Mean over the outputs. */
function squaredError(outputs: Tensor, target: Tensor): Tensor {
  const error = sub(outputs, target);
  return mul(reduceSum(mul(error, error), [1], false), 1 / (outputs.shape[1] ?? 1));
}

/** In the place of the label's own logit, where the largest of the others is looked for. */
const belowAll = -1e30;

/**
 * max(0, 1 + max_{c≠y} x_c − x_y): Crammer & Singer 2001, equation 4. Of two classes it is max(0, 1 − f·s) with
 * f = x₁ − x₀ and s = ±1 for the labels 1 and 0: the loss of Merrill et al. 2023 (arXiv 2303.11873, §2). Equal rivals
 * share the gradient; at the hinge itself it is 0.
 */
function hinge(outputs: Tensor, target: Tensor): Tensor {
  const own = reduceSum(mul(target, outputs), [1], false);
  const rival = reduceMax(where(less(target, 0.5), outputs, belowAll), [1], false);
  return relu(add(sub(rival, own), 1));
}

/** −Σ_c target_c ln p_c */
function negativeLogLikelihood(target: Tensor, logProbabilities: Tensor): Tensor {
  return neg(reduceSum(mul(target, logProbabilities), [1], false));
}

/**
 * ln of StableMax: p_c = s(x_c) / Σ s(x), with s(x) = x + 1 for x ≥ 0 and 1/(1 − x) for x < 0. Prieto et al. 2025 (arXiv
 * 2501.04697). Where x ≥ 0 the unused branch reads 0 in its place, so that neither it nor its gradient is infinite.
 */
function logStableMax(x: Tensor): Tensor {
  const negative = less(x, 0);
  const s = where(negative, div(1, sub(1, where(negative, x, 0))), add(x, 1));
  return sub(log(s), log(reduceSum(s, [1], true)));
}
