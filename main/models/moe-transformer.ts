/**
 * A decoder-only transformer whose every layer has several MLPs, the experts, of which a router chooses a few for each
 * token. A small analogue of OLMoE (Muennighoff et al. 2024, arXiv 2409.02060), the models whose pathways Li et al. 2025
 * (arXiv 2506.21551) follow through pretraining.
 *
 * The router's probabilities are a softmax over all experts of one linear map of the token's state, without bias. The
 * `expertsPerToken` largest are kept as they are, not scaled to the sum 1 (OLMoE), and weigh the outputs of their
 * experts; of equal ones the first are taken. The choice itself has no gradient: the router learns through the
 * probabilities of the experts that it chose, and through the softmax from the others.
 *
 * With `balanceWeight` w, the training loss has for every layer w · E Σ_e f_e P_e besides (Fedus et al. 2022, arXiv
 * 2101.03961, equations 4 to 6): f_e is the share of choices that fell on expert e, P_e its mean probability. Recorded
 * losses do not count it.
 *
 * Not taken over: every expert is computed for every token and multiplied by 0 where it was not chosen. That is the same
 * function as sending tokens to experts, at the cost of all of them; there is no capacity and no dropped token.
 */
import type { MoeTransformerSpec } from '../../shared/model-spec.ts';
import {
  add,
  argMax,
  contract,
  gelu,
  mul,
  oneHot,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  softmax,
  sub,
  take,
  type FloatType,
  type Tensor,
} from '../engine/trace.ts';
import { decoder, type FeedForward } from './decoder.ts';
import { parameter, type Network, type Parameter } from './network.ts';

interface Routed {
  stream: Tensor;
  /** The router's, [batch, position, expert]. */
  probabilities: Tensor;
  /** 1 for the chosen experts, else 0, in the same shape. */
  chosen: Tensor;
  /** Activations of the chosen experts, 0 for the others, [batch, position, expert, neuron]. */
  active: Tensor;
}

/** @param vocabulary Number of tokens. @param length Positions of a sequence. Inputs: int32 tokens [batch, length]. */
export function moeTransformer(spec: MoeTransformerSpec, vocabulary: number, length: number): Network {
  const { experts, balanceWeight = 0 } = spec;
  const { parameters, run } = decoder(spec, vocabulary, length, expertLayer(spec));
  const network: Network = {
    parameters,
    logits: (weights, tokens) => run(weights, tokens).logits,
    forward: (weights, tokens) => {
      const { logits, layers } = run(weights, tokens);
      const hidden = layers.map(({ active }) => {
        const [batch = 1, , , neurons = 1] = active.shape;
        return reshape(take(active, 1, -1), [batch, experts * neurons]);
      });
      return { logits, hidden };
    },
    routing: (weights, tokens) => run(weights, tokens).layers.map(({ probabilities }) => probabilities),
  };
  if (balanceWeight === 0) return network;
  return {
    ...network,
    penalty: (weights, tokens, exampleWeights) => {
      const perLayer = run(weights, tokens).layers.map((layer) => imbalance(layer, spec, exampleWeights));
      return mul(
        perLayer.reduce((sum, one) => add(sum, one)),
        balanceWeight,
      );
    },
  };
}

/** E Σ_e f_e P_e: 1 where all experts are chosen alike. @param weights of the examples, [batch]; null: 1/batch each */
function imbalance(
  { probabilities, chosen }: Routed,
  { experts, expertsPerToken }: MoeTransformerSpec,
  weights: Tensor | null,
): Tensor {
  const mean = (values: Tensor): Tensor => {
    const perExample = reduceMean(values, [1], false);
    return weights === null ? reduceMean(perExample, [0], false) : contract('be,b->e', perExample, weights);
  };
  const shares = mul(mean(chosen), 1 / expertsPerToken);
  return mul(reduceSum(mul(shares, mean(probabilities)), [0], false), experts);
}

/** Labels: b batch, p position, e expert, m neuron, d model. */
function expertLayer(spec: MoeTransformerSpec): FeedForward<Routed> {
  const { dModel: d, dMlp, experts, expertsPerToken, activation, biases = 'mlp' } = spec;
  const hasBiases = biases !== 'none';
  return {
    parameters: (i, { weight, bias }) => {
      const parameters: Parameter[] = [
        { name: `W_R.${i}`, shape: [experts, d], role: 'hidden', initial: weight(d) },
        { name: `W_in.${i}`, shape: [experts, dMlp, d], role: 'hidden', initial: weight(d) },
        { name: `b_in.${i}`, shape: [experts, dMlp], role: 'bias', initial: bias(d) },
        { name: `W_out.${i}`, shape: [experts, dMlp, d], role: 'hidden', initial: weight(dMlp) },
        { name: `b_out.${i}`, shape: [experts, d], role: 'bias', initial: bias(dMlp) },
      ];
      return parameters.filter(({ role }) => hasBiases || role !== 'bias');
    },
    apply: (weights, i, x) => {
      const of = (name: string): Tensor => parameter(weights, `${name}.${i}`);
      const probabilities = softmax(contract('bpd,ed->bpe', x, of('W_R')));
      const chosen = largest(probabilities, expertsPerToken);
      const gates = mul(probabilities, chosen);
      const product = contract('bpd,emd->bpem', x, of('W_in'));
      const before = hasBiases ? add(product, of('b_in')) : product;
      const after = activation === 'relu' ? relu(before) : gelu(before);
      const [batch = 1, positions = 1] = x.shape;
      const each = (values: Tensor): Tensor => reshape(values, [batch, positions, experts, 1]);
      const out = contract('bpem,emd->bpd', mul(after, each(gates)), of('W_out'));
      const stream = hasBiases ? add(out, contract('bpe,ed->bpd', gates, of('b_out'))) : out;
      return { stream, probabilities, chosen, active: mul(after, each(chosen)) };
    },
  };
}

/** 1 at the `count` largest entries of the last axis, 0 elsewhere, for entries from 0 to 1. Without gradient. */
function largest(values: Tensor, count: number): Tensor {
  const depth = values.shape.at(-1) as number;
  const first = oneHot(argMax(values), depth, values.dtype as FloatType);
  // An entry that was taken falls below all others.
  return count === 1 ? first : add(first, largest(sub(values, mul(first, 2)), count - 1));
}
