/**
 * What a study may say about its data. One entry per dataset family; `main/datasets/` holds the builders.
 * `datasetSizes` gives the split sizes without building anything, so that a study is refused before it starts.
 */
import { z } from 'zod';
import { dividesByUnits, modularOperation, modularPairs, primeWords } from './modular.ts';
import {
  cellularAutomatonSpec,
  characterCorpusSpec,
  corpusShape,
  multiTaskSpec,
  twoHopCounts,
  twoHopSpec,
} from './sequence-spec.ts';
import { sparseClassificationSpec, sparseRegressionSpec } from './sparse-spec.ts';
import {
  oneOfThem,
  saysOne,
  shareOrSize,
  splitSizes,
  trainFraction,
  type ShareOrSize,
} from './split-spec.ts';
import {
  digitSamples,
  mnistImages,
  mnistPixels,
  subclassDimensions,
  subclassLayout,
  subclassSamples,
} from './subclasses.ts';
import { addTableIssues, tableClasses, tableFields, tableSizes } from './table.ts';

/** (a + b) mod p over all p² pairs, as tokens (a, b, '='). Nanda et al. 2023; Power et al. 2022. */
export const modularAdditionSpec = z
  .strictObject({
    kind: z.literal('modular-addition'),
    p: z.int().min(2).max(1000).describe('modulus: an integer from 2 to 1000'),
    ...shareOrSize,
  })
  .refine(saysOne, oneOfThem);

/**
 * Parity of `parityBits` bits hidden among `decoys` irrelevant inputs. Merrill et al. 2023; Miller et al. 2023.
 * The authors' code draws decoys from {0, 1}; Miller's text says normal: `decoyKind` chooses.
 */
export const hiddenParitySpec = z.strictObject({
  kind: z.literal('hidden-parity'),
  parityBits: z.int().min(1).max(16),
  decoys: z.int().min(0).max(1000),
  decoyKind: z.enum(['bits', 'normal']),
  trainSize: z.int().min(1).max(100_000),
  testSize: z.int().min(1).max(100_000),
  bits: z
    .enum(['zero-one', 'plus-minus-one'])
    .exactOptional()
    .describe('what bits look like as inputs: 0 and 1 (Miller), or −1 and 1 (Merrill)'),
});

/** y = 1[x > 0] for x ~ U(-0.5, 0.5): the 0/1 slope task. Miller et al. 2023, GP classification. */
export const zeroOneSpec = z.strictObject({
  kind: z.literal('zero-one'),
  points: z.int().min(2).max(10_000),
  trainSize: z.int().min(1).max(10_000),
  testSize: z.int().min(1).max(10_000),
});

/** y = slope·x for x ~ U(-0.5, 0.5): regression judged by the sign of the prediction. Miller et al. 2023. */
export const slopeRegressionSpec = z.strictObject({
  kind: z.literal('slope-regression'),
  slope: z.number().describe('a finite number'),
  points: z.int().min(2).max(10_000),
  trainSize: z.int().min(1).max(10_000),
  testSize: z.int().min(1).max(10_000),
});

/** y = T·x for x ~ N(0, I) and a teacher T ~ N(0, 1/(2·dimensions)), without noise. Levi et al. 2023. */
export const linearTeacherStudentSpec = z.strictObject({
  kind: z.literal('linear-teacher-student'),
  dimensions: z.int().min(1).max(4000).describe('input dimensions: an integer from 1 to 4000'),
  trainSize: z.int().min(1).max(100_000),
  testSize: z.int().min(1).max(100_000),
});

/**
 * x ∘ y mod p over all pairs as tokens (x, y, '='). Power et al. 2022, §3 and appendix A.1.1, and the two operations
 * that only their code has (whose cases go by the parity of the first operand); x·y·x is the sixth task of Miller et
 * al. 2023. Where x is divided by y, pairs with y = 0 are left out.
 */
export const modularArithmeticSpec = z
  .strictObject({
    kind: z.literal('modular-arithmetic'),
    operation: modularOperation,
    p: z.int().min(2).max(1000).describe('modulus: an integer from 2 to 1000'),
    ...shareOrSize,
  })
  .refine(saysOne, oneOfThem)
  .refine(dividesByUnits, { path: ['p'], error: primeWords });

/**
 * The same tasks as concatenated one-hot vectors of x and y, drawn with replacement. Miller et al. 2023, concealment.
 */
