import { Random } from '../../shared/random.ts';
import type { TokenDataset, VectorDataset } from './dataset.ts';

/**
 * Shuffles a share of the training labels among themselves: ⌊share · n⌋ training examples, chosen at random, exchange
 * their labels by a random permutation, so that the number of examples of each class stays. With share 1 labels tell
 * nothing about inputs and can only be memorized (Zhang et al. 2017, arXiv 1611.03530, who draw labels anew instead). A
 * shuffled example may by chance keep its label. Test labels, and subclasses, stay true.
 *
 * The stream `labels` chooses and shuffles; the inputs are those of the dataset without this.
 */
export function withRandomLabels<D extends TokenDataset | VectorDataset>(
  data: D,
  share: number,
  seed: number,
): D {
  const { n } = data.train;
  const random = Random.stream(seed, 'labels');
  const chosen = random.permutation(n).subarray(0, Math.floor(share * n + 1e-9));
  const order = random.permutation(chosen.length);
  const labels = data.train.labels.slice();
  chosen.forEach((example, i) => {
    labels[example] = data.train.labels[chosen[order[i] as number] as number] as number;
  });
  return { ...data, train: { ...data.train, labels } };
}
