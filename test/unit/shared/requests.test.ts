import { describe, expect, it } from 'vitest';
import { methodNames, type MethodName } from '../../../shared/api.ts';
import { InputError } from '../../../shared/errors.ts';
import { validateRequest } from '../../../shared/requests.ts';
import type { Study } from '../../../shared/study.ts';

const study: Study = {
  schemaVersion: 1,
  id: 'slopes',
  title: 'Slopes',
  question: 'When does a linear model generalize?',
  paper: null,
  arms: [
    {
      id: 'linear',
      title: 'Linear regression',
      dataset: { kind: 'slope-regression', slope: 1, points: 10, trainSize: 2, testSize: 8 },
      model: {
        kind: 'linear-regression',
        features: ['x', 'x^2'],
        initialWeights: [1, 1],
        noiseVariance: 0.5,
        weightVariance: 2,
      },
      trainer: { kind: 'sgd', learningRate: 0.1, weightDecay: 0, momentum: 0, batchSize: 'full' },
      budget: { maxEffort: 100 },
      thresholds: { metric: 'accuracy', train: 0.99, test: 0.99, sustain: 1 },
      record: { every: 10, perDecade: 10 },
      seeds: [0],
    },
  ],
  claims: [],
};

const valid: Record<MethodName, unknown[]> = {
  hello: [null],
  presets: [null],
  reportedCounts: [null],
  presetReport: [{ preset: 'miller-2023' }],
  devices: [null],
  checkStudy: [{ json: null }, { json: { anything: [1] } }],
  settings: [null],
  saveSettings: [{ cores: null }, { cores: 2 }, { keepCheckpoints: false }],
  checkpoints: [null],
  dropCheckpoints: [null],
  estimate: [{ study }],
  startStudy: [{ study, arms: ['linear'], seeds: 3, maxEffort: 50, device: 'onnxruntime-cpu' }],
  control: [{ action: 'pause', runIds: ['slopes-1.linear.s0'] }],
  extend: [
    { runIds: ['slopes-1.linear.s0'], maxEffort: 800 },
    { runIds: ['slopes-1.linear.s0'], maxEffort: 800, recompute: true },
  ],
  studies: [null],
  runs: [null],
  readBatches: [{ runId: 'slopes-1.linear.s0', fromSeq: 0, limit: 100 }],
  deleteStudy: [{ studyId: 'slopes-1' }],
  findings: [null],
  saveFindings: [
    {
      studyId: 'slopes-1',
      notes: '# Found\n\n{{figure curves}}\n',
      views: [{ id: 'v', name: 'A view', query: 'x=steps', savedAt: '2026-11-25T10:00:00.000Z' }],
      revision: 3,
    },
  ],
  reportStudy: [{ studyId: 'slopes-1', licence: 'CC-BY-4.0', author: 'A. Author' }],
  exportStudy: [{ studyId: 'slopes-1', licence: 'CC-BY-4.0', author: 'A. Author' }],
  previewImport: [{ bytes: new Uint8Array([1]) }],
  previewDataset: [{ dataset: { kind: 'modular-addition', p: 5, trainFraction: 0.5 }, seed: 0 }],
  modelSize: [{ arm: study.arms[0] }],
  importBundle: [{ bytes: new Uint8Array([1]) }],
};

function faultsOf(method: MethodName, request: unknown): { path: string; expected: string }[] {
  try {
    validateRequest(method, request);
  } catch (error) {
    if (error instanceof InputError) return error.faults;
    throw error;
  }
  return [];
}

describe('validateRequest', () => {
  it.each(methodNames)('accepts what %s takes', (method) => {
    for (const request of valid[method]) expect(validateRequest(method, request)).toEqual(request);
  });

  it.each(methodNames)('refuses an unknown key, a text and nothing for %s', (method) => {
    const sample = valid[method][0];
    const withKey = sample === null ? { extra: 1 } : { ...(sample as object), extra: 1 };
    expect(faultsOf(method, withKey)).not.toEqual([]);
    expect(faultsOf(method, 'text')).not.toEqual([]);
    expect(faultsOf(method, undefined)).not.toEqual([]);
    expect(faultsOf(method, [])).not.toEqual([]);
  });

  it('names the path of a fault inside the study', () => {
    const broken = structuredClone(study) as unknown as {
      arms: [{ dataset: Record<string, unknown>; sedes?: number }];
    };
    broken.arms[0].dataset['points'] = 'ten';
    broken.arms[0].sedes = 5;
    const paths = faultsOf('startStudy', { study: broken }).map((fault) => fault.path);
    expect(paths).toContain('study.arms[0].dataset.points');
    expect(paths).toContain('study.arms[0].sedes');
  });

  it.each(['../escape', 'a/b', 'a\\b', '..', '.hidden', 'a..b', '', 'x'.repeat(301), 'a\0b', 'a\n'])(
    'refuses the id %j, which could name another folder',
    (studyId) => {
      expect(faultsOf('deleteStudy', { studyId }).map((fault) => fault.path)).toEqual(['studyId']);
      expect(faultsOf('readBatches', { runId: studyId, fromSeq: 0, limit: 1 })).toHaveLength(1);
      expect(faultsOf('control', { action: 'stop', runIds: [studyId] })).toHaveLength(1);
    },
  );

  it.each([
    ['seeds', 0],
    ['seeds', 1.5],
    ['seeds', 1001],
    ['maxEffort', 0],
    ['arms', []],
    ['arms', ['Not A Slug']],
    ['device', ''],
  ])('refuses %s = %j when a study is started', (key, value) => {
    const faults = faultsOf('startStudy', { study, [key]: value });
    expect(faults.map((fault) => fault.path.replace(/\[.*/, ''))).toEqual([key]);
  });

  it.each([
    ['a negative seq', { runId: 'r', fromSeq: -1, limit: 1 }, 'fromSeq'],
    ['a limit without end', { runId: 'r', fromSeq: 0, limit: 1e9 }, 'limit'],
    ['a limit that is no number', { runId: 'r', fromSeq: 0, limit: Number.NaN }, 'limit'],
  ])('refuses %s', (_name, request, path) => {
    expect(faultsOf('readBatches', request).map((fault) => fault.path)).toEqual([path]);
  });

  it('refuses a study file that is empty or not bytes', () => {
    expect(faultsOf('importBundle', { bytes: new Uint8Array(0) })).toHaveLength(1);
    expect(faultsOf('importBundle', { bytes: [1, 2] })[0]?.expected).toBe('the bytes of a study file');
  });
});
