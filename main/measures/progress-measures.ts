/**
 * The progress measures of Nanda et al. 2023 (arXiv 2301.05217, §4.2, §5.1) for addition mod an odd p, as their code computes them
 * (`Trainer.take_metrics`, `calculate_key_freqs`, `calculate_trig_loss`, `calculate_excluded_loss`): all on the network
 * as it is at this effort, its key frequencies included.
 *
 * - Key frequencies: activations of the last layer's neurons on all p² pairs, centred, in the two-dimensional Fourier
 *   basis; each neuron has the frequency whose constant, linear and quadratic terms (a 3 × 3 block) explain most of its
 *   variance; key frequencies are those that some neuron has. As in their code the highest frequency, (p − 1)/2, is
 *   left out of the search.
 * - Restricted loss: of the logits projected onto cos and sin of w_k (x + y) for the key frequencies, plus each class's
 *   mean over the pairs of what was removed ("bias correction"); over all pairs.
 * - Excluded loss: of the logits without those components, no correction; over the training pairs. All key frequencies
 *   are removed together, as in figure 7; the code gives one value per key frequency, which is left out here.
 * - Gini coefficient (Hurley & Rickard 2009) of the norms of the Fourier components of the embedding W_E and of the
 *   neuron-logit map W_L = W_out · W_U.
 */
import type { Dataset, TokenDataset } from '../datasets/dataset.ts';
import { simplify } from '../engine/simplify.ts';
import {
  cast,
  constant,
  contract,
  gather,
  input,
  logSoftmax,
  mul,
  neg,
  oneHot,
  reduceMean,
  reduceSum,
  reshape,
  slice,
  sub,
  add,
  type FloatType,
  type Tensor,
} from '../engine/trace.ts';
import { parameter } from '../models/network.ts';
import { neuronLogitMap } from './fourier-spectrum.ts';
import { fourierBasis, frequencies, gini, spectrum, sumDirections } from './fourier-basis.ts';
import {
  forwardOf,
  measureColumn,
  weightsOfFlat,
  type CreateMeasure,
  type Measure,
  type MeasureContext,
  type MeasureValues,
} from './measure.ts';

const columns = [
  measureColumn('restrictedLoss', 'restricted loss', 'loss', 'nat'),
  measureColumn('excludedLoss', 'excluded loss', 'loss', 'nat'),
  measureColumn('keyFrequencies', 'number of key frequencies', 'key frequencies'),
  measureColumn('trigShare', 'share of the logits’ variance in key frequencies', 'share of variance'),
  measureColumn('giniEmbedding', 'Gini coefficient of W_E', 'Gini coefficient'),
  measureColumn('giniNeuronLogit', 'Gini coefficient of W_L', 'Gini coefficient'),
];

/** Sum a + b mod p as tokens (a, b, '='), p odd; null where the dataset is something else. */
function oddModulus(dataset: Dataset): number | null {
  if (dataset.kind !== 'tokens' || dataset.length !== 3) return null;
  const p = dataset.classes;
  const { tokens, labels } = dataset.train;
  const isSum = labels.every(
    (label, i) => ((tokens[3 * i] as number) + (tokens[3 * i + 1] as number)) % p === label,
  );
  return isSum && p % 2 === 1 && dataset.vocabulary >= p ? p : null;
}

