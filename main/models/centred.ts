/**
 * f − f₀: a network without what it gives at its initial parameters. Kumar et al. 2024 (arXiv 2310.06110, §8.1) train
 * α[f − f₀]; Chizat et al. 2019 (arXiv 1812.07956), §2. Every gradient is that of f at the same parameters.
 */
import type { HostArray } from '../engine/program.ts';
import { constant, sub, type FloatType, type Tensor } from '../engine/trace.ts';
import { sizeOf } from '../engine/graph.ts';
import type { Network } from './network.ts';

/** @param initial all initial parameters, flat, in the network's order */
export function centred(network: Network, initial: HostArray, dtype: FloatType): Network {
  const start: Record<string, Tensor> = {};
  let position = 0;
  for (const { name, shape } of network.parameters) {
    const size = sizeOf(shape);
    start[name] = constant(initial.subarray(position, position + size), shape, dtype);
    position += size;
  }
  const logits: Network['logits'] = (weights, inputs, drop) =>
    sub(network.logits(weights, inputs, drop), network.logits(start, inputs));
  const { forward } = network;
  return {
    ...network,
    logits,
    ...(forward === undefined
      ? {}
      : {
          forward: (weights, inputs) => {
            const { hidden } = forward(weights, inputs);
            return { hidden, logits: logits(weights, inputs) };
          },
        }),
  };
}
