/**
 * A study: a question with arms and claims. This file is the schema, the checks that go beyond types, and the
 * words a user reads when something is wrong. A preset is a study shipped in `studies/`.
 */
import { z } from 'zod';
import { datasetSizes, datasetSpec } from './dataset-spec.ts';
import { InputError, printValue, type InputFault } from './errors.ts';
import { acceptedDatasets, acceptedTrainers, modelSpec } from './model-spec.ts';
import { trainerSpec } from './trainer-spec.ts';

export const STUDY_SCHEMA_VERSION = 1;

/** Identifiers are path-safe: they name folders on disk and files in a bundle. */
export const slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/)
  .describe('lower-case letters, digits and hyphens, at most 64');

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
});

export const armSpec = z.strictObject({
  id: slug,
  title: z.string().min(1).max(200),
  dataset: datasetSpec,
  model: modelSpec,
  trainer: trainerSpec,
  /** Effort budget, in the family's own unit (see `effortUnit`). */
  budget: z.strictObject({ maxEffort: z.int().min(1).max(100_000_000) }),
  thresholds: thresholdSpec,
  record: recordSpec,
  seeds: z.array(z.int().min(0).max(4_294_967_295)).min(1).max(1000).describe('at least one seed'),
});

/** A quantity over the runs of one arm, reduced by a statistic. */
export const claimOperand = z.strictObject({
  arm: slug,
  quantity: z.enum([
    'fitStep',
    'generalizationStep',
    'delay',
    'delayRatio',
    'finalTrainAccuracy',
    'finalTestAccuracy',
    'finalTrainLoss',
    'finalTestLoss',
  ]),
  /** Median uses Kaplan-Meier where runs are censored; `share` is the share of runs in which the event was seen. */
  statistic: z.enum(['median', 'min', 'max', 'mean', 'share']),
});

export const claimSpec = z.strictObject({
  id: slug,
  /** The sentence, in the paper's words or close to them. */
  text: z.string().min(1),
  /** Where the paper says so. */
  source: z.string().min(1),
  check: z.strictObject({
    left: claimOperand,
    op: z.enum(['<', '<=', '>', '>=']),
    right: z.union([z.number(), claimOperand]),
  }),
});

export const paperSpec = z.strictObject({
  citation: z.string().min(1),
  year: z.int().min(1900).max(2200),
  arxiv: z.string().regex(/^\d{4}\.\d{4,5}$/),
});

export const studySpec = z.strictObject({
  schemaVersion: z.literal(STUDY_SCHEMA_VERSION),
  id: slug,
  title: z.string().min(1).max(200),
  question: z.string().min(1).max(2000),
  paper: paperSpec.nullable(),
  arms: z.array(armSpec).min(1).max(100),
  claims: z.array(claimSpec).max(100),
});

export type ThresholdSpec = z.infer<typeof thresholdSpec>;
export type RecordSpec = z.infer<typeof recordSpec>;
export type Arm = z.infer<typeof armSpec>;
export type ClaimOperand = z.infer<typeof claimOperand>;
export type Claim = z.infer<typeof claimSpec>;
export type Study = z.infer<typeof studySpec>;

/**
 * The study a JSON value describes.
 * @throws InputError naming for every fault the path, the value and what would be valid.
 */
export function parseStudy(value: unknown, subject = 'The study'): Study {
  const result = studySpec.safeParse(value);
  if (!result.success) throw new InputError(subject, result.error.issues.flatMap((issue) => issueFaults(issue, value)));
  const faults = studyFaults(result.data);
  if (faults.length > 0) throw new InputError(subject, faults);
  return result.data;
}

