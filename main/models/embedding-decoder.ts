/**
 * The toy model of Liu et al. 2022 (arXiv 2205.10343, §2; `phase_diagram.ipynb` of their code): symbols have trainable
 * embeddings E_i, and an MLP decoder reads the sum E_i + E_j of the two symbols of a pair. The decoder's layers have
 * biases and PyTorch's default initialization (`torch.nn.Linear`); embeddings start uniform on ±`embeddingBound`, in
 * their code ±0.5. Embeddings have the role `embedding`, so that they can learn at a rate of their own.
 */
import type { EmbeddingDecoderSpec } from '../../shared/model-spec.ts';
import { contract, type Tensor } from '../engine/trace.ts';
import { mlp } from './mlp.ts';
import { parameter, uniform, type Forward, type Network, type Parameters } from './network.ts';

/** inputs [batch, symbols], how often each symbol stands in the pair → predictions [batch, outputs] */
export function embeddingDecoder(spec: EmbeddingDecoderSpec, symbols: number, outputs: number): Network {
  const { embeddingDimensions, embeddingBound, hidden, activation } = spec;
  const decoder = mlp(
    { kind: 'mlp', hidden, activation, outputBias: true, init: 'torch-default', initScale: 1 },
    { kind: 'vectors', dimensions: embeddingDimensions },
    outputs,
  );
  const decoded = decoder.forward as NonNullable<Network['forward']>;
  const forward = (weights: Parameters, inputs: Tensor): Forward =>
    decoded(weights, contract('bi,ij->bj', inputs, parameter(weights, 'E')));
  return {
    parameters: [
      {
        name: 'E',
        shape: [symbols, embeddingDimensions],
        role: 'embedding',
        initial: uniform(embeddingBound),
      },
      ...decoder.parameters,
    ],
    forward,
    logits: (weights, inputs) => forward(weights, inputs).logits,
  };
}
