/** What single model families ask of an arm beyond types; `parseStudy` says it before anything starts. */
import { datasetForm, datasetSizes, denseDimensions } from './dataset-spec.ts';
import type { DecoderFields, GpClassifierSpec, MlpSpec, RandomForestSpec } from './model-spec.ts';
import type { Arm } from './study.ts';

/** Reports a fault: path below the arm, offending value, what would be valid as a noun phrase. */
export type AddArmFault = (path: string, value: unknown, expected: string) => void;

/** Float64 numbers that inputs or features may take: 400 MB. */
const MAX_INPUTS = 50_000_000;

export function armFaults(arm: Arm, fault: AddArmFault): void {
  const { model, dataset } = arm;
  switch (model.kind) {
    case 'mlp':
      regressionFaults(arm, fault);
      mlpFaults(arm, model, fault);
      break;
    case 'polynomial-network':
    case 'embedding-decoder':
      regressionFaults(arm, fault);
      break;
    case 'diagonal-network':
      regressionFaults(arm, fault);
      diagonalFaults(arm, fault);
      break;
    case 'transformer':
    case 'moe-transformer':
      decoderFaults(arm, model, fault);
      break;
    case 'gp-classifier':
      inducingFaults(arm, model, fault);
      break;
    case 'linear-estimator':
      momentumFaults(arm, fault);
      break;
    case 'kernel-ridge':
      momentumFaults(arm, fault);
      kernelFaults(arm, fault);
      break;
    case 'ridge-path':
      ridgeFaults(arm, model.randomFeatures, fault);
      break;
    case 'random-forest':
      forestFaults(arm, model.featuresPerSplit, fault);
      break;
    case 'bayesian-network':
      if (datasetForm(dataset).form !== 'vectors') {
        fault('dataset.kind', dataset.kind, 'data made of vectors, which a Bayesian network reads');
      }
      break;
    default:
      break;
  }
  switch (dataset.kind) {
    case 'linear-teacher-student':
    case 'sparse-classification':
    case 'sparse-regression':
      inputFaults(dataset, fault);
      break;
    default:
      break;
  }
}

/** Real targets have a squared error, and an accuracy only where something says which answers are right. */
function regressionFaults(arm: Arm, fault: AddArmFault): void {
  const { dataset, trainer } = arm;
  if (datasetForm(dataset).form !== 'regression' || trainer.kind === 'direct') return;
  if (trainer.loss !== 'mse') {
    fault('trainer.loss', trainer.loss, '"mse": the targets of this dataset are numbers, not classes');
  }
  const hasAnswers =
    dataset.kind === 'symbol-addition' ||
    (dataset.kind === 'network-teacher-student' && dataset.errorTolerance !== undefined);
  if (!hasAnswers) metricFaults(arm, fault);
}

function mlpFaults({ dataset }: Arm, model: MlpSpec, fault: AddArmFault): void {
  const { classes } = datasetForm(dataset);
  if (model.singleOutput === true && classes !== 2) {
    fault('model.singleOutput', true, 'false, or a dataset of two classes, which one output can tell apart');
  }
  if (model.init !== 'gromov-analytic') return;
  const addsModulo =
    dataset.kind === 'modular-addition' ||
    ((dataset.kind === 'modular-arithmetic' || dataset.kind === 'modular-one-hot') &&
      dataset.operation === 'x+y');
  if (!addsModulo) {
    fault('model.init', model.init, 'a distribution: the analytic weights solve modular addition only');
  }
  const asked: [string, unknown, boolean, string][] = [
    ['hidden', model.hidden, model.hidden.length === 1, 'one hidden layer'],
    ['activation', model.activation, model.activation === 'quadratic', '"quadratic"'],
    ['hiddenBiases', model.hiddenBiases ?? true, model.hiddenBiases === false, 'false'],
    ['outputBias', model.outputBias, !model.outputBias, 'false'],
    ['zeroReadout', model.zeroReadout, model.zeroReadout !== true, 'false'],
    ['singleOutput', model.singleOutput, model.singleOutput !== true, 'false'],
  ];
  for (const [key, value, holds, expected] of asked) {
    if (!holds) fault(`model.${key}`, value, `${expected}, which the analytic weights are made for`);
  }
}

