/** An arm's settings as rows of a readable table; the study file's own key stays beside every row. */
import type { Arm } from '../../shared/study.ts';

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
  'model.dModel': 'residual width',
  'model.dMlp': 'MLP width',
  'model.outputScale': 'output scale (variance)',
  'trainer.beta1': 'β₁',
  'trainer.beta2': 'β₂',
  'trainer.epsilon': 'ε',
  'budget.maxEffort': 'largest effort',
  'thresholds.train': 'train',
  'thresholds.test': 'test',
  'thresholds.sustain': 'held for (× effort)',
  'record.every': 'every (efforts)',
  'record.perDecade': 'log-spaced, per decade',
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
      : Object.entries(value).map(([key, entry]) => row(section, `${section}.${key}`, entry)),
  );
}

function row(section: Section, key: string, value: unknown): SettingRow {
  const last = key.split('.').at(-1) as string;
  return { key, group: groups[section], name: names[key] ?? words(last), value: printSetting(value) };
}

/** learningRate → learning rate */
function words(key: string): string {
  return key.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function printSetting(value: unknown): string {
  if (typeof value === 'number') return printNumber(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map(printSetting).join(', ');
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
