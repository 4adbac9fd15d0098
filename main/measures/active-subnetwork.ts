/**
 * Size of the active subnetwork (Merrill et al. 2023, arXiv 2303.11873, §4; `circuit_discovery_linear` and `circuit_discovery_binary` of
 * their code): neurons of the last hidden layer in the order of their norms, the largest first, and the least number of them that
 * has the accuracy of the whole network on the training examples when all others are put to 0. A neuron's norm is that of the weights
 * into it, without its bias. The code asks for an accuracy that is equal; here it may be higher, which pruning sometimes makes it.
 *
 * Found by bisection between 0 neurons and all, as their code does later in training; it assumes that accuracy does not fall when
 * neurons are added. Where that does not hold the result is a size that reaches the accuracy while one neuron less does not, but
 * not always the least one. At most ⌈log₂(width + 1)⌉ passes over the training examples.
 */
import { sizeOf } from '../engine/graph.ts';
import type { HostArray } from '../engine/program.ts';
import { examplesOf } from '../training/neural-task.ts';
import { evaluationGraph } from '../training/training-graph.ts';
import type { Network } from '../models/network.ts';
import { measureColumn, objectiveOf, type CreateMeasure } from './measure.ts';

export const createActiveSubnetwork: CreateMeasure = async (context) => {
  const { engine, threads, dtype, network, dataset } = context;
  const examples = examplesOf(dataset, 'train', dtype);
  const { hits } = evaluationGraph(network, examples, dtype, objectiveOf(context).loss);
  if (hits === undefined) throw new Error('An active subnetwork needs an accuracy.');
  const program = await engine.compile({ hits }, { threads, carried: {} });
  const rightOf = async (parameters: HostArray): Promise<number> => {
    const { hits: found } = await program.run({ parameters });
    return Array.from(found ?? []).reduce((sum, hit) => sum + hit, 0);
  };
  const layout = lastHiddenLayer(network);
  return {
    columns: [measureColumn('activeNeurons', 'size of the active subnetwork', 'neurons')],
    panels: [],
    evaluate: async (parameters) => {
      const order = neuronOrder(parameters, layout);
      const whole = await rightOf(parameters);
      const suffices = async (kept: number): Promise<boolean> =>
        (await rightOf(pruned(parameters, layout, order.subarray(kept)))) >= whole;
      return { columns: [await leastThat(suffices, layout.width)], arrays: {} };
    },
    dispose: () => program.dispose(),
  };
};

/** Where the weights into and out of the last hidden layer lie: [fanIn, width] at `into`, [width, outputs] at `out`. */
interface Layout {
  into: number;
  fanIn: number;
  width: number;
  out: number;
  outputs: number;
}

function lastHiddenLayer({ parameters }: Network): Layout {
  const starts: number[] = [];
  let start = 0;
  for (const { shape } of parameters) {
    starts.push(start);
    start += sizeOf(shape);
  }
  const matrices = parameters.flatMap(({ shape }, i) => (shape.length === 2 ? [i] : []));
  const [into, out] = matrices
    .slice(-2)
    .map((i) => ({ start: starts[i] as number, shape: parameters[i]?.shape }));
  const [fanIn = 0, width = 0] = into?.shape ?? [];
  const [rows, outputs = 0] = out?.shape ?? [];
  if (into === undefined || out === undefined || rows !== width)
    throw new Error('The network has no hidden layer before its last weights.');
  return { into: into.start, fanIn, width, out: out.start, outputs };
}

/** Neurons by the norm of the weights into them, the largest first. */
function neuronOrder(parameters: HostArray, { into, fanIn, width }: Layout): Int32Array {
  const squares = new Float64Array(width);
  for (let at = 0; at < fanIn * width; at++) {
    const neuron = at % width;
    squares[neuron] = (squares[neuron] as number) + (parameters[into + at] as number) ** 2;
  }
  return Int32Array.from({ length: width }, (_, i) => i).sort(
    (a, b) => (squares[b] as number) - (squares[a] as number),
  );
}

/** The weights out of these neurons put to 0: the same as the neurons put to 0. */
function pruned(parameters: HostArray, { out, outputs }: Layout, neurons: Int32Array): HostArray {
  const copy = parameters.slice();
  for (const neuron of neurons) copy.fill(0, out + neuron * outputs, out + (neuron + 1) * outputs);
  return copy;
}

/** The least number from 0 to `most` for which the condition holds, if it holds from there on; it holds for `most`. */
export async function leastThat(
  condition: (count: number) => Promise<boolean>,
  most: number,
): Promise<number> {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await condition(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
