/**
 * A study: a question with arms and claims. This file is the schema, the checks that go beyond types, and the
 * words a user reads when something is wrong. A preset is a study shipped in `studies/`.
 */
import { z } from 'zod';
import { armFaults } from './arm-rules.ts';
import { claimFaults } from './claim-operands.ts';
import { claimSpec } from './claim-spec.ts';
import { datasetForm, datasetSizes, datasetSpec } from './dataset-spec.ts';
import { MAX_EFFORT } from './effort.ts';
import { InputError, printValue, type InputFault } from './errors.ts';
import { printPath, valueAt } from './json-path.ts';
import { parseJsonText } from './json-text.ts';
import { acceptedDatasets, acceptedTrainers, familyOf, fullBatchModels, modelSpec } from './model-spec.ts';
import { measureMisfit, measureSpec } from './measure-spec.ts';
import { expectedAt, keysAt } from './schema-words.ts';
import { slug } from './slug.ts';
import { runCountFaults, sweepFaults } from './sweep.ts';
import { sweepSpec } from './sweep-spec.ts';
import { trainerFaults } from './trainer-rules.ts';
import { armTrainerSpec } from './trainer-spec.ts';

export { slug };
export type { Claim, ClaimOperand } from './claim-spec.ts';

// The page's content security policy forbids `new Function`, and Zod's probe for it would count as a violation.
z.config({ jitless: true });

export const STUDY_SCHEMA_VERSION = 1;

/**
 * When a split counts as fitted (train) or generalized (test). `sustain` is how long the metric has to stay
 * past the threshold, as a factor on effort: 1 = the first crossing counts, 1.1 = it holds until 1.1 × effort.
 */
export const thresholdSpec = z.strictObject({
  metric: z.enum(['accuracy', 'loss']),
  train: z.number(),
  test: z.number(),
  sustain: z.number().min(1).max(100),
});

/** At which efforts metrics are evaluated: every `every` efforts, and `perDecade` log-spaced efforts. */
export const recordSpec = z.strictObject({
  every: z.int().min(1),
  perDecade: z.int().min(1).max(1000),
  /** Log-spaced snapshots for Replay per factor of ten; see `snapshot.ts` for the default. */
  snapshotsPerDecade: z.int().min(0).max(1000).exactOptional(),
});

export const armSpec = z.strictObject({
  id: slug,
  title: z.string().min(1).max(200),
  dataset: datasetSpec,
  model: modelSpec,
  trainer: armTrainerSpec,
  /**
   * Effort budget, in the family's own unit (see `effortUnit`). `cappedFrom` is the study's own budget where a request
   * for a shorter run lowered it: what such a run did not reach says nothing about the claims. `extendedFrom` holds the
   * budgets that the present one was extended from: their ends are recorded, and a study that says so repeats such a run.
   * With `stopAfterGeneralization` a run ends before its budget, at the first recorded effort by which both splits have
   * been past their thresholds without a break from some effort to this factor times it.
   */
  budget: z.strictObject({
    maxEffort: z.int().min(1).max(MAX_EFFORT),
    cappedFrom: z.int().min(2).max(MAX_EFFORT).exactOptional(),
    extendedFrom: z.array(z.int().min(1).max(MAX_EFFORT)).min(1).max(1000).exactOptional(),
    stopAfterGeneralization: z
      .number()
      .min(1)
      .max(1000)
      .describe(
        'the factor, from 1 to 1000, on the effort from which on both splits stay past their thresholds',
      )
      .exactOptional(),
  }),
  thresholds: thresholdSpec,
  record: recordSpec,
  /** Computed at the efforts of snapshots. */
  measures: z.array(measureSpec).min(1).exactOptional(),
  seeds: z.array(z.int().min(0).max(4_294_967_295)).min(1).max(1000).describe('at least one seed'),
  /** How many seeds the study asks for, where a request for fewer left some out: claims are about all of them. */
  seedsFrom: z.int().min(2).max(1000).exactOptional(),
  /** Runs of the arm at every combination of these values, with every seed. */
  sweep: sweepSpec.exactOptional(),
});

export const paperSpec = z.strictObject({
  citation: z.string().min(1),
  year: z.int().min(1900).max(2200),
  arxiv: z
    .string()
    .regex(/^\d{4}\.\d{4,5}$/)
    .describe('an arXiv number such as "2310.17247"'),
});

/**
 * How a preset stands to its paper: `paper` has the exact setting, `cpu` shows the same phenomenon on two cores within
 * minutes, and says what was changed for that.
 */
export const scaleSpec = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('paper') }),
  z.strictObject({
    name: z.literal('cpu'),
    changes: z.array(z.string().min(1).max(500)).min(1).max(30).describe('what differs from the paper'),
  }),
]);

