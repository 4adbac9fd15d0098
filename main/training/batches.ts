/** Which examples every update sees: epoch by epoch a permutation from its own stream, cut into batches. */
import { Random, type RandomState } from '../../shared/random.ts';

export class Batches {
  /** Examples of a full batch. */
  readonly size: number;
  readonly perEpoch: number;
  /** The last batch of an epoch is smaller: it is filled up with examples of weight 0. */
  readonly weighted: boolean;
  readonly #trainSize: number;
  #random: Random;
  /** The current epoch's permutation of the training examples; empty before the first. */
  #order: Int32Array = new Int32Array(0);

  constructor(size: number, trainSize: number, seed: number) {
    this.size = Math.min(size, trainSize);
    this.perEpoch = Math.ceil(trainSize / this.size);
    this.weighted = trainSize % this.size !== 0;
    this.#trainSize = trainSize;
    this.#random = Random.stream(seed, 'batch');
  }

  /**
   * Row numbers of the batch of the update with the 0-based index `step`, `size` of them, of which the first `count`
   * are the batch. To be asked for once per update, in order.
   */
  next(step: number): { rows: Int32Array; count: number } {
    const start = (step % this.perEpoch) * this.size;
    if (start === 0) this.#order = this.#random.permutation(this.#trainSize);
    const batch = this.#order.subarray(start, start + this.size);
    const rows = new Int32Array(this.size);
    rows.set(batch);
    return { rows, count: batch.length };
  }

  state(): { random: RandomState; order: Int32Array } {
    return { random: this.#random.state(), order: this.#order.slice() };
  }

  restore({ random, order }: { random: RandomState; order: Int32Array }): void {
    this.#random = Random.restore(random);
    this.#order = order.slice();
  }
}
