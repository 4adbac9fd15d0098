import { describe, expect, it } from 'vitest';
import { InputError } from '../../../shared/errors.ts';
import { datasetKinds } from '../../../shared/dataset-spec.ts';
import { familyOf } from '../../../shared/model-spec.ts';
import { parseStudy, parseStudyText, type Study } from '../../../shared/study.ts';

const transformerArm = {
  id: 'transformer',
  title: 'Transformer',
  dataset: { kind: 'modular-addition', p: 113, trainFraction: 0.3 },
  model: { kind: 'transformer', layers: 1, dModel: 128, heads: 4, dMlp: 512, activation: 'relu' },
  trainer: {
    kind: 'adamw',
    learningRate: 0.001,
    weightDecay: 1,
    beta1: 0.9,
    beta2: 0.98,
    epsilon: 1e-8,
    warmupSteps: 10,
    batchSize: 'full',
  },
  budget: { maxEffort: 100 },
  thresholds: { metric: 'accuracy', train: 0.99, test: 0.99, sustain: 1.1 },
  record: { every: 25, perDecade: 20 },
  seeds: [0],
};

const gpArm = {
  ...transformerArm,
  id: 'gp',
  dataset: { kind: 'zero-one', points: 100, trainSize: 20, testSize: 20 },
  model: { kind: 'gp-classifier', kernel: 'rbf', lengthScale: 0.005, outputScale: 0.7, jitter: 0.001 },
  trainer: { ...transformerArm.trainer, kind: 'adam' },
};

const claim = {
  id: 'groks',
  text: 'It groks.',
  source: 'here',
  check: { left: { arm: 'transformer', quantity: 'delay', statistic: 'median' }, op: '>', right: 0 },
};

const valid = {
  schemaVersion: 1,
  id: 'study',
  title: 'A study',
  question: 'Does it grok?',
  paper: null,
  arms: [transformerArm, gpArm],
  claims: [claim],
};

/** A path is written as in messages: `arms[0].dataset.p`. `undefined` deletes. */
function edited(path: string, value: unknown): unknown {
  const study = JSON.parse(JSON.stringify(valid)) as Record<string, unknown>;
  const keys = path.split(/[.[\]]+/).filter((key) => key !== '');
  const last = keys.pop() as string;
  const parent = keys.reduce<Record<string, unknown>>(
    (node, key) => node[key] as Record<string, unknown>,
    study,
  );
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else parent[last] = value;
  return study;
}

function faultsOf(value: unknown): string[] {
  try {
    parseStudy(value);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.faults.map((fault) => `${fault.path}: got ${fault.value}; expected ${fault.expected}`);
  }
  return [];
}

const p = 'arms[0].dataset.p';
const integerFrom2 = 'expected an integer from 2 to 1000';
const learningRate = 'arms[0].trainer.learningRate';
const positive = 'expected a number, greater than 0 and at most 1000';
const seeds = 'expected a list of 1 to 1000 entries, each an integer from 0 to 4294967295';
const models = `expected one of ${Object.keys(familyOf)
  .map((kind) => `"${kind}"`)
  .join(', ')}`;