function decoderFaults({ trainer }: Arm, model: DecoderFields, fault: AddArmFault): void {
  if (model.dModel % model.heads !== 0) {
    fault('model.heads', model.heads, `a divisor of dModel (${model.dModel})`);
  }
  if (model.tiedEmbedding !== true || trainer.kind === 'direct') return;
  trainer.groups?.forEach(({ role }, i) => {
    if (role === 'readout') {
      const expected = '"embedding": with a tied embedding there is no readout of its own';
      fault(`trainer.groups[${i}].role`, role, expected);
    }
  });
}

function diagonalFaults({ dataset }: Arm, fault: AddArmFault): void {
  const { form, classes } = datasetForm(dataset);
  if (form === 'regression' || (form === 'vectors' && classes === 2)) return;
  fault('dataset', { form, classes }, 'vectors of two classes, or numbers to predict, which have one output');
}

/** Inducing points are chosen among the training inputs. */
function inducingFaults(
  { dataset }: Arm,
  { inducingPoints, inference }: GpClassifierSpec,
  fault: AddArmFault,
): void {
  if (inducingPoints === undefined) return;
  const { train } = datasetSizes(dataset);
  if (inducingPoints > train) {
    const expected = `at most ${train}, the number of training examples, or left out for all of them`;
    fault('model.inducingPoints', inducingPoints, expected);
  }
  if (inference === 'laplace') {
    const expected = "left out: Laplace's approximation has no inducing points";
    fault('model.inducingPoints', inducingPoints, expected);
  }
}

/** The course of these families is known in closed form, for gradient descent without momentum. */
function momentumFaults({ model, trainer }: Arm, fault: AddArmFault): void {
  if (trainer.kind !== 'sgd' || trainer.momentum === 0) return;
  fault(
    'trainer.momentum',
    trainer.momentum,
    `0: the closed form of the model "${model.kind}" has no momentum`,
  );
}

/** The eigenvectors of a matrix take n² numbers and some 10n³ operations. */
const MAX_EIGENVECTORS = 2000;

function kernelFaults(arm: Arm, fault: AddArmFault): void {
  const { train } = datasetSizes(arm.dataset);
  if (train > MAX_EIGENVECTORS) {
    fault('dataset', { train }, `at most ${MAX_EIGENVECTORS} training examples for a kernel`);
  }
  metricFaults(arm, fault);
}

function ridgeFaults(arm: Arm, randomFeatures: number, fault: AddArmFault): void {
  const { train, test } = datasetSizes(arm.dataset);
  const features = randomFeatures === 0 ? denseDimensions(arm.dataset) : randomFeatures;
  if (Math.min(train, features) > MAX_EIGENVECTORS || features * (train + test) > MAX_INPUTS) {
    const most = `at most ${MAX_EIGENVECTORS} training examples or features, and ${MAX_INPUTS} numbers in all`;
    fault('dataset', { train, test, features }, most);
  }
  metricFaults(arm, fault);
}

function forestFaults(
  arm: Arm,
  featuresPerSplit: RandomForestSpec['featuresPerSplit'],
  fault: AddArmFault,
): void {
  const { train, test } = datasetSizes(arm.dataset);
  const features = denseDimensions(arm.dataset);
  if (features * (train + test) > MAX_INPUTS) {
    fault('dataset', { train, test, features }, `at most ${MAX_INPUTS} numbers in all`);
  }
  if (typeof featuresPerSplit === 'number' && featuresPerSplit > features) {
    fault(
      'model.featuresPerSplit',
      featuresPerSplit,
      `at most ${features}, or "all": so many features exist`,
    );
  }
  metricFaults(arm, fault);
}

function metricFaults({ dataset, thresholds }: Arm, fault: AddArmFault): void {
  if (datasetForm(dataset).form === 'regression' && thresholds.metric === 'accuracy') {
    fault('thresholds.metric', 'accuracy', '"loss": this dataset has no classes');
  }
}

function inputFaults(
  dataset: Extract<
    Arm['dataset'],
    { kind: 'linear-teacher-student' | 'sparse-classification' | 'sparse-regression' }
  >,
  fault: AddArmFault,
): void {
  const { train, test } = datasetSizes(dataset);
  const examples = train + test;
  if (dataset.dimensions * examples <= MAX_INPUTS) return;
  const most = Math.floor(MAX_INPUTS / examples);
  fault(
    'dataset.dimensions',
    dataset.dimensions,
    `at most ${most}, as ${examples} examples share ${MAX_INPUTS} numbers`,
  );
}
