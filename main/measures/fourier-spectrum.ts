/**
 * Fourier spectra of a network that learns the operation of a cyclic group (`shared/cyclic-task.ts`): x ± y mod p, or x · y
 * and x / y mod a prime p, with the residues in the order of a generator's powers, where Chughtai et al. 2023 (arXiv 2302.03025)
 * look for the same structure. After Nanda et al. 2023 (arXiv 2301.05217, §5.1), of
 *
 * - the embedding: W_E of a transformer; of an MLP its first layer's weights, which read one-hot inputs, those of x beside
 *   those of y (Gromov 2023, arXiv 2301.02679);
 * - the output map: W_L = W_out W_U of the last layer of a transformer with one MLP per layer, W_U of another one; the last
 *   layer's weights of an MLP; a row per answer;
 * - the logits on all pairs, along cos and sin of w_k (i ± j), the number of the answer in the group: the part of the logits
 *   that depends on the answer alone. Left out for groups of more than 200 elements.
 *
 * A spectrum holds the norm of each frequency's cosine and sine components; frequency k of a group of n elements is k waves
 * around the group, k = 1 … ⌊n/2⌋. Columns: the Gini coefficient (Hurley & Rickard 2009) of each spectrum with its constant, as
 * the progress measures have it, and the number of key frequencies: the fewest that hold 90 % of the embedding's power
 * without the constant.
 */
import { cyclicTask, type CyclicTask } from '../../shared/cyclic-task.ts';
import type { BarsPanel } from '../../shared/snapshot.ts';
import { simplify } from '../engine/simplify.ts';
import {
  concat,
  constant,
  contract,
  gather,
  slice,
  transpose,
  type Outputs,
  type Tensor,
} from '../engine/trace.ts';
import { parameter, type Parameters } from '../models/network.ts';
import { frequencies, gini, spectrum } from './fourier-basis.ts';
import { measureColumn, weightsOfFlat, type CreateMeasure, type MeasureContext } from './measure.ts';

const MOST_ELEMENTS = 200;
const KEY_SHARE = 0.9;

export const createFourierSpectrum: CreateMeasure = async (context) => {
  const { engine, threads } = context;
  const task = cyclicTask(context.arm.dataset);
  if (task === null) throw new Error('The Fourier spectrum needs the operation of a cyclic group.');
  const n = task.elements.length;
  const withLogits = n <= MOST_ELEMENTS;
  const program = await engine.compile(spectrumGraph(context, task, withLogits), { threads, carried: {} });
  const parts = withLogits
    ? (['embedding', 'output', 'logits'] as const)
    : (['embedding', 'output'] as const);
  return {
    columns: [
      measureColumn(
        'spectrumKeyFrequencies',
        'frequencies that hold 90 % of the embedding',
        'key frequencies',
      ),
      ...parts.map((part) =>
        measureColumn(
          `spectrumGini:${part}`,
          `Gini coefficient of the spectrum of ${words[part]}`,
          'Gini coefficient',
        ),
      ),
    ],
    panels: parts.map((part) => panelOf(part, n)),
    evaluate: async (parameters) => {
      const results = await program.run({ parameters });
      const spectra = parts.map((part) => {
        const matrix = results[part] ?? [];
        if (part === 'logits') return answerSpectrum(matrix, n, task.sign);
        return spectrum(matrix, n, matrix.length / n);
      });
      const [embedding] = spectra as [Float64Array];
      const arrays = parts.map((part, i) => [`spectrum-${part}.values`, spectra[i]?.slice(1)]);
      return {
        columns: [keyFrequencies(embedding), ...spectra.map(gini)],
        arrays: Object.fromEntries(arrays) as Record<string, Float64Array>,
      };
    },
    dispose: () => program.dispose(),
  };
};

type Part = 'embedding' | 'output' | 'logits';

const words: Record<Part, string> = {
  embedding: 'the embedding',
  output: 'the output map',
  logits: 'the logits',
};

function panelOf(part: Part, n: number): BarsPanel {
  const of: Record<Part, string> = {
    embedding: 'the embedding (of an MLP, the first layer), a row per element of the group',
    output: 'the output map (of a transformer, from neurons to logits), a row per element of the group',
    logits: 'the logits on all pairs, as functions of the answer',
  };
  return {
    kind: 'bars',
    name: `spectrum-${part}`,
    title: `Fourier spectrum of ${words[part]}`,
    description: `Norm of the cosine and sine components of each frequency of ${of[part]} (after Nanda et al. 2023, §5.1).`,
    items: Array.from({ length: frequencies(n) }, (_, k) => String(k + 1)),
    yLabel: 'norm of the Fourier component',
    reference: null,
    log: false,
  };
}