export const modularOneHotSpec = z
  .strictObject({
    kind: z.literal('modular-one-hot'),
    operation: modularOperation,
    p: z.int().min(2).max(200).describe('modulus: an integer from 2 to 200'),
    ...splitSizes,
  })
  .refine(dividesByUnits, { path: ['p'], error: primeWords });

/** x ∘ y over all pairs of permutations of `symbols` symbols, as tokens (x, y, '='). Power et al. 2022: S5. */
export const permutationGroupSpec = z.strictObject({
  kind: z.literal('permutation-group'),
  symbols: z.int().min(2).max(5),
  operation: z.enum(['xy', 'xyx^-1', 'xyx']),
  trainFraction,
});

/** y = ½ (β·x)² for x ~ N(0, I/D), β ~ N(0, I). Kumar et al. 2024, polynomial regression. */
export const singleIndexSpec = z.strictObject({
  kind: z.literal('single-index'),
  dimensions: z.int().min(1).max(1000),
  ...splitSizes,
});

/** The outputs of a random tanh network on x ~ N(0, I). Liu et al. 2023 (Omnigrok), teacher-student. */
export const networkTeacherStudentSpec = z.strictObject({
  kind: z.literal('network-teacher-student'),
  dimensions: z.int().min(1).max(1000),
  hidden: z.array(z.int().min(1).max(1000)).min(1).max(4),
  outputs: z.int().min(1).max(100),
  teacherScale: z.number().gt(0).max(100).describe('factor on every parameter of the teacher, above 0'),
  errorTolerance: z
    .number()
    .gt(0)
    .max(1e6)
    .exactOptional()
    .describe('an answer is right whose mean squared error is below this; without it there is no accuracy'),
  ...splitSizes,
});

/** sin(2x) plus noise for x ~ U(-1.5, 1.5). Miller et al. 2023, GP regression. */
export const sineRegressionSpec = z.strictObject({
  kind: z.literal('sine-regression'),
  noise: z.number().min(0).max(10).describe('standard deviation of the noise on y, from 0 to 10'),
  ...splitSizes,
});

/** Sums i + j, i ≤ j, of `symbols` symbols, each sum a random target vector. Liu et al. 2022, toy model. */
export const symbolAdditionSpec = z.strictObject({
  kind: z.literal('symbol-addition'),
  symbols: z.int().min(2).max(100),
  targetDimensions: z.int().min(1).max(1000),
  trainSize: z.int().min(1).max(5049),
});

/** Classes made of Gaussian subclasses, some of them rare in the training data. Carvalho et al. 2025. */
export const subclassShiftSpec = z
  .strictObject({
    kind: z.literal('subclass-shift'),
    structure: z.enum(['equidistant', 'equivariant']),
    total: z.int().min(1).max(100_000).describe('training examples to keep, the γD of equation 1'),
    fraction: z
      .number()
      .min(0)
      .max(1)
      .describe('a number from 0 to 1: 0 removes the rare subclasses from training, 1 keeps all alike'),
    rarePerClass: z.int().min(0).max(9).describe('subclasses of each class that are rare in training'),
    standardDeviation: z.number().gt(0).max(10).describe('spread of every coordinate, above 0'),
    testSize: z.int().min(1).max(100_000),
  })
  .superRefine((spec, context) => {
    const { subclassesPerClass } = subclassLayout[spec.structure];
    if (spec.rarePerClass >= subclassesPerClass) {
      context.addIssue({
        code: 'custom',
        path: ['rarePerClass'],
        message: `at most ${subclassesPerClass - 1}: a class has ${subclassesPerClass} subclasses, and one has to stay`,
      });
      return;
    }
    const samples = subclassSamples(spec);
    if (samples.kept < 1) {
      const weight = spec.fraction * samples.rareSubclasses + samples.keptSubclasses;
      context.addIssue({
        code: 'custom',
        path: ['total'],
        message: `at least ${Math.ceil(weight - 1e-9)}: with fewer, equation 1 gives each kept subclass no example`,
      });
    }
    const subclasses = samples.rareSubclasses + samples.keptSubclasses;
    if (spec.testSize < subclasses) {
      context.addIssue({
        code: 'custom',
        path: ['testSize'],
        message: `at least ${subclasses}: one test example of each subclass`,
      });
    }
  });

/** Handwritten digits, 784 grey values: 10,000 images of MNIST's training set. */
export const mnistSpec = z.strictObject({
  kind: z.literal('mnist'),
  trainSize: z.int().min(10).max(9999),
  testSize: z.int().min(1).max(9990),
});

