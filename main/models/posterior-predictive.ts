/** What a posterior over networks predicts: the class probabilities of networks drawn from it, averaged. */
import type { Random } from '../../shared/random.ts';
import type { Program } from '../engine/program.ts';

/** Standard normals of every sample, [weights] each: the same at every evaluation. */
export function drawWeights(random: Random, samples: number, weights: number): Float32Array[] {
  return Array.from({ length: samples }, () => Float32Array.from({ length: weights }, () => random.normal()));
}

export interface PredictiveMetrics {
  /** Mean over examples of −ln of the averaged probability of the label, in nats. */
  loss: number;
  accuracy: number;
}

export class PosteriorPredictive {
  readonly #forward: Program;
  readonly #labels: readonly number[];
  readonly #trainSize: number;
  readonly #classes: number;
  readonly #normals: readonly Float32Array[];

  /** `forward`: `weights` [weights] → `logits` [n, classes], training examples first. */
  constructor(
    forward: Program,
    labels: readonly number[],
    trainSize: number,
    classes: number,
    normals: readonly Float32Array[],
  ) {
    this.#forward = forward;
    this.#labels = labels;
    this.#trainSize = trainSize;
    this.#classes = classes;
    this.#normals = normals;
  }

  /** `parameters`: means, then as many logarithms of deviations. `meanTrainLoss`: mean over samples of cross-entropy. */
  async assess(
    parameters: Float32Array,
  ): Promise<{ train: PredictiveMetrics; test: PredictiveMetrics; meanTrainLoss: number }> {
    const n = this.#labels.length;
    const sums: PredictiveSums = {
      probabilities: new Float64Array(n * this.#classes),
      labelLogs: new Float64Array(n).fill(-Infinity),
    };
    let trainLoss = 0;
    for (const normals of this.#normals) {
      const weights = normals.map(
        (normal, i) =>
          (parameters[i] as number) + normal * Math.exp(parameters[normals.length + i] as number),
      );
      const { logits } = await this.#forward.run({ weights });
      if (logits === undefined) throw new Error('The network gave no logits.');
      trainLoss += addSample(logits, this.#classes, this.#labels, this.#trainSize, sums);
    }
    return {
      train: this.#metrics(sums, 0, this.#trainSize),
      test: this.#metrics(sums, this.#trainSize, n),
      meanTrainLoss: trainLoss / (this.#normals.length * this.#trainSize),
    };
  }

  #metrics({ probabilities, labelLogs }: PredictiveSums, start: number, end: number): PredictiveMetrics {
    const classes = this.#classes;
    let [loss, hits] = [0, 0];
    for (let i = start; i < end; i++) {
      const row = probabilities.subarray(i * classes, (i + 1) * classes);
      loss += Math.log(this.#normals.length) - (labelLogs[i] as number);
      if (row.indexOf(Math.max(...row)) === this.#labels[i]) hits += 1;
    }
    return { loss: loss / (end - start), accuracy: hits / (end - start) };
  }

  async dispose(): Promise<void> {
    await this.#forward.dispose();
  }
}

/** Over samples: the summed probabilities [n, classes], and the logarithm of the summed probability of each label [n]. */
interface PredictiveSums {
  probabilities: Float64Array;
  labelLogs: Float64Array;
}

/** Adds one sample; returns the summed cross-entropy of the first `trainSize` examples. In float64. */
function addSample(
  logits: ArrayLike<number>,
  classes: number,
  labels: readonly number[],
  trainSize: number,
  { probabilities, labelLogs }: PredictiveSums,
): number {
  let loss = 0;
  for (let i = 0; i < labels.length; i++) {
    const start = i * classes;
    let top = -Infinity;
    for (let c = 0; c < classes; c++) top = Math.max(top, logits[start + c] as number);
    let total = 0;
    for (let c = 0; c < classes; c++) total += Math.exp((logits[start + c] as number) - top);
    for (let c = 0; c < classes; c++) {
      const probability = Math.exp((logits[start + c] as number) - top) / total;
      probabilities[start + c] = (probabilities[start + c] as number) + probability;
    }
    const log = (logits[start + (labels[i] as number)] as number) - top - Math.log(total);
    labelLogs[i] = logSum(labelLogs[i] as number, log);
    if (i < trainSize) loss -= log;
  }
  return loss;
}

/** ln(eᵃ + eᵇ), where a probability may have underflowed. */
function logSum(a: number, b: number): number {
  const top = Math.max(a, b);
  return top === -Infinity ? top : top + Math.log1p(Math.exp(Math.min(a, b) - top));
}
