/** A study of short real runs that record every picture that Replay draws. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startingModels, startingTrainers } from '../../../shared/starting-arms.ts';
import type { Arm, Study } from '../../../shared/study.ts';

const { transformer, mlp } = startingModels;
const { adamw, adam, sgd } = startingTrainers;
const common = {
  thresholds: { metric: 'accuracy', train: 0.9, test: 0.9, sustain: 1 },
  record: { every: 5, perDecade: 20, snapshotsPerDecade: 8 },
} satisfies Pick<Arm, 'thresholds' | 'record'>;
/** Two clouds of points that a line does not part. */
const rows = Array.from({ length: 120 }, (_, i) => {
  const [angle, radius] = [(i * 2.4) % 6.28, i % 2 === 0 ? 1 : 2.2];
  return [radius * Math.cos(angle), radius * Math.sin(angle), i % 2 === 0 ? 'inner' : 'outer'];
});
const rings: Arm['dataset'] = {
  kind: 'csv-classification',
  file: 'rings.csv',
  columns: ['x', 'y', 'ring'],
  rows,
  target: 'ring',
  standardize: false,
  trainFraction: 0.5,
};

export const filmArms: Record<string, Arm> = {
  transformer: {
    id: 'transformer',
    title: 'Transformer on x + y mod 11',
    dataset: { kind: 'modular-addition', p: 11, trainFraction: 0.7 },
    model: { ...transformer, dModel: 16, heads: 2, dMlp: 32 },
    trainer: { ...adamw, learningRate: 0.01 },
    budget: { maxEffort: 300 },
    seeds: [0],
    measures: [
      ...(['fourier-spectrum', 'embeddings', 'attention', 'weights', 'feature-rank'] as const),
      ...(['effective-dimension', 'linear-probes'] as const),
    ],
    ...common,
  },
  rings: {
    id: 'rings',
    title: 'Network on two rings',
    dataset: rings,
    model: { ...mlp, hidden: [24, 24] },
    trainer: { ...adam, learningRate: 0.01 },
    budget: { maxEffort: 300 },
    seeds: [0],
    measures: ['decision-regions', 'feature-rank'],
    ...common,
  },
  process: {
    id: 'process',
    title: 'Gaussian process on two rings',
    dataset: rings,
    model: { ...startingModels['gp-classifier'], lengthScale: 1 },
    trainer: { ...adam, learningRate: 0.05 },
    budget: { maxEffort: 100 },
    seeds: [0],
    ...common,
  },
  step: {
    id: 'step',
    title: 'Gaussian process on the 0/1 task',
    dataset: { kind: 'zero-one', points: 100, trainSize: 20, testSize: 20 },
    model: startingModels['gp-classifier'],
    trainer: { ...adam, learningRate: 0.02 },
    budget: { maxEffort: 400 },
    seeds: [0],
    ...common,
  },
  forest: {
    id: 'forest',
    title: 'Forest on two rings',
    dataset: rings,
    model: startingModels['random-forest'],
    trainer: { kind: 'direct', batchSize: 'full' },
    budget: { maxEffort: 200 },
    seeds: [0],
    ...common,
  },
  experts: {
    id: 'experts',
    title: 'Mixture of experts on x + y mod 11',
    dataset: { kind: 'modular-addition', p: 11, trainFraction: 0.7 },
    model: { ...startingModels['moe-transformer'], dModel: 16, heads: 2, dMlp: 16 },
    trainer: { ...adamw, learningRate: 0.01 },
    budget: { maxEffort: 100 },
    seeds: [0],
    measures: ['pathways'],
    ...common,
  },
  line: {
    id: 'line',
    title: 'Linear regression with a decoy',
    dataset: { kind: 'slope-regression', slope: 0.3, points: 100, trainSize: 2, testSize: 98 },
    model: startingModels['linear-regression'],
    trainer: { ...sgd, learningRate: 0.001 },
    budget: { maxEffort: 2000 },
    seeds: [0],
    ...common,
  },
};

/** Writes a study of these arms; returns its file's path. */
export function writeFilmStudy(
  folder: string,
  name: string,
  arms: readonly (keyof typeof filmArms)[],
): string {
  const study: Study = {
    schemaVersion: 1,
    id: name,
    title: `Films: ${name}`,
    question: 'What do these models look like inside while they learn?',
    paper: null,
    arms: arms.flatMap((id) => filmArms[id] ?? []),
    claims: [],
  };
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(study));
  return path;
}