/** The same digits, each split into clusters of which some are rare in training. After Carvalho et al. 2025. */
export const mnistSubclassesSpec = z
  .strictObject({
    kind: z.literal('mnist-subclasses'),
    clusters: z.int().min(2).max(10).describe('clusters per digit: an integer from 2 to 10'),
    rarePerClass: z
      .int()
      .min(0)
      .max(9)
      .describe('the smallest clusters of each digit that are rare in training'),
    fraction: z
      .number()
      .min(0)
      .max(1)
      .describe('a number from 0 to 1: 0 removes the rare clusters from training'),
    totalPerDigit: z.int().min(1).max(1000).describe('training examples per digit, the γD of equation 1'),
    testSize: z.int().min(1).max(9000),
  })
  .refine((spec) => spec.rarePerClass < spec.clusters, {
    path: ['rarePerClass'],
    error: 'fewer than clusters: one has to stay',
  })
  .refine((spec) => spec.rarePerClass >= spec.clusters || digitSamples(spec).kept >= 1, {
    path: ['totalPerDigit'],
    error: 'more: equation 1 gives each kept cluster no example',
  });

/** A user's table with a class to predict. The cells stand in the study, so that it is complete by itself. */
export const csvClassificationSpec = z
  .strictObject({ kind: z.literal('csv-classification'), ...tableFields })
  .superRefine((spec, context) => addTableIssues(spec, 'classification', context));

/** A user's table with a number to predict. */
export const csvRegressionSpec = z
  .strictObject({ kind: z.literal('csv-regression'), ...tableFields })
  .superRefine((spec, context) => addTableIssues(spec, 'regression', context));

/** Data with classes that the two wrappers below can change. */
const classificationSpec = z.discriminatedUnion('kind', [
  modularAdditionSpec,
  modularArithmeticSpec,
  modularOneHotSpec,
  permutationGroupSpec,
  multiTaskSpec,
  twoHopSpec,
  cellularAutomatonSpec,
  characterCorpusSpec,
  hiddenParitySpec,
  sparseClassificationSpec,
  zeroOneSpec,
  subclassShiftSpec,
  mnistSpec,
  mnistSubclassesSpec,
  csvClassificationSpec,
]);

/** Another dataset with a share of its training labels shuffled among themselves. */
export const randomLabelsSpec = z
  .strictObject({
    kind: z.literal('random-labels'),
    share: z.number().min(0).max(1).describe('share of the training labels that are shuffled, from 0 to 1'),
    of: classificationSpec,
  })
  .refine(({ share, of }) => share === 0 || Math.floor(share * plainSizes(of).train + 1e-9) >= 2, {
    path: ['share'],
    error: '0, or a share of at least two training examples: one label alone cannot be shuffled',
  });

/** Another dataset as vectors, with `dimensions` random inputs appended. Miller et al. 2023, concealment. */
export const concealmentSpec = z.strictObject({
  kind: z.literal('concealment'),
  dimensions: z.int().min(0).max(10_000).describe('spurious inputs: an integer from 0 to 10000'),
  decoyKind: z.enum(['bits', 'normal']),
  of: z.discriminatedUnion('kind', [...classificationSpec.options, randomLabelsSpec]),
});

/** All but the wrappers. */
const plainSpec = z.discriminatedUnion('kind', [
  ...classificationSpec.options,
  slopeRegressionSpec,
  linearTeacherStudentSpec,
  sparseRegressionSpec,
  singleIndexSpec,
  networkTeacherStudentSpec,
  sineRegressionSpec,
  symbolAdditionSpec,
  csvRegressionSpec,
]);

export const datasetSpec = z.discriminatedUnion('kind', [
  ...plainSpec.options,
  randomLabelsSpec,
  concealmentSpec,
]);

