import { oneHotLayout } from '../../shared/dataset-spec.ts';
import { Random } from '../../shared/random.ts';
import { oneHotInputs } from '../models/dense-task.ts';
import type { TokenDataset, VectorDataset, VectorSplit } from './dataset.ts';

/**
 * A dataset as vectors with `spurious` random inputs appended to each example. Miller et al. 2023 (arXiv 2310.17247),
 * concealment (`HiddenDataset` of their code): random bits; the gap between fit and generalization grows with their
 * number. Standard normal inputs are the variant that their text names for hidden parity.
 *
 * Tokens (x, y, "=") become the concatenated one-hot vectors of x and y; "=" is the same everywhere and left out. Other
 * sequences become those of all their tokens.
 *
 * The stream `decoys` fills one spurious input after the other, training examples first, so that more of them leave the
 * first ones as they were.
 */
export function conceal(
  data: TokenDataset | VectorDataset,
  spurious: number,
  decoyKind: 'bits' | 'normal',
  seed: number,
): VectorDataset {
  const base = data.kind === 'tokens' ? oneHotOperands(data) : data;
  const random = Random.stream(seed, 'decoys');
  const from = base.dimensions;
  const dimensions = from + spurious;
  const widened = [base.train, base.test].map((split): VectorSplit => {
    const inputs = new Float64Array(split.n * dimensions);
    for (let i = 0; i < split.n; i++) {
      inputs.set(split.inputs.subarray(i * from, (i + 1) * from), i * dimensions);
    }
    return { ...split, inputs };
  }) as [VectorSplit, VectorSplit];
  for (let j = from; j < dimensions; j++) {
    for (const { n, inputs } of widened) {
      for (let i = 0; i < n; i++) {
        inputs[i * dimensions + j] = decoyKind === 'bits' ? random.integer(2) : random.normal();
      }
    }
  }
  const wide: VectorDataset = { ...base, dimensions, train: widened[0], test: widened[1] };
  delete wide.image;
  return wide;
}

function oneHotOperands(data: TokenDataset): VectorDataset {
  const { positions, values } = oneHotLayout(data);
  const convert = (split: TokenDataset['train']): VectorSplit => {
    const { n, labels, subclasses } = split;
    return {
      n,
      inputs: oneHotInputs(data, split),
      labels,
      ...(subclasses === undefined ? {} : { subclasses }),
    };
  };
  const { classes, classNames, subclassNames, counted } = data;
  return {
    kind: 'vectors',
    dimensions: positions * values,
    classes,
    ...(classNames === undefined ? {} : { classNames }),
    ...(subclassNames === undefined ? {} : { subclassNames }),
    ...(counted === undefined ? {} : { counted }),
    train: convert(data.train),
    test: convert(data.test),
  };
}