export const studySpec = z.strictObject({
  schemaVersion: z.literal(STUDY_SCHEMA_VERSION),
  id: slug,
  title: z.string().min(1).max(200),
  question: z.string().min(1).max(2000),
  paper: paperSpec.nullable(),
  scale: scaleSpec.exactOptional(),
  arms: z.array(armSpec).min(1).max(100),
  claims: z.array(claimSpec).max(100),
});

export type ThresholdSpec = z.infer<typeof thresholdSpec>;
export type RecordSpec = z.infer<typeof recordSpec>;
export type Arm = z.infer<typeof armSpec>;
export type Study = z.infer<typeof studySpec>;

/**
 * The study a JSON value describes.
 * @throws InputError naming for every fault the path, the value and what would be valid.
 */
export function parseStudy(value: unknown, subject = 'The study'): Study {
  const version = valueAt(value, ['schemaVersion']);
  if (typeof version === 'number' && version > STUDY_SCHEMA_VERSION) {
    const expected = `at most ${STUDY_SCHEMA_VERSION}: a newer Latebloom wrote this, and this one cannot read it. Update Latebloom`;
    throw new InputError(subject, [{ path: 'schemaVersion', value: printValue(version), expected }]);
  }
  const result = studySpec.safeParse(value);
  if (!result.success) {
    const faults = result.error.issues.flatMap((issue) => issueFaults(issue, value, studySpec));
    throw new InputError(subject, faults);
  }
  const faults = studyFaults(result.data);
  if (faults.length > 0) throw new InputError(subject, faults);
  return result.data;
}

/**
 * The study that a JSON text describes.
 * @throws InputError naming line and column where the text is not JSON, else as `parseStudy` does.
 */
export function parseStudyText(text: string, subject = 'The study'): Study {
  return parseStudy(parseJsonText(text, subject), subject);
}

/** What types alone cannot say: duplicate ids, models that cannot read a dataset, sizes that do not exist. */
export function studyFaults(study: Study): InputFault[] {
  const faults: InputFault[] = [];
  const fault: AddFault = (path, value, expected) => {
    faults.push({ path, value: printValue(value), expected });
  };
  const armIds = study.arms.map((arm) => arm.id);
  study.arms.forEach((arm, i) => {
    const at = `arms[${i}]`;
    if (armIds.indexOf(arm.id) !== i) fault(`${at}.id`, arm.id, 'an id that no other arm has');
    if (new Set(arm.seeds).size !== arm.seeds.length) fault(`${at}.seeds`, arm.seeds, 'each seed once');
    if (arm.seedsFrom !== undefined && arm.seedsFrom <= arm.seeds.length) {
      fault(`${at}.seedsFrom`, arm.seedsFrom, `more than the present number of seeds, ${arm.seeds.length}`);
    }
    const { maxEffort, cappedFrom, extendedFrom = [] } = arm.budget;
    if (cappedFrom !== undefined && cappedFrom <= maxEffort) {
      fault(`${at}.budget.cappedFrom`, cappedFrom, `a budget above the present one, ${maxEffort}`);
    }
    const ends = [...extendedFrom, maxEffort];
    if (ends.some((end, i) => i > 0 && end <= (ends[i - 1] as number))) {
      fault(
        `${at}.budget.extendedFrom`,
        extendedFrom,
        `budgets that increase, all below the present one, ${maxEffort}`,
      );
    }
    const own = settingFaults(arm, `${at}.`);
    faults.push(...own);
    if (own.length === 0) faults.push(...sweepFaults(arm, at, candidateFaults));
  });
  if (faults.length === 0) faults.push(...runCountFaults(study));
  return [...faults, ...claimFaults(study)];
}

/** Faults of the arm that a sweep point makes, with paths from the arm on. */
function candidateFaults(candidate: unknown): InputFault[] {
  const result = armSpec.safeParse(candidate);
  return result.success
    ? settingFaults(result.data, '')
    : result.error.issues.flatMap((issue) => issueFaults(issue, candidate, armSpec));
}

/** What does not fit together in one arm's settings. */
function settingFaults(arm: Arm, at: string): InputFault[] {
  const faults: InputFault[] = [];
  const fault: AddFault = (path, value, expected) => {
    faults.push({ path: `${at}${path}`, value: printValue(value), expected });
  };
  pairingFaults(arm, fault);
  sizeFaults(arm, fault);
  armFaults(arm, fault);
  const { model, trainer } = arm;
  if (trainer.kind !== 'direct') trainerFaults({ model, trainer }, fault);
  measureFaults(arm, fault);
  const { stopAfterGeneralization: factor } = arm.budget;
  const { sustain } = arm.thresholds;
  if (factor !== undefined && factor < sustain) {
    const because = 'a run that ends sooner has not shown that it generalized';
    fault('budget.stopAfterGeneralization', factor, `at least thresholds.sustain, ${sustain}: ${because}`);
  }
  if (arm.model.kind === 'gp-regression' && arm.thresholds.metric === 'accuracy') {
    fault('thresholds.metric', 'accuracy', '"loss", the mean squared error: GP regression has no accuracy');
  }
  if (arm.thresholds.metric === 'accuracy') {
    for (const split of ['train', 'test'] as const) {
      const value = arm.thresholds[split];
      if (value > 0 && value <= 1) continue;
      fault(`thresholds.${split}`, value, 'an accuracy above 0 and at most 1');
    }
  }
  return faults;
}