export type ModularArithmeticSpec = z.infer<typeof modularArithmeticSpec>;
export type ModularOneHotSpec = z.infer<typeof modularOneHotSpec>;
export type PermutationGroupSpec = z.infer<typeof permutationGroupSpec>;
export type SingleIndexSpec = z.infer<typeof singleIndexSpec>;
export type NetworkTeacherStudentSpec = z.infer<typeof networkTeacherStudentSpec>;
export type SineRegressionSpec = z.infer<typeof sineRegressionSpec>;
export type SymbolAdditionSpec = z.infer<typeof symbolAdditionSpec>;
export type SubclassShiftSpec = z.infer<typeof subclassShiftSpec>;
export type MnistSpec = z.infer<typeof mnistSpec>;
export type MnistSubclassesSpec = z.infer<typeof mnistSubclassesSpec>;
export type CsvClassificationSpec = z.infer<typeof csvClassificationSpec>;
export type CsvRegressionSpec = z.infer<typeof csvRegressionSpec>;
export type RandomLabelsSpec = z.infer<typeof randomLabelsSpec>;
export type ConcealmentSpec = z.infer<typeof concealmentSpec>;
/** Every kind, in the order of the messages. */
export const datasetKinds = datasetSpec.options.map((option) => option.shape.kind.value);

export type ModularAdditionSpec = z.infer<typeof modularAdditionSpec>;
export type HiddenParitySpec = z.infer<typeof hiddenParitySpec>;
export type ZeroOneSpec = z.infer<typeof zeroOneSpec>;
export type SlopeRegressionSpec = z.infer<typeof slopeRegressionSpec>;
export type LinearTeacherStudentSpec = z.infer<typeof linearTeacherStudentSpec>;
export type DatasetSpec = z.infer<typeof datasetSpec>;
type PlainSpec = z.infer<typeof plainSpec>;

/** Split sizes of a dataset, in examples. `available` is how many examples exist to be split. */
export interface DatasetSizes {
  train: number;
  test: number;
  available: number;
}

/** Sizes that a builder will produce: modular data keeps `floor(trainFraction · p²)` for training (Nanda: 3830). */
export function datasetSizes(spec: DatasetSpec): DatasetSizes {
  return spec.kind === 'random-labels' || spec.kind === 'concealment'
    ? datasetSizes(spec.of)
    : plainSizes(spec);
}

function plainSizes(spec: PlainSpec): DatasetSizes {
  switch (spec.kind) {
    case 'modular-addition':
      return shared(spec, spec.p * spec.p);
    case 'modular-arithmetic':
      return shared(spec, modularPairs(spec.operation, spec.p));
    case 'multi-task': {
      const sizes = spec.operations.map((operation) => shared(spec, modularPairs(operation, spec.p)));
      const train = sizes.reduce((sum, one) => sum + one.train, spec.memorized === true ? spec.p ** 2 : 0);
      const test = sizes.reduce((sum, one) => sum + one.test, 0);
      return { train, test, available: train + test };
    }
    case 'two-hop': {
      const { atomic, trainInferred, inferred, testOutside, inferredOutside } = twoHopCounts(spec);
      const available = atomic + inferred + inferredOutside;
      return { train: atomic + trainInferred, test: spec.testSize + testOutside, available };
    }
    case 'cellular-automaton':
      return { train: spec.trainSize, test: spec.testSize, available: 2 ** spec.cells };
    case 'permutation-group':
      return shared(spec, factorial(spec.symbols) ** 2);
    case 'symbol-addition': {
      const available = (spec.symbols * (spec.symbols + 1)) / 2;
      return { train: spec.trainSize, test: Math.max(0, available - spec.trainSize), available };
    }
    case 'subclass-shift': {
      const samples = subclassSamples(spec);
      const subclasses = samples.rareSubclasses + samples.keptSubclasses;
      const train = samples.rareSubclasses * samples.rare + samples.keptSubclasses * samples.kept;
      const test = Math.floor(spec.testSize / subclasses) * subclasses;
      return { train, test, available: train + test };
    }
    case 'mnist':
      return { train: spec.trainSize, test: spec.testSize, available: mnistImages };
    case 'mnist-subclasses': {
      const { rare, kept } = digitSamples(spec);
      const perDigit = spec.rarePerClass * rare + (spec.clusters - spec.rarePerClass) * kept;
      return { train: 10 * perDigit, test: spec.testSize, available: mnistImages };
    }
    case 'csv-classification':
      return tableSizes(spec, 'classification');
    case 'csv-regression':
      return tableSizes(spec, 'regression');
    case 'modular-one-hot':
    case 'single-index':
    case 'network-teacher-student':
    case 'sine-regression':
    case 'hidden-parity':
    case 'sparse-classification':
    case 'sparse-regression':
    case 'character-corpus':
    case 'linear-teacher-student': {
      // Sampled with replacement, as the authors do: the pool does not bound the sizes.
      const available = spec.trainSize + spec.testSize;
      return { train: spec.trainSize, test: spec.testSize, available };
    }
    case 'zero-one':
    case 'slope-regression':
      return { train: spec.trainSize, test: spec.testSize, available: spec.points };
  }
}