/** What types alone cannot say: duplicate ids, models that cannot read a dataset, sizes that do not exist. */
export function studyFaults(study: Study): InputFault[] {
  const faults: InputFault[] = [];
  const fault = (path: string, value: unknown, expected: string): void => {
    faults.push({ path, value: printValue(value), expected });
  };
  const armIds = study.arms.map((arm) => arm.id);
  study.arms.forEach((arm, i) => {
    const at = `arms[${i}]`;
    if (armIds.indexOf(arm.id) !== i) fault(`${at}.id`, arm.id, 'an id that no other arm has');
    if (new Set(arm.seeds).size !== arm.seeds.length) fault(`${at}.seeds`, arm.seeds, 'each seed once');
    const datasets = acceptedDatasets[arm.model.kind];
    if (!datasets.includes(arm.dataset.kind)) {
      fault(`${at}.dataset.kind`, arm.dataset.kind, `one that a ${arm.model.kind} can learn: ${datasets.join(', ')}`);
    }
    const trainers = acceptedTrainers[arm.model.kind];
    if (!trainers.includes(arm.trainer.kind)) {
      fault(`${at}.trainer.kind`, arm.trainer.kind, `one that trains a ${arm.model.kind}: ${trainers.join(', ')}`);
    }
    const sizes = datasetSizes(arm.dataset);
    if (sizes.train < 1 || sizes.test < 1) {
      fault(`${at}.dataset`, { train: sizes.train, test: sizes.test }, 'at least one training and one test example');
    }
    if (sizes.train + sizes.test > sizes.available) {
      fault(
        `${at}.dataset.trainSize`,
        sizes.train,
        `at most ${Math.max(0, sizes.available - sizes.test)}: ${sizes.available} points exist and ${sizes.test} are kept for the test`,
      );
    }
    const { batchSize } = arm.trainer;
    const neural = arm.model.kind === 'mlp' || arm.model.kind === 'transformer';
    if (batchSize !== 'full' && !neural) {
      fault(`${at}.trainer.batchSize`, batchSize, `'full' for a ${arm.model.kind}`);
    } else if (batchSize !== 'full' && batchSize > sizes.train) {
      fault(`${at}.trainer.batchSize`, batchSize, `'full' or at most the ${sizes.train} training examples`);
    }
    if (arm.model.kind === 'transformer' && arm.model.dModel % arm.model.heads !== 0) {
      fault(`${at}.model.heads`, arm.model.heads, `a divisor of dModel (${arm.model.dModel})`);
    }
    if (arm.thresholds.metric === 'accuracy') {
      for (const split of ['train', 'test'] as const) {
        const value = arm.thresholds[split];
        if (value <= 0 || value > 1) fault(`${at}.thresholds.${split}`, value, 'an accuracy above 0 and at most 1');
      }
    }
  });
  study.claims.forEach((claim, i) => {
    const operands: [string, ClaimOperand | number][] = [
      ['left', claim.check.left],
      ['right', claim.check.right],
    ];
    for (const [side, operand] of operands) {
      if (typeof operand === 'number' || armIds.includes(operand.arm)) continue;
      fault(`claims[${i}].check.${side}.arm`, operand.arm, `an arm of this study: ${armIds.join(', ')}`);
    }
  });
  return faults;
}

/** A Zod issue in a user's words. Exported for its tests. */
export function issueFaults(issue: z.core.$ZodIssue, root: unknown): InputFault[] {
  const path = printPath(issue.path);
  const value = valueAt(root, issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: path === '' ? key : `${path}.${key}`,
      value: printValue(valueAt(root, [...issue.path, key])),
      expected: 'no such key here; check the spelling',
    }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    return [{ path, value: printValue(value), expected: unionExpectation(issue) }];
  }
  return [{ path: path === '' ? 'the document' : path, value: printValue(value), expected: expectation(issue) }];
}

function unionExpectation(issue: z.core.$ZodIssueInvalidUnion): string {
  const options = issue.errors.flatMap((errors) => errors.slice(0, 1)).map((error) => expectation(error));
  return [...new Set(options)].join(', or ');
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return article(issue.expected === 'int' ? 'integer' : issue.expected);
    case 'too_small': {
      const bound = issue.inclusive === false ? `greater than ${issue.minimum}` : `at least ${issue.minimum}`;
      return issue.origin === 'array' ? `${bound} entries` : issue.origin === 'string' ? `${bound} characters` : `${bound}`;
    }
    case 'too_big': {
      const bound = issue.inclusive === false ? `less than ${issue.maximum}` : `at most ${issue.maximum}`;
      return issue.origin === 'array' ? `${bound} entries` : issue.origin === 'string' ? `${bound} characters` : `${bound}`;
    }
    case 'invalid_value':
      return issue.values.length === 1
        ? printValue(issue.values[0])
        : `one of ${issue.values.map((option) => printValue(option)).join(', ')}`;
    case 'invalid_union':
      return unionExpectation(issue);
    case 'invalid_format':
      return issue.pattern === undefined ? `a valid ${issue.format}` : `text that matches ${issue.pattern}`;
    default:
      return issue.message;
  }
}

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}

function printPath(path: PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`,
    '',
  );
}

function valueAt(root: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      value !== null && typeof value === 'object' ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    root,
  );
}
