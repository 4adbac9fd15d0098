import type { MnistSpec } from '../../shared/dataset-spec.ts';
import { Random } from '../../shared/random.ts';
import { mnistImages, mnistPixels as digitPixels } from '../../shared/subclasses.ts';
import type { VectorDataset, VectorSplit } from './dataset.ts';
import { requireEveryClass } from './every-class.ts';
import { digitInputs, digitRows, loadDigits } from './digits.ts';

/**
 * Handwritten digits: inputs [n, 784] from 0 to 1, 10 classes. The images are 10,000 of MNIST's training set (see
 * `digits.ts`), not the whole of MNIST: test examples are images of its training set too, at most 10,000 − trainSize.
 * Liu et al. 2023 (Omnigrok, arXiv 2210.01117) train on the first 1,000 training images and test on MNIST's own 10,000
 * test images; Fan et al. 2024 train on 5,000 and 7,000.
 *
 * The stream `split` shuffles the images; the first trainSize train and the next testSize test.
 * @throws InputError when a digit has no training example
 */
export function buildMnist(spec: MnistSpec, seed: number): VectorDataset {
  const digits = loadDigits();
  const order = Random.stream(seed, 'split').permutation(mnistImages);
  const split = (images: Int32Array): VectorSplit => ({
    n: images.length,
    inputs: digitInputs(digits, images),
    labels: Int32Array.from(images, (image) => digits.labels[image] as number),
  });
  const train = split(order.subarray(0, spec.trainSize));
  requireEveryClass(train.labels, 10, 'dataset.trainSize', spec.trainSize, seed);
  return {
    kind: 'vectors',
    dimensions: digitPixels,
    classes: 10,
    image: { rows: digitRows, columns: digitRows },
    train,
    test: split(order.subarray(spec.trainSize, spec.trainSize + spec.testSize)),
  };
}
