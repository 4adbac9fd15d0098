import type { MnistSubclassesSpec } from '../../shared/dataset-spec.ts';
import { InputError } from '../../shared/errors.ts';
import { Random } from '../../shared/random.ts';
import { digitSamples, mnistImages, mnistPixels as digitPixels } from '../../shared/subclasses.ts';
import type { VectorDataset, VectorSplit } from './dataset.ts';
import { digitInputs, digitRows, loadDigits, type Digits } from './digits.ts';
import { kMeans } from './k-means.ts';

/** Clusterings of this process, by number of clusters: they depend on nothing else. */
const clusterings = new Map<number, Int32Array>();

/**
 * Digits whose rare styles are rare in training only: each digit is split into clusters, the smallest `rarePerClass` of
 * which are under-sampled by equation 1 within each digit. After Carvalho et al. 2025 (arXiv 2502.01774), §1: they
 * cluster MNIST in the feature space of a trained ResNet and under-sample clusters in the training data; the number of
 * clusters is not in the text that we read.
 *
 * Different here: no ResNet; k-means runs on the images averaged to 14 × 14 pixels, so that clusters are styles of
 * writing, not learned features. The clusters of a digit come from all its images and are the same for every seed
 * (stream `data` of seed 0), so that a subclass means the same in every run. The images are those of `digits.ts`,
 * 10,000 of MNIST's training set.
 *
 * The stream `split` shuffles the images; the first testSize test, with clusters as frequent as they are, and each
 * cluster's first images among the rest train.
 * @throws InputError when a cluster has too few images
 */
export function buildMnistSubclasses(spec: MnistSubclassesSpec, seed: number): VectorDataset {
  const digits = loadDigits();
  const subclassOf = digitClusters(digits, spec.clusters);
  const order = Random.stream(seed, 'split').permutation(mnistImages);
  const pool = order.subarray(spec.testSize);
  const train = Array.from({ length: 10 * spec.clusters }, (_, subclass) =>
    takeSubclass(spec, pool, subclassOf, subclass),
  ).flat();
  const split = (images: Int32Array): VectorSplit => ({
    n: images.length,
    inputs: digitInputs(digits, images),
    labels: Int32Array.from(images, (image) => digits.labels[image] as number),
    subclasses: Int32Array.from(images, (image) => subclassOf[image] as number),
  });
  return {
    kind: 'vectors',
    dimensions: digitPixels,
    classes: 10,
    subclassNames: Array.from(
      { length: 10 * spec.clusters },
      (_, s) => `digit ${Math.floor(s / spec.clusters)}, cluster ${(s % spec.clusters) + 1}`,
    ),
    image: { rows: digitRows, columns: digitRows },
    train: split(Int32Array.from(train)),
    test: split(order.subarray(0, spec.testSize)),
  };
}

/** Training images of a subclass. */
function takeSubclass(
  spec: MnistSubclassesSpec,
  pool: Int32Array,
  subclassOf: Int32Array,
  subclass: number,
): number[] {
  const cluster = subclass % spec.clusters;
  const { rare, kept } = digitSamples(spec);
  const wanted = cluster < spec.clusters - spec.rarePerClass ? kept : rare;
  const images = [...pool].filter((image) => subclassOf[image] === subclass);
  if (images.length < wanted) {
    const digit = Math.floor(subclass / spec.clusters);
    const said = `cluster ${cluster + 1} of the digit ${digit} has ${images.length} images besides the test, and ${wanted} are asked for`;
    throw new InputError('The dataset', [
      {
        path: 'dataset.totalPerDigit',
        value: String(spec.totalPerDigit),
        expected: `fewer, or fewer clusters or test examples: ${said}`,
      },
    ]);
  }
  return images.slice(0, wanted);
}

/** The subclass of every image: digit · clusters + cluster, clusters of a digit from the largest to the smallest. */
function digitClusters(digits: Digits, clusters: number): Int32Array {
  const known = clusterings.get(clusters);
  if (known !== undefined) return known;
  const random = Random.stream(0, 'data');
  const subclassOf = new Int32Array(mnistImages);
  for (let digit = 0; digit < 10; digit++) {
    const images = Array.from({ length: mnistImages }, (_, i) => i).filter((i) => digits.labels[i] === digit);
    const clusterOf = kMeans(halved(digits, images), digitPixels / 4, clusters, random);
    images.forEach((image, i) => (subclassOf[image] = digit * clusters + (clusterOf[i] as number)));
  }
  clusterings.set(clusters, subclassOf);
  return subclassOf;
}

/** Images averaged over squares of 2 × 2 pixels, [n, 196], from 0 to 1. */
function halved({ pixels }: Digits, images: readonly number[]): Float64Array {
  const half = digitRows / 2;
  const result = new Float64Array(images.length * half * half);
  images.forEach((image, i) => {
    for (let pixel = 0; pixel < digitPixels; pixel++) {
      const row = Math.floor(pixel / digitRows / 2);
      const column = Math.floor((pixel % digitRows) / 2);
      const at = i * half * half + row * half + column;
      result[at] = (result[at] as number) + (pixels[image * digitPixels + pixel] as number) / (4 * 255);
    }
  });
  return result;
}
