import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { studiesFolder } from '../../../main/paths.ts';
import { datasetSizes } from '../../../shared/dataset-spec.ts';
import { familyOf } from '../../../shared/model-spec.ts';
import { parseStudyText, type Arm } from '../../../shared/study.ts';

const names = readdirSync(studiesFolder).filter((name) =>
  existsSync(join(studiesFolder, name, 'study.json')),
);

function preset(name: string, file = 'study.json') {
  return parseStudyText(readFileSync(join(studiesFolder, name, file), 'utf8'), name);
}

/** The files of a preset: the paper's scale and, where there is one, a small one. */
function scalesOf(name: string): string[] {
  return ['study.json', 'cpu.json'].filter((file) => existsSync(join(studiesFolder, name, file)));
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
    for (const file of scalesOf(name)) {
      for (const { source } of preset(name, file).claims) {
        expect(source).toMatch(/ (et al\. )?\d{4}.*(§|Figure|README)/);
      }
    }
  });

  it('has titles that name the modulus and the width of what they stand for', () => {
    for (const file of scalesOf(name)) {
      for (const { title, dataset, model } of preset(name, file).arms) {
        const [modulus, width] = [/\bmod (\d+)/, /\bwidth (\d+)/].map((one) => one.exec(title)?.[1]);
        if (modulus !== undefined) expect(JSON.stringify(dataset), title).toContain(`"p":${modulus}`);
        if (width !== undefined) expect(JSON.stringify(model), title).toMatch(new RegExp(`[:[]${width}\\b`));
      }
    }
  });

  it('explains every arm in its notes where there are several', () => {
    const notes = readFileSync(join(studiesFolder, name, 'notes.md'), 'utf8');
    for (const file of scalesOf(name)) {
      const { arms } = preset(name, file);
      if (arms.length === 1) continue;
      for (const { id } of arms) expect(notes).toContain(`**${id}**`);
    }
  });
});

describe.each(names.filter((name) => scalesOf(name).length > 1))('%s at two scales', (name) => {
  const [paper, cpu] = [preset(name), preset(name, 'cpu.json')];

  it('says which file is which, and asks one question about one paper', () => {
    expect(paper.scale).toEqual({ name: 'paper' });
    expect(cpu.scale?.name).toBe('cpu');
    expect(cpu.id).toBe(`${name}-cpu`);
    expect([cpu.question, cpu.paper]).toEqual([paper.question, paper.paper]);
  });

  it('keeps the families of the paper, and has claims that say how they are known', () => {
    const kinds = new Set(paper.arms.map(({ model }) => model.kind));
    for (const { model } of cpu.arms) expect(kinds).toContain(model.kind);
    expect(cpu.claims.length).toBeGreaterThan(0);
    for (const { provenance } of cpu.claims) expect(provenance).toBeDefined();
  });

  it('says in its notes what fails, and why', () => {
    const notes = readFileSync(join(studiesFolder, name, 'notes.md'), 'utf8');
    expect(notes).toContain('\n## What fails, and why\n');
  });
});

