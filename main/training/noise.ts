/** Gaussian noise in training, drawn by the host from a stream of its own and fed to the graph. */
import { Random, type RandomState } from '../../shared/random.ts';
import type { TrainingNoiseSpec } from '../../shared/trainer-spec.ts';

/** σ at the update with the 0-based index `step`. */
export function noiseDeviation(spec: TrainingNoiseSpec, step: number): number {
  const { standardDeviation } = spec;
  return spec.kind === 'gradient' ? standardDeviation / (1 + step) ** (spec.decay / 2) : standardDeviation;
}

/** Independent standard normal values, one per parameter and update. */
export class NoiseSource {
  readonly #size: number;
  #random: Random;

  constructor(size: number, seed: number) {
    this.#size = size;
    this.#random = Random.stream(seed, 'perturbation');
  }

  next(): Float64Array {
    const values = new Float64Array(this.#size);
    for (let i = 0; i < values.length; i++) values[i] = this.#random.normal();
    return values;
  }

  state(): RandomState {
    return this.#random.state();
  }

  restore(state: RandomState): void {
    this.#random = Random.restore(state);
  }
}