describe('parseStudy', () => {
  it('returns the study it is given', () => {
    const study: Study = parseStudy(valid);
    expect(study).toEqual(valid);
  });

  it.each([
    // Wrong types
    [p, '113', `${p}: got "113"; ${integerFrom2}`],
    [p, 1.5, `${p}: got 1.5; ${integerFrom2}`],
    [p, null, `${p}: got null; ${integerFrom2}`],
    [p, undefined, `${p}: got nothing; ${integerFrom2}`],
    ['arms', {}, 'arms: got {}; expected a list of 1 to 100 entries'],
    ['arms[0].seeds', 3, `arms[0].seeds: got 3; ${seeds}`],
    ['title', 7, 'title: got 7; expected text of 1 to 200 characters'],
    [
      'paper',
      undefined,
      'paper: got nothing; expected an object with the keys citation, year, arxiv, or null',
    ],
    // Impossible values
    [p, 1, `${p}: got 1; ${integerFrom2}`],
    [p, 2000, `${p}: got 2000; ${integerFrom2}`],
    [learningRate, -1, `${learningRate}: got -1; ${positive}`],
    [learningRate, 0, `${learningRate}: got 0; ${positive}`],
    [learningRate, NaN, `${learningRate}: got NaN; ${positive}`],
    ['arms[0].seeds', [], `arms[0].seeds: got []; ${seeds}`],
    ['arms[0].seeds[0]', -1, 'arms[0].seeds[0]: got -1; expected an integer from 0 to 4294967295'],
    ['arms[0].seeds', [4, 4], 'arms[0].seeds: got [4,4]; expected each seed once'],
    [
      'arms[0].dataset.trainFraction',
      1,
      'arms[0].dataset.trainFraction: got 1; expected a number, greater than 0 and less than 1',
    ],
    [
      'arms[0].trainer.beta1',
      1,
      'arms[0].trainer.beta1: got 1; expected a number, at least 0 and less than 1',
    ],
    [
      'arms[0].budget.stopAfterGeneralization',
      1.05,
      'arms[0].budget.stopAfterGeneralization: got 1.05; expected at least thresholds.sustain, 1.1: a run that ends sooner has not shown that it generalized',
    ],
    [
      'arms[0].trainer.batchSize',
      0,
      'arms[0].trainer.batchSize: got 0; expected "full", or an integer, at least 1',
    ],
    [
      'arms[0].trainer.batchSize',
      'half',
      'arms[0].trainer.batchSize: got "half"; expected "full", or an integer, at least 1',
    ],
    ['arms[0].model.heads', 3, 'arms[0].model.heads: got 3; expected a divisor of dModel (128)'],
    [
      'arms[0].thresholds.test',
      95,
      'arms[0].thresholds.test: got 95; expected an accuracy above 0 and at most 1',
    ],
    // Unknown keys and kinds
    [
      'arms[0].model.attentionDropout',
      0.1,
      'arms[0].model.attentionDropout: got 0.1; expected only the keys kind, layers, dModel, heads, dMlp, activation, layerNorm, positions, biases, init, tiedEmbedding, initScale, outputScale, centred, dropout, dropoutAt',
    ],
    [
      'armz',
      [],
      'armz: got []; expected only the keys schemaVersion, id, title, question, paper, scale, arms, claims',
    ],
    ['arms[0].model.kind', 'cnn', `arms[0].model.kind: got "cnn"; ${models}`],
    ['arms[0].model.kind', undefined, `arms[0].model.kind: got nothing; ${models}`],
    [
      'arms[0].dataset.kind',
      'cifar',
      `arms[0].dataset.kind: got "cifar"; expected one of ${datasetKinds.map((kind) => `"${kind}"`).join(', ')}`,
    ],
    [
      'schemaVersion',
      2,
      'schemaVersion: got 2; expected at most 1: a newer Latebloom wrote this, and this one cannot read it. Update Latebloom',
    ],
    ['schemaVersion', 0, 'schemaVersion: got 0; expected 1'],
    ['id', 'My Study', 'id: got "My Study"; expected lower-case letters, digits and hyphens, at most 64'],
    // Sizes
    [
      'arms[1].dataset.trainSize',
      90,
      'arms[1].dataset.trainSize: got 90; expected at most 80: 100 points exist and 20 are kept for the test',
    ],
    [
      'arms[0].dataset.trainFraction',
      0.00001,
      'arms[0].dataset: got {"train":0,"test":12769}; expected at least one training and one test example',
    ],
    [
      'arms[0].trainer.batchSize',
      5000,
      'arms[0].trainer.batchSize: got 5000; expected "full", or an integer from 1 to 3830, the number of training examples',
    ],
    [
      'arms[1].trainer.batchSize',
      10,
      'arms[1].trainer.batchSize: got 10; expected "full", as the model "gp-classifier" needs it',
    ],
    // What does not fit together
    ['arms[1].id', 'transformer', 'arms[1].id: got "transformer"; expected an id that no other arm has'],
    [
      'arms[1].dataset',
      transformerArm.dataset,
      'arms[1].dataset.kind: got "modular-addition"; expected one that the model "gp-classifier" can learn: "hidden-parity", "cellular-automaton", "sparse-classification", "zero-one", "csv-classification", "random-labels", "concealment"',
    ],
    [
      'arms[1].trainer.kind',
      'adamw',
      'arms[1].trainer.kind: got "adamw"; expected one that trains the model "gp-classifier": "adam"',
    ],
    [
      'claims[0].check.left.arm',
      'mlp',
      'claims[0].check.left.arm: got "mlp"; expected an arm of this study: "transformer", "gp"',
    ],
    [
      'claims[0].check.left',
      { arm: 'gp', quantity: 'finalTestLoss', statistic: 'share' },
      'claims[0].check.left.statistic: got "share"; expected median, min, max or mean: finalTestLoss is not an event',
    ],
    [
      'claims[0].check.right',
      'x',
      'claims[0].check.right: got "x"; expected a finite number, or an object with the keys arm, quantity, statistic, at, over, or an object with the keys ratio, or an object with the keys difference',
    ],
    ['claims[0].check.op', '=', 'claims[0].check.op: got "="; expected one of "<", "<=", ">", ">="'],
  ])('%s = %j', (path, value, message) => {
    expect(faultsOf(edited(path, value))).toEqual([message]);
  });

  it('tells a fault inside one option of a union where it lies', () => {
    const right = { arm: 'gp', quantity: 'speed', statistic: 'median' };
    const [fault] = faultsOf(edited('claims[0].check.right', right));
    expect(fault).toMatch(/^claims\[0\]\.check\.right\.quantity: got "speed"; expected one of "fitStep", /);
  });

  it('names every fault, not the first only', () => {
    const study = edited(p, 1) as { arms: { trainer: { learningRate: number } }[] };
    (study.arms[0] as (typeof study.arms)[0]).trainer.learningRate = -1;
    expect(faultsOf(study)).toEqual([`${p}: got 1; ${integerFrom2}`, `${learningRate}: got -1; ${positive}`]);
  });

  it('refuses one initial weight too many', () => {
    const model = {
      kind: 'linear-regression',
      features: ['x'],
      initialWeights: [1, 2],
      noiseVariance: 1,
      weightVariance: 1,
    };
    expect(faultsOf(edited('arms[1].model', model))).toContain(
      'arms[1].model.initialWeights: got [1,2]; expected one initial weight per feature',
    );
  });

  it('says what is wrong with a document that is no study at all', () => {
    for (const value of [null, [], 'x', 3, undefined]) {
      const [fault, ...others] = faultsOf(value);
      expect(fault).toMatch(/^the document: got .+; expected an object with the keys schemaVersion, id, /);
      expect(others).toEqual([]);
    }
  });

  it('prints one sentence per fault under the subject it is given', () => {
    expect(() => parseStudy(edited(p, 1), 'my.json')).toThrow(
      `my.json is not valid:\n  ${p}: got 1; ${integerFrom2}.`,
    );
  });
});

describe('parseStudyText', () => {
  it('reads a study from its text', () => {
    expect(parseStudyText(JSON.stringify(valid))).toEqual(valid);
  });

  it('names line and column where the text is not JSON', () => {
    const text = JSON.stringify(valid, null, 2).replace('"title": "A study",', '"title": "A study"');
    expect(() => parseStudyText(text, 'my.json')).toThrow(
      'my.json is not valid:\n  line 5, column 3: got "\\""; expected a comma or }.',
    );
  });

  it('checks the study after that', () => {
    expect(() => parseStudyText(JSON.stringify(edited(p, 1)))).toThrow(integerFrom2);
  });
});
