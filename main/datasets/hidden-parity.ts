import type { HiddenParitySpec } from '../../shared/dataset-spec.ts';
import { Random } from '../../shared/random.ts';
import type { VectorDataset, VectorSplit } from './dataset.ts';

/**
 * Sparse parity hidden among decoys: inputs [n, parityBits + decoys], the parity bits first. Merrill et al. 2023 (arXiv
 * 2303.11873), with inputs −1 and 1, 1000 training and 100 test examples of 3 + 37 bits; Miller et al. 2023 (arXiv
 * 2310.17247), whose code gives the inputs as 0 and 1.
 *
 * The label is the class of Π (2·bit − 1): 0 for −1, 1 for +1, the order of the authors' one-hot targets. (Their GP
 * reads one-hot column 0, so that its positive class is −1: the same task with the labels swapped.)
 *
 * Examples are drawn with replacement, so that with few decoys an input may be in both splits; this is the authors'
 * design. Decoys are bits as in their code, or standard normals as in Miller's text (`decoyKind`).
 *
 * Different here: one stream `data` gives all parity bits, then all decoys, so that the decoys' number and kind leave
 * the parity bits as they are; the first trainSize examples train and the rest test. The authors seed torch's
 * generator anew before they draw the decoys, so that the first decoys repeat the parity bits, and split with
 * `random_split`.
 */
export function buildHiddenParity(spec: HiddenParitySpec, seed: number): VectorDataset {
  const { parityBits, decoys, decoyKind, trainSize, testSize, bits = 'zero-one' } = spec;
  const [off, on] = bits === 'zero-one' ? [0, 1] : [-1, 1];
  const n = trainSize + testSize;
  const dimensions = parityBits + decoys;
  const inputs = new Float64Array(n * dimensions);
  const labels = new Int32Array(n);
  const random = Random.stream(seed, 'data');
  for (let i = 0; i < n; i++) {
    let zeros = 0;
    for (let j = 0; j < parityBits; j++) {
      const bit = random.integer(2);
      inputs[i * dimensions + j] = bit === 1 ? on : off;
      zeros += 1 - bit;
    }
    labels[i] = zeros % 2 === 0 ? 1 : 0;
  }
  for (let i = 0; i < n; i++) {
    for (let j = parityBits; j < dimensions; j++) {
      inputs[i * dimensions + j] =
        decoyKind === 'normal' ? random.normal() : random.integer(2) === 1 ? on : off;
    }
  }
  const split = (start: number, end: number): VectorSplit => ({
    n: end - start,
    inputs: inputs.slice(start * dimensions, end * dimensions),
    labels: labels.slice(start, end),
  });
  return { kind: 'vectors', dimensions, classes: 2, train: split(0, trainSize), test: split(trainSize, n) };
}