/** The arm that a JSON value describes, for what looks at one arm alone. @throws InputError as `parseStudy` does */
export function parseArm(value: unknown): Arm {
  const faults = candidateFaults(value);
  if (faults.length > 0) throw new InputError('The arm', faults);
  return value as Arm;
}

type AddFault = (path: string, value: unknown, expected: string) => void;

function pairingFaults({ model, dataset, trainer }: Arm, fault: AddFault): void {
  const datasets = acceptedDatasets[model.kind];
  if (!datasets.includes(dataset.kind)) {
    fault('dataset.kind', dataset.kind, `one that the model "${model.kind}" can learn: ${quoted(datasets)}`);
  } else {
    const { form, classes } = datasetForm(dataset);
    if ((model.kind === 'transformer' || model.kind === 'moe-transformer') && form !== 'tokens') {
      fault('dataset.kind', dataset.kind, 'data made of tokens, which a transformer reads');
    }
    if (model.kind === 'gp-classifier' && (form !== 'vectors' || classes !== 2)) {
      fault('dataset', { form, classes }, 'vectors of two classes, which a GP classifier tells apart');
    }
  }
  const trainers = acceptedTrainers[model.kind];
  if (!trainers.includes(trainer.kind)) {
    fault('trainer.kind', trainer.kind, `one that trains the model "${model.kind}": ${quoted(trainers)}`);
  }
}

function measureFaults({ measures = [], model, dataset }: Arm, fault: AddFault): void {
  measures.forEach((kind, i) => {
    const needed = measureMisfit(kind, model, dataset);
    if (needed !== null) fault(`measures[${i}]`, kind, `a measure that fits: this one needs ${needed}`);
    if (measures.indexOf(kind) !== i) fault(`measures[${i}]`, kind, 'each measure once');
  });
}

/** A full variational GP keeps matrices of n² numbers and takes n³ steps per update. */
const MAX_GP_TRAIN_SIZE = 5000;

function sizeFaults({ model, dataset, trainer }: Arm, fault: AddFault): void {
  const { train, test, available } = datasetSizes(dataset);
  if (train < 1 || test < 1) {
    fault('dataset', { train, test }, 'at least one training and one test example');
  }
  if (train + test > available) {
    const most = Math.max(0, available - test);
    const expected = `at most ${most}: ${available} points exist and ${test} are kept for the test`;
    fault('dataset.trainSize', train, expected);
  }
  if (familyOf[model.kind] === 'gaussian-process' && (train === 1 || train > MAX_GP_TRAIN_SIZE)) {
    fault('dataset.trainSize', train, `at least 2 and at most ${MAX_GP_TRAIN_SIZE} for a Gaussian process`);
  }
  const { batchSize } = trainer;
  if (batchSize === 'full') return;
  if (fullBatchModels.includes(model.kind)) {
    fault('trainer.batchSize', batchSize, `"full", as the model "${model.kind}" needs it`);
  } else if (batchSize > train) {
    const expected = `"full", or an integer from 1 to ${train}, the number of training examples`;
    fault('trainer.batchSize', batchSize, expected);
  }
}

/**
 * A Zod issue in a user's words. `schema` is what was checked, of which `root` is the whole value; without it the
 * words are those of the issue alone. A fault inside one option of a union is told where it lies.
 */
export function issueFaults(issue: z.core.$ZodIssue, root: unknown, schema?: z.ZodType): InputFault[] {
  if (issue.code === 'unrecognized_keys') {
    const keys = schema === undefined ? [] : keysAt(schema, issue.path, root);
    return issue.keys.map((key) => ({
      path: printPath([...issue.path, key]),
      value: printValue(valueAt(root, [...issue.path, key])),
      expected: keys.length === 0 ? 'no key of this name' : `only the keys ${keys.join(', ')}`,
    }));
  }
  if (issue.code === 'invalid_union') {
    const inside = issue.errors.filter(
      (errors) => errors.length > 0 && errors.every((one) => one.path.length > 0),
    );
    if (inside.length === 1) {
      return (inside[0] ?? []).flatMap((one) =>
        issueFaults({ ...one, path: [...issue.path, ...one.path] }, root, schema),
      );
    }
  }
  const words = issue.code === 'custom' || schema === undefined ? null : expectedAt(schema, issue.path, root);
  return [
    {
      path: issue.path.length === 0 ? 'the document' : printPath(issue.path),
      value: printValue(valueAt(root, issue.path)),
      expected: words ?? issue.message,
    },
  ];
}

function quoted(names: readonly string[]): string {
  return names.map((name) => printValue(name)).join(', ');
}
