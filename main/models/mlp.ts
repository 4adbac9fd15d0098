/**
 * Multi-layer perceptron: linear layers with an activation between them, a linear layer at the end. Hidden layers have
 * biases unless `hiddenBiases` is false.
 *
 * Miller et al. 2023 (arXiv 2310.17247, `src/model.py` of their code, TinyModel): one hidden layer, ReLU, xavier-uniform
 * weights, no output bias. Lyu et al. 2023 (arXiv 2311.18817, equation 1): one hidden ReLU layer, `he-normal`, no output
 * bias, and for a large initScale `zeroReadout`. Merrill et al. 2023 (arXiv 2303.11873): one hidden ReLU layer and a
 * `singleOutput`. Gromov 2023 (arXiv 2301.02679): one hidden quadratic layer, no biases, weights N(0, 1) and outputScale
 * 1/(2p · hidden), which is their 1/√(2p) before the square and 1/hidden after it.
 *
 * Initial weights: PyTorch's default (`torch.nn.Linear`) draws weights and biases from U(±1/√fanIn); Glorot & Bengio
 * 2010, equation 16, draws weights from U(±√(6/(fanIn + fanOut))); He et al. 2015, equation 10, from N(0, 2/fanIn).
 * Biases start as PyTorch's in each case. `gromov-analytic` is no distribution but a solution (`gromov-analytic.ts`).
 */
import type { MlpSpec } from '../../shared/model-spec.ts';
import {
  add,
  broadcast,
  concat,
  contract,
  gather,
  mul,
  relu,
  reshape,
  scalar,
  slice,
  tanh,
  type Tensor,
} from '../engine/trace.ts';
import { gromovSolution } from './gromov-analytic.ts';
import {
  normal,
  parameter,
  uniform,
  zero,
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
  const { hiddenBiases = true, zeroReadout = false, singleOutput = false, outputScale = 1 } = spec;
  const widths = [
    input.kind === 'vectors' ? input.dimensions : input.positions * input.values,
    ...spec.hidden,
    singleOutput ? 1 : classes,
  ];
  const layers = widths.slice(1).map((fanOut, i) => {
    const last = i === spec.hidden.length;
    return { fanIn: widths[i] as number, fanOut, last, hasBias: last ? spec.outputBias : hiddenBiases };
  });
  const parameters = layers.flatMap(({ fanIn, fanOut, last, hasBias }, i): Parameter[] => {
    const weight: Parameter = {
      name: `W.${i}`,
      shape: [fanIn, fanOut],
      role: last ? 'readout' : 'hidden',
      initial: last && zeroReadout ? zero : initialWeight(spec, fanIn, fanOut),
    };
    const bias: Parameter = {
      name: `b.${i}`,
      shape: [fanOut],
      role: 'bias',
      initial: last && zeroReadout ? zero : uniform(spec.initScale / Math.sqrt(fanIn)),
    };
    return hasBias ? [weight, bias] : [weight];
  });
  const forward = (weights: Parameters, inputs: Tensor): Forward => {
    let x = inputs;
    const hidden: Tensor[] = [];
    layers.forEach(({ last, hasBias }, i) => {
      const weight = parameter(weights, `W.${i}`);
      const product =
        i === 0 && input.kind === 'tokens'
          ? oneHotProduct(x, weight, input)
          : contract('bi,ij->bj', x, weight);
      const sum = hasBias ? add(product, parameter(weights, `b.${i}`)) : product;
      x = last ? sum : activate(sum, spec.activation);
      if (!last) hidden.push(x);
    });
    const scaled = outputScale === 1 ? x : mul(x, outputScale);
    return { logits: singleOutput ? twoLogits(scaled) : scaled, hidden };
  };
  const network: Network = {
    parameters,
    forward,
    logits: (weights, inputs) => forward(weights, inputs).logits,
  };
  if (spec.init !== 'gromov-analytic') return network;
  const solution = { modulus: classes, width: spec.hidden[0] as number, outputScale };
  return {
    ...network,
    initialValues: (random) => gromovSolution(solution, random).map((value) => spec.initScale * value),
  };
}

function initialWeight({ init, initScale }: MlpSpec, fanIn: number, fanOut: number): Parameter['initial'] {
  switch (init) {
    case 'xavier-uniform':
      return uniform(initScale * Math.sqrt(6 / (fanIn + fanOut)));
    case 'torch-default':
      return uniform(initScale / Math.sqrt(fanIn));
    case 'he-normal':
      return normal(initScale * Math.sqrt(2 / fanIn));
    case 'standard-normal':
      return normal(initScale);
    case 'gromov-analytic':
      // Not drawn one by one: the network gives all values at once.
      return zero;
  }
}

/**
 * 0 for the first class and f for the second, [batch, 2]: the cross-entropy is then the logistic loss of f, and the
 * answer is the sign of f.
 */
export function twoLogits(f: Tensor): Tensor {
  const zeros = broadcast(scalar(0, f.dtype), f.shape);
  return concat([zeros, f], 1);
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
