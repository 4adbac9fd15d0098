import { describe, expect, it } from 'vitest';
import { readOverrides, type OverrideFields } from '../../../../renderer/stores/overrides.ts';
import { study } from '../records.ts';

const untouched: OverrideFields = { arms: ['linear-decoys', 'second'], seeds: '', maxEffort: '', device: '' };

describe('readOverrides', () => {
  it('asks for the preset as it is when nothing was typed', () => {
    expect(readOverrides(study, untouched)).toEqual({ request: { study }, faults: null });
  });

  it('reads every field, with grouped thousands', () => {
    const fields = { arms: ['second'], seeds: ' 3 ', maxEffort: '40,000', device: 'onnxruntime-cpu' };
    expect(readOverrides(study, fields).request).toEqual({
      study,
      arms: ['second'],
      seeds: 3,
      maxEffort: 40_000,
      device: 'onnxruntime-cpu',
    });
  });

  it.each(['0', '-1', '1.5', 'abc', '1e3', '1,00', '1001', '１'])(
    'refuses %j as a number of seeds, in words',
    (seeds) => {
      const result = readOverrides(study, { ...untouched, seeds });
      expect(result.request).toBeNull();
      expect(result.faults?.seeds).toBe(`Got “${seeds}”; expected 1 to 1,000, or nothing.`);
    },
  );

  it('names every field that is wrong', () => {
    const result = readOverrides(study, { arms: [], seeds: 'x', maxEffort: '100000001', device: '' });
    expect(Object.keys(result.faults ?? {}).sort()).toEqual(['arms', 'maxEffort', 'seeds']);
  });
});
