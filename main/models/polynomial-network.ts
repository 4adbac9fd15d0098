/**
 * The two-layer network of Kumar et al. 2024 (arXiv 2310.06110, equation 3) for polynomial regression:
 *   f(x) = (α/N) Σ_i φ(w_i · x), φ(h) = h + ε h²/2,
 * N hidden units whose readouts are fixed at 1, no biases. `outputScale` is α: a large one makes training lazy, so that
 * features move little. `quadratic` is ε: how well the initial kernel fits y = ½ (β·x)².
 *
 * Weights start as N(0, 1), so that w·x ~ N(0, 1) for the paper's x ~ N(0, I/D). The paper's α[f − f₀] (§8.1) is
 * the option `centred` (`centred.ts`); its equation 6 describes f.
 */
import type { PolynomialNetworkSpec } from '../../shared/model-spec.ts';
import { add, contract, mul, reduceSum, type Tensor } from '../engine/trace.ts';
import { normal, parameter, type Forward, type Network, type Parameters } from './network.ts';

/** inputs [batch, dimensions] → predictions [batch, 1] */
export function polynomialNetwork(spec: PolynomialNetworkSpec, dimensions: number): Network {
  const { hidden, outputScale, quadratic } = spec;
  const forward = (weights: Parameters, inputs: Tensor): Forward => {
    const h = contract('bi,ij->bj', inputs, parameter(weights, 'W'));
    const activations = add(h, mul(mul(h, h), quadratic / 2));
    const logits = mul(reduceSum(activations, [1], true), outputScale / hidden);
    return { logits, hidden: [activations] };
  };
  return {
    parameters: [{ name: 'W', shape: [dimensions, hidden], role: 'hidden', initial: normal(1) }],
    forward,
    logits: (weights, inputs) => forward(weights, inputs).logits,
  };
}
