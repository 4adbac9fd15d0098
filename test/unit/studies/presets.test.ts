import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { studiesFolder } from '../../../main/paths.ts';
import { datasetSizes } from '../../../shared/dataset-spec.ts';
import { familyOf } from '../../../shared/model-spec.ts';
import { parseStudyText, type Arm } from '../../../shared/study.ts';

const names = readdirSync(studiesFolder);

function preset(name: string) {
  return parseStudyText(readFileSync(join(studiesFolder, name, 'study.json'), 'utf8'), name);
}

function arm(study: string, id: string): Arm {
  const found = preset(study).arms.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`No arm ${id}.`);
  return found;
}

describe.each(names)('%s', (name) => {
  it('is a valid study of its own name, with notes that cite its paper', () => {
    const study = preset(name);
    expect(study.id).toBe(name);
    expect(study.paper).not.toBeNull();
    expect(existsSync(join(studiesFolder, name, 'notes.md'))).toBe(true);
    const notes = readFileSync(join(studiesFolder, name, 'notes.md'), 'utf8');
    expect(notes.startsWith(`# ${study.title}\n`)).toBe(true);
    expect(notes).toContain(`https://arxiv.org/abs/${study.paper?.arxiv}`);
  });

  it('names a source for every claim', () => {
    for (const { source } of preset(name).claims) expect(source).toMatch(/ et al\. \d{4}.*(§|Figure)/);
  });

  it('explains every arm in its notes where there are several', () => {
    const { arms } = preset(name);
    if (arms.length === 1) return;
    const notes = readFileSync(join(studiesFolder, name, 'notes.md'), 'utf8');
    for (const { id } of arms) expect(notes).toContain(`**${id}**`);
  });
});

describe('miller-2023', () => {
  it('sets the three families side by side under one threshold', () => {
    const study = preset('miller-2023');
    expect(study.title).toBe('Grokking beyond neural networks (Miller et al. 2023)');
    expect(study.arms.map(({ model }) => familyOf[model.kind])).toEqual([
      'neural',
      'gaussian-process',
      'linear',
    ]);
    expect(new Set(study.arms.map(({ thresholds }) => JSON.stringify(thresholds))).size).toBe(1);
  });

  it("has the authors' settings (tiny-gen at 9bf15d5)", () => {
    expect(arm('miller-2023', 'gp-zero-one')).toMatchObject({
      dataset: { points: 100, trainSize: 20, testSize: 20 },
      // GPyTorch's default output scale is softplus(0).
      model: { lengthScale: 0.005, outputScale: Math.log(2) },
      trainer: { kind: 'adam', learningRate: 0.01, beta1: 0.9, beta2: 0.999, weightDecay: 0 },
      budget: { maxEffort: 1500 },
      seeds: [42, 52, 62, 72, 82],
    });
    expect(arm('miller-2023', 'linear-decoys')).toMatchObject({
      dataset: { slope: 0.3, trainSize: 2, testSize: 98 },
      model: { initialWeights: [5e-4, 0.9, 0.9, 0.9], noiseVariance: 0.002, weightVariance: 0.5 },
      trainer: { kind: 'sgd', learningRate: 1e-3, weightDecay: 0 },
      budget: { maxEffort: 5000 },
      seeds: [0, 1, 2, 3, 4],
    });
    expect(arm('miller-2023', 'nn-parity')).toMatchObject({
      dataset: { parityBits: 3, decoys: 37, trainSize: 1000, testSize: 100 },
      model: { hidden: [1000], outputBias: false },
      trainer: { kind: 'sgd', learningRate: 0.1, weightDecay: 0.01, batchSize: 32 },
    });
  });
});

describe('nanda-2023', () => {
  it("has the authors' settings (progress-measures-paper at 23d2c64)", () => {
    const nanda = arm('nanda-2023', 'transformer-mod113');
    expect(nanda).toMatchObject({
      dataset: { p: 113, trainFraction: 0.3 },
      model: { layers: 1, dModel: 128, heads: 4, dMlp: 512, activation: 'relu' },
      trainer: {
        kind: 'adamw',
        learningRate: 1e-3,
        weightDecay: 1,
        beta1: 0.9,
        beta2: 0.98,
        batchSize: 'full',
      },
      thresholds: { sustain: 1.1 },
    });
    expect(datasetSizes(nanda.dataset)).toEqual({ train: 3830, test: 8939, available: 12769 });
  });
});