/** All `available` examples split in two; the training part is rounded down, as Nanda et al. and Lyu et al. do. */
function shared({ trainFraction: share = 0, trainSize }: ShareOrSize, available: number): DatasetSizes {
  const train = trainSize ?? Math.floor(share * available);
  return { train, test: available - train, available };
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}

/**
 * What a model is given: `form` as in `main/datasets/dataset.ts`, the numbers of an input (or positions of a sequence),
 * and the classes to tell apart (null for regression).
 */
export interface DatasetForm {
  form: 'tokens' | 'vectors' | 'regression';
  dimensions: number;
  classes: number | null;
  /** Of tokens: how many different ones there are; one more than classes, "=", when absent. */
  vocabulary?: number;
}

/**
 * What models without attention read of a sequence, as concatenated one-hot vectors: the two operands where it is a pair
 * of them and "=", else every position.
 */
export function oneHotLayout(tokens: { length: number; vocabulary: number; classes: number }): {
  positions: number;
  values: number;
} {
  const { length, vocabulary, classes } = tokens;
  const isPair = length === 3 && vocabulary === classes + 1;
  return isPair ? { positions: 2, values: classes } : { positions: length, values: vocabulary };
}

/** Numbers of an input in the form of `main/models/dense-task.ts`. */
export function denseDimensions(spec: DatasetSpec): number {
  const { form, dimensions, classes, vocabulary } = datasetForm(spec);
  if (form !== 'tokens' || classes === null) return dimensions;
  const { positions, values } = oneHotLayout({
    length: dimensions,
    vocabulary: vocabulary ?? classes + 1,
    classes,
  });
  return positions * values;
}

export function datasetForm(spec: DatasetSpec): DatasetForm {
  switch (spec.kind) {
    case 'modular-addition':
    case 'modular-arithmetic':
      return { form: 'tokens', dimensions: 3, classes: spec.p };
    case 'permutation-group':
      return { form: 'tokens', dimensions: 3, classes: factorial(spec.symbols) };
    case 'multi-task': {
      const tasks = spec.operations.length + (spec.memorized === true ? 1 : 0);
      return { form: 'tokens', dimensions: 4, classes: spec.p, vocabulary: spec.p + tasks + 1 };
    }
    case 'two-hop': {
      const { entities, relations } = spec;
      return {
        form: 'tokens',
        dimensions: 3,
        classes: entities,
        vocabulary: entities + relations + 1,
      };
    }
    case 'cellular-automaton':
      return spec.encoding === 'vectors'
        ? vectors(spec.cells, 2)
        : { form: 'tokens', dimensions: spec.cells + 1, classes: 2 };
    case 'character-corpus':
      return { form: 'tokens', ...corpusShape };
    case 'modular-one-hot':
      return vectors(2 * spec.p, spec.p);
    case 'hidden-parity':
      return vectors(spec.parityBits + spec.decoys, 2);
    case 'sparse-classification':
      return vectors(spec.dimensions, 2);
    case 'zero-one':
      return vectors(1, 2);
    case 'subclass-shift':
      return vectors(subclassDimensions, subclassLayout[spec.structure].classes);
    case 'mnist':
    case 'mnist-subclasses':
      return vectors(mnistPixels, 10);
    case 'csv-classification':
      return vectors(spec.columns.length - 1, tableClasses(spec).length);
    case 'random-labels':
      return datasetForm(spec.of);
    case 'concealment': {
      const { classes } = datasetForm(spec.of);
      return { form: 'vectors', dimensions: denseDimensions(spec.of) + spec.dimensions, classes };
    }
    case 'slope-regression':
    case 'sine-regression':
      return regression(1);
    case 'linear-teacher-student':
    case 'sparse-regression':
    case 'single-index':
    case 'network-teacher-student':
      return regression(spec.dimensions);
    case 'symbol-addition':
      return regression(spec.symbols);
    case 'csv-regression':
      return regression(spec.columns.length - 1);
  }
}

function vectors(dimensions: number, classes: number): DatasetForm {
  return { form: 'vectors', dimensions, classes };
}

function regression(dimensions: number): DatasetForm {
  return { form: 'regression', dimensions, classes: null };
}
