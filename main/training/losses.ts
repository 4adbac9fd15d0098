/** Losses of a classifier, per example: logits [n, classes], labels int32 [n] → [n]. */
import type { LossKind } from '../../shared/trainer-spec.ts';
import {
  add,
  div,
  less,
  log,
  logSoftmax,
  mul,
  neg,
  oneHot,
  reduceSum,
  sub,
  where,
  type FloatType,
  type Tensor,
} from '../engine/trace.ts';

/** Unit of a loss: nats where it is the negative logarithm of a probability. */
export const lossUnit: Record<LossKind, string> = { 'cross-entropy': 'nat', stablemax: 'nat', mse: '' };

export function exampleLosses(kind: LossKind, logits: Tensor, labels: Tensor): Tensor {
  const [, classes = 1] = logits.shape;
  const target = oneHot(labels, classes, logits.dtype as FloatType);
  switch (kind) {
    case 'cross-entropy':
      return negativeLogLikelihood(target, logSoftmax(logits));
    case 'stablemax':
      return negativeLogLikelihood(target, logStableMax(logits));
    case 'mse': {
      const error = sub(logits, target);
      return mul(reduceSum(mul(error, error), [1], false), 1 / classes);
    }
  }
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
