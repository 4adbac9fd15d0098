/**
 * Multi-layer perceptron: linear layers with biases and an activation between them, a linear layer at the end.
 * With one hidden layer, ReLU, xavier-uniform weights and no output bias it is the TinyModel of Miller et al. 2023
 * (arXiv 2310.17247, `src/model.py` of their code). PyTorch's default initialization (`torch.nn.Linear`) draws
 * weights and biases from U(±1/√fanIn); Glorot & Bengio 2010, equation 16, draws weights from U(±√(6/(fanIn + fanOut))).
 */
import type { MlpSpec } from '../../shared/model-spec.ts';
import { add, contract, gather, mul, relu, reshape, slice, tanh, type Tensor } from '../engine/trace.ts';
import {
  parameter,
  uniform,
  type Forward,
  type Network,
  type Parameter,
  type Parameters,
} from './network.ts';

/** What the first layer reads: real vectors, or token positions as concatenated one-hot vectors. */
export type MlpInput =
  { kind: 'vectors'; dimensions: number } | { kind: 'tokens'; positions: number; values: number };

/**
 * Inputs: floats [batch, dimensions], or int32 tokens [batch, at least `positions`] of which the first `positions`
 * are read, each below `values` (for modular addition: a and b below p, the 2p one-hot inputs of the literature).
 */
export function mlp(spec: MlpSpec, input: MlpInput, classes: number): Network {
  const widths = [
    input.kind === 'vectors' ? input.dimensions : input.positions * input.values,
    ...spec.hidden,
    classes,
  ];
  const layers = widths
    .slice(1)
    .map((fanOut, i) => ({ fanIn: widths[i] as number, fanOut, last: i === spec.hidden.length }));
  const scaled = (bound: number) => uniform(spec.initScale * bound);
  const parameters = layers.flatMap(({ fanIn, fanOut, last }, i): Parameter[] => {
    const weightBound =
      spec.init === 'xavier-uniform' ? Math.sqrt(6 / (fanIn + fanOut)) : 1 / Math.sqrt(fanIn);
    const weight: Parameter = {
      name: `W.${i}`,
      shape: [fanIn, fanOut],
      role: last ? 'readout' : 'hidden',
      initial: scaled(weightBound),
    };
    const bias: Parameter = {
      name: `b.${i}`,
      shape: [fanOut],
      role: 'bias',
      initial: scaled(1 / Math.sqrt(fanIn)),
    };
    return last && !spec.outputBias ? [weight] : [weight, bias];
  });
  const forward = (weights: Parameters, inputs: Tensor): Forward => {
    let x = inputs;
    const hidden: Tensor[] = [];
    layers.forEach(({ last }, i) => {
      const weight = parameter(weights, `W.${i}`);
      const product =
        i === 0 && input.kind === 'tokens'
          ? oneHotProduct(x, weight, input)
          : contract('bi,ij->bj', x, weight);
      const sum = last && !spec.outputBias ? product : add(product, parameter(weights, `b.${i}`));
      x = last ? sum : activate(sum, spec.activation);
      if (!last) hidden.push(x);
    });
    return { logits: x, hidden };
  };
  return { parameters, forward, logits: (weights, inputs) => forward(weights, inputs).logits };
}

/** concat(oneHot(token 0), oneHot(token 1), …) · W: the sum of one row of W per position. */
function oneHotProduct(
  tokens: Tensor,
  weight: Tensor,
  { positions, values }: { positions: number; values: number },
): Tensor {
  const [batch = 1] = tokens.shape;
  const [, width = 1] = weight.shape;
  const rows = Array.from({ length: positions }, (_, i) => {
    const column = reshape(slice(tokens, [0, i], [batch, 1]), [batch]);
    return gather(slice(weight, [i * values, 0], [values, width]), column);
  });
  return rows.reduce((sum, row) => add(sum, row));
}

function activate(x: Tensor, activation: MlpSpec['activation']): Tensor {
  switch (activation) {
    case 'relu':
      return relu(x);
    case 'tanh':
      return tanh(x);
    case 'quadratic':
      return mul(x, x);
  }
}
