import type { DatasetSpec } from '../../shared/dataset-spec.ts';
import { buildCellularAutomaton } from './cellular-automaton.ts';
import { buildCharacterCorpus } from './character-corpus.ts';
import { conceal } from './concealment.ts';
import type { Dataset, TokenDataset, VectorDataset } from './dataset.ts';
import { buildHiddenParity } from './hidden-parity.ts';
import { buildLinearTeacherStudent } from './linear-teacher-student.ts';
import { buildMnist } from './mnist.ts';
import { buildMnistSubclasses } from './mnist-subclasses.ts';
import { buildModularAddition } from './modular-addition.ts';
import { buildModularArithmetic } from './modular-arithmetic.ts';
import { buildModularOneHot } from './modular-one-hot.ts';
import { buildMultiTask } from './multi-task.ts';
import { buildNetworkTeacherStudent } from './network-teacher-student.ts';
import { buildPermutationGroup } from './permutation-group.ts';
import { withRandomLabels } from './random-labels.ts';
import { buildSineRegression } from './sine-regression.ts';
import { buildSingleIndex } from './single-index.ts';
import { buildSparseClassification, buildSparseRegression } from './sparse-linear.ts';
import { buildSlopeRegression } from './slope-regression.ts';
import { buildSubclassShift } from './subclass-shift.ts';
import { buildSymbolAddition } from './symbol-addition.ts';
import { buildTwoHop } from './two-hop.ts';
import { buildCsvClassification, buildCsvRegression } from './user-table.ts';
import { buildZeroOne } from './zero-one.ts';

/**
 * The data a spec describes, for one seed: the same spec and seed give the same arrays on every machine. Split sizes
 * are those of `datasetSizes`; that enough points exist is checked by `parseStudy`.
 *
 * A run has one seed. Its data come from that seed's streams (`shared/random.ts`), so that runs of different seeds have
 * different data, not only different initial weights, and arms with equal datasets have equal data at equal seeds.
 * Seeds are ours: they do not give the draws of the papers' NumPy or PyTorch seeds.
 * @throws InputError when this seed's data break a rule that the spec alone could not show
 */
export function buildDataset(spec: DatasetSpec, seed: number): Dataset {
  switch (spec.kind) {
    case 'modular-addition':
      return buildModularAddition(spec, seed);
    case 'modular-arithmetic':
      return buildModularArithmetic(spec, seed);
    case 'modular-one-hot':
      return buildModularOneHot(spec, seed);
    case 'permutation-group':
      return buildPermutationGroup(spec, seed);
    case 'hidden-parity':
      return buildHiddenParity(spec, seed);
    case 'multi-task':
      return buildMultiTask(spec, seed);
    case 'two-hop':
      return buildTwoHop(spec, seed);
    case 'cellular-automaton':
      return buildCellularAutomaton(spec, seed);
    case 'character-corpus':
      return buildCharacterCorpus(spec, seed);
    case 'sparse-classification':
      return buildSparseClassification(spec, seed);
    case 'sparse-regression':
      return buildSparseRegression(spec, seed);
    case 'zero-one':
      return buildZeroOne(spec, seed);
    case 'slope-regression':
      return buildSlopeRegression(spec, seed);
    case 'linear-teacher-student':
      return buildLinearTeacherStudent(spec, seed);
    case 'single-index':
      return buildSingleIndex(spec, seed);
    case 'network-teacher-student':
      return buildNetworkTeacherStudent(spec, seed);
    case 'sine-regression':
      return buildSineRegression(spec, seed);
    case 'symbol-addition':
      return buildSymbolAddition(spec, seed);
    case 'subclass-shift':
      return buildSubclassShift(spec, seed);
    case 'mnist':
      return buildMnist(spec, seed);
    case 'mnist-subclasses':
      return buildMnistSubclasses(spec, seed);
    case 'csv-classification':
      return buildCsvClassification(spec, seed);
    case 'csv-regression':
      return buildCsvRegression(spec, seed);
    case 'random-labels':
      return withRandomLabels(withClasses(buildDataset(spec.of, seed)), spec.share, seed);
    case 'concealment':
      return conceal(withClasses(buildDataset(spec.of, seed)), spec.dimensions, spec.decoyKind, seed);
  }
}

function withClasses(data: Dataset): TokenDataset | VectorDataset {
  if (data.kind === 'regression') throw new Error('Only data with classes can be changed by a wrapper.');
  return data;
}
