import { describe, expect, it } from 'vitest';
import { armSettings, compareSettings } from '../../../../shared/settings-words.ts';
import { arm } from '../records.ts';

describe('armSettings', () => {
  it('shows every setting of the arm, with all digits', () => {
    const rows = new Map(
      armSettings({ ...arm, dataset: { ...arm.dataset, slope: 0.1 + 0.2 } as never }).map((row) => [
        row.key,
        row,
      ]),
    );
    const keys = Object.entries(arm).flatMap(([section, value]) =>
      typeof value === 'object' && !Array.isArray(value)
        ? Object.keys(value).map((key) => `${section}.${key}`)
        : [],
    );
    expect([...rows.keys()].sort()).toEqual([...keys, 'seeds'].sort());
    expect(rows.get('dataset.slope')?.value).toBe('0.30000000000000004');
    expect(rows.get('model.noiseVariance')?.name).toBe('noise variance');
    expect(rows.get('budget.maxEffort')?.value).toBe('5,000');
    expect(rows.get('seeds')?.value).toBe('0, 1');
  });
});

describe('trainers', () => {
  it('show filters, noise and groups in words', () => {
    const trainer = {
      kind: 'adam',
      groups: [
        { role: 'embedding', learningRate: 0.001 },
        { role: 'bias', weightDecay: 0 },
      ],
      gradientFilter: { kind: 'grokfast-ema', alpha: 0.98, lambda: 2 },
    };
    const rows = armSettings({ ...arm, trainer } as never).filter(({ group }) => group === 'Trainer');
    expect(rows.map(({ key, name, value }) => [key, name, value])).toEqual([
      ['trainer.kind', 'kind', 'adam'],
      [
        'trainer.groups',
        'settings by role of the parameters',
        'role embedding, learning rate 0.001; role bias, weight decay 0',
      ],
      ['trainer.gradientFilter.kind', 'gradient filter', 'grokfast-ema'],
      ['trainer.gradientFilter.alpha', 'gradient filter: momentum α', '0.98'],
      ['trainer.gradientFilter.lambda', 'gradient filter: weight λ', '2'],
    ]);
  });
});

describe('datasets', () => {
  it('show the dataset inside another one, and count the rows of a table', () => {
    const dataset = {
      kind: 'concealment',
      dimensions: 10,
      decoyKind: 'bits',
      of: {
        kind: 'csv-classification',
        file: 'a.csv',
        columns: ['x', 'y'],
        rows: [
          [1, 'a'],
          [2, 'b'],
        ],
        target: 'y',
      },
    };
    const rows = armSettings({ ...arm, dataset } as never).filter(({ group }) => group === 'Dataset');
    expect(rows.map(({ key, name, value }) => [key, name, value])).toEqual([
      ['dataset.kind', 'kind', 'concealment'],
      ['dataset.dimensions', 'dimensions', '10'],
      ['dataset.decoyKind', 'decoy kind', 'bits'],
      ['dataset.of.kind', 'of: kind', 'csv-classification'],
      ['dataset.of.file', 'of: file', 'a.csv'],
      ['dataset.of.columns', 'of: columns', 'x, y'],
      ['dataset.of.rows', 'of: rows', '2 rows'],
      ['dataset.of.target', 'of: column to predict', 'y'],
    ]);
  });
});

describe('compareSettings', () => {
  it('has one row per setting and says where an arm has none', () => {
    const mlp = {
      ...arm,
      model: {
        kind: 'mlp',
        hidden: [1000],
        activation: 'relu',
        outputBias: false,
        init: 'torch-default',
        initScale: 1,
      },
    } as const;
    const rows = compareSettings([arm, mlp as never]);
    expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
    expect(rows.find((row) => row.key === 'model.hidden')?.values).toEqual([null, '1,000']);
    expect(rows.find((row) => row.key === 'model.outputBias')?.values).toEqual([null, 'no']);
  });
});
