/** Whether an engine computes what it should: a few training steps on it, held against the reference interpreter. */
import { evaluate } from './evaluate.ts';
import { gradients } from './gradients.ts';
import type { Compile, HostArray } from './program.ts';
import {
  add,
  constant,
  contract,
  crossEntropy,
  div,
  gather,
  input,
  mul,
  relu,
  sqrt,
  sub,
  type Outputs,
  type Tensor,
} from './trace.ts';

/** Largest difference that counts as rounding: parameters and moments are at most about 1. */
export const TOLERANCE = 1e-5;
const STEPS = 3;

/** The largest difference of a few training steps from the reference. @throws Error when it is too large */
export async function checkStep(compile: Compile): Promise<number> {
  const difference = await stepDifference(compile);
  if (difference <= TOLERANCE) return difference;
  throw new Error(
    `its training step differs from the reference by ${difference.toExponential(1)}, more than ${TOLERANCE}`,
  );
}

/** Parameters by name, with their shapes. */
const weights = { table: [4, 3], hidden: [3, 5], readout: [5, 2] } as const;
type Name = keyof typeof weights;
const names = Object.keys(weights) as Name[];

/**
 * One AdamW update (Loshchilov & Hutter 2019, algorithm 2) of an embedding and two layers on six tokens: gathered rows,
 * whose gradient is a sum of segments, matrix products, and the cross-entropy of a softmax.
 */
function smallStep(): { outputs: Outputs; carried: Record<string, string> } {
  const tokens = input('tokens', [6], 'int32');
  const labels = constant([0, 1, 1, 0, 1, 0], [6], 'int32');
  const parameters = names.map((name) => input(name, weights[name], 'float32'));
  const [table, hidden, readout] = parameters as [Tensor, Tensor, Tensor];
  const features = relu(contract('nd,dh->nh', gather(table, tokens), hidden));
  const loss = crossEntropy(contract('nh,hc->nc', features, readout), labels);
  const slopes = gradients(loss, parameters);
  const outputs: Record<string, Tensor> = { loss };
  const meanCorrection = input('mean correction', [], 'float32');
  const squareCorrection = input('square correction', [], 'float32');
  names.forEach((name, i) => {
    const slope = slopes[i] as Tensor;
    const mean = input(`${name} mean`, weights[name], 'float32');
    const square = input(`${name} square`, weights[name], 'float32');
    const nextMean = add(mul(mean, 0.9), mul(slope, 0.1));
    const nextSquare = add(mul(square, 0.999), mul(mul(slope, slope), 0.001));
    const meanHat = div(nextMean, meanCorrection);
    const squareHat = div(nextSquare, squareCorrection);
    const decayed = mul(parameters[i] as Tensor, 1 - 0.01 * 0.1);
    outputs[`next:${name}`] = sub(decayed, mul(div(meanHat, add(sqrt(squareHat), 1e-3)), 0.01));
    outputs[`next:${name} mean`] = nextMean;
    outputs[`next:${name} square`] = nextSquare;
  });
  const state = names.flatMap((name) => [name, `${name} mean`, `${name} square`]);
  return { outputs, carried: Object.fromEntries(state.map((name) => [name, `next:${name}`])) };
}

async function stepDifference(compile: Compile): Promise<number> {
  const { outputs, carried } = smallStep();
  const state = startingState();
  const program = await compile(outputs, { threads: 1, carried });
  try {
    program.setState(state);
    const expectedState: Record<string, ArrayLike<number>> = { ...state };
    let largest = 0;
    const compare = (found: ArrayLike<number> | undefined, expected: ArrayLike<number>): void => {
      for (let i = 0; i < expected.length; i++) {
        const difference = Math.abs((expected[i] as number) - (found?.[i] ?? Number.NaN));
        largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(largest, difference);
      }
    };
    for (let step = 1; step <= STEPS; step++) {
      const feeds = {
        tokens: Int32Array.of(0, 3, 1, 3, 2, (step * 2) % 4),
        'mean correction': Float32Array.of(1 - 0.9 ** step),
        'square correction': Float32Array.of(1 - 0.999 ** step),
      };
      const values = evaluate(Object.values(outputs), { ...expectedState, ...feeds });
      const expected = Object.fromEntries(
        Object.keys(outputs).map((name, i) => [name, values[i] as HostArray]),
      );
      const { loss } = await program.run(feeds);
      compare(loss, expected['loss'] as HostArray);
      for (const [name, next] of Object.entries(carried)) expectedState[name] = expected[next] as HostArray;
    }
    const found = await program.state();
    for (const name of Object.keys(carried)) compare(found[name], expectedState[name] as HostArray);
    return largest;
  } finally {
    await program.dispose();
  }
}

function startingState(): Record<string, Float32Array> {
  const state: Record<string, Float32Array> = {};
  names.forEach((name, i) => {
    const [rows, columns] = weights[name];
    const size = rows * columns;
    state[name] = Float32Array.from({ length: size }, (_, k) => Math.sin(0.9 + i + 1.7 * k));
    state[`${name} mean`] = new Float32Array(size);
    state[`${name} square`] = new Float32Array(size);
  });
  return state;
}
