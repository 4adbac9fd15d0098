import type { ModularAdditionSpec } from '../../shared/dataset-spec.ts';
import { datasetSizes } from '../../shared/dataset-spec.ts';
import { Random } from '../../shared/random.ts';
import type { TokenDataset, TokenSplit } from './dataset.ts';

/**
 * (a + b) mod p as next-token prediction. Power et al. 2022 (arXiv 2201.02177) posed the task; the format is that of
 * Nanda et al. 2023 (arXiv 2301.05217): tokens [n, 3] = (a, b, p), where the token p stands for "=", vocabulary
 * p + 1, and the class (a + b) mod p is read at the last position.
 *
 * All p² ordered pairs are shuffled and the first ⌊trainFraction · p²⌋ train (3830 of 12769 for p = 113 and 0.3), as in
 * the authors' `gen_train_test`. Different here: the authors shuffle with Python's Mersenne Twister seeded by the
 * run's seed, we with the stream `split`, so that equal seeds mean different splits of the same distribution. "="
 * is never an answer: classes = p.
 */
export function buildModularAddition(spec: ModularAdditionSpec, seed: number): TokenDataset {
  const { p } = spec;
  const sizes = datasetSizes(spec);
  const order = Random.stream(seed, 'split').permutation(p * p);
  return {
    kind: 'tokens',
    vocabulary: p + 1,
    length: 3,
    classes: p,
    train: split(order.subarray(0, sizes.train), p),
    test: split(order.subarray(sizes.train), p),
  };
}

/** Pair number k stands for a = ⌊k / p⌋, b = k mod p. */
function split(pairs: Int32Array, p: number): TokenSplit {
  const n = pairs.length;
  const tokens = new Int32Array(n * 3);
  const labels = new Int32Array(n);
  pairs.forEach((pair, i) => {
    const a = Math.floor(pair / p);
    const b = pair % p;
    tokens.set([a, b, p], i * 3);
    labels[i] = (a + b) % p;
  });
  return { n, tokens, labels };
}
