/** What single model families ask of an arm beyond types; `parseStudy` says it before anything starts. */
import { datasetForm, datasetSizes } from './dataset-spec.ts';
import type { RandomForestSpec } from './model-spec.ts';
import type { Arm } from './study.ts';

/** Reports a fault: path below the arm, offending value, what would be valid as a noun phrase. */
export type AddArmFault = (path: string, value: unknown, expected: string) => void;

/** Float64 numbers that inputs or features may take: 400 MB. */
const MAX_INPUTS = 50_000_000;

export function armFaults(arm: Arm, fault: AddArmFault): void {
  const { model, dataset } = arm;
  switch (model.kind) {
    case 'mlp':
    case 'polynomial-network':
    case 'embedding-decoder':
      regressionFaults(arm, fault);
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
  if (dataset.kind === 'linear-teacher-student') inputFaults(dataset, fault);
}

/** Real targets have a squared error, and an accuracy only where an answer is one of a few vectors. */
function regressionFaults(arm: Arm, fault: AddArmFault): void {
  const { dataset, trainer } = arm;
  if (datasetForm(dataset).form !== 'regression' || trainer.kind === 'direct') return;
  if (trainer.loss !== 'mse') {
    fault('trainer.loss', trainer.loss, '"mse": the targets of this dataset are numbers, not classes');
  }
  if (dataset.kind !== 'symbol-addition') metricFaults(arm, fault);
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
  const features = randomFeatures === 0 ? denseDimensions(arm) : randomFeatures;
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
  const features = denseDimensions(arm);
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

/** Numbers of an input in the form of `main/models/dense-task.ts`. */
function denseDimensions({ dataset }: Arm): number {
  const { form, dimensions, classes } = datasetForm(dataset);
  return form === 'tokens' ? 2 * (classes ?? 0) : dimensions;
}

function metricFaults({ dataset, thresholds }: Arm, fault: AddArmFault): void {
  if (datasetForm(dataset).form === 'regression' && thresholds.metric === 'accuracy') {
    fault('thresholds.metric', 'accuracy', '"loss": this dataset has no classes');
  }
}

function inputFaults(
  dataset: Extract<Arm['dataset'], { kind: 'linear-teacher-student' }>,
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