export const createProgressMeasures: CreateMeasure = async (context) => {
  const { engine, threads, network, dataset } = context;
  const p = oddModulus(dataset);
  if (p === null || dataset.kind !== 'tokens' || network.forward === undefined)
    throw new Error('The progress measures need a transformer on addition mod an odd p.');
  const options = { threads, carried: {} };
  const anatomy = await engine.compile(anatomyGraph(context, p), options);
  const losses = await engine.compile(
    lossesGraph(dataset, p, context.dtype, engine.float64 ? 'float64' : 'float32'),
    options,
  );
  const names = Array.from({ length: frequencies(p) }, (_, k) => String(k + 1));
  const measure: Measure = {
    columns,
    panels: [
      {
        kind: 'bars',
        name: 'embedding',
        title: 'Fourier spectrum of the embedding',
        description:
          'Norm of the cosine and sine components of each frequency of W_E over the p numbers (Nanda et al. 2023, figure 3).',
        items: names,
        yLabel: 'norm of the Fourier component',
        reference: null,
        log: false,
      },
      {
        kind: 'bars',
        name: 'logits',
        title: 'Logits along the frequencies of a + b',
        description:
          'Norm over the classes of the logits’ component along cosine and sine of each frequency of a + b.',
        items: names,
        yLabel: 'norm of the component',
        reference: null,
        log: false,
      },
    ],
    evaluate: async (parameters) => {
      const found = (await anatomy.run({ parameters })) as Anatomy;
      const keys = keyFrequenciesOf(found, p);
      const mask = maskOf(keys, p, context.dtype);
      const together = (await losses.run({ logits: found.logits, mask })) as Losses;
      return values(found, keys, together, p);
    },
    dispose: async () => {
      await anatomy.dispose();
      await losses.dispose();
    },
  };
  return measure;
};

type Floats = Float32Array | Float64Array;

/** What one forward pass over all pairs gives. */
interface Anatomy extends Record<string, Floats> {
  /** [p², p] */
  logits: Floats;
  /** [⌊p/2⌋, neurons]: variance of each neuron explained by each frequency's block. */
  explained: Floats;
  /** [p, d] and [p, neurons] */
  embedding: Floats;
  neuronLogit: Floats;
}

interface Losses extends Record<string, Floats> {
  restricted: Floats;
  excluded: Floats;
  /** [2⌊p/2⌋, p]: components of the logits along the directions, before the mask. */
  coefficients: Floats;
  /** Variance of the logits over the pairs, summed over classes: of the projected part, and of all. */
  projectedVariance: Floats;
  variance: Floats;
}

function values(found: Anatomy, keys: ReadonlySet<number>, together: Losses, p: number): MeasureValues {
  const embedding = spectrum(found.embedding, p, found.embedding.length / p);
  const neuronLogit = spectrum(found.neuronLogit, p, found.neuronLogit.length / p);
  return {
    columns: [
      together.restricted[0] as number,
      together.excluded[0] as number,
      keys.size,
      (together.projectedVariance[0] as number) / (together.variance[0] as number),
      gini(embedding),
      gini(neuronLogit),
    ],
    arrays: {
      'embedding.values': embedding.slice(1),
      'logits.values': pairNorms(together.coefficients, p),
    },
  };
}

/** Norm of each pair of rows (cosine, sine) of a matrix of p columns. */
function pairNorms(coefficients: Floats, p: number): Float64Array {
  return Float64Array.from({ length: coefficients.length / (2 * p) }, (_, k) =>
    Math.hypot(...coefficients.subarray(2 * k * p, 2 * (k + 1) * p)),
  );
}

/** Each neuron's best frequency among 1 … (p − 3)/2; a neuron that is constant has none. */
function keyFrequenciesOf({ explained }: Anatomy, p: number): Set<number> {
  const count = frequencies(p);
  const neurons = explained.length / count;
  const keys = new Set<number>();
  for (let neuron = 0; neuron < neurons; neuron++) {
    let best = 0;
    let share = 0;
    for (let k = 1; k < count; k++) {
      const value = explained[(k - 1) * neurons + neuron] as number;
      if (value > share) [best, share] = [k, value];
    }
    if (best > 0) keys.add(best);
  }
  return keys;
}

/** 1 for the cosine and the sine of each chosen frequency. */
function maskOf(chosen: ReadonlySet<number>, p: number, dtype: FloatType): Floats {
  const mask = Array.from({ length: 2 * frequencies(p) }, (_, row) =>
    chosen.has(Math.floor(row / 2) + 1) ? 1 : 0,
  );
  return dtype === 'float32' ? Float32Array.from(mask) : Float64Array.from(mask);
}

