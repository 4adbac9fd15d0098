/**
 * Dropout (Srivastava et al. 2014, JMLR 15), inverted as every library has it: in training each activation is kept with
 * probability 1 − r and divided by it, else 0; evaluation has all of them as they are. The masks are drawn by the host from
 * a stream of their own and fed to the graph, so that every engine drops the same activations.
 */
import { Random, type RandomState } from '../../shared/random.ts';
import { sizeOf } from '../engine/graph.ts';
import { input, mul, type Shape, type Tensor } from '../engine/trace.ts';
import type { Drop } from '../models/network.ts';

/** Where a network drops: one mask at each place, an input of the graph. */
export interface DropoutPlaces {
  drop: Drop;
  /** Name of the input → its shape, in the order in which the network came to them. */
  masks: Map<string, Shape>;
}

export function dropoutPlaces(): DropoutPlaces {
  const masks = new Map<string, Shape>();
  const drop = (x: Tensor): Tensor => {
    const name = `dropout:${masks.size}`;
    masks.set(name, x.shape);
    return mul(x, input(name, x.shape, x.dtype));
  };
  return { drop, masks };
}

export class DropoutSource {
  /** Of an update, by the name of its input. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly #rate: number;
  #random: Random;

  constructor(rate: number, masks: ReadonlyMap<string, Shape>, seed: number) {
    this.#rate = rate;
    this.sizes = new Map([...masks].map(([name, shape]) => [name, sizeOf(shape)]));
    this.#random = Random.stream(seed, 'dropout');
  }

  /** Writes the masks of the next update, each at `at` times its size. */
  next(masks: Readonly<Record<string, Float32Array | Float64Array>>, at: number): void {
    const kept = 1 / (1 - this.#rate);
    for (const [name, size] of this.sizes) {
      const mask = masks[name] as Float32Array;
      for (let i = at * size; i < (at + 1) * size; i++) mask[i] = this.#random.happens(this.#rate) ? 0 : kept;
    }
  }

  state(): RandomState {
    return this.#random.state();
  }

  restore(state: RandomState): void {
    this.#random = Random.restore(state);
  }
}
