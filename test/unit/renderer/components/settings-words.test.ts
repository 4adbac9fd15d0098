import { describe, expect, it } from 'vitest';
import { armSettings, compareSettings } from '../../../../renderer/components/settings-words.ts';
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
