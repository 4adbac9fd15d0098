/**
 * The two-layer diagonal linear network of Lyu et al. 2023 (arXiv 2311.18817, equation 4; Moroshko et al. 2020):
 *   f(x) = Σ_k (u_k² − v_k²) x_k,
 * linear in x, quadratic in its parameters, which start at u_k = v_k = `initScale`, so that f is 0. A large initScale and
 * a small weight decay first give the linear classifier of the largest L² margin, and after a sharp transition that of
 * the largest L¹ margin, which is sparse. Their Figure 1 starts with a parameter norm of 128: initScale 128/√(2d).
 *
 * For two classes the logits are 0 and f, so that the cross-entropy is the logistic loss of f.
 */
import type { DiagonalNetworkSpec } from '../../shared/model-spec.ts';
import { contract, mul, reshape, sub, type Tensor } from '../engine/trace.ts';
import { twoLogits } from './mlp.ts';
import { parameter, type Network, type Parameter } from './network.ts';

/** inputs [batch, dimensions] → logits of two classes, [batch, 2], or predictions [batch, 1] */
export function diagonalNetwork(
  { initScale }: DiagonalNetworkSpec,
  dimensions: number,
  task: 'classification' | 'regression',
): Network {
  const parameters = ['u', 'v'].map((name): Parameter => {
    return { name, shape: [dimensions], role: 'hidden', initial: () => initScale };
  });
  return {
    parameters,
    logits: (weights, inputs) => {
      const square = (x: Tensor): Tensor => mul(x, x);
      const effective = sub(square(parameter(weights, 'u')), square(parameter(weights, 'v')));
      const f = contract('bi,io->bo', inputs, reshape(effective, [dimensions, 1]));
      return task === 'regression' ? f : twoLogits(f);
    },
  };
}
