/** A small spec of every kind. */
import type { DatasetSpec } from '../../../shared/dataset-spec.ts';

const sizes = { trainSize: 30, testSize: 20 };

/** Twelve rows of two inputs and a class. */
export const smallTable = {
  file: 'small.csv',
  columns: ['width', 'height', 'sort'],
  rows: Array.from({ length: 12 }, (_, i) => [i, (i * 7) % 12, i % 3 === 0 ? 'fern' : 'moss']),
  target: 'sort',
  standardize: true,
  trainFraction: 0.5,
};

export const subclassShift: Extract<DatasetSpec, { kind: 'subclass-shift' }> = {
  kind: 'subclass-shift',
  structure: 'equidistant',
  total: 200,
  fraction: 0.2,
  rarePerClass: 1,
  standardDeviation: 0.2,
  testSize: 80,
};

export const everyKind: { [K in DatasetSpec['kind']]: Extract<DatasetSpec, { kind: K }> } = {
  'modular-addition': { kind: 'modular-addition', p: 11, trainFraction: 0.4 },
  'modular-arithmetic': { kind: 'modular-arithmetic', operation: 'x/y', p: 11, trainFraction: 0.4 },
  'modular-one-hot': { kind: 'modular-one-hot', operation: 'x*y*x', p: 7, ...sizes },
  'permutation-group': { kind: 'permutation-group', symbols: 3, operation: 'xyx^-1', trainFraction: 0.6 },
  'multi-task': { kind: 'multi-task', operations: ['x+y', 'x/y'], p: 7, trainFraction: 0.5, memorized: true },
  'two-hop': {
    kind: 'two-hop',
    entities: 9,
    relations: 5,
    factsPerEntity: 4,
    oodFactsPerEntity: 1,
    inferredRatio: 1.5,
    testSize: 20,
  },
  'cellular-automaton': {
    kind: 'cellular-automaton',
    rule: 30,
    cells: 6,
    steps: 1,
    encoding: 'tokens',
    ...sizes,
  },
  'character-corpus': { kind: 'character-corpus', ...sizes },
  'hidden-parity': { kind: 'hidden-parity', parityBits: 3, decoys: 5, decoyKind: 'bits', ...sizes },
  'sparse-classification': {
    kind: 'sparse-classification',
    dimensions: 12,
    nonzero: 3,
    weights: 'signs',
    inputs: 'normal',
    margin: 0.5,
    ...sizes,
  },
  'sparse-regression': {
    kind: 'sparse-regression',
    dimensions: 12,
    nonzero: 3,
    weights: 'normal',
    inputs: 'normal',
    ...sizes,
  },
  'zero-one': { kind: 'zero-one', points: 60, ...sizes },
  'slope-regression': { kind: 'slope-regression', slope: 0.3, points: 60, ...sizes },
  'linear-teacher-student': { kind: 'linear-teacher-student', dimensions: 6, ...sizes },
  'single-index': { kind: 'single-index', dimensions: 6, ...sizes },
  'network-teacher-student': {
    kind: 'network-teacher-student',
    dimensions: 5,
    hidden: [8, 8],
    outputs: 5,
    teacherScale: 1,
    ...sizes,
  },
  'sine-regression': { kind: 'sine-regression', noise: 0.1, ...sizes },
  'symbol-addition': { kind: 'symbol-addition', symbols: 10, targetDimensions: 30, trainSize: 45 },
  'subclass-shift': subclassShift,
  mnist: { kind: 'mnist', trainSize: 300, testSize: 100 },
  'mnist-subclasses': {
    kind: 'mnist-subclasses',
    clusters: 2,
    rarePerClass: 1,
    fraction: 0.1,
    totalPerDigit: 50,
    testSize: 100,
  },
  'csv-classification': { kind: 'csv-classification', ...smallTable },
  'csv-regression': {
    kind: 'csv-regression',
    ...smallTable,
    columns: ['a', 'b', 'c'],
    rows: numbers(),
    target: 'c',
  },
  'random-labels': {
    kind: 'random-labels',
    share: 0.5,
    of: { kind: 'modular-addition', p: 11, trainFraction: 0.4 },
  },
  concealment: {
    kind: 'concealment',
    dimensions: 4,
    decoyKind: 'bits',
    of: { kind: 'modular-one-hot', operation: 'x+y', p: 7, ...sizes },
  },
};

function numbers(): number[][] {
  return Array.from({ length: 12 }, (_, i) => [i, (i * 7) % 12, i / 3]);
}