/** All pairs (a, b, '='), pair (a, b) in row a·p + b. */
function allPairs({ vocabulary }: TokenDataset, p: number): Tensor {
  const tokens = new Int32Array(3 * p * p);
  for (let i = 0; i < p * p; i++) tokens.set([Math.floor(i / p), i % p, vocabulary - 1], 3 * i);
  return constant(tokens, [p * p, 3], 'int32');
}

function anatomyGraph({ network, dataset, dtype }: MeasureContext, p: number): Record<string, Tensor> {
  const weights = weightsOfFlat(network, dtype);
  const { logits, hidden } = forwardOf(network, weights, allPairs(dataset as TokenDataset, p));
  const neurons = hidden.at(-1) as Tensor;
  const width = neurons.shape[1] as number;
  const centred = reshape(sub(neurons, reduceMean(neurons, [0], true)), [p, p, width]);
  const basis = constant(fourierBasis(p), [p, p], dtype);
  const transformed = contract('fyn,gy->fgn', contract('xyn,fx->fyn', centred, basis), basis);
  const embedding = slice(
    parameter(weights, 'W_E'),
    [0, 0],
    [p, parameter(weights, 'W_E').shape[1] as number],
  );
  return simplify({
    logits: slice(logits, [0, 0], [p * p, p]),
    explained: blockEnergies(mul(transformed, transformed), p, dtype),
    embedding,
    neuronLogit: slice(neuronLogitMap(weights), [0, 0], [p, width]),
  });
}

/** Sum of each frequency's 3 × 3 block {constant, cos k, sin k}² of squares [f, g, n]: [⌊p/2⌋, n]. */
function blockEnergies(squares: Tensor, p: number, dtype: FloatType): Tensor {
  const count = frequencies(p);
  const member = new Float64Array(count * p);
  for (let k = 1; k <= count; k++) for (const row of [0, 2 * k - 1, 2 * k]) member[(k - 1) * p + row] = 1;
  const block = constant(member, [count, p], dtype);
  const rows = contract('fgn,kf->kgn', squares, block);
  return reduceSum(mul(rows, reshape(block, [count, p, 1])), [1], false);
}

/** Inputs: `logits` [p², p] and `mask` [2⌊p/2⌋]. Losses are means of cross-entropies, in nats. */
function lossesGraph(
  dataset: TokenDataset,
  p: number,
  dtype: FloatType,
  wide: FloatType,
): Record<string, Tensor> {
  const count = 2 * frequencies(p);
  const logits = input('logits', [p * p, p], dtype);
  const mask = input('mask', [count], dtype);
  const directions = constant(sumDirections(p), [count, p * p], dtype);
  const coefficients = contract('kx,xc->kc', directions, logits);
  const projected = contract('kx,kc->xc', directions, mul(coefficients, reshape(mask, [count, 1])));
  const removed = sub(logits, projected);
  const restricted = add(projected, reduceMean(removed, [0], true));
  const labels = constant(
    Int32Array.from({ length: p * p }, (_, i) => (Math.floor(i / p) + (i % p)) % p),
    [p * p],
    'int32',
  );
  const { tokens, n } = dataset.train;
  const trainRows = Int32Array.from(
    { length: n },
    (_, i) => (tokens[3 * i] as number) * p + (tokens[3 * i + 1] as number),
  );
  const rows = constant(trainRows, [n], 'int32');
  const centred = sub(logits, reduceMean(logits, [0], true));
  return simplify({
    coefficients,
    restricted: meanLoss(restricted, labels, wide),
    excluded: meanLoss(gather(removed, rows), gather(labels, rows), wide),
    projectedVariance: total(mul(projected, projected)),
    variance: total(mul(centred, centred)),
  });
}

function total(x: Tensor): Tensor {
  return reduceSum(x, [0, 1], false);
}

function meanLoss(logits: Tensor, labels: Tensor, dtype: FloatType): Tensor {
  const [n = 1, classes = 1] = logits.shape;
  const picked = mul(oneHot(labels, classes, dtype), logSoftmax(cast(logits, dtype)));
  return neg(mul(reduceSum(picked, [0, 1], false), 1 / n));
}