describe('miller-2023', () => {
  it('sets the three families side by side; accuracy has one threshold, regression loss another', () => {
    const study = preset('miller-2023');
    expect(study.title).toBe('Grokking beyond neural networks (Miller et al. 2023)');
    expect(new Set(study.arms.map(({ model }) => familyOf[model.kind]))).toEqual(
      new Set(['neural', 'gaussian-process', 'linear']),
    );
    for (const metric of ['accuracy', 'loss']) {
      const own = study.arms.filter(({ thresholds }) => thresholds.metric === metric);
      expect(new Set(own.map(({ thresholds }) => JSON.stringify(thresholds))).size).toBe(1);
    }
  });

  it('starts GP regression where the authors do: log length scale and log output scale of A, B and C', () => {
    for (const [id, logLengthScale, logOutputScale] of [
      ['gp-regression-a', -6, -4],
      ['gp-regression-b', -6, 4],
      ['gp-regression-c', 0, 2],
    ] as const) {
      const { model, ...rest } = arm('miller-2023', id);
      if (model.kind !== 'gp-regression') throw new Error(`${id} is not a GP regression.`);
      expect(Math.log(model.lengthScale)).toBeCloseTo(logLengthScale, 12);
      expect(Math.log(model.outputScale)).toBeCloseTo(logOutputScale, 12);
      // GPyTorch's GaussianLikelihood ignores the noise that the authors pass: softplus(0) + 1e-4.
      expect(model).toMatchObject({ noise: Math.log(2) + 1e-4, transform: 'exp' });
      expect(rest).toMatchObject({
        dataset: { kind: 'sine-regression', noise: 0.1, trainSize: 50, testSize: 50 },
        trainer: { kind: 'adam', learningRate: 0.04, weightDecay: 0 },
        budget: { maxEffort: 3000 },
      });
    }
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
    expect(arm('miller-2023', 'gp-parity')).toMatchObject({
      // 1,000 training points in the paper: notes.md says so.
      dataset: { parityBits: 3, decoys: 37, decoyKind: 'bits', trainSize: 300, testSize: 100 },
      model: { lengthScale: Math.log(2), outputScale: Math.log(2) },
      trainer: { kind: 'adam', learningRate: 0.01, beta1: 0.9, beta2: 0.999, weightDecay: 0 },
      budget: { maxEffort: 500 },
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

describe('carvalho-2025', () => {
  it("has the paper's settings where it states them, and differs between arms in the data only", () => {
    const { arms } = preset('carvalho-2025');
    for (const { model, trainer } of arms) {
      expect(model).toMatchObject({ kind: 'mlp', initScale: 8 });
      expect(trainer).toMatchObject({ learningRate: 1e-3, weightDecay: 1e-4 });
      // Thousands of examples come in batches.
      expect([model, { ...trainer, batchSize: 'full' }]).toEqual([arms[0]?.model, arms[0]?.trainer]);
    }
    const sparse = arms.filter(({ id }) => id.startsWith('equi'));
    expect(sparse.map(({ dataset, seeds }) => [dataset.kind, seeds.length])).toEqual(
      sparse.map(() => ['subclass-shift', 10]),
    );
    const data = (id: string) => arm('carvalho-2025', id).dataset;
    expect(data('equidistant-removed')).toMatchObject({
      structure: 'equidistant',
      fraction: 0,
      testSize: 10_000,
    });
    expect(data('equidistant-rare')).toEqual({ ...data('equidistant-removed'), fraction: 0.2 });
    expect(data('equivariant-removed')).toMatchObject({ structure: 'equivariant', fraction: 0 });
    expect(datasetSizes(data('equidistant-rare'))).toEqual({ train: 200, test: 10_000, available: 10_200 });
  });
});

describe('power-2022', () => {
  it('never gives weight decay the million steps of the figure without it', () => {
    const divisions = preset('power-2022').arms.filter(({ id }) => id.startsWith('division'));
    expect(divisions.length).toBeGreaterThan(2);
    for (const { trainer, budget } of divisions) {
      if (trainer.kind === 'direct') throw new Error('Division is trained.');
      expect(budget.maxEffort).toBe(trainer.weightDecay === 0 ? 1_000_000 : 100_000);
    }
  });

  it("has the sizes of the authors' tables (openai/grok at 3d64b1d)", () => {
    expect(datasetSizes(arm('power-2022', 'division-decay').dataset).available).toBe(9312);
    expect(datasetSizes(arm('power-2022', 'hard').dataset).available).toBe(9409);
    expect(datasetSizes(arm('power-2022', 's5').dataset).available).toBe(14_400);
  });
});

describe('grokfast-2024', () => {
  it('has for every filter the same weight decay without it, and the filter without weight decay', () => {
    for (const file of ['study.json', 'cpu.json']) {
      const trainers = preset('grokfast-2024', file).arms.map(({ trainer }) => trainer);
      const adams = trainers.filter((trainer) => trainer.kind === 'adam');
      const plain = new Set(
        adams.filter((one) => one.gradientFilter === undefined).map((one) => one.weightDecay),
      );
      for (const { weightDecay } of adams) expect(plain).toContain(weightDecay);
      for (const kind of ['grokfast-ema', 'grokfast-ma']) {
        const filtered = adams.filter((one) => one.gradientFilter?.kind === kind);
        expect(filtered.map((one) => one.weightDecay === 0).sort()).toEqual([false, true]);
      }
    }
  });
});

describe('lyu-2023', () => {
  it("has the figure's learning rate and weight decay, not the defaults of the code", () => {
    const main = arm('lyu-2023', 'main');
    expect(main).toMatchObject({
      dataset: { p: 97, trainFraction: 0.4 },
      model: { hidden: [1024], outputBias: false },
      trainer: { kind: 'sgd', learningRate: 0.002, weightDecay: 1e-4, batchSize: 'full' },
    });
    expect(datasetSizes(main.dataset)).toMatchObject({ train: 3763, test: 5646 });
  });
});
