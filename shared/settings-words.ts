/** An arm's settings as rows of a readable table; the study file's own key stays beside every row. */
import type { Arm } from './study.ts';

export interface SettingRow {
  /** `trainer.learningRate` */
  key: string;
  group: string;
  name: string;
  value: string;
}

type Section = 'dataset' | 'model' | 'trainer' | 'budget' | 'thresholds' | 'record' | 'seeds';

const groups: Record<Section, string> = {
  dataset: 'Dataset',
  model: 'Model',
  trainer: 'Trainer',
  budget: 'Budget',
  thresholds: 'Thresholds',
  record: 'Recording',
  seeds: 'Seeds',
};

/** Where splitting the key at its capitals is not how the field says it. */
const names: Record<string, string> = {
  'dataset.p': 'modulus p',
  'dataset.trainFraction': 'training share',
  'dataset.trainSize': 'training examples',
  'dataset.testSize': 'test examples',
  'dataset.nonzero': 'inputs that matter',
  'dataset.margin': 'margin γ',
  'dataset.inferredRatio': 'inferred per atomic fact φ',
  'dataset.factsPerEntity': 'atomic facts per entity',
  'dataset.oodFactsPerEntity': 'of them out of distribution',
  'dataset.memorized': 'a task of random answers besides',
  'dataset.errorTolerance': 'error tolerance of a right answer',
  'dataset.total': 'training examples γD',
  'dataset.totalPerDigit': 'training examples per digit γD',
  'dataset.fraction': 'share f of the rare subclasses',
  'dataset.rarePerClass': 'rare subclasses per class',
  'dataset.share': 'share of training labels shuffled',
  'dataset.noise': 'standard deviation of the noise',
  'dataset.target': 'column to predict',
  'model.dModel': 'residual width',
  'model.dMlp': 'MLP width',
  'model.outputScale': 'output scale',
  'model.inducingPoints': 'inducing points',
  'model.initScale': 'initial scale α',
  'model.centred': 'without its initial output (f − f₀)',
  'model.expertsPerToken': 'experts per token',
  'model.balanceWeight': 'weight of the load-balance loss',
  'model.layerNorm': 'layer norm',
  'model.biases': 'biases in',
  'model.init': 'initial weights',
  'model.zeroReadout': 'last layer starts at 0',
  'model.noise': 'noise variance',
  'model.errorTolerance': 'error tolerance ε',
  'model.prediction': 'predicted curves',
  'model.priorDeviation': 'prior standard deviation',
  'model.initialMeanDeviation': 'initial standard deviation of posterior means',
  'model.initialDeviation': 'initial posterior standard deviation',
  'model.randomFeatures': 'random features (0: the inputs)',
  'model.strongestPenalty': 'penalty at effort 0',
  'model.pointsPerDecade': 'path points per factor of ten',
  'model.maxLeaves': 'most leaf nodes of a tree',
  'model.featuresPerSplit': 'features drawn per split',
  'model.bootstrap': 'bootstrap sample for every tree',
  'model.evaluationSamples': 'posterior samples per recorded row',
  'trainer.beta1': 'β₁',
  'trainer.beta2': 'β₂',
  'trainer.epsilon': 'ε',
  'trainer.lossPrecision': 'precision of the training loss',
  'trainer.groups': 'settings by role of the parameters',
  'trainer.decayToward': 'weight decay toward',
  'trainer.gradientFilter.kind': 'gradient filter',
  'trainer.gradientFilter.alpha': 'gradient filter: momentum α',
  'trainer.gradientFilter.lambda': 'gradient filter: weight λ',
  'trainer.gradientFilter.window': 'gradient filter: window',
  'trainer.gradientFilter.warmup': 'gradient filter: waits for a full window',
  'trainer.schedule.kind': 'learning rate after warmup',
  'trainer.schedule.steps': 'learning rate: updates until its floor',
  'trainer.schedule.floor': 'learning rate: floor (share of it)',
  'trainer.noise.kind': 'noise on',
  'trainer.noise.standardDeviation': 'noise: standard deviation',
  'trainer.noise.decay': 'noise: decay of the variance',
  'budget.maxEffort': 'largest effort',
  'budget.stopAfterGeneralization': 'ends a generalized run at (× effort)',
  'thresholds.train': 'train',
  'thresholds.test': 'test',
  'thresholds.sustain': 'held for (× effort)',
  'record.every': 'every (efforts)',
  'record.perDecade': 'log-spaced, per decade',
  'record.snapshotsPerDecade': 'snapshots per decade',
  'thresholds.metric': 'metric',
  'budget.cappedFrom': 'budget of the whole study',
  'budget.extendedFrom': 'extended from',
  seedsFrom: 'seeds of the whole study',
  'paper.arxiv': 'arXiv number',
  seeds: 'seeds',
};

export function armSettings(arm: Arm): SettingRow[] {
  const { dataset, model, trainer, budget, thresholds, record, seeds } = arm;
  const sections: [Section, unknown][] = [
    ['dataset', dataset],
    ['model', model],
    ['trainer', trainer],
    ['budget', budget],
    ['thresholds', thresholds],
    ['record', record],
    ['seeds', seeds],
  ];
  return sections.flatMap(([section, value]) =>
    Array.isArray(value) || typeof value !== 'object' || value === null
      ? [row(section, section, value)]
      : Object.entries(value).flatMap(([key, entry]) => rowsOf(section, `${section}.${key}`, entry)),
  );
}

/** A dataset inside another one has a row for each of its own settings. */
function rowsOf(section: Section, key: string, value: unknown): SettingRow[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [row(section, key, value)];
  return Object.entries(value).flatMap(([inner, entry]) => rowsOf(section, `${key}.${inner}`, entry));
}

function row(section: Section, key: string, value: unknown): SettingRow {
  return {
    key,
    group: groups[section],
    name: settingName(key),
    value:
      key.endsWith('.rows') && Array.isArray(value)
        ? `${printNumber(value.length)} rows`
        : printSetting(value),
  };
}

/** What a setting is called: `trainer.beta1` is β₁; settings of a dataset inside another one begin with "of". */
export function settingName(key: string): string {
  const outer = key.replaceAll('.of.', '.');
  const name = names[outer] ?? words(key.split('.').at(-1) as string);
  return outer === key ? name : `of: ${name}`;
}

/** learningRate → learning rate */
function words(key: string): string {
  return key.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function printSetting(value: unknown): string {
  if (typeof value === 'number') return printNumber(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) {
    const ofObjects = value.some((entry) => typeof entry === 'object');
    return value.map(printSetting).join(ofObjects ? '; ' : ', ');
  }
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([key, entry]) => `${words(key)} ${printSetting(entry)}`)
      .join(', ');
  return String(value);
}

/** All digits: settings are never rounded. */
function printNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return value.toLocaleString('en-US');
  return String(value);
}

/** Rows over several arms: each setting once, with one value per arm; null where an arm has no such setting. */
export function compareSettings(
  arms: readonly Arm[],
): { key: string; group: string; name: string; values: (string | null)[] }[] {
  const perArm = arms.map((arm) => new Map(armSettings(arm).map((one) => [one.key, one])));
  const keys: string[] = [];
  for (const group of Object.values(groups)) {
    for (const settings of perArm) {
      for (const one of settings.values())
        if (one.group === group && !keys.includes(one.key)) keys.push(one.key);
    }
  }
  return keys.map((key) => {
    const first = perArm.map((settings) => settings.get(key)).find((one) => one !== undefined) as SettingRow;
    const values = perArm.map((settings) => settings.get(key)?.value ?? null);
    return { key, group: first.group, name: first.name, values };
  });
}
