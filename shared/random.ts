/**
 * Seeded randomness: one named stream per use, so that a change to one (a larger batch, say) leaves the others
 * as they were. Same seed and name give the same stream on every machine.
 */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/**
 * The uses of randomness that a run keeps apart: which examples train (`split`), training inputs or all inputs (`data`),
 * test inputs where they are drawn apart (`test`), noise on targets (`noise`), the function to learn (`teacher`), shuffled
 * labels (`labels`), spurious inputs (`decoys`), initial weights (`init`), the order of batches (`batch`), noise on
 * gradients, updates or weights in training (`perturbation`), which activations dropout keeps (`dropout`), samples of a posterior, for training (`posterior`) and
 * for the recorded rows (`evaluation`), the bootstrap samples and split features of a forest (`forest`), the inducing points of a Gaussian process (`inducing`), and the examples,
 * directions and vectors that measures look at (`measures`). What is drawn after the runs, for intervals, has
 * `bootstrap`.
 */
export type StreamName =
  | 'split'
  | 'data'
  | 'test'
  | 'noise'
  | 'teacher'
  | 'labels'
  | 'decoys'
  | 'init'
  | 'batch'
  | 'perturbation'
  | 'dropout'
  | 'posterior'
  | 'evaluation'
  | 'forest'
  | 'inducing'
  | 'measures'
  | 'bootstrap';

/** The state of a stream, small enough for a checkpoint's header. */
export interface RandomState {
  generator: readonly number[];
  spareNormal: number | null;
}

export class Random {
  readonly #generator: RandomGenerator;
  #spareNormal: number | null = null;

  private constructor(generator: RandomGenerator, spareNormal: number | null) {
    this.#generator = generator;
    this.#spareNormal = spareNormal;
  }

  /** The stream `name` of the run seeded with `seed` (an integer from 0 to 2³²−1). */
  static stream(seed: number, name: StreamName): Random {
    return new Random(xoroshiro128plus(mix(seed, name)), null);
  }

  static restore(state: RandomState): Random {
    return new Random(xoroshiro128plusFromState([...state.generator]), state.spareNormal);
  }

  state(): RandomState {
    return { generator: [...this.#generator.getState()], spareNormal: this.#spareNormal };
  }

  /** Uniform on [0, 1), 53 bits. */
  uniform(): number {
    return uniformFloat64(this.#generator);
  }

  /** Uniform on [low, high). */
  uniformBetween(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Whether something of this probability happens, from 32 bits: half the price of `uniform`. */
  happens(probability: number): boolean {
    return this.#generator.next() >>> 0 < probability * 2 ** 32;
  }

  /** Uniform integer from 0 to bound − 1. */
  integer(bound: number): number {
    return uniformInt(this.#generator, 0, bound - 1);
  }

  /** Standard normal (Box & Muller 1958, polar form of Marsaglia). */
  normal(): number {
    if (this.#spareNormal !== null) {
      const spare = this.#spareNormal;
      this.#spareNormal = null;
      return spare;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) {
        const factor = Math.sqrt((-2 * Math.log(s)) / s);
        this.#spareNormal = v * factor;
        return u * factor;
      }
    }
  }

  /** A uniform random permutation of 0 … n − 1 (Fisher & Yates). */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const swapped = order[i] as number;
      order[i] = order[j] as number;
      order[j] = swapped;
    }
    return order;
  }
}

/** Folds a stream's name into a seed (FNV-1a over the name, then the finalizer of MurmurHash3). */
function mix(seed: number, name: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (const character of name) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}
