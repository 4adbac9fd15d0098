import type { SubclassShiftSpec } from '../../shared/dataset-spec.ts';
import { Random } from '../../shared/random.ts';
import {
  blockDimensions,
  codeBits,
  subclassDimensions as dimensions,
  subclassLayout,
  subclassSamples,
} from '../../shared/subclasses.ts';
import type { VectorDataset, VectorSplit } from './dataset.ts';

/**
 * Classes made of Gaussian subclasses, some of them rare or missing in the training data. Carvalho, d'Avila Garcez,
 * Lamb, Vital Brazil 2025 (arXiv 2502.01774), §4 and appendix A. Inputs [n, 117].
 *
 * A subclass is a word of 9 bits. Bit i chooses between two means μ_i⁰, μ_i¹ ∈ R¹³ of block i, a distance of 1 apart,
 * so that the means of two subclasses are √(Hamming distance of their words) apart.
 *
 * `equidistant`: 4 classes of 2 subclasses from a largest set of words with pairwise Hamming distance 2 (it has 9
 * words, of which 8 are used). `equivariant`: 4 classes of 10 subclasses, the words 63, 240, 323, 396 (pairwise
 * distance 6) each with its 9 neighbours at distance 1: at most 2 within a class, at least 4 between classes. (The
 * inequality in the paper's main text is the other way round; its appendix, followed here, is what its words say.) All
 * distances are checked when the data are built.
 *
 * Training: equation 1 (`shared/subclasses.ts`), with γD = `total`, f = `fraction` and the last `rarePerClass`
 * subclasses of each class rare; f = 0 removes them. The paper does not say which are rare; the centre word of an
 * equivariant class never is. Test: every subclass alike, ⌊testSize / subclasses⌋ each (the paper has 10,000).
 *
 * The paper does not give the means or the covariance: here μ_i⁰ ~ N(0, I/13), μ_i¹ = μ_i⁰ + a uniform random unit
 * vector, and the covariance is `standardDeviation`² I in every block.
 *
 * Streams: `teacher` gives the means, `data` the training examples, `test` the test examples; both in order of
 * subclasses.
 */
export function buildSubclassShift(spec: SubclassShiftSpec, seed: number): VectorDataset {
  const words = subclassWords(spec.structure);
  const { classes, subclassesPerClass } = subclassLayout[spec.structure];
  const means = subclassMeans(words.flat(), Random.stream(seed, 'teacher'));
  const samples = subclassSamples(spec);
  const firstRare = subclassesPerClass - spec.rarePerClass;
  const trainCounts = means.map((_, s) => (s % subclassesPerClass < firstRare ? samples.kept : samples.rare));
  const perTestSubclass = Math.floor(spec.testSize / means.length);
  const draw = (counts: readonly number[], random: Random): VectorSplit =>
    drawSubclasses(means, counts, subclassesPerClass, spec.standardDeviation, random);
  return {
    kind: 'vectors',
    dimensions,
    classes,
    subclassNames: words.flatMap((ofClass, c) => ofClass.map((word) => `class ${c}, ${bits(word)}`)),
    train: draw(trainCounts, Random.stream(seed, 'data')),
    test: draw(
      means.map(() => perTestSubclass),
      Random.stream(seed, 'test'),
    ),
  };
}

/** The code words of every class. @throws Error when a distance of the construction does not hold: a mistake of ours */
export function subclassWords(structure: SubclassShiftSpec['structure']): number[][] {
  const words =
    structure === 'equidistant'
      ? // Words with one bit set are pairwise 2 apart; there are 9.
        [0, 1, 2, 3].map((c) => [1 << (2 * c), 1 << (2 * c + 1)])
      : [63, 240, 323, 396].map((centre) => [
          centre,
          ...Array.from({ length: codeBits }, (_, bit) => centre ^ (1 << bit)),
        ]);
  checkDistances(words, structure);
  return words;
}

function checkDistances(words: readonly number[][], structure: SubclassShiftSpec['structure']): void {
  const all = words.flatMap((ofClass, c) => ofClass.map((word) => ({ word, c })));
  all.forEach((one, i) => {
    for (const other of all.slice(i + 1)) {
      const distance = hammingDistance(one.word, other.word);
      const holds =
        structure === 'equidistant'
          ? distance === 2
          : one.c === other.c
            ? distance >= 1 && distance <= 2
            : distance >= 4;
      if (!holds) {
        throw new Error(`The ${structure} words ${one.word} and ${other.word} are ${distance} bits apart.`);
      }
    }
  });
}

export function hammingDistance(one: number, other: number): number {
  return bits(one ^ other).replaceAll('0', '').length;
}

function bits(word: number): string {
  return word.toString(2).padStart(codeBits, '0');
}

/**
 * The mean of every word, [117] each: block i is that of the word's i-th digit, from the left.
 * @throws Error when two means are not √(Hamming distance) apart
 */
function subclassMeans(words: readonly number[], random: Random): Float64Array[] {
  const pairs = Array.from({ length: codeBits }, () => {
    const zero = Float64Array.from(
      { length: blockDimensions },
      () => random.normal() / Math.sqrt(blockDimensions),
    );
    const direction = Float64Array.from({ length: blockDimensions }, () => random.normal());
    const length = Math.hypot(...direction);
    return [zero, zero.map((value, k) => value + (direction[k] as number) / length)] as const;
  });
  const means = words.map((word) => {
    const mean = new Float64Array(dimensions);
    pairs.forEach((pair, i) => mean.set(bits(word)[i] === '1' ? pair[1] : pair[0], i * blockDimensions));
    return mean;
  });
  means.forEach((mean, i) => {
    for (let j = 0; j < i; j++) {
      const distance = Math.hypot(
        ...mean.map((value, k) => value - ((means[j] as Float64Array)[k] as number)),
      );
      const expected = Math.sqrt(hammingDistance(words[i] as number, words[j] as number));
      if (Math.abs(distance - expected) > 1e-9) {
        throw new Error(`The means of ${words[i]} and ${words[j]} are ${distance} apart, not ${expected}.`);
      }
    }
  });
  return means;
}

function drawSubclasses(
  means: readonly Float64Array[],
  counts: readonly number[],
  subclassesPerClass: number,
  deviation: number,
  random: Random,
): VectorSplit {
  const n = counts.reduce((sum, count) => sum + count, 0);
  const inputs = new Float64Array(n * dimensions);
  const labels = new Int32Array(n);
  const subclasses = new Int32Array(n);
  let row = 0;
  means.forEach((mean, subclass) => {
    const end = row + (counts[subclass] as number);
    for (; row < end; row++) {
      for (let k = 0; k < dimensions; k++) {
        inputs[row * dimensions + k] = (mean[k] as number) + deviation * random.normal();
      }
      labels[row] = Math.floor(subclass / subclassesPerClass);
      subclasses[row] = subclass;
    }
  });
  return { n, inputs, labels, subclasses };
}
