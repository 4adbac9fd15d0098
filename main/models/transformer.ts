/**
 * Decoder-only transformers whose layers have an MLP each. Without options, the model of Nanda et al. 2023 (arXiv
 * 2301.05217, appendix A; `transformers.py` of their code): learned positions, no layer norm, attention without biases,
 * MLP with biases that start at 0, untied unembedding. Logits run over the whole vocabulary (p + 1 tokens for modular
 * addition, "=" included), as in their code, and are read at the last position.
 *
 * Power et al. 2022 (arXiv 2201.02177; openai/grok `transformer.py`): layerNorm 'post', positions 'sinusoidal', biases
 * 'none', init 'torch-linear', ReLU, 2 layers, 4 heads, dModel 128, dMlp 512; their dropout is 0. Their sequence has a
 * leading `<|eos|>`, the operator and a trailing `<|eos|>` that loss and accuracy count as well; the datasets here leave
 * these out (`modular-arithmetic.ts`).
 *
 * Lee et al. 2024 (Grokfast, arXiv 2405.20233; `main.py` of their code): layerNorm 'pre-in-place', positions 'learned',
 * biases 'all', init 'torch-multihead', GELU, the same sizes. Their sequence has the operator as a fifth token.
 *
 * `dropout` acts where Vaswani et al. 2017 (§5.4) have it: on the sum of embeddings and positions, and on what every block gives
 * before it is added to the stream; or, with dropoutAt 'mlp', on what the MLPs give alone, as in openai/grok and in the code of
 * Liu et al. 2022.
 *
 * `initScale` multiplies every initial parameter (Liu et al. 2023, Omnigrok); `outputScale` multiplies the logits (the α
 * of Kumar et al. 2024), and `centred` takes the logits at initialization away (`centred.ts`).
 */
import type { TransformerSpec } from '../../shared/model-spec.ts';
import { add, contract, gelu, relu, take, type Tensor } from '../engine/trace.ts';
import { decoder, type FeedForward } from './decoder.ts';
import { parameter, type Network, type Parameter } from './network.ts';

/** @param vocabulary Number of tokens. @param length Positions of a sequence. Inputs: int32 tokens [batch, length]. */
export function transformer(spec: TransformerSpec, vocabulary: number, length: number): Network {
  const { parameters, run } = decoder(spec, vocabulary, length, mlpLayer(spec));
  const forward: Network['forward'] = (weights, tokens) => {
    const { logits, layers } = run(weights, tokens);
    return { logits, hidden: layers.map(({ active }) => take(active, 1, -1)) };
  };
  const { dropout = 0 } = spec;
  return {
    parameters,
    forward,
    logits: (weights, tokens, drop) => run(weights, tokens, drop).logits,
    ...(dropout === 0 ? {} : { dropout }),
  };
}

/** `active`: the MLP's activations, [batch, position, neuron]. */
function mlpLayer(spec: TransformerSpec): FeedForward<{ stream: Tensor; active: Tensor }> {
  const { dModel: d, dMlp, activation, biases = 'mlp' } = spec;
  const hasBiases = biases !== 'none';
  return {
    parameters: (i, { weight, bias }) => {
      const parameters: Parameter[] = [
        { name: `W_in.${i}`, shape: [dMlp, d], role: 'hidden', initial: weight(d) },
        { name: `b_in.${i}`, shape: [dMlp], role: 'bias', initial: bias(d) },
        { name: `W_out.${i}`, shape: [dMlp, d], role: 'hidden', initial: weight(dMlp) },
        { name: `b_out.${i}`, shape: [d], role: 'bias', initial: bias(dMlp) },
      ];
      return parameters.filter(({ role }) => hasBiases || role !== 'bias');
    },
    apply: (weights, i, x) => {
      const withBias = (name: string, y: Tensor): Tensor =>
        hasBiases ? add(y, parameter(weights, `${name}.${i}`)) : y;
      const before = withBias('b_in', contract('bpd,md->bpm', x, parameter(weights, `W_in.${i}`)));
      const active = activation === 'relu' ? relu(before) : gelu(before);
      const after = contract('bpm,md->bpd', active, parameter(weights, `W_out.${i}`));
      return { stream: withBias('b_out', after), active };
    },
  };
}