/** `embedding` and `output` [n, …], and `logits` [n², n], pair (i, j) in row i·n + j: all in the group's order. */
function spectrumGraph(context: MeasureContext, task: CyclicTask, withLogits: boolean): Outputs {
  const { network, dtype } = context;
  const weights = weightsOfFlat(network, dtype);
  const order = constant(Int32Array.from(task.elements), [task.elements.length], 'int32');
  const embedding = embeddingOf(context, weights, order);
  const output = gather(outputMap(weights), order);
  if (!withLogits) return simplify({ embedding, output });
  const logits = network.logits(weights, allPairs(context, task));
  return simplify({ embedding, output, logits: transpose(gather(transpose(logits, [1, 0]), order), [1, 0]) });
}

function embeddingOf(
  { arm: { model }, dataset }: MeasureContext,
  weights: Parameters,
  order: Tensor,
): Tensor {
  if (model.kind !== 'mlp') return gather(parameter(weights, 'W_E'), order);
  const first = parameter(weights, 'W.0');
  const [, width = 1] = first.shape;
  const p = residues(dataset);
  return concat(
    [0, p].map((start) => gather(slice(first, [start, 0], [p, width]), order)),
    1,
  );
}

/** A row per answer. */
function outputMap(weights: Parameters): Tensor {
  return weights['W_E'] === undefined
    ? transpose(parameter(weights, lastOf(weights, 'W.')), [1, 0])
    : neuronLogitMap(weights);
}

/**
 * W_L = W_out W_U of a decoder's last layer, a row per token; W_U alone where a layer has several MLPs. With tied embeddings W_U is
 * W_E, transposed.
 */
export function neuronLogitMap(weights: Parameters): Tensor {
  const unembedding = weights['W_U'] ?? transpose(parameter(weights, 'W_E'), [1, 0]);
  const out = weights[lastOf(weights, 'W_out.')];
  return out?.shape.length === 2 ? contract('md,dv->vm', out, unembedding) : transpose(unembedding, [1, 0]);
}

/** The last of the parameters whose names begin like this. */
function lastOf(weights: Parameters, start: string): string {
  return Object.keys(weights).findLast((name) => name.startsWith(start)) ?? start;
}

function residues(dataset: MeasureContext['dataset']): number {
  if (dataset.kind === 'regression') throw new Error('A cyclic group has classes.');
  return dataset.classes;
}

function allPairs({ dataset, dtype }: MeasureContext, { elements }: CyclicTask): Tensor {
  const pairs = elements.flatMap((x) => elements.map((y) => [x, y] as const));
  const p = residues(dataset);
  if (dataset.kind === 'tokens') {
    const tokens = Int32Array.from(pairs.flatMap(([x, y]) => [x, y, p]));
    return constant(tokens, [pairs.length, 3], 'int32');
  }
  const inputs = new Float64Array(pairs.length * 2 * p);
  pairs.forEach(([x, y], row) => {
    inputs[row * 2 * p + x] = 1;
    inputs[row * 2 * p + p + y] = 1;
  });
  return constant(inputs, [pairs.length, 2 * p], dtype);
}

/**
 * Norm over the answers of the logits' components along the normalised cos and sin of w_k (i + sign · j), beginning with the
 * constant, [1 + ⌊n/2⌋]. Such a direction is constant where i + sign · j is, so that sums over those pairs are enough: its
 * unit vector over the n² pairs is that over the n sums divided by √n.
 * @param logits [n², n]
 */
export function answerSpectrum(logits: ArrayLike<number>, n: number, sign: 1 | -1): Float64Array {
  const sums = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const to = ((i + sign * j + n) % n) * n;
      const from = (i * n + j) * n;
      for (let c = 0; c < n; c++) sums[to + c] = (sums[to + c] as number) + (logits[from + c] as number);
    }
  }
  return spectrum(sums, n, n).map((norm) => norm / Math.sqrt(n));
}

/** The fewest frequencies whose squared norms make up 90 % of all; 0 where there is nothing but the constant. */
export function keyFrequencies(norms: ArrayLike<number>): number {
  const powers = Array.from(norms, (norm) => norm ** 2)
    .slice(1)
    .sort((a, b) => b - a);
  const needed = KEY_SHARE * powers.reduce((sum, power) => sum + power, 0);
  let held = 0;
  let count = 0;
  while (held < needed) held += powers[count++] as number;
  return count;
}
